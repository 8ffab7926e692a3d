//! SARIF 2.1.0, which code scanning reads.
//!
//! Source: [SARIF 2.1.0](https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html)

use std::fmt::Write as _;

use kms_sim::document::{InputError, Place};
use kms_sim::lint::{Rule, Severity, rules};
use serde_json::{Value, json};

use super::{Located, Report};
use crate::cli::{CliError, text};

pub(super) fn told(report: &Report) -> Result<String, CliError> {
    let findings = report.findings.iter().map(|located| result(located, None));
    let suppressed = report.suppressed.iter().map(|it| {
        let kind = if it.is_in_source { "inSource" } else { "external" };
        let reason = it.reason.as_deref().unwrap_or_default();
        result(&it.located, Some(json!([{"kind": kind, "justification": reason}])))
    });
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
            "results": findings.chain(suppressed).collect::<Vec<_>>(),
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

fn result(located: &Located, suppressions: Option<Value>) -> Value {
    let finding = &located.finding;
    let help = finding.help.as_deref().map(|help| format!("\n{help}")).unwrap_or_default();
    let pointer = &finding.place.pointer;
    let mut location =
        json!({"physicalLocation": physical(&located.file, located.place_in_file())});
    if let Some(location) = location.as_object_mut().filter(|_| !pointer.is_empty()) {
        location.insert("logicalLocations".to_owned(), json!([{"fullyQualifiedName": pointer}]));
    }
    let mut row = json!({
        "ruleId": finding.rule.code,
        "ruleIndex": rules().iter().position(|it| it == finding.rule),
        "level": level(finding.severity),
        "message": {"text": format!("{}{help}", finding.message)},
        "locations": [location],
        "partialFingerprints": {
            "kmsSimFinding/v1": format!("{} {} {pointer}", finding.rule.code, located.file),
        },
    });
    let Some(members) = row.as_object_mut() else { return row };
    if let Some(fix) = &finding.fix {
        members.insert("properties".to_owned(), json!({"fix": fix.title, "patch": fix.patch}));
    }
    if let Some(suppressions) = suppressions {
        members.insert("suppressions".to_owned(), suppressions);
    }
    row
}

fn physical(file: &str, place: Option<&Place>) -> Value {
    let artifact = json!({"uri": uri(file)});
    let Some(place) = place else { return json!({"artifactLocation": artifact}) };
    let (line, column) = place.source.line_and_column(place.span.end);
    json!({
        "artifactLocation": artifact,
        "region": {
            "startLine": place.line(),
            "startColumn": place.column(),
            "endLine": line,
            "endColumn": column,
        },
    })
}

/// A path as a relative reference of URIs; one that begins with a scheme would be absolute.
fn uri(path: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-~".contains(&byte);
    let path = path.strip_prefix("./").unwrap_or(path).replace('\\', "/");
    path.bytes().fold(String::new(), |mut uri, byte| {
        if is_plain(byte) {
            uri.push(char::from(byte));
        } else {
            let _ = write!(uri, "%{byte:02X}");
        }
        uri
    })
}

fn notification(error: &InputError) -> Value {
    let place = error.place();
    json!({
        "level": "error",
        "message": {"text": error.message()},
        "locations": [{"physicalLocation": physical(&place.source.name, Some(place))}],
    })
}
