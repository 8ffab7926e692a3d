use std::fmt;
use std::ops::Range;

use super::Namings;
use super::condition::Condition;
use super::principal::{Principal, exempts, namings};
use super::resource::ArnPattern;
use crate::kms::{Action, ActionSet};
use crate::request::{Caller, Context, ContextKey, PrincipalName};
use crate::truth::Truth;

/// Whether a statement allows or denies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// `Allow`
    Allow,
    /// `Deny`
    Deny,
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Allow => "Allow",
            Self::Deny => "Deny",
        })
    }
}

/// What an element lists, or everything but what its `Not…` form lists.
#[derive(Clone, Debug)]
pub(crate) enum Scope<T> {
    Only(Vec<T>),
    AllExcept(Vec<T>),
}

/// One statement of a policy.
#[derive(Debug)]
pub struct Statement {
    pub(super) sid: Option<Box<str>>,
    pub(super) index: usize,
    pub(super) effect: Effect,
    /// None in the kinds of policy that have no such element.
    pub(super) principal: Option<Scope<Principal>>,
    pub(super) actions: Actions,
    pub(super) resource: Scope<ResourcePattern>,
    pub(super) conditions: Vec<Condition>,
    pub(super) span: Range<usize>,
    /// Relative to the policy.
    pub(super) pointer: String,
}

/// The actions of a statement, as they are written and as the actions of KMS they cover.
#[derive(Debug)]
pub(super) struct Actions {
    pub(super) written: Scope<Box<str>>,
    pub(super) covered: ActionSet,
}

impl Actions {
    /// Of other services than KMS no more is known than how the patterns are written.
    fn include(&self, others: &Self) -> bool {
        let own: &[Box<str>] = match &self.written {
            Scope::Only(own) => own,
            Scope::AllExcept(_) => &[],
        };
        let is_of_kms =
            |it: &str| it.get(..4).is_some_and(|head| head.eq_ignore_ascii_case("kms:"));
        let is_told = match &others.written {
            Scope::Only(others) => {
                others.iter().all(|it| is_of_kms(it) || own.iter().any(|own| own == it))
            }
            Scope::AllExcept(_) => own.iter().any(|own| &**own == "*"),
        };
        is_told && others.covered.difference(self.covered).is_empty()
    }
}

/// A pattern of a `Resource` element, and how it is written.
#[derive(Clone, Debug)]
pub(super) struct ResourcePattern {
    pub(super) written: Box<str>,
    pub(super) pattern: ArnPattern,
}

/// An element of a statement, or of a grant, that a request is held against.
#[derive(Clone, Copy, Debug)]
pub enum Element<'p> {
    /// `Principal` or `NotPrincipal`; the grantee of a grant.
    Principal,
    /// `Action` or `NotAction`; the operations of a grant.
    Action,
    /// `Resource` or `NotResource`.
    Resource,
    /// One key of `Condition`.
    Condition(&'p Condition),
    /// What only grants have.
    Grant(GrantElement),
}

/// A part of a grant that no statement has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GrantElement {
    /// The constraints of a grant that is to be created: they must be as strict.
    ChildConstraints,
    /// The operations of a grant that is to be created: they must be among its own.
    ChildOperations,
    /// The constraint `EncryptionContextEquals`.
    EncryptionContextEquals,
    /// The constraint `EncryptionContextSubset`.
    EncryptionContextSubset,
    /// The id of the grant that is to be retired.
    GrantId,
    /// The constraint `SourceArn`.
    SourceArn,
    /// The token, without which a new grant cannot be used yet.
    Token,
}

