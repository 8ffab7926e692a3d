//! AWS refuses this policy.
//!
//! The grammar of IAM policies is strict, each type of policy has rules of its own, and KMS, IAM
//! and Organizations check them when the policy is put. Until then the mistake is only in a file.
//!
//! # Example
//!
//! ```json
//! {"Statement": [{"Effect": "allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}]}
//! ```
//!
//! # Instead
//!
//! Write what the message expects; here `"Effect": "Allow"`, in exactly this case.
//!
//! Source: [Grammar](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html),
//! [Policy checks](https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html)

use crate::document::Notice;
use crate::lint::Severity;
use crate::lint::rule::{Check, Rule};

pub(super) const RULE: Rule = Rule {
    code: "KMS101",
    name: "refused-policy",
    severity: Severity::Error,
    issue_code: None,
    file: include_str!("refused_policy.rs"),
    check: Check::Reading(&[Notice::Refused]),
};
