//! An IAM policy names an alias where it means a key.
//!
//! The ARN of an alias in `Resource` covers the alias itself, for `kms:CreateAlias`,
//! `kms:UpdateAlias` and `kms:DeleteAlias`. It never gives use of the key that the alias points
//! to.
//!
//! # Example
//!
//! ```json
//! {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "arn:aws:kms:us-east-1:123456789012:alias/app-secrets"}
//! ```
//!
//! # Instead
//!
//! Name the key by its ARN; or, to follow the alias, all keys of the account with the condition
//! `"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/app-secrets"}`.
//!
//! Source: [Aliases and access](https://docs.aws.amazon.com/kms/latest/developerguide/alias-access.html)

use crate::document::Notice;
use crate::lint::Severity;
use crate::lint::rule::{Check, Rule};

pub(super) const RULE: Rule = Rule {
    code: "KMS402",
    name: "alias-in-resource",
    severity: Severity::Warning,
    issue_code: None,
    file: include_str!("alias_in_resource.rs"),
    check: Check::Reading(&[Notice::AliasInResource]),
};
