//! A case in the making.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::super::Scenario;
use super::super::case::{Case, FIELDS};
use crate::document::{At, Document, Format, InputError, Source};
use crate::environment::{
    Attached, Files, Moment, Policies, Question, ReadError, Request, Session, is_of_aws,
};
use crate::kms::{Action, Service};
use crate::policy::Policy;
use crate::request::{ContextKey, Entry, Identity};

/// The fields of a case but for what is expected.
#[derive(Clone, Debug, Default)]
pub(super) struct Draft {
    fields: Map<String, Value>,
    /// The session policies as they were read, so that their statements stay what they are.
    session_policies: Option<Vec<Attached>>,
}

/// What a case may go without.
pub(super) const OPTIONAL: &[&str] = &[
    "session",
    "via",
    "encryption_context",
    "context",
    "parameters",
    "destination_key",
    "vpc_endpoint",
    "grant_tokens",
    "at",
    "rules",
];

impl Draft {
    /// A case of a principal, with nothing else said.
    pub(super) fn of_principal(principal: &str) -> Self {
        Self::default().with("principal", principal.into())
    }

    /// What a question asks, but for the action.
    pub(super) fn of_question(question: &Question, scenario: &Scenario) -> Self {
        let text = |it: &Option<String>| it.clone().map(Value::String);
        let at = match &question.at {
            Moment::Given(at) => Some(at.as_str().into()),
            Moment::Clock(_) | Moment::Unsaid => None,
        };
        let tokens = &question.grant_tokens;
        let fields = [
            ("principal", Some(question.principal.as_str().into())),
            ("session", session(&question.session, scenario)),
            ("key", text(&question.key)),
            ("via", text(&question.via)),
            ("encryption_context", question.encryption_context.as_deref().map(pairs)),
            ("context", context(&question.context)),
            ("parameters", parameters(question)),
            ("destination_key", text(&question.destination_key)),
            ("vpc_endpoint", text(&question.vpc_endpoint)),
            ("grant_tokens", (!tokens.is_empty()).then(|| json!(tokens))),
            ("at", at),
            ("rules", question.rules.map(|it| it.as_str().into())),
        ];
        let said = fields.into_iter().filter_map(|(name, it)| Some((name.to_owned(), it?)));
        Self { fields: said.collect(), session_policies: question.session.policies.clone() }
    }

    /// Without a field.
    pub(super) fn without(&self, field: &str) -> Self {
        let mut less = self.clone();
        less.fields.remove(field);
        if field == "session" {
            less.session_policies = None;
        }
        less
    }

    /// Without session policies: they would be written once more, and be uncovered there.
    pub(super) fn without_session_policies(mut self) -> Self {
        self.session_policies = None;
        let mut session = self.inner("session");
        session.remove("policies");
        self.fields.remove("session");
        if session.is_empty() { self } else { self.with("session", Value::Object(session)) }
    }

    pub(super) fn with(mut self, field: &str, value: Value) -> Self {
        self.fields.insert(field.to_owned(), value);
        self
    }

    pub(super) fn with_action(&self, action: &Action) -> Self {
        self.clone().with("action", action.name.into())
    }

    pub(super) fn text(&self, field: &str) -> &str {
        self.fields.get(field).and_then(Value::as_str).unwrap_or_default()
    }

    pub(super) fn has(&self, field: &str) -> bool {
        self.fields.contains_key(field)
    }

