//! What changes between two versions of what is checked.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use kms_sim::analysis::{AccessChange, Version, access_changes_between};
use kms_sim::arn::AccountId;
use kms_sim::document::InputError;
use kms_sim::import::Kind as Imported;
use kms_sim::lint::{AccountOf, Given, Subject};
use kms_sim::policy::Kind;

use super::Report;
use super::read::{self, Options, Readings};
use super::units::{self, Unit};
use crate::cli::CliError;

/// Compares each file, and each account or app, with its older version.
pub(super) fn compare(
    report: &mut Report,
    paths: &[String],
    units: &[Unit],
    old: &str,
    options: Options<'_>,
) -> Result<(), CliError> {
    let is_folder = Path::new(old).is_dir();
    if !is_folder && units.len() > 1 {
        return Err(CliError::usage_with_help(
            format!("expected one file to compare with {old}, found {}", units.len()),
            "name one file, or two folders whose files have the same names",
        ));
    }
    let folder = [old.to_owned()];
    let older = units::find(&folder, &mut report.errors);
    let mut older: BTreeMap<PathBuf, &Unit> =
        older.iter().map(|unit| (within(unit.path(), &folder), unit)).collect();
    for unit in units {
        let below = within(unit.path(), paths);
        let before =
            if is_folder { older.remove(&below) } else { older.pop_first().map(|it| it.1) };
        if before.is_none() {
            report.notes.push(format!("{} is new", unit.path().display()));
        }
        add(report, before, Some(unit), options);
    }
    for unit in older.values() {
        report.notes.push(format!("{} is gone", unit.path().display()));
        add(report, Some(unit), None, options);
    }
    report.is_compared = true;
    Ok(())
}

/// Adds what changes; of what is not there nobody has access.
fn add(report: &mut Report, older: Option<&Unit>, newer: Option<&Unit>, options: Options<'_>) {
    let (Some(first), Some(last)) = (older.or(newer), newer.or(older)) else { return };
    let has_file = |error: &InputError| newer.is_some_and(|it| it.has(&error.place().source));
    let readings = match both(first, last, options) {
        Ok(readings) => readings,
        // What is wrong with the newer file has been told.
        Err(error) if has_file(&error) => return,
        Err(error) => return report.errors.push(error),
    };
    let [old, new] = &readings;
    let is_one_missing = older.is_none() || newer.is_none();
    // What there is without a policy that limits is not known.
    let limits = |it: &Subject| {
        let kind = it.policy().map(|policy| policy.kind());
        is_one_missing && kind.is_some_and(|it| !matches!(it, Kind::Key | Kind::Identity))
    };
    for (before, after) in old.subjects.iter().zip(&new.subjects) {
        if limits(after) {
            let name = last.path().display();
            report.notes.push(format!("what {name} limits is not compared with anything"));
            continue;
        }
        let [mut before, mut after] = [version(before), version(after)];
        if older.is_none() {
            before = before.without_everything();
        }
        if newer.is_none() {
            after = after.without_everything();
        }
        report.changes.extend(access_changes_between(&before, &after));
    }
}

/// A subject with what of it was made up.
fn version(subject: &Subject) -> Version<'_> {
    let mut version = Version::of(subject.environment());
    if let Some(policy) = subject.policy() {
        version = version.of_policy(policy);
    }
    if !subject.knows_account() {
        version = version.of_unsaid_account();
    }
    version
}

/// What a plan changes.
pub(super) fn of_plan(readings: &Readings) -> Vec<AccessChange> {
    match (&readings.before, readings.subjects.first()) {
        (Some(before), Some(after)) => access_changes_between(&version(before), &version(after)),
        _ => Vec::new(),
    }
}

/// Both versions, of one account and of a stack of one name, as far as nothing says either.
fn both(older: &Unit, newer: &Unit, options: Options<'_>) -> Result<[Readings; 2], InputError> {
    let mut assumptions = options.assumptions.clone();
    if let Some(stack) = stack_of(newer) {
        assumptions.values.entry("AWS::StackName".to_owned()).or_insert(stack);
    }
    let options = Options { assumptions: &assumptions, ..options };
    let read = |options| Ok([read::unit(older, options)?, read::unit(newer, options)?]);
    let readings = read(options)?;
    let subjects = readings.iter().flat_map(|it| &it.subjects);
    let is_said = |it: &Subject| it.given() == Given::Environment && it.knows_account();
    let all_say = readings.iter().all(|it| it.subjects.iter().all(is_said));
    match subjects.into_iter().find_map(account_of).filter(|_| !all_say) {
        Some(account) if options.account.is_none() => {
            read(Options { account: Some(account), ..options })
        }
        _ => Ok(readings),
    }
}

/// What a template that is read by itself takes for the name of its stack.
fn stack_of(unit: &Unit) -> Option<String> {
    let [opened] = unit.opened() else { return None };
    let is_template = |kind: Imported| kind == Imported::CloudFormationTemplate;
    if !opened.found.iter().any(|it| is_template(it.kind)) {
        return None;
    }
    let stem = unit.path().file_stem()?.to_string_lossy();
    let kept = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    Some(stem.chars().map(kept).collect())
}

/// The path below the folder that was named.
fn within(path: &Path, paths: &[String]) -> PathBuf {
    let below = paths.iter().find_map(|folder| {
        let folder = Path::new(folder);
        path.strip_prefix(folder.strip_prefix(".").unwrap_or(folder)).ok()
    });
    match below.filter(|below| path.is_dir() || !below.as_os_str().is_empty()) {
        Some(below) => below.to_owned(),
        None => path.file_name().map(PathBuf::from).unwrap_or_default(),
    }
}

/// The account, if something says it.
fn account_of(subject: &Subject) -> Option<AccountId> {
    let account = || subject.environment().account.map(|account| account.id);
    match subject.given() {
        Given::Policy(AccountOf::Said | AccountOf::Guessed) => account(),
        Given::Policy(AccountOf::Unknown) => None,
        Given::Environment => account().filter(|_| subject.knows_account()),
    }
}
