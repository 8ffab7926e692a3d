//! The decision, as a formula that can be held against AWS's documentation.

use super::verdict::{KeyPolicyVerdict, Named, Side, SideSet, Verdict};
use crate::environment::{Party, Reach, Standing};
use crate::truth::Truth;

/// What every side says of a request; none where a side does not apply, which limits nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sides {
    /// Resource control policies of the key's account.
    pub resource_control_policy: Option<Verdict>,
    /// Service control policies of the caller's account.
    pub service_control_policy: Option<Verdict>,
    /// The policy of the VPC endpoint in use.
    pub vpc_endpoint_policy: Option<Verdict>,
    /// The key policy.
    pub key_policy: Option<KeyPolicyVerdict>,
    /// The caller's identity policies.
    pub identity_policy: Option<Verdict>,
    /// Grants, by how they name the caller.
    pub grant: Named,
    /// The caller's permissions boundary.
    pub permissions_boundary: Option<Verdict>,
    /// The session policies of the caller's session.
    pub session_policy: Option<Verdict>,
}

/// Whether there is a source of permission that suffices, apart from the ceilings: one that
/// boundary and session policy cap, or one that they do not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sources {
    pub(super) capped: Truth,
    pub(super) uncapped: Truth,
}

impl Sides {
    /// Nothing applies and nothing is said.
    pub const NONE: Self = Self {
        resource_control_policy: None,
        service_control_policy: None,
        vpc_endpoint_policy: None,
        key_policy: None,
        identity_policy: None,
        grant: Named::NONE,
        permissions_boundary: None,
        session_policy: None,
    };

    /// Whether the request is denied explicitly: by any side, whatever else allows it.
    ///
    /// Source: [Evaluation logic](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html)
    #[must_use]
    pub fn denied(&self) -> Truth {
        Truth::any(Side::ALL.map(|side| self.deny(side)))
    }

    /// Whether the request is allowed by what AWS documents, explicit denies aside.
    #[must_use]
    pub fn allowed(&self, standing: Standing) -> Truth {
        let Sources { capped, uncapped } = self.sources(standing);
        self.under_ceilings() & (uncapped | (capped & self.under_limits()))
    }

    /// Every level of every ceiling allows.
    ///
    /// Source: [SCP evaluation](https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html),
    /// [VPC endpoints](https://docs.aws.amazon.com/kms/latest/developerguide/kms-vpc-endpoint.html)
    pub(super) fn under_ceilings(&self) -> Truth {
        allows(self.resource_control_policy)
            & allows(self.service_control_policy)
            & allows(self.vpc_endpoint_policy)
    }

    /// Boundary and session policy allow.
    ///
    /// Source: [Permissions boundaries](https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html)
    pub(super) fn under_limits(&self) -> Truth {
        allows(self.permissions_boundary) & allows(self.session_policy)
    }

    /// The identity policies allow; a root user and a service have none and need none.
    pub(super) fn by_identity(&self) -> Truth {
        allows(self.identity_policy)
    }

    /// How the key policy names the caller in an `Allow`. Where it has no say, the operation
    /// is one that IAM policies decide.
    pub(super) fn by_key_policy(&self) -> Named {
        self.key_policy.map_or(Named::ACCOUNT, |verdict| verdict.allow)
    }

    pub(super) fn sources(&self, standing: Standing) -> Sources {
        match standing.reach {
            Reach::NoKey => self.sources_without_key(standing.party),
            Reach::Own => self.sources_in_account(standing.party),
            Reach::Foreign => self.sources_across_accounts(),
            Reach::ForeignNotOffered => Sources { capped: Truth::False, uncapped: Truth::False },
        }
    }

    /// Identity policies alone; the root user needs none.
    ///
    /// Source: [IAM policies for KMS](https://docs.aws.amazon.com/kms/latest/developerguide/iam-policies.html)
    fn sources_without_key(&self, party: Party) -> Sources {
        match party {
            Party::Root => Sources { capped: Truth::False, uncapped: Truth::True },
            Party::Service => Sources { capped: Truth::False, uncapped: Truth::False },
            Party::Session | Party::User => {
                Sources { capped: self.by_identity(), uncapped: Truth::False }
            }
        }
    }

    /// The key policy names the caller; or it names the account and the identity policies
    /// allow; or a grant names the caller. What names a session, or everyone, goes past
    /// boundary and session policy; so does what names a user, who has no session policy.
    ///
    /// AWS does not say how a grant stands to boundary and session policy; it is taken to
    /// stand as a key policy does that names the grantee.
    ///
    /// Source: [Evaluation logic](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html),
    /// [Default key policy](https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html)
    fn sources_in_account(&self, party: Party) -> Sources {
        let named = self.by_key_policy().or(self.grant);
        let delegated = named.account & self.by_identity();
        match party {
            // The account's principal stands for its root user, too.
            Party::Root => {
                Sources { capped: Truth::False, uncapped: named.account | named.everyone }
            }
            Party::Service => {
                Sources { capped: Truth::False, uncapped: named.caller | named.everyone }
            }
            Party::User => Sources { capped: delegated, uncapped: named.caller | named.everyone },
            Party::Session => Sources {
                capped: delegated | named.caller,
                uncapped: named.session | named.everyone,
            },
        }
    }

