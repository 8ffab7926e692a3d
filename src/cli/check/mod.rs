//! `kms-sim check PATH…`

mod access_analyzer;
mod against;
mod args;
mod changes;
mod config;
mod files;
mod fingerprint;
mod github;
mod imported;
mod json;
mod located;
mod lockout;
mod markdown;
mod paths;
mod read;
mod rules;
mod sarif;
mod sarif_fix;
mod suppress;
mod text;
mod units;

use std::collections::BTreeMap;
use std::sync::Arc;

use kms_sim::analysis::AccessChange;
use kms_sim::document::{InputError, Place, Source};
use kms_sim::lint::{Finding, Selection, Severity, UnknownRule, check};
use kms_sim::text::Printable;
use rayon::prelude::*;

pub(crate) use self::args::Args;
use self::args::Format;
use self::config::Config;
use self::located::Located;
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

/// A finding that is silenced.
#[derive(Clone, Debug)]
struct Suppressed {
    located: Located,
    reason: Option<String>,
    /// Whether by a comment where it is, and not by the configuration.
    is_in_source: bool,
}

/// The files of a run.
type Sources = Vec<Arc<Source>>;

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
    let assumptions = config.assumptions(args.assumptions()?)?;
    let options = Options {
        kind: args.kind.map(Into::into),
        account: assumptions.account,
        assumptions: &assumptions,
    };
    let units = units::find(&args.paths, &mut report.errors);
    let now = jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let checked = |unit| {
        let readings = read::unit(unit, options)?.at(&now);
        // Whether there is what is silenced does not depend on what is shown.
        let every = suppress::is_any(config, unit, &readings).then(Selection::default);
        let found = found(&readings, every.as_ref().unwrap_or(selection));
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
    sources.sort_by(|a, b| a.name.cmp(&b.name));
    sources.dedup_by(|a, b| a.name == b.name);
    suppress::apply(&mut report, &sources, config, selection)?;
    report.findings.sort_by(Located::by_place);
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
        let policies = subjects.iter().flat_map(kms_sim::lint::Subject::sources);
        let texts = policies.chain(unit.opened().iter().map(|it| &it.source));
        sources.extend(texts.map(|text| Place::start(text.clone()).in_file().source));
        self.findings.extend(found.into_iter().map(|finding| Located::new(finding, unit)));
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
