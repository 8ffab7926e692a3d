//! Values that the user gives for what a document does not know.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use super::grants::has_true;
use super::resource::Resource;
use super::scene::{Lacking, Scene};
use super::slot::{Knowledge, Slot};
use super::wanted::Wanted;
use crate::document::{At, Document, Format, InputError, Source};
use crate::import::Assumptions;

/// The attributes that are maps, and for which an object can be assumed.
const MAPS: &[&str] =
    &["tags", "tags_all", "encryption_context_equals", "encryption_context_subset"];

/// The values that were assumed, as documents.
pub(super) struct Assumed {
    values: BTreeMap<String, Document>,
    pub(super) used: RefCell<BTreeSet<String>>,
}

impl Assumed {
    /// A value that begins with `[` is a list, and one of tags or the like that begins with `{`
    /// an object; every other is a text.
    pub(super) fn read(assumptions: &Assumptions) -> Result<Self, InputError> {
        let document = |(address, value): (&String, &String)| {
            let is_map = address.rsplit('.').next().is_some_and(|name| MAPS.contains(&name));
            let is_json = match value.trim_start().chars().next() {
                Some('[') => true,
                Some('{') => is_map,
                _ => false,
            };
            let text =
                if is_json { value.clone() } else { serde_json::Value::from(&**value).to_string() };
            let source = Source::new(format!("the value assumed for {address}"), text);
            Ok((address.clone(), Document::parse(source, Format::Json)?))
        };
        let values = assumptions.values.iter().map(document).collect::<Result<_, InputError>>()?;
        Ok(Self { values, used: RefCell::default() })
    }

    pub(super) fn get(&self, address: &str) -> Option<At<'_>> {
        let document = self.values.get(address)?;
        self.used.borrow_mut().insert(address.to_owned());
        Some(document.root())
    }

    fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    pub(super) fn addresses(&self) -> impl Iterator<Item = &str> {
        self.values.keys().map(String::as_str)
    }
}

impl<'a> Scene<'a> {
    /// An attribute, with what was assumed for it where it, or a part of it, is not known.
    pub(super) fn slot(&self, resource: &Resource<'a>, attribute: &str) -> Slot<'a> {
        self.or_assumed(resource, resource.slot(attribute), attribute)
    }

    /// As `slot`, for a part of a resource that an address can name.
    pub(super) fn or_assumed(
        &self,
        resource: &Resource<'a>,
        slot: Slot<'a>,
        attribute: &str,
    ) -> Slot<'a> {
        let is_open = match slot.knowledge() {
            Knowledge::Absent => false,
            Knowledge::Known(_) => slot.unknown.is_some_and(has_true),
            Knowledge::Unknown => true,
        };
        match self.assumed_for(resource, attribute).filter(|_| is_open) {
            Some(value) => Slot { value: Some(value), unknown: None, sensitive: None, ..slot },
            None => slot,
        }
    }

    fn assumed_for(&self, resource: &Resource<'a>, attribute: &str) -> Option<At<'a>> {
        // Most runs assume nothing, and the address is made for each value.
        if self.assumed.is_empty() {
            return None;
        }
        self.assumed.get(&format!("{}.{attribute}", resource.address))
    }

    /// A resource that a value names which was assumed, by its address.
    pub(super) fn addressed(
        &self,
        it: &Resource<'a>,
        attribute: &str,
        text: &str,
    ) -> Option<(&'a Resource<'a>, Option<String>)> {
        self.assumed_for(it, attribute)?;
        if let Some(target) = self.world.at(text) {
            return Some((target, None));
        }
        let (address, attribute) = text.rsplit_once('.')?;
        Some((self.world.at(address)?, Some(attribute.to_owned())))
    }

    /// A text that is known, or what it stands for if it was assumed by an address.
    pub(super) fn meant(
        &self,
        it: &Resource<'a>,
        attribute: &str,
        text: &str,
        wanted: Wanted,
    ) -> Result<String, Lacking> {
        let Some((target, part)) = self.addressed(it, attribute, text) else {
            return Ok(text.to_owned());
        };
        let lacking = || Lacking::of(text);
        let part = part.as_deref().or_else(|| wanted.attribute(&target.kind));
        let part = part.filter(|part| wanted.fits(&target.kind, part)).ok_or_else(lacking)?;
        self.foresee(target, part)?.ok_or_else(lacking)
    }
}