    /// The key policy admits the caller or its account, and the identity policies allow; or a
    /// grant names the caller.
    ///
    /// Source: [Allowing users in other accounts](https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html)
    fn sources_across_accounts(&self) -> Sources {
        let admitted = self.admitted() | self.grant.account;
        let granted = self.grant.session | self.grant.caller | self.grant.everyone;
        Sources { capped: (admitted & self.by_identity()) | granted, uncapped: Truth::False }
    }

    /// Whether the key policy lets in a caller of another account, if its own lets it go.
    pub(super) fn admitted(&self) -> Truth {
        self.key_policy.map_or(Truth::False, |verdict| verdict.allow.any())
    }

    /// The sides responsible for a request that no explicit deny hits and nothing allows.
    #[must_use]
    pub fn implicitly_denied_by(&self, standing: Standing) -> SideSet {
        let Sources { capped, uncapped } = self.sources(standing);
        let limits = self.silent(Side::LIMITS);
        let none = SideSet::NONE.iter();
        let missing: SideSet = match (standing.reach, standing.party) {
            _ if uncapped != Truth::False => none.collect(),
            _ if capped != Truth::False => limits.iter().collect(),
            (Reach::ForeignNotOffered, _) | (Reach::Own, Party::Root | Party::Service) => {
                [Side::KeyPolicy].into_iter().collect()
            }
            (Reach::NoKey, _) => [Side::IdentityPolicy].into_iter().chain(limits.iter()).collect(),
            (Reach::Own, Party::Session | Party::User) => {
                match self.by_key_policy().or(self.grant).account {
                    Truth::False => [Side::KeyPolicy].into_iter().collect(),
                    Truth::Unknown | Truth::True => {
                        [Side::IdentityPolicy].into_iter().chain(limits.iter()).collect()
                    }
                }
            }
            (Reach::Foreign, _) => self.missing_of_both().iter().chain(limits.iter()).collect(),
        };
        self.silent(Side::CEILINGS).iter().chain(missing.iter()).collect()
    }

    /// Of key policy and identity policies, those that do not allow.
    pub(super) fn missing_of_both(&self) -> SideSet {
        let sides = [
            (Side::KeyPolicy, self.admitted() | self.grant.account),
            (Side::IdentityPolicy, self.by_identity()),
        ];
        sides
            .into_iter()
            .filter(|(_, allows)| *allows == Truth::False)
            .map(|(side, _)| side)
            .collect()
    }

    /// The sides with a matching `Deny`.
    #[must_use]
    pub fn explicitly_denied_by(&self) -> SideSet {
        Side::ALL.into_iter().filter(|side| self.deny(*side) == Truth::True).collect()
    }

    /// The first source that suffices for an allowed request. There is none for a root user
    /// where no key policy has a say, who is allowed by default.
    #[must_use]
    pub fn allowed_by(&self, standing: Standing) -> Option<Side> {
        let without_grants = Self { grant: Named::NONE, ..*self };
        let named_only = Self { identity_policy: Some(Verdict::NONE), ..without_grants };
        let suffices = |sides: &Self| sides.allowed(standing) == Truth::True;
        match (self.key_policy, self.identity_policy) {
            (Some(_), _) if suffices(&named_only) => Some(Side::KeyPolicy),
            (Some(_), None) if suffices(&without_grants) => Some(Side::KeyPolicy),
            (_, Some(_)) if suffices(&without_grants) => Some(Side::IdentityPolicy),
            _ if standing.reach == Reach::NoKey => None,
            _ if suffices(&self.with_silent_key_policy()) => Some(Side::Grant),
            _ => None,
        }
    }

    /// The same, with a key policy that says nothing: what grants give.
    pub(super) fn with_silent_key_policy(&self) -> Self {
        let silent = KeyPolicyVerdict { deny: Truth::False, allow: Named::NONE };
        Self { key_policy: Some(silent), ..*self }
    }

    fn deny(&self, side: Side) -> Truth {
        match side {
            Side::KeyPolicy => self.key_policy.map_or(Truth::False, |verdict| verdict.deny),
            Side::Grant => Truth::False,
            side => self.verdict(side).map_or(Truth::False, |verdict| verdict.deny),
        }
    }

    /// The verdict of a side other than the key policy and grants.
    fn verdict(&self, side: Side) -> Option<Verdict> {
        match side {
            Side::ResourceControlPolicy => self.resource_control_policy,
            Side::ServiceControlPolicy => self.service_control_policy,
            Side::VpcEndpointPolicy => self.vpc_endpoint_policy,
            Side::IdentityPolicy => self.identity_policy,
            Side::PermissionsBoundary => self.permissions_boundary,
            Side::SessionPolicy => self.session_policy,
            Side::KeyPolicy | Side::Grant => None,
        }
    }

    /// Those of `sides` that apply and do not allow.
    pub(super) fn silent(&self, sides: &[Side]) -> SideSet {
        sides.iter().copied().filter(|side| allows(self.verdict(*side)) == Truth::False).collect()
    }
}

impl Side {
    pub(super) const CEILINGS: &[Self] =
        &[Self::ResourceControlPolicy, Self::ServiceControlPolicy, Self::VpcEndpointPolicy];
    pub(super) const LIMITS: &[Self] = &[Self::PermissionsBoundary, Self::SessionPolicy];
}

/// A side that does not apply limits nothing.
fn allows(verdict: Option<Verdict>) -> Truth {
    verdict.map_or(Truth::True, |verdict| verdict.allow)
}
