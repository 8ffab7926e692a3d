//! The procedure that AWS documents, over what is known.

use kms_sim::Truth::{self, True, Unknown};
use kms_sim::environment::Party::{self, Root, Service, Session, User};
use kms_sim::environment::Reach::{self, Foreign, ForeignNotOffered, NoKey, Own};
use kms_sim::evaluate::Decision::{self, Allowed, ExplicitDeny, ImplicitDeny};
use kms_sim::evaluate::Side::{
    Grant, IdentityPolicy, KeyPolicy, PermissionsBoundary, ResourceControlPolicy,
    ServiceControlPolicy, SessionPolicy, VpcEndpointPolicy,
};
use kms_sim::evaluate::{Named, Side, SideSet, Sides, Verdict};
use kms_sim::request::Rules::{self, Aws, DualPermission};

/// What the documents say of a request of which everything is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Expected {
    pub(crate) decision: Decision,
    pub(crate) denied_by: SideSet,
    pub(crate) allowed_by: Option<Side>,
}

/// How far one source of permission takes the caller.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// Something of it is lacking.
    Incomplete,
    /// It allows, unless the boundary or the session policy is silent.
    Limited,
    /// It allows whatever boundary and session policy leave out.
    Unlimited,
}

use Source::{Incomplete, Limited, Unlimited};

/// What breaks the sources of permission where none is complete.
#[derive(Default)]
pub(crate) struct Lacking {
    key_policy: bool,
    identity_policy: bool,
    /// Whether boundary and session policy would limit what is lacking.
    limited: bool,
}

/// A question to the procedure.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Question<'s> {
    pub(crate) sides: &'s Sides,
    pub(crate) party: Party,
    pub(crate) reach: Reach,
    pub(crate) rules: Rules,
}

