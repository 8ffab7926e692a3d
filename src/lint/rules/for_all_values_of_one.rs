//! `ForAllValues` stands over a key that has one value.
//!
//! It also holds where the request has no such key: what looks like a limit is none for requests
//! that leave the key out.
//!
//! # Example
//!
//! ```json
//! {"Condition": {"ForAllValues:StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}}
//! ```
//!
//! # Instead
//!
//! Remove `ForAllValues:`.
//!
//! Source: [Single-valued and multivalued keys](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html)

use crate::document::Notice;
use crate::lint::Severity;
use crate::lint::rule::{Check, Rule};

pub(super) const RULE: Rule = Rule {
    code: "KMS502",
    name: "for-all-values-of-one",
    severity: Severity::SecurityWarning,
    issue_code: Some("FORALLVALUES_WITH_SINGLE_VALUED_KEY"),
    file: include_str!("for_all_values_of_one.rs"),
    check: Check::Reading(&[Notice::ForAllValuesOfOne]),
};
