//! AWS documents no such condition key.
//!
//! No request carries it: a condition on it never holds, or with a negated operator always does.
//! As the statement certainly does not do what it says, this is an error, as it is to IAM Access
//! Analyzer. `kms-sim catalogue condition-keys` tells which keys are known here; a new one of AWS's is
//! silenced until it is.
//!
//! # Example
//!
//! ```json
//! {"Condition": {"StringEquals": {"kms:ViaServices": "s3.us-east-1.amazonaws.com"}}}
//! ```
//!
//! # Instead
//!
//! Write the key as AWS spells it; here `kms:ViaService`.
//!
//! Source: [Condition keys of KMS](https://docs.aws.amazon.com/kms/latest/developerguide/policy-conditions.html),
//! [Policy checks](https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html)

use crate::document::Notice;
use crate::lint::Severity;
use crate::lint::rule::{Check, Rule};

pub(super) const RULE: Rule = Rule {
    code: "KMS501",
    name: "unknown-condition-key",
    severity: Severity::Error,
    issue_code: Some("INVALID_SERVICE_CONDITION_KEY"),
    file: include_str!("unknown_condition_key.rs"),
    check: Check::Reading(&[Notice::UnknownConditionKey]),
};

/// Access Analyzer tells the global keys from those of the service; the key is the last step of the
/// pointer.
pub(super) fn issue_code(pointer: &str) -> &'static str {
    let key = pointer.rsplit('/').next().unwrap_or_default();
    let is_tag = ["aws:PrincipalTag", "aws:RequestTag", "aws:ResourceTag"]
        .iter()
        .any(|it| key.trim_end_matches("~1").eq_ignore_ascii_case(it));
    if is_tag {
        return "MISSING_TAG_KEY_IN_CONDITION";
    }
    let is_global = key.get(..4).is_some_and(|it| it.eq_ignore_ascii_case("aws:"));
    if is_global { "INVALID_GLOBAL_CONDITION_KEY" } else { "INVALID_SERVICE_CONDITION_KEY" }
}
