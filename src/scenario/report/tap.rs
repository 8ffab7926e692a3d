//! The Test Anything Protocol.
//!
//! Source: [TAP 14](https://testanything.org/tap-version-14-specification.html)

use std::fmt::Write as _;

use super::Report;
use crate::scenario::{CaseResult, Status};

impl Report {
    /// The results in TAP 14, those that failed with a block of YAML.
    #[must_use]
    pub fn tap(&self) -> String {
        let mut text = format!("TAP version 14\n1..{}\n", self.cases.len());
        for (index, result) in self.cases.iter().enumerate() {
            let ok = if result.status == Status::Passed { "ok" } else { "not ok" };
            let _ = writeln!(text, "{ok} {} - {}", index + 1, description(&result.title()));
            if result.status != Status::Passed {
                text.push_str(&diagnostics(result));
            }
        }
        text
    }
}

/// A description may hold neither a directive nor, plain, a backslash.
fn description(text: &str) -> String {
    text.replace('\\', "\\\\").replace('#', "\\#")
}

/// Texts are written as JSON, which is YAML too.
fn diagnostics(result: &CaseResult) -> String {
    let severity = if result.status == Status::Error { "error" } else { "fail" };
    let json = |text: &str| serde_json::Value::from(text).to_string();
    let mut text = format!("  ---\n  severity: {severity}\n  message: ");
    let message = result.message.as_deref().unwrap_or_default();
    let _ = writeln!(text, "{}", json(&crate::text::Printable(message).to_string()));
    let _ = writeln!(text, "  at:\n    file: {}", json(&result.file));
    if let (Some(line), Some(column)) = (result.line, result.column) {
        let _ = writeln!(text, "    line: {line}\n    column: {column}");
    }
    let lines = result.lines();
    let mut evidence = lines.iter().skip(1).peekable();
    if evidence.peek().is_some() {
        text.push_str("  evidence:\n");
        for line in evidence {
            let _ = writeln!(text, "    - {}", json(line));
        }
    }
    text.push_str("  ...\n");
    text
}
