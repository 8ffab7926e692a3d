use super::{Environment, Key, Parameters, Question, QuestionError, QuestionPart, Subject};
use crate::request::Caller;
use crate::text::{Quoted, did_you_mean};

/// A key, and the alias by which it is addressed, if it is by one.
#[derive(Debug)]
pub(super) struct Target<'e> {
    pub(super) key: &'e Key,
    pub(super) alias: Option<&'e str>,
}

impl Key {
    /// The alias that `text` is, by its ARN or by its name in the caller's account and Region.
    fn alias_named<'k>(&'k self, text: &str, caller: &Caller, region: &str) -> Option<&'k str> {
        self.aliases.iter().map(String::as_str).find(|alias| {
            (*alias == text && self.is_local(caller, region)) || self.alias_arn(alias) == text
        })
    }

    /// Whether a bare id or alias, sent by the caller in the Region, means this key.
    fn is_local(&self, caller: &Caller, region: &str) -> bool {
        self.region == region && caller.account.is_none_or(|account| account == self.account)
    }
}

/// The key that the parameters of the request name; it cannot be another than the question's.
fn key_parameter(question: &Question) -> Result<Option<String>, QuestionError> {
    let name = match question.action.short_name() {
        "ReEncryptFrom" | "ReEncryptTo" => "SourceKeyId",
        "CreateAlias" => "TargetKeyId",
        _ => "KeyId",
    };
    if !Parameters::is_of(name, question.action) {
        return Ok(None);
    }
    let sent = question.parameters.text(name)?;
    match (&question.key, &sent) {
        (Some(key), Some(sent)) if key != sent => Err(QuestionError::new(
            QuestionPart::Parameters,
            format!(
                "`{name}`: expected the key of the question, {}, found {}",
                Quoted(key),
                Quoted(sent)
            ),
        )),
        _ => Ok(sent),
    }
}

