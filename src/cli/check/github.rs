//! Annotations that GitHub Actions reads from a log.
//!
//! Source: [Workflow commands](https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands)

use std::fmt::Write as _;

use kms_sim::lint::Severity;
use kms_sim::text::Printable;

use super::{Located, Report, paths, text};

pub(super) fn told(report: &Report) -> String {
    let mut told = String::new();
    report.findings.iter().for_each(|it| annotation(it, &mut told));
    for error in &report.errors {
        let place = error.place().in_file();
        let _ = writeln!(
            told,
            "::error file={},line={}::{}",
            property(&paths::from_here(&place.source.name)),
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
    let place = &located.place;
    let (line, column) = place.source.line_and_column(place.span.end);
    let _ = write!(
        told,
        "::{command} file={},line={},col={}",
        property(&paths::from_here(located.file())),
        place.line(),
        place.column()
    );
    // A column of the end is for annotations of one line.
    let _ = if line == place.line() {
        write!(told, ",endColumn={column}")
    } else {
        write!(told, ",endLine={line}")
    };
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
