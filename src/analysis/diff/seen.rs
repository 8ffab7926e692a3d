//! A call as it is decided, and what decides.

use std::collections::BTreeSet;

use super::Access;
use super::meaning::{Meanings, Said, may_apply};
use crate::environment::{Attached, Environment, Key, Question, Request};
use crate::evaluate::{Decision, Outcome, Rule, Side, Trace, sides};
use crate::kms::Action;
use crate::policy::{Effect, Kind, Namings};
use crate::request::{Caller, Context, ContextKey, Entry};
use crate::truth::Truth;

/// A statement or grant that has a say.
#[derive(Clone, Debug)]
pub(super) struct Heard<'e> {
    pub(super) rule: Rule<'e>,
    pub(super) side: Side,
    pub(super) said: Vec<Said>,
}

/// A call as it is decided.
#[derive(Debug)]
pub(super) struct Seen<'e> {
    pub(super) access: Access,
    pub(super) decision: Decision,
    /// Whatever the call carries.
    pub(super) open: Decision,
    pub(super) denied_by: Option<Side>,
    pub(super) is_root: bool,
    /// Those that decide.
    pub(super) decisive: Vec<Heard<'e>>,
    /// Those that allow, or may.
    pub(super) allowing: Vec<Heard<'e>>,
    /// Those that deny, or may.
    pub(super) denying: Vec<Heard<'e>>,
    /// What all of them say.
    pub(super) said: BTreeSet<Said>,
}

impl<'e> Seen<'e> {
    /// None for who does not call so.
    pub(super) fn of(
        environment: &'e Environment,
        question: &'e Question,
        meanings: &mut Meanings,
    ) -> Option<Self> {
        let request = environment.request(question).ok()?;
        let (outcome, trace) = decided(&request, &request.context);
        let (open, open_trace) = decided(&request, &request.context.opened());
        let mut heard = |step: &crate::evaluate::Step<'e>| Heard {
            rule: step.rule,
            side: step.side,
            said: meanings.of(step.rule, step.side, step.namings()),
        };
        let decisive: Vec<_> =
            trace.steps.iter().filter(|step| outcome.rests_on(step)).map(&mut heard).collect();
        let (mut allowing, mut denying) = (Vec::new(), Vec::new());
        for step in open_trace.steps.iter().filter(|it| it.outcome.truth() != Truth::False) {
            match step.rule.effect() {
                Effect::Allow => allowing.push(heard(step)),
                Effect::Deny => denying.push(heard(step)),
            }
        }
        let said = allowing.iter().chain(&denying).flat_map(|it| it.said.iter().copied());
        Some(Self {
            access: Access::of(outcome.decision, open.decision),
            decision: outcome.decision,
            open: open.decision,
            denied_by: outcome.denied_by.iter().next(),
            is_root: request.caller.is_root(),
            said: said.collect(),
            decisive,
            allowing,
            denying,
        })
    }
}

/// Whether a call succeeds, and nothing else.
pub(super) fn access(environment: &Environment, question: &Question) -> Option<Access> {
    let request = environment.request(question).ok()?;
    let of = |context: &Context| {
        let sides = sides(&request, context, &mut ());
        Outcome::of(&sides, request.standing, request.rules).decision
    };
    Some(Access::of(of(&request.context), of(&request.context.opened())))
}

fn decided<'e>(request: &Request<'e>, context: &Context) -> (Outcome, Trace<'e>) {
    let mut trace = Trace::default();
    let sides = sides(request, context, &mut trace);
    (Outcome::of(&sides, request.standing, request.rules), trace)
}

/// All that has a say on somebody's calls, and what follows from who it is: what the same is of
/// in both versions needs no asking.
#[derive(Debug)]
pub(super) struct Surroundings<'e> {
    caller: Caller,
    rules: Vec<(Rule<'e>, Side, Namings)>,
    resource: String,
    /// What no call of the caller carries otherwise.
    fixed: Vec<(ContextKey, Entry)>,
    facts: Facts,
}

/// The keys that follow from who calls.
const OF_CALLER: [&str; 7] = [
    "aws:PrincipalAccount",
    "aws:PrincipalArn",
    "aws:PrincipalIsAWSService",
    "aws:PrincipalOrgID",
    "aws:PrincipalType",
    "aws:SecureTransport",
    "kms:CallerAccount",
];

/// What conditions may read of caller, key and organization, and how many levels limit.
#[derive(Debug, PartialEq, Eq)]
struct Facts {
    entries: Vec<(ContextKey, Entry)>,
    tags: [Entry; 2],
    key: Option<String>,
    limits: (Option<Vec<usize>>, Option<Vec<usize>>, bool),
}

