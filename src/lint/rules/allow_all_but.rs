//! An `Allow` gives everything but what it lists.
//!
//! `NotAction` and `NotResource` in an `Allow` also give whatever AWS adds later, and whatever nobody
//! thought of: in a key policy with `NotAction` that is all of the rest of KMS. In IAM policies, where
//! it is common, the finding is a suggestion.
//!
//! # Example
//!
//! ```json
//! {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:role/KeyAdmin"}, "NotAction": "kms:Decrypt", "Resource": "*"}
//! ```
//!
//! # Instead
//!
//! List what is allowed; or allow more, and take the exceptions away with a `Deny`.
//!
//! Source: [NotAction](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notaction.html),
//! [NotResource](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notresource.html)

use crate::kms::Action;
use crate::lint::rule::{Check, Rule};
use crate::lint::subject::{label, listed};
use crate::lint::{Finding, Found, Seat, Severity};
use crate::policy::{Effect, Element, Kind, Statement};

pub(super) const RULE: Rule = Rule {
    code: "KMS306",
    name: "allow-all-but",
    severity: Severity::Warning,
    issue_code: None,
    file: include_str!("allow_all_but.rs"),
    check: Check::Policy(check),
};

fn check(seat: &Seat<'_>, found: &mut Found) {
    // A ceiling gives nothing.
    let severity = match seat.policy.kind() {
        Kind::Key => Severity::Warning,
        Kind::Identity => Severity::Suggestion,
        Kind::PermissionsBoundary
        | Kind::ResourceControl
        | Kind::ServiceControl
        | Kind::Session
        | Kind::VpcEndpoint => return,
    };
    for statement in seat.policy.statements().iter().filter(|it| it.effect() == Effect::Allow) {
        let Some(element) = negated(statement) else { continue };
        let covered = Action::all().iter().filter(|action| statement.covers_action(action));
        let names: Vec<&str> = covered.map(|action| action.name).collect();
        if names.is_empty() {
            continue;
        }
        let message = format!(
            "{} allows everything but its `{element}`: {}",
            label(statement),
            listed(&names)
        );
        let finding = Finding::new(found.rule(), seat.place(statement, &[element]), message)
            .with_severity(severity)
            .with_help("list what is allowed, or take the exceptions away with a Deny");
        found.push(finding);
    }
}

fn negated(statement: &Statement) -> Option<&'static str> {
    let has = |element, name| statement.written(element).0 == name;
    match () {
        () if has(Element::Action, "NotAction") => Some("NotAction"),
        () if has(Element::Resource, "NotResource") => Some("NotResource"),
        () => None,
    }
}
