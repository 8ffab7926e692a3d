//! A grant is for a user or role that was deleted.
//!
//! It is for nobody, also not for a new one of the same name, and counts toward the quota of
//! grants.
//!
//! # Example
//!
//! ```json
//! {"GranteePrincipal": "AROAEXAMPLEEXAMPLE01", "Operations": ["Decrypt"]}
//! ```
//!
//! # Instead
//!
//! Revoke it: `aws kms revoke-grant`.
//!
//! Source: [Grants](https://docs.aws.amazon.com/kms/latest/developerguide/grants.html)

use crate::document::Notice;
use crate::lint::Severity;
use crate::lint::rule::{Check, Rule};

pub(super) const RULE: Rule = Rule {
    code: "KMS407",
    name: "grant-to-deleted",
    severity: Severity::Warning,
    issue_code: None,
    file: include_str!("grant_to_deleted.rs"),
    check: Check::Reading(&[Notice::GrantToDeleted]),
};
