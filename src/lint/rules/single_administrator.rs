//! Only one principal can change the key policy.
//!
//! Once that role or user is deleted, or loses the permission by another policy, nobody can: the
//! key is one step from a lockout.
//!
//! Where a condition on `aws:PrincipalArn` says who can, in an `Allow` or in a `Deny` for all others, a new
//! role of that name can too, and the finding is a suggestion.
//!
//! # Example
//!
//! ```json
//! {"Statement": [{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:role/DevOpsAdminRole"}, "Action": "kms:*", "Resource": "*"}]}
//! ```
//!
//! # Instead
//!
//! Keep the statement for the account that `CreateKey` gives a key, or name a second
//! administrator.
//!
//! Source: [Default key policy](https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html)

use crate::lint::Severity;
use crate::lint::rule::{Check, Rule};

pub(super) const RULE: Rule = Rule {
    code: "KMS202",
    name: "single-administrator",
    severity: Severity::Warning,
    issue_code: None,
    file: include_str!("single_administrator.rs"),
    check: Check::Run,
};
