//! None of a statement's resources is one that the action can be on.
//!
//! Operations such as `kms:ListKeys`, `kms:ListAliases` or `kms:CreateKey` are authorized for `*` alone.
//! In a statement whose resources are ARNs they are never allowed, nor denied. And an operation on keys
//! is on none of the resources of another service.
//!
//! # Example
//!
//! ```json
//! {"Effect": "Allow", "Action": ["kms:Decrypt", "kms:ListKeys"], "Resource": "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"}
//! ```
//!
//! # Instead
//!
//! Write a statement of its own, with `"Resource": "*"`, or with the ARN of the key.
//!
//! Source: [KMS keys in IAM policies](https://docs.aws.amazon.com/kms/latest/developerguide/cmks-in-iam-policies.html),
//! [Actions of KMS](https://docs.aws.amazon.com/service-authorization/latest/reference/list_awskeymanagementservice.html)

use crate::arn;
use crate::kms::Action;
use crate::lint::rule::{Check, Rule};
use crate::lint::subject::label;
use crate::lint::{Found, Seat, Severity};
use crate::policy::{Effect, Element, Kind};
use crate::text::Quoted;

pub(super) const RULE: Rule = Rule {
    code: "KMS416",
    name: "resource-never-covers",
    severity: Severity::Warning,
    issue_code: None,
    file: include_str!("resource_never_covers.rs"),
    check: Check::Policy(check),
};

fn check(seat: &Seat<'_>, found: &mut Found) {
    if seat.policy.kind() == Kind::Key {
        return;
    }
    for statement in seat.policy.statements() {
        let (element, resources) = statement.written(Element::Resource);
        let is_limited = element == "Resource" && resources.iter().all(|it| it.starts_with("arn:"));
        if !is_limited {
            continue;
        }
        let has_key = !resources.iter().all(|it| is_of_another_service(it));
        for (number, pattern) in Seat::actions(statement) {
            let Some((why, help)) = reason(&pattern, has_key) else { continue };
            let verb = match statement.effect() {
                Effect::Allow => "allows",
                Effect::Deny => "denies",
            };
            found.with_help(
                seat.place(statement, &["Action", &number]),
                format!("{} never {verb} {}, {why}", label(statement), Quoted(&pattern)),
                help,
            );
        }
    }
}

/// Why nothing that a pattern of KMS covers is on ARNs, of which some are of keys or none.
fn reason(pattern: &str, has_key: bool) -> Option<(&'static str, &'static str)> {
    let is_of_kms = pattern.get(..4).is_some_and(|it| it.eq_ignore_ascii_case("kms:"));
    let covered = if is_of_kms { Action::matching(pattern) } else { Vec::new() };
    match (covered.is_empty(), covered.iter().any(|it| it.needs_key())) {
        (true, _) => None,
        (false, false) => Some((
            "which is authorized for `*` alone",
            "give it a statement of its own, with Resource `*`",
        )),
        (false, true) => (!has_key).then_some((
            "since none of its resources is of KMS",
            "give it a statement of its own, with the ARN of the key",
        )),
    }
}

/// Whether an ARN is of a service that is another than KMS, whatever its wildcards stand for.
fn is_of_another_service(text: &str) -> bool {
    arn::split(text).is_some_and(|[_, _, service, ..]| {
        service != "kms" && !service.is_empty() && !service.contains(['*', '?', '$'])
    })
}
