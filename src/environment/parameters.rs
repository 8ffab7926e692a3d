use std::collections::BTreeMap;

use serde_json::Value;

use super::grant::Child;
use super::{
    ConstraintKind, ContextConstraint, Grant, GrantFacts, Key, Question, QuestionError,
    QuestionPart, Request,
};
use crate::kms::{Action, Feed, Operation};
use crate::policy::GrantElement;
use crate::request::ContextKey;
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

impl Parameters {
    /// Sets a parameter, in place of what it was before.
    pub fn set(&mut self, name: impl Into<String>, value: Value) {
        self.0.insert(name.into(), value);
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
        let mut warnings = Vec::new();
        for name in self.0.keys() {
            if !known().any(|known| known == name) {
                let help = did_you_mean(name, own.iter().chain(known()).copied());
                let message =
                    format!("expected a parameter of the KMS API, found {}", Quoted(name));
                return Err(QuestionError::new(QuestionPart::Parameters, message).with_help(help));
            }
            if !own.contains(&name.as_str()) {
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

/// The encryption context as grants see it: its pairs, and what is given of it as condition
/// keys in their place.
pub(super) fn pairs_sent(
    question: &Question,
    pairs: Option<&Vec<(String, String)>>,
) -> Vec<(String, String)> {
    let mut sent = pairs.cloned().unwrap_or_default();
    let prefix = "kms:EncryptionContext:";
    for (key, entry) in &question.context {
        let (head, name) = key.split_at_checked(prefix.len()).unwrap_or_default();
        if !head.eq_ignore_ascii_case(prefix) {
            continue;
        }
        let known = sent.iter().find(|(sent, _)| sent.eq_ignore_ascii_case(name));
        let name = known.map_or(name, |(sent, _)| sent.as_str()).to_owned();
        sent.retain(|(sent, _)| !sent.eq_ignore_ascii_case(&name));
        sent.extend(entry.values().iter().map(|value| (name.clone(), value.clone())));
    }
    sent
}

impl GrantFacts {
    /// What the question says of grants: the tokens that it sends, the grant that it creates,
    /// the one that it retires.
    pub(super) fn of(
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
pub(super) fn operations(
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
