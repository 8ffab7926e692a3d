//! The results of a run as a person reads them.

use std::io::Write as _;

use kms_sim::scenario::{CaseResult, Status};
use kms_sim::text::Printable;

use super::Args;
use super::run::Report;
use crate::cli::{CliError, Streams, diagnostics, text};

pub(super) fn print(args: &Args, report: &Report, streams: &mut Streams) -> Result<(), CliError> {
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
