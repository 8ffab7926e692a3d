//! A value is not of its operator's type.
//!
//! Nothing equals it: the condition never holds by this value.
//!
//! # Example
//!
//! ```json
//! {"Condition": {"Bool": {"aws:SecureTransport": "yes"}}}
//! ```
//!
//! # Instead
//!
//! Write a value of that type; here `"true"`.
//!
//! Source: [Condition operators](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html)

use crate::document::Notice;
use crate::lint::Severity;
use crate::lint::rule::{Check, Rule};

pub(super) const RULE: Rule = Rule {
    code: "KMS506",
    name: "mistyped-value",
    severity: Severity::Warning,
    issue_code: Some("TYPE_MISMATCH"),
    file: include_str!("mistyped_value.rs"),
    check: Check::Reading(&[Notice::MistypedValue]),
};
