//! Which context keys, neither given nor derived, would change a decision.

use std::collections::{BTreeMap, BTreeSet};

use super::{Outcome, Rule, Trace, sides};
use crate::environment::Request;
use crate::policy::Condition;
use crate::request::{ContextKey, Entry};

/// Combinations of values that are tried, at most.
const MANY: usize = 256;
/// Statements and grants that are held against them, at most.
const MANY_TESTS: usize = 100_000;

/// A request decided a second time, with every key left open that nothing settles.
#[derive(Debug)]
pub(super) struct Opened<'e> {
    outcome: Outcome,
    /// The statements and grants for this caller, action and resource, whatever their
    /// conditions and constraints say.
    rules: Vec<Rule<'e>>,
}

impl<'e> Opened<'e> {
    pub(super) fn of(request: &Request<'e>) -> Self {
        let mut trace = Trace::default();
        let sides = sides(request, &request.context.opened(), &mut trace);
        let outcome = Outcome::of(&sides, request.standing, request.rules);
        let concerned = trace.steps.iter().filter(|step| step.concerns_request());
        Self { outcome, rules: concerned.map(|step| step.rule).collect() }
    }

    /// Whether one of them reads the key.
    pub(super) fn reads(&self, key: &str) -> bool {
        let key = ContextKey::new(key);
        self.rules.iter().flat_map(|rule| rule.reads()).any(|read| *read == key)
    }

    /// Whether what is open could turn allowed into denied, or the reverse.
    pub(super) fn could_flip(&self, closed: Outcome) -> bool {
        let is_allowed = |outcome: Outcome| outcome.decision == super::Decision::Allowed;
        self.outcome.decision == super::Decision::Undetermined
            || is_allowed(self.outcome) != is_allowed(closed)
    }

    /// The open keys, if some values for them change the decision.
    ///
    /// Where the values to try are few they are tried. Elsewhere each place that reads a key
    /// is opened on its own, so that conditions which contradict each other count as
    /// satisfiable: a key may then be listed that changes nothing, and none is missing.
    pub(super) fn depends_on(&self, request: &Request<'e>, closed: Outcome) -> Vec<&'e ContextKey> {
        let reads = self.rules.iter().flat_map(|rule| rule.reads());
        let open: BTreeSet<&ContextKey> =
            reads.filter(|key| !request.context.is_settled(key)).collect();
        let can_change = self.outcome.is_open || self.outcome.decision != closed.decision;
        let changes = can_change
            && self.telling_values(&open).is_none_or(|values| changes(request, closed, &values));
        if changes { open.into_iter().collect() } else { Vec::new() }
    }

    /// For each open key what to try, if between them these tell all there is to tell.
    fn telling_values(
        &self,
        open: &BTreeSet<&'e ContextKey>,
    ) -> Option<Vec<(&'e ContextKey, Vec<Entry>)>> {
        let mut values: BTreeMap<&ContextKey, BTreeSet<&str>> = BTreeMap::new();
        for rule in &self.rules {
            let statement = match rule {
                Rule::Statement(_, statement) => statement,
                Rule::Grant(grant) => {
                    for (key, value) in grant.reads().filter(|(key, _)| open.contains(key)) {
                        values.entry(key).or_default().insert(value);
                    }
                    continue;
                }
            };
            let variables = statement.conditions().iter().flat_map(Condition::variables);
            if statement.resource_variables().chain(variables).any(|key| open.contains(key)) {
                return None;
            }
            let by_conditions = statement.conditions().iter().filter(|it| open.contains(it.key()));
            for condition in by_conditions {
                values.entry(condition.key()).or_default().extend(condition.telling_values()?);
            }
        }
        let tried = values.values().map(|values| values.len() + 2);
        let combinations = tried.fold(1_usize, usize::saturating_mul);
        let entries = |values: BTreeSet<&str>| {
            // A control character, which no policy can hold, is a value like no other.
            let others = [Entry::Absent, Entry::value("\u{1}")];
            values.into_iter().map(Entry::value).chain(others).collect()
        };
        let tests = combinations.saturating_mul(self.rules.len());
        (combinations <= MANY && tests <= MANY_TESTS)
            .then(|| values.into_iter().map(|(key, values)| (key, entries(values))).collect())
    }
}

/// Whether some combination of the values leads to another decision.
fn changes(request: &Request<'_>, closed: Outcome, keys: &[(&ContextKey, Vec<Entry>)]) -> bool {
    let combinations: usize = keys.iter().map(|(_, entries)| entries.len()).product();
    (0..combinations).any(|mut index| {
        let mut context = request.context.clone();
        for (key, entries) in keys {
            if let Some(entry) = entries.get(index % entries.len()) {
                context.set((*key).clone(), entry.clone());
            }
            index /= entries.len();
        }
        let sides = sides(request, &context, &mut ());
        Outcome::of(&sides, request.standing, request.rules).decision != closed.decision
    })
}
