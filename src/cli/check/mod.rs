//! `kms-sim check PATH…`

mod access_analyzer;
mod against;
mod anchor;
mod args;
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

use std::path::Path;
use std::sync::Arc;

use kms_sim::analysis::{AccessChange, access_changes};
use kms_sim::document::{InputError, Place, Source};
use kms_sim::lint::{Finding, Selection, Severity, UnknownRule, check};
use kms_sim::text::Printable;
use rayon::prelude::*;

pub(crate) use self::args::Args;
use self::args::Format;
use self::config::Config;
use self::read::{Options, Readings};
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
    let options = Options { kind: args.kind.map(Into::into), account: args.account_id()? };
    let files = files::find(&args.paths, &mut report.errors);
    let checked = |file| {
        let readings = read::file(file, options)?;
        let found = found(&readings, selection);
        Ok((readings, found))
    };
    let all: Vec<Result<_, InputError>> = files.par_iter().map(checked).collect();
    for (file, checked) in files.iter().zip(all) {
        match checked {
            Err(error) => report.errors.push(error),
            Ok((readings, found)) => report.add(&file.path, readings, found, &mut sources),
        }
    }
    if let Some(old) = &args.against {
        against::compare(&mut report, &args.paths, &files, old, options)?;
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
    fn add(&mut self, path: &Path, readings: Readings, found: Vec<Finding>, sources: &mut Sources) {
        let Readings { subjects, before, findings: _, notes, source, is_checked } = readings;
        self.files += usize::from(is_checked);
        self.notes.extend(notes);
        if let (Some(before), Some(after)) = (&before, subjects.first()) {
            self.changes.extend(access_changes(before.environment(), after.environment()));
            self.is_compared = true;
        }
        let given = path.display().to_string();
        let file_of = |source: &Source| {
            let is_file = source.name != given && Path::new(&source.name).is_file();
            if is_file { source.name.clone() } else { given.clone() }
        };
        let texts = subjects.iter().flat_map(kms_sim::lint::Subject::sources).chain(&source);
        sources.extend(texts.map(|source| (file_of(source), source.clone())));
        self.findings.extend(found.into_iter().map(|finding| {
            let name = &finding.place.source.name;
            let whole = source.as_ref().filter(|it| it.name == given && *name != given);
            let anchor = whole.and_then(|file| anchor::of(file, name));
            Located { file: file_of(&finding.place.source), finding, anchor }
        }));
    }
}

fn unknown(error: &UnknownRule) -> CliError {
    CliError::Usage {
        message: error.to_string(),
        help: error.help().or_else(|| Some("`kms-sim check --list` lists the rules".to_owned())),
    }
}
