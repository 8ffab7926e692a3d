use std::collections::BTreeSet;

use serde::Serialize;

use super::Access;
use crate::environment::{Environment, Question};
use crate::evaluate::{Decision, Outcome, Rule, Side, Trace, explain, sides};
use crate::policy::{Effect, Element};
use crate::text::Printable;
use crate::truth::Truth;

/// What makes a difference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Cause {
    /// What happened to what decides.
    pub reason: Reason,
    /// The side that it is on; of several that deny together, the first.
    pub side: &'static str,
    /// The statements, each by its `Sid` or number and where it stands; none where what matters
    /// is that there is none.
    pub statements: Vec<String>,
}

/// What happened to what decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// A statement allows it, which did not before.
    NowAllows,
    /// What allowed it does no more.
    NoLongerAllows,
    /// A statement denies it, which did not before.
    NowDenies,
    /// What denied it does no more.
    NoLongerDenies,
    /// It is allowed under other conditions.
    OtherConditions,
}

/// A call as it is decided.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) access: Access,
    decision: Decision,
    side: &'static str,
    /// Those that decide.
    decisive: Vec<Named>,
    /// Those that allow, or may.
    allowing: Vec<Named>,
    /// Those that deny, or may.
    denying: Vec<Named>,
}

/// A statement or grant.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Named {
    words: String,
    /// What it says, however the file spells it.
    text: String,
    side: Side,
}

impl Seen {
    /// None for who does not call so.
    pub(super) fn of(environment: &Environment, question: &Question) -> Option<Self> {
        let request = environment.request(question).ok()?;
        let explanation = explain(&request);
        let mut trace = Trace::default();
        let open = sides(&request, &request.context.opened(), &mut trace);
        let open = Outcome::of(&open, request.standing, request.rules).decision;
        let outcome = explanation.outcome;
        let matching = |effect| {
            let steps = trace.steps.iter().filter(|step| step.outcome.truth() != Truth::False);
            let steps = steps.filter(|step| step.rule.effect() == effect);
            steps.map(|step| Named::of(step.rule, step.side)).collect()
        };
        let denied_by = outcome.denied_by.iter().map(Side::as_str).next();
        Some(Self {
            access: Access::of(outcome.decision, open),
            decision: outcome.decision,
            side: outcome.allowed_by.map(Side::as_str).or(denied_by).unwrap_or("key-policy"),
            decisive: explanation.decisive().map(|step| Named::of(step.rule, step.side)).collect(),
            allowing: matching(Effect::Allow),
            denying: matching(Effect::Deny),
        })
    }

    /// Why it is otherwise in another environment; none if it is not.
    pub(super) fn cause_of(&self, after: &Self) -> Option<Cause> {
        match self.access.cmp(&after.access) {
            std::cmp::Ordering::Less => Some(self.gained(after)),
            std::cmp::Ordering::Greater => Some(self.lost(after)),
            std::cmp::Ordering::Equal if self.access == Access::Depends => self.otherwise(after),
            std::cmp::Ordering::Equal => None,
        }
    }

    fn gained(&self, after: &Self) -> Cause {
        let new = difference(&after.allowing, &self.allowing);
        let gone = difference(&self.denying, &after.denying);
        match (new.is_empty(), gone.is_empty()) {
            (true, false) => cause(Reason::NoLongerDenies, self.side, &gone),
            (false, _) => cause(Reason::NowAllows, after.side, &new),
            (true, true) => cause(Reason::NowAllows, after.side, &after.decisive),
        }
    }

    fn lost(&self, after: &Self) -> Cause {
        let new = difference(&after.denying, &self.denying);
        let gone = difference(&self.allowing, &after.allowing);
        match (after.decision, new.is_empty()) {
            (Decision::ExplicitDeny, _) => cause(Reason::NowDenies, after.side, &after.decisive),
            (_, false) if gone.is_empty() => cause(Reason::NowDenies, after.side, &new),
            _ => cause(Reason::NoLongerAllows, after.side, &gone),
        }
    }

    fn otherwise(&self, after: &Self) -> Option<Cause> {
        let new = [
            difference(&after.allowing, &self.allowing),
            difference(&after.denying, &self.denying),
        ]
        .concat();
        let gone = [
            difference(&self.allowing, &after.allowing),
            difference(&self.denying, &after.denying),
        ]
        .concat();
        let told = if new.is_empty() { &gone } else { &new };
        (!told.is_empty()).then(|| cause(Reason::OtherConditions, after.side, told))
    }
}

/// The statements decide which side it is, where there are any.
fn cause(reason: Reason, side: &'static str, named: &[Named]) -> Cause {
    let mut seen = BTreeSet::new();
    let statements = named.iter().map(|it| it.words.clone()).filter(|it| seen.insert(it.clone()));
    let side = named.first().map_or(side, |it| it.side.as_str());
    Cause { reason, side, statements: statements.collect() }
}

/// What the others do not say.
fn difference(named: &[Named], others: &[Named]) -> Vec<Named> {
    let is_new =
        |it: &&Named| !others.iter().any(|other| other.text == it.text && other.side == it.side);
    named.iter().filter(is_new).cloned().collect()
}

impl Named {
    fn of(rule: Rule<'_>, side: Side) -> Self {
        let label = match rule.label().filter(|label| !label.is_empty()) {
            Some(label) => format!("\"{}\"", Printable(label)),
            None => (rule.index() + 1).to_string(),
        };
        let kind = match rule {
            Rule::Statement(..) => "statement",
            Rule::Grant(_) => "grant",
        };
        let at = rule.place().map(|place| format!(" ({place})")).unwrap_or_default();
        Self { words: format!("{kind} {label}{at}"), text: meant(rule), side }
    }
}

/// What a statement or grant says, however the file spells it.
fn meant(rule: Rule<'_>) -> String {
    let elements = match rule {
        Rule::Statement(_, statement) => {
            let conditions = statement.conditions().iter().map(Element::Condition);
            let rest = [Element::Principal, Element::Action, Element::Resource];
            rest.into_iter().chain(conditions).map(|element| statement.written(element)).collect()
        }
        Rule::Grant(_) => vec![rule.written(Element::Principal), rule.written(Element::Action)],
    };
    format!("{} {elements:?}", rule.effect())
}
