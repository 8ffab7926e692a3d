//! The decision: what each side says of a request, and what follows.

mod decision;
mod depends;
mod explanation;
mod message;
mod near;
mod rules;
mod sides;
mod trace;
mod uncertain;
mod verdict;

pub use self::decision::{Decision, Outcome};
pub use self::explanation::{Explanation, explain};
pub use self::near::NearMiss;
pub use self::sides::Sides;
pub use self::trace::{Observer, Rule, Step, Trace};
pub use self::verdict::{KeyPolicyVerdict, Named, Side, SideSet, Verdict};
use std::slice::from_ref;

use crate::environment::{Attached, Grant, GrantList, Level, Request};
use crate::policy::{Effect, Element, Namings, Outcome as StatementOutcome, Policy, Statement};
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
    sides_of(&Held { request, context, assumed: None, dropped: &[] }, observer)
}

/// Decides a request as if some of the statements and grants were not there.
#[must_use]
pub fn decide_without<'e>(request: &Request<'e>, dropped: &[Rule<'e>]) -> Outcome {
    let held = Held { request, context: &request.context, assumed: None, dropped };
    Outcome::of(&sides_of(&held, &mut ()), request.standing, request.rules)
}

/// The message that AWS prints for a request that is decided so; none if it is allowed.
#[must_use]
pub fn error(request: &Request<'_>, outcome: Outcome) -> Option<String> {
    message::error(request, outcome)
}

fn sides_of<'e>(held: &Held<'_, 'e>, observer: &mut impl Observer<'e>) -> Sides {
    let stack = &held.request.stack;
    Sides {
        resource_control_policy: stack.resource_control_policies.map(|levels| {
            // `RCPFullAWSAccess` is attached to every level, and allows.
            let verdict = held.levels(Side::ResourceControlPolicy, levels, observer);
            Verdict { allow: Truth::True, ..verdict }
        }),
        service_control_policy: stack
            .service_control_policies
            .map(|levels| held.levels(Side::ServiceControlPolicy, levels, observer)),
        vpc_endpoint_policy: stack
            .vpc_endpoint_policy
            .map(|policy| held.policies(Side::VpcEndpointPolicy, from_ref(policy), observer)),
        key_policy: stack.key_policy.map(|policy| held.key_policy(policy, observer)),
        identity_policy: stack
            .identity_policies
            .map(|policies| held.policies(Side::IdentityPolicy, policies, observer)),
        grant: stack.grants.map_or(Named::NONE, |grants| held.grants(grants, observer)),
        permissions_boundary: stack
            .permissions_boundary
            .map(|policy| held.policies(Side::PermissionsBoundary, from_ref(policy), observer)),
        session_policy: stack
            .session_policies
            .map(|policies| held.policies(Side::SessionPolicy, policies, observer)),
    }
}

/// A request that statements and grants are held against, with the context that counts.
struct Held<'r, 'e> {
    request: &'r Request<'e>,
    context: &'r Context,
    /// A statement or grant that is taken to match, whatever it says.
    assumed: Option<Rule<'e>>,
    /// Statements and grants that are taken not to be there.
    dropped: &'r [Rule<'e>],
}

impl<'e> Held<'_, 'e> {
    /// The policies of a side that are consulted together: one that allows is enough.
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

    /// Policies on several levels: every level must allow, and any may deny.
    ///
    /// Source: [SCP evaluation](https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html)
    fn levels(&self, side: Side, levels: &'e [Level], observer: &mut impl Observer<'e>) -> Verdict {
        let mut verdict = Verdict { deny: Truth::False, allow: Truth::True };
        for level in levels {
            let Verdict { deny, allow } = self.policies(side, level, observer);
            verdict.deny |= deny;
            verdict.allow &= allow;
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
                Effect::Allow => verdict.allow.add(namings, truth),
            }
        };
        if O::SEES_ALL || self.assumed.is_some() {
            policy.statements().iter().for_each(consider);
        } else {
            policy.statements_for(&self.request.caller).for_each(consider);
        }
        verdict
    }

    /// How the grants name the caller that give it what it asks for.
    fn grants<O: Observer<'e>>(&self, grants: &'e GrantList, observer: &mut O) -> Named {
        let mut named = Named::NONE;
        let consider = |grant: &'e Grant| {
            let rule = Rule::Grant(grant);
            let usage = grant.usage(self.request, self.context);
            let (namings, outcome) = self.unless_assumed(rule, (usage.namings, usage.outcome));
            observer.rule(&Step { side: Side::Grant, rule, namings, outcome });
            named.add(namings, outcome.truth());
        };
        // Others than its grantee can retire a grant.
        if O::SEES_ALL || self.assumed.is_some() || self.request.grants.retires {
            grants.iter().for_each(consider);
        } else {
            grants.for_caller(&self.request.caller).for_each(consider);
        }
        if self.request.stack.lacks_grants && self.request.action.grantable {
            return named.or(Named::UNKNOWN);
        }
        named
    }

    /// What is found of a rule; of one that is taken not to be there, that it does not match; of
    /// the one that is taken to match, that it does, and names the caller if it names nobody else
    /// that it is.
    fn unless_assumed(
        &self,
        rule: Rule<'e>,
        (namings, outcome): (Namings, StatementOutcome<'e>),
    ) -> (Namings, StatementOutcome<'e>) {
        if self.dropped.contains(&rule) {
            return (namings, StatementOutcome::Mismatch(Element::Action));
        }
        match self.assumed {
            Some(assumed) if assumed == rule => {
                let namings = if namings.is_none() { Namings::CALLER } else { namings };
                (namings, StatementOutcome::Match)
            }
            Some(_) | None => (namings, outcome),
        }
    }

    fn statement(
        &self,
        side: Side,
        policy: &'e Policy,
        statement: &'e Statement,
        observer: &mut impl Observer<'e>,
    ) -> (Namings, Truth) {
        let request = self.request;
        let rule = Rule::Statement(policy, statement);
        let namings = statement.namings(&request.caller);
        let outcome = statement.outcome(namings, request.action, &request.resource, self.context);
        let (namings, outcome) = self.unless_assumed(rule, (namings, outcome));
        observer.rule(&Step { side, rule, namings, outcome });
        (namings, outcome.truth())
    }
}
