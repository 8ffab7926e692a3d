//! Grants of an estate, and where they stand.

use std::collections::BTreeMap;

use serde_json::Value;

use super::EstateKey;
use crate::document::{Document, Format, InputError, Place, Source};
use crate::environment::Loaded;

/// A grant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EstateGrant {
    /// As the environment file or `aws kms list-grants` spells it.
    pub written: Value,
    /// Where it stands in what was imported.
    pub place: Option<Place>,
}

impl From<Value> for EstateGrant {
    fn from(written: Value) -> Self {
        Self { written, place: None }
    }
}

/// Where the grants of an estate stand, whose environment is read from a text that nobody sees.
pub(super) struct Origins<'a> {
    /// The text that nobody sees.
    pub(super) rendered: &'a Source,
    pub(super) keys: &'a BTreeMap<String, EstateKey>,
}

impl Origins<'_> {
    /// An error at its place in what was imported.
    pub(super) fn error(&self, error: InputError) -> InputError {
        match self.place(error.place()) {
            Some(place) => error.moved(place),
            None => error,
        }
    }

    /// An environment whose grants, and the warnings about them, are at their own places.
    pub(super) fn loaded(&self, mut loaded: Loaded) -> Loaded {
        for key in loaded.environment.keys_mut() {
            key.grants.relocate(|place| self.place(place));
        }
        loaded.warnings = loaded.warnings.into_iter().map(|it| self.error(it)).collect();
        loaded
    }

    /// `/keys/NAME/grants/INDEX`, and what is below.
    fn place(&self, rendered: &Place) -> Option<Place> {
        if !std::ptr::eq(&raw const *rendered.source, self.rendered) {
            return None;
        }
        let mut steps = rendered.pointer.strip_prefix("/keys/")?.splitn(4, '/');
        let name = steps.next()?.replace("~1", "/").replace("~0", "~");
        steps.next().filter(|step| *step == "grants")?;
        let index: usize = steps.next()?.parse().ok()?;
        let origin = self.keys.get(&name)?.grants.get(index)?.place.as_ref()?;
        Some(steps.next().and_then(|below| within(origin, below)).unwrap_or_else(|| origin.clone()))
    }
}

/// The place below another, where its text is JSON by itself.
fn within(origin: &Place, below: &str) -> Option<Place> {
    let text = origin.source.text.get(origin.span.clone())?;
    let document = Document::parse(Source::new("", text), Format::Json).ok()?;
    let Place { span, pointer, .. } = document.place_at(&format!("/{below}"));
    let start = origin.span.start;
    Some(Place {
        source: origin.source.clone(),
        span: start + span.start..start + span.end,
        pointer: format!("{}{pointer}", origin.pointer),
    })
}
