//! A condition on `kms:ViaService` names only other Regions than that of the key.
//!
//! A service uses keys of its own Region: no call for this key ever has such a value. This is asked only
//! where the Region of the key is known, of a policy in an environment, and not of multi-Region keys.
//!
//! # Example
//!
//! A key in `eu-west-1`, with
//!
//! ```json
//! {"Condition": {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}}
//! ```
//!
//! # Instead
//!
//! Write the Region of the key, or `StringLike` with `s3.*.amazonaws.com`.
//!
//! Source: [kms:ViaService](https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service)

use std::sync::Arc;

use crate::arn::is_region;
use crate::environment::Key;
use crate::lint::rule::{Check, Rule};
use crate::lint::subject::{known, label};
use crate::lint::{Found, Given, Seat, Severity};
use crate::policy::Condition;
use crate::request::ContextKey;

pub(super) const RULE: Rule = Rule {
    code: "KMS515",
    name: "via-service-elsewhere",
    severity: Severity::Warning,
    issue_code: None,
    file: include_str!("via_service_elsewhere.rs"),
    check: Check::Policy(check),
};

fn check(seat: &Seat<'_>, found: &mut Found) {
    let is_known = seat.key().is_some() && seat.subject.given() == Given::Environment;
    if !is_known {
        return;
    }
    // One policy may be that of keys in several Regions.
    let has_policy = |it: &&Key| known(&it.policy).is_some_and(|it| Arc::ptr_eq(it, seat.policy));
    let keys: Vec<&Key> = seat.subject.environment().keys().iter().filter(has_policy).collect();
    let is_anywhere = |key: &&Key| {
        key.is_region_assumed || key.multi_region.is_some() || key.id.starts_with("mrk-")
    };
    if keys.iter().any(is_anywhere) {
        return;
    }
    let via = ContextKey::new("kms:ViaService");
    for statement in seat.policy.statements() {
        for condition in statement.conditions().iter().filter(|it| *it.key() == via) {
            let Some(regions) = regions(condition) else { continue };
            let Some(key) = keys.iter().find(|key| !regions.contains(&key.region.as_str())) else {
                continue;
            };
            found.with_help(
                seat.place(statement, &["Condition", condition.operator(), via.as_str()]),
                format!(
                    "{} asks for services of {}, and the key is in {}",
                    label(statement),
                    regions.join(" and "),
                    key.region
                ),
                format!("write the Region of the key, such as `s3.{}.amazonaws.com`", key.region),
            );
        }
    }
}

/// The Regions of the values, if each has one and the value must be one of them.
fn regions(condition: &Condition) -> Option<Vec<&str>> {
    let is_positive = matches!(condition.operator(), "StringEquals" | "StringLike");
    let region = |value: &'_ str| {
        let host = value.strip_suffix(".amazonaws.com")?.len();
        let (_, region) = value.get(..host)?.rsplit_once('.')?;
        let region = region.len();
        Some(host - region..host)
    };
    let mut regions = Vec::new();
    for value in condition.values() {
        let name = value.get(region(value)?)?;
        if !is_region(name) {
            return None;
        }
        regions.push(name);
    }
    regions.dedup();
    (is_positive && !regions.is_empty()).then_some(regions)
}
