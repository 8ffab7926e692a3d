//! An `Allow` gives nothing, because a `Deny` of the same policy takes all of it.
//!
//! An explicit deny always wins. Of a key policy the rule asks the evaluator about each principal that
//! the statement names, and each action; in other policies it looks for a `Deny` of the same actions, on
//! the same resources or on `*`.
//!
//! # Example
//!
//! ```json
//! [
//!   {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:role/WebAppInstanceRole"}, "Action": "kms:Decrypt", "Resource": "*"},
//!   {"Effect": "Deny", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*"}
//! ]
//! ```
//!
//! # Instead
//!
//! Remove one of the two, or exempt from the `Deny` whom the `Allow` names, with
//! `ArnNotEquals` on `aws:PrincipalArn`; services with `aws:PrincipalIsAWSService`.
//!
//! Source: [Explicit and implicit denies](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_AccessPolicyLanguage_Interplay.html)

use crate::Truth;
use crate::environment::Key;
use crate::kms::Action;
use crate::lint::open::Asker;
use crate::lint::rule::{Check, Rule};
use crate::lint::subject::label;
use crate::lint::{Found, Seat, Severity};
use crate::policy::{Effect, Statement, StatementPrincipal};

pub(super) const RULE: Rule = Rule {
    code: "KMS411",
    name: "denied-statement",
    severity: Severity::Warning,
    issue_code: None,
    file: include_str!("denied_statement.rs"),
    check: Check::Policy(check),
};

fn check(seat: &Seat<'_>, found: &mut Found) {
    let statements = seat.policy.statements();
    if !statements.iter().any(|it| it.effect() == Effect::Deny) {
        return;
    }
    for statement in statements.iter().filter(|it| it.effect() == Effect::Allow) {
        let (deny, help) = match seat.key() {
            Some(key) => (denied_by(seat, key, statement), help(statement)),
            None => (
                taken_by(seat, statement),
                "remove it, or limit the Deny to the actions and resources that are meant",
            ),
        };
        let Some(deny) = deny else { continue };
        found.with_help(
            seat.place(statement, &[]),
            format!("{} allows nothing: {} denies all of it", label(statement), label(deny)),
            help,
        );
    }
}

/// Services have no `aws:PrincipalArn` that could exempt them.
///
/// Source: [aws:PrincipalIsAWSService](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalisawsservice)
fn help(statement: &Statement) -> &'static str {
    let is_service = |it: &StatementPrincipal| matches!(it, StatementPrincipal::Service(_));
    if statement.listed_principals().iter().any(is_service) {
        "remove it, or exempt services from the Deny with Bool aws:PrincipalIsAWSService false"
    } else {
        "remove it, or exempt its principals from the Deny with ArnNotEquals on aws:PrincipalArn"
    }
}

/// The first `Deny` of those that take every action of a statement of KMS, on all its resources and
/// under no more conditions.
fn taken_by<'a>(seat: &Seat<'a>, allow: &Statement) -> Option<&'a Statement> {
    let is_of_kms =
        |pattern: &str| pattern.get(..4).is_some_and(|it| it.eq_ignore_ascii_case("kms:"));
    let actions = Seat::actions(allow);
    if actions.is_empty() || !actions.iter().all(|(_, pattern)| is_of_kms(pattern)) {
        return None;
    }
    let taking = |action| seat.policy.statements().iter().find(|it| it.takes(allow, action));
    let covered = Action::all().iter().filter(|it| allow.covers_action(it));
    let denies: Option<Vec<&Statement>> = covered.map(taking).collect();
    denies?.first().copied()
}

/// The first `Deny` of those that take all that a statement allows.
fn denied_by<'a>(seat: &Seat<'a>, key: &Key, allow: &Statement) -> Option<&'a Statement> {
    let mut by = None;
    for principal in allow.listed_principals() {
        let askers = Asker::of(principal);
        // Of everybody, somebody may be exempt whom nobody named.
        if askers.is_empty() {
            return None;
        }
        let covered = Action::all().iter().filter(|it| it.needs_key() && allow.covers_action(it));
        for action in covered {
            for asker in &askers {
                let allowed = asker.outcome(seat, key, action, allow)?.truth();
                if allowed != Truth::False {
                    let deny = asker.denied_by(seat, key, action)?;
                    by = by.or(Some(deny));
                }
            }
        }
    }
    by
}
