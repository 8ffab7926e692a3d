//! What a decision rests on, in lines of plain text.

use std::fmt::Write as _;

use super::answer::{Answer, StatementRow, TraceRow};
use crate::text::Printable;

/// What the decision rests on, or nearly did, each with its place.
#[must_use]
pub fn evidence(answer: &Answer) -> String {
    let mut text = String::new();
    for statement in answer.decisive() {
        let _ = writeln!(text, "decided by {}", statement_line(statement));
    }
    text.push_str(&near_misses(answer, "near miss  ", "           "));
    text
}

/// The most that anybody reads.
const NEAR_MISSES: usize = 5;

/// The statements and grants that nearly allowed it, best first, each with what failed.
#[must_use]
pub fn near_misses(answer: &Answer, label: &str, indent: &str) -> String {
    let mut text = String::new();
    for near in answer.near_misses.iter().take(NEAR_MISSES) {
        let _ = writeln!(text, "{label}{}", statement_line(&near.statement));
        text.push_str(&failed_element(near, indent));
    }
    let more = answer.near_misses.len().saturating_sub(NEAR_MISSES);
    if more > 0 {
        let _ = writeln!(text, "{indent}and {more} more, which --explain shows");
    }
    text
}

/// `key.json:19:5 (statement 2, "Allow Key Users", Allow)`
#[must_use]
pub fn statement_line(statement: &StatementRow) -> String {
    let sid = match statement.sid.as_deref() {
        Some(sid) if !sid.is_empty() => format!(", \"{}\"", Printable(sid)),
        _ => String::new(),
    };
    let place = match (&statement.file, statement.line, statement.column) {
        (Some(file), Some(line), Some(column)) => {
            // A policy inside a string is named by where the string stands, and counts from there.
            let file = file.split_once("#/").map_or(file.as_str(), |(file, _)| file);
            format!("{}:{line}:{column} ", Printable(file))
        }
        _ => String::new(),
    };
    let number = statement.index + 1;
    match statement.rule {
        "grant" => format!("{place}(grant {number}{sid})"),
        _ => format!("{place}(statement {number}{sid}, {})", statement.effect),
    }
}

/// The first element that failed, with the policy's value and the request's.
#[must_use]
pub fn failed_element(row: &TraceRow, indent: &str) -> String {
    let what = if row.statement.rule == "grant" { "grant" } else { "policy" };
    match &row.element {
        None => String::new(),
        Some(element) => {
            both_values(element, what, (&row.policy_values, &row.request_values), indent)
        }
    }
}

/// An element, with what the policy has there and what the request has.
#[must_use]
pub fn both_values(
    element: &str,
    what: &str,
    (policy, request): (&[String], &[String]),
    indent: &str,
) -> String {
    let had = format!("the {what} has");
    format!(
        "{indent}{}\n{indent}  {had:<16} {}\n{indent}  the request has  {}\n",
        Printable(element),
        values(policy),
        values(request)
    )
}

/// `a, b`, or `nothing`.
#[must_use]
pub fn values(values: &[String]) -> String {
    match values {
        [] => "nothing".to_owned(),
        values => {
            values.iter().map(|value| Printable(value).to_string()).collect::<Vec<_>>().join(", ")
        }
    }
}
