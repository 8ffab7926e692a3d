//! An action has a wildcard for its service.
//!
//! AWS does not say what `*:Decrypt` means; `kms-sim` matches it by its name.
//!
//! # Example
//!
//! ```json
//! {"Effect": "Allow", "Action": "*:Decrypt", "Resource": "*"}
//! ```
//!
//! # Instead
//!
//! Name the service: `kms:Decrypt`.
//!
//! Source: [Action](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html)

use crate::document::Notice;
use crate::lint::Severity;
use crate::lint::rule::{Check, Rule};

pub(super) const RULE: Rule = Rule {
    code: "KMS405",
    name: "action-of-every-service",
    severity: Severity::Warning,
    issue_code: None,
    file: include_str!("action_of_every_service.rs"),
    check: Check::Reading(&[Notice::ActionOfEveryService]),
};
