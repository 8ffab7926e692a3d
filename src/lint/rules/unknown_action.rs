//! KMS has no such action.
//!
//! AWS stores the policy, and the action matches nothing: an `Allow` does not allow, a `Deny` does
//! not deny.
//!
//! # Example
//!
//! ```json
//! {"Effect": "Deny", "Principal": "*", "Action": "kms:DeleteKey", "Resource": "*"}
//! ```
//!
//! # Instead
//!
//! Write the action as AWS spells it; here `kms:ScheduleKeyDeletion`. `kms-sim catalogue actions`
//! lists them.
//!
//! Source: [Actions of KMS](https://docs.aws.amazon.com/service-authorization/latest/reference/list_awskeymanagementservice.html)

use crate::document::Notice;
use crate::lint::Severity;
use crate::lint::rule::{Check, Rule};

pub(super) const RULE: Rule = Rule {
    code: "KMS401",
    name: "unknown-action",
    severity: Severity::Warning,
    issue_code: Some("INVALID_ACTION"),
    file: include_str!("unknown_action.rs"),
    check: Check::Reading(&[Notice::UnknownAction]),
};