    /// Whether both say the same.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        self.fields == other.fields
    }

    /// The draft with an entry under a condition key, by whatever field of a case is for it;
    /// none if a case has no say in it.
    pub(super) fn put(
        &self,
        key: &ContextKey,
        entry: &Entry,
        request: &Request<'_>,
        scenario: &Scenario,
    ) -> Option<Self> {
        let name = key.as_str();
        let single = match entry.values() {
            [only] => Some(only.as_str()),
            _ => None,
        };
        if let Some(value) = single {
            if let Some(draft) = self.put_in_session(name, value, request) {
                return Some(draft);
            }
            if name == "aws:CurrentTime" {
                return Some(self.clone().with("at", value.into()));
            }
        }
        if request.context.is_settled(key) && !self.says(key) {
            return None;
        }
        if let Some(draft) = single.and_then(|value| self.put_in_field(name, value, scenario)) {
            return Some(draft);
        }
        if name == "kms:EncryptionContextKeys" && !entry.values().is_empty() {
            let add = |draft: Self, pair: &String| {
                draft.inside("encryption_context", pair, "example".into())
            };
            return Some(entry.values().iter().fold(self.clone(), add));
        }
        Some(self.clone().inside("context", name, value_of(entry)?))
    }

    /// What a session is opened with.
    fn put_in_session(&self, name: &str, value: &str, request: &Request<'_>) -> Option<Self> {
        match request.caller.identity {
            Identity::RoleSession { .. } | Identity::FederatedUser { .. } => {}
            Identity::Root | Identity::User { .. } | Identity::Service => return None,
        }
        if name == "aws:MultiFactorAuthPresent" {
            return Some(self.clone().inside("session", "mfa", (value == "true").into()));
        }
        let tag = name.strip_prefix("aws:PrincipalTag/")?;
        let session = self.inner("session");
        let mut tags = session.get("tags").and_then(Value::as_object).cloned().unwrap_or_default();
        tags.insert(tag.to_owned(), value.into());
        Some(self.clone().inside("session", "tags", Value::Object(tags)))
    }

    /// What a case has a field for.
    fn put_in_field(&self, name: &str, value: &str, scenario: &Scenario) -> Option<Self> {
        if let Some(pair) = name.strip_prefix("kms:EncryptionContext:") {
            return Some(self.clone().inside("encryption_context", pair, value.into()));
        }
        let is_it = |id: &Option<String>| id.as_deref() == Some(value);
        let mut endpoints = scenario.environment.vpc_endpoints.iter();
        match name {
            "kms:ViaService" => Some(self.clone().with("via", service(value)?.into())),
            "aws:SourceVpc" | "aws:SourceVpce" => {
                let (endpoint, _) = endpoints.find(|(_, it)| match name {
                    "aws:SourceVpc" => is_it(&it.vpc),
                    _ => is_it(&it.id),
                })?;
                Some(self.clone().with("vpc_endpoint", endpoint.as_str().into()))
            }
            _ => None,
        }
    }

    /// Whether the draft itself says what is under the key.
    fn says(&self, key: &ContextKey) -> bool {
        self.inner("context").keys().any(|name| ContextKey::new(name) == *key)
    }

    fn inner(&self, field: &str) -> Map<String, Value> {
        self.fields.get(field).and_then(Value::as_object).cloned().unwrap_or_default()
    }

    fn inside(self, field: &str, name: &str, value: Value) -> Self {
        let mut map = self.inner(field);
        map.insert(name.to_owned(), value);
        self.with(field, Value::Object(map))
    }

    /// The case as it is written, in order.
    pub(super) fn to_json(&self) -> Map<String, Value> {
        let known = FIELDS.iter().filter_map(|name| {
            self.fields.get(*name).map(|value| ((*name).to_owned(), value.clone()))
        });
        known.collect()
    }

    /// The case, read as from a file. Without an expectation it expects whatever comes.
    pub(super) fn read(&self, scenario: &Scenario) -> Result<Case, InputError> {
        let mut case = self.to_json();
        if !case.contains_key("expect") {
            case.insert("expect".to_owned(), json!({"denied_by": []}));
        }
        let text = Value::Object(case).to_string();
        let document = Document::parse(Source::new("suggestion", text), Format::Json)?;
        self.read_at(document.root(), scenario)
    }

    /// The case as it is written in an item of a list, read as from a file.
    pub(super) fn read_item(
        &self,
        document: &Document,
        scenario: &Scenario,
    ) -> Result<Case, InputError> {
        let root = document.root();
        let item = root.list()?.next().ok_or_else(|| root.expected("a case"))?;
        self.read_at(item, scenario)
    }

    fn read_at(&self, at: At<'_>, scenario: &Scenario) -> Result<Case, InputError> {
        let policies = self.session_policies.as_deref().unwrap_or_default();
        let files = Known { policies, scenario: &scenario.source };
        let mut policies = Policies::new(&files);
        let cases = Case::read(at, 0, &mut policies, scenario.environment.account)?;
        let mut case = cases.into_iter().next().ok_or_else(|| at.expected("a case"))?;
        if self.session_policies.is_some() {
            case.question.session.policies.clone_from(&self.session_policies);
        }
        Ok(case)
    }
}

