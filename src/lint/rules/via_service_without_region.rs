//! A value of `kms:ViaService` has not the form of the service that calls.
//!
//! KMS sends the service and its Region, `s3.us-east-1.amazonaws.com`, in every partition with
//! the ending `.amazonaws.com`. A value without a Region, or the name of a service alone, equals
//! none: the statement never applies, or with a negated operator always does.
//!
//! # Example
//!
//! ```json
//! {"Condition": {"StringEquals": {"kms:ViaService": "s3.amazonaws.com"}}}
//! ```
//!
//! # Instead
//!
//! Name the Region, `s3.us-east-1.amazonaws.com`, or use `StringLike` with
//! `s3.*.amazonaws.com`.
//!
//! Source: [kms:ViaService](https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service)

use crate::arn::is_region;
use crate::lint::rule::{Check, Rule};
use crate::lint::{Found, Seat, Severity};
use crate::policy::{Condition, Statement};
use crate::request::ContextKey;
use crate::text::Quoted;

pub(super) const RULE: Rule = Rule {
    code: "KMS510",
    name: "via-service-without-region",
    severity: Severity::Warning,
    issue_code: None,
    file: include_str!("via_service_without_region.rs"),
    check: Check::Policy(check),
};

fn check(seat: &Seat<'_>, found: &mut Found) {
    for statement in seat.policy.statements() {
        let via = ContextKey::new("kms:ViaService");
        let is_of_text = |it: &&Condition| *it.key() == via && it.operator().contains("String");
        for condition in statement.conditions().iter().filter(is_of_text) {
            of_condition(seat, statement, condition, found);
        }
    }
}

fn of_condition(seat: &Seat<'_>, statement: &Statement, condition: &Condition, found: &mut Found) {
    let takes_patterns = condition.operator().contains("Like");
    for (number, value) in condition.values().enumerate() {
        let is_pattern = value.contains("${") || (takes_patterns && value.contains(['*', '?']));
        if is_pattern || has_region(value) {
            continue;
        }
        let steps = ["Condition", condition.operator(), condition.key().as_str()];
        let number = number.to_string();
        found.with_help(
            seat.place(statement, &[&steps[..], &[&number]].concat()),
            format!("no call has kms:ViaService {}", Quoted(value)),
            format!("write the service and its Region, such as `{}`", with_region(seat, value)),
        );
    }
}

/// What the value was likely meant to be.
fn with_region(seat: &Seat<'_>, value: &str) -> String {
    let service = value.split('.').next().unwrap_or_default();
    let is_name = !service.is_empty() && service.chars().all(|c| c.is_ascii_alphanumeric());
    let service = if is_name { service } else { "s3" };
    let region = seat.key().map_or("us-east-1", |key| key.region.as_str());
    format!("{service}.{region}.amazonaws.com")
}

fn has_region(value: &str) -> bool {
    let host = value.strip_suffix(".amazonaws.com");
    host.and_then(|host| host.rsplit_once('.')).is_some_and(|(_, region)| is_region(region))
}
