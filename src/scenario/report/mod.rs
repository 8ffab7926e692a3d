//! The results of a run, and how other programs want them written.

mod github;
mod junit;
mod markdown;
mod tap;

use serde::Serialize;

use super::{CaseResult, CoverageReport, Status};
use crate::report::evidence::evidence;
use crate::text::Printable;

/// The results of a run.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    /// How many actions of cases passed.
    pub passed: usize,
    /// How many failed.
    pub failed: usize,
    /// How many could not be run, files among them.
    pub errors: usize,
    /// How many files were run, or could not be.
    pub files: usize,
    /// Documents in folders that hold no cases.
    pub skipped: usize,
    /// What the files hold that AWS would not take, or that is likely not meant.
    pub warnings: Vec<String>,
    /// The results, file by file, in the order of the cases.
    pub cases: Vec<CaseResult>,
    /// What the cases cover, if it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub coverage: Option<CoverageReport>,
    /// How long the run took, if that is to be told.
    #[serde(skip)]
    pub seconds: Option<f64>,
}

impl Report {
    /// Adds a result.
    pub fn count(&mut self, result: CaseResult) {
        match result.status {
            Status::Passed => self.passed += 1,
            Status::Failed => self.failed += 1,
            Status::Error => self.errors += 1,
        }
        self.cases.push(result);
    }

    /// `3 passed, 1 failed`, and `, 1 errors` where there are any.
    #[must_use]
    pub fn summary(&self) -> String {
        let errors =
            if self.errors > 0 { format!(", {} errors", self.errors) } else { String::new() };
        format!("{} passed, {} failed{errors}", self.passed, self.failed)
    }

    /// The results of each file, in order.
    fn by_file(&self) -> impl Iterator<Item = &[CaseResult]> {
        self.cases.chunk_by(|one, other| one.file == other.file)
    }

    fn unmet(&self) -> impl Iterator<Item = &CaseResult> {
        self.cases.iter().filter(|it| it.status != Status::Passed)
    }
}

impl CaseResult {
    /// `the role decrypts (role/Web kms:Decrypt)`, or the file that cannot be run.
    #[must_use]
    pub fn title(&self) -> String {
        let Some(name) = &self.name else { return Printable(&self.file).to_string() };
        let principal = self.principal.as_deref().unwrap_or_default();
        let action = self.action.as_deref().unwrap_or_default();
        title(name, principal, action, self.key.as_deref().filter(|_| self.is_of_several_keys))
    }

    /// What does not hold and why, in lines: the expectation, the reason, and the statements.
    fn lines(&self) -> Vec<String> {
        let message = self.message.as_deref().map(|it| Printable(it).to_string());
        let reason = self.actual.as_ref().map(|it| Printable(&it.reason).to_string());
        let evidence = self.actual.as_ref().map(|it| evidence(it)).unwrap_or_default();
        let evidence = evidence.lines().map(str::to_owned);
        message.into_iter().chain(reason).chain(evidence).collect()
    }
}

/// `name (principal action on key)`, the key where only it tells one result of a case from
/// another.
pub(super) fn title(name: &str, principal: &str, action: &str, key: Option<&str>) -> String {
    let key = key.map(|key| format!(" on {}", Printable(key))).unwrap_or_default();
    format!("{} ({} {action}{key})", Printable(name), Printable(principal))
}
