//! Coverage as a person reads it.

use std::fmt::Write as _;

use kms_sim::scenario::{CoverageReport, Covered, Noticed, Report, Suggestion, Suggestions};
use kms_sim::text::Printable;

use super::run::{Asked, Files};
use crate::cli::text::{BOLD, RESET};

#[derive(Debug, clap::Args)]
pub(super) struct CoverageArgs {
    /// Tell which statements could be removed without any case noticing
    #[arg(long)]
    coverage: bool,
    /// Fail if cases notice the removal of less than so many of a hundred statements
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(0..=100))]
    min_coverage: Option<u8>,
    /// Propose cases for the statements that no case would miss; each is run before it is shown
    #[arg(long)]
    suggest: bool,
}

impl CoverageArgs {
    pub(super) fn is_asked(&self) -> bool {
        self.coverage || self.suggest || self.min_coverage.is_some()
    }

    /// What the cases cover, and others that would cover the rest.
    pub(super) fn of(&self, asked: &Asked<'_>, files: &Files) -> CoverageReport {
        let mut report = asked.coverage(files).report();
        if self.suggest {
            let mut suggestions = Suggestions::default();
            for row in &report.rows {
                suggestions.add(row, files.scenarios());
            }
            report.suggestions = Some(suggestions);
        }
        report
    }

    /// What is wrong with what is covered, if anything is.
    pub(super) fn error(&self, report: &Report) -> Option<String> {
        let least = self.min_coverage?;
        let found = report.coverage.as_ref()?.percent;
        (found < usize::from(least))
            .then(|| format!("expected a coverage of at least {least} %, found {found} %"))
    }
}

/// What nobody would notice comes first.
pub(super) fn told(coverage: &CoverageReport) -> String {
    let mut text = format!(
        "{BOLD}coverage: {} %{RESET}: cases notice the removal of {} of {} statements\n",
        coverage.percent, coverage.noticed, coverage.statements
    );
    section(&mut text, coverage, Noticed::No, "could be removed without any case noticing");
    let title = "change an answer when they are removed, but no case would fail";
    section(&mut text, coverage, Noticed::Answer, title);
    if let Some(suggestions) = &coverage.suggestions {
        text.push_str(&suggested(suggestions));
    }
    text.push('\n');
    text
}

fn suggested(suggestions: &Suggestions) -> String {
    let mut text = String::new();
    let mut cases: Vec<&Suggestion> = suggestions.cases.iter().collect();
    cases.sort_by_key(|it| &it.file);
    let mut file = "";
    for it in cases {
        if it.file != file {
            file = &it.file;
            let _ = writeln!(text, "\nadd to the cases of {}:", Printable(file));
        }
        text.push('\n');
        text.push_str(&it.yaml);
    }
    if !suggestions.none.is_empty() {
        text.push_str("\nno case was found for:\n");
    }
    for it in &suggestions.none {
        let (file, line) = (Printable(&it.statement_file), it.statement_line);
        let _ = writeln!(text, "  {file}:{line} {}: {}", it.statement, Printable(&it.reason));
    }
    text
}

fn section(text: &mut String, coverage: &CoverageReport, noticed: Noticed, title: &str) {
    let rows: Vec<&Covered> = coverage.rows.iter().filter(|it| it.noticed == noticed).collect();
    if rows.is_empty() {
        return;
    }
    let _ = writeln!(text, "\n{} {title}:", rows.len());
    for row in rows {
        let _ = writeln!(
            text,
            "  {}:{}:{} {}, {}",
            // A policy inside a string is named by where the string stands.
            Printable(row.file.split_once("#/").map_or(row.file.as_str(), |(file, _)| file)),
            row.line,
            row.column,
            row.sides.join(" and "),
            row.sentence()
        );
    }
}
