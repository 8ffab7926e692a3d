//! The operations of other services, taken apart into their calls to KMS.

use serde_json::Value;

use super::{Expansion, no_action};
use crate::environment::{Question, QuestionError, Session};
use crate::kms::{By, Call, ConditionKey, ServiceOperation};
use crate::request::Entry;

impl Expansion<'_> {
    pub(super) fn service(
        &mut self,
        operation: &ServiceOperation,
        question: &Question,
    ) -> Result<(), QuestionError> {
        let region = self.environment.key_of(question)?.region.clone();
        for call in operation.calls {
            let asked = self.call(operation, call, question, &region)?;
            self.questions.push(asked);
        }
        self.warnings.extend(operation.note.map(|note| {
            format!("{}:{}: {note} ({})", operation.service, operation.name, operation.source)
        }));
        Ok(())
    }

    fn call(
        &self,
        operation: &ServiceOperation,
        call: &Call,
        question: &Question,
        region: &str,
    ) -> Result<Question, QuestionError> {
        let action = call.action().ok_or_else(|| no_action(call.action))?;
        let mut asked = question.with_action(action);
        asked.via = None;
        match call.by {
            By::Caller => asked.via = Some(operation.service.to_owned()),
            By::Role => {}
            By::Service(name) => {
                asked.vpc_endpoint = None;
                asked.principal = name.replace("{region}", region);
                asked.session = Session::default();
                // Most services say on behalf of what they call, and not all do.
                for key in ["aws:SourceArn", "aws:SourceAccount"] {
                    asked.leave_open(key);
                }
            }
        }
        for (name, value) in call.parameters {
            if !asked.parameters.is_told(name) {
                let items = value.split(',').map(|item| Value::String(item.to_owned()));
                asked.parameters.set(*name, items.collect());
            }
        }
        if asked.encryption_context.is_none() && !operation.context.is_empty() {
            self.service_context(operation, (question, &mut asked), region);
        }
        Ok(asked)
    }

    /// The encryption context that a service sends: what is known of it, and the rest open.
    fn service_context(
        &self,
        operation: &ServiceOperation,
        (question, asked): (&Question, &mut Question),
        region: &str,
    ) {
        let account = self.account(question).or(self.environment.account);
        let filled = |template: &str| {
            let partition = account.map(|account| account.partition.to_string());
            let account = account.map(|account| account.id.to_string());
            template
                .replace("{region}", region)
                .replace("{account}", &account.unwrap_or_else(|| "{ACCOUNT}".to_owned()))
                .replace("{partition}", &partition.unwrap_or_else(|| "{PARTITION}".to_owned()))
        };
        let takes_pairs = ConditionKey::find("kms:EncryptionContextKeys")
            .is_some_and(|key| key.is_sent_with(asked.action));
        if !takes_pairs {
            return;
        }
        let mut add = |key: String, entry: Entry| {
            if !asked.context.iter().any(|(given, _)| given.eq_ignore_ascii_case(&key)) {
                asked.context.push((key, entry));
            }
        };
        for (name, template) in operation.context {
            let value = filled(template);
            let entry = if value.contains('{') { Entry::Unknown } else { Entry::value(value) };
            add(format!("kms:EncryptionContext:{name}"), entry);
        }
        let names = operation.context.iter().map(|(name, _)| (*name).to_owned());
        add("kms:EncryptionContextKeys".to_owned(), Entry::Values(names.collect()));
    }
}

impl Question {
    /// Leaves a context key open, unless something is said of it.
    fn leave_open(&mut self, key: &str) {
        if !self.context.iter().any(|(given, _)| given.eq_ignore_ascii_case(key)) {
            self.context.push((key.to_owned(), Entry::Unknown));
        }
    }
}
