//! Findings for programs.

use kms_sim::analysis::AccessChange;
use kms_sim::document::{InputError, Place};
use kms_sim::lint::Finding;
use serde::Serialize;
use serde_json::Value;

use super::{Report, Suppressed};
use crate::cli::{CliError, text};

#[derive(Serialize)]
struct Printed<'a> {
    files: usize,
    findings: Vec<Row<'a>>,
    suppressed: Vec<Silenced<'a>>,
    /// Files that could not be read.
    errors: Vec<Unread<'a>>,
    notes: &'a [String],
    /// Who gains and loses what, if there was an older version to compare with.
    #[serde(skip_serializing_if = "Option::is_none")]
    changes: Option<&'a [AccessChange]>,
}

#[derive(Serialize)]
struct Row<'a> {
    code: &'static str,
    rule: &'static str,
    severity: &'static str,
    message: &'a str,
    #[serde(flatten)]
    at: At<'a>,
    help: Option<&'a str>,
    fix: Option<Fixed<'a>>,
}

#[derive(Serialize)]
struct Silenced<'a> {
    #[serde(flatten)]
    row: Row<'a>,
    reason: Option<&'a str>,
}

#[derive(Serialize)]
struct At<'a> {
    file: &'a str,
    line: usize,
    column: usize,
    pointer: &'a str,
}

#[derive(Serialize)]
struct Fixed<'a> {
    title: &'a str,
    patch: &'a [Value],
    keeps_decisions: bool,
}

#[derive(Serialize)]
struct Unread<'a> {
    message: &'a str,
    #[serde(flatten)]
    at: At<'a>,
    help: Option<&'a str>,
}

pub(super) fn told(report: &Report) -> Result<String, CliError> {
    let printed = Printed {
        files: report.files,
        findings: report.findings.iter().map(|it| row(&it.finding)).collect(),
        suppressed: report.suppressed.iter().map(silenced).collect(),
        errors: report.errors.iter().map(unread).collect(),
        notes: &report.notes,
        changes: report.is_compared.then_some(&report.changes),
    };
    let json = serde_json::to_string_pretty(&printed);
    Ok(text::safe_json(&json.map_err(|error| CliError::usage(error.to_string()))?) + "\n")
}

fn row(finding: &Finding) -> Row<'_> {
    Row {
        code: finding.rule.code,
        rule: finding.rule.name,
        severity: finding.severity.as_str(),
        message: &finding.message,
        at: at(&finding.place),
        help: finding.help.as_deref(),
        fix: finding.fix.as_ref().map(|fix| Fixed {
            title: &fix.title,
            patch: &fix.patch,
            keeps_decisions: fix.keeps_decisions,
        }),
    }
}

fn silenced(it: &Suppressed) -> Silenced<'_> {
    Silenced { row: row(&it.located.finding), reason: it.reason.as_deref() }
}

fn at(place: &Place) -> At<'_> {
    At {
        file: &place.source.name,
        line: place.line(),
        column: place.column(),
        pointer: &place.pointer,
    }
}

fn unread(error: &InputError) -> Unread<'_> {
    Unread { message: error.message(), at: at(error.place()), help: error.help() }
}
