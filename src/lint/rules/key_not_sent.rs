//! Requests for an action never carry the condition key that the statement tests.
//!
//! An `Allow` then never allows the action. The best known case is `kms:DescribeKey` in a statement
//! with a condition on the encryption context: that call has none. A `Deny` with a negated operator
//! (`StringNotEquals`, …) denies every call of the action, since a key that is absent is not equal to
//! anything.
//!
//! Only an action that is named, or a pattern of which this is true throughout, is a finding of an
//! `Allow`; a pattern for a service is none, since AWS's own examples have `kms:Describe*` there.
//!
//! # Example
//!
//! ```json
//! {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:role/WebAppInstanceRole"}, "Action": ["kms:Decrypt", "kms:DescribeKey"], "Resource": "*", "Condition": {"StringEquals": {"kms:EncryptionContext:app": "web"}}}
//! ```
//!
//! # Instead
//!
//! Give the action a statement of its own, without the condition. The fix that is offered does this
//! for `kms:DescribeKey`. In a `Deny`, list the actions that carry the key, or use the form of the
//! operator that ends in `IfExists` with an operator that is not negated.
//!
//! Source: [Service permissions in key policies](https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-services.html),
//! [KMS condition keys](https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html)

use serde_json::json;

use crate::Truth;
use crate::kms::Action;
use crate::lint::open::call_of;
use crate::lint::rule::{Check, Rule};
use crate::lint::subject::{label, listed};
use crate::lint::{Finding, Fix, Found, Seat, Severity};
use crate::policy::{Condition, Effect, Kind, Statement, StatementPrincipal};

pub(super) const RULE: Rule = Rule {
    code: "KMS511",
    name: "key-not-sent",
    severity: Severity::Warning,
    issue_code: Some("UNSUPPORTED_ACTION_FOR_CONDITION_KEY"),
    file: include_str!("key_not_sent.rs"),
    check: Check::Policy(check),
};

fn check(seat: &Seat<'_>, found: &mut Found) {
    for statement in seat.policy.statements() {
        for (number, pattern) in Seat::actions(statement) {
            let finding = match statement.effect() {
                Effect::Allow if is_documented(statement, &pattern) => None,
                Effect::Allow => never_allowed(statement, seat.policy.kind(), &pattern),
                Effect::Deny => always_denied(statement, seat.policy.kind(), &pattern),
            };
            let Some((message, help)) = finding else { continue };
            let place = seat.place(statement, &["Action", &number]);
            let fix = own_statement(seat, statement, &number, &pattern);
            found.push(Finding::new(found.rule(), place, message).with_help(help).with_fix(fix));
        }
    }
}

/// Whether it is `kms:Describe*` for a service, as AWS's own examples have it.
///
/// Source: [Encrypt log data](https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html)
fn is_documented(statement: &Statement, pattern: &str) -> bool {
    let listed = statement.listed_principals();
    let is_service = |it: &StatementPrincipal| matches!(it, StatementPrincipal::Service(_));
    pattern.contains('*') && !listed.is_empty() && listed.iter().all(is_service)
}

/// The actions of a pattern that a policy of the kind can be about.
fn covered(kind: Kind, pattern: &str) -> Vec<&'static Action> {
    let is_of_kms = pattern.get(..4).is_some_and(|it| it.eq_ignore_ascii_case("kms:"));
    let actions = if is_of_kms { Action::matching(pattern) } else { Vec::new() };
    actions.into_iter().filter(|it| kind != Kind::Key || it.needs_key()).collect()
}

fn is_unsent(condition: &Condition, action: &Action) -> bool {
    condition.key().documented().is_some_and(|key| !key.is_sent_with(action))
}

fn never_allowed(statement: &Statement, kind: Kind, pattern: &str) -> Option<(String, String)> {
    let unmet = |action: &&'static Action| {
        let call = call_of(action);
        let fails = |it: &&Condition| is_unsent(it, action) && it.test(&call) == Truth::False;
        statement.conditions().iter().find(fails)
    };
    let actions = covered(kind, pattern);
    let conditions: Option<Vec<&Condition>> = actions.iter().map(unmet).collect();
    let condition = *conditions?.first()?;
    let names: Vec<&str> = actions.iter().map(|action| action.name).collect();
    Some((
        format!(
            "{} never allows {}, whose requests do not carry {}",
            label(statement),
            listed(&names),
            condition.key()
        ),
        format!("allow it in a statement without the condition on {}", condition.key()),
    ))
}

fn always_denied(statement: &Statement, kind: Kind, pattern: &str) -> Option<(String, String)> {
    let met = |action: &&'static Action| {
        let call = call_of(action);
        let mut conditions = statement.conditions().iter();
        // `Null` and `IfExists` say that the key may be absent.
        let is_meant = |it: &&Condition| {
            is_unsent(it, action)
                && it.operator().contains("Not")
                && !it.operator().ends_with("IfExists")
        };
        let condition = conditions.clone().find(is_meant)?;
        let holds = Truth::all(conditions.by_ref().map(|it| it.test(&call)));
        (holds == Truth::True).then_some((*action, condition))
    };
    let denied: Vec<_> = covered(kind, pattern).iter().filter_map(met).collect();
    let (_, condition) = denied.first()?;
    let names: Vec<&str> = denied.iter().map(|(action, _)| action.name).collect();
    Some((
        format!(
            "{} denies every call of {}, which never carries {}",
            label(statement),
            listed(&names),
            condition.key()
        ),
        format!("list the actions that carry {}", condition.key()),
    ))
}

/// A statement of its own for `kms:DescribeKey`, without the conditions that it cannot meet.
fn own_statement(
    seat: &Seat<'_>,
    statement: &Statement,
    number: &str,
    pattern: &str,
) -> Option<Fix> {
    let actions = covered(seat.policy.kind(), pattern);
    let [action] = actions.as_slice() else { return None };
    let is_it = action.name == "kms:DescribeKey" && statement.effect() == Effect::Allow;
    let mut own = seat.policy.to_json().ok()?.pointer(statement.pointer()).cloned()?;
    let members = own.as_object_mut()?;
    members.remove("Sid");
    let operators = members.get_mut("Condition")?.as_object_mut()?;
    for condition in statement.conditions().iter().filter(|it| is_unsent(it, action)) {
        let keys = operators.get_mut(condition.operator())?.as_object_mut()?;
        keys.remove(condition.key().as_str())?;
    }
    operators.retain(|_, keys| keys.as_object().is_some_and(|keys| !keys.is_empty()));
    if operators.is_empty() {
        members.remove("Condition");
    }
    let listed = members.insert("Action".to_owned(), action.name.into())?;
    let is_one_of_many = listed.as_array().is_some_and(|it| it.len() > 1);
    let patch = vec![
        json!({"op": "remove", "path": format!("{}/Action/{number}", statement.pointer())}),
        json!({"op": "add", "path": "/Statement/-", "value": own}),
    ];
    (is_it && is_one_of_many)
        .then(|| Fix::changing(format!("give {} a statement of its own", action.name), patch))
}
