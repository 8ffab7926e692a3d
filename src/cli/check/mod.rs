//! `kms-sim check PATH…`

mod access_analyzer;
mod against;
mod anchor;
mod args;
mod changes;
mod config;
mod files;
mod github;
mod imported;
mod json;
mod lockout;
mod markdown;
mod read;
mod rules;
mod sarif;
mod suppress;
mod text;
mod units;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use kms_sim::analysis::AccessChange;
use kms_sim::document::{InputError, Place, Source};
use kms_sim::lint::{Finding, Selection, Severity, UnknownRule, check};
use kms_sim::text::Printable;
use rayon::prelude::*;

pub(crate) use self::args::Args;
use self::args::Format;
use self::config::Config;
use self::read::{Options, Readings};
use self::units::Unit;
use super::{CliError, Exit, Streams, diagnostics, formats};

/// What a run found.
#[derive(Debug, Default)]
struct Report {
    findings: Vec<Located>,
    /// What somebody has looked at and silenced.
    suppressed: Vec<Suppressed>,
    /// Files that could not be read.
    errors: Vec<InputError>,
    /// What was guessed and what was passed over.
    notes: Vec<String>,
    /// How many files were checked.
    files: usize,
    /// How many policies are there whose content is not known.
    unknown: usize,
    /// Who gains and loses what, against an older version.
    changes: Vec<AccessChange>,
    is_compared: bool,
}

/// A finding, and the file that it is in. Its place may count within a text that stands in a
/// string of that file.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Located {
    finding: Finding,
    file: String,
    /// Where in the file that text stands, if it is found.
    anchor: Option<Place>,
}

/// A finding that is silenced.
#[derive(Clone, Debug)]
struct Suppressed {
    located: Located,
    reason: Option<String>,
    /// Whether by a comment where it is, and not by the configuration.
    is_in_source: bool,
}

impl Located {
    /// The place in the file itself, or that of the text in which it counts.
    fn place_in_file(&self) -> Option<&Place> {
        let is_of_file = self.finding.place.source.name == self.file;
        if is_of_file { Some(&self.finding.place) } else { self.anchor.as_ref() }
    }
}

/// The texts of a run, each with the file that it is in.
type Sources = Vec<(String, Arc<Source>)>;

pub(crate) fn run(args: &Args, streams: &mut Streams) -> Result<Exit, CliError> {
    if args.list {
        return rules::list(streams);
    }
    if let Some(code) = &args.explain {
        return rules::explain(code, streams);
    }
    let outputs = formats::targets(&args.format, Format::Text)?;
    let config = Config::read(args.config.as_deref())?;
    let selection = args.selection(&config)?;
    let fail_on = args.fail_on(&config)?;
    let report = report(args, &config, &selection)?;
    for note in report.notes.iter().filter(|_| !args.quiet) {
        streams.note(&format!("note: {}", Printable(note)));
    }
    for error in &report.errors {
        streams.note(&diagnostics::excerpt(error));
    }
    let written = formats::write(&outputs, streams, |format| told(format, &report))?;
    Ok(exit(&report, fail_on).max(written))
}

fn exit(report: &Report, fail_on: Severity) -> Exit {
    let fails = report.findings.iter().any(|it| it.finding.severity >= fail_on);
    match (report.errors.is_empty(), fails) {
        (false, _) => Exit::CouldNotRun,
        (true, true) => Exit::Denied,
        (true, false) => Exit::Done,
    }
}

fn told(format: Format, report: &Report) -> Result<String, CliError> {
    match format {
        Format::Text => Ok(text::told(report)),
        Format::Json => json::told(report),
        Format::Sarif => sarif::told(report),
        Format::Github => Ok(github::told(report)),
        Format::Markdown => Ok(markdown::told(report)),
        Format::AccessAnalyzer => access_analyzer::told(report),
    }
}

