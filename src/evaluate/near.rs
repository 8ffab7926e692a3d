//! The statements and grants that almost allowed a request that nothing allows.

use super::decision::{Decision, Outcome};
use super::trace::{Rule, Step};
use super::verdict::Side;
use super::{Held, sides_of};
use crate::environment::Request;
use crate::policy::{Effect, Element, Outcome as StatementOutcome};

/// A statement or grant that is for the action, fails on one element, and would change the
/// decision if it did not.
#[derive(Clone, Copy, Debug)]
pub struct NearMiss<'e> {
    /// The statement or grant, with the element that failed.
    pub step: Step<'e>,
    /// Whether it alone would allow the request; else it would take one side from those that
    /// deny it.
    pub would_allow: bool,
}

/// So many are tried at most: nobody reads more, and a key can have 50,000 grants.
const TRIED: usize = 200;

/// The near misses of a request, best first: those that alone would allow it, then by the
/// element that failed.
pub(super) fn misses<'e>(
    request: &Request<'e>,
    outcome: Outcome,
    steps: &[Step<'e>],
) -> Vec<NearMiss<'e>> {
    if outcome.decision != Decision::ImplicitDeny {
        return Vec::new();
    }
    let is_near = |step: &&Step<'e>| {
        step.rule.effect() == Effect::Allow
            && failed(step).is_some_and(|it| is_near(step, it, request))
    };
    let tried = steps.iter().filter(is_near).take(TRIED);
    let mut misses: Vec<NearMiss<'e>> =
        tried.filter_map(|step| if_it_matched(request, outcome, *step)).collect();
    misses.sort_by_key(|miss| (!miss.would_allow, failed(&miss.step).map(rank)));
    misses
}

fn failed<'e>(step: &Step<'e>) -> Option<Element<'e>> {
    match step.outcome {
        StatementOutcome::Mismatch(element) => Some(element),
        StatementOutcome::Match | StatementOutcome::Depends(_) => None,
    }
}

fn is_near(step: &Step<'_>, failed: Element<'_>, request: &Request<'_>) -> bool {
    match failed {
        Element::Resource | Element::Condition(_) | Element::Grant(_) => true,
        Element::Principal => step.rule.nearly_names(request),
        Element::Action => false,
    }
}

fn rank(element: Element<'_>) -> u8 {
    match element {
        Element::Condition(_) | Element::Grant(_) => 0,
        Element::Resource => 1,
        Element::Principal => 2,
        Element::Action => 3,
    }
}

/// Decides the request once more as if the statement or grant matched; none if that is nothing
/// to the decision.
fn if_it_matched<'e>(
    request: &Request<'e>,
    outcome: Outcome,
    step: Step<'e>,
) -> Option<NearMiss<'e>> {
    let held = Held { request, context: &request.context, assumed: Some(step.rule), dropped: &[] };
    let assumed = Outcome::of(&sides_of(&held, &mut ()), request.standing, request.rules);
    let is_relieved = outcome.denied_by.contains(step.side)
        && !assumed.denied_by.contains(step.side)
        || matches!(step.side, Side::Grant) && assumed.denied_by != outcome.denied_by;
    let would_allow = assumed.decision == Decision::Allowed;
    (would_allow || is_relieved).then_some(NearMiss { step, would_allow })
}

impl PartialEq for Rule<'_> {
    /// Whether it is the very same statement or grant.
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Statement(_, one), Self::Statement(_, other)) => std::ptr::eq(*one, *other),
            (Self::Grant(one), Self::Grant(other)) => std::ptr::eq(*one, *other),
            (Self::Statement(..), Self::Grant(_)) | (Self::Grant(_), Self::Statement(..)) => false,
        }
    }
}
