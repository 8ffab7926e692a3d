//! AWS documents no such condition key.
//!
//! No request carries it: a condition on it never holds, or with a negated operator always does.
//!
//! # Example
//!
//! ```json
//! {"Condition": {"StringEquals": {"kms:ViaServices": "s3.us-east-1.amazonaws.com"}}}
//! ```
//!
//! # Instead
//!
//! Write the key as AWS spells it; here `kms:ViaService`. `kms-sim catalogue condition-keys` lists
//! them.
//!
//! Source: [Condition keys of KMS](https://docs.aws.amazon.com/kms/latest/developerguide/policy-conditions.html)

use crate::document::Notice;
use crate::lint::Severity;
use crate::lint::rule::{Check, Rule};

pub(super) const RULE: Rule = Rule {
    code: "KMS501",
    name: "unknown-condition-key",
    severity: Severity::Warning,
    issue_code: None,
    file: include_str!("unknown_condition_key.rs"),
    check: Check::Reading(&[Notice::UnknownConditionKey]),
};
