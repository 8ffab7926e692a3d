//! An operation without a key is allowed on a key.
//!
//! Operations such as `kms:ListKeys`, `kms:ListAliases` or `kms:CreateKey` are authorized for `*` alone.
//! In a statement whose resources are ARNs they are never allowed.
//!
//! # Example
//!
//! ```json
//! {"Effect": "Allow", "Action": ["kms:Decrypt", "kms:ListKeys"], "Resource": "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"}
//! ```
//!
//! # Instead
//!
//! Allow it in a statement of its own, with `"Resource": "*"`.
//!
//! Source: [KMS keys in IAM policies](https://docs.aws.amazon.com/kms/latest/developerguide/cmks-in-iam-policies.html),
//! [Actions of KMS](https://docs.aws.amazon.com/service-authorization/latest/reference/list_awskeymanagementservice.html)

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
    for statement in seat.policy.statements().iter().filter(|it| it.effect() == Effect::Allow) {
        let (element, resources) = statement.written(Element::Resource);
        let is_limited = element == "Resource" && resources.iter().all(|it| it.starts_with("arn:"));
        if !is_limited {
            continue;
        }
        for (number, pattern) in Seat::actions(statement) {
            let is_of_kms = pattern.get(..4).is_some_and(|it| it.eq_ignore_ascii_case("kms:"));
            let covered = Action::matching(&pattern);
            let is_without_key = !covered.is_empty() && !covered.iter().any(|it| it.needs_key());
            if is_of_kms && is_without_key {
                found.with_help(
                    seat.place(statement, &["Action", &number]),
                    format!(
                        "{} never allows {}, which is authorized for `*` alone",
                        label(statement),
                        Quoted(&pattern)
                    ),
                    "allow it in a statement of its own, with Resource `*`",
                );
            }
        }
    }
}
