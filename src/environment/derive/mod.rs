//! The context of a request, as far as caller, key, Region, time and encryption context fix it.
//!
//! Source: [AWS global condition keys](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html),
//! [AWS KMS condition keys](https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html)

mod caller;
mod connection;
mod key;
mod parameters;

use jiff::Timestamp;

pub(crate) use self::connection::ADDRESS_OF_A_SERVICE;
use super::target::Target;
use super::{Moment, Organization, Principal, Question, QuestionError, QuestionPart, VpcEndpoint};
use crate::kms::Action;
use crate::policy::condition::date;
use crate::request::{Caller, Context, ContextKey, Entry};
use crate::text::Quoted;

/// What the context follows from, besides the question.
pub(super) struct Facts<'a> {
    pub(super) caller: &'a Caller,
    pub(super) principal: Option<&'a Principal>,
    pub(super) target: Option<&'a Target<'a>>,
    /// For the halves of `ReEncrypt`: whether both are on the same key, if both are known.
    pub(super) same_key: Option<bool>,
    pub(super) endpoint: Option<&'a VpcEndpoint>,
    pub(super) organization: Option<&'a Organization>,
    pub(super) region: &'a str,
    /// The encryption context; none if nothing is said of it.
    pub(super) pairs: Option<Vec<(String, String)>>,
}

/// The context of the request that `question` asks about. What it says itself comes last
/// and wins over what would follow.
pub(super) fn context(
    question: &Question,
    facts: &Facts<'_>,
    warnings: &mut Vec<String>,
) -> Result<Context, QuestionError> {
    let mut derived = Derived { context: Context::of(question.action), action: question.action };
    derived.caller(facts, question);
    derived.connection(facts, question, warnings)?;
    derived.organization(facts, question);
    if let Some(target) = facts.target {
        derived.of_key(target, question);
    }
    if let Some(same_key) = facts.same_key {
        derived.boolean("kms:ReEncryptOnSameKey", same_key);
    }
    derived.parameters(question, facts)?;
    derived.encryption_context(question, facts, warnings);
    derived.moment(question)?;
    let mut context = derived.context;
    super::given::set(&mut context, question, warnings)?;
    Ok(context)
}

/// A context in the making. Keys that no request for the action carries stay out of it.
struct Derived {
    context: Context,
    action: &'static Action,
}

impl Derived {
    fn key(&self, name: &str) -> Option<ContextKey> {
        let key = ContextKey::new(name);
        let is_sent = key.documented().is_none_or(|key| key.is_sent_with(self.action));
        is_sent.then_some(key)
    }

    fn set(&mut self, name: &str, entry: Entry) {
        if let Some(key) = self.key(name) {
            self.context.set(key, entry);
        }
    }

    fn value(&mut self, key: &str, value: impl Into<String>) {
        self.set(key, Entry::value(value));
    }

    fn boolean(&mut self, key: &str, value: bool) {
        self.value(key, if value { "true" } else { "false" });
    }

    fn absent(&mut self, keys: &[&str]) {
        for key in keys {
            self.set(key, Entry::Absent);
        }
    }

    fn assume(&mut self, name: &str, value: &str) {
        if let Some(key) = self.key(name) {
            self.context.assume(key, Entry::value(value));
        }
    }

    fn moment(&mut self, question: &Question) -> Result<(), QuestionError> {
        let (Moment::Given(text) | Moment::Clock(text)) = &question.at else {
            return Ok(());
        };
        // `20261123` is meant as a date, and would be read as a day in 1970.
        let is_plausible = !text.bytes().all(|byte| byte.is_ascii_digit()) || text.len() >= 9;
        let instant = date::parse(text).filter(|_| is_plausible).ok_or_else(|| {
            QuestionError::new(
                QuestionPart::At,
                format!("expected a time such as 2026-11-23T02:00:00Z, found {}", Quoted(text)),
            )
        })?;
        for (key, value) in date_keys(instant) {
            match question.at {
                Moment::Clock(_) => self.assume(key, &value),
                Moment::Given(_) | Moment::Unsaid => self.value(key, value),
            }
        }
        Ok(())
    }
}

/// The two keys that say when.
pub(super) fn date_keys(instant: Timestamp) -> [(&'static str, String); 2] {
    [("aws:CurrentTime", instant.to_string()), ("aws:EpochTime", instant.as_second().to_string())]
}
