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
//! the others, with which no decision changes.
//!
//! Source: [Policy checks](https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html)

use crate::kms::Action;
use crate::lint::finding::removal;
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
        let others = resources.iter().enumerate().filter(|(_, it)| *it != "*");
        let others: Vec<(String, &String)> =
            others.map(|(number, it)| (number.to_string(), it)).collect();
        let numbers: Vec<&str> = others.iter().map(|(number, _)| number.as_str()).collect();
        let Some((number, text)) = others.first() else { continue };
        let patch = removal(statement, "Resource", &numbers);
        let fix = Fix::neutral("remove all but `*`", patch);
        let place = seat.place(statement, &["Resource", number]);
        let message = match others.len() - 1 {
            0 => format!("`*` covers {} already", Quoted(text)),
            more => format!("`*` covers {} and {more} more already", Quoted(text)),
        };
        let finding = Finding::new(found.rule(), place, message)
            .with_help("remove `*`, or all others")
            .with_fix(Some(fix));
        found.push(finding);
    }
}
