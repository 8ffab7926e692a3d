use std::fmt;
use std::str::FromStr;

use crate::text::Quoted;

/// Which rules decide.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Rules {
    /// What AWS documents.
    #[default]
    Aws,
    /// A stricter practice: the identity policies *and* the key policy must both allow.
    DualPermission,
}

impl Rules {
    /// All there are.
    pub const ALL: [Self; 2] = [Self::Aws, Self::DualPermission];

    /// As it is spelled in files and on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Aws => "aws",
            Self::DualPermission => "dual-permission",
        }
    }
}

impl fmt::Display for Rules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Rules {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|rules| rules.as_str() == text)
            .ok_or_else(|| format!("expected `aws` or `dual-permission`, found {}", Quoted(text)))
    }
}
