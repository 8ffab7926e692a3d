//! What has come up, so that a test can tell what it did not try.

use std::cell::RefCell;
use std::collections::BTreeMap;

/// Counts of what has come up.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen(RefCell<BTreeMap<String, usize>>);

impl Seen {
    /// Counts one more.
    pub(crate) fn note(&self, what: impl Into<String>) {
        *self.0.borrow_mut().entry(what.into()).or_default() += 1;
    }

    /// Adds what came up elsewhere.
    pub(crate) fn add(&self, other: &Self) {
        for (what, count) in &*other.0.borrow() {
            *self.0.borrow_mut().entry(what.clone()).or_default() += count;
        }
    }

    /// How often it came up.
    pub(crate) fn count(&self, what: &str) -> usize {
        self.0.borrow().get(what).copied().unwrap_or_default()
    }
}
