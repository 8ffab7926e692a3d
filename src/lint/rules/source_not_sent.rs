//! A statement for Amazon `EventBridge` tests the source of its calls, which are sent without it.
//!
//! For encrypted SNS topics and SQS queues the calls of `events.amazonaws.com` carry neither
//! `aws:SourceAccount` nor `aws:SourceArn`: a condition on them denies all of these calls, and events
//! are lost without an error that anybody sees.
//!
//! # Example
//!
//! ```json
//! {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": ["kms:Decrypt", "kms:GenerateDataKey"], "Resource": "*", "Condition": {"StringEquals": {"aws:SourceAccount": "123456789012"}}}
//! ```
//!
//! # Instead
//!
//! Leave the condition out, and limit the policy of the topic or queue; for an event bus alone test
//! `kms:EncryptionContext:aws:events:event-bus:arn`.
//!
//! Source: [Key management of SNS](https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html)

use crate::Truth;
use crate::kms::{Action, KnownService};
use crate::lint::open::call_of;
use crate::lint::rule::{Check, Rule};
use crate::lint::subject::label;
use crate::lint::{Found, Seat, Severity};
use crate::policy::{Condition, Effect, StatementPrincipal};
use crate::request::{ContextKey, Entry};

pub(super) const RULE: Rule = Rule {
    code: "KMS519",
    name: "source-not-sent",
    severity: Severity::Warning,
    issue_code: None,
    file: include_str!("source_not_sent.rs"),
    check: Check::Policy(check),
};

fn check(seat: &Seat<'_>, found: &mut Found) {
    for statement in seat.policy.statements().iter().filter(|it| it.effect() == Effect::Allow) {
        let is_it = |it: &StatementPrincipal| match it {
            StatementPrincipal::Service(name) => {
                KnownService::of_principal(name).is_some_and(|it| it.prefix == "events")
            }
            _ => false,
        };
        let listed = statement.listed_principals();
        if listed.is_empty() || !listed.iter().all(is_it) {
            continue;
        }
        let Some(condition) = statement.conditions().iter().find(|it| fails(it)) else { continue };
        found.with_help(
            seat.place(statement, &["Condition", condition.operator(), condition.key().as_str()]),
            format!(
                "{} never applies to calls for encrypted topics and queues: EventBridge sends no {}",
                label(statement),
                condition.key()
            ),
            "leave the condition out, and limit the policy of the topic or queue",
        );
    }
}

/// Whether the condition is on the source, and fails without it.
fn fails(condition: &Condition) -> bool {
    let is_source = ["aws:SourceAccount", "aws:SourceArn"]
        .iter()
        .any(|it| *condition.key() == ContextKey::new(it));
    let Ok(action) = Action::parse("kms:Decrypt") else { return false };
    let mut call = call_of(action);
    call.set(condition.key().clone(), Entry::Absent);
    is_source && condition.test(&call) == Truth::False
}
