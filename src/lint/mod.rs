//! What is wrong with policies, or likely not meant: the rules of `kms-sim check`.
//!
//! A [`Subject`] is what is looked at together: an environment with all its policies, or a policy
//! by itself. [`check`] holds the [rules](rules()) against it and returns [`Finding`]s, each with
//! its place. A rule about access asks the evaluator; where that rests on policies that are not
//! given, the finding says so.
//!
//! ```
//! use kms_sim::lint::{Selection, Subject, check};
//! use kms_sim::policy::{Kind, Policy};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let policy = Policy::from_json("web.json", r#"{
//!     "Version": "2012-10-17",
//!     "Statement": [{
//!         "Effect": "Allow",
//!         "Action": "kms:Decrypt",
//!         "Resource": "arn:aws:kms:us-east-1:123456789012:alias/app-secrets"
//!     }]
//! }"#, Kind::Identity)?;
//! let findings = check(&Subject::of_policy(policy, None)?, &Selection::default());
//! assert_eq!(findings[0].rule.name, "alias-in-resource");
//! assert_eq!(findings[0].place.pointer, "/Statement/0/Resource");
//! # Ok(())
//! # }
//! ```
//!
//! # To add a rule
//!
//! Write `rules/NAME.rs`: its doc comment is the rule's page, `RULE` its row in the table of
//! `rules/mod.rs`, and `check` finds. Give it two fixtures in `tests/lint/fixtures/NAME/`.

mod advice;
mod asked;
mod finding;
mod found;
mod open;
mod rule;
mod rules;
mod selection;
mod sorted;
mod strange;
mod subject;
mod surroundings;
mod verify;

pub use self::finding::{Finding, Fix};
pub(crate) use self::found::Found;
use self::rule::Check;
pub use self::rule::{Rule, Severity};
pub use self::rules::rules;
pub use self::selection::{Selection, UnknownRule};
pub use self::sorted::Sorted;
pub(crate) use self::subject::Seat;
pub use self::subject::{AccountOf, Given, Holder, Subject};
use crate::document::InputError;

/// Holds the selected rules against a subject; findings in the order of their places.
#[must_use]
pub fn check(subject: &Subject, selection: &Selection) -> Vec<Finding> {
    let mut findings: Vec<Finding> = subject.notices().iter().filter_map(notice).collect();
    findings.retain(|finding| selection.has(finding.rule));
    for rule in rules().iter().filter(|rule| selection.has(rule)) {
        findings.extend(verify::proven(found(subject, rule), subject));
    }
    findings.sort_by(Finding::by_place);
    findings.dedup();
    findings
}

/// What one rule finds, its fixes unverified.
fn found(subject: &Subject, rule: &'static Rule) -> Vec<Finding> {
    let mut found = Found::new(rule);
    match rule.check {
        Check::Policy(check) => subject.seats().for_each(|seat| check(&seat, &mut found)),
        Check::Reading(_) | Check::Run => {}
    }
    found.into_findings()
}

/// The finding that a warning or an error of a reader is; none where the input is not what was
/// asked for at all, and so nothing to be checked.
#[must_use]
pub fn notice(error: &InputError) -> Option<Finding> {
    let notice = error.notice()?;
    let is_of = |rule: &&Rule| matches!(rule.check, Check::Reading(of) if of.contains(&notice));
    let rule = rules().iter().find(is_of)?;
    let code = rules::issue_code(notice, &error.place().pointer);
    let finding = Finding::new(rule, error.place().clone(), error.message()).with_issue_code(code);
    Some(match error.help() {
        Some(help) => finding.with_help(help),
        None => finding,
    })
}
