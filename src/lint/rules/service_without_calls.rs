//! A service principal that does not call KMS is allowed to.
//!
//! A service that has a principal in each Region, such as CloudWatch Logs, never calls by the one without
//! a Region, nor by that of another Region than the key's; and none calls in another partition.
//!
//! Other services call KMS with the permissions of whoever uses them: of those the finding is a
//! suggestion, since AWS does not document every call.
//!
//! # Example
//!
//! ```json
//! {"Effect": "Allow", "Principal": {"Service": "logs.amazonaws.com"}, "Action": ["kms:Encrypt", "kms:Decrypt"], "Resource": "*"}
//! ```
//!
//! # Instead
//!
//! Name the principal that calls, `logs.us-east-1.amazonaws.com`; for services that use their callers'
//! permissions, allow the callers, with a condition on `kms:ViaService` if only through the service.
//!
//! Source: [Encrypt log data](https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html),
//! [Forward access sessions](https://docs.aws.amazon.com/IAM/latest/UserGuide/access_forward_access_sessions.html)

use crate::arn::{Partition, is_region};
use crate::environment::Key;
use crate::kms::{Action, KnownService, ServiceScope, calls_for_its_callers_alone};
use crate::lint::rule::{Check, Rule};
use crate::lint::subject::label;
use crate::lint::{Finding, Found, Given, Seat, Severity};
use crate::policy::{Effect, Statement, StatementPrincipal};

pub(super) const RULE: Rule = Rule {
    code: "KMS414",
    name: "service-without-calls",
    severity: Severity::Warning,
    issue_code: None,
    file: include_str!("service_without_calls.rs"),
    check: Check::Policy(check),
};

fn check(seat: &Seat<'_>, found: &mut Found) {
    let Some(key) = seat.key() else { return };
    for statement in seat.policy.statements().iter().filter(|it| it.effect() == Effect::Allow) {
        for (number, principal) in statement.listed_principals().iter().enumerate() {
            let StatementPrincipal::Service(name) = principal else { continue };
            let Some((severity, message, help)) = reason(seat, key, statement, name) else {
                continue;
            };
            let place = seat.place_of_principal(statement, number);
            let message = format!("{} allows {name}, {message}", label(statement));
            let finding =
                Finding::new(found.rule(), place, message).with_severity(severity).with_help(help);
            found.push(finding);
        }
    }
}

fn reason(
    seat: &Seat<'_>,
    key: &Key,
    statement: &Statement,
    name: &str,
) -> Option<(Severity, String, String)> {
    let stem = name.strip_suffix(".cn").unwrap_or(name);
    let stem = stem.strip_suffix(".amazonaws.com").unwrap_or(stem);
    let (prefix, rest) = stem.split_once('.').unwrap_or((stem, ""));
    let scope = KnownService::of_principal(name).map(|known| known.scope);
    let help = format!("write `{prefix}.{}.amazonaws.com`", key.region);
    let example = format!("write the Region too, such as `{prefix}.us-east-1.amazonaws.com`");
    let is_elsewhere = is_region(rest)
        && seat.subject.knows_account()
        && Partition::of_region(rest) != key.account.partition;
    if is_elsewhere {
        return Some((
            Severity::Warning,
            "which is of another partition than the key".into(),
            help,
        ));
    }
    match scope {
        Some(ServiceScope::Regional) if rest.is_empty() => {
            let message = "and the service calls by its principal in a Region".to_owned();
            Some((Severity::Warning, message, example))
        }
        Some(ServiceScope::Regional) if is_of_another_region(seat, key, rest) => {
            let message = format!("and the key is in {}", key.region);
            Some((Severity::Warning, message, help))
        }
        Some(_) => None,
        None => of_callers(statement, prefix),
    }
}

/// A policy may be that of keys in several Regions.
fn is_of_another_region(seat: &Seat<'_>, key: &Key, region: &str) -> bool {
    let mut keys = seat.subject.environment().keys().iter();
    let has_policy = |it: &&Key| {
        crate::lint::subject::known(&it.policy)
            .is_some_and(|policy| std::sync::Arc::ptr_eq(policy, seat.policy))
    };
    seat.subject.given() == Given::Environment
        && key.multi_region.is_none()
        && !keys.by_ref().filter(has_policy).any(|it| it.is_region_assumed || it.region == region)
}

/// Conditions on what only services send show that somebody knows of such calls.
fn of_callers(statement: &Statement, prefix: &str) -> Option<(Severity, String, String)> {
    let uses = Action::all().iter().any(|it| it.cryptographic && statement.covers_action(it));
    let is_plain = statement.conditions().is_empty();
    (uses && is_plain && calls_for_its_callers_alone(prefix)).then(|| {
        (
            Severity::Suggestion,
            "which calls KMS with the permissions of whoever uses it, as far as AWS documents".into(),
            format!("allow those who use it, with a condition on kms:ViaService `{prefix}.*.amazonaws.com`"),
        )
    })
}
