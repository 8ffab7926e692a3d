//! Findings for programs.

use kms_sim::analysis::AccessChange;
use kms_sim::document::{InputError, Place};
use serde::Serialize;
use serde_json::Value;

use super::{Located, Report, Suppressed};
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
    file: String,
    line: usize,
    column: usize,
    /// In the policy, as those of a patch are.
    pointer: &'a str,
    /// In the file; none within a string, or where a function of a template stands between.
    pointer_in_file: Option<String>,
    /// What the text is called that the policy is, if it is not the file or a part of it.
    policy: Option<&'a str>,
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
        findings: report.findings.iter().map(row).collect(),
        suppressed: report.suppressed.iter().map(silenced).collect(),
        errors: report.errors.iter().map(unread).collect(),
        notes: &report.notes,
        changes: report.is_compared.then_some(&report.changes),
    };
    let json = serde_json::to_string_pretty(&printed);
    Ok(text::safe_json(&json.map_err(|error| CliError::usage(error.to_string()))?) + "\n")
}

fn row(located: &Located) -> Row<'_> {
    let finding = &located.finding;
    Row {
        code: finding.rule.code,
        rule: finding.rule.name,
        severity: finding.severity.as_str(),
        message: &finding.message,
        at: at(&finding.place, &located.place),
        help: finding.help.as_deref(),
        fix: finding.fix.as_ref().map(|fix| Fixed {
            title: &fix.title,
            patch: &fix.patch,
            keeps_decisions: fix.keeps_decisions,
        }),
    }
}

fn silenced(it: &Suppressed) -> Silenced<'_> {
    Silenced { row: row(&it.located), reason: it.reason.as_deref() }
}

fn at<'a>(place: &'a Place, in_file: &Place) -> At<'a> {
    let policy = place.source.name.as_str();
    At {
        file: in_file.source.name.clone(),
        line: in_file.line(),
        column: in_file.column(),
        pointer: &place.pointer,
        pointer_in_file: place.pointer_in_file(),
        policy: (policy != in_file.source.name).then_some(policy),
    }
}

fn unread(error: &InputError) -> Unread<'_> {
    let place = error.place();
    Unread { message: error.message(), at: at(place, &place.in_file()), help: error.help() }
}
