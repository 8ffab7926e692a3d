use std::collections::BTreeMap;

use serde_json::Value;

use super::{ConstraintKind, ContextConstraint, Question, QuestionError, QuestionPart};
use crate::document::{Document, Format, InputError, Source};
use crate::kms::{Action, Feed, Operation};
use crate::text::{Quoted, did_you_mean};

/// The parameters of an API request, by AWS's names, with values of the API's shape.
///
/// A null says that the parameter is not sent; of those left out nothing is said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parameters(BTreeMap<String, Value>);

/// What a question says of one parameter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Sent<'p, T> {
    /// Nothing.
    Unsaid,
    /// That it is not sent.
    Not,
    /// The value.
    Value(&'p T),
}

/// Of these a request has one at most.
///
/// Source: [CreateKey](https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html),
/// [CreateGrant](https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateGrant.html)
const EITHER: [(&str, &str); 3] = [
    ("CustomerMasterKeySpec", "KeySpec"),
    ("GranteeServicePrincipal", "GranteePrincipal"),
    ("RetiringServicePrincipal", "RetiringPrincipal"),
];

impl Parameters {
    /// Sets a parameter, in place of what it was before.
    pub fn set(&mut self, name: impl Into<String>, value: Value) {
        self.0.insert(name.into(), value);
    }

    /// Sets a parameter to a value in JSON, which has no member twice.
    ///
    /// # Errors
    ///
    /// If the text is not JSON, with the place.
    pub fn set_json(&mut self, name: impl Into<String>, text: &str) -> Result<(), InputError> {
        let name = name.into();
        let source = Source::new(name.as_str(), text);
        let document = Document::parse(source, Format::Json)?;
        self.set(name, document.root().to_json());
        Ok(())
    }

    /// The parameters that something is said of.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// The parameter, if it is said to be sent.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    pub(super) fn sent(&self, name: &str) -> Sent<'_, Value> {
        match self.0.get(name) {
            None => Sent::Unsaid,
            Some(Value::Null) => Sent::Not,
            Some(value) => Sent::Value(value),
        }
    }

    /// Whether anything is said of the parameter.
    pub(super) fn is_told(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Whether it is said that the parameter is not sent.
    pub(crate) fn is_withheld(&self, name: &str) -> bool {
        self.sent(name) == Sent::Not
    }

    /// A parameter of one value: a string, number or boolean, as its JSON text.
    pub(super) fn text(&self, name: &str) -> Result<Option<String>, QuestionError> {
        self.get(name).map(|value| text(name, value)).transpose()
    }

    /// A parameter that is a list of texts; one alone will do.
    pub(super) fn texts(&self, name: &str) -> Result<Option<Vec<String>>, QuestionError> {
        let one_or_many = |value: &Value| match value {
            Value::Array(items) => items.iter().map(|item| text(name, item)).collect(),
            one => text(name, one).map(|one| vec![one]),
        };
        self.get(name).map(one_or_many).transpose()
    }

    /// A parameter that maps names to texts, such as an encryption context.
    pub(super) fn pairs(&self, name: &str) -> Result<Option<Vec<(String, String)>>, QuestionError> {
        self.get(name).map(|value| pairs(name, value)).transpose()
    }

    /// `[{"TagKey": …, "TagValue": …}]`
    pub(super) fn tags(&self, name: &str) -> Result<Option<Vec<(String, String)>>, QuestionError> {
        let tag = |item: &Value| match (item.get("TagKey"), item.get("TagValue")) {
            (Some(key), Some(value)) => Ok((text(name, key)?, text(name, value)?)),
            _ => Err(wrong(name, "a list of `{TagKey: …, TagValue: …}`", item)),
        };
        match self.get(name) {
            None => Ok(None),
            Some(Value::Array(items)) => items.iter().map(tag).collect::<Result<_, _>>().map(Some),
            Some(other) => Err(wrong(name, "a list of `{TagKey: …, TagValue: …}`", other)),
        }
    }

    /// That every parameter is one of the KMS API, of its type; those that the operation does
    /// not have are told.
    pub(super) fn check(&self, action: &Action) -> Result<Vec<String>, QuestionError> {
        self.check_values(action)?;
        let known = || Operation::all().iter().flat_map(|operation| operation.parameters);
        let own = Operation::of(action).map_or(&[][..], |operation| operation.parameters);
        let wrong = |message: String| QuestionError::new(QuestionPart::Parameters, message);
        let no_key = self.is_withheld("KeyId") && own.contains(&"KeyId");
        if no_key && action.needs_key() && action.short_name() != "Decrypt" {
            return Err(wrong(format!(
                "`KeyId`: expected a key, which every request for {} names, found none",
                action.name
            )));
        }
        for (one, other) in EITHER {
            if self.get(one).is_some() && self.get(other).is_some() {
                return Err(wrong(format!("`{one}`: expected it or `{other}`, found both")));
            }
        }
        let mut warnings = Vec::new();
        for name in self.0.keys() {
            if !known().any(|known| known == name) {
                let help = did_you_mean(name, own.iter().chain(known()).copied());
                let message =
                    format!("expected a parameter of the KMS API, found {}", Quoted(name));
                return Err(QuestionError::new(QuestionPart::Parameters, message).with_help(help));
            }
            if !Self::is_of(name, action) {
                warnings.push(format!(
                    "a request for {} has no parameter {}; it is not used",
                    action.name,
                    Quoted(name)
                ));
            }
        }
        Ok(warnings)
    }
}

