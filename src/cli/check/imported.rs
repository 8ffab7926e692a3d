//! Plans, templates and what the AWS CLI prints, as subjects.

use std::collections::{BTreeMap, BTreeSet};

use kms_sim::arn::AccountId;
use kms_sim::document::InputError;
use kms_sim::import::{Assumptions, Estate, Family, Found, Kind, import};
use kms_sim::lint::{Finding, Subject, notice};

use super::read::{Options, Readings};

/// The account of a template or plan that says none; no finding speaks of it.
const ACCOUNT: &str = "123456789012";

/// Reads documents of one world; none if they are nothing of importers'.
///
/// A template is seldom for one account, so where nothing says which it is, one is made up, and
/// what depends on it is not looked at.
pub(super) fn read(found: &[Found], options: Options<'_>) -> Result<Option<Readings>, InputError> {
    let is_alone = found.iter().all(|it| it.kind == Kind::CdkManifest);
    let is_imported = |it: &Found| {
        matches!(it.kind.family(), Family::Aws | Family::Terraform | Family::CloudFormation)
    };
    if is_alone || !found.iter().all(is_imported) {
        return Ok(None);
    }
    let assumed = options.assumptions;
    let error = match of_account(found, options.account, assumed) {
        Err(error) if options.account.is_none() => error,
        read => return read.map(Some),
    };
    let Ok(made_up) = ACCOUNT.parse() else { return Err(error) };
    match of_account(found, Some(made_up), assumed) {
        Ok(readings) => Ok(Some(readings.of_unknown_account())),
        Err(_) => Err(error),
    }
}

fn of_account(
    found: &[Found],
    account: Option<AccountId>,
    assumed: &Assumptions,
) -> Result<Readings, InputError> {
    let assumptions = Assumptions { account, ..assumed.clone() };
    let imported = import(found, &assumptions)?;
    let (subject, findings) = subject(imported.after.clone())?;
    // What was wrong before the plan is no finding of it.
    let before = imported.before.and_then(|before| self::subject(before).ok());
    let unknown = not_looked_at(&imported.after);
    let Estate { name, notes, .. } = imported.after;
    let notes = notes.iter().map(|note| told(&name, note)).collect();
    Ok(Readings {
        name,
        subjects: vec![subject],
        before: before.map(|(before, _)| before),
        findings,
        notes,
        unknown,
        ..Readings::default()
    })
}

/// An estate as a subject, without the policies that AWS refuses: each of them is a finding.
fn subject(mut estate: Estate) -> Result<(Subject, Vec<Finding>), InputError> {
    let mut findings = Vec::new();
    loop {
        match estate.load() {
            Ok(loaded) => return Ok((Subject::of_environment(loaded), findings)),
            Err(error) => match notice(&error) {
                Some(finding) if estate.withhold(&error.place().source, "AWS refuses it") => {
                    findings.push(finding);
                }
                _ => return Err(error),
            },
        }
    }
}

/// The policies that a person would want looked at and that are not known. What AWS itself wrote
/// is no matter of a check.
fn not_looked_at(estate: &Estate) -> Vec<String> {
    let mut of: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (policy, why) in estate.unknown_policies() {
        if !why.contains(":iam::aws:policy/") {
            of.entry(why).or_default().insert(policy);
        }
    }
    let told = |(why, policies): (&str, BTreeSet<String>)| {
        let policies: Vec<String> = policies.into_iter().collect();
        let is = if policies.len() == 1 { "is" } else { "are" };
        format!("{}: {} {is} not looked at: {why}", estate.name, super::some_of(&policies))
    };
    of.into_iter().map(told).collect()
}

/// A note of a run over many files says which one it is about.
fn told(name: &str, note: &str) -> String {
    if note.contains(name) { note.to_owned() } else { format!("{name}: {note}") }
}

impl Readings {
    fn of_unknown_account(self) -> Self {
        let note = format!(
            "nothing says the account of {}: what depends on it is not looked at; say it with --account",
            self.name
        );
        let subjects = self.subjects.into_iter().map(Subject::of_unknown_account).collect();
        let before = self.before.map(Subject::of_unknown_account);
        Self { subjects, before, notes: [vec![note], self.notes].concat(), ..self }
    }
}