fn report(args: &Args, config: &Config, selection: &Selection) -> Result<Report, CliError> {
    let mut report = Report::default();
    let mut sources = Sources::new();
    let assumptions = args.assumptions()?;
    let options = Options {
        kind: args.kind.map(Into::into),
        account: assumptions.account,
        assumptions: &assumptions,
    };
    let units = units::find(&args.paths, &mut report.errors);
    let now = jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let checked = |unit| {
        let readings = read::unit(unit, options)?.at(&now);
        let found = found(&readings, selection);
        Ok((readings, found))
    };
    let all: Vec<Result<_, InputError>> = units.par_iter().map(checked).collect();
    let mut guesses: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (unit, checked) in units.iter().zip(all) {
        match checked {
            Err(error) => report.errors.push(error),
            Ok((readings, found)) => {
                if let Some(kind) = readings.guessed {
                    guesses.entry(kind.as_str()).or_default().push(readings.name.clone());
                }
                report.add(unit, readings, found, &mut sources);
            }
        }
    }
    report.notes.extend(guesses.iter().map(|(kind, names)| guessed(kind, names)));
    if let Some(old) = &args.against {
        against::compare(&mut report, &args.paths, &units, old, options)?;
    }
    sources.sort_by(|a, b| a.1.name.cmp(&b.1.name));
    sources.dedup_by(|a, b| a.1.name == b.1.name);
    suppress::apply(&mut report, &sources, config, selection)?;
    report
        .findings
        .sort_by(|a, b| a.file.cmp(&b.file).then_with(|| a.finding.by_place(&b.finding)));
    report.findings.dedup();
    if report.files == 0 && report.errors.is_empty() {
        return Err(CliError::usage_with_help(
            format!("expected policies or environments, found none in {}", args.paths.join(", ")),
            "a policy is a JSON or YAML document with `Statement`, an environment one with `keys`",
        ));
    }
    Ok(report)
}

/// What AWS refuses in a file, and what rules find in the rest.
fn found(readings: &Readings, selection: &Selection) -> Vec<Finding> {
    let refused = readings.findings.iter().filter(|it| selection.has(it.rule)).cloned();
    let rest = readings.subjects.iter().flat_map(|subject| {
        [check(subject, selection), lockout::check(subject, selection)].concat()
    });
    refused.chain(rest).collect()
}

impl Report {
    fn add(&mut self, unit: &Unit, readings: Readings, found: Vec<Finding>, sources: &mut Sources) {
        self.changes.extend(against::of_plan(&readings));
        self.is_compared |= readings.before.is_some();
        let Readings { subjects, errors, notes, files, unknown, .. } = readings;
        self.files += files;
        self.unknown += unknown.len();
        self.notes.extend(unknown);
        self.errors.extend(errors);
        self.notes.extend(notes);
        let texts: BTreeMap<&str, &Arc<Source>> =
            unit.opened().iter().map(|it| (it.source.name.as_str(), &it.source)).collect();
        // The file that a text is, or stands in.
        let whole = |name: &str| {
            let heads = name.match_indices(['#', ':', ' ']).map(|(end, _)| name.get(..end));
            let mut heads = std::iter::once(Some(name)).chain(heads).flatten();
            heads.find_map(|head| texts.get(head).copied())
        };
        let file_of = |source: &Source| match whole(&source.name) {
            Some(file) => file.name.clone(),
            None if Path::new(&source.name).is_file() => source.name.clone(),
            None => unit.path().display().to_string(),
        };
        let policies = subjects.iter().flat_map(kms_sim::lint::Subject::sources);
        let all = policies.chain(texts.values().copied());
        sources.extend(all.map(|source| (file_of(source), source.clone())));
        self.findings.extend(found.into_iter().map(|finding| {
            let name = &finding.place.source.name;
            let anchor = whole(name).filter(|it| it.name != *name);
            let anchor = anchor.and_then(|file| anchor::of(file, name));
            Located { file: file_of(&finding.place.source), finding, anchor }
        }));
    }
}

/// What a run guessed, in one line however many files there are.
fn guessed(kind: &str, names: &[String]) -> String {
    let are = if names.len() == 1 { "is" } else { "are" };
    format!("{} {are} taken to be of kind {kind}; say otherwise with --kind", some_of(names))
}

/// The first few of many names.
fn some_of(names: &[String]) -> String {
    const SHOWN: usize = 3;
    let (shown, rest) = names.split_at(names.len().min(SHOWN));
    match rest.len() {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

fn unknown(error: &UnknownRule) -> CliError {
    CliError::Usage {
        message: error.to_string(),
        help: error.help().or_else(|| Some("`kms-sim check --list` lists the rules".to_owned())),
    }
}
