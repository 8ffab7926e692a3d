//! SARIF 2.1.0, which code scanning reads.
//!
//! Source: [SARIF 2.1.0](https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html)

use kms_sim::document::{InputError, Place};
use kms_sim::lint::{Rule, Severity, rules};
use serde_json::{Value, json};

use super::fingerprint::Fingerprints;
use super::{Located, Report, paths, sarif_fix};
use crate::cli::{CliError, text};

pub(super) fn told(report: &Report) -> Result<String, CliError> {
    let findings = report.findings.iter().map(|located| (located, None));
    let suppressed = report.suppressed.iter().map(|it| {
        let kind = if it.is_in_source { "inSource" } else { "external" };
        let reason = it.reason.as_deref().unwrap_or_default();
        (&it.located, Some(json!([{"kind": kind, "justification": reason}])))
    });
    let mut fingerprints = Fingerprints::default();
    let results = findings
        .chain(suppressed)
        .map(|(located, suppressions)| result(located, &fingerprints.of(located), suppressions));
    let sarif = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "kms-sim",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules().iter().map(rule).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "invocations": [{
                "executionSuccessful": report.errors.is_empty(),
                "toolExecutionNotifications":
                    report.errors.iter().map(notification).collect::<Vec<_>>(),
            }],
            "results": results.collect::<Vec<_>>(),
        }],
    });
    let json = serde_json::to_string_pretty(&sarif);
    Ok(text::safe_json(&json.map_err(|error| CliError::usage(error.to_string()))?) + "\n")
}

fn rule(rule: &Rule) -> Value {
    let page = rule.page();
    let mut row = json!({
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": rule.summary()},
        "fullDescription": {"text": rule.summary()},
        "help": {"text": page, "markdown": page},
        "defaultConfiguration": {"level": level(rule.severity)},
        "properties": {"tags": ["aws", "kms"]},
    });
    // Code scanning shows as security alerts what has a number from 0 to 10.
    let number = match rule.severity {
        Severity::Error | Severity::SecurityWarning => "7.5",
        Severity::Warning | Severity::Suggestion => return row,
    };
    if let Some(properties) = row.get_mut("properties").and_then(Value::as_object_mut) {
        properties.insert("security-severity".to_owned(), number.into());
        properties.insert("tags".to_owned(), json!(["aws", "kms", "security"]));
    }
    row
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::SecurityWarning | Severity::Warning => "warning",
        Severity::Suggestion => "note",
    }
}

fn result(located: &Located, fingerprint: &str, suppressions: Option<Value>) -> Value {
    let finding = &located.finding;
    let help = finding.help.as_deref().map(|help| format!("\n{help}")).unwrap_or_default();
    let pointer = located.pointer();
    let mut location = json!({"physicalLocation": physical(&located.place)});
    if let Some(location) = location.as_object_mut().filter(|_| !pointer.is_empty()) {
        location.insert("logicalLocations".to_owned(), json!([{"fullyQualifiedName": pointer}]));
    }
    let mut row = json!({
        "ruleId": finding.rule.code,
        "ruleIndex": rules().iter().position(|it| it == finding.rule),
        "level": level(finding.severity),
        "message": {"text": format!("{}{help}", finding.message)},
        "locations": [location],
        "partialFingerprints": {"kmsSimFinding/v2": fingerprint},
    });
    let Some(members) = row.as_object_mut() else { return row };
    if let Some(fix) = &finding.fix {
        members.insert("properties".to_owned(), json!({"fix": fix.title, "patch": fix.patch}));
        if let Some(changes) = sarif_fix::changes(located, fix) {
            members.insert("fixes".to_owned(), changes);
        }
    }
    if let Some(suppressions) = suppressions {
        members.insert("suppressions".to_owned(), suppressions);
    }
    row
}

fn physical(place: &Place) -> Value {
    let (line, column) = place.source.line_and_column(place.span.end);
    json!({
        "artifactLocation": {"uri": paths::uri(&place.source.name)},
        "region": {
            "startLine": place.line(),
            "startColumn": place.column(),
            "endLine": line,
            "endColumn": column,
        },
    })
}

fn notification(error: &InputError) -> Value {
    let place = error.place().in_file();
    json!({
        "level": "error",
        "message": {"text": error.message()},
        "locations": [{"physicalLocation": physical(&place)}],
    })
}
