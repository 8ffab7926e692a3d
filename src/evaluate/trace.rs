use super::verdict::Side;
use crate::policy::{Outcome, Policy, Statement};

/// One statement that was held against a request.
#[derive(Clone, Copy, Debug)]
pub struct Step<'e> {
    /// The side that its policy is on.
    pub side: Side,
    /// The policy.
    pub policy: &'e Policy,
    /// The statement.
    pub statement: &'e Statement,
    /// Whether it matches, or what is why not.
    pub outcome: Outcome<'e>,
}

/// Watches an evaluation, statement by statement.
pub trait Observer<'e> {
    /// Called once for each statement considered.
    fn statement(&mut self, step: &Step<'e>);
}

/// Watches nothing; the compiler removes the calls.
impl Observer<'_> for () {
    fn statement(&mut self, _step: &Step<'_>) {}
}

/// Keeps every step. Each borrows from the policies; nothing is formatted.
#[derive(Debug, Default)]
pub struct Trace<'e> {
    /// The statements, in the order in which they were considered.
    pub steps: Vec<Step<'e>>,
}

impl<'e> Observer<'e> for Trace<'e> {
    fn statement(&mut self, step: &Step<'e>) {
        self.steps.push(*step);
    }
}
