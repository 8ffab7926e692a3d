//! Random environments and cases that a seed repeats.

mod cases;
pub(crate) mod conditions;
mod environment;
mod grants;
mod names;
mod parameters;
mod policy;
mod random;

pub(crate) use self::cases::case;
pub(crate) use self::environment::environment;
pub(crate) use self::random::Random;

/// Whether the features are used that limit or widen what key and identity policies say:
/// organizations, endpoints, session policies, grants, parameters and second keys.
pub(crate) const FULL: bool = true;
