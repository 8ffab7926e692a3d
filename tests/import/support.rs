//! From texts to environments.

use kms_sim::document::{InputError, Source};
use kms_sim::environment::{Environment, Question};
use kms_sim::evaluate::{Decision, decide};
use kms_sim::import::{Assumptions, Imported, import, sniff};
use kms_sim::kms::Action;

/// Imports texts, each by its path.
pub(crate) fn imported(
    files: &[(&str, &str)],
    assumptions: &Assumptions,
) -> Result<Imported, InputError> {
    let mut found = Vec::new();
    for (name, text) in files {
        found.extend(sniff(&Source::new(*name, *text))?);
    }
    import(&found, assumptions)
}

/// The decision on an action, by its short name.
pub(crate) fn decision(
    environment: &Environment,
    principal: &str,
    action: &str,
    key: &str,
) -> Decision {
    let action = Action::parse(&format!("kms:{action}")).unwrap();
    let mut question = Question::new(principal, action);
    question.key = Some(key.to_owned());
    decide(&environment.request(&question).unwrap()).decision
}
