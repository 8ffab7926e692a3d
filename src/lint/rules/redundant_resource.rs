//! A resource is listed that another of the same list covers.
//!
//! Whoever reads the list takes the statement to be limited to the keys that it names, as beside `*`; and
//! whoever removes one of them, to take the permission away, will find that nothing changes.
//!
//! # Example
//!
//! ```json
//! {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": ["arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab", "*"]}
//! ```
//!
//! # Instead
//!
//! Remove the wider one if the keys that are named are meant; else the others. The fix that is offered
//! removes the others, with which no decision changes.
//!
//! Source: [Policy checks](https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html)

use crate::arn;
use crate::kms::Action;
use crate::lint::finding::removal;
use crate::lint::rule::{Check, Rule};
use crate::lint::{Finding, Fix, Found, Seat, Severity};
use crate::policy::Element;
use crate::text::Quoted;
use crate::wildcard::{Case, Token, matches};

pub(super) const RULE: Rule = Rule {
    code: "KMS612",
    name: "redundant-resource",
    severity: Severity::Suggestion,
    issue_code: Some("REDUNDANT_RESOURCE"),
    file: include_str!("redundant_resource.rs"),
    check: Check::Policy(check),
};

/// So many resources are held against each other.
const MOST: usize = 500;

fn check(seat: &Seat<'_>, found: &mut Found) {
    for statement in seat.policy.statements() {
        let (element, resources) = statement.written(Element::Resource);
        let is_of_kms = Action::all().iter().any(|action| statement.covers_action(action));
        if element != "Resource" || !is_of_kms {
            continue;
        }
        let covered = covered(resources.get(..MOST).unwrap_or(&resources));
        let Some((first, text, wider)) = covered.first() else { continue };
        let numbers: Vec<&str> = covered.iter().map(|(number, ..)| number.as_str()).collect();
        let title = if numbers.len() == 1 { "remove it" } else { "remove them" };
        let fix = Fix::neutral(title, removal(statement, "Resource", &numbers));
        let place = seat.place(statement, &["Resource", first]);
        let more = match covered.len() - 1 {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let by_others = if covered.iter().all(|(.., it)| it == wider) { "" } else { " or others" };
        let message = format!("{}{by_others} covers {}{more} already", Quoted(wider), Quoted(text));
        let finding = Finding::new(found.rule(), place, message)
            .with_help("remove what is covered, or the wider one if that was not meant")
            .with_fix(Some(fix));
        found.push(finding);
    }
}

/// The resources that another of the list covers: the number, the text, and that other.
fn covered(resources: &[String]) -> Vec<(String, &String, &String)> {
    let covered = resources.iter().enumerate().filter_map(|(number, text)| {
        let is_wider = |(other, wider): &(usize, &String)| {
            *other != number && covers(wider, text) && (*other < number || !covers(text, wider))
        };
        let (_, wider) = resources.iter().enumerate().find(is_wider)?;
        Some((number.to_string(), text, wider))
    });
    covered.collect()
}

/// Whether a pattern covers whatever another does, part by part.
fn covers(wider: &str, text: &str) -> bool {
    let part = |(wider, text): (&str, &str)| {
        let is_told = !wider.contains('?') || !text.contains(['*', '?']);
        wider == text || (is_told && matches(wider.chars().map(Token::of), text, Case::Sensitive))
    };
    let is_variable = wider.contains("${");
    match (arn::split(wider), arn::split(text)) {
        _ if wider == text || wider == "*" => true,
        (Some(wider), Some(text)) => !is_variable && wider.into_iter().zip(text).all(part),
        (Some(_) | None, Some(_) | None) => false,
    }
}
