//! The decision: what each side says of a request, and what follows.

mod decision;
mod depends;
mod explanation;
mod message;
mod rules;
mod sides;
mod trace;
mod verdict;

pub use self::decision::{Decision, Outcome};
pub use self::explanation::{Explanation, explain};
pub use self::sides::Sides;
pub use self::trace::{Observer, Step, Trace};
pub use self::verdict::{KeyPolicyVerdict, Named, Side, SideSet, Verdict};
use crate::environment::{Attached, Request};
use crate::policy::{Effect, Naming, Outcome as StatementOutcome, Policy, Statement};
use crate::request::Context;
use crate::truth::Truth;

/// Decides a request. Allocates nothing, unless a value that should be a date is malformed.
#[must_use]
pub fn decide(request: &Request<'_>) -> Outcome {
    Outcome::of(&sides(request, &request.context, &mut ()), request.standing, request.rules)
}

/// What each side says of a request with this context, watched statement by statement.
pub fn sides<'e>(
    request: &Request<'e>,
    context: &Context,
    observer: &mut impl Observer<'e>,
) -> Sides {
    let stack = &request.stack;
    let held = Held { request, context };
    Sides {
        key_policy: stack.key_policy.map(|policy| held.key_policy(policy, observer)),
        identity_policy: stack
            .identity_policies
            .map(|policies| held.policies(Side::IdentityPolicy, policies, observer)),
        // A federated session that was opened without a policy has no permissions but those
        // that a key policy gives to the session itself.
        // https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html
        session_policy: stack.lacks_session_policy.then_some(Verdict::NONE),
        ..Sides::NONE
    }
}

/// A request that statements are held against, with the context that counts.
struct Held<'r, 'e> {
    request: &'r Request<'e>,
    context: &'r Context,
}

impl<'e> Held<'_, 'e> {
    fn policies(
        &self,
        side: Side,
        policies: &'e [Attached],
        observer: &mut impl Observer<'e>,
    ) -> Verdict {
        let mut verdict = Verdict::NONE;
        for attached in policies {
            match attached {
                Attached::Unknown(_) => {
                    verdict.deny |= Truth::Unknown;
                    verdict.allow |= Truth::Unknown;
                }
                Attached::Policy(policy) => {
                    for statement in policy.statements() {
                        let (_, truth) = self.statement(side, policy, statement, observer);
                        match statement.effect() {
                            Effect::Allow => verdict.allow |= truth,
                            Effect::Deny => verdict.deny |= truth,
                        }
                    }
                }
            }
        }
        verdict
    }

    fn key_policy<O: Observer<'e>>(
        &self,
        attached: &'e Attached,
        observer: &mut O,
    ) -> KeyPolicyVerdict {
        let policy = match attached {
            Attached::Unknown(_) => {
                return KeyPolicyVerdict { deny: Truth::Unknown, allow: Named::UNKNOWN };
            }
            Attached::Policy(policy) => policy,
        };
        let mut verdict = KeyPolicyVerdict { deny: Truth::False, allow: Named::NONE };
        let consider = |statement: &'e Statement| {
            let (namings, truth) = self.statement(Side::KeyPolicy, policy, statement, observer);
            match statement.effect() {
                // AWS does not say whether a Deny for the account hits its principals; it is
                // taken to.
                Effect::Deny => verdict.deny |= truth,
                Effect::Allow if truth == Truth::False => {}
                Effect::Allow => {
                    for naming in Naming::ALL.into_iter().filter(|naming| namings.contains(*naming))
                    {
                        *verdict.allow.slot(naming) |= truth;
                    }
                }
            }
        };
        if O::SEES_ALL {
            policy.statements().iter().for_each(consider);
        } else {
            policy.statements_for(&self.request.caller).for_each(consider);
        }
        verdict
    }

    fn statement(
        &self,
        side: Side,
        policy: &'e Policy,
        statement: &'e Statement,
        observer: &mut impl Observer<'e>,
    ) -> (crate::policy::Namings, Truth) {
        let request = self.request;
        let namings = statement.namings(&request.caller);
        let outcome = statement.outcome(namings, request.action, &request.resource, self.context);
        observer.statement(&Step { side, policy, statement, namings, outcome });
        (namings, StatementOutcome::truth(outcome))
    }
}
