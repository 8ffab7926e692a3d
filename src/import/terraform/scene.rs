//! One world of a document, and the values in it: known, assumed, or foreseen.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::configuration::{Configuration, Origin, Refers, is_within};
use super::place::Home;
use super::resource::{Resource, World};
use super::slot::{Knowledge, Setting, Slot};
use super::wanted::Wanted;
use crate::document::{At, Document, Format, InputError, Source};
use crate::import::{Assumptions, EstatePolicy};
use crate::text::Quoted;

/// How often values are foreseen from others, in all, before the rest is left unknown.
const MOST_LOOKS: usize = 200_000;
/// How deep values may rest on others.
const MOST_DEPTH: usize = 16;

/// Why a value is not there to be used.
#[derive(Debug)]
pub(super) enum Lacking {
    /// It is known after apply, and rests on these.
    Unknown(Vec<String>),
    /// It is not what it should be.
    Wrong(InputError),
}

impl From<InputError> for Lacking {
    fn from(error: InputError) -> Self {
        Self::Wrong(error)
    }
}

impl Lacking {
    pub(super) fn of(text: impl Into<String>) -> Self {
        Self::Unknown(vec![text.into()])
    }

    /// What it rests on, unless it is an error.
    pub(super) fn references(self) -> Result<Vec<String>, InputError> {
        match self {
            Self::Unknown(references) => Ok(references),
            Self::Wrong(error) => Err(error),
        }
    }
}

/// The text of a policy document, or what it lacks.
type Rendered = Result<Arc<str>, Vec<String>>;

/// The values that were assumed, as documents.
pub(super) struct Assumed {
    values: BTreeMap<String, Document>,
    pub(super) used: RefCell<BTreeSet<String>>,
}

impl Assumed {
    /// A value that begins with `[` is a list; every other is a text.
    pub(super) fn read(assumptions: &Assumptions) -> Result<Self, InputError> {
        let document = |(address, value): (&String, &String)| {
            let is_list = value.trim_start().starts_with('[');
            let text =
                if is_list { value.clone() } else { serde_json::Value::from(&**value).to_string() };
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

    pub(super) fn addresses(&self) -> impl Iterator<Item = &str> {
        self.values.keys().map(String::as_str)
    }
}

/// A world with all that is needed to see what its values are.
pub(super) struct Scene<'a> {
    pub(super) world: &'a World<'a>,
    pub(super) configuration: &'a Configuration<'a>,
    pub(super) assumed: &'a Assumed,
    pub(super) home: &'a Home,
    /// What the document is called.
    pub(super) name: &'a str,
    pub(super) notes: RefCell<Vec<String>>,
    /// Policies that were read, by the address of what holds them, so that one is one.
    pub(super) policies: RefCell<BTreeMap<String, EstatePolicy>>,
    pub(super) rendered: RefCell<BTreeMap<String, Rendered>>,
    /// Keys by id and ARN, once somebody asks.
    pub(super) keys: OnceCell<HashMap<String, Vec<&'a Resource<'a>>>>,
    looks: Cell<usize>,
    depth: Cell<usize>,
}

impl<'a> Scene<'a> {
    pub(super) fn new(
        world: &'a World<'a>,
        configuration: &'a Configuration<'a>,
        assumed: &'a Assumed,
        home: &'a Home,
        name: &'a str,
    ) -> Self {
        Self {
            world,
            configuration,
            assumed,
            home,
            name,
            notes: RefCell::default(),
            policies: RefCell::default(),
            rendered: RefCell::default(),
            keys: OnceCell::new(),
            looks: Cell::new(MOST_LOOKS),
            depth: Cell::new(0),
        }
    }

    pub(super) fn note(&self, note: String) {
        let mut notes = self.notes.borrow_mut();
        if !notes.contains(&note) {
            notes.push(note);
        }
    }

    /// Says that a resource is left out because nobody knows whose it is.
    pub(super) fn without_account(&self, it: &Resource<'a>) {
        self.note(format!(
            "{} is left out: the role that its provider takes is not known, nor its account",
            Quoted(&it.address)
        ));
    }

