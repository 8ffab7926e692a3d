//! Which role, user or group something is given to.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::configuration::Origin;
use super::holders::{Holder, Holders, Kind, Name};
use super::providers::account_lacks;
use super::resource::Resource;
use super::scene::{Lacking, Scene};
use super::slot::Setting;
use super::wanted::Wanted;
use crate::document::InputError;
use crate::text::Quoted;

/// Whom a name means.
pub(super) enum Whose {
    One(Name),
    /// Nobody knows in which account it is, and these may be meant.
    AnyOf(Vec<Name>),
    /// One that is left out.
    Nobody,
}

/// What resources are for, where it is known after apply: one for all instances of a block.
#[derive(Debug, Default)]
pub(super) struct Unclear {
    all: BTreeMap<(String, String, String), Open>,
}

/// The instances of a block of which it is not known what they are for.
#[derive(Debug)]
pub(super) struct Open {
    /// The addresses of what they may be for.
    pub(super) candidates: Rc<[String]>,
    addresses: Vec<String>,
    attribute: String,
    references: Vec<String>,
}

impl Unclear {
    pub(super) fn add(
        &mut self,
        it: &Resource<'_>,
        attribute: &str,
        (candidates, references): (Rc<[String]>, Vec<String>),
    ) {
        let key = (it.block.clone(), it.module.clone(), attribute.to_owned());
        let attribute = attribute.to_owned();
        let open = || Open { candidates, addresses: Vec::new(), attribute, references };
        self.all.entry(key).or_insert_with(open).addresses.push(it.address.clone());
    }

    pub(super) fn into_all(self) -> impl Iterator<Item = Open> {
        self.all.into_values()
    }
}

impl Open {
    /// Why it is not known, and what would help. `why` says what follows from it.
    pub(super) fn reason(&self, why: &str) -> String {
        let first = self.addresses.first().map(String::as_str).unwrap_or_default();
        let more = match self.addresses.len() {
            0 | 1 => String::new(),
            count => format!(" and {} more", count - 1),
        };
        let what = format!("{} of {}{more}", self.attribute, Quoted(first));
        let address = format!("{first}.{}", self.attribute);
        super::policy::reason(&what, why, &self.references, Some(&address))
    }
}

impl<'a> Scene<'a> {
    /// The holder of a name in an attribute.
    pub(super) fn whose(
        &self,
        it: &Resource<'a>,
        (kind, attribute): (Kind, &str),
        bare: &str,
        holders: &Holders,
    ) -> Whose {
        let own = self.name_in(it, kind, bare);
        if self.home.account.is_none() || self.home.is_single() {
            return Whose::One(own);
        }
        if let Some(target) = self.referred(it, (kind, attribute), bare) {
            let name = holders.addresses.get(&target.address);
            return name.cloned().map_or(Whose::Nobody, Whose::One);
        }
        if own.account.is_some() {
            return Whose::One(own);
        }
        let alike = holders.named_alike(kind, bare);
        match alike.as_slice() {
            [] => Whose::AnyOf(vec![Name { account: self.home.account, ..own }]),
            [only] if it.providers.is_empty() => Whose::One(only.clone()),
            _ => Whose::AnyOf(alike),
        }
    }

    /// The one resource of that name which an attribute refers to.
    fn referred(
        &self,
        it: &Resource<'a>,
        (kind, attribute): (Kind, &str),
        bare: &str,
    ) -> Option<&'a Resource<'a>> {
        let Setting::Set(expression) = it.slot(attribute).setting else { return None };
        let origins = self.configuration.origins(expression, &it.module);
        let is_meant = |target: &&&'a Resource<'a>| {
            origins.iter().any(|origin| match origin {
                Origin::Resource(refers) => refers.is_to(target),
                Origin::Value(_) | Origin::OwnKey | Origin::Opaque(_) => false,
            })
        };
        let mut meant = self.named(kind, bare).iter().filter(is_meant);
        meant.next().copied().filter(|_| meant.next().is_none())
    }

    /// The roles, users or groups of a name.
    fn named(&self, kind: Kind, bare: &str) -> &[&'a Resource<'a>] {
        let named = self.names.get_or_init(|| {
            let mut named: BTreeMap<(Kind, String), Vec<&'a Resource<'a>>> = BTreeMap::new();
            for kind in Kind::ALL {
                for it in self.world.of_kinds(&[kind.resource()]) {
                    if let Ok(Some(name)) = self.name_of(it) {
                        named.entry((kind, name)).or_default().push(it);
                    }
                }
            }
            named
        });
        named.get(&(kind, bare.to_owned())).map_or(&[], Vec::as_slice)
    }

    /// Gives something to the holder that an attribute names. Where that is not known, each that
    /// it may be is in doubt.
    pub(super) fn give(
        &self,
        it: &'a Resource<'a>,
        (kind, attribute): (Kind, &str),
        holders: &mut Holders,
        give: &dyn Fn(&mut Holder),
    ) -> Result<(), InputError> {
        match self.text(it, attribute, Wanted::Holder(kind.resource())) {
            Ok(Some(name)) => {
                self.give_named(it, (kind, attribute), &name, holders, give);
            }
            Ok(None) => {}
            Err(lacking) => self.give_later(it, (kind, attribute), lacking, holders)?,
        }
        Ok(())
    }

    /// As `give`, for a list of names; says who they are, as far as that is known.
    pub(super) fn give_each(
        &self,
        it: &'a Resource<'a>,
        (kind, attribute): (Kind, &str),
        holders: &mut Holders,
        give: &dyn Fn(&mut Holder),
    ) -> Result<Option<Vec<Name>>, InputError> {
        let slot = self.slot(it, attribute);
        match self.texts(it, slot, attribute, Wanted::Holder(kind.resource())) {
            Ok(names) => {
                let given =
                    |name: &String| self.give_named(it, (kind, attribute), name, holders, give);
                Ok(Some(names.iter().flat_map(given).collect()))
            }
            Err(lacking) => {
                self.give_later(it, (kind, attribute), lacking, holders)?;
                Ok(None)
            }
        }
    }

    fn give_named(
        &self,
        it: &Resource<'a>,
        (kind, attribute): (Kind, &str),
        name: &str,
        holders: &mut Holders,
        give: &dyn Fn(&mut Holder),
    ) -> Vec<Name> {
        match self.whose(it, (kind, attribute), name, holders) {
            Whose::One(name) => {
                give(holders.named(name.clone(), self.home.account));
                vec![name]
            }
            Whose::AnyOf(names) => {
                let (address, word) = (Quoted(&it.address), kind.word());
                let why = format!("{address} may be for this {word}: {}", account_lacks(it));
                for name in &names {
                    holders.named(name.clone(), self.home.account);
                }
                holders.doubt(&names, &why);
                names
            }
            Whose::Nobody => Vec::new(),
        }
    }

    fn give_later(
        &self,
        it: &Resource<'a>,
        (kind, attribute): (Kind, &str),
        lacking: Lacking,
        holders: &mut Holders,
    ) -> Result<(), InputError> {
        let references = lacking.references()?;
        let candidates = self.candidates(it, attribute, &[kind.resource()]);
        holders.unclear.add(it, attribute, (candidates, references));
        Ok(())
    }
}
