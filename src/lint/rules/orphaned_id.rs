//! A unique id stands where a user or role was deleted.
//!
//! IAM keeps principals by their ids, and shows the id once the user or role is gone. It names
//! nobody, also not a new one of the same name, and AWS refuses the policy when it is put again:
//! `Policy contains a statement with one or more invalid principals`.
//!
//! # Example
//!
//! ```json
//! {"Principal": {"AWS": "AROAEXAMPLEEXAMPLE01"}}
//! ```
//!
//! # Instead
//!
//! Remove it, or name the user or role that took its place by its ARN.
//!
//! Source: [Principal](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html)

use crate::document::Notice;
use crate::lint::Severity;
use crate::lint::rule::{Check, Rule};

pub(super) const RULE: Rule = Rule {
    code: "KMS104",
    name: "orphaned-id",
    severity: Severity::Error,
    issue_code: None,
    file: include_str!("orphaned_id.rs"),
    check: Check::Reading(&[Notice::OrphanedId]),
};
