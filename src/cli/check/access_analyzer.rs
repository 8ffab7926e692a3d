//! Findings as `aws accessanalyzer validate-policy` prints them.
//!
//! Source: [ValidatePolicyFinding](https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_ValidatePolicyFinding.html)

use kms_sim::document::Source;
use kms_sim::lint::{Finding, Rule};
use serde_json::{Value, json};

use super::{Located, Report};
use crate::cli::{CliError, text};

pub(super) fn told(report: &Report) -> Result<String, CliError> {
    let is_of_several = report.files > 1;
    let findings = report.findings.iter().map(|located| {
        let mut row = row(located);
        // AWS prints the findings of one policy, and so names no file.
        if let Some(row) = row.as_object_mut().filter(|_| is_of_several) {
            row.insert("file".to_owned(), located.file().into());
        }
        row
    });
    let json = serde_json::to_string_pretty(&json!({"findings": findings.collect::<Vec<_>>()}));
    Ok(text::safe_json(&json.map_err(|error| CliError::usage(error.to_string()))?) + "\n")
}

fn row(located: &Located) -> Value {
    let Located { finding, place } = located;
    json!({
        "findingDetails": finding.message,
        "findingType": finding.severity.as_str(),
        "issueCode": issue_code(finding),
        "learnMoreLink": link(finding.rule),
        "locations": [{
            "path": finding.place.pointer.split('/').skip(1).map(element).collect::<Vec<_>>(),
            "span": {
                "start": position(&place.source, place.span.start),
                "end": position(&place.source, place.span.end),
            },
        }],
    })
}

/// AWS's code of the same check, else the name of ours in AWS's spelling.
fn issue_code(finding: &Finding) -> String {
    let own = || finding.rule.name.to_ascii_uppercase().replace('-', "_");
    finding.issue_code.map_or_else(own, str::to_owned)
}

/// The first page of AWS that the rule rests on.
fn link(rule: &Rule) -> String {
    let page = rule.page();
    let link = page.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let link = link.map(str::to_owned).find(|link| link.starts_with("https://"));
    link.unwrap_or_else(|| {
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html".to_owned()
    })
}

fn element(step: &str) -> Value {
    match step.parse::<usize>() {
        Ok(index) => json!({"index": index}),
        Err(_) => json!({"value": step.replace("~1", "/").replace("~0", "~")}),
    }
}

/// Lines count from 1, columns and offsets from 0.
///
/// Source: [Position](https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_Position.html)
fn position(source: &Source, offset: usize) -> Value {
    let (line, column) = source.line_and_column(offset);
    json!({"line": line, "column": column - 1, "offset": offset})
}