impl Parameters {
    /// Whether a request for an action has a parameter.
    pub(super) fn is_of(name: &str, action: &Action) -> bool {
        let own = Operation::of(action).map_or(&[][..], |operation| operation.parameters);
        // `KeyId` stands for the source key of `ReEncrypt`, too.
        own.contains(&name) || (name == "KeyId" && action.short_name() == "ReEncryptFrom")
    }

    /// Those that a request for an action has.
    pub(super) fn of(&self, action: &Action) -> Self {
        let own = self.0.iter().filter(|(name, _)| Self::is_of(name, action));
        Self(own.map(|(name, value)| (name.clone(), value.clone())).collect())
    }

    fn check_values(&self, action: &Action) -> Result<(), QuestionError> {
        self.tags("Tags")?;
        for list in ["Operations", "GrantTokens", "TagKeys"] {
            self.texts(list)?;
        }
        for map in ["EncryptionContext", "SourceEncryptionContext", "DestinationEncryptionContext"]
        {
            self.pairs(map)?;
        }
        constraints(self)?;
        for feed in Feed::of(action) {
            let Some(text) = self.text(feed.parameter)? else { continue };
            feed.values.check(&text).map_err(|expected| {
                let name = feed.parameter;
                let message = format!("`{name}`: expected {expected}, found {}", Quoted(&text));
                QuestionError::new(QuestionPart::Parameters, message)
            })?;
        }
        Ok(())
    }
}

impl FromIterator<(String, Value)> for Parameters {
    fn from_iter<I: IntoIterator<Item = (String, Value)>>(parameters: I) -> Self {
        Self(parameters.into_iter().collect())
    }
}

/// The encryption context of a permission, in its letter case; none if nothing is said of it.
///
/// For `CreateGrant` it is that of the grant's constraint. Both halves of `ReEncrypt` have the
/// question's, unless the parameters say otherwise.
pub(super) fn encryption_context(
    question: &Question,
) -> Result<Option<Vec<(String, String)>>, QuestionError> {
    let parameters = &question.parameters;
    let name = match question.action.short_name() {
        "ReEncryptFrom" => "SourceEncryptionContext",
        "ReEncryptTo" => "DestinationEncryptionContext",
        "CreateGrant" if parameters.sent("Constraints") != Sent::Unsaid => {
            let constraint = constraints(parameters)?.0;
            let pairs = constraint.iter().flat_map(ContextConstraint::pairs);
            return Ok(Some(pairs.map(|(n, v)| (n.to_owned(), v.to_owned())).collect()));
        }
        _ => "EncryptionContext",
    };
    match parameters.sent(name) {
        Sent::Unsaid => Ok(question.encryption_context.clone()),
        Sent::Not => Ok(Some(Vec::new())),
        Sent::Value(_) => parameters.pairs(name),
    }
}

/// The `Constraints` of `CreateGrant`: on the encryption context, and `SourceArn`.
pub(super) fn constraints(
    parameters: &Parameters,
) -> Result<(Option<ContextConstraint>, Option<String>), QuestionError> {
    let Some(value) = parameters.get("Constraints") else {
        return Ok((None, None));
    };
    let expected = "`EncryptionContextEquals` or `EncryptionContextSubset`, and `SourceArn`";
    let object = value.as_object().ok_or_else(|| wrong("Constraints", expected, value))?;
    let known = ["EncryptionContextEquals", "EncryptionContextSubset", "SourceArn"];
    if object.keys().any(|name| !known.contains(&name.as_str())) {
        return Err(wrong("Constraints", expected, value));
    }
    let read = |kind: ConstraintKind| {
        let value = object.get(kind.as_str()).filter(|value| !value.is_null());
        let pairs = value.map(|value| pairs(kind.as_str(), value)).transpose()?;
        Ok(pairs.map(|pairs| ContextConstraint::new(kind, pairs)))
    };
    let on_context = match (read(ConstraintKind::Equals)?, read(ConstraintKind::Subset)?) {
        (Some(_), Some(_)) => {
            return Err(wrong("Constraints", "one of the two constraints", value));
        }
        (equals, subset) => equals.or(subset),
    };
    let source_arn = object.get("SourceArn").filter(|value| !value.is_null());
    let source_arn = source_arn.map(|value| text("SourceArn", value)).transpose()?;
    Ok((on_context, source_arn))
}

fn text(name: &str, value: &Value) -> Result<String, QuestionError> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(_) | Value::Bool(_) => Ok(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => {
            Err(wrong(name, "a string, number or boolean", value))
        }
    }
}

fn pairs(name: &str, value: &Value) -> Result<Vec<(String, String)>, QuestionError> {
    let object = value.as_object().ok_or_else(|| wrong(name, "names with values", value))?;
    object.iter().map(|(key, value)| Ok((key.clone(), text(name, value)?))).collect()
}

fn wrong(name: &str, expected: &str, found: &Value) -> QuestionError {
    let message = format!("`{name}`: expected {expected}, found {}", Quoted(&found.to_string()));
    QuestionError::new(QuestionPart::Parameters, message)
}
