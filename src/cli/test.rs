//! `kms-sim test [PATH|GLOB]…`

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};

use kms_sim::document::{Document, Format, InputError, Place, Source};
use kms_sim::scenario::{CaseResult, Scenario, Sorted, Status};
use kms_sim::text::{Printable, Quoted};
use serde::Serialize;

use super::input::{self, Disk};
use super::{CliError, Color, Exit, OutputFormat, Streams, diagnostics, text};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Files, folders or glob patterns [default: scenarios/]
    #[arg(value_name = "PATH|GLOB")]
    paths: Vec<String>,
    /// How the results are printed
    #[arg(long, value_enum, default_value = "text")]
    format: OutputFormat,
    /// When to colour the output
    #[arg(long, value_enum, default_value = "auto")]
    pub(crate) color: Color,
    /// Print failures and the summary alone
    #[arg(long)]
    quiet: bool,
}

/// The results of a run.
#[derive(Debug, Default, Serialize)]
struct Report {
    passed: usize,
    failed: usize,
    errors: usize,
    files: usize,
    /// Documents in folders that hold no cases.
    skipped: usize,
    /// What the files hold that AWS would not take, or that is likely not meant.
    warnings: Vec<String>,
    cases: Vec<CaseResult>,
}

pub(crate) fn run(args: &Args, streams: &mut Streams) -> Result<Exit, CliError> {
    let default = ["scenarios".to_owned()];
    let paths = if args.paths.is_empty() { &default[..] } else { &args.paths };
    if args.paths.is_empty() && !Path::new("scenarios").is_dir() {
        return Err(CliError::usage_with_help(
            "expected a folder `scenarios` here, which is what is run if nothing is named, found none",
            "name files, folders or patterns: kms-sim test PATH…",
        ));
    }
    let report = report(paths)?;
    for warning in report.warnings.iter().filter(|_| !args.quiet) {
        streams.note(&format!("warning: {}", Printable(warning)));
    }
    let is_empty = report.files == 0 && report.errors == 0;
    match args.format {
        OutputFormat::Json => {
            let json = serde_json::to_string_pretty(&report);
            let json = json.map_err(|error| CliError::usage(error.to_string()))?;
            writeln!(streams.out, "{}", text::safe_json(&json))?;
        }
        OutputFormat::Text if is_empty => {}
        OutputFormat::Text => print(args, &report, streams)?,
    }
    streams.out.flush()?;
    if is_empty {
        return Err(CliError::usage_with_help(
            format!("expected scenario files, found none in {}", paths.join(", ")),
            "a scenario is a .yaml, .yml or .json file with `keys` and `cases`",
        ));
    }
    Ok(match (report.errors, report.failed) {
        (0, 0) => Exit::Done,
        (0, _) => Exit::Denied,
        _ => Exit::CouldNotRun,
    })
}

/// Whether a file was named, or found in a folder that was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Named {
    Itself,
    ByFolder,
}

fn report(paths: &[String]) -> Result<Report, CliError> {
    let mut report = Report::default();
    for (path, named) in find(paths, &mut report)? {
        match run_file(&path, named) {
            Ok(None) => report.skipped += 1,
            Ok(Some(ran)) => {
                report.files += 1;
                report.warnings.extend(ran.warnings);
                ran.results.into_iter().for_each(|result| report.count(result));
            }
            Err(error) => {
                report.files += 1;
                report.count(CaseResult::of_file(path.display().to_string(), error));
            }
        }
    }
    Ok(report)
}

/// What came of a file.
struct Ran {
    results: Vec<CaseResult>,
    warnings: Vec<String>,
}

impl Report {
    fn count(&mut self, result: CaseResult) {
        match result.status {
            Status::Passed => self.passed += 1,
            Status::Failed => self.failed += 1,
            Status::Error => self.errors += 1,
        }
        self.cases.push(result);
    }
}

/// The results of a file's cases; none if it has no cases and was not named itself.
fn run_file(path: &Path, named: Named) -> Result<Option<Ran>, InputError> {
    let source = input::scenario(path)?;
    let document = Document::parse(source.clone(), Format::of(&source.name))?;
    let what = match Scenario::read(&document, &Disk)? {
        Sorted::Scenario(scenario) if !scenario.is_empty() => {
            let warnings = scenario.warnings().iter().map(ToString::to_string).collect();
            return Ok(Some(Ran { results: scenario.run().collect(), warnings }));
        }
        Sorted::Scenario(_) => "an empty list of cases",
        Sorted::Environment => "an environment without cases",
        Sorted::Policy => "a policy document",
    };
    match named {
        Named::ByFolder => Ok(None),
        Named::Itself => Err(InputError::new(
            format!("expected a scenario, which has `cases`, found {what}"),
            Place::start(source),
        )),
    }
}

