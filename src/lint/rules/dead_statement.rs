//! A statement never applies: no request of those it names can be as its conditions say.
//!
//! An `Allow` of this kind gives nothing, and a `Deny` forbids nothing. Common causes: a service has
//! no `kms:ViaService` or `kms:CallerAccount`, and a user or role no `aws:SourceArn` or
//! `aws:SourceAccount`; the account in a condition is not the one of the principal; the key is not of
//! the spec that the condition asks for.
//!
//! A statement that applies before a time that is over is found too, by the clock of who runs the check.
//!
//! The rule asks the evaluator about each principal and each action, with all that a call leaves open
//! taken to be whatever helps.
//!
//! # Example
//!
//! ```json
//! {"Effect": "Allow", "Principal": {"Service": "logs.us-east-1.amazonaws.com"}, "Action": "kms:Decrypt", "Resource": "*", "Condition": {"StringEquals": {"kms:ViaService": "logs.us-east-1.amazonaws.com"}}}
//! ```
//!
//! # Instead
//!
//! Ask for what such requests carry: for a service that calls as itself `aws:SourceAccount` or
//! `aws:SourceArn`, for users and roles `kms:ViaService` or `aws:PrincipalArn`.
//!
//! Source: [Condition keys](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html),
//! [kms:ViaService](https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service)

use crate::Truth;
use crate::environment::Key;
use crate::kms::Action;
use crate::lint::open::Asker;
use crate::lint::rule::{Check, Rule};
use crate::lint::subject::label;
use crate::lint::{Finding, Found, Seat, Severity};
use crate::policy::{Condition, Element, Outcome, Statement, StatementPrincipal};
use crate::request::{Context, ContextKey, Entry};

pub(super) const RULE: Rule = Rule {
    code: "KMS420",
    name: "dead-statement",
    severity: Severity::Warning,
    issue_code: None,
    file: include_str!("dead_statement.rs"),
    check: Check::Policy(check),
};

/// Access Analyzer's code where the principals are services.
const UNSUPPORTED: &str = "UNSUPPORTED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL";

fn check(seat: &Seat<'_>, found: &mut Found) {
    for statement in seat.policy.statements() {
        if let Some(condition) = expired(seat, statement) {
            found.with_help(
                seat.place(
                    statement,
                    &["Condition", condition.operator(), condition.key().as_str()],
                ),
                format!("{} no longer applies: its time is over", label(statement)),
                "remove the statement, or set another time",
            );
        }
    }
    let Some(key) = seat.key() else { return };
    for statement in seat.policy.statements() {
        let is_conditional = !statement.conditions().is_empty() && !statement.has_not_principal();
        let Some(why) = is_conditional.then(|| reason(seat, key, statement)).flatten() else {
            continue;
        };
        let message = format!(
            "{} never applies: no request of its principals is as `{}` asks of {}",
            label(statement),
            why.operator(),
            why.key()
        );
        let place = seat.place(statement, &["Condition", why.operator(), why.key().as_str()]);
        let is_service = |it: &StatementPrincipal| matches!(it, StatementPrincipal::Service(_));
        let of_services = statement.listed_principals().iter().all(is_service);
        let finding = Finding::new(found.rule(), place, message)
            .with_help("test a key that their requests carry, or remove the statement")
            .with_issue_code(of_services.then_some(UNSUPPORTED));
        found.push(finding);
    }
}

/// The condition that asks for a time that is over, if it is known when it is.
fn expired<'s>(seat: &Seat<'_>, statement: &'s Statement) -> Option<&'s Condition> {
    let now = seat.subject.now()?;
    let mut context = Context::default().opened();
    context.set(ContextKey::new("aws:CurrentTime"), Entry::value(now));
    statement.conditions().iter().find(|it| {
        let ends = ["DateLessThan", "DateLessThanEquals"];
        ends.contains(&it.operator())
            && *it.key() == ContextKey::new("aws:CurrentTime")
            && it.test(&context) == Truth::False
    })
}

/// The condition that no request meets, if every request fails, and at a condition.
fn reason<'s>(seat: &Seat<'_>, key: &Key, statement: &'s Statement) -> Option<&'s Condition> {
    let mut reason = None;
    let actions =
        || Action::all().iter().filter(|it| it.needs_key() && statement.covers_action(it));
    for principal in statement.listed_principals() {
        let askers = Asker::of(principal);
        // Of somebody who is not asked nothing is known.
        if askers.is_empty() {
            return None;
        }
        for asker in askers {
            for action in actions() {
                match asker.outcome(seat, key, action, statement)? {
                    Outcome::Mismatch(Element::Condition(condition)) => {
                        reason = reason.or(Some(condition));
                    }
                    Outcome::Mismatch(Element::Principal) => {}
                    Outcome::Match | Outcome::Depends(_) | Outcome::Mismatch(_) => return None,
                }
            }
        }
    }
    reason.filter(|_| !is_told_elsewhere(statement))
}

/// A key that none of the actions sends is the finding of another rule, and conditions that
/// contradict each other are so for everybody.
fn is_told_elsewhere(statement: &Statement) -> bool {
    let for_nobody = |action| {
        let call = crate::lint::open::call_of(action);
        let holds = crate::Truth::all(statement.conditions().iter().map(|it| it.test(&call)));
        holds == crate::Truth::False
    };
    Action::all().iter().filter(|it| it.needs_key() && statement.covers_action(it)).all(for_nobody)
        || super::contradicting_conditions::pair_of(statement).is_some()
}
