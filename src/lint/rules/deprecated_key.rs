//! A condition key of KMS is deprecated.
//!
//! `kms:CustomerMasterKeySpec` and `kms:CustomerMasterKeyUsage` still work, and always have the values of
//! `kms:KeySpec` and `kms:KeyUsage`.
//!
//! # Example
//!
//! ```json
//! {"Condition": {"StringEquals": {"kms:CustomerMasterKeySpec": "RSA_4096"}}}
//! ```
//!
//! # Instead
//!
//! ```json
//! {"Condition": {"StringEquals": {"kms:KeySpec": "RSA_4096"}}}
//! ```
//!
//! Source: [kms:CustomerMasterKeySpec](https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-customer-master-key-spec)

use serde_json::json;

use crate::lint::rule::{Check, Rule};
use crate::lint::{Finding, Fix, Found, Seat, Severity};

pub(super) const RULE: Rule = Rule {
    code: "KMS518",
    name: "deprecated-key",
    severity: Severity::Suggestion,
    issue_code: None,
    file: include_str!("deprecated_key.rs"),
    check: Check::Policy(check),
};

const REPLACED: [(&str, &str); 2] =
    [("kms:CustomerMasterKeySpec", "kms:KeySpec"), ("kms:CustomerMasterKeyUsage", "kms:KeyUsage")];

fn check(seat: &Seat<'_>, found: &mut Found) {
    for statement in seat.policy.statements() {
        for condition in statement.conditions() {
            let name = condition.key().as_str();
            let Some((_, new)) = REPLACED.iter().find(|(old, _)| *old == name) else { continue };
            let at = format!("{}/Condition/{}", statement.pointer(), condition.operator());
            let patch = vec![json!({
                "op": "move",
                "from": format!("{at}/{name}"),
                "path": format!("{at}/{new}"),
            })];
            let place = seat.place(statement, &["Condition", condition.operator(), name]);
            let finding = Finding::new(found.rule(), place, format!("{name} is deprecated"))
                .with_help(format!("write `{new}`"))
                .with_fix(Some(Fix::neutral(format!("write `{new}`"), patch)));
            found.push(finding);
        }
    }
}
