//! Two conditions of a statement cannot both hold.
//!
//! All conditions of a statement must hold. A key of one value that must equal one text and another,
//! or that must equal one and be absent, never does: the statement never applies.
//!
//! # Example
//!
//! ```json
//! {"Condition": {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}, "StringLike": {"kms:ViaService": "ec2.*.amazonaws.com"}}}
//! ```
//!
//! # Instead
//!
//! List the values in one condition, of which one must match; or write a statement for each.
//!
//! Source: [Conditions with several keys or values](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html)

use crate::Truth;
use crate::lint::rule::{Check, Rule};
use crate::lint::subject::label;
use crate::lint::{Found, Seat, Severity};
use crate::policy::{Condition, Statement};
use crate::request::{Context, Entry};

pub(super) const RULE: Rule = Rule {
    code: "KMS421",
    name: "contradicting-conditions",
    severity: Severity::Warning,
    issue_code: None,
    file: include_str!("contradicting_conditions.rs"),
    check: Check::Policy(check),
};

fn check(seat: &Seat<'_>, found: &mut Found) {
    for statement in seat.policy.statements() {
        let Some((one, other)) = pair_of(statement) else { continue };
        found.with_help(
            seat.place(statement, &["Condition", other.operator(), other.key().as_str()]),
            format!(
                "{} never applies: {} cannot meet both `{}` and `{}`",
                label(statement),
                one.key(),
                one.operator(),
                other.operator()
            ),
            "list the values in one condition, or write a statement for each",
        );
    }
}

/// Two conditions on one key that no value of it meets.
pub(super) fn pair_of(statement: &Statement) -> Option<(&Condition, &Condition)> {
    let conditions = statement.conditions();
    conditions.iter().find_map(|one| {
        let values = required(one)?;
        let contradicts = |other: &&Condition| {
            !std::ptr::eq(one, *other)
                && other.key() == one.key()
                && other.variables().next().is_none()
                && values.iter().all(|value| fails(other, value))
        };
        conditions.iter().find(contradicts).map(|other| (one, other))
    })
}

fn fails(condition: &Condition, value: &str) -> bool {
    let mut context = Context::default();
    context.set(condition.key().clone(), Entry::value(value));
    condition.test(&context) == Truth::False
}

/// The values of which the key must have one; none where that cannot be said.
fn required(condition: &Condition) -> Option<Vec<&str>> {
    let is_single = condition.key().documented().is_some_and(|it| !it.multivalued);
    let equals = ["StringEquals", "StringLike", "ArnEquals", "ArnLike", "Bool", "NumericEquals"];
    let values: Vec<&str> = condition.values().collect();
    let is_fixed = !values.iter().any(|it| it.contains(['*', '?']) || it.contains("${"));
    // A value that is of another type is the finding of another rule.
    let is_sound = values.iter().any(|it| !fails(condition, it));
    let is_told = is_single && is_fixed && is_sound && equals.contains(&condition.operator());
    is_told.then_some(values)
}
