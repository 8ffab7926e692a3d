//! What one action of a case exercises.

use super::super::Single;
use super::{Noticed, StatementId};
use crate::environment::{QuestionError, Request};
use crate::evaluate::{Outcome, Rule, Step, Trace, decide_without, error, sides};
use crate::request::Rules;
use crate::truth::Truth;

/// A statement or grant that matches a case, and what it means to it.
#[derive(Clone, Debug)]
pub struct Exercise {
    pub(in crate::scenario) statement: StatementId,
    pub(in crate::scenario) is_decisive: bool,
    pub(in crate::scenario) noticed: Noticed,
}

/// A request, and what was found of each statement.
struct Traced<'e> {
    request: Request<'e>,
    steps: Vec<Step<'e>>,
    outcome: Outcome,
}

/// The same statement, as often as it was held against something.
struct Dropped<'e> {
    statement: StatementId,
    rules: Vec<Rule<'e>>,
    is_decisive: bool,
}

impl Single<'_> {
    /// The statements and grants that match it or may, each with whether the decision rests on
    /// it, and whether the case notices when it is gone: only such a one can be noticed.
    ///
    /// # Errors
    ///
    /// If the case cannot be run.
    pub fn exercises(&self) -> Result<Vec<Exercise>, QuestionError> {
        let environment = &self.scenario.environment;
        let permissions = environment.permissions(self.asked(), self.question())?;
        let mut traced = Vec::with_capacity(permissions.questions.len());
        for question in &permissions.questions {
            traced.push(Traced::of(environment.request(question)?));
        }
        let Some(before) = whole(traced.iter().map(|it| (&it.request, it.outcome))) else {
            return Ok(Vec::new());
        };
        let dropped = matching(&traced);
        Ok(dropped.into_iter().map(|it| self.exercise(it, &traced, before)).collect())
    }

    /// What becomes of it without the statement.
    fn exercise<'e>(
        &self,
        dropped: Dropped<'e>,
        traced: &[Traced<'e>],
        (asked, before): (&Request<'_>, Outcome),
    ) -> Exercise {
        let outcomes =
            traced.iter().map(|it| (&it.request, decide_without(&it.request, &dropped.rules)));
        let (asked_after, after) = whole(outcomes).unwrap_or((asked, before));
        let expect = &self.check.expect;
        let has_its_message = |request: &Request<'_>, outcome| {
            request.rules != Rules::Aws || expect.allows_error(error(request, outcome).as_deref())
        };
        let loses_its_message =
            has_its_message(asked, before) && !has_its_message(asked_after, after);
        let loses_its_statement =
            dropped.last_of_its_name(traced).is_some_and(|sid| expect.names(sid));
        let would_fail = expect.is_met_by(before)
            && (!expect.is_met_by(after) || loses_its_statement || loses_its_message);
        let noticed = match (would_fail, is_other(before, after)) {
            (true, _) => Noticed::Case,
            (false, true) => Noticed::Answer,
            (false, false) => Noticed::No,
        };
        Exercise { statement: dropped.statement, is_decisive: dropped.is_decisive, noticed }
    }
}

impl<'e> Dropped<'e> {
    /// Its `Sid`, if a decision rests on it and on no other statement of that `Sid`.
    fn last_of_its_name(&self, traced: &[Traced<'e>]) -> Option<&'e str> {
        let sid = self.rules.first()?.label()?;
        let is_other =
            |step: &&Step<'e>| step.rule.label() == Some(sid) && !self.rules.contains(&step.rule);
        let is_shared = traced
            .iter()
            .any(|it| it.steps.iter().filter(is_other).any(|step| it.outcome.rests_on(step)));
        (self.is_decisive && !is_shared).then_some(sid)
    }
}

impl<'e> Traced<'e> {
    fn of(request: Request<'e>) -> Self {
        let mut trace = Trace::default();
        let sides = sides(&request, &request.context, &mut trace);
        let outcome = Outcome::of(&sides, request.standing, request.rules);
        Self { steps: trace.steps, outcome, request }
    }
}

/// The statements that match or may, each once.
fn matching<'e>(traced: &[Traced<'e>]) -> Vec<Dropped<'e>> {
    let mut dropped: Vec<Dropped<'e>> = Vec::new();
    for Traced { steps, outcome, .. } in traced {
        for step in steps.iter().filter(|step| step.outcome.truth() != Truth::False) {
            let Some((statement, _)) = StatementId::of(step.rule) else { continue };
            let is_decisive = outcome.rests_on(step);
            match dropped.iter_mut().find(|it| it.statement == statement) {
                Some(known) => {
                    known.is_decisive |= is_decisive;
                    if !known.rules.contains(&step.rule) {
                        known.rules.push(step.rule);
                    }
                }
                None => {
                    dropped.push(Dropped { statement, rules: vec![step.rule], is_decisive });
                }
            }
        }
    }
    dropped
}

/// The first that fails stands for all.
fn whole<'r, 'e: 'r>(
    outcomes: impl Iterator<Item = (&'r Request<'e>, Outcome)>,
) -> Option<(&'r Request<'e>, Outcome)> {
    outcomes.min_by_key(|(_, outcome)| outcome.decision.rank())
}

fn is_other(before: Outcome, after: Outcome) -> bool {
    before.decision != after.decision
        || before.denied_by != after.denied_by
        || before.allowed_by != after.allowed_by
}
