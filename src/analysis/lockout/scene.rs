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
        let attached = Attached::Policy(policy.clone());
        let mut key = match operation {
            Operation::CreateKey => new_key(environment, question, attached)?,
            Operation::PutKeyPolicy | Operation::ReplicateKey => {
                let request = environment.request(&later)?;
                let key = request.key.ok_or_else(|| wrong_key("expected a key, found none"))?;
                Key { policy: attached, ..key.clone() }
            }
        };
        if key.manager == Manager::Aws {
            return Err(wrong_key(format!(
                "expected a customer managed key, found {}, whose policy only AWS changes",
                Quoted(&key.arn())
            )));
        }
        if operation == Operation::ReplicateKey {
            if let Some(Value::String(region)) = question.parameters.get("ReplicaRegion") {
                key.region.clone_from(region);
            }
            key.multi_region = Some(MultiRegion::Replica);
            key.grants = GrantList::default();
            key.aliases.clear();
        }
        let mut with_key = environment.clone();
        let mut place = with_key.keys_mut().iter_mut();
        if let Some(known) = place.find(|known| known.arn() == key.arn()) {
            known.clone_from(&key);
        } else {
            key.name = key.arn();
            let wrong = |error: KeyError| wrong_key(error.to_string());
            with_key.add_key(key.clone()).map_err(wrong)?;
        }
        later.key = Some(key.arn());
        Ok(Self { environment: with_key, question: later, key })
    }
}

/// The key that is to be created, in the caller's account.
fn new_key(
    environment: &Environment,
    question: &Question,
    policy: Attached,
) -> Result<Key, QuestionError> {
    let create = Operation::CreateKey.action()?;
    let question = Question { action: create, ..question.clone() };
    let account = environment.request(&question)?.caller.account.ok_or_else(|| {
        QuestionError::new(
            QuestionPart::Principal,
            format!("expected a principal with an account, found {}", Quoted(&question.principal)),
        )
    })?;
    Key::new(account, &environment.region, "new-key", policy)
        .map_err(|error| wrong_key(error.to_string()))
}
