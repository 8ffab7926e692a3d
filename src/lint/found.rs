use super::{Finding, Rule};
use crate::document::Place;

/// Where a rule puts what it finds.
#[derive(Debug)]
pub(crate) struct Found {
    rule: &'static Rule,
    findings: Vec<Finding>,
}

impl Found {
    pub(super) fn new(rule: &'static Rule) -> Self {
        Self { rule, findings: Vec::new() }
    }

    /// A finding with what to do about it.
    pub(crate) fn with_help(
        &mut self,
        place: Place,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.push(Finding::new(self.rule, place, message).with_help(help));
    }

    /// A finding with more to it.
    pub(crate) fn push(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    pub(crate) fn rule(&self) -> &'static Rule {
        self.rule
    }

    pub(super) fn into_findings(self) -> Vec<Finding> {
        self.findings
    }
}
