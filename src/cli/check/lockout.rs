//! Whether the policies of a subject let anybody administer its keys: an analysis of its own,
//! which rules do not use.

use kms_sim::analysis::{Can, Lockout, Origin, Rescue};
use kms_sim::document::Place;
use kms_sim::environment::Question;
use kms_sim::kms::Action;
use kms_sim::lint::{Finding, Rule, Selection, Severity, Subject};
use kms_sim::request::Entry;
use kms_sim::text::Printable;

const LOCKOUT: &str = "lockout";
const HELP: &str = "let the account, or a role of it, call kms:PutKeyPolicy";
const SINGLE: &str = "single-administrator";

pub(super) fn check(subject: &Subject, selection: &Selection) -> Vec<Finding> {
    let is_selected = |name| Rule::find(name).is_ok_and(|rule| selection.has(rule));
    if ![LOCKOUT, SINGLE].into_iter().any(is_selected) {
        return Vec::new();
    }
    let keys = subject
        .administered()
        .filter_map(|(place, key, advice)| of_key(subject, place, key, advice));
    keys.filter(|finding| selection.has(finding.rule)).collect()
}

/// What cannot be asked of a key, such as of one whose account nobody named, is no finding.
fn of_key(subject: &Subject, place: Place, key: String, advice: Option<String>) -> Option<Finding> {
    let mut question = Question::new("", Action::parse("kms:PutKeyPolicy").ok()?);
    let known = subject.environment().keys().iter().find(|it| it.arn() == key)?;
    let account = known.account;
    question.principal = format!("arn:{}:iam::{}:root", account.partition, account.id);
    if known.is_region_assumed {
        question.context.push(("aws:RequestedRegion".to_owned(), Entry::Unknown));
    }
    question.key = Some(key);
    let rescue = Rescue::of(subject.environment(), &question).ok()?;
    match rescue.verdict {
        Lockout::LockedOut => Some(
            Finding::new(Rule::find(LOCKOUT).ok()?, place, rescue.summary)
                .with_help(advice.unwrap_or_else(|| HELP.to_owned())),
        ),
        Lockout::OneStepFromLockout => Some(
            Finding::new(Rule::find(SINGLE).ok()?, place, rescue.summary)
                .with_help("add the statement of the default key policy, for the account"),
        ),
        Lockout::NotLockedOut => by_condition(&rescue, place),
        Lockout::Undetermined => None,
    }
}

/// A role that is created anew under the name that a condition has can change the key policy too,
/// so that it is no more than a suggestion.
fn by_condition(rescue: &Rescue, place: Place) -> Option<Finding> {
    let only = Printable(only_by_condition(rescue)?);
    let message = format!("only {only} can change the key policy, as a condition has it");
    let finding = Finding::new(Rule::find(SINGLE).ok()?, place, message);
    let help = "name a second administrator in the condition";
    Some(finding.with_severity(Severity::Suggestion).with_help(help))
}

/// The one user or role that a condition names and that alone can change the key policy.
fn only_by_condition(rescue: &Rescue) -> Option<&str> {
    let (able, others): (Vec<_>, Vec<_>) =
        rescue.principals.iter().partition(|it| it.can == Can::Yes);
    let [only] = able.as_slice() else { return None };
    // One of a pattern stands for others.
    let is_one = only.origin == Origin::Like && !only.name.contains(['*', '?']);
    (is_one && others.iter().all(|it| it.can == Can::No)).then_some(only.name.as_str())
}
