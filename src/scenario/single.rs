use serde::Serialize;

use super::Scenario;
use super::case::{Case, Check};
use super::report::title;
use super::run::CaseResult;
use crate::document::Place;
use crate::environment::Question;
use crate::kms::Asked;

/// One action of one case: the least that can be run.
#[derive(Clone, Copy, Debug)]
pub struct Single<'s> {
    pub(super) scenario: &'s Scenario,
    pub(super) case: &'s Case,
    pub(super) check: &'s Check,
}

/// What a case asks, without its answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Listed {
    /// The file.
    pub file: String,
    /// The case.
    pub name: String,
    /// The principal, as the case spells it.
    pub principal: String,
    /// The action, in AWS's spelling.
    pub action: String,
    /// The key, as the case spells it.
    pub key: Option<String>,
    /// The line that the case begins on.
    pub line: usize,
    /// The column.
    pub column: usize,
    /// The case with what tells its actions apart, as in a report.
    #[serde(skip)]
    pub title: String,
}

impl<'s> Single<'s> {
    /// The name of the case.
    #[must_use]
    pub fn name(&self) -> &'s str {
        &self.case.name
    }

    /// What is asked.
    #[must_use]
    pub fn asked(&self) -> Asked {
        self.check.asked
    }

    /// The question, with whatever action; [`asked`](Self::asked) says which is meant.
    #[must_use]
    pub fn question(&self) -> &'s Question {
        &self.case.question
    }

    /// Where the case stands.
    #[must_use]
    pub fn place(&self) -> &'s Place {
        &self.case.place
    }

    /// Whether the name of the case, the principal as it is spelled there, or the action holds
    /// the text; upper and lower case are the same.
    #[must_use]
    pub fn mentions(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        let action = self.asked().name();
        [self.name(), &self.question().principal, &action]
            .iter()
            .any(|it| it.to_lowercase().contains(&text))
    }

    /// What it asks, without running it.
    #[must_use]
    pub fn listed(&self) -> Listed {
        let key = self.question().key.as_deref().filter(|_| self.case.is_of_several_keys);
        Listed {
            title: title(self.name(), &self.question().principal, &self.asked().name(), key),
            file: self.scenario.source.name.clone(),
            name: self.name().to_owned(),
            principal: self.question().principal.clone(),
            action: self.asked().name(),
            key: self.question().key.clone(),
            line: self.place().line(),
            column: self.place().column(),
        }
    }

    /// Runs it.
    #[must_use]
    pub fn run(&self) -> CaseResult {
        self.case.check(self.check, &self.scenario.environment, &self.scenario.source)
    }
}