/// Whether a statement matches a request, and if not, the first element that is why.
#[derive(Clone, Copy, Debug)]
pub enum Outcome<'p> {
    /// Every element matches.
    Match,
    /// No element fails, and this one depends on something unknown.
    Depends(Element<'p>),
    /// This element fails.
    Mismatch(Element<'p>),
}

impl<'p> Outcome<'p> {
    /// Summarizes the elements of a statement, each with whether it matches.
    ///
    /// Elements are tested one at a time, and none after the first that fails; but a
    /// failed element outranks an open one before it.
    pub(crate) fn of(elements: impl IntoIterator<Item = (Element<'p>, Truth)>) -> Self {
        let mut outcome = Self::Match;
        for (element, matches) in elements {
            match (matches, outcome) {
                (Truth::False, _) => return Self::Mismatch(element),
                (Truth::Unknown, Self::Match) => outcome = Self::Depends(element),
                (Truth::Unknown | Truth::True, _) => {}
            }
        }
        outcome
    }

    /// Whether the statement applies.
    #[must_use]
    pub fn truth(self) -> Truth {
        match self {
            Self::Match => Truth::True,
            Self::Depends(_) => Truth::Unknown,
            Self::Mismatch(_) => Truth::False,
        }
    }
}

impl Statement {
    /// The `Sid`, if it has one.
    #[must_use]
    pub fn sid(&self) -> Option<&str> {
        self.sid.as_deref()
    }

    /// Whether it is for an action of KMS.
    pub(crate) fn is_for(&self, action: &Action) -> bool {
        self.actions.covered.contains(action)
    }

    /// Its number in the policy, from 0.
    #[must_use]
    pub fn index(&self) -> usize {
        self.index
    }

    /// Whether it allows or denies.
    #[must_use]
    pub fn effect(&self) -> Effect {
        self.effect
    }

    /// The JSON pointer to it in its policy.
    pub(crate) fn pointer(&self) -> &str {
        &self.pointer
    }

    /// Its conditions; all must hold.
    #[must_use]
    pub fn conditions(&self) -> &[Condition] {
        &self.conditions
    }

    /// In which ways the statement concerns the caller. A statement without a `Principal`
    /// concerns whom its policy is attached to.
    pub(crate) fn namings(&self, caller: &Caller) -> Namings {
        match &self.principal {
            Some(Scope::Only(listed)) => namings(listed, caller),
            Some(Scope::AllExcept(listed)) if exempts(listed, caller) => Namings::NONE,
            None | Some(Scope::AllExcept(_)) => Namings::CALLER,
        }
    }

    /// Holds the statement against a request. `namings` is from [`namings`](Self::namings).
    pub(crate) fn outcome<'p>(
        &'p self,
        namings: Namings,
        action: &Action,
        resource: &str,
        context: &Context,
    ) -> Outcome<'p> {
        let mut stage = 0;
        let mut conditions = self.conditions.iter();
        Outcome::of(std::iter::from_fn(|| {
            stage += 1;
            match stage {
                1 => Some((Element::Principal, Truth::from(!namings.is_none()))),
                2 => Some((Element::Action, self.actions.covered.contains(action).into())),
                3 => Some((Element::Resource, self.covers(resource, context))),
                _ => conditions.next().map(|it| (Element::Condition(it), it.test(context))),
            }
        }))
    }

    /// Whether the statement's `Resource` covers a resource, `*` being that of operations
    /// without one.
    ///
    /// AWS does not say what `NotResource` means with a variable that has no value: an
    /// `Allow` is taken to cover nothing, and a `Deny` everything that is not listed.
    fn covers(&self, resource: &str, context: &Context) -> Truth {
        let any = |patterns: &[ResourcePattern]| {
            Truth::any(patterns.iter().map(|pattern| pattern.pattern.covers(resource, context)))
        };
        match &self.resource {
            Scope::Only(patterns) => any(patterns),
            Scope::AllExcept(patterns) if self.effect == Effect::Allow => {
                let has_value = |it: &ResourcePattern| it.pattern.has_value(context);
                !any(patterns) & Truth::all(patterns.iter().map(has_value))
            }
            Scope::AllExcept(patterns) => !any(patterns),
        }
    }

    /// The keys that its conditions and variables read.
    pub(crate) fn reads(&self) -> impl Iterator<Item = &ContextKey> {
        self.resource_variables().chain(self.conditions.iter().flat_map(Condition::reads))
    }

    /// The keys that the variables in its `Resource` read.
    pub(crate) fn resource_variables(&self) -> impl Iterator<Item = &ContextKey> {
        let (Scope::Only(patterns) | Scope::AllExcept(patterns)) = &self.resource;
        patterns.iter().flat_map(|pattern| pattern.pattern.variables())
    }

    /// The users, roles, sessions and account roots that it names.
    pub(crate) fn principals(&self) -> impl Iterator<Item = PrincipalName> {
        self.listed_principals().iter().filter_map(Principal::name)
    }

    /// What its `Resource` lists, as it is written.
    pub(crate) fn resources(&self) -> impl Iterator<Item = String> {
        let listed = match &self.resource {
            Scope::Only(listed) => listed.as_slice(),
            Scope::AllExcept(_) => &[],
        };
        listed.iter().map(ToString::to_string)
    }

    /// What its `Principal` or `NotPrincipal` lists, in order.
    pub(crate) fn listed_principals(&self) -> &[Principal] {
        match &self.principal {
            None => &[],
            Some(Scope::Only(listed) | Scope::AllExcept(listed)) => listed,
        }
    }

    /// Whether its `Action` covers an action.
    pub(crate) fn covers_action(&self, action: &Action) -> bool {
        self.actions.covered.contains(action)
    }

    /// Whether whatever the other matches it matches too, with the same effect, as far as that
    /// can be told from how they are written.
    pub(crate) fn includes(&self, other: &Self) -> bool {
        self.effect == other.effect
            && self.names_all_of(other)
            && self.actions.include(&other.actions)
            && self.covers_all_of(other)
            && self.conditions.iter().all(|it| other.conditions.iter().any(|of| it.is_same(of)))
    }

    /// Whether it names all whom another names, and covers all resources that the other covers, as far
    /// as that can be told from how they are written.
    pub(crate) fn is_about_all_of(&self, other: &Self) -> bool {
        self.names_all_of(other) && self.covers_all_of(other)
    }

    /// Whether it denies whatever another statement allows of an action.
    pub(crate) fn takes(&self, allow: &Self, action: &Action) -> bool {
        self.effect == Effect::Deny
            && self.covers_action(action)
            && self.is_about_all_of(allow)
            && self.conditions.iter().all(|it| allow.conditions.iter().any(|of| it.is_same(of)))
    }

    fn names_all_of(&self, other: &Self) -> bool {
        match (&self.principal, &other.principal) {
            (None, None) => true,
            (Some(Scope::Only(own)), Some(Scope::Only(others))) => {
                own.contains(&Principal::Everyone) || others.iter().all(|it| own.contains(it))
            }
            (Some(Scope::AllExcept(own)), Some(Scope::AllExcept(others))) => own == others,
            _ => false,
        }
    }

    fn covers_all_of(&self, other: &Self) -> bool {
        let has = |own: &[ResourcePattern], text: &str| {
            own.iter().any(|it| &*it.written == "*" || &*it.written == text)
        };
        match (&self.resource, &other.resource) {
            (Scope::Only(own), Scope::Only(others)) => {
                others.iter().all(|it| has(own, &it.written))
            }
            (Scope::AllExcept(own), Scope::AllExcept(others)) => {
                own.iter().all(|it| others.iter().any(|of| of.written == it.written))
            }
            (Scope::Only(own), Scope::AllExcept(_)) => has(own, "*"),
            (Scope::AllExcept(_), Scope::Only(_)) => false,
        }
    }

    /// Whether it covers the action and names somebody who is nearly the caller.
    pub(crate) fn nearly_names(&self, caller: &Caller, action: &Action) -> bool {
        let Some(Scope::Only(principals)) = &self.principal else { return false };
        self.actions.covered.contains(action)
            && principals.iter().any(|principal| principal.is_nearly(caller))
    }

    /// Whether its principal is given as `NotPrincipal`.
    pub(crate) fn has_not_principal(&self) -> bool {
        matches!(self.principal, Some(Scope::AllExcept(_)))
    }

    /// The name of an element as the statement has it, and its values as they are written.
    pub(crate) fn written(&self, element: Element<'_>) -> (String, Vec<String>) {
        fn list<T: ToString>(name: &str, scope: &Scope<T>) -> (String, Vec<String>) {
            match scope {
                Scope::Only(items) => (name.into(), items.iter().map(T::to_string).collect()),
                Scope::AllExcept(items) => {
                    (format!("Not{name}"), items.iter().map(T::to_string).collect())
                }
            }
        }
        match element {
            Element::Principal => self
                .principal
                .as_ref()
                .map_or_else(|| ("Principal".into(), Vec::new()), |scope| list("Principal", scope)),
            Element::Action => list("Action", &self.actions.written),
            Element::Resource => list("Resource", &self.resource),
            Element::Condition(condition) => (
                format!("Condition/{}/{}", condition.operator(), condition.key()),
                condition.values().map(str::to_owned).collect(),
            ),
            // A statement has none of it.
            Element::Grant(_) => (String::new(), Vec::new()),
        }
    }
}

impl fmt::Display for ResourcePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_element_outranks_an_open_one() {
        let outcome = Outcome::of([
            (Element::Resource, Truth::Unknown),
            (Element::Action, Truth::False),
            (Element::Principal, Truth::True),
        ]);
        assert!(matches!(outcome, Outcome::Mismatch(Element::Action)));
    }

    #[test]
    fn the_first_open_element_is_the_one_reported() {
        let outcome =
            Outcome::of([(Element::Action, Truth::Unknown), (Element::Resource, Truth::Unknown)]);
        assert!(matches!(outcome, Outcome::Depends(Element::Action)));
        assert!(matches!(Outcome::of([]), Outcome::Match));
    }
}
