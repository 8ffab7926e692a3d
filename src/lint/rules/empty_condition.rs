//! A condition has nothing in it.
//!
//! An empty condition always holds, and a list without values is never met: either way it does not
//! limit as it looks.
//!
//! # Example
//!
//! ```json
//! {"Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*", "Condition": {}}
//! ```
//!
//! # Instead
//!
//! Say what must hold, or remove the condition.
//!
//! Source: [Policy checks](https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html)

use crate::document::Notice;
use crate::lint::Severity;
use crate::lint::rule::{Check, Rule};

pub(super) const RULE: Rule = Rule {
    code: "KMS504",
    name: "empty-condition",
    severity: Severity::Warning,
    issue_code: Some("EMPTY_OBJECT_CONDITION"),
    file: include_str!("empty_condition.rs"),
    check: Check::Reading(&[Notice::EmptyCondition]),
};
