//! What KMS knows: its actions, condition keys, kinds of keys, and the services that call it.

mod actions;
mod condition_keys;
mod feeds;
mod key_types;
mod operations;
mod services;
pub(crate) mod states;

pub(crate) use self::actions::ActionSet;
pub use self::actions::{AccessLevel, Action, On, UnknownAction, Usage};
pub use self::condition_keys::{ConditionKey, ValueType};
pub(crate) use self::feeds::Feed;
pub use self::key_types::{KeySpec, Origin};
pub use self::operations::{Asked, Needed, Operation};
pub use self::services::{
    By, Call, Service, ServiceOperation, UnknownService, UnknownServiceOperation,
};
pub(crate) use self::services::{KnownService, Limit, ServiceScope, calls_for_its_callers_alone};
