//! Nobody can change the key policy any more.
//!
//! AWS's own check, when the policy is put, only asks whether the caller could; and it is skipped
//! with `BypassPolicyLockoutSafetyCheck`. A key that nobody can administer stays as it is, and
//! only AWS support can bring it back.
//!
//! Each principal that the environment, the policy or a grant names is asked, the root user of
//! the account, and any other role or user with an IAM policy that allows everything. Where nothing
//! says the Region of the key, somebody who could in one of them is enough. The policies of AWS managed
//! keys, which nobody can change, are no finding.
//!
//! # Example
//!
//! ```json
//! {"Statement": [{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:role/WebAppInstanceRole"}, "Action": "kms:Decrypt", "Resource": "*"}]}
//! ```
//!
//! # Instead
//!
//! Keep a statement that lets the account, or a role of it, call `kms:PutKeyPolicy`.
//! `kms-sim rescue` tells the ways back into a key that is locked.
//!
//! Source: [Default key policy](https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html),
//! [PutKeyPolicy](https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html)

use crate::lint::Severity;
use crate::lint::rule::{Check, Rule};

pub(super) const RULE: Rule = Rule {
    code: "KMS201",
    name: "lockout",
    severity: Severity::Error,
    issue_code: None,
    file: include_str!("lockout.rs"),
    check: Check::Run,
};
