//! A statement of a key policy has no `Action` or no `Resource`.
//!
//! KMS keeps such a statement in policies that it stored earlier, where it has no effect at all,
//! and takes no new policy with one.
//!
//! # Example
//!
//! ```json
//! {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:role/WebAppInstanceRole"}, "Action": "kms:Decrypt"}
//! ```
//!
//! # Instead
//!
//! Add `"Resource": "*"`, which in a key policy means this key.
//!
//! Source: [PutKeyPolicy](https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html)

use crate::document::Notice;
use crate::lint::Severity;
use crate::lint::rule::{Check, Rule};

pub(super) const RULE: Rule = Rule {
    code: "KMS102",
    name: "incomplete-statement",
    severity: Severity::Error,
    issue_code: None,
    file: include_str!("incomplete_statement.rs"),
    check: Check::Reading(&[Notice::IncompleteStatement]),
};
