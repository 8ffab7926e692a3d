//! The id of a key has a shape that KMS never issues.
//!
//! # Example
//!
//! ```yaml
//! keys: {app-secrets: {id: my-key}}
//! ```
//!
//! # Instead
//!
//! Copy the id from `aws kms list-keys`: a UUID, or `mrk-` and 32 hexadecimal digits.
//!
//! Source: [Key identifiers](https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#key-id)

use crate::document::Notice;
use crate::lint::Severity;
use crate::lint::rule::{Check, Rule};

pub(super) const RULE: Rule = Rule {
    code: "KMS602",
    name: "unusual-key-id",
    severity: Severity::Suggestion,
    issue_code: None,
    file: include_str!("unusual_key_id.rs"),
    check: Check::Reading(&[Notice::UnusualKeyId]),
};
