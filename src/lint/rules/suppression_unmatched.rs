//! A suppression silences nothing.
//!
//! What it was for was repaired, has moved, or is spelled otherwise. As it stands, it would
//! silence the next finding of the same sort that nobody has looked at.
//!
//! # Example
//!
//! ```yaml
//! # kms-sim: ignore KMS301 the key of a public example, nothing secret
//! Principal: {AWS: "arn:aws:iam::123456789012:role/WebAppInstanceRole"}
//! ```
//!
//! # Instead
//!
//! Remove it.

use crate::lint::Severity;
use crate::lint::rule::{Check, Rule};

pub(super) const RULE: Rule = Rule {
    code: "KMS002",
    name: "suppression-unmatched",
    severity: Severity::Warning,
    issue_code: None,
    file: include_str!("suppression_unmatched.rs"),
    check: Check::Run,
};