impl Environment {
    /// The key that a question's permission is about.
    pub(super) fn target<'e>(
        &'e self,
        question: &Question,
        caller: &Caller,
    ) -> Result<Option<Target<'e>>, QuestionError> {
        if !question.action.needs_key() || question.on != Subject::Key {
            return Ok(None);
        }
        // Of the two halves of ReEncrypt the second is about the second key, if there are two.
        if let (Some(text), "ReEncryptTo") =
            (&question.destination_key, question.action.short_name())
        {
            return self.named(text, caller, QuestionPart::DestinationKey).map(Some);
        }
        let sent = key_parameter(question)?;
        match (question.key.as_ref().or(sent.as_ref()), self.keys()) {
            (Some(text), _) => {
                let named_by_key = question.key.is_some();
                let part = if named_by_key { QuestionPart::Key } else { QuestionPart::Parameters };
                self.named(text, caller, part).map(Some)
            }
            (None, [key]) => Ok(Some(Target { key, alias: None })),
            (None, _) => Err(self.no_single_key()),
        }
    }

    fn no_single_key(&self) -> QuestionError {
        let wrong = |message: String| QuestionError::new(QuestionPart::Key, message);
        match self.keys() {
            [] => wrong("expected a key, found none in the environment".into()),
            keys => wrong(format!("expected one of {} keys to be named", keys.len()))
                .with_help(Some(format!("the keys are {}", self.key_names()))),
        }
    }

    /// The key that a question names, or the only one, whatever the action.
    ///
    /// # Errors
    ///
    /// If the principal cannot be resolved, the key is not there, or there are several.
    pub fn key_of(&self, question: &Question) -> Result<&Key, QuestionError> {
        let caller = super::caller::resolve(self, question, &mut Vec::new())?.caller;
        let named = match (&question.key, self.keys()) {
            (Some(text), _) => Some(self.named(text, &caller, QuestionPart::Key)?),
            (None, [only]) => Some(Target { key: only, alias: None }),
            (None, _) => None,
        };
        named.map(|target| target.key).ok_or_else(|| self.no_single_key())
    }

    /// Whether both halves of a `ReEncrypt` are on the same key, if the question names both.
    pub(super) fn same_key(
        &self,
        question: &Question,
        caller: &Caller,
    ) -> Result<Option<bool>, QuestionError> {
        let Some(destination) = &question.destination_key else {
            return Ok(None);
        };
        let destination = self.named(destination, caller, QuestionPart::DestinationKey)?.key;
        let source = match (&question.key, self.keys()) {
            (Some(text), _) => self.named(text, caller, QuestionPart::Key)?.key,
            (None, [only]) => only,
            (None, _) => return Ok(None),
        };
        let is_half = question.action.short_name().starts_with("ReEncrypt");
        Ok(is_half.then(|| std::ptr::eq(source, destination)))
    }

    /// The key that a text names: by its name here, its ARN or id, or an alias.
    fn named<'e>(
        &'e self,
        text: &str,
        caller: &Caller,
        part: QuestionPart,
    ) -> Result<Target<'e>, QuestionError> {
        // An ARN is put together only for the key that it may be.
        let by_arn = |key: &&Key| text.ends_with(&key.id) && key.arn() == text;
        let by_id = |key: &&Key| key.id == text && key.is_local(caller, &self.region);
        let plain = |key: &'e Key| Target { key, alias: None };
        let keys = || self.keys().iter();
        let by_alias = || {
            let named = |key: &'e Key| Some((key, key.alias_named(text, caller, &self.region)?));
            let (key, alias) = keys().find_map(named)?;
            Some(Target { key, alias: Some(alias) })
        };
        keys()
            .find(|key| key.name == text)
            .or_else(|| keys().find(by_arn))
            .map(plain)
            .or_else(by_alias)
            .or_else(|| keys().find(by_id).map(plain))
            .ok_or_else(|| self.unknown_key(text, caller, part))
    }

    fn key_names(&self) -> String {
        let names = self.keys().iter().map(|key| Quoted(&key.name).to_string());
        names.collect::<Vec<_>>().join(", ")
    }

    fn unknown_key(&self, text: &str, caller: &Caller, part: QuestionPart) -> QuestionError {
        let wrong = |message: String| QuestionError::new(part, message);
        let elsewhere = self.keys.iter().find_map(|key| {
            let alias =
                key.aliases.iter().find(|alias| *alias == text).map(|alias| key.alias_arn(alias));
            alias.or_else(|| (key.id == text).then(|| key.arn()))
        });
        if let Some(arn) = elsewhere {
            let account = caller.account.map_or_else(String::new, |account| account.id.to_string());
            return wrong(format!(
                "expected a key of account {account} in {}, found {} in another account or Region",
                self.region,
                Quoted(text)
            ))
            .with_help(Some(format!("name it by its ARN, as AWS wants it there: {arn}")));
        }
        let expected = if text.starts_with("arn:")
            && Key::parse_arn(text).is_err()
            && !text.contains(":alias/")
        {
            return match Key::parse_arn(text) {
                Err(error) => wrong(error.to_string()),
                Ok(_) => wrong(format!("expected a key, found {}", Quoted(text))),
            };
        } else if text.starts_with("alias/") || text.contains(":alias/") {
            "an alias that a key in the environment has"
        } else {
            "a key in the environment"
        };
        let names = self.keys.iter().flat_map(|key| {
            [key.name.as_str(), key.id.as_str()]
                .into_iter()
                .chain(key.aliases.iter().map(String::as_str))
        });
        let names = names.filter(|name| *name != text);
        let listed = || format!("the keys are {}", self.key_names());
        let help = match did_you_mean(text, names).filter(|_| !text.starts_with("arn:")) {
            Some(meant) => meant,
            None if text.starts_with("arn:") => format!(
                "describe the key under `keys` of an environment file, with its policy; {}",
                listed()
            ),
            None => listed(),
        };
        wrong(format!("expected {expected}, found {}", Quoted(text))).with_help(Some(help))
    }
}
