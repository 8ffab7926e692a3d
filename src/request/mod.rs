//! What is asked: who calls, and with which context.

mod caller;
mod context;

pub(crate) use self::caller::is_service_principal;
pub use self::caller::{Account, Caller, Identity, ParsePrincipalError, PrincipalName};
pub use self::context::{Context, ContextKey, Entry};
