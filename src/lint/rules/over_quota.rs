//! The policy is larger than AWS takes.
//!
//! # Example
//!
//! A key policy of more than 32,768 bytes.
//!
//! # Instead
//!
//! Name roles rather than sessions, use wildcards in `Action`, and leave to IAM policies what need
//! not stand in the key policy.
//!
//! Source: [KMS resource quotas](https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html),
//! [IAM quotas](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html)

use crate::document::Notice;
use crate::lint::Severity;
use crate::lint::rule::{Check, Rule};

pub(super) const RULE: Rule = Rule {
    code: "KMS105",
    name: "over-quota",
    severity: Severity::Error,
    issue_code: None,
    file: include_str!("over_quota.rs"),
    check: Check::Reading(&[Notice::OverQuota]),
};
