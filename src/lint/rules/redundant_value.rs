//! A value of a condition is listed that another of the same list covers.
//!
//! Whoever takes the smaller value away, to narrow the condition, will find that nothing changes. Of
//! several numbers or dates that are compared by order only one counts.
//!
//! # Example
//!
//! ```json
//! {"Condition": {"StringLike": {"kms:ViaService": ["s3.*.amazonaws.com", "s3.us-east-1.amazonaws.com"]}}}
//! ```
//!
//! # Instead
//!
//! Keep the wider value, or the narrower one if that was meant. A fix is offered where it was tried: no
//! decision changes.
//!
//! Source: [Policy checks](https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html)

use serde_json::json;

use crate::lint::rule::{Check, Rule};
use crate::lint::{Finding, Fix, Found, Seat, Severity};
use crate::policy::{Condition, Statement};
use crate::text::Quoted;
use crate::wildcard::{Case, Token, matches};

pub(super) const RULE: Rule = Rule {
    code: "KMS613",
    name: "redundant-value",
    severity: Severity::Suggestion,
    issue_code: Some("REDUNDANT_CONDITION_VALUE_NUM"),
    file: include_str!("redundant_value.rs"),
    check: Check::Policy(check),
};

/// So many values are held against each other.
const MOST: usize = 500;

fn check(seat: &Seat<'_>, found: &mut Found) {
    for statement in seat.policy.statements() {
        for condition in statement.conditions() {
            of_condition(seat, statement, condition, found);
        }
    }
}

/// One finding is enough: with each fix the next is told.
fn of_condition(seat: &Seat<'_>, statement: &Statement, condition: &Condition, found: &mut Found) {
    let values: Vec<&str> = condition.values().take(MOST).collect();
    let steps = ["Condition", condition.operator(), condition.key().as_str()];
    let is_ordered = ["LessThan", "GreaterThan"].iter().any(|it| condition.operator().contains(it));
    if is_ordered && values.len() > 1 {
        let message = format!("of several values of {} only one counts", condition.key());
        found.with_help(seat.place(statement, &steps), message, "keep the one that is meant");
        return;
    }
    let Some((number, wider)) = covered(condition.operator(), &values) else { return };
    let Some(text) = values.get(number) else { return };
    let [_, operator, key] = steps.map(|it| it.replace('~', "~0").replace('/', "~1"));
    let path = format!("{}/Condition/{operator}/{key}/{number}", statement.pointer());
    let fix = Fix::neutral("remove it", vec![json!({"op": "remove", "path": path})]);
    let number = number.to_string();
    let place = seat.place(statement, &[steps.as_slice(), &[&number]].concat());
    let message = format!("{} covers {} already", Quoted(wider), Quoted(text));
    let finding =
        Finding::new(found.rule(), place, message).with_help("remove it").with_fix(Some(fix));
    found.push(finding);
}

/// The number of a value that another of the list covers, and that one.
fn covered<'v>(operator: &str, values: &[&'v str]) -> Option<(usize, &'v str)> {
    values.iter().enumerate().find_map(|(number, text)| {
        let is_wider = |(other, wider): &(usize, &&str)| {
            *other != number
                && covers(operator, wider, text)
                && (*other < number || !covers(operator, text, wider))
        };
        values.iter().enumerate().find(is_wider).map(|(_, wider)| (number, *wider))
    })
}

/// Whether every text that one value matches another does too. Patterns of ARNs match part by
/// part, which a wildcard at the end of one does not tell.
fn covers(operator: &str, wider: &str, text: &str) -> bool {
    let is_pattern = operator.contains("StringLike") || operator.contains("StringNotLike");
    let is_told = !wider.contains("${") && (!wider.contains('?') || !text.contains(['*', '?']));
    wider == text
        || (is_pattern && is_told && matches(wider.chars().map(Token::of), text, Case::Sensitive))
}
