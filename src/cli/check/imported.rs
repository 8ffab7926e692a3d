//! Plans, templates and what the AWS CLI prints, as subjects.

use std::sync::Arc;

use kms_sim::arn::AccountId;
use kms_sim::document::{Format, InputError, Source};
use kms_sim::import::{Assumptions, Estate, Family, Found, Kind, cloudformation, sniff, terraform};
use kms_sim::lint::Subject;

use super::read::{Options, Readings};

/// The account of a template or plan that says none; no finding speaks of it.
const ACCOUNT: &str = "123456789012";

/// Reads what importers read; none if the text is nothing of theirs.
///
/// A template is seldom for one account, so where nothing says which it is, one is made up, and
/// what depends on it is not looked at.
pub(super) fn read(source: &Arc<Source>, options: Options) -> Result<Option<Readings>, InputError> {
    let error = match of_account(source, options.account) {
        Err(error) if options.account.is_none() => error,
        read => return read,
    };
    let Ok(made_up) = ACCOUNT.parse() else { return Err(error) };
    match of_account(source, Some(made_up)) {
        Ok(Some(readings)) => Ok(Some(readings.of_unknown_account(source))),
        Ok(None) | Err(_) => Err(error),
    }
}

fn of_account(
    source: &Arc<Source>,
    account: Option<AccountId>,
) -> Result<Option<Readings>, InputError> {
    let assumptions = Assumptions { account, ..Assumptions::default() };
    let found = sniff(source).unwrap_or_default();
    let Some(first) = found.first() else { return tagged(source, &assumptions) };
    match (first.kind.family(), first.kind) {
        (Family::Terraform, _) => {
            let imported = terraform::import(first.document(), &assumptions)?;
            readings(imported.before.as_ref(), &imported.after).map(Some)
        }
        (Family::CloudFormation, Kind::CloudFormationTemplate) => {
            let templates: Vec<_> = found.iter().map(template).collect();
            readings(None, &cloudformation::import(&templates, &assumptions)?).map(Some)
        }
        (Family::Aws, _) => {
            let imported = kms_sim::import::import(&found, &assumptions)?;
            readings(imported.before.as_ref(), &imported.after).map(Some)
        }
        _ => Ok(None),
    }
}

fn template(found: &Found) -> cloudformation::Template<'_> {
    cloudformation::Template { document: found.document(), stack: cloudformation::Stack::default() }
}

/// A template in YAML has tags that no other document may have.
fn tagged(source: &Arc<Source>, assumptions: &Assumptions) -> Result<Option<Readings>, InputError> {
    let is_template = source.text.lines().any(|line| line.trim_end() == "Resources:");
    if Format::of(&source.name) != Format::Yaml || !is_template {
        return Ok(None);
    }
    let Ok(document) = cloudformation::parse(source.clone()) else { return Ok(None) };
    let template =
        cloudformation::Template { document: &document, stack: cloudformation::Stack::default() };
    readings(None, &cloudformation::import(&[template], assumptions)?).map(Some)
}

fn readings(before: Option<&Estate>, after: &Estate) -> Result<Readings, InputError> {
    let subject = |estate: &Estate| estate.load().map(Subject::of_environment);
    let readings = match subject(after) {
        Ok(subject) => Readings { subjects: vec![subject], ..Readings::default() },
        Err(error) => Readings::refused(error)?,
    };
    // What was wrong before the plan is no finding of it.
    let before = before.and_then(|before| subject(before).ok());
    let notes = after.notes.iter().map(|note| told(&after.name, note)).collect();
    Ok(Readings { before, notes, ..readings })
}

/// A note of a run over many files says which one it is about.
fn told(name: &str, note: &str) -> String {
    if note.contains(name) { note.to_owned() } else { format!("{name}: {note}") }
}

impl Readings {
    fn of_unknown_account(self, source: &Source) -> Self {
        let name = &source.name;
        let note = format!(
            "nothing says the account of {name}: what depends on it is not looked at; say it with --account"
        );
        let subjects = self.subjects.into_iter().map(Subject::of_unknown_account).collect();
        Self { subjects, notes: [vec![note], self.notes].concat(), ..self }
    }
}
