use super::verdict::Side;
use crate::policy::{Naming, Namings, Outcome, Policy, Statement};

/// One statement that was held against a request.
#[derive(Clone, Copy, Debug)]
pub struct Step<'e> {
    /// The side that its policy is on.
    pub side: Side,
    /// The policy.
    pub policy: &'e Policy,
    /// The statement.
    pub statement: &'e Statement,
    /// In which ways it names the caller.
    pub(super) namings: Namings,
    /// Whether it matches, or what is why not.
    pub outcome: Outcome<'e>,
}

impl Step<'_> {
    /// Whether it is a statement of a key policy that names the caller by its account and in
    /// no other way.
    pub(crate) fn is_by_account_only(&self) -> bool {
        let others = [Naming::Session, Naming::Caller, Naming::Everyone];
        self.namings.contains(Naming::Account)
            && !others.into_iter().any(|naming| self.namings.contains(naming))
    }
}

/// Watches an evaluation, statement by statement.
pub trait Observer<'e> {
    /// Whether to show the statements of key policies that do not name the caller, too.
    const SEES_ALL: bool;

    /// Called once for each statement considered.
    fn statement(&mut self, step: &Step<'e>);
}

/// Watches nothing; the compiler removes the calls.
impl Observer<'_> for () {
    const SEES_ALL: bool = false;

    fn statement(&mut self, _step: &Step<'_>) {}
}

/// Keeps every step. Each borrows from the policies; nothing is formatted.
#[derive(Debug, Default)]
pub struct Trace<'e> {
    /// The statements, in the order in which they were considered.
    pub steps: Vec<Step<'e>>,
}

impl<'e> Observer<'e> for Trace<'e> {
    const SEES_ALL: bool = true;

    fn statement(&mut self, step: &Step<'e>) {
        self.steps.push(*step);
    }
}
