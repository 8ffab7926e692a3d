/// What of a key, user or role may not be known, so that no condition on it can be decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// Which aliases a key has, besides those that are listed.
    Aliases,
    /// `KeySpec`
    Spec,
    /// `KeyUsage`
    Usage,
    /// `Origin`
    Origin,
    /// Whether it is a multi-Region key, and of which kind.
    MultiRegion,
    /// Which tags it has, besides those that are listed.
    Tags,
    /// Which grants a key has, besides those that are listed.
    Grants,
}

impl Part {
    /// All parts of a key.
    pub const OF_KEY: [Self; 7] = [
        Self::Aliases,
        Self::Spec,
        Self::Usage,
        Self::Origin,
        Self::MultiRegion,
        Self::Tags,
        Self::Grants,
    ];
    /// All parts of a user or role.
    pub const OF_PRINCIPAL: [Self; 1] = [Self::Tags];

    /// The name of the field that holds it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Aliases => "aliases",
            Self::Spec => "spec",
            Self::Usage => "usage",
            Self::Origin => "origin",
            Self::MultiRegion => "multi_region",
            Self::Tags => "tags",
            Self::Grants => "grants",
        }
    }
}
