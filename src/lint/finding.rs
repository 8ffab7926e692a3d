use std::cmp::Ordering;

use serde_json::{Value, json};

use super::{Rule, Severity};
use crate::document::Place;
use crate::policy::Statement;

/// Something that a rule found.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// The rule.
    pub rule: &'static Rule,
    /// How much it matters.
    pub severity: Severity,
    /// Access Analyzer's code of the same check, where it has one.
    pub issue_code: Option<&'static str>,
    /// One sentence, lower case and without a full stop.
    pub message: String,
    /// Where.
    pub place: Place,
    /// What to do about it.
    pub help: Option<String>,
    /// An edit with which it is gone.
    pub fix: Option<Fix>,
}

/// An edit of a policy with which a finding is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fix {
    /// What it does, as an imperative: `remove the alias`.
    pub title: String,
    /// [RFC 6902](https://www.rfc-editor.org/rfc/rfc6902) operations on the policy document.
    pub patch: Vec<Value>,
    /// Whether every decision stays what it is.
    pub keeps_decisions: bool,
}

impl Fix {
    /// An edit that changes no decision; one that does is not offered.
    #[must_use]
    pub fn neutral(title: impl Into<String>, patch: Vec<Value>) -> Self {
        Self { title: title.into(), patch, keeps_decisions: true }
    }

    /// An edit that is meant to change decisions.
    #[must_use]
    pub fn changing(title: impl Into<String>, patch: Vec<Value>) -> Self {
        Self { title: title.into(), patch, keeps_decisions: false }
    }
}

/// Operations that take entries out of a list of a statement, by their numbers: the last first,
/// so that the numbers of the others stay what they are.
pub(crate) fn removal(statement: &Statement, element: &str, numbers: &[&str]) -> Vec<Value> {
    let mut numbers: Vec<(usize, &str)> =
        numbers.iter().map(|it| (it.parse().unwrap_or_default(), *it)).collect();
    numbers.sort_unstable();
    let path = |number: &str| format!("{}/{element}/{number}", statement.pointer());
    let remove = |(_, number): &(usize, &str)| json!({"op": "remove", "path": path(number)});
    numbers.iter().rev().map(remove).collect()
}

impl Finding {
    /// A finding of a rule at a place.
    #[must_use]
    pub fn new(rule: &'static Rule, place: Place, message: impl Into<String>) -> Self {
        Self {
            rule,
            severity: rule.severity,
            issue_code: rule.issue_code,
            message: message.into(),
            place,
            help: None,
            fix: None,
        }
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Matters more or less than the rule's findings do in general.
    #[must_use]
    pub fn with_severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    /// Has another code of Access Analyzer than the rule's findings do in general, if any.
    #[must_use]
    pub fn with_issue_code(mut self, code: Option<&'static str>) -> Self {
        self.issue_code = code.or(self.issue_code);
        self
    }

    /// Adds an edit.
    #[must_use]
    pub fn with_fix(mut self, fix: Option<Fix>) -> Self {
        self.fix = fix;
        self
    }

    /// By file, then by where in it, then by rule.
    #[must_use]
    pub fn by_place(&self, other: &Self) -> Ordering {
        let key = |it: &Self| (it.place.span.start, it.rule.code);
        (self.place.source.name.cmp(&other.place.source.name))
            .then_with(|| key(self).cmp(&key(other)))
            .then_with(|| self.message.cmp(&other.message))
    }
}
