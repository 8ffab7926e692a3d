use std::fmt;

use crate::policy::{Naming, Namings};
use crate::truth::Truth;

/// One of the sides that a decision is made of, in the order in which they are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Side {
    /// Resource control policies.
    ResourceControlPolicy,
    /// Service control policies.
    ServiceControlPolicy,
    /// The policy of the VPC endpoint that the call goes through.
    VpcEndpointPolicy,
    /// The key policy.
    KeyPolicy,
    /// The caller's identity policies.
    IdentityPolicy,
    /// Grants on the key.
    Grant,
    /// The caller's permissions boundary.
    PermissionsBoundary,
    /// The session policies that the caller's session was opened with.
    SessionPolicy,
}

impl Side {
    /// All sides, in order.
    pub const ALL: [Self; 8] = [
        Self::ResourceControlPolicy,
        Self::ServiceControlPolicy,
        Self::VpcEndpointPolicy,
        Self::KeyPolicy,
        Self::IdentityPolicy,
        Self::Grant,
        Self::PermissionsBoundary,
        Self::SessionPolicy,
    ];

    /// As it is spelled in files, JSON and text.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ResourceControlPolicy => "resource-control-policy",
            Self::ServiceControlPolicy => "service-control-policy",
            Self::VpcEndpointPolicy => "vpc-endpoint-policy",
            Self::KeyPolicy => "key-policy",
            Self::IdentityPolicy => "identity-policy",
            Self::Grant => "grant",
            Self::PermissionsBoundary => "permissions-boundary",
            Self::SessionPolicy => "session-policy",
        }
    }
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A set of sides.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct SideSet(u8);

impl SideSet {
    /// No side.
    pub const NONE: Self = Self(0);

    /// Whether a side is in the set.
    #[must_use]
    pub fn contains(self, side: Side) -> bool {
        self.0 & 1 << side as u8 != 0
    }

    /// Whether no side is in the set.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The sides, in order.
    pub fn iter(self) -> impl Iterator<Item = Side> {
        Side::ALL.into_iter().filter(move |side| self.contains(*side))
    }
}

impl FromIterator<Side> for SideSet {
    fn from_iter<I: IntoIterator<Item = Side>>(sides: I) -> Self {
        Self(sides.into_iter().fold(0, |bits, side| bits | 1 << side as u8))
    }
}

impl fmt::Debug for SideSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter().map(Side::as_str)).finish()
    }
}

/// What the policies of one side say of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Verdict {
    /// Whether a `Deny` matches.
    pub deny: Truth,
    /// Whether an `Allow` matches; for a ceiling of several levels, on each of them.
    pub allow: Truth,
}

impl Verdict {
    /// Nothing matches.
    pub const NONE: Self = Self { deny: Truth::False, allow: Truth::False };
    /// The policies are not known.
    pub const UNKNOWN: Self = Self { deny: Truth::Unknown, allow: Truth::Unknown };
}

/// Whether something names the caller, for each way of naming.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Named {
    /// By the ARN of the session.
    pub session: Truth,
    /// By the user, role or service.
    pub caller: Truth,
    /// By the account.
    pub account: Truth,
    /// As anyone.
    pub everyone: Truth,
}

impl Named {
    /// Not at all.
    pub const NONE: Self = Self {
        session: Truth::False,
        caller: Truth::False,
        account: Truth::False,
        everyone: Truth::False,
    };
    /// By the account alone, as a key policy does that delegates to IAM policies.
    pub const ACCOUNT: Self = Self { account: Truth::True, ..Self::NONE };
    /// Not known.
    pub const UNKNOWN: Self = Self {
        session: Truth::Unknown,
        caller: Truth::Unknown,
        account: Truth::Unknown,
        everyone: Truth::Unknown,
    };

    /// In whichever way.
    #[must_use]
    pub fn any(self) -> Truth {
        self.session | self.caller | self.account | self.everyone
    }

    /// Whether either names the caller, for each way of naming.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            session: self.session | other.session,
            caller: self.caller | other.caller,
            account: self.account | other.account,
            everyone: self.everyone | other.everyone,
        }
    }

    /// Adds what names the caller in these ways, if it applies.
    pub(super) fn add(&mut self, namings: Namings, applies: Truth) {
        if applies == Truth::False {
            return;
        }
        for naming in Naming::ALL.into_iter().filter(|naming| namings.contains(*naming)) {
            *self.slot(naming) |= applies;
        }
    }

    fn slot(&mut self, naming: Naming) -> &mut Truth {
        match naming {
            Naming::Session => &mut self.session,
            Naming::Caller => &mut self.caller,
            Naming::Account => &mut self.account,
            Naming::Everyone => &mut self.everyone,
        }
    }
}

/// What a key policy says of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct KeyPolicyVerdict {
    /// Whether a `Deny` matches.
    pub deny: Truth,
    /// Whether an `Allow` matches, by how it names the caller.
    pub allow: Named,
}
