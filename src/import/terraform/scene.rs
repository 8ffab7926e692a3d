//! One world of a document, and the values in it: known, assumed, or foreseen.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::rc::Rc;
use std::sync::Arc;

use super::assumed::Assumed;
use super::configuration::Configuration;
use super::holders::Kind;
use super::place::Home;
use super::references::Count;
use super::resource::{Resource, World};
use super::slot::{Knowledge, Setting, Slot};
use super::wanted::Wanted;
use crate::document::{At, InputError};
use crate::import::EstatePolicy;
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

/// Lists that many ask for.
type Memo<K, T> = RefCell<HashMap<K, Rc<[T]>>>;

/// A world with all that is needed to see what its values are.
pub(super) struct Scene<'a> {
    pub(super) world: &'a World<'a>,
    pub(super) configuration: &'a Configuration<'a>,
    pub(super) assumed: &'a Assumed,
    pub(super) home: &'a Home,
    /// What the document is called.
    pub(super) name: &'a str,
    pub(super) notes: RefCell<Vec<String>>,
    pub(super) noted: RefCell<HashSet<String>>,
    /// What is taken for the whole of a value: the reference, and the resource and its attribute.
    pub(super) alone: RefCell<Vec<(String, String, String)>>,
    /// Policies that were read, by the address of what holds them, so that one is one.
    pub(super) policies: RefCell<BTreeMap<String, EstatePolicy>>,
    pub(super) rendered: RefCell<BTreeMap<String, Rendered>>,
    /// Keys by id and ARN, once somebody asks.
    pub(super) keys: OnceCell<HashMap<String, Vec<&'a Resource<'a>>>>,
    /// Aliases by name, and roles, users and groups, likewise.
    pub(super) aliases: OnceCell<HashMap<String, &'a Resource<'a>>>,
    pub(super) names: OnceCell<BTreeMap<(Kind, String), Vec<&'a Resource<'a>>>>,
    /// What references are to, by the module that they are seen from and the block.
    pub(super) here: Memo<(String, String), &'a Resource<'a>>,
    /// What the attribute of a block may name, by the module, the block and the attribute.
    pub(super) candidates: Memo<(String, String, String), String>,
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
            noted: RefCell::default(),
            alone: RefCell::default(),
            policies: RefCell::default(),
            rendered: RefCell::default(),
            keys: OnceCell::new(),
            aliases: OnceCell::new(),
            names: OnceCell::new(),
            here: RefCell::default(),
            candidates: RefCell::default(),
            looks: Cell::new(MOST_LOOKS),
            depth: Cell::new(0),
        }
    }

    pub(super) fn note(&self, note: String) {
        if self.noted.borrow_mut().insert(note.clone()) {
            self.notes.borrow_mut().push(note);
        }
    }

    /// Says that a resource is left out because nobody knows whose it is.
    pub(super) fn without_account(&self, it: &Resource<'a>) {
        let why = super::providers::account_lacks(it);
        self.note(format!("{} is left out: {why}", Quoted(&it.address)));
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
                let text = text.ok_or_else(|| resource.wrong(at, attribute, "a string"))?;
                self.meant(resource, attribute, text, wanted).map(Some)
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
            known.push(self.meant(resource, what, text, wanted)?);
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
}