fn pairs(pairs: &[(String, String)]) -> Value {
    let pairs = pairs.iter().map(|(name, value)| (name.clone(), value.as_str().into()));
    Value::Object(pairs.collect())
}

fn parameters(question: &Question) -> Option<Value> {
    let sent = question.parameters.iter().map(|(name, value)| (name.to_owned(), value.clone()));
    let sent: Map<String, Value> = sent.collect();
    (!sent.is_empty()).then_some(Value::Object(sent))
}

fn session(session: &Session, scenario: &Scenario) -> Option<Value> {
    let Session { name, issued_by, policies, tags, mfa } = session;
    let mut fields = Map::new();
    for (field, text) in [("name", name), ("issued_by", issued_by)] {
        fields.extend(text.as_ref().map(|it| (field.to_owned(), it.as_str().into())));
    }
    if let Some(policies) = policies {
        fields.insert(
            "policies".into(),
            policies.iter().filter_map(|it| policy(it, scenario)).collect(),
        );
    }
    if !tags.is_empty() {
        fields.insert("tags".into(), pairs(tags));
    }
    if *mfa == Some(true) {
        fields.insert("mfa".into(), true.into());
    }
    (!fields.is_empty()).then_some(Value::Object(fields))
}

fn policy(attached: &Attached, scenario: &Scenario) -> Option<Value> {
    match attached {
        Attached::Unknown(reason) => Some(json!({"unknown": reason})),
        Attached::Policy(policy) if is_of_aws(policy) => Some(policy.name().into()),
        Attached::Policy(policy) => match source(policy) {
            Some(it) if it.name != scenario.source.name => {
                Some(from(&scenario.source.name, &it.name).into())
            }
            Some(_) | None => policy.to_json().ok(),
        },
    }
}

/// The file that a policy stands in.
pub(super) fn source(policy: &Policy) -> Option<Arc<Source>> {
    Some(policy.place(policy.statements().first()?).source)
}

/// The path of a file as another one refers to it.
fn from(file: &str, path: &str) -> String {
    let folder: Vec<&str> = file.split('/').collect();
    let folder = folder.split_last().map(|(_, folder)| folder).unwrap_or_default();
    let parts: Vec<&str> = path.split('/').collect();
    let shared = folder.iter().zip(&parts).take_while(|(one, other)| one == other).count();
    let up = folder.iter().skip(shared).map(|_| "..");
    up.chain(parts.iter().skip(shared).copied()).collect::<Vec<_>>().join("/")
}

/// The files that session policies are read from.
#[derive(Debug)]
struct Known<'a> {
    policies: &'a [Attached],
    scenario: &'a Source,
}

impl Files for Known<'_> {
    fn read(&self, _from: &Source, path: &str) -> Result<Arc<Source>, ReadError> {
        let known = self.policies.iter().filter_map(Attached::known).filter_map(source);
        let mut known = known.filter(|it| from(&self.scenario.name, &it.name) == path);
        known.next().ok_or_else(|| ReadError::Unreadable("there is no such file here".into()))
    }
}

fn context(context: &[(String, Entry)]) -> Option<Value> {
    let entries = context.iter().filter_map(|(key, it)| Some((key.clone(), value_of(it)?)));
    let entries: Map<String, Value> = entries.collect();
    (!entries.is_empty()).then_some(Value::Object(entries))
}

fn value_of(entry: &Entry) -> Option<Value> {
    match entry {
        Entry::Absent => Some(Value::Null),
        Entry::Unknown => None,
        Entry::Values(values) => match values.as_slice() {
            [only] => Some(only.as_str().into()),
            several => Some(json!(several)),
        },
    }
}

/// `s3` of `s3.us-east-1.amazonaws.com`, if it is a service that KMS knows.
fn service(value: &str) -> Option<&str> {
    let (prefix, rest) = value.split_once('.')?;
    let region = rest.strip_suffix(".amazonaws.com")?;
    let (full, warning) = Service::via(prefix, region).ok()?;
    (full == value && warning.is_none()).then_some(prefix)
}
