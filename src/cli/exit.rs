use std::io;
use std::process::ExitCode;

use kms_sim::document::InputError;
use kms_sim::environment::{QuestionError, QuestionPart};
use kms_sim::evaluate::Decision;

/// How a run ends, in the order in which one of several wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exit {
    /// Allowed; everything passed.
    Done,
    /// Denied; a case failed.
    Denied,
    /// Something that the answer rests on is not known.
    Undetermined,
    /// Usage, or unreadable or invalid input.
    CouldNotRun,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0,
            Exit::Denied => 1,
            Exit::Undetermined => 3,
            Exit::CouldNotRun => 2,
        })
    }
}

impl From<Decision> for Exit {
    fn from(decision: Decision) -> Self {
        match decision {
            Decision::Allowed => Self::Done,
            Decision::ExplicitDeny | Decision::ImplicitDeny => Self::Denied,
            Decision::Undetermined => Self::Undetermined,
        }
    }
}

/// Why a command could not run.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CliError {
    /// An input is not what it should be.
    #[error(transparent)]
    Input(#[from] InputError),
    /// The command line is not what it should be.
    #[error("{message}")]
    Usage { message: String, help: Option<String> },
    /// Nobody reads the results any more.
    #[error("the output was closed")]
    Closed,
}

impl CliError {
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::Usage { message: message.into(), help: None }
    }

    pub(crate) fn usage_with_help(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::Usage { message: message.into(), help: Some(help.into()) }
    }
}

impl From<QuestionError> for CliError {
    fn from(error: QuestionError) -> Self {
        let option = match error.part {
            QuestionPart::At
            | QuestionPart::Context
            | QuestionPart::DestinationKey
            | QuestionPart::Key
            | QuestionPart::Principal
            | QuestionPart::Via
            | QuestionPart::VpcEndpoint => {
                format!("--{}: ", error.part.field().replace('_', "-"))
            }
            QuestionPart::Parameters => "--parameter: ".to_owned(),
            // Of several options, one cannot say which.
            QuestionPart::Session => String::new(),
        };
        Self::Usage { message: format!("{option}{}", error.message), help: error.help }
    }
}

impl From<io::Error> for CliError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::Closed,
            _ => Self::usage(format!("cannot write the results: {error}")),
        }
    }
}
