use super::decision::{Decision, Outcome};
use super::depends::Opened;
use super::near::{self, NearMiss};
use super::trace::{Step, Trace};
use super::verdict::Side;
use super::{Sides, message, sides, uncertain};
use crate::environment::{Attached, Request};
use crate::request::{ContextKey, Rules};
use crate::truth::Truth;

/// A decision with all that led to it.
#[derive(Debug)]
pub struct Explanation<'e> {
    /// The decision.
    pub outcome: Outcome,
    /// What each side says.
    pub sides: Sides,
    /// Every statement that was considered.
    pub steps: Vec<Step<'e>>,
    /// Context keys, neither given nor derived, that could change the decision.
    pub depends_on: Vec<ContextKey>,
    /// Whether they could turn allowed into denied or the reverse, and not only one kind of
    /// denial into the other.
    pub could_flip: bool,
    /// For a request that nothing allows: the statements and grants that almost did, best first.
    pub near_misses: Vec<NearMiss<'e>>,
    /// The message that AWS prints for a denied request.
    pub error: Option<String>,
    /// What the other rules decide, where they decide otherwise.
    pub otherwise: Option<(Rules, Decision)>,
    /// Whether a statement for this caller, action and key reads the date, and nothing says it.
    pub reads_date: bool,
    /// What was assumed, and what is likely not meant, in sentences.
    pub warnings: Vec<String>,
}

/// Decides a request and says why.
#[must_use]
pub fn explain<'e>(request: &Request<'e>) -> Explanation<'e> {
    let mut trace = Trace::default();
    let sides = sides(request, &request.context, &mut trace);
    let outcome = Outcome::of(&sides, request.standing, request.rules);
    let opened = Opened::of(request);
    let other = match request.rules {
        Rules::Aws => Rules::DualPermission,
        Rules::DualPermission => Rules::Aws,
    };
    let otherwise = Outcome::of(&sides, request.standing, other).decision;
    let mut explanation = Explanation {
        outcome,
        sides,
        near_misses: near::misses(request, outcome, &trace.steps),
        steps: trace.steps,
        could_flip: opened.could_flip(outcome),
        depends_on: opened.depends_on(request, outcome).into_iter().cloned().collect(),
        // What AWS prints is for what AWS decides.
        error: (request.rules == Rules::Aws || otherwise != Decision::Allowed)
            .then(|| message::error(request, outcome))
            .flatten(),
        otherwise: (otherwise != outcome.decision).then_some((other, otherwise)),
        reads_date: ["aws:CurrentTime", "aws:EpochTime"]
            .iter()
            .any(|key| opened.reads(key) && !request.context.is_settled(&ContextKey::new(key))),
        warnings: request.warnings.clone(),
    };
    explanation.warnings.extend(policy_warnings(request));
    explanation.warnings.extend(uncertain::sentences(&explanation, request, &opened));
    explanation
}

impl<'e> Explanation<'e> {
    /// The statements of a side that apply, or may.
    pub fn matched(&self, side: Side) -> impl Iterator<Item = &Step<'e>> {
        self.steps
            .iter()
            .filter(move |step| step.side == side && step.outcome.truth() != Truth::False)
    }

    /// Whether a statement decides: it denies on a side that denies, or allows on the side
    /// that suffices, or is the key policy's part of what the identity policies allow.
    #[must_use]
    pub fn is_decisive(&self, step: &Step<'_>) -> bool {
        self.outcome.rests_on(step)
    }

    /// The statements that decide.
    pub fn decisive(&self) -> impl Iterator<Item = &Step<'e>> {
        self.steps.iter().filter(|step| self.is_decisive(step))
    }
}

/// What is likely not meant in the policies that apply, and which of them are not known.
fn policy_warnings(request: &Request<'_>) -> Vec<String> {
    let mut warnings = Vec::new();
    for (kind, attached) in request.stack.policies() {
        match attached {
            Attached::Policy(policy) => {
                warnings.extend(policy.warnings().iter().map(ToString::to_string));
            }
            Attached::Unknown(reason) => warnings.push(format!(
                "the {} is not known: {}",
                kind.as_str(),
                crate::text::Printable(reason)
            )),
        }
    }
    warnings
}
