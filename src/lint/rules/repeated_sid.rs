//! A `Sid` names more than one statement.
//!
//! KMS takes it, but no message that names the statement says which is meant.
//!
//! # Example
//!
//! Two statements with `"Sid": "AllowUse"`.
//!
//! # Instead
//!
//! Give each statement a `Sid` of its own.
//!
//! Source: [Sid](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_sid.html)

use crate::document::Notice;
use crate::lint::Severity;
use crate::lint::rule::{Check, Rule};

pub(super) const RULE: Rule = Rule {
    code: "KMS601",
    name: "repeated-sid",
    severity: Severity::Suggestion,
    issue_code: Some("UNIQUE_SIDS_RECOMMENDED"),
    file: include_str!("repeated_sid.rs"),
    check: Check::Reading(&[Notice::RepeatedSid]),
};
