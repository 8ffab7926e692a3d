//! Which context keys, neither given nor derived, would change a decision.

use std::collections::BTreeSet;

use super::{Outcome, Step, Trace, sides};
use crate::environment::Request;
use crate::policy::{Element, Outcome as StatementOutcome};
use crate::request::ContextKey;

/// A request decided a second time, with every key left open that nothing settles.
#[derive(Debug)]
pub(super) struct Opened<'e> {
    outcome: Outcome,
    /// The keys that statements for this caller, action and key read.
    read: BTreeSet<&'e ContextKey>,
}

impl<'e> Opened<'e> {
    pub(super) fn of(request: &Request<'e>) -> Self {
        let mut trace = Trace::default();
        let sides = sides(request, &request.context.opened(), &mut trace);
        let outcome = Outcome::of(&sides, request.standing, request.rules);
        let read = trace
            .steps
            .iter()
            .filter(|step| concerns(step))
            .flat_map(|step| step.statement.reads());
        Self { outcome, read: read.collect() }
    }

    /// Whether such a statement reads the key.
    pub(super) fn reads(&self, key: &str) -> bool {
        self.read.contains(&ContextKey::new(key))
    }

    /// The open keys, if some values for them may change the decision.
    ///
    /// "May": each place that reads a key is opened on its own, so two conditions that
    /// contradict each other count as satisfiable.
    pub(super) fn depends_on(&self, request: &Request<'e>, closed: Outcome) -> Vec<&'e ContextKey> {
        let can_change = self.outcome.is_open || self.outcome.decision != closed.decision;
        let open = |key: &&ContextKey| !request.context.is_settled(key);
        self.read.iter().copied().filter(|key| can_change && open(key)).collect()
    }
}

/// Whether a statement is for this caller, action and resource, whatever its conditions say.
fn concerns(step: &Step<'_>) -> bool {
    match step.outcome {
        StatementOutcome::Mismatch(Element::Principal | Element::Action | Element::Resource) => {
            false
        }
        StatementOutcome::Match
        | StatementOutcome::Depends(_)
        | StatementOutcome::Mismatch(Element::Condition(_)) => true,
    }
}
