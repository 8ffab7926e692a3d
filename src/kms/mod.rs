//! What KMS knows: its actions, condition keys, and the services that call it.

mod actions;
mod condition_keys;
mod services;

pub(crate) use self::actions::ActionSet;
pub use self::actions::{AccessLevel, Action, On, UnknownAction, Usage};
pub use self::condition_keys::{ConditionKey, ValueType};
pub use self::services::{Service, UnknownService};
