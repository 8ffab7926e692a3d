//! An IAM policy is larger than AWS takes of its customers.
//!
//! A managed policy of a customer has at most 6,144 characters without white space, and the inline
//! policies of a role 10,240 together. Policies that AWS itself manages may be larger, and a file
//! does not say whose it is.
//!
//! # Example
//!
//! An identity policy that lists three hundred keys by their ARNs.
//!
//! # Instead
//!
//! Use wildcards, or conditions such as `aws:ResourceTag` and `kms:ResourceAliases`, or spread the
//! statements over several managed policies.
//!
//! Source: [IAM quotas](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html)

use crate::document::Notice;
use crate::lint::Severity;
use crate::lint::rule::{Check, Rule};

pub(super) const RULE: Rule = Rule {
    code: "KMS107",
    name: "over-customer-quota",
    severity: Severity::Warning,
    issue_code: Some("POLICY_SIZE_EXCEEDS_IDENTITY_POLICY_QUOTA"),
    file: include_str!("over_customer_quota.rs"),
    check: Check::Reading(&[Notice::OverCustomerQuota]),
};
