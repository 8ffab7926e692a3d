//! What is asked: who calls, and with which context.

mod caller;
mod context;
mod rules;

pub use self::caller::{Account, Caller, Identity, ParsePrincipalError, PrincipalName};
pub(crate) use self::caller::{is_name, is_service_principal};
pub use self::context::{Context, ContextKey, Entry};
pub use self::rules::Rules;
