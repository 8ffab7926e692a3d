//! `kms-sim test [PATH|GLOB]…`

mod bless;
mod covered;
mod find;
mod list;
mod output;
mod run;
mod told;
mod watch;

use std::borrow::Cow;
use std::path::Path;
use std::time::Instant;

use kms_sim::environment;
use kms_sim::scenario::{Report, Single};
use kms_sim::text::{Printable, Quoted};

use self::covered::CoverageArgs;
use self::output::{Format, Output};
use self::run::{Asked, Files, Stop};
use super::input::Disk;
use super::progress::Progress;
use super::text::{RED, RESET};
use super::{CliError, Color, Exit, Streams, formats};

#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(crate) struct Args {
    /// Files, folders or glob patterns [default: scenarios/]
    #[arg(value_name = "PATH|GLOB")]
    paths: Vec<String>,
    /// How the results are written, and where; may be repeated, with a FILE for all but one:
    /// text, json, junit, tap, github, markdown [default: text]
    #[arg(long, value_name = "FORMAT[=FILE]", value_parser = Output::parse)]
    format: Vec<Output>,
    /// Only actions of cases whose name, principal or action contains TEXT, in upper or lower
    /// case; may be repeated: one of them is enough
    #[arg(long, value_name = "TEXT")]
    filter: Vec<String>,
    /// Stop at the first that fails or cannot be run
    #[arg(long, conflicts_with_all = ["CoverageArgs", "list"])]
    fail_fast: bool,
    /// List the cases instead of running them
    #[arg(long, conflicts_with = "CoverageArgs")]
    list: bool,
    #[command(flatten)]
    coverage: CoverageArgs,
    /// Fill in the expectations that are missing, and bring those up to date that do not hold:
    /// shows what changes, and writes it if you agree
    #[arg(long, conflicts_with_all = ["CoverageArgs", "list", "fail_fast", "format", "watch"])]
    bless: bool,
    /// With --bless: only show what would change
    #[arg(long, requires = "bless")]
    dry_run: bool,
    /// With --bless: write without asking
    #[arg(long, requires = "bless", conflicts_with = "dry_run")]
    yes: bool,
    /// Run again on each change of the scenario files or of the policies that they name
    #[arg(long, conflicts_with = "list")]
    watch: bool,
    /// Print every warning
    #[arg(long)]
    verbose: bool,
    /// When to colour the output
    #[arg(long, value_enum, default_value = "auto")]
    pub(crate) color: Color,
    /// Print failures and the summary alone
    #[arg(long, conflicts_with = "verbose")]
    quiet: bool,
}

pub(crate) fn run(args: &Args, streams: &mut Streams) -> Result<Exit, CliError> {
    if args.bless {
        return bless::run(args, streams);
    }
    if args.watch { watch::run(args, streams) } else { once(args, &Disk, streams) }
}

/// One run; `disk` finds the policies.
fn once(
    args: &Args,
    disk: &(dyn environment::Files + Sync),
    streams: &mut Streams,
) -> Result<Exit, CliError> {
    let outputs = formats::targets(&args.format, Format::Text)?;
    let start = Instant::now();
    let files = run::in_threads(|| Files::read(&args.paths()?, disk))??;
    warn(args, &files, streams);
    let asked = Asked::of(&files, &args.filter);
    if asked.is_empty() && files.errors().next().is_none() {
        return Err(args.nothing(&files, &outputs, streams)?);
    }
    if args.list {
        return list::print(&files, &asked, &outputs, streams);
    }
    let progress = Progress::new(asked.len(), "cases", args.quiet);
    let stop = if args.fail_fast { Stop::AtFirst } else { Stop::Never };
    let mut report = run::in_threads(|| asked.run(stop, &progress))?;
    progress.finish();
    files.count_in(&mut report);
    if args.coverage.is_asked() {
        report.coverage = Some(run::in_threads(|| args.coverage.of(&asked, &files))?);
    }
    report.seconds = Some(start.elapsed().as_secs_f64());
    let written = output::write(&outputs, args, &report, streams)?;
    args.end(&report, streams);
    Ok(written.max(exit(args, &report)))
}

impl Args {
    /// What is named, or the folder that is run if nothing is.
    fn paths(&self) -> Result<Cow<'_, [String]>, CliError> {
        if !self.paths.is_empty() {
            return Ok(Cow::Borrowed(&self.paths));
        }
        if Path::new("scenarios").is_dir() {
            return Ok(Cow::Owned(vec!["scenarios".to_owned()]));
        }
        Err(CliError::usage_with_help(
            "expected a folder `scenarios` here, which is what is run if nothing is named, found none",
            "name files, folders or patterns: kms-sim test PATH…",
        ))
    }

    /// Whether it is one of those that `--filter` leaves.
    fn is_meant(&self, single: &Single<'_>) -> bool {
        self.filter.is_empty() || self.filter.iter().any(|text| single.mentions(text))
    }

    /// There is nothing to run; programs get a report all the same.
    fn nothing(
        &self,
        files: &Files,
        outputs: &[Output],
        streams: &mut Streams,
    ) -> Result<CliError, CliError> {
        let mut report = Report::default();
        files.count_in(&mut report);
        let is_for_programs = |it: &&Output| it.format != Format::Text && !self.list;
        let outputs: Vec<Output> = outputs.iter().filter(is_for_programs).cloned().collect();
        output::write(&outputs, self, &report, streams)?;
        Ok(if files.scenarios().next().is_some() { self.no_case() } else { self.no_file() })
    }

    fn no_case(&self) -> CliError {
        let texts: Vec<String> = self.filter.iter().map(|it| Quoted(it).to_string()).collect();
        CliError::usage_with_help(
            format!("expected a case that mentions {}, found none", texts.join(" or ")),
            "`--filter` compares with the name, the principal and the action; `--list` shows them",
        )
    }

    fn no_file(&self) -> CliError {
        let paths = self.paths().map(|paths| paths.join(", ")).unwrap_or_default();
        CliError::usage_with_help(
            format!("expected scenario files, found none in {paths}"),
            "a scenario is a .yaml, .yml or .json file with `keys` and `cases`",
        )
    }

    /// What is said after the results, of the run and not of a case.
    fn end(&self, report: &Report, streams: &mut Streams) {
        if let Some(error) = self.coverage.error(report) {
            streams.note(&format!("{RED}error{RESET}: {error}"));
        }
        if self.quiet {
            return;
        }
        if self.fail_fast && report.failed + report.errors > 0 {
            streams.note("stopped at the first failure");
        }
        streams.note(&told::time(report));
    }
}

fn exit(args: &Args, report: &Report) -> Exit {
    let covers = args.coverage.error(report).is_none();
    match (report.errors, report.failed, covers) {
        (0, 0, true) => Exit::Done,
        (0, _, _) => Exit::Denied,
        _ => Exit::CouldNotRun,
    }
}

/// More warnings than these are only counted.
const WARNINGS: usize = 5;

fn warn(args: &Args, files: &Files, streams: &mut Streams) {
    let warnings = files.warnings();
    if args.quiet {
        return;
    }
    if args.verbose || warnings.len() <= WARNINGS {
        for warning in &warnings {
            streams.note(&format!("warning: {}", Printable(warning)));
        }
    } else if let Some(first) = warnings.first() {
        let count = warnings.len();
        let of = files.scenarios().filter(|it| !it.warnings().is_empty()).count();
        streams.note(&format!(
            "warning: {count} warnings about {of} files, which --verbose prints; the first: {}",
            Printable(first)
        ));
    }
}
