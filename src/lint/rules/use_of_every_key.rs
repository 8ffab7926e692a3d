//! An IAM policy allows to decrypt with every key.
//!
//! Whatever key policy leaves the permission to IAM, in this account and in others that name it, the
//! principal may decrypt with that key. AWS recommends to name the keys. A statement with a condition,
//! one that allows every action of every service, and what the same policy denies is no finding.
//!
//! # Example
//!
//! ```json
//! {"Effect": "Allow", "Action": ["kms:Decrypt", "kms:GenerateDataKey"], "Resource": "*"}
//! ```
//!
//! # Instead
//!
//! Name the keys by their ARNs, or limit the statement with `kms:ResourceAliases`, `aws:ResourceTag` or
//! `kms:ViaService`.
//!
//! Source: [Best practices for IAM policies](https://docs.aws.amazon.com/kms/latest/developerguide/iam-policies-best-practices.html),
//! [Security Hub control KMS.1](https://docs.aws.amazon.com/securityhub/latest/userguide/kms-controls.html)

use crate::kms::Action;
use crate::lint::rule::{Check, Rule};
use crate::lint::subject::label;
use crate::lint::{Found, Seat, Severity};
use crate::policy::{Effect, Element, Kind, Statement};
use crate::text::Quoted;

pub(super) const RULE: Rule = Rule {
    code: "KMS310",
    name: "use-of-every-key",
    severity: Severity::Suggestion,
    issue_code: None,
    file: include_str!("use_of_every_key.rs"),
    check: Check::Policy(check),
};

fn check(seat: &Seat<'_>, found: &mut Found) {
    if seat.policy.kind() != Kind::Identity {
        return;
    }
    let is_open = |it: &&Statement| it.effect() == Effect::Allow && it.conditions().is_empty();
    for statement in seat.policy.statements().iter().filter(is_open) {
        let (element, resources) = statement.written(Element::Resource);
        let every = ["*", "arn:aws:kms:*:*:*", "arn:aws:kms:*:*:key/*", "arn:*:kms:*:*:key/*"];
        if element != "Resource" || !resources.iter().any(|it| every.contains(&it.as_str())) {
            continue;
        }
        let decrypts = |pattern: &str| {
            let is_of_kms = pattern.get(..4).is_some_and(|it| it.eq_ignore_ascii_case("kms:"));
            let is_it = |it: &&Action| {
                ["kms:Decrypt", "kms:ReEncryptFrom"].contains(&it.name) && !is_denied(seat, it)
            };
            is_of_kms && Action::matching(pattern).iter().any(is_it)
        };
        let actions = Seat::actions(statement);
        let Some((number, pattern)) = actions.iter().find(|(_, it)| decrypts(it)) else { continue };
        found.with_help(
            seat.place(statement, &["Action", number]),
            format!("{} allows {} with every key", label(statement), Quoted(pattern)),
            "name the keys, or add a condition such as kms:ViaService or kms:ResourceAliases",
        );
    }
}

/// Whether the same policy denies the action with every key.
fn is_denied(seat: &Seat<'_>, action: &Action) -> bool {
    seat.policy.statements().iter().any(|it| {
        let (element, resources) = it.written(Element::Resource);
        it.effect() == Effect::Deny
            && it.conditions().is_empty()
            && it.covers_action(action)
            && element == "Resource"
            && resources.iter().any(|it| it == "*")
    })
}