    /// An attribute, with what was assumed for it in place of what is not known.
    pub(super) fn slot(&self, resource: &Resource<'a>, attribute: &str) -> Slot<'a> {
        let slot = resource.slot(attribute);
        if !matches!(slot.knowledge(), Knowledge::Unknown) {
            return slot;
        }
        let assumed = self.assumed.get(&format!("{}.{attribute}", resource.address));
        Slot { value: assumed.or(slot.value), ..slot }
    }

    /// A text; nothing if it is absent, or is not set and AWS or the provider will choose it.
    pub(super) fn text(
        &self,
        resource: &Resource<'a>,
        attribute: &str,
        wanted: Wanted,
    ) -> Result<Option<String>, Lacking> {
        let slot = self.slot(resource, attribute);
        match slot.knowledge() {
            Knowledge::Absent => Ok(None),
            Knowledge::Known(at) => {
                let text = at.as_str();
                Ok(Some(text.ok_or_else(|| resource.wrong(at, attribute, "a string"))?.to_owned()))
            }
            Knowledge::Unknown => match slot.setting {
                Setting::Unset => Ok(None),
                Setting::Unsaid => Err(Lacking::of(format!("{}.{attribute}", resource.address))),
                Setting::Set(expression) => {
                    let count = Count { known: 0, missing: 1 };
                    let foreseen = self.foreseen(resource, expression, count, wanted)?;
                    Ok(foreseen.into_iter().next())
                }
            },
        }
    }

    /// The texts of a list, each known or foreseen. What is not set is an empty list.
    pub(super) fn texts(
        &self,
        resource: &Resource<'a>,
        slot: Slot<'a>,
        what: &str,
        wanted: Wanted,
    ) -> Result<Vec<String>, Lacking> {
        let at = match (slot.knowledge(), slot.setting) {
            (Knowledge::Absent, _) | (Knowledge::Unknown, Setting::Unset) => return Ok(Vec::new()),
            (Knowledge::Known(at), _) => at,
            (Knowledge::Unknown, Setting::Unsaid) => {
                return Err(Lacking::of(format!("{}.{what}", resource.address)));
            }
            // How many there are is not known either.
            (Knowledge::Unknown, Setting::Set(expression)) => {
                return Err(Lacking::Unknown(self.references(resource, expression)));
            }
        };
        let mut known = Vec::new();
        for at in at.one_or_many().into_iter().filter(|at| !at.is_null()) {
            let text = at.as_scalar().ok_or_else(|| resource.wrong(at, what, "strings"))?;
            known.push(text.to_owned());
        }
        let values: Vec<bool> = at.one_or_many().into_iter().map(At::is_null).collect();
        let flags = slot.unknown.and_then(At::as_list).into_iter().flatten();
        let flags: Vec<bool> = flags.map(|flag| flag.as_bool() == Some(true)).collect();
        // Old plans leave out what is not known, newer ones hold `null` in its place.
        let gaps = if flags.iter().any(|gap| *gap) { flags } else { values };
        let missing = gaps.iter().filter(|gap| **gap).count();
        if missing == 0 {
            return Ok(known);
        }
        let count = Count { known: known.len(), missing };
        let foreseen = match slot.setting {
            Setting::Set(expression) => self.foreseen(resource, expression, count, wanted)?,
            Setting::Unset | Setting::Unsaid => {
                return Err(Lacking::of(format!("{}.{what}", resource.address)));
            }
        };
        let (mut known, mut foreseen) = (known.into_iter(), foreseen.into_iter());
        let ordered = gaps.into_iter();
        Ok(ordered.filter_map(|gap| if gap { foreseen.next() } else { known.next() }).collect())
    }

    /// The values of the references in an expression that are not known, if they are as many as
    /// the values that are wanted, and each can be foreseen.
    ///
    /// A plan has no expressions, only what they refer to. As many references as there are
    /// values is taken to mean that each value is one of them; a note says so.
    fn foreseen(
        &self,
        resource: &Resource<'a>,
        expression: At<'a>,
        count: Count,
        wanted: Wanted,
    ) -> Result<Vec<String>, Lacking> {
        let lacking = || Lacking::Unknown(self.references(resource, expression));
        let origins = self.configuration.origins(expression, &resource.module);
        if wanted.may_be_a_part() && is_composed(&origins, count.known) {
            return Err(lacking());
        }
        let mut values = Vec::new();
        let mut taken = Vec::new();
        for origin in &origins {
            let refers = match origin {
                Origin::Value(_) | Origin::OwnKey => continue,
                Origin::Opaque(_) => return Err(lacking()),
                Origin::Resource(refers) => refers,
            };
            let targets = self.targets(resource, refers, &origins);
            if targets.is_empty() {
                return Err(lacking());
            }
            for target in targets {
                let attribute = refers.attribute.unwrap_or(wanted.attribute());
                let is_known = matches!(target.slot(attribute).knowledge(), Knowledge::Known(_));
                if is_known && refers.attribute.is_some() {
                    continue;
                }
                if !wanted.fits(&target.kind, attribute) {
                    return Err(lacking());
                }
                values.push(self.foresee(target, attribute)?.ok_or_else(lacking)?);
                taken.push(Quoted(&format!("{}.{attribute}", target.address)).to_string());
            }
        }
        if values.len() != count.missing {
            return Err(lacking());
        }
        if wanted.may_be_a_part() {
            let (are, them) = if taken.len() == 1 { ("is", "it") } else { ("are", "them") };
            let (taken, address) = (taken.join(" and "), Quoted(&resource.address));
            self.note(format!(
                "{taken} {are} taken to stand in {address} alone, with no text around {them}"
            ));
        }
        Ok(values)
    }

    /// A value that is known after apply, as far as it follows from what is known.
    pub(super) fn foresee(
        &self,
        target: &Resource<'a>,
        attribute: &str,
    ) -> Result<Option<String>, Lacking> {
        if self.looks.get() == 0 || self.depth.get() == MOST_DEPTH {
            return Ok(None);
        }
        self.looks.set(self.looks.get() - 1);
        self.depth.set(self.depth.get() + 1);
        let value = match self.slot(target, attribute).knowledge() {
            Knowledge::Known(at) => Ok(at.as_scalar().map(str::to_owned)),
            Knowledge::Absent | Knowledge::Unknown => self.made(target, attribute),
        };
        self.depth.set(self.depth.get() - 1);
        match value {
            // What this value lacks is nothing to the one that rests on it.
            Err(Lacking::Unknown(_)) => Ok(None),
            value => value,
        }
    }

    /// The resources that a reference is to. Without a key it is to all instances, unless the
    /// expression names its own key besides: then to the one of that key.
    pub(super) fn targets(
        &self,
        from: &Resource<'a>,
        refers: &Refers<'_>,
        origins: &[Origin<'_>],
    ) -> Vec<&'a Resource<'a>> {
        let block =
            super::configuration::joined(&super::address::block_of(&refers.module), &refers.block);
        let here = self.world.instances(&block);
        let here: Vec<&Resource<'a>> =
            here.filter(|target| is_within(&refers.module, &target.module)).collect();
        let is_own = origins.iter().any(|origin| matches!(origin, Origin::OwnKey));
        match (here.as_slice(), refers.key, from.key()) {
            (_, Some(key), _) => here.into_iter().filter(|it| it.key() == Some(key)).collect(),
            ([only], None, _) if only.key().is_none() => vec![only],
            (_, None, Some(own)) if is_own => {
                here.into_iter().filter(|it| it.key() == Some(own)).collect()
            }
            _ => here,
        }
    }

    /// What an expression refers to, as a person would write it.
    pub(super) fn references(&self, from: &Resource<'a>, expression: At<'a>) -> Vec<String> {
        let origins = self.configuration.origins(expression, &from.module);
        let mut listed: Vec<String> = Vec::new();
        for origin in origins {
            let text = match origin {
                Origin::Resource(refers) => refers.text(),
                Origin::Opaque(text) => text,
                Origin::Value(_) | Origin::OwnKey => continue,
            };
            if !listed.contains(&text) {
                listed.push(text);
            }
        }
        listed
    }
}

/// How many values of a list are known, and how many are not.
#[derive(Clone, Copy, Debug)]
struct Count {
    known: usize,
    missing: usize,
}

/// Whether more goes into an expression than its values: a variable or key that is joined to
/// what is not known, as in `"${aws_iam_role.app.arn}-${var.suffix}"`.
fn is_composed(origins: &[Origin<'_>], known: usize) -> bool {
    let has_attribute = |origin: &Origin<'_>| matches!(origin, Origin::Resource(refers) if refers.attribute.is_some());
    let has_own_key = origins.iter().any(|origin| matches!(origin, Origin::OwnKey));
    let values = origins.iter().filter(|origin| matches!(origin, Origin::Value(_))).count();
    values > known || (has_own_key && origins.iter().any(has_attribute))
}
