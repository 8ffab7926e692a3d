//! What follows from many decisions together: the changes that turn a denial into `allowed`, who
//! can still repair a key, and whether AWS would take a key policy.
//!
//! ```
//! use kms_sim::analysis::{Lockout, Rescue};
//! use kms_sim::arn::Partition;
//! use kms_sim::environment::{Attached, Environment, Key, Question};
//! use kms_sim::kms::Action;
//! use kms_sim::policy::{Kind, Policy};
//! use kms_sim::request::Account;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let key_policy = Policy::from_json("key.json", r#"{
//!     "Version": "2012-10-17",
//!     "Statement": [{
//!         "Effect": "Allow",
//!         "Principal": {"AWS": "arn:aws:iam::123456789012:role/DevOpsAdminRole"},
//!         "Action": "kms:*",
//!         "Resource": "*"
//!     }]
//! }"#, Kind::Key)?;
//!
//! let account = Account { partition: Partition::Aws, id: "123456789012".parse()? };
//! let id = "1234abcd-12ab-34cd-56ef-1234567890ab";
//! let mut environment = Environment::new(Some(account), "us-east-1");
//! environment.add_key(Key::new(account, "us-east-1", id, Attached::Policy(key_policy.into()))?)?;
//!
//! let question = Question::new("root", Action::parse("kms:PutKeyPolicy")?);
//! let rescue = Rescue::of(&environment, &question)?;
//! assert_eq!(rescue.verdict, Lockout::OneStepFromLockout);
//! assert_eq!(rescue.summary, "only role/DevOpsAdminRole can change the key policy");
//! # Ok(())
//! # }
//! ```

mod candidates;
mod diff;
mod edit;
mod fix;
mod imagined;
mod lockout;
mod proof;
mod repair;
mod rescue;
mod single_points;
mod ways;
mod words;

pub use self::candidates::Origin;
pub use self::diff::{
    Access, AccessChange, Cause, Reason, Version, access_changes, access_changes_between,
};
pub use self::fix::{AlsoAllowed, Change, Edit, Fix, PolicyEdit};
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
