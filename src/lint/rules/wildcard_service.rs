//! An ARN has a wildcard within the name of its service.
//!
//! AWS allows no wildcard there but `*` alone.
//!
//! # Example
//!
//! ```json
//! {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "arn:aws:k*:us-east-1:123456789012:key/*"}
//! ```
//!
//! # Instead
//!
//! Name the service: `arn:aws:kms:us-east-1:123456789012:key/*`.
//!
//! Source: [Resource](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html)

use crate::document::Notice;
use crate::lint::Severity;
use crate::lint::rule::{Check, Rule};

pub(super) const RULE: Rule = Rule {
    code: "KMS406",
    name: "wildcard-service",
    severity: Severity::Warning,
    issue_code: None,
    file: include_str!("wildcard_service.rs"),
    check: Check::Reading(&[Notice::WildcardService]),
};