impl<'e> Surroundings<'e> {
    pub(super) fn of(environment: &'e Environment, question: &'e Question) -> Option<Self> {
        let request = environment.request(question).ok()?;
        let caller = request.caller.clone();
        let policies = request.stack.policies();
        let statements = policies.filter_map(|(kind, it)| Some((side_of(kind), it.known()?)));
        let rules = statements.flat_map(|(side, policy)| {
            let rules = policy.statements().iter().map(move |it| (policy, it));
            rules.map(move |(policy, it)| (Rule::Statement(policy, it), side, it))
        });
        let named = rules.map(|(rule, side, it)| (rule, side, it.namings(&caller)));
        let grants = request.stack.grants.into_iter().flat_map(|it| it.iter());
        let grants = grants.map(|it| (Rule::Grant(it), Side::Grant, Namings::CALLER));
        let rules = named.filter(|(_, _, namings)| !namings.is_none()).chain(grants).collect();
        let facts = Facts::of(&request);
        let fixed = OF_CALLER.map(ContextKey::new).into_iter();
        let fixed = fixed.filter(|key| request.context.is_settled(key));
        let fixed = fixed.map(|key| (key.clone(), request.context.get(&key).clone())).collect();
        Some(Self { rules, fixed, facts, resource: request.resource.clone(), caller })
    }

    /// Whether the same may follow from other facts.
    pub(super) fn are_others(&self, other: &Self) -> bool {
        self.facts != other.facts || self.caller != other.caller
    }

    /// What has a say on an action.
    pub(super) fn said(&self, action: &Action, meanings: &mut Meanings) -> BTreeSet<Said> {
        let mut open = Context::default().opened();
        let is_sent = |key: &ContextKey| key.documented().is_some_and(|it| it.is_sent_with(action));
        for (key, entry) in self.fixed.iter().filter(|(key, _)| is_sent(key)) {
            open.set(key.clone(), entry.clone());
        }
        let mut said = BTreeSet::new();
        for (rule, side, namings) in &self.rules {
            let applies = match rule {
                Rule::Statement(_, statement) => {
                    may_apply(statement, *namings, action, &self.resource, &open)
                }
                Rule::Grant(grant) => {
                    action.short_name() == "RetireGrant"
                        || grant.operations().iter().any(|it| it.name == action.name)
                }
            };
            if applies {
                said.extend(meanings.of(*rule, *side, *namings));
            }
        }
        said
    }
}

impl Facts {
    fn of(request: &Request<'_>) -> Self {
        let own = |(key, entry): (&ContextKey, &Entry)| (key.clone(), entry.clone());
        let open = request.context.opened();
        let tag = |prefix: &str| open.get(&ContextKey::new(&format!("{prefix}any"))).clone();
        let stack = &request.stack;
        let sizes = |levels: &[Vec<Attached>]| levels.iter().map(Vec::len).collect();
        Self {
            entries: request.context.entries().map(own).collect(),
            tags: [tag("aws:PrincipalTag/"), tag("aws:ResourceTag/")],
            key: request.key.map(properties),
            limits: (
                stack.service_control_policies.map(sizes),
                stack.resource_control_policies.map(sizes),
                stack.permissions_boundary.is_some(),
            ),
        }
    }
}

fn properties(key: &Key) -> String {
    let Key { account, spec, usage, origin, multi_region, tags, aliases, unknown, .. } = key;
    format!(
        "{account:?} {spec} {usage} {origin} {multi_region:?} {tags:?} {aliases:?} {unknown:?} {:?}",
        key.manager
    )
}

fn side_of(kind: Kind) -> Side {
    match kind {
        Kind::Key => Side::KeyPolicy,
        Kind::Identity => Side::IdentityPolicy,
        Kind::PermissionsBoundary => Side::PermissionsBoundary,
        Kind::Session => Side::SessionPolicy,
        Kind::ServiceControl => Side::ServiceControlPolicy,
        Kind::ResourceControl => Side::ResourceControlPolicy,
        Kind::VpcEndpoint => Side::VpcEndpointPolicy,
    }
}

/// The policies of somebody that are not known: the side, and why.
pub(super) fn unknown_of(environment: &Environment, question: &Question) -> Vec<(Side, String)> {
    let Ok(request) = environment.request(question) else { return Vec::new() };
    let unknown = request.stack.policies().filter_map(|(kind, attached)| match attached {
        Attached::Unknown(why) => Some((side_of(kind), why.clone())),
        Attached::Policy(_) => None,
    });
    unknown.collect()
}
