//! A resource is listed beside `*`, which covers it.
//!
//! Whoever reads the list takes the statement to be limited to the keys that it names.
//!
//! # Example
//!
//! ```json
//! {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": ["arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab", "*"]}
//! ```
//!
//! # Instead
//!
//! Remove `*` if the keys that are named are meant; else the others. The fix that is offered removes
//! the others one by one, with which no decision changes.
//!
//! Source: [Policy checks](https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html)

use serde_json::json;

use crate::kms::Action;
use crate::lint::rule::{Check, Rule};
use crate::lint::{Finding, Fix, Found, Seat, Severity};
use crate::policy::Element;
use crate::text::Quoted;

pub(super) const RULE: Rule = Rule {
    code: "KMS612",
    name: "redundant-resource",
    severity: Severity::Suggestion,
    issue_code: Some("REDUNDANT_RESOURCE"),
    file: include_str!("redundant_resource.rs"),
    check: Check::Policy(check),
};

fn check(seat: &Seat<'_>, found: &mut Found) {
    for statement in seat.policy.statements() {
        let (element, resources) = statement.written(Element::Resource);
        let is_of_kms = Action::all().iter().any(|action| statement.covers_action(action));
        if element != "Resource" || !is_of_kms || !resources.iter().any(|it| it == "*") {
            continue;
        }
        // One finding is enough: with each fix the next is told.
        let other = resources.iter().enumerate().find(|(_, it)| *it != "*");
        let Some((number, text)) = other else { continue };
        let path = format!("{}/Resource/{number}", statement.pointer());
        let fix = Fix::neutral("remove it", vec![json!({"op": "remove", "path": path})]);
        let place = seat.place(statement, &["Resource", &number.to_string()]);
        let finding =
            Finding::new(found.rule(), place, format!("`*` covers {} already", Quoted(text)))
                .with_help("remove `*`, or all others")
                .with_fix(Some(fix));
        found.push(finding);
    }
}
