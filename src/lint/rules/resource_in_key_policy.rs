//! The `Resource` of a key policy is not `*`.
//!
//! A key policy is of one key, and `*` is the name of that key in it. KMS takes no new policy with
//! another value, and does not say what one that it stored earlier means.
//!
//! # Example
//!
//! ```json
//! {"Effect": "Allow", "Principal": {"AWS": "123456789012"}, "Action": "kms:*", "Resource": "arn:aws:kms:us-east-1:123456789012:key/*"}
//! ```
//!
//! # Instead
//!
//! Write `"Resource": "*"`.
//!
//! Source: [Key policies](https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html)

use crate::document::Notice;
use crate::lint::Severity;
use crate::lint::rule::{Check, Rule};

pub(super) const RULE: Rule = Rule {
    code: "KMS103",
    name: "resource-in-key-policy",
    severity: Severity::Error,
    issue_code: None,
    file: include_str!("resource_in_key_policy.rs"),
    check: Check::Reading(&[Notice::ResourceInKeyPolicy]),
};
