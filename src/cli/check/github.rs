//! Annotations that GitHub Actions reads from a log.
//!
//! Source: [Workflow commands](https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands)

use std::fmt::Write as _;

use kms_sim::lint::Severity;
use kms_sim::text::Printable;

use super::{Located, Report, text};

pub(super) fn told(report: &Report) -> String {
    let mut told = String::new();
    report.findings.iter().for_each(|it| annotation(it, &mut told));
    for error in &report.errors {
        let place = error.place();
        let _ = writeln!(
            told,
            "::error file={},line={}::{}",
            property(&place.source.name),
            place.line(),
            data(error.message())
        );
    }
    // No line of a name may begin like a command.
    told + &text::summary(report) + "\n"
}

fn annotation(located: &Located, told: &mut String) {
    let finding = &located.finding;
    let command = match finding.severity {
        Severity::Error => "error",
        Severity::SecurityWarning | Severity::Warning => "warning",
        Severity::Suggestion => "notice",
    };
    let _ = write!(told, "::{command} file={}", property(&located.file));
    if let Some(place) = located.place_in_file() {
        let (line, column) = place.source.line_and_column(place.span.end);
        let _ = write!(told, ",line={},col={}", place.line(), place.column());
        // A column of the end is for annotations of one line.
        let _ = if line == place.line() {
            write!(told, ",endColumn={column}")
        } else {
            write!(told, ",endLine={line}")
        };
    }
    let title = property(&format!("{} {}", finding.rule.code, finding.rule.name));
    let help = finding.help.as_deref().map(|help| format!("\n{help}")).unwrap_or_default();
    let _ = writeln!(told, ",title={title}::{}", data(&format!("{}{help}", finding.message)));
}

/// The text of a command, which ends with the line.
fn data(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(|line| Printable(line).to_string()).collect();
    lines.join("\n").replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property of a command, which ends with a comma or two colons.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
