//! The values of a condition have different JSON types.
//!
//! AWS compares them as texts, but not every tool that reads the policy does.
//!
//! # Example
//!
//! ```json
//! {"Condition": {"NumericEquals": {"kms:ScheduleKeyDeletionPendingWindowInDays": ["7", 30]}}}
//! ```
//!
//! # Instead
//!
//! Write them alike, best as texts.
//!
//! Source: [Policy checks](https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html)

use crate::document::Notice;
use crate::lint::Severity;
use crate::lint::rule::{Check, Rule};

pub(super) const RULE: Rule = Rule {
    code: "KMS507",
    name: "mixed-types",
    severity: Severity::Suggestion,
    issue_code: None,
    file: include_str!("mixed_types.rs"),
    check: Check::Reading(&[Notice::MixedTypes]),
};
