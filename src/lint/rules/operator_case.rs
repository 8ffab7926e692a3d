//! The name of a condition operator is in unusual case.
//!
//! # Example
//!
//! ```json
//! {"Condition": {"stringequals": {"kms:CallerAccount": "123456789012"}}}
//! ```
//!
//! # Instead
//!
//! Spell it as AWS does: `StringEquals`.
//!
//! Source: [Condition operators](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html)

use crate::document::Notice;
use crate::lint::Severity;
use crate::lint::rule::{Check, Rule};

pub(super) const RULE: Rule = Rule {
    code: "KMS508",
    name: "operator-case",
    severity: Severity::Suggestion,
    issue_code: None,
    file: include_str!("operator_case.rs"),
    check: Check::Reading(&[Notice::OperatorCase]),
};
