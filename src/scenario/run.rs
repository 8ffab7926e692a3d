use std::sync::Arc;

use serde::Serialize;

use super::case::{Case, Check};
use crate::document::{InputError, Source};
use crate::environment::{Environment, Moment, QuestionError};
use crate::report::{Answer, Detail, ask};

/// How a case went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// All that was expected holds.
    Passed,
    /// Something does not.
    Failed,
    /// The case, or its file, cannot be run.
    Error,
}

/// The result of one action of one case, or of a file that cannot be run.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct CaseResult {
    /// The file.
    pub file: String,
    /// The case; none for a file that cannot be run.
    pub name: Option<String>,
    /// The principal, as the case spells it.
    pub principal: Option<String>,
    /// The action, in AWS's spelling.
    pub action: Option<String>,
    /// The key, as the case spells it.
    pub key: Option<String>,
    /// How it went.
    pub status: Status,
    /// What the case expects, as it is written.
    pub expected: Option<serde_json::Value>,
    /// The answer, if there is one.
    pub actual: Option<Box<Answer>>,
    /// What does not hold, or why it cannot be run.
    pub message: Option<String>,
    /// The line that the case begins on, or that the error is on.
    pub line: Option<usize>,
    /// The column.
    pub column: Option<usize>,
    /// The error that the message tells of, with its place.
    #[serde(skip)]
    pub error: Option<InputError>,
    /// Whether the case lists other keys, too.
    #[serde(skip)]
    pub(super) is_of_several_keys: bool,
}

impl CaseResult {
    /// The result of a file that cannot be run.
    #[must_use]
    pub fn of_file(file: impl Into<String>, error: InputError) -> Self {
        Self {
            name: None,
            principal: None,
            action: None,
            key: None,
            status: Status::Error,
            expected: None,
            actual: None,
            message: Some(with_help(&error)),
            line: Some(error.place().line()),
            column: Some(error.place().column()),
            file: file.into(),
            error: Some(error),
            is_of_several_keys: false,
        }
    }
}

fn with_help(error: &InputError) -> String {
    error
        .help()
        .map_or_else(|| error.message().to_owned(), |help| format!("{}; {help}", error.message()))
}

impl Case {
    /// The result of one action.
    pub(super) fn check(
        &self,
        check: &Check,
        environment: &Environment,
        source: &Arc<Source>,
    ) -> CaseResult {
        let question = &self.question;
        let result = CaseResult {
            file: source.name.clone(),
            name: Some(self.name.clone()),
            principal: Some(question.principal.clone()),
            action: Some(check.asked.name()),
            key: question.key.clone(),
            status: Status::Passed,
            expected: Some(self.expected.clone()),
            actual: None,
            message: None,
            line: Some(self.place.line()),
            column: Some(self.place.column()),
            error: None,
            is_of_several_keys: self.is_of_several_keys,
        };
        let reply = match ask(environment, check.asked, question, Detail::Reasons) {
            Ok(reply) => reply,
            Err(error) => return Self::broken(result, self.located(&error)),
        };
        if reply.reads_date && question.at == Moment::Unsaid {
            let error = InputError::new(
                "expected `at`, because a statement for this request reads the date, found none",
                self.place.clone(),
            );
            return Self::broken(result, error);
        }
        let unmet = check.expect.unmet(reply.decision, &reply.answer);
        CaseResult {
            status: if unmet.is_empty() { Status::Passed } else { Status::Failed },
            actual: Some(Box::new(reply.answer)),
            message: (!unmet.is_empty()).then(|| unmet.join("; ")),
            ..result
        }
    }

    fn broken(result: CaseResult, error: InputError) -> CaseResult {
        CaseResult {
            status: Status::Error,
            message: Some(with_help(&error)),
            line: Some(error.place().line()),
            column: Some(error.place().column()),
            error: Some(error),
            ..result
        }
    }

    /// The place of the part of the question that is wrong.
    fn located(&self, error: &QuestionError) -> InputError {
        let field = error.part.field();
        let place = self
            .parts
            .iter()
            .find(|(part, _)| *part == field)
            .map_or(&self.place, |(_, place)| place);
        InputError::new(error.message.clone(), place.clone()).with_help(error.help.clone())
    }
}