impl Question<'_> {
    /// Explicit denies come first; then every ceiling must allow, and a source be complete.
    ///
    /// Source: [evaluation logic](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html)
    pub(crate) fn answer(self) -> Expected {
        let explicit = self.denying();
        if !explicit.is_empty() {
            return Expected { decision: ExplicitDeny, denied_by: explicit, allowed_by: None };
        }
        let sources = self.sources();
        let implicit = self.stopping(sources);
        if !implicit.is_empty() {
            return Expected { decision: ImplicitDeny, denied_by: implicit, allowed_by: None };
        }
        let limit = silent(self.sides.permissions_boundary) || silent(self.sides.session_policy);
        let suffices = |source: Source| match source {
            Incomplete => false,
            Limited => !limit,
            Unlimited => true,
        };
        let names = [Some(KeyPolicy), Some(IdentityPolicy), Some(Grant), None];
        let first = sources.into_iter().position(suffices).expect("nothing stops all of them");
        Expected { decision: Allowed, denied_by: SideSet::NONE, allowed_by: names[first] }
    }

    pub(crate) fn denying(self) -> SideSet {
        let sides = self.sides;
        those([
            (denies(sides.resource_control_policy), ResourceControlPolicy),
            (denies(sides.service_control_policy), ServiceControlPolicy),
            (denies(sides.vpc_endpoint_policy), VpcEndpointPolicy),
            (sides.key_policy.is_some_and(|policy| yes(policy.deny)), KeyPolicy),
            (denies(sides.identity_policy), IdentityPolicy),
            (denies(sides.permissions_boundary), PermissionsBoundary),
            (denies(sides.session_policy), SessionPolicy),
        ])
    }

    /// What stops the caller where nothing denies: every ceiling that is silent, and, if no
    /// source is complete, what they lack.
    pub(crate) fn stopping(self, sources: [Source; 4]) -> SideSet {
        let sides = self.sides;
        let complete = sources.iter().any(|source| *source != Incomplete);
        let lacking = if complete { Lacking::default() } else { self.lacking() };
        // Boundary and session policy stop only a caller without a source beyond their limits.
        let limited = lacking.limited || complete && !sources.contains(&Unlimited);
        those([
            (silent(sides.resource_control_policy), ResourceControlPolicy),
            (silent(sides.service_control_policy), ServiceControlPolicy),
            (silent(sides.vpc_endpoint_policy), VpcEndpointPolicy),
            (lacking.key_policy, KeyPolicy),
            (lacking.identity_policy, IdentityPolicy),
            (limited && silent(sides.permissions_boundary), PermissionsBoundary),
            (limited && silent(sides.session_policy), SessionPolicy),
        ])
    }

    /// The sources of permission, in the order in which they are credited: the key policy, the
    /// identity policies, a grant, and being root.
    ///
    /// Source: [key policies](https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html)
    pub(crate) fn sources(self) -> [Source; 4] {
        let (key, grant) = (self.named_by_key_policy(), self.sides.grant);
        match (self.reach, self.party) {
            (ForeignNotOffered, Root | Service | Session | User) | (NoKey, Service) => {
                [Incomplete; 4]
            }
            (NoKey, Root) => [Incomplete, Incomplete, Incomplete, Unlimited],
            (NoKey, Session | User) => [Incomplete, self.identity(), Incomplete, Incomplete],
            (Own, Root) => {
                // Where the key policy has no say the permission is one of identity policies,
                // and those a root user does without.
                let by_being_root = self.rules == DualPermission || self.sides.key_policy.is_none();
                [root(key), Incomplete, root(grant), given(by_being_root, Unlimited)]
            }
            (Foreign, Root) => [root(key), Incomplete, root(grant), Incomplete],
            // A service has no account, so there is none to leave a permission to.
            (Own | Foreign, Service) => {
                let by_name = |named| given(directly(named), Unlimited);
                [by_name(key), Incomplete, by_name(grant), Incomplete]
            }
            (Own, Session | User) => self.sources_in_account(key, grant),
            (Foreign, Session | User) => self.sources_across_accounts(key, grant),
        }
    }

    /// In the key's own account a key policy allows those whom it names, and leaves the rest to
    /// the account's identity policies if it names the account. Grants likewise.
    ///
    /// Source: [default key policy](https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html)
    pub(crate) fn sources_in_account(self, key: Named, grant: Named) -> [Source; 4] {
        let by_key_policy = match self.rules {
            Aws => self.naming(key),
            // Never enough by itself; the way of naming says only which side is credited.
            DualPermission => given(directly(key), self.identity()),
        };
        let left_to_identity = self.sides.key_policy.is_none() || yes(key.account);
        let by_grant = match self.naming(grant) {
            Incomplete => given(yes(grant.account), self.identity()),
            complete @ (Limited | Unlimited) => complete,
        };
        [by_key_policy, given(left_to_identity, self.identity()), by_grant, Incomplete]
    }

    /// Across accounts both must allow, whichever way the key policy names the caller, and the
    /// caller's boundary and session policy always count. A grant does without identity policies.
    ///
    /// Source: [other accounts](https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html)
    pub(crate) fn sources_across_accounts(self, key: Named, grant: Named) -> [Source; 4] {
        let admitted = directly(key) || yes(key.account);
        let by_grant =
            if directly(grant) { Limited } else { given(yes(grant.account), self.identity()) };
        [Incomplete, given(admitted, self.identity()), by_grant, Incomplete]
    }

    /// What it gives to be named, in the key's own account.
    ///
    /// Source: [permissions boundaries](https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html)
    pub(crate) fn naming(self, named: Named) -> Source {
        let user = self.party == User;
        match (yes(named.session) || yes(named.everyone), yes(named.caller)) {
            (true, _) => Unlimited,
            (false, true) if user => Unlimited,
            // The role of a session, or the user behind a federated one.
            (false, true) => Limited,
            (false, false) => Incomplete,
        }
    }

    /// What the identity policies give once it is left to them.
    pub(crate) fn identity(self) -> Source {
        given(self.sides.identity_policy.is_some_and(|policy| yes(policy.allow)), Limited)
    }

    pub(crate) fn named_by_key_policy(self) -> Named {
        self.sides.key_policy.map_or(Named::NONE, |policy| policy.allow)
    }

    /// Asked only where no source is complete.
    pub(crate) fn lacking(self) -> Lacking {
        let key = self.named_by_key_policy();
        let named = directly(key) || yes(key.account) || yes(self.sides.grant.account);
        let identity_policy = self.identity() == Incomplete;
        match (self.reach, self.party, self.rules) {
            (ForeignNotOffered, ..) | (Own | Foreign, Root | Service, _) => {
                Lacking { key_policy: true, ..Lacking::default() }
            }
            (NoKey, ..) => Lacking { key_policy: false, identity_policy: true, limited: true },
            (Own, Session | User, Aws) => {
                let delegated = named || self.sides.key_policy.is_none();
                Lacking { key_policy: !delegated, identity_policy: delegated, limited: delegated }
            }
            (Own, Session | User, DualPermission) => {
                let key_policy = !named && self.sides.key_policy.is_some();
                Lacking { key_policy, identity_policy, limited: true }
            }
            (Foreign, Session | User, _) => {
                Lacking { key_policy: !named, identity_policy, limited: true }
            }
        }
    }
}

pub(crate) fn yes(truth: Truth) -> bool {
    assert_ne!(truth, Unknown, "the procedure is for what is known");
    truth == True
}

pub(crate) fn denies(side: Option<Verdict>) -> bool {
    side.is_some_and(|verdict| yes(verdict.deny))
}

/// A side that does not apply limits nothing.
pub(crate) fn silent(side: Option<Verdict>) -> bool {
    side.is_some_and(|verdict| !yes(verdict.allow))
}

/// Otherwise than by the account.
pub(crate) fn directly(named: Named) -> bool {
    yes(named.session) || yes(named.caller) || yes(named.everyone)
}

/// An account stands for its root user too, who has neither boundary nor session policy.
pub(crate) fn root(named: Named) -> Source {
    given(directly(named) || yes(named.account), Unlimited)
}

pub(crate) fn given(condition: bool, source: Source) -> Source {
    if condition { source } else { Incomplete }
}

pub(crate) fn those<const N: usize>(sides: [(bool, Side); N]) -> SideSet {
    sides.into_iter().filter_map(|(listed, side)| listed.then_some(side)).collect()
}
