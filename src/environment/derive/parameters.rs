use super::{Derived, Facts};
use crate::environment::grant::operations;
use crate::environment::parameters::{Sent, constraints};
use crate::environment::{Question, QuestionError};
use crate::kms::{ConditionKey, Feed};
use crate::request::{ContextKey, Entry, PrincipalName};
use crate::text::Quoted;
use crate::truth::Truth;

impl Derived {
    /// What the parameters of the request put into condition keys. One that is not sent has
    /// its default there; one of which nothing is said is taken to be so.
    ///
    /// Source: [AWS KMS condition keys](https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html)
    pub(super) fn parameters(
        &mut self,
        question: &Question,
        facts: &Facts<'_>,
    ) -> Result<(), QuestionError> {
        // Twice, because a key that two parameters feed is that of the one that is sent.
        for feed in Feed::of(question.action) {
            match (question.parameters.sent(feed.parameter), feed.default) {
                (Sent::Unsaid, Some(default)) => self.assume_each(feed.keys, default),
                (Sent::Not, Some(default)) => self.value_each(feed.keys, default),
                (Sent::Not, None) => self.absent(feed.keys),
                (Sent::Unsaid, None) | (Sent::Value(_), _) => {}
            }
        }
        for feed in Feed::of(question.action) {
            if let Some(value) = question.parameters.text(feed.parameter)? {
                self.value_each(feed.keys, &full_name(&value, facts));
            }
        }
        match question.action.short_name() {
            "CreateKey" => {
                match question.parameters.text("MultiRegion")?.as_deref() {
                    Some("true") => self.value("kms:MultiRegionKeyType", "PRIMARY"),
                    Some(_) => self.absent(&["kms:MultiRegionKeyType"]),
                    None => {}
                }
                self.tags_of_request(question)
            }
            "TagResource" | "UntagResource" => self.tags_of_request(question),
            "CreateGrant" => self.grant_to_be(question),
            "ListGrants" | "RevokeGrant" => {
                self.grant_is_for_aws_resource(question);
                Ok(())
            }
            _ => Ok(()),
        }?;
        Ok(())
    }

    fn assume_each(&mut self, keys: &[&str], value: &str) {
        for key in keys {
            self.assume(key, value);
        }
    }

    fn value_each(&mut self, keys: &[&str], value: &str) {
        for key in keys {
            self.value(key, value);
        }
    }

    /// Source: [Tag condition keys](https://docs.aws.amazon.com/kms/latest/developerguide/tag-authorization.html)
    fn tags_of_request(&mut self, question: &Question) -> Result<(), QuestionError> {
        let parameters = &question.parameters;
        let tags = parameters.tags("Tags")?;
        if tags.is_some() || parameters.is_withheld("Tags") {
            self.context.settle("aws:RequestTag/");
            self.absent(&["aws:TagKeys"]);
        }
        for (tag, value) in tags.iter().flatten() {
            self.value(&format!("aws:RequestTag/{tag}"), value.as_str());
        }
        let keys: Vec<String> = match parameters.texts("TagKeys")? {
            Some(keys) if question.action.short_name() == "UntagResource" => keys,
            _ => tags.into_iter().flatten().map(|(tag, _)| tag).collect(),
        };
        if !keys.is_empty() {
            self.set("aws:TagKeys", Entry::Values(keys));
        }
        Ok(())
    }

    fn grant_to_be(&mut self, question: &Question) -> Result<(), QuestionError> {
        self.grant_is_for_aws_resource(question);
        let parameters = &question.parameters;
        if let Some(operations) = operations(parameters, None)? {
            let names = operations.iter().map(|action| action.short_name().to_owned());
            self.set("kms:GrantOperations", Entry::Values(names.collect()));
        }
        if parameters.sent("Constraints") == Sent::Unsaid {
            return Ok(());
        }
        let (on_context, source_arn) = constraints(parameters)?;
        match on_context {
            Some(constraint) => self.value("kms:GrantConstraintType", constraint.kind.as_str()),
            None => self.absent(&["kms:GrantConstraintType"]),
        }
        match source_arn {
            Some(arn) => self.value("kms:GrantConstraintSourceArn", arn),
            None => self.absent(&["kms:GrantConstraintSourceArn"]),
        }
        Ok(())
    }

    /// True only if a service makes the call for the caller.
    fn grant_is_for_aws_resource(&mut self, question: &Question) {
        match question.is_forwarded() {
            Truth::True => self.boolean("kms:GrantIsForAWSResource", true),
            Truth::Unknown => self.set("kms:GrantIsForAWSResource", Entry::Unknown),
            Truth::False => self.assume("kms:GrantIsForAWSResource", "false"),
        }
    }

    pub(super) fn encryption_context(
        &mut self,
        question: &Question,
        facts: &Facts<'_>,
        warnings: &mut Vec<String>,
    ) {
        let Some(pairs) = &facts.pairs else {
            return;
        };
        let takes_pairs = ConditionKey::find("kms:EncryptionContextKeys")
            .is_some_and(|key| key.is_sent_with(question.action));
        if !takes_pairs {
            if !pairs.is_empty() {
                let name = question.action.name;
                warnings
                    .push(format!("{name} has no encryption context; what was given is not used"));
            }
            return;
        }
        self.context.settle("kms:EncryptionContext:");
        let mut names: Vec<String> = Vec::new();
        for (name, value) in pairs {
            let key = ContextKey::new(&format!("kms:EncryptionContext:{name}"));
            let mut values = self.context.get(&key).values().to_vec();
            if !values.is_empty() {
                warnings.push(format!(
                    "the encryption context names {} twice, but for case, and a condition key cannot tell them apart",
                    Quoted(name)
                ));
            }
            values.push(value.clone());
            self.context.set(key, Entry::Values(values));
            names.push(name.clone());
        }
        let entry = if names.is_empty() { Entry::Absent } else { Entry::Values(names) };
        self.set("kms:EncryptionContextKeys", entry);
    }
}

/// A short name of a principal as the ARN that the API takes; other values as they are.
fn full_name(value: &str, facts: &Facts<'_>) -> String {
    let is_short = value.starts_with("role/") || value.starts_with("user/");
    let account = facts.target.map(|target| target.key.account);
    match PrincipalName::parse(value, account) {
        Ok(name) if is_short => name.to_string(),
        Ok(_) | Err(_) => value.to_owned(),
    }
}
