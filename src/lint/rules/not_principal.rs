//! A `Deny` with `NotPrincipal` denies more than those whom it does not list.
//!
//! Everything that a caller is must be listed: the session, its role, and the account. Of a role that
//! is listed alone, every session is denied, and nobody knows the sessions in advance. And every
//! principal with a permissions boundary is denied whatever is listed. AWS advises against
//! `NotPrincipal`.
//!
//! A finding of a list that is whole is only a suggestion.
//!
//! # Example
//!
//! ```json
//! {"Effect": "Deny", "NotPrincipal": {"AWS": "arn:aws:iam::123456789012:role/KeyAdmin"}, "Action": "kms:PutKeyPolicy", "Resource": "*"}
//! ```
//!
//! # Instead
//!
//! ```json
//! {"Effect": "Deny", "Principal": "*", "Action": "kms:PutKeyPolicy", "Resource": "*", "Condition": {"ArnNotEquals": {"aws:PrincipalArn": "arn:aws:iam::123456789012:role/KeyAdmin"}}}
//! ```
//!
//! Source: [NotPrincipal](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html)

use serde_json::json;

use crate::environment::Key;
use crate::kms::Action;
use crate::lint::open::Asker;
use crate::lint::rule::{Check, Rule};
use crate::lint::subject::label;
use crate::lint::{Finding, Fix, Found, Seat, Severity};
use crate::policy::{Element, Outcome, Statement, StatementPrincipal};
use crate::request::PrincipalName;

pub(super) const RULE: Rule = Rule {
    code: "KMS204",
    name: "not-principal",
    severity: Severity::Warning,
    issue_code: None,
    file: include_str!("not_principal.rs"),
    check: Check::Policy(check),
};

fn check(seat: &Seat<'_>, found: &mut Found) {
    let Some(key) = seat.key() else { return };
    for statement in seat.policy.statements().iter().filter(|it| it.has_not_principal()) {
        let denied: Vec<String> = statement
            .listed_principals()
            .iter()
            .filter(|it| is_denied(seat, key, statement, it))
            .map(ToString::to_string)
            .collect();
        let place = seat.place(statement, &["NotPrincipal"]);
        let (message, severity) = match denied.first() {
            Some(first) => (
                format!("{} denies {first}, although `NotPrincipal` lists it", label(statement)),
                Severity::Warning,
            ),
            None => (
                format!(
                    "{} denies every principal that has a permissions boundary, whatever `NotPrincipal` lists",
                    label(statement)
                ),
                Severity::Suggestion,
            ),
        };
        let finding = Finding::new(found.rule(), place, message)
            .with_severity(severity)
            .with_help("write Principal `*` with the condition ArnNotEquals aws:PrincipalArn")
            .with_fix(condition_instead(statement));
        found.push(finding);
    }
}

/// Whether a listed user, role or session is denied all the same.
fn is_denied(seat: &Seat<'_>, key: &Key, of: &Statement, listed: &StatementPrincipal) -> bool {
    let is_caller = !matches!(listed.name(), None | Some(PrincipalName::Root(_)));
    let mut actions = Action::all().iter().filter(|it| it.needs_key() && of.covers_action(it));
    let Some(action) = actions.next().filter(|_| is_caller) else { return false };
    let outcomes = Asker::of(listed).into_iter();
    let mut outcomes = outcomes.filter_map(|asker| asker.outcome(seat, key, action, of));
    outcomes.any(|outcome| !matches!(outcome, Outcome::Mismatch(Element::Principal)))
}

/// Users and roles as a condition; an account that is listed with them exempted none of its own.
fn condition_instead(statement: &Statement) -> Option<Fix> {
    let mut arns = Vec::new();
    for principal in statement.listed_principals() {
        match principal.name()? {
            PrincipalName::User(..) | PrincipalName::Role(..) => arns.push(principal.to_string()),
            PrincipalName::Root(_) => {}
            PrincipalName::Session { .. }
            | PrincipalName::FederatedUser(..)
            | PrincipalName::Service(_) => return None,
        }
    }
    let is_simple = !arns.is_empty() && statement.conditions().is_empty();
    let at = statement.pointer();
    let patch = vec![
        json!({"op": "remove", "path": format!("{at}/NotPrincipal")}),
        json!({"op": "add", "path": format!("{at}/Principal"), "value": "*"}),
        json!({
            "op": "add",
            "path": format!("{at}/Condition"),
            "value": {"ArnNotEquals": {"aws:PrincipalArn": arns}},
        }),
    ];
    is_simple.then(|| Fix::changing("exempt them by a condition on aws:PrincipalArn", patch))
}
