//! A condition on a second factor passes calls that say nothing of one.
//!
//! Calls with the long-term keys of a user carry no `aws:MultiFactorAuthPresent`, not even `false`. A
//! `Deny` with `"Bool": {"aws:MultiFactorAuthPresent": "false"}` does not apply to them, and an `Allow`
//! with `BoolIfExists` and `true` does: both let them through without a second factor.
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
use crate::lint::rule::{Check, Rule};
use crate::lint::subject::label;
use crate::lint::{Finding, Fix, Found, Seat, Severity};
use crate::policy::{Condition, Effect, Statement};
use crate::request::{Context, ContextKey, Entry};

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
            let steps = ["Condition", condition.operator(), condition.key().as_str()];
            let finding = Finding::new(found.rule(), seat.place(statement, &steps), message)
                .with_help(format!("write `{operator}`"))
                .with_fix(fix(statement, condition, operator));
            found.push(finding);
        }
    }
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
