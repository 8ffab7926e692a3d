//! Findings as a person reads them: how many first, then each with the line that it is about.

use annotate_snippets::Level;
use kms_sim::lint::Severity;
use kms_sim::text::{Printable, Quoted};

use super::{Located, Report, changes};
use crate::cli::diagnostics;
use crate::cli::text::{BOLD, RESET};

pub(super) fn told(report: &Report) -> String {
    let mut text = format!("{BOLD}{}{RESET}\n", summary(report));
    for located in &report.findings {
        text.push('\n');
        text.push_str(&one(located));
        text.push('\n');
    }
    text + &changes::told(report)
}

/// How many findings there are, the worst first.
pub(super) fn summary(report: &Report) -> String {
    let files = counted(report.files, "file");
    let mut asides = Vec::new();
    if !report.suppressed.is_empty() {
        asides.push(format!("{} suppressed", report.suppressed.len()));
    }
    if !report.errors.is_empty() {
        asides.push(format!("{} could not be read", counted(report.errors.len(), "file")));
    }
    if report.unknown > 0 {
        let (policies, are) =
            if report.unknown == 1 { ("policy", "is") } else { ("policies", "are") };
        asides.push(format!("{} {policies} {are} not known", report.unknown));
    }
    let asides = match asides.as_slice() {
        [] => String::new(),
        some => format!(" ({})", some.join(", ")),
    };
    if report.findings.is_empty() {
        return format!("nothing found in {files}{asides}");
    }
    let of = |severity: &Severity| {
        let number = report.findings.iter().filter(|it| it.finding.severity == *severity).count();
        (number > 0).then(|| counted(number, word(*severity)))
    };
    let numbers: Vec<String> = Severity::ALL.iter().rev().filter_map(of).collect();
    format!("{} in {files}{asides}", numbers.join(", "))
}

fn counted(number: usize, word: &str) -> String {
    format!("{number} {word}{}", if number == 1 { "" } else { "s" })
}

pub(super) fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::SecurityWarning => "security warning",
        Severity::Warning => "warning",
        Severity::Suggestion => "suggestion",
    }
}

fn one(located: &Located) -> String {
    let finding = &located.finding;
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::SecurityWarning | Severity::Warning => Level::WARNING,
        Severity::Suggestion => Level::INFO,
    };
    let title = level
        .with_name(word(finding.severity))
        .primary_title(Printable(&finding.message).to_string())
        .id(finding.rule.code);
    let mut notes = Vec::new();
    let pointer = located.pointer();
    if !pointer.is_empty() {
        notes.push(Level::NOTE.message(format!("at {}", Quoted(&pointer))));
    }
    if let Some(help) = &finding.help {
        notes.push(Level::HELP.message(Printable(help).to_string()));
    }
    if let Some(fix) = &finding.fix {
        let patch = serde_json::Value::from(fix.patch.clone()).to_string();
        let fix = format!("{}: {}", Printable(&fix.title), Printable(&patch));
        notes.push(Level::HELP.with_name("fix").message(fix));
    }
    diagnostics::told(title, &finding.place, notes)
}
