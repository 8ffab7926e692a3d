//! An action is listed that another entry of the same list covers.
//!
//! Whoever takes the smaller entry away, to take the permission away, will find that nothing changes.
//!
//! # Example
//!
//! ```json
//! {"Action": ["kms:GenerateDataKey*", "kms:GenerateDataKey"]}
//! ```
//!
//! # Instead
//!
//! Keep the wider entry, or the narrower one if that was meant. The fix that is offered was tried: no
//! decision changes.
//!
//! Source: [Policy checks](https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html)

use serde_json::json;

use crate::kms::Action;
use crate::lint::rule::{Check, Rule};
use crate::lint::{Finding, Fix, Found, Seat, Severity};
use crate::text::Quoted;

pub(super) const RULE: Rule = Rule {
    code: "KMS610",
    name: "redundant-action",
    severity: Severity::Suggestion,
    issue_code: Some("REDUNDANT_ACTION"),
    file: include_str!("redundant_action.rs"),
    check: Check::Policy(check),
};

fn check(seat: &Seat<'_>, found: &mut Found) {
    for statement in seat.policy.statements() {
        let actions = Seat::actions(statement);
        for (index, (number, pattern)) in actions.iter().enumerate() {
            let covering = actions.iter().enumerate().find(|(other, (_, wider))| {
                *other != index
                    && covers(wider, pattern)
                    && (*other < index || !covers(pattern, wider))
            });
            let Some((_, (_, wider))) = covering else { continue };
            let path = format!("{}/Action/{number}", statement.pointer());
            let fix = Fix::neutral("remove it", vec![json!({"op": "remove", "path": path})]);
            let message = format!("{} covers {} already", Quoted(wider), Quoted(pattern));
            let place = seat.place(statement, &["Action", number]);
            let finding = Finding::new(found.rule(), place, message)
                .with_help("remove it")
                .with_fix(Some(fix));
            found.push(finding);
        }
    }
}

/// Whether a pattern covers whatever another of KMS does, now and when KMS has more actions.
fn covers(wider: &str, pattern: &str) -> bool {
    let is_of_kms = |it: &str| it.get(..4).is_some_and(|it| it.eq_ignore_ascii_case("kms:"));
    if !is_of_kms(pattern) || !(is_of_kms(wider) || wider == "*") {
        return false;
    }
    let is_whole = wider == "*" || wider.eq_ignore_ascii_case("kms:*");
    let is_one = !pattern.contains(['*', '?']);
    let own = Action::matching(pattern);
    let others = Action::matching(wider);
    // What matches nothing is the finding of another rule.
    if own.is_empty() {
        return false;
    }
    wider.eq_ignore_ascii_case(pattern)
        || is_whole
        || (is_one && own.iter().all(|it| others.contains(it)))
}
