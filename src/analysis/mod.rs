//! What follows from many decisions together: who can still repair a key, and whether AWS
//! would take a key policy.

mod candidates;
mod edit;
mod lockout;
mod repair;
mod rescue;
mod single_points;
mod ways;
mod words;

pub use self::candidates::Origin;
pub use self::lockout::{Call, LockoutCheck, Operation, Prediction};
pub use self::repair::Repair;
pub use self::rescue::{Administration, Administrator, Can, Lockout, OtherRules, Rescue};
pub use self::single_points::{PointKind, SinglePoint};
pub use self::ways::{Way, WayKind};
use crate::document::InputError;
use crate::environment::QuestionError;

/// Why an analysis could not be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AnalysisError {
    /// It was asked of what is not there, or of what has no answer.
    #[error(transparent)]
    Question(#[from] QuestionError),
    /// A policy could not be edited.
    #[error(transparent)]
    Input(#[from] InputError),
}