/// The files that the paths stand for, each once, in order. What does not exist or cannot
/// be walked is counted as an error, and the rest still runs.
fn find(paths: &[String], report: &mut Report) -> Result<Vec<(PathBuf, Named)>, CliError> {
    let mut found = Vec::new();
    for path in paths {
        let as_path = Path::new(path);
        if as_path.is_dir() {
            walk(as_path, &mut found, report);
        } else if as_path.exists() || !path.contains(['*', '?', '[']) {
            found.push((as_path.to_owned(), Named::Itself));
        } else {
            expand(path, &mut found, report)?;
        }
    }
    // One that is named itself counts as that, wherever else it is found.
    let itself: BTreeSet<PathBuf> = found
        .iter()
        .filter(|(_, named)| *named == Named::Itself)
        .map(|(path, _)| same(path))
        .collect();
    let mut seen = BTreeSet::new();
    found.retain(|(path, _)| seen.insert(same(path)));
    for (path, named) in &mut found {
        if itself.contains(&same(path)) {
            *named = Named::Itself;
        }
    }
    Ok(found)
}

fn expand(
    pattern: &str,
    found: &mut Vec<(PathBuf, Named)>,
    report: &mut Report,
) -> Result<(), CliError> {
    let matches = glob::glob(pattern).map_err(|error| {
        CliError::usage(format!("expected a glob pattern, found {}: {error}", Quoted(pattern)))
    })?;
    let before = found.len();
    for path in matches.filter_map(Result::ok) {
        if path.is_dir() {
            walk(&path, found, report);
        } else if is_document(&path) {
            found.push((path, Named::ByFolder));
        }
    }
    if found.len() == before {
        report.count(unreadable(pattern, "expected the pattern to match a file, found none"));
    }
    Ok(())
}

/// The path in a spelling that is the same for the same file.
fn same(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

/// Regular files only, by name; links to folders are not followed, so there is no loop.
fn walk(folder: &Path, found: &mut Vec<(PathBuf, Named)>, report: &mut Report) {
    let entries = match folder.read_dir() {
        Ok(entries) => entries,
        Err(error) => {
            report.count(unreadable(
                &folder.display().to_string(),
                &format!("cannot read the folder: {error}"),
            ));
            return;
        }
    };
    let mut paths: Vec<PathBuf> =
        entries.filter_map(Result::ok).map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        let is_link = path.is_symlink();
        if path.is_dir() && !is_link {
            walk(&path, found, report);
        } else if !path.is_dir() && is_document(&path) {
            found.push((path, Named::ByFolder));
        }
    }
}

fn is_document(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    ["yaml", "yml", "json"].iter().any(|known| extension.eq_ignore_ascii_case(known))
}

fn unreadable(name: &str, message: &str) -> CaseResult {
    let source = Source::new(name.to_owned(), String::new());
    CaseResult::of_file(name, InputError::new(message, Place::start(source)))
}

fn print(args: &Args, report: &Report, streams: &mut Streams) -> Result<(), CliError> {
    let mut file = "";
    for result in &report.cases {
        if result.status == Status::Passed {
            continue;
        }
        if result.file != file {
            file = &result.file;
            writeln!(streams.out, "{}", Printable(file))?;
        }
        print_failure(result, streams)?;
    }
    if report.skipped > 0 && !args.quiet {
        writeln!(streams.out, "{} documents without cases were skipped", report.skipped)?;
    }
    write!(streams.out, "{} passed, {} failed", report.passed, report.failed)?;
    if report.errors > 0 {
        write!(streams.out, ", {} errors", report.errors)?;
    }
    writeln!(streams.out)?;
    Ok(())
}

fn print_failure(result: &CaseResult, streams: &mut Streams) -> Result<(), CliError> {
    let message = result.message.as_deref().unwrap_or_default();
    let label = if result.status == Status::Error { "ERROR" } else { "FAILED" };
    if let Some(name) = &result.name {
        let place = match (result.line, result.column) {
            (Some(line), Some(column)) => {
                format!("{}:{line}:{column}: ", Printable(&result.file))
            }
            _ => String::new(),
        };
        let action = result.action.as_deref().unwrap_or_default();
        let principal = result.principal.as_deref().unwrap_or_default();
        writeln!(
            streams.out,
            "  \u{1b}[1;31m{label}\u{1b}[0m  {place}{} ({} {action})",
            Printable(name),
            Printable(principal)
        )?;
    }
    match (&result.error, &result.actual) {
        (Some(error), _) => {
            for line in diagnostics::excerpt(error).lines() {
                writeln!(streams.out, "    {line}")?;
            }
        }
        (None, Some(answer)) => {
            writeln!(streams.out, "    {}", Printable(message))?;
            writeln!(streams.out, "    {}", Printable(&answer.reason))?;
            for line in text::evidence(answer).lines() {
                writeln!(streams.out, "    {line}")?;
            }
        }
        (None, None) => writeln!(streams.out, "    {}", Printable(message))?,
    }
    Ok(())
}
