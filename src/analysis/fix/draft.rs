//! An environment and a question that moves are tried on.

use std::sync::Arc;

use serde_json::Value;

use super::edit::{Change, Edit};
use crate::environment::{Attached, Environment, Grant, Principal, Question};
use crate::policy::{Kind, Policy};
use crate::request::{Entry, PrincipalName};
use crate::text::shell_word;

/// A copy of everything, with the edits that were made in it.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    pub(super) environment: Environment,
    pub(super) question: Question,
    edits: Vec<(Edit, Option<Arc<Policy>>)>,
    /// What was made, each with the number of the edit that it is part of.
    moves: Vec<(usize, Move)>,
}

/// An edit, and what it does.
#[derive(Clone, Debug)]
pub(super) struct Move {
    pub(super) edit: Edit,
    pub(super) act: Act,
}

#[derive(Clone, Debug)]
pub(super) enum Act {
    /// A document reads otherwise, wherever it is attached.
    Replace(Arc<Policy>, Arc<Policy>),
    /// A user or role gets an inline policy.
    Attach(PrincipalName, Arc<Policy>),
    /// The key of this ARN gets a grant.
    Grant(String, Box<Grant>),
    /// The call says something else.
    Say(Said),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Said {
    Via(String),
    Pair(String, String),
    Mfa,
    Context(String, String),
}

impl Draft {
    pub(super) fn new(environment: &Environment, question: &Question) -> Self {
        let (environment, question) = (environment.clone(), question.clone());
        Self { environment, question, edits: Vec::new(), moves: Vec::new() }
    }

    pub(super) fn edits(&self) -> Vec<Edit> {
        self.edits.iter().map(|(edit, _)| edit.clone()).collect()
    }

    /// Whether anything was edited.
    pub(super) fn is_changed(&self) -> bool {
        !self.edits.is_empty()
    }

    /// Whether the call is another one.
    pub(super) fn says_more(&self) -> bool {
        self.edits.iter().any(|(edit, _)| matches!(edit.change, Change::Call { .. }))
    }

    pub(super) fn with(&self, made: &Move) -> Self {
        let mut draft = self.clone();
        let mut result = None;
        let mut old = None;
        match &made.act {
            Act::Replace(before, after) => {
                draft.each_attached(|attached| {
                    if matches!(attached, Attached::Policy(it) if Arc::ptr_eq(it, before)) {
                        *attached = Attached::Policy(after.clone());
                    }
                });
                (old, result) = (Some(before), Some(after.clone()));
            }
            Act::Attach(name, policy) => {
                let known = draft.environment.principals().find(|(known, _)| *known == name);
                let mut principal: Principal =
                    known.map(|(_, principal)| principal.clone()).unwrap_or_default();
                principal.identity_policies.push(Attached::Policy(policy.clone()));
                draft.environment.add_principal(name.clone(), principal);
                result = Some(policy.clone());
            }
            Act::Grant(arn, grant) => {
                for key in draft.environment.keys_mut().iter_mut().filter(|key| key.arn() == *arn) {
                    key.grants.push(Grant::clone(grant));
                }
            }
            Act::Say(said) => said.on(&mut draft.question),
        }
        let number = draft.note(&made.edit, old, result);
        draft.moves.push((number, made.clone()));
        draft
    }

    /// For each edit, those that weaken a `Deny` first, what is left without it, made anew from
    /// the start.
    pub(super) fn with_one_edit_less(&self, start: &Self) -> impl Iterator<Item = Self> {
        let mut numbers: Vec<usize> =
            (0..self.edits.len()).filter(|_| self.edits.len() > 1).collect();
        numbers
            .sort_by_key(|number| !self.edits.get(*number).is_some_and(|(it, _)| it.weakens_deny));
        numbers.into_iter().map(move |dropped| {
            let kept = self.moves.iter().filter(|(number, _)| *number != dropped);
            kept.fold(start.clone(), |draft, (_, made)| draft.with(made))
        })
    }

