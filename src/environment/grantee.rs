use std::fmt;

use crate::policy::{Namings, StatementPrincipal};
use crate::request::{Account, Caller, ParsePrincipalError, PrincipalName, is_service_principal};

/// A principal that a grant names: its grantee, or who may retire it.
///
/// Source: [CreateGrant](https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateGrant.html)
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grantee(StatementPrincipal);

impl Grantee {
    /// Reads a name: an ARN, a service principal, the unique id of a principal that was
    /// deleted, or a short name, which is of `account`.
    ///
    /// # Errors
    ///
    /// If it is none of these.
    pub fn parse(text: &str, account: Option<Account>) -> Result<Self, ParsePrincipalError> {
        if is_service_principal(text) {
            return Ok(Self(StatementPrincipal::Service(text.into())));
        }
        let is_short = text == "root" || text.starts_with("role/") || text.starts_with("user/");
        let principal = if is_short {
            StatementPrincipal::of_aws(&PrincipalName::parse(text, account)?.to_string())?
        } else {
            StatementPrincipal::of_aws(text)?
        };
        match principal {
            StatementPrincipal::Everyone => Err(ParsePrincipalError::Form(text.to_owned())),
            principal => Ok(Self(principal)),
        }
    }

    /// In which ways it names the caller.
    pub(super) fn namings(&self, caller: &Caller) -> Namings {
        self.0.names(caller).map_or(Namings::NONE, Namings::of)
    }

    /// The principal, unless it was deleted.
    #[must_use]
    pub fn name(&self) -> Option<PrincipalName> {
        self.0.name()
    }

    /// The account of the principal, which services and deleted principals do not have.
    #[must_use]
    pub fn account(&self) -> Option<Account> {
        self.0.name()?.account()
    }

    /// The ARN of a user, role or session.
    pub(crate) fn arn(&self) -> Option<&str> {
        match &self.0 {
            StatementPrincipal::UserOrRole(arn) | StatementPrincipal::Session(arn) => Some(arn),
            StatementPrincipal::Everyone
            | StatementPrincipal::Account(_)
            | StatementPrincipal::UniqueId(_)
            | StatementPrincipal::Service(_)
            | StatementPrincipal::Federated(_) => None,
        }
    }

    /// Whether it is a service.
    #[must_use]
    pub fn is_service(&self) -> bool {
        matches!(self.0, StatementPrincipal::Service(_))
    }

    /// Whether it is what is left of a user or role that was deleted.
    #[must_use]
    pub fn is_deleted(&self) -> bool {
        matches!(self.0, StatementPrincipal::UniqueId(_))
    }

    /// Whether it is nearly the caller: another spelling, path, account or session of it.
    pub(crate) fn is_nearly(&self, caller: &Caller) -> bool {
        self.0.is_nearly(caller)
    }
}

impl fmt::Display for Grantee {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
