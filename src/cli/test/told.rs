//! The results of a run as a person reads them.

use std::fmt::Write as _;

use kms_sim::report::{Answer, StatementRow};
use kms_sim::scenario::{CaseResult, Report, Status};
use kms_sim::text::Printable;

use super::covered;
use crate::cli::{diagnostics, text};

/// What failed and why, what is covered if that was asked for, and the count.
pub(super) fn report(report: &Report, quiet: bool) -> String {
    let mut text = String::new();
    let mut file = "";
    for result in report.cases.iter().filter(|it| it.status != Status::Passed) {
        if result.file != file {
            file = &result.file;
            let _ = writeln!(text, "{}", Printable(file));
        }
        text.push_str(&failure(result));
    }
    if let Some(coverage) = &report.coverage {
        text.push_str(&covered::told(coverage));
    }
    if report.skipped > 0 && !quiet {
        let _ = writeln!(text, "{} documents without cases were skipped", report.skipped);
    }
    let _ = writeln!(text, "{}", report.summary());
    text
}

/// `3 cases of 2 files in 0.01 s`
pub(super) fn time(report: &Report) -> String {
    format!(
        "{} of {} in {:.2} s",
        count(report.cases.len(), "action"),
        count(report.files, "file"),
        report.seconds.unwrap_or_default()
    )
}

/// `1 file`, `2 files`
pub(super) fn count(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

fn failure(result: &CaseResult) -> String {
    let mut text = String::new();
    let message = result.message.as_deref().unwrap_or_default();
    let label = if result.status == Status::Error { "ERROR" } else { "FAILED" };
    if result.name.is_some() {
        let place = match (result.line, result.column) {
            (Some(line), Some(column)) => {
                format!("{}:{line}:{column}: ", Printable(&result.file))
            }
            _ => String::new(),
        };
        let _ = writeln!(text, "  {}{label}{}  {place}{}", text::RED, text::RESET, result.title());
    }
    match (&result.error, &result.actual) {
        (Some(error), _) => indented(&mut text, &diagnostics::excerpt(error)),
        (None, Some(answer)) => {
            let _ = writeln!(text, "    {}", Printable(message));
            let _ = writeln!(text, "    {}", Printable(&answer.reason));
            indented(&mut text, &text::evidence(answer));
            indented(&mut text, &excerpts(answer));
        }
        (None, None) => {
            let _ = writeln!(text, "    {}", Printable(message));
        }
    }
    text
}

fn indented(text: &mut String, lines: &str) {
    for line in lines.lines() {
        let _ = writeln!(text, "    {line}");
    }
}

/// So many statements are shown as they are written.
const EXCERPTS: usize = 3;

/// The statements that decide, as they are written.
fn excerpts(answer: &Answer) -> String {
    let decisive = answer.decisive();
    let excerpt = |row: &&StatementRow| {
        let title = if row.effect == "Deny" { "this denies" } else { "this allows" };
        Some(diagnostics::quotation(title, row.place.as_ref()?)? + "\n")
    };
    decisive.iter().filter_map(excerpt).take(EXCERPTS).collect()
}
