//! A comment on a pull request.

use std::fmt::Write as _;

use kms_sim::text::Printable;

use super::{Located, Report, changes, text};

/// A comment has 65,536 characters at most; so many findings are shown.
const SHOWN: usize = 100;

pub(super) fn told(report: &Report) -> String {
    let mut told = format!("## KMS policies: {}\n", text::summary(report));
    if !report.findings.is_empty() {
        told.push_str("\n| | rule | finding | where |\n|---|---|---|---|\n");
    }
    report.findings.iter().take(SHOWN).for_each(|it| row(it, &mut told));
    if report.findings.len() > SHOWN {
        let _ = writeln!(told, "\nand {} more", report.findings.len() - SHOWN);
    }
    let fixes = report.findings.iter().take(SHOWN).filter(|it| it.finding.fix.is_some());
    fixes.for_each(|it| fix(it, &mut told));
    if !report.suppressed.is_empty() {
        let _ = writeln!(told, "\n{} suppressed", report.suppressed.len());
    }
    changes(report, &mut told);
    for error in &report.errors {
        let _ = writeln!(told, "\nCould not read: {}", cell(&error.to_string()));
    }
    told
}

fn row(located: &Located, told: &mut String) {
    let finding = &located.finding;
    let help = finding.help.as_deref().map(|it| format!("<br>{}", cell(it))).unwrap_or_default();
    let _ = writeln!(
        told,
        "| {} | {} {} | {}{help} | {}:{} {} |",
        text::word(finding.severity),
        finding.rule.code,
        finding.rule.name,
        cell(&finding.message),
        cell(located.file()),
        located.place.line(),
        cell(&located.pointer()),
    );
}

fn changes(report: &Report, told: &mut String) {
    match (report.is_compared, report.changes.is_empty()) {
        (false, _) => return,
        (true, true) => told.push_str("\nNobody gains or loses anything.\n"),
        (true, false) => {
            told.push_str("\n| | key | principal | actions | cause |\n|---|---|---|---|---|\n");
        }
    }
    let groups = changes::grouped(&report.changes);
    for group in groups.iter().take(SHOWN) {
        let _ = writeln!(
            told,
            "| {} | {} | {} | {} {} | {} |",
            cell(group.mark()),
            cell(&group.key()),
            cell(&group.principals()),
            group.verb(),
            cell(&group.actions()),
            cell(&group.cause().replace("\n ", ";"))
        );
    }
    if groups.len() > SHOWN {
        let _ = writeln!(told, "\nand {} more changes", groups.len() - SHOWN);
    }
}

fn fix(located: &Located, told: &mut String) {
    let Some(fix) = &located.finding.fix else { return };
    let patch = serde_json::Value::from(fix.patch.clone());
    let patch = serde_json::to_string_pretty(&patch).unwrap_or_default();
    // A fence is longer than any in what it holds.
    let longest = patch.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat((longest + 1).max(3));
    let _ = writeln!(
        told,
        "\n<details><summary>{}: {}</summary>\n\n{fence}json\n{patch}\n{fence}\n\n</details>",
        located.finding.rule.code,
        cell(&fix.title)
    );
}

/// Text in a cell, where nothing of it is markup but the backticks of messages.
fn cell(text: &str) -> String {
    let mut escaped = String::new();
    for c in Printable(text).to_string().chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '@' => escaped.push_str("&#64;"),
            '|' | '[' | ']' | '*' | '_' | '~' | '!' | '#' | '\\' => {
                escaped.push('\\');
                escaped.push(c);
            }
            '`' => escaped.push('"'),
            c => escaped.push(c),
        }
    }
    escaped
}