    /// Keeps an edit; two of one document become one. Tells its number.
    fn note(
        &mut self,
        edit: &Edit,
        old: Option<&Arc<Policy>>,
        result: Option<Arc<Policy>>,
    ) -> usize {
        let same = old.and_then(|old| {
            let is_of = |(_, made): &(Edit, Option<Arc<Policy>>)| {
                made.as_ref().is_some_and(|made| Arc::ptr_eq(made, old))
            };
            self.edits.iter().position(is_of)
        });
        let number = same.unwrap_or(self.edits.len());
        match (self.edits.get_mut(number), &edit.change) {
            (Some((known, made)), Change::Policy(more)) => {
                if let Change::Policy(policy) = &mut known.change {
                    policy.patch.extend(more.patch.iter().cloned());
                    policy.statements.extend(more.statements.iter().cloned());
                }
                known.summary = format!("{} {}", known.summary, edit.summary);
                known.weakens_deny |= edit.weakens_deny;
                *made = result;
            }
            _ => self.edits.push((edit.clone(), result)),
        }
        number
    }

    fn each_attached(&mut self, mut visit: impl FnMut(&mut Attached)) {
        let environment = &mut self.environment;
        environment.keys_mut().iter_mut().for_each(|key| visit(&mut key.policy));
        let names: Vec<PrincipalName> =
            environment.principals().map(|(name, _)| name.clone()).collect();
        for name in &names {
            if let Some(principal) = environment.principal_mut(name) {
                principal.identity_policies.iter_mut().for_each(&mut visit);
                principal.permissions_boundary.iter_mut().for_each(&mut visit);
            }
        }
        let members = environment.organization.iter_mut().flat_map(|it| it.accounts.values_mut());
        for member in members {
            let scps = member.service_control_policies.iter_mut();
            scps.chain(&mut member.resource_control_policies).flatten().for_each(&mut visit);
        }
        let endpoints = environment.vpc_endpoints.values_mut();
        endpoints.filter_map(|endpoint| endpoint.policy.as_mut()).for_each(&mut visit);
        self.question.session.policies.iter_mut().flatten().for_each(&mut visit);
    }
}

impl Said {
    fn on(&self, question: &mut Question) {
        match self {
            Self::Via(service) => question.via = Some(service.clone()),
            Self::Mfa => question.session.mfa = Some(true),
            Self::Pair(name, value) => {
                let pairs = question.encryption_context.get_or_insert_default();
                pairs.retain(|(known, _)| known != name);
                pairs.push((name.clone(), value.clone()));
            }
            Self::Context(key, value) => {
                question.context.retain(|(known, _)| !known.eq_ignore_ascii_case(key));
                question.context.push((key.clone(), Entry::value(value.clone())));
            }
        }
    }

    /// As an option of the command line.
    pub(super) fn option(&self) -> String {
        match self {
            Self::Via(service) => format!("--via {}", shell_word(service)),
            Self::Pair(name, value) => {
                format!("--encryption-context {}", shell_word(&format!("{name}={value}")))
            }
            Self::Mfa => "--context aws:MultiFactorAuthPresent=true".to_owned(),
            Self::Context(key, value) => {
                format!("--context {}", shell_word(&format!("{key}={value}")))
            }
        }
    }
}

/// A policy after a patch, read by the same parser.
pub(super) fn patched(policy: &Policy, patch: &[Value]) -> Option<(Arc<Policy>, Value)> {
    let mut document = policy.to_json().ok()?;
    let operations: json_patch::Patch = serde_json::from_value(Value::from(patch.to_vec())).ok()?;
    json_patch::patch(&mut document, &operations).ok()?;
    let parsed = read(&policy.name(), &document, policy.kind())?;
    Some((parsed, document))
}

/// A policy, if it is one that AWS would take.
pub(super) fn read(name: &str, document: &Value, kind: Kind) -> Option<Arc<Policy>> {
    Policy::from_json(name, &document.to_string(), kind).ok().map(Arc::new)
}
