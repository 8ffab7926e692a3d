//! A policy variable is literal text where it stands.
//!
//! `${…}` is a variable only in a policy of version 2012-10-17, in a `Resource` after the fifth
//! colon, and under operators that compare texts or ARNs. Elsewhere it is compared as it is
//! written, and matches nothing.
//!
//! # Example
//!
//! ```json
//! {"Version": "2008-10-17", "Statement": [{"Condition": {"StringEquals": {"kms:EncryptionContext:user": "${aws:username}"}}}]}
//! ```
//!
//! # Instead
//!
//! Write `"Version": "2012-10-17"`, or use an operator that takes variables.
//!
//! Source: [Policy variables](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html)

use crate::document::Notice;
use crate::lint::Severity;
use crate::lint::rule::{Check, Rule};

pub(super) const RULE: Rule = Rule {
    code: "KMS505",
    name: "literal-variable",
    severity: Severity::Warning,
    issue_code: None,
    file: include_str!("literal_variable.rs"),
    check: Check::Reading(&[Notice::LiteralVariable]),
};
