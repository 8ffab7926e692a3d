/// A key policy that cannot be written as it is described.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct GenerateError {
    /// The part of the description that is wrong.
    pub part: Part,
    /// What was expected and what was found.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl GenerateError {
    pub(super) fn new(part: Part, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { part, message: message.into(), help: Some(help.into()) }
    }
}

/// The parts of a description.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The account statement.
    AccountStatement,
    /// An administrator.
    Admin,
    /// The form that the policy is written in.
    Format,
    /// Who may create grants through a service.
    GrantUser,
    /// The key spec.
    KeySpec,
    /// The key usage.
    KeyUsage,
    /// Whether it is a multi-Region key.
    MultiRegion,
    /// Where the key material comes from.
    Origin,
    /// A service.
    Service,
    /// A key user.
    User,
}
