use super::verdict::Side;
use crate::document::Place;
use crate::environment::{Grant, Request};
use crate::policy::{
    Condition, Effect, Element, GrantElement, Naming, Namings, Outcome, Policy, Statement,
};
use crate::request::ContextKey;

/// What a request is held against: a statement of a policy, or a grant.
#[derive(Clone, Copy, Debug)]
pub enum Rule<'e> {
    /// A statement.
    Statement(&'e Policy, &'e Statement),
    /// A grant.
    Grant(&'e Grant),
}

/// One statement or grant that was held against a request.
#[derive(Clone, Copy, Debug)]
pub struct Step<'e> {
    /// The side that it is on.
    pub side: Side,
    /// The statement or grant.
    pub rule: Rule<'e>,
    /// In which ways it names the caller.
    pub(super) namings: Namings,
    /// Whether it matches, or what is why not.
    pub outcome: Outcome<'e>,
}

impl<'e> Rule<'e> {
    /// Whether it allows or denies.
    #[must_use]
    pub fn effect(self) -> Effect {
        match self {
            Self::Statement(_, statement) => statement.effect(),
            Self::Grant(_) => Effect::Allow,
        }
    }

    /// The `Sid` of a statement; the name or id of a grant.
    #[must_use]
    pub fn label(self) -> Option<&'e str> {
        match self {
            Self::Statement(_, statement) => statement.sid(),
            Self::Grant(grant) => grant.label(),
        }
    }

    /// Its number, from 0: in the policy, or among the grants of the key.
    #[must_use]
    pub fn index(self) -> usize {
        match self {
            Self::Statement(_, statement) => statement.index(),
            Self::Grant(grant) => grant.index(),
        }
    }

    /// The file that it stands in, with a JSON pointer if the policy is only a part of it.
    #[must_use]
    pub fn source(self) -> String {
        match (self, self.place()) {
            (Self::Statement(policy, _), _) => policy.name(),
            (Self::Grant(_), Some(place)) if place.pointer.is_empty() => place.source.name.clone(),
            (Self::Grant(_), Some(place)) => format!("{}#{}", place.source.name, place.pointer),
            (Self::Grant(_), None) => "grants".to_owned(),
        }
    }

    /// Where it stands; a grant that was read from no file has no place.
    #[must_use]
    pub fn place(self) -> Option<Place> {
        match self {
            Self::Statement(policy, statement) => Some(policy.place(statement)),
            Self::Grant(grant) => grant.place.clone(),
        }
    }

    /// Its conditions; grants have constraints instead.
    pub(crate) fn conditions(self) -> &'e [Condition] {
        match self {
            Self::Statement(_, statement) => statement.conditions(),
            Self::Grant(_) => &[],
        }
    }

    /// Whether its principal is given as `NotPrincipal`.
    pub(crate) fn has_not_principal(self) -> bool {
        matches!(self, Self::Statement(_, statement) if statement.has_not_principal())
    }

    /// Whether it is for the action and names somebody who is nearly the caller.
    pub(crate) fn nearly_names(self, request: &Request<'_>) -> bool {
        match self {
            Self::Statement(_, it) => it.nearly_names(&request.caller, request.action),
            Self::Grant(it) => it.nearly_names(&request.caller, request.action),
        }
    }

    /// The keys that it reads.
    pub(super) fn reads(self) -> Box<dyn Iterator<Item = &'e ContextKey> + 'e> {
        match self {
            Self::Statement(_, statement) => Box::new(statement.reads()),
            Self::Grant(grant) => Box::new(grant.reads().map(|(key, _)| key)),
        }
    }

    /// The name of an element as it is written, and its values.
    pub(crate) fn written(self, element: Element<'_>) -> (String, Vec<String>) {
        match (self, element) {
            (Self::Statement(_, statement), element) => statement.written(element),
            (Self::Grant(grant), Element::Grant(element)) => grant.written(element),
            (Self::Grant(grant), Element::Principal) => {
                ("GranteePrincipal".to_owned(), vec![grant.grantee.to_string()])
            }
            (Self::Grant(grant), Element::Action) => {
                let names = grant.operations().iter().map(|action| action.short_name().to_owned());
                ("Operations".to_owned(), names.collect())
            }
            // A grant is of one key.
            (Self::Grant(_), Element::Resource | Element::Condition(_)) => {
                (String::new(), Vec::new())
            }
        }
    }
}

impl Step<'_> {
    /// In which ways it names the caller.
    pub(crate) fn namings(&self) -> Namings {
        self.namings
    }

    /// Whether it is for this caller and action, whatever its conditions and constraints say.
    pub(crate) fn concerns_request(&self) -> bool {
        match self.outcome {
            Outcome::Mismatch(
                Element::Principal
                | Element::Action
                | Element::Resource
                | Element::Grant(GrantElement::GrantId | GrantElement::Token),
            ) => false,
            Outcome::Match
            | Outcome::Depends(_)
            | Outcome::Mismatch(Element::Condition(_) | Element::Grant(_)) => true,
        }
    }

    /// Whether it is a statement of a key policy that names the caller by its account and in
    /// no other way; or such a grant.
    pub(crate) fn is_by_account_only(&self) -> bool {
        let others = [Naming::Session, Naming::Caller, Naming::Everyone];
        self.namings.contains(Naming::Account)
            && !others.into_iter().any(|naming| self.namings.contains(naming))
    }
}

/// Watches an evaluation, statement by statement and grant by grant.
pub trait Observer<'e> {
    /// Whether to show the statements of key policies that do not name the caller, too.
    const SEES_ALL: bool;

    /// Called once for each statement or grant considered.
    fn rule(&mut self, step: &Step<'e>);
}

/// Watches nothing; the compiler removes the calls.
impl Observer<'_> for () {
    const SEES_ALL: bool = false;

    fn rule(&mut self, _step: &Step<'_>) {}
}

/// Keeps every step. Each borrows from the policies; nothing is formatted.
#[derive(Debug, Default)]
pub struct Trace<'e> {
    /// The statements and grants, in the order in which they were considered.
    pub steps: Vec<Step<'e>>,
}

impl<'e> Observer<'e> for Trace<'e> {
    const SEES_ALL: bool = true;

    fn rule(&mut self, step: &Step<'e>) {
        self.steps.push(*step);
    }
}
