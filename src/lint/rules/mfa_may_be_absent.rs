//! A condition on a second factor passes calls that say nothing of one.
//!
//! Calls with the long-term keys of a user carry no `aws:MultiFactorAuthPresent`, not even `false`. A
//! `Deny` with `"Bool": {"aws:MultiFactorAuthPresent": "false"}` does not apply to them, and an `Allow`
//! with `BoolIfExists` and `true` does: both let them through without a second factor.
//! Only users have such keys: a statement for roles or services alone is no finding.
//!
//! # Example
//!
//! ```json
//! {"Effect": "Deny", "Principal": "*", "Action": "kms:ScheduleKeyDeletion", "Resource": "*", "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "false"}}}
//! ```
//!
//! # Instead
//!
//! In a `Deny` write `BoolIfExists`, in an `Allow` write `Bool`. A `Deny` then also reaches roles of
//! services and other callers that never have a second factor: exempt them.
//!
//! Source: [aws:MultiFactorAuthPresent](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-multifactorauthpresent)

use serde_json::json;

use crate::Truth;
use crate::kms::Action;
use crate::lint::open::call_of;
use crate::lint::rule::{Check, Rule};
use crate::lint::subject::label;
use crate::lint::{Finding, Fix, Found, Given, Holder, Seat, Severity};
use crate::policy::{Condition, Effect, Statement, StatementPrincipal};
use crate::request::{Context, ContextKey, Entry, PrincipalName};

pub(super) const RULE: Rule = Rule {
    code: "KMS513",
    name: "mfa-may-be-absent",
    severity: Severity::SecurityWarning,
    issue_code: None,
    file: include_str!("mfa_may_be_absent.rs"),
    check: Check::Policy(check),
};

fn check(seat: &Seat<'_>, found: &mut Found) {
    let factor = ContextKey::new("aws:MultiFactorAuthPresent");
    let of_factor = |it: &&Condition| *it.key() == factor;
    // A test of whether the key is there shows that somebody thought of it.
    let is_null = |it: &Condition| *it.key() == factor && it.operator() == "Null";
    if seat.policy.statements().iter().any(|it| it.conditions().iter().any(is_null)) {
        return;
    }
    for statement in seat.policy.statements() {
        if !Action::all().iter().any(|action| statement.covers_action(action)) {
            continue;
        }
        for condition in statement.conditions().iter().filter(of_factor) {
            let Some((message, operator)) = trap(statement, condition) else { continue };
            if !has_long_term_keys(seat, statement) || is_denied_besides(seat, statement, &factor) {
                continue;
            }
            let steps = ["Condition", condition.operator(), condition.key().as_str()];
            let finding = Finding::new(found.rule(), seat.place(statement, &steps), message)
                .with_help(format!("write `{operator}`"))
                .with_fix(fix(statement, condition, operator));
            found.push(finding);
        }
    }
}

/// Whether somebody whom the statement concerns may call with long-term keys: users, and nobody
/// who has a session.
fn has_long_term_keys(seat: &Seat<'_>, statement: &Statement) -> bool {
    let is_of_role = matches!(seat.holder, Holder::Principal(PrincipalName::Role(..)));
    if is_of_role && seat.subject.given() == Given::Environment {
        return false;
    }
    let may = |it: &StatementPrincipal| match it {
        StatementPrincipal::UserOrRole(arn) => arn.contains(":user/"),
        StatementPrincipal::UniqueId(id) => id.starts_with("AIDA"),
        StatementPrincipal::Everyone | StatementPrincipal::Account(_) => true,
        StatementPrincipal::Service(_)
        | StatementPrincipal::Session(_)
        | StatementPrincipal::Federated(_) => false,
    };
    let listed = statement.listed_principals();
    listed.is_empty() || statement.has_not_principal() || listed.iter().any(may)
}

/// Whether other statements deny every call that a `Deny` lets through for want of the factor.
fn is_denied_besides(seat: &Seat<'_>, statement: &Statement, factor: &ContextKey) -> bool {
    let denies = |action: &'static Action, it: &Statement| {
        let mut call = call_of(action);
        call.set(factor.clone(), Entry::Absent);
        let mut further = it
            .conditions()
            .iter()
            .filter(|it| !statement.conditions().iter().any(|own| own.is_same(it)));
        it.effect() == Effect::Deny
            && it.index() != statement.index()
            && it.covers_action(action)
            && it.is_about_all_of(statement)
            && further.all(|it| it.test(&call) == Truth::True)
    };
    let mut covered = Action::all().iter().filter(|action| statement.covers_action(action));
    statement.effect() == Effect::Deny
        && covered.all(|action| seat.policy.statements().iter().any(|it| denies(action, it)))
}

/// What is wrong, and the operator that is meant.
fn trap(statement: &Statement, condition: &Condition) -> Option<(String, &'static str)> {
    let holds = |entry: Entry| {
        let mut context = Context::default();
        context.set(condition.key().clone(), entry);
        condition.test(&context) == Truth::True
    };
    let (without, with) = (holds(Entry::value("false")), holds(Entry::value("true")));
    let absent = holds(Entry::Absent);
    let who = "calls with long-term keys, which carry no aws:MultiFactorAuthPresent";
    let label = label(statement);
    match (statement.effect(), without, with, absent) {
        (Effect::Deny, true, false, false) => {
            Some((format!("{label} does not deny {who}"), "BoolIfExists"))
        }
        (Effect::Allow, false, true, true) => Some((format!("{label} also allows {who}"), "Bool")),
        _ => None,
    }
}

/// Where the operator has no other key, its name alone is changed.
fn fix(statement: &Statement, condition: &Condition, operator: &str) -> Option<Fix> {
    let same = |it: &&Condition| it.operator() == condition.operator() || it.operator() == operator;
    let is_alone = statement.conditions().iter().filter(same).count() == 1;
    let at = format!("{}/Condition", statement.pointer());
    let patch = vec![json!({
        "op": "move",
        "from": format!("{at}/{}", condition.operator()),
        "path": format!("{at}/{operator}"),
    })];
    is_alone.then(|| Fix::changing(format!("write `{operator}`"), patch))
}
