//! Findings, and where they are in the files that somebody has.

use std::cmp::Ordering;
use std::path::Path;
use std::sync::Arc;

use kms_sim::document::{Document, Format, Place, Source};
use kms_sim::lint::Finding;

use super::units::Unit;

/// A finding, and where it is in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Located {
    pub(super) finding: Finding,
    /// The place in the file. That of the finding may count within a text that stands in a string
    /// of the file, or that an importer put together.
    pub(super) place: Place,
}

impl Located {
    /// A finding of a unit.
    pub(super) fn new(finding: Finding, unit: &Unit) -> Self {
        let place = finding.place.in_file();
        let is_file = unit.has(&place.source) || Path::new(&place.source.name).is_file();
        let place = match unit.opened().first() {
            Some(first) if !is_file => Place::start(first.source.clone()),
            _ => place,
        };
        Self { finding, place }
    }

    /// By file, then by where in it, then by rule.
    pub(super) fn by_place(&self, other: &Self) -> Ordering {
        let key = |it: &Self| (it.place.span.start, it.finding.rule.code);
        (self.file().cmp(other.file()))
            .then_with(|| key(self).cmp(&key(other)))
            .then_with(|| self.finding.by_place(&other.finding))
    }

    /// The file.
    pub(super) fn file(&self) -> &str {
        &self.place.source.name
    }

    /// The pointer in the file; where that is not the way to it, in the policy.
    pub(super) fn pointer(&self) -> String {
        let place = &self.finding.place;
        place.pointer_in_file().unwrap_or_else(|| place.pointer.clone())
    }

    /// The name of the text that the finding counts in, if that is not the file itself.
    pub(super) fn policy(&self) -> Option<&str> {
        let name = self.finding.place.source.name.as_str();
        (name != self.file()).then_some(name)
    }

    /// Whether it is about a resource that has this name: in a template its logical id or the
    /// path of its construct, in a plan its address, in an environment the name of the key or
    /// principal.
    pub(super) fn is_of(&self, resource: &str) -> bool {
        // The name of a policy that was put together ends with that of its resource.
        let named = self.policy().and_then(|name| name.strip_suffix('`')?.rsplit_once('`'));
        let step = resource.replace('~', "~0").replace('/', "~1");
        let is_below = |pointer: &str| {
            let mut steps = pointer.split('/').skip(1);
            let of = steps.next().unwrap_or_default();
            ["Resources", "keys", "principals", "groups"].contains(&of)
                && steps.next() == Some(step.as_str())
        };
        named.is_some_and(|(_, name)| name == resource)
            || is_below(&self.place.pointer)
            || is_below(&self.finding.place.pointer)
    }
}

/// The value that a text holds: JSON, or else YAML.
pub(super) fn value(source: &Arc<Source>) -> Option<serde_json::Value> {
    let parse = |format| Document::parse(source.clone(), format);
    let document = parse(Format::Json).or_else(|_| parse(Format::Yaml));
    document.ok().map(|document| document.to_json())
}
