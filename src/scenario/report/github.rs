//! Annotations that GitHub Actions reads from a log.
//!
//! Source: [Workflow commands](https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands)

use std::fmt::Write as _;

use super::Report;
use crate::scenario::Noticed;
use crate::text::Printable;

impl Report {
    /// An annotation for each case that failed and each warning, and the summary.
    #[must_use]
    pub fn github(&self) -> String {
        let mut text = String::new();
        for result in self.unmet() {
            let mut at = format!("file={}", property(&result.file));
            if let (Some(line), Some(column)) = (result.line, result.column) {
                let _ = write!(at, ",line={line},col={column}");
            }
            let title = property(&Printable(&result.title()).to_string());
            let _ =
                writeln!(text, "::error {at},title={title}::{}", data(&result.lines().join("\n")));
        }
        for warning in &self.warnings {
            let _ = writeln!(text, "::warning::{}", data(&Printable(warning).to_string()));
        }
        let rows = self.coverage.iter().flat_map(|it| &it.rows);
        for row in rows.filter(|it| it.noticed == Noticed::No) {
            let _ = writeln!(
                text,
                "::notice file={},line={},col={},title=not covered::{}",
                property(&row.file),
                row.line,
                row.column,
                data(&row.sentence())
            );
        }
        // No line of a name may begin like a command.
        let _ = writeln!(text, "{}", self.summary());
        text
    }
}

/// The text of a command, which ends with the line.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property of a command, which ends with a comma or two colons.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
