//! KMS has no such action.
//!
//! AWS stores the policy, and the action matches nothing: an `Allow` does not allow, a `Deny` does
//! not deny. As the statement certainly does not do what it says, this is an error, as it is to
//! IAM Access Analyzer. `kms-sim catalogue actions` tells which actions are known here; a new one of
//! AWS's is silenced until it is.
//!
//! # Example
//!
//! ```json
//! {"Effect": "Deny", "Principal": "*", "Action": "kms:DeleteKey", "Resource": "*"}
//! ```
//!
//! # Instead
//!
//! Write the action as AWS spells it; here `kms:ScheduleKeyDeletion`.
//!
//! Source: [Actions of KMS](https://docs.aws.amazon.com/service-authorization/latest/reference/list_awskeymanagementservice.html),
//! [Policy checks](https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html)

use crate::document::Notice;
use crate::lint::Severity;
use crate::lint::rule::{Check, Rule};

pub(super) const RULE: Rule = Rule {
    code: "KMS401",
    name: "unknown-action",
    severity: Severity::Error,
    issue_code: Some("INVALID_ACTION"),
    file: include_str!("unknown_action.rs"),
    check: Check::Reading(&[Notice::UnknownAction]),
};
