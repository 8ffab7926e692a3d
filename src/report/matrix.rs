//! Principals × actions on one key, each cell decided.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::environment::{Environment, Grantee, Key, Question, QuestionError, QuestionPart};
use crate::evaluate::{Side, decide, explain};
use crate::kms::Action;
use crate::request::PrincipalName;

use super::reason;

/// A table of decisions. Each cell is one permission, with nothing said of its parameters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Matrix {
    /// The ARN of the key; none if no action has one.
    pub key: Option<String>,
    /// The rules that decided.
    pub rules: &'static str,
    /// The principals, as they were asked for.
    pub principals: Vec<String>,
    /// The actions.
    pub actions: Vec<&'static str>,
    /// A cell for each action of each principal, principal by principal.
    pub cells: Vec<Cell>,
}

/// A decision of a matrix.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Cell {
    /// The principal.
    pub principal: String,
    /// The action.
    pub action: &'static str,
    /// `allowed`, `explicitDeny`, `implicitDeny` or `undetermined`; `not-applicable` where the
    /// principal does not call so, as no service through another.
    pub decision: &'static str,
    /// The sides responsible for a denial.
    pub denied_by: Vec<&'static str>,
    /// The source of permission that suffices.
    pub allowed_by: Option<&'static str>,
    /// KMS's error for an authorized caller, if the state or usage of the key fails the call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_error: Option<String>,
    /// Why, in one sentence, if it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Whether the cells of a matrix say why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// The decision and its sides.
    Unsaid,
    /// And the reason, in a sentence.
    Said,
}

impl Cell {
    fn not_applicable(principal: &str, action: &Action, error: &QuestionError) -> Self {
        Self {
            principal: principal.to_owned(),
            action: action.name,
            decision: "not-applicable",
            denied_by: Vec::new(),
            allowed_by: None,
            key_error: None,
            reason: Some(error.message.clone()),
        }
    }
}

/// Whether what is wrong is that one kind of principal does not call so.
fn is_of_principal(part: QuestionPart) -> bool {
    match part {
        QuestionPart::Session | QuestionPart::Via | QuestionPart::VpcEndpoint => true,
        QuestionPart::At
        | QuestionPart::Context
        | QuestionPart::DestinationKey
        | QuestionPart::Key
        | QuestionPart::Parameters
        | QuestionPart::Principal => false,
    }
}

impl Matrix {
    /// Decides every action for every principal, each with what `question` says of the request.
    ///
    /// # Errors
    ///
    /// If a principal or the key is not there, or the question is at odds with itself.
    pub fn of(
        environment: &Environment,
        principals: &[String],
        actions: &[&'static Action],
        question: &Question,
        why: Why,
    ) -> Result<Self, QuestionError> {
        let mut cells = Vec::with_capacity(principals.len() * actions.len());
        let mut question = question.clone();
        let mut key = None;
        let mut rules = environment.rules;
        for principal in principals {
            principal.clone_into(&mut question.principal);
            for action in actions {
                question.action = action;
                let request = match environment.request(&question) {
                    Ok(request) => request,
                    Err(error) if is_of_principal(error.part) => {
                        cells.push(Cell::not_applicable(principal, action, &error));
                        continue;
                    }
                    Err(error) => return Err(error),
                };
                key = key.or_else(|| request.key.map(Key::arn));
                rules = request.rules;
                let outcome = decide(&request);
                cells.push(Cell {
                    principal: principal.clone(),
                    action: action.name,
                    decision: outcome.decision.as_str(),
                    denied_by: outcome.denied_by.iter().map(Side::as_str).collect(),
                    allowed_by: outcome.allowed_by.map(Side::as_str),
                    key_error: request.key.and_then(|key| key.error_for(action)),
                    reason: (why == Why::Said).then(|| reason::of(&explain(&request), &request)),
                });
            }
        }
        Ok(Self {
            key,
            rules: rules.as_str(),
            principals: principals.to_vec(),
            actions: actions.iter().map(|action| action.name).collect(),
            cells,
        })
    }

    /// The cells of one principal, by its number.
    #[must_use]
    pub fn row(&self, principal: usize) -> &[Cell] {
        let width = self.actions.len();
        let start = principal.saturating_mul(width);
        self.cells.get(start..start.saturating_add(width)).unwrap_or_default()
    }
}

/// The principals that a matrix of a key shows unless others are named: those of the
/// environment, the root user of the key's account, and whom the key policy or a grant names.
#[must_use]
pub fn principals_of(environment: &Environment, key: &Key) -> Vec<String> {
    let known = environment.principals().map(|(name, _)| name.clone());
    let is_caller = |name: &PrincipalName| {
        matches!(
            name,
            PrincipalName::User(..)
                | PrincipalName::Role(..)
                | PrincipalName::Session { .. }
                | PrincipalName::Service(_)
        )
    };
    let by_policy = key.policy.known().into_iter().flat_map(crate::policy::Policy::principals);
    let by_grants = key.grants.iter().filter_map(|grant| Grantee::name(&grant.grantee));
    let mut seen = BTreeSet::new();
    let names: Vec<PrincipalName> = std::iter::once(PrincipalName::Root(key.account))
        .chain(known)
        .chain(by_policy.filter(is_caller))
        .chain(by_grants.filter(is_caller))
        .filter(|name| seen.insert(name.clone()))
        .collect();
    let own = environment.account;
    let short = |name: &PrincipalName| match name {
        PrincipalName::Root(of) if Some(*of) == own => "root".to_owned(),
        PrincipalName::User(of, path) if Some(*of) == own => format!("user/{path}"),
        PrincipalName::Role(of, path) if Some(*of) == own => format!("role/{path}"),
        name => name.to_string(),
    };
    // A name that the environment does not list is only known by its ARN.
    let is_listed = |name: &PrincipalName| {
        matches!(name, PrincipalName::Root(_)) || environment.has_principal(name)
    };
    names.iter().map(|name| if is_listed(name) { short(name) } else { name.to_string() }).collect()
}
