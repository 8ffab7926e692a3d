//! A service is limited by the ARN of a resource that does not say whose it is.
//!
//! The ARN of an S3 bucket has no account. If the bucket is deleted, somebody else can create one of that
//! name, and the service then acts for them.
//!
//! # Example
//!
//! ```json
//! {"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": ["kms:Decrypt", "kms:GenerateDataKey"], "Resource": "*", "Condition": {"ArnEquals": {"aws:SourceArn": "arn:aws:s3:::my-bucket"}}}
//! ```
//!
//! # Instead
//!
//! Add `"StringEquals": {"aws:SourceAccount": "123456789012"}`.
//!
//! Source: [Confused deputy](https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html),
//! [Policy checks](https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html)

use crate::arn;
use crate::lint::rule::{Check, Rule};
use crate::lint::subject::label;
use crate::lint::{Found, Seat, Severity};
use crate::policy::{Condition, Effect, StatementPrincipal};
use crate::request::ContextKey;
use crate::text::Quoted;

pub(super) const RULE: Rule = Rule {
    code: "KMS516",
    name: "source-without-account",
    severity: Severity::Warning,
    issue_code: Some("MISSING_PAIRED_CONDITION_KEYS"),
    file: include_str!("source_without_account.rs"),
    check: Check::Policy(check),
};

/// What says whose resource it is.
const OF_WHOM: [&str; 3] = ["aws:SourceAccount", "aws:SourceOrgID", "aws:SourceOrgPaths"];

fn check(seat: &Seat<'_>, found: &mut Found) {
    let source = ContextKey::new("aws:SourceArn");
    for statement in seat.policy.statements().iter().filter(|it| it.effect() == Effect::Allow) {
        let is_service = |it: &StatementPrincipal| matches!(it, StatementPrincipal::Service(_));
        let is_of_whom =
            |it: &Condition| OF_WHOM.iter().any(|name| *it.key() == ContextKey::new(name));
        let conditions = statement.conditions();
        let is_limited = conditions.iter().any(is_of_whom);
        if is_limited || !statement.listed_principals().iter().any(is_service) {
            continue;
        }
        for condition in conditions.iter().filter(|it| *it.key() == source) {
            let Some(value) = condition.values().find(|it| has_no_account(it)) else { continue };
            if condition.operator().contains("Not") {
                continue;
            }
            found.with_help(
                seat.place(statement, &["Condition", condition.operator(), source.as_str()]),
                format!(
                    "{} limits by {}, which any account can come to own",
                    label(statement),
                    Quoted(value)
                ),
                "add the condition StringEquals aws:SourceAccount",
            );
        }
    }
}

/// That a pattern is for every resource is the finding of another rule.
fn has_no_account(text: &str) -> bool {
    arn::split(text).is_some_and(|[.., account, resource]| {
        account.is_empty() && !resource.starts_with(['*', '?'])
    })
}
