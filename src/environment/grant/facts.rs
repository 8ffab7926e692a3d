//! What a question says that grants look at, and no condition key tells.

use std::collections::{BTreeMap, BTreeSet};

use super::{Child, ContextConstraint, Grant, GrantFacts};
use crate::environment::parameters::{Parameters, constraints};
use crate::environment::{Key, Question, QuestionError, QuestionPart, Request};
use crate::kms::Action;
use crate::policy::GrantElement;
use crate::request::{ContextKey, Entry};
use crate::text::{Quoted, did_you_mean};

const PREFIX: &str = "kms:EncryptionContext:";

/// The encryption context as grants see it: its pairs, and what is given of it as condition
/// keys in their place.
pub(in crate::environment) fn pairs_sent(
    question: &Question,
    pairs: Option<&Vec<(String, String)>>,
) -> Vec<(String, String)> {
    let mut sent = pairs.cloned().unwrap_or_default();
    let given = |key: &str| {
        let (head, name) = key.split_at_checked(PREFIX.len())?;
        head.eq_ignore_ascii_case(PREFIX).then(|| name.to_owned())
    };
    let instead: Vec<(String, &Entry)> =
        question.context.iter().filter_map(|(key, entry)| Some((given(key)?, entry))).collect();
    // One look at each: there may be thousands.
    let mut spelled: BTreeMap<String, String> = BTreeMap::new();
    for (name, _) in &sent {
        spelled.entry(name.to_ascii_lowercase()).or_insert_with(|| name.clone());
    }
    let replaced: BTreeSet<String> =
        instead.iter().map(|(name, _)| name.to_ascii_lowercase()).collect();
    sent.retain(|(name, _)| !replaced.contains(&name.to_ascii_lowercase()));
    for (name, entry) in instead {
        let name = spelled.get(&name.to_ascii_lowercase()).unwrap_or(&name).clone();
        sent.extend(entry.values().iter().map(|value| (name.clone(), value.clone())));
    }
    sent
}

impl GrantFacts {
    /// What the question says of grants: the tokens that it sends, the grant that it creates,
    /// the one that it retires.
    pub(in crate::environment) fn of(
        question: &Question,
        pairs: Vec<(String, String)>,
        key: Option<&Key>,
        warnings: &mut Vec<String>,
    ) -> Result<Self, QuestionError> {
        let parameters = &question.parameters;
        let sent = parameters.texts("GrantTokens")?.unwrap_or_default();
        let tokens: Vec<String> = question.grant_tokens.iter().cloned().chain(sent).collect();
        let grants: &[Grant] = key.map_or(&[], |key| &key.grants);
        let is_known = |token: &String| grants.iter().any(|it| it.token() == Some(token));
        warnings.extend(
            tokens
                .iter()
                .filter(|token| !is_known(token))
                .map(|token| format!("no grant of the key has the token {}", Quoted(token))),
        );
        let retires = question.action.short_name() == "RetireGrant";
        let mut facts = Self { pairs, tokens, child: None, retires, retired: None };
        match question.action.short_name() {
            "CreateGrant" => {
                facts.child = child(parameters, key)?;
                let is_unsaid = facts.child.as_ref().is_none_or(|it| it.operations.is_none());
                let passes_on = grants.iter().any(|it| it.operations().contains(&question.action));
                if is_unsaid && passes_on {
                    warnings.push(
                        "nothing says which operations the new grant is to have (`Operations`): by a grant it may have no others than that grant".into(),
                    );
                }
            }
            "RetireGrant" => facts.retired = retired(parameters, grants, warnings)?,
            _ => {}
        }
        Ok(facts)
    }
}

impl Request<'_> {
    /// What the request has where a grant has an element of its own.
    pub(crate) fn sent_to_grants(&self, element: GrantElement) -> Vec<String> {
        let facts = &self.grants;
        let pair = |(name, value): (&str, &str)| format!("{name}={value}");
        match element {
            GrantElement::EncryptionContextEquals | GrantElement::EncryptionContextSubset => {
                let pairs = facts.pairs.iter();
                pairs.map(|(name, value)| pair((name, value))).collect()
            }
            GrantElement::ChildOperations => {
                let operations =
                    facts.child.iter().flat_map(|child| child.operations.iter().flatten());
                operations.map(|action| action.short_name().to_owned()).collect()
            }
            GrantElement::ChildConstraints => {
                let constraint = facts.child.iter().filter_map(|child| child.constraint.as_ref());
                constraint.flat_map(ContextConstraint::pairs).map(pair).collect()
            }
            GrantElement::GrantId => facts.retired.iter().cloned().collect(),
            GrantElement::SourceArn => {
                self.context.get(&ContextKey::new("aws:SourceArn")).values().to_vec()
            }
            GrantElement::Token => facts.tokens.clone(),
        }
    }
}

/// The id or token of the grant that `RetireGrant` is to retire.
fn retired(
    parameters: &Parameters,
    grants: &[Grant],
    warnings: &mut Vec<String>,
) -> Result<Option<String>, QuestionError> {
    let named = match parameters.text("GrantId")? {
        Some(id) => Some(id),
        None => parameters.text("GrantToken")?,
    };
    match &named {
        None if !grants.is_empty() => warnings.push(
            "nothing says which grant is to be retired (`GrantId`): any that the caller may retire counts".into(),
        ),
        Some(name) if !grants.is_empty() && !grants.iter().any(|it| it.is_called(name)) => {
            let ids = grants.iter().filter_map(|grant| grant.id.as_deref());
            let message =
                format!("`GrantId`: expected a grant of the key, found {}", Quoted(name));
            return Err(QuestionError::new(QuestionPart::Parameters, message)
                .with_help(did_you_mean(name, ids)));
        }
        None | Some(_) => {}
    }
    Ok(named)
}

/// The grant that `CreateGrant` is to create; none if nothing is said of it.
fn child(parameters: &Parameters, key: Option<&Key>) -> Result<Option<Child>, QuestionError> {
    let operations = operations(parameters, key)?;
    if operations.is_none() && !parameters.is_told("Constraints") {
        return Ok(None);
    }
    let (constraint, source_arn) = constraints(parameters)?;
    Ok(Some(Child { operations, constraint, source_arn }))
}

/// The `Operations` of `CreateGrant`, which the key must have.
pub(in crate::environment) fn operations(
    parameters: &Parameters,
    key: Option<&Key>,
) -> Result<Option<Vec<&'static Action>>, QuestionError> {
    let Some(names) = parameters.texts("Operations")? else {
        return Ok(None);
    };
    let wrong = |message: String| QuestionError::new(QuestionPart::Parameters, message);
    if names.is_empty() {
        return Err(wrong("`Operations`: expected at least one, found none".into()));
    }
    let operation = |name: &String| {
        let known = Action::parse(name).ok().filter(|action| action.grantable);
        let known = known.ok_or_else(|| {
            let names = Action::all().iter().filter(|action| action.grantable);
            wrong(format!("`Operations`: expected a grant operation, found {}", Quoted(name)))
                .with_help(did_you_mean(name, names.map(Action::short_name)))
        })?;
        match key.filter(|key| !key.supports(known)) {
            None => Ok(known),
            Some(key) => Err(wrong(format!(
                "`Operations`: expected an operation that a key of the spec {} and usage {} has, found {}",
                key.spec,
                key.usage,
                Quoted(name)
            ))),
        }
    };
    names.iter().map(operation).collect::<Result<_, _>>().map(Some)
}
