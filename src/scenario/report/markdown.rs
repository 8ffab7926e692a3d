//! A summary for a pull request.

use std::fmt::Write as _;

use super::Report;
use crate::scenario::{CaseResult, CoverageReport, Noticed, Status};
use crate::text::Printable;

/// GitHub shows summaries of up to 1 MiB; so many failures are shown in full.
///
/// Source: [Job summaries](https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#adding-a-job-summary)
const SHOWN: usize = 200;

impl Report {
    /// The summary: the count, a table of what failed, and why.
    #[must_use]
    pub fn markdown(&self) -> String {
        let mut text = format!("## KMS scenarios: {}\n", self.summary());
        let unmet: Vec<&CaseResult> = self.unmet().collect();
        if !unmet.is_empty() {
            text.push_str(
                "\n| case | principal | action | result | where |\n|---|---|---|---|---|\n",
            );
            unmet.iter().take(SHOWN).for_each(|it| text.push_str(&row(it)));
        }
        for result in unmet.iter().take(SHOWN) {
            text.push_str(&details(result));
        }
        if unmet.len() > SHOWN {
            let _ = writeln!(text, "\nand {} more", unmet.len() - SHOWN);
        }
        if let Some(coverage) = &self.coverage {
            text.push_str(&covered(coverage));
        }
        let _ = match self.warnings.len() {
            0 => Ok(()),
            1 => writeln!(text, "\n1 warning"),
            many => writeln!(text, "\n{many} warnings"),
        };
        text
    }
}

fn row(result: &CaseResult) -> String {
    let label = match result.status {
        Status::Passed => "passed",
        Status::Failed => "**failed**",
        Status::Error => "**error**",
    };
    let place = match result.line {
        Some(line) => format!("{}:{line}", result.file),
        None => result.file.clone(),
    };
    format!(
        "| {} | {} | {} | {label} | {} |\n",
        cell(result.name.as_deref().unwrap_or("(the file)")),
        cell(result.principal.as_deref().unwrap_or_default()),
        cell(result.action.as_deref().unwrap_or_default()),
        cell(&place)
    )
}

fn details(result: &CaseResult) -> String {
    let title = inline(&Printable(&result.title()).to_string());
    let lines = result.lines().join("\n");
    let fence = fence(&lines);
    format!(
        "\n<details><summary>{title}</summary>\n\n{fence}text\n{lines}\n{fence}\n\n</details>\n"
    )
}

fn covered(coverage: &CoverageReport) -> String {
    let mut text = format!(
        "\n### Coverage: {} % ({} of {} statements)\n",
        coverage.percent, coverage.noticed, coverage.statements
    );
    let missing = || coverage.rows.iter().filter(|it| it.noticed == Noticed::No);
    if missing().next().is_some() {
        text.push_str("\n| statement | where | side | why |\n|---|---|---|---|\n");
    }
    for it in missing().take(SHOWN) {
        let name = it.sid.clone().unwrap_or_else(|| format!("{} {}", it.rule, it.index + 1));
        let _ = writeln!(
            text,
            "| {} {} | {} | {} | {} |",
            it.effect,
            cell(&name),
            cell(&format!("{}:{}", it.file, it.line)),
            it.sides.join(", "),
            it.why()
        );
    }
    text
}

/// A cell of a table: on one line, and nothing in it is markup.
fn cell(text: &str) -> String {
    inline(&Printable(text).to_string())
}

/// Text in which nothing is markup, nor a mention of somebody, nor ends a cell.
fn inline(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '@' => safe.push_str("&#64;"),
            '\\' | '|' | '`' | '*' | '_' | '[' | ']' | '~' | '#' | '!' | '$' => {
                safe.push('\\');
                safe.push(c);
            }
            c => safe.push(c),
        }
    }
    safe
}

/// A fence longer than any in the text.
fn fence(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    "`".repeat(longest.max(2) + 1)
}
