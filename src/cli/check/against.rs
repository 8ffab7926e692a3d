//! What changes between two versions of what is checked.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use kms_sim::analysis::{Access, AccessChange, Reason, access_changes};
use kms_sim::document::InputError;
use kms_sim::lint::{AccountOf, Given, Subject};
use kms_sim::text::Printable;

use super::Report;
use super::read::{self, Options};
use super::units::{self, Unit};
use crate::cli::CliError;
use crate::cli::text::{BOLD, RED, RESET, YELLOW};

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
        match before.map(|before| changes(before, unit, options)) {
            Some(Ok(changes)) => report.changes.extend(changes),
            // What is wrong with the newer file has been told.
            Some(Err(error)) if unit.has(&error.place().source) => {}
            Some(Err(error)) => report.errors.push(error),
            None => report.notes.push(format!(
                "{} is new: there is nothing to compare it with",
                unit.path().display()
            )),
        }
    }
    report.notes.extend(
        older.values().map(|unit| {
            format!("{} is gone: what it allowed is not compared", unit.path().display())
        }),
    );
    report.is_compared = true;
    Ok(())
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

fn changes(
    older: &Unit,
    newer: &Unit,
    options: Options<'_>,
) -> Result<Vec<AccessChange>, InputError> {
    let old = read::unit(older, options)?.subjects;
    let new = read::unit(newer, options)?.subjects;
    // A policy by itself is of the same account in both.
    let account = options.account.or_else(|| old.iter().chain(&new).find_map(account_of));
    let same = Options { account, ..options };
    let (old, new) = match account.filter(|_| options.account.is_none()) {
        Some(_) => (read::unit(older, same)?.subjects, read::unit(newer, same)?.subjects),
        None => (old, new),
    };
    let pairs = old.iter().zip(&new);
    Ok(pairs.flat_map(|(old, new)| access_changes(old.environment(), new.environment())).collect())
}

/// The account of a policy by itself, if something says it.
fn account_of(subject: &Subject) -> Option<kms_sim::arn::AccountId> {
    match subject.given() {
        Given::Policy(AccountOf::Said | AccountOf::Guessed) => {
            subject.environment().account.map(|account| account.id)
        }
        Given::Policy(AccountOf::Unknown) | Given::Environment => None,
    }
}

/// The changes for people.
pub(super) fn told(report: &Report) -> String {
    if !report.is_compared {
        return String::new();
    }
    if report.changes.is_empty() {
        return format!("\n{BOLD}nobody gains or loses anything{RESET}\n");
    }
    let mut text = format!("\n{BOLD}what changes: {}{RESET}\n", counts(&report.changes));
    let is_of_many = report.changes.windows(2).any(|it| matches!(it, [a, b] if a.key != b.key));
    for change in &report.changes {
        let key = if is_of_many { format!(" with {}", change.key) } else { String::new() };
        let color = match change.after.cmp(&change.before) {
            std::cmp::Ordering::Greater => RED,
            // Who loses access may be down; it is no better news than a gain.
            std::cmp::Ordering::Less => YELLOW,
            std::cmp::Ordering::Equal => RESET,
        };
        let _ = writeln!(
            text,
            "\n{color}{}{RESET} {BOLD}{}{RESET} {} {}{}\n  {}",
            mark(change),
            Printable(&change.principal),
            verb(change),
            change.actions.join(", "),
            Printable(&key),
            cause(change)
        );
    }
    text
}

/// How many gain, lose, and are under other conditions.
pub(super) fn counts(changes: &[AccessChange]) -> String {
    let of = |sign: &str, one: &str, many: &str| {
        let number = changes.iter().filter(|it| mark(it) == sign).count();
        (number > 0).then(|| format!("{number} {}", if number == 1 { one } else { many }))
    };
    let counts = [
        of("+", "gain", "gains"),
        of("-", "loss", "losses"),
        of("~", "other condition", "other conditions"),
    ];
    counts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

pub(super) fn mark(change: &AccessChange) -> &'static str {
    match change.after.cmp(&change.before) {
        std::cmp::Ordering::Greater => "+",
        std::cmp::Ordering::Less => "-",
        std::cmp::Ordering::Equal => "~",
    }
}

pub(super) fn verb(change: &AccessChange) -> &'static str {
    match (change.before, change.after) {
        (_, Access::Allowed) => "can now call",
        (Access::Denied, Access::Depends) => "can now, under conditions, call",
        (_, Access::Denied) => "can no longer call",
        (Access::Allowed, Access::Depends) => "can only under conditions call",
        (Access::Depends, Access::Depends) => "can under other conditions call",
    }
}

pub(super) fn cause(change: &AccessChange) -> String {
    let cause = &change.cause;
    let side = cause.side.replace('-', " ");
    let named = cause.statements.join(", ");
    let named =
        if named.is_empty() { String::new() } else { format!(", by {}", Printable(&named)) };
    match cause.reason {
        Reason::NowAllows => format!("the {side} allows it now{named}"),
        Reason::NoLongerAllows => format!("the {side} allows it no longer{named}"),
        Reason::NowDenies => format!("the {side} denies it now{named}"),
        Reason::NoLongerDenies => format!("the {side} denies it no longer{named}"),
        Reason::OtherConditions => format!("the {side} has other conditions{named}"),
    }
}
