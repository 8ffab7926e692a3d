//! Every combination of what the sides can say.

use kms_sim::Truth::{self, False, True, Unknown};
use kms_sim::environment::Party::{self, Root, Service, Session, User};
use kms_sim::environment::Reach::{self, Foreign, ForeignNotOffered, NoKey, Own};
use kms_sim::evaluate::{KeyPolicyVerdict, Named, Sides, Verdict};

/// Who calls and where the key is, with the number of combinations that what is known can take:
/// of boundary and session policy, the key policy, the identity policies, and the grants.
///
/// The key policy has no say in `kms:RetireGrant`, which is offered across accounts; hence the
/// `1 +`. Only what can be named counts: a user has no session, a root user no name but the
/// account's, a service neither session nor account; and a grant is never for everyone.
pub(crate) const STANDINGS: [(Party, Reach, usize); 14] = [
    (Root, Own, (1 + 2 * 4) * 2),
    (Root, Foreign, (1 + 2 * 4) * 2),
    (Root, ForeignNotOffered, (2 * 4) * 2),
    (Root, NoKey, 1),
    (Service, Own, (1 + 2 * 4) * 2),
    (Service, NoKey, 1),
    (Session, Own, (5 * 5) * (1 + 2 * 16) * 4 * 8),
    (Session, Foreign, (5 * 5) * (1 + 2 * 16) * 4 * 8),
    (Session, ForeignNotOffered, (5 * 5) * (2 * 16) * 4 * 8),
    (Session, NoKey, (5 * 5) * 4),
    (User, Own, 5 * (1 + 2 * 8) * 4 * 4),
    (User, Foreign, 5 * (1 + 2 * 8) * 4 * 4),
    (User, ForeignNotOffered, 5 * (2 * 8) * 4 * 4),
    (User, NoKey, 5 * 4),
];

pub(crate) const KNOWN: &[Truth] = &[False, True];
pub(crate) const ANY: &[Truth] = &[False, Unknown, True];

/// What each side can say to a caller.
pub(crate) struct Space {
    /// Resource and service control policies, and the endpoint's.
    pub(crate) ceilings: Vec<[Option<Verdict>; 3]>,
    pub(crate) boundaries: Vec<Option<Verdict>>,
    pub(crate) session_policies: Vec<Option<Verdict>>,
    pub(crate) key_policies: Vec<Option<KeyPolicyVerdict>>,
    pub(crate) identity_policies: Vec<Option<Verdict>>,
    pub(crate) grants: Vec<Named>,
}

impl Space {
    /// With one of the three ceilings at a time, or none.
    pub(crate) fn new(party: Party, reach: Reach, truths: &[Truth]) -> Self {
        let principal = matches!(party, Session | User);
        let named = |everyone| {
            let if_any = |has_one: bool| if has_one { truths } else { &[False] };
            let (session, caller) = (if_any(party == Session), if_any(party != Root));
            all_named([session, caller, if_any(party != Service), everyone])
        };
        let verdicts = pairs(truths, truths, |deny, allow| Some(Verdict { deny, allow }));
        let optional = [&[None], &verdicts[..]].concat();
        let key_policies =
            pairs(truths, &named(truths), |deny, allow| Some(KeyPolicyVerdict { deny, allow }));
        Self {
            ceilings: one_at_a_time(&verdicts),
            boundaries: if principal { optional.clone() } else { vec![None] },
            session_policies: if party == Session { optional } else { vec![None] },
            key_policies: match reach {
                NoKey => vec![None],
                ForeignNotOffered => key_policies,
                Own | Foreign => [&[None], &key_policies[..]].concat(),
            },
            identity_policies: if principal { verdicts } else { vec![None] },
            grants: if reach == NoKey { vec![Named::NONE] } else { named(&[False]) },
        }
    }

    pub(crate) fn len(&self) -> usize {
        let limits = self.ceilings.len() * self.boundaries.len() * self.session_policies.len();
        limits * self.key_policies.len() * self.identity_policies.len() * self.grants.len()
    }

    pub(crate) fn nth(&self, mut index: usize) -> Sides {
        let [resource_control_policy, service_control_policy, vpc_endpoint_policy] =
            pick(&self.ceilings, &mut index);
        Sides {
            resource_control_policy,
            service_control_policy,
            vpc_endpoint_policy,
            key_policy: pick(&self.key_policies, &mut index),
            identity_policy: pick(&self.identity_policies, &mut index),
            grant: pick(&self.grants, &mut index),
            permissions_boundary: pick(&self.boundaries, &mut index),
            session_policy: pick(&self.session_policies, &mut index),
        }
    }
}

pub(crate) fn pick<T: Copy>(from: &[T], index: &mut usize) -> T {
    let picked = from[*index % from.len()];
    *index /= from.len();
    picked
}

pub(crate) fn pairs<A: Copy, B: Copy, C>(
    first: &[A],
    second: &[B],
    pair: impl Fn(A, B) -> C,
) -> Vec<C> {
    first.iter().flat_map(|a| second.iter().map(|b| pair(*a, *b))).collect()
}

pub(crate) fn all_named([sessions, callers, accounts, everyone]: [&[Truth]; 4]) -> Vec<Named> {
    let by_identity = pairs(sessions, callers, |session, caller| (session, caller));
    let beyond = pairs(accounts, everyone, |account, everyone| (account, everyone));
    pairs(&by_identity, &beyond, |(session, caller), (account, everyone)| Named {
        session,
        caller,
        account,
        everyone,
    })
}

pub(crate) fn one_at_a_time(verdicts: &[Option<Verdict>]) -> Vec<[Option<Verdict>; 3]> {
    let alone =
        verdicts.iter().flat_map(|v| [[*v, None, None], [None, *v, None], [None, None, *v]]);
    std::iter::once([None; 3]).chain(alone).collect()
}

pub(crate) fn any_together(verdicts: &[Option<Verdict>]) -> Vec<[Option<Verdict>; 3]> {
    let two = pairs(verdicts, verdicts, |first, second| (first, second));
    pairs(&two, verdicts, |(first, second), third| [first, second, third])
}

/// All of a space, or every 31st of a large one: a stride that no number of choices shares a
/// factor with, so that each choice of a side still meets each of another.
pub(crate) fn thinned(len: usize) -> std::iter::StepBy<std::ops::Range<usize>> {
    (0..len).step_by(if len > 100_000 { 31 } else { 1 })
}
