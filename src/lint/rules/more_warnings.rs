//! A policy has more findings of the reader than are shown.
//!
//! Of one policy the first hundred are shown; nobody reads more.
//!
//! # Example
//!
//! A policy that a script wrote, with hundreds of misspelt actions.
//!
//! # Instead
//!
//! Repair those that are shown, and run the check again.

use crate::document::Notice;
use crate::lint::Severity;
use crate::lint::rule::{Check, Rule};

pub(super) const RULE: Rule = Rule {
    code: "KMS003",
    name: "more-warnings",
    severity: Severity::Warning,
    issue_code: None,
    file: include_str!("more_warnings.rs"),
    check: Check::Reading(&[Notice::MoreWarnings]),
};
