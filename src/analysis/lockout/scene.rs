//! A key as it would be with its new policy.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{BYPASS, Operation, is_bypassed};
use crate::analysis::candidates::{put_key_policy, wrong_key};
use crate::environment::{
    Attached, Environment, GrantList, Key, KeyError, Manager, MultiRegion, Parameters, Question,
    QuestionError, QuestionPart,
};
use crate::policy::Policy;
use crate::request::Rules;
use crate::text::Quoted;

/// The key with its new policy, and the later call that the check is about.
pub(super) struct Scene {
    pub(super) environment: Environment,
    pub(super) question: Question,
    pub(super) key: Key,
}

impl Scene {
    pub(super) fn of(
        environment: &Environment,
        question: &Question,
        operation: Operation,
        policy: &Arc<Policy>,
    ) -> Result<Self, QuestionError> {
        let put = put_key_policy()?;
        let mut later = Question { action: put, rules: Some(Rules::Aws), ..question.clone() };
        later.parameters =
            Parameters::from_iter([(BYPASS.to_owned(), json!(is_bypassed(question)))]);
        let mut key = key(environment, &later, question, operation)?;
        key.policy = Attached::Policy(policy.clone());
        let mut environment = environment.clone();
        let mut keys = environment.keys_mut().iter_mut();
        if let Some(known) = keys.find(|known| known.arn() == key.arn()) {
            known.clone_from(&key);
        } else {
            key.name = key.arn();
            let wrong = |error: KeyError| wrong_key(error.to_string());
            environment.add_key(key.clone()).map_err(wrong)?;
        }
        later.key = Some(key.arn());
        Ok(Self { environment, question: later, key })
    }
}

/// The key that gets the policy: the one in question, a replica of it, or a new one.
pub(super) fn key(
    environment: &Environment,
    later: &Question,
    question: &Question,
    operation: Operation,
) -> Result<Key, QuestionError> {
    if operation == Operation::CreateKey {
        return new_key(environment, question);
    }
    let request = environment.request(later)?;
    let key = request.key.ok_or_else(|| wrong_key("expected a key, found none"))?.clone();
    if key.manager == Manager::Aws {
        return Err(wrong_key(format!(
            "expected a customer managed key, found {}, whose policy only AWS changes",
            Quoted(&key.arn())
        )));
    }
    if operation == Operation::PutKeyPolicy {
        return Ok(key);
    }
    let region = match question.parameters.get("ReplicaRegion") {
        Some(Value::String(region)) => region.clone(),
        _ => key.region.clone(),
    };
    let multi_region = Some(MultiRegion::Replica);
    Ok(Key { region, multi_region, grants: GrantList::default(), aliases: Vec::new(), ..key })
}

/// The key that is to be created, in the caller's account.
fn new_key(environment: &Environment, question: &Question) -> Result<Key, QuestionError> {
    let create = Operation::CreateKey.action()?;
    let question = Question { action: create, ..question.clone() };
    let account = environment.request(&question)?.caller.account.ok_or_else(|| {
        QuestionError::new(
            QuestionPart::Principal,
            format!("expected a principal with an account, found {}", Quoted(&question.principal)),
        )
    })?;
    let policy = Attached::Unknown("it is to be set".to_owned());
    Key::new(account, &environment.region, "new-key", policy)
        .map_err(|error| wrong_key(error.to_string()))
}
