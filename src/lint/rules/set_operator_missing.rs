//! A key that can have several values is tested without a set operator.
//!
//! AWS does not say what happens then. `kms-sim` takes one matching value to be enough. To IAM
//! Access Analyzer it is an error; here a warning, since AWS takes the policy, and it may well do what
//! is meant.
//!
//! # Example
//!
//! ```json
//! {"Condition": {"StringEquals": {"kms:GrantOperations": "Decrypt"}}}
//! ```
//!
//! # Instead
//!
//! Say which is meant: `ForAnyValue:` that one value is among them, `ForAllValues:` that there are
//! no others.
//!
//! Source: [Single-valued and multivalued keys](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html)

use crate::document::Notice;
use crate::lint::Severity;
use crate::lint::rule::{Check, Rule};

pub(super) const RULE: Rule = Rule {
    code: "KMS503",
    name: "set-operator-missing",
    severity: Severity::Warning,
    issue_code: Some("MISSING_QUALIFIER"),
    file: include_str!("set_operator_missing.rs"),
    check: Check::Reading(&[Notice::SetOperatorMissing]),
};
