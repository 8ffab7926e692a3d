use std::collections::BTreeSet;

use super::expect::{Expectation, Expected};
use crate::document::{At, InputError, Object, Place};
use crate::environment::{Moment, Policies, Question, Session, pairs};
use crate::kms::{Action, Asked, ServiceOperation};
use crate::policy::Kind;
use crate::request::{Account, Entry, Rules};
use crate::text::{Quoted, did_you_mean};

/// A question, asked for one action or several, and what is expected.
#[derive(Clone, Debug)]
pub(super) struct Case {
    pub(super) name: String,
    /// With each action of the case in turn.
    pub(super) question: Question,
    pub(super) checks: Vec<Check>,
    pub(super) expected: serde_json::Value,
    pub(super) place: Place,
    /// Where each part of the question stands, for errors that show when it is asked.
    pub(super) parts: Vec<(&'static str, Place)>,
    /// Whether its key is one of several, which tell its results apart.
    pub(super) is_of_several_keys: bool,
}

/// One action of a case.
#[derive(Clone, Debug)]
pub(super) struct Check {
    pub(super) asked: Asked,
    pub(super) expect: Expectation,
}

/// The fields of a case.
pub(super) const FIELDS: &[&str] = &[
    "name",
    "principal",
    "session",
    "action",
    "key",
    "via",
    "encryption_context",
    "context",
    "parameters",
    "destination_key",
    "vpc_endpoint",
    "grant_tokens",
    "at",
    "rules",
    "expect",
];

/// The fields of its session.
pub(super) const SESSION: &[&str] = &["name", "policies", "tags", "mfa", "issued_by"];

impl Case {
    /// Reads a case, one for each of its principals and keys; `policies` finds its session
    /// policies, and `account` is the one of the file.
    pub(super) fn read(
        at: At<'_>,
        index: usize,
        policies: &mut Policies<'_>,
        account: Option<Account>,
    ) -> Result<Vec<Self>, InputError> {
        let object = at.object()?.only(FIELDS)?;
        let principals = each(object.required("principal")?, "principal")?;
        let keys = object.optional("key").map(|at| each(at, "key")).transpose()?;
        let case = Self::read_one(object, index, policies, account)?;
        let keys: Vec<Option<(String, At<'_>)>> =
            keys.map_or_else(|| vec![None], |keys| keys.into_iter().map(Some).collect());
        let pairs = principals.iter().flat_map(|who| keys.iter().map(move |key| (who, key)));
        // The last one is not copied, and most cases are one alone.
        let copies = std::iter::repeat_n(case, principals.len() * keys.len());
        let of = |((who, key), case): ((&(String, At<'_>), &Option<_>), Self)| {
            case.of_one(who, principals.len() > 1).with_key(key.as_ref(), keys.len() > 1)
        };
        Ok(pairs.zip(copies).map(of).collect())
    }

    fn of_one(mut self, (principal, at): &(String, At<'_>), is_one_of_many: bool) -> Self {
        self.question.principal.clone_from(principal);
        if is_one_of_many {
            self.stands("principal", *at);
        }
        self
    }

    fn with_key(mut self, key: Option<&(String, At<'_>)>, is_one_of_many: bool) -> Self {
        let Some((key, at)) = key else { return self };
        self.question.key = Some(key.clone());
        self.is_of_several_keys = is_one_of_many;
        if is_one_of_many {
            self.stands("key", *at);
        }
        self
    }

    /// Says where a part of the question stands.
    fn stands(&mut self, part: &'static str, at: At<'_>) {
        self.parts.retain(|(known, _)| *known != part);
        self.parts.push((part, at.place()));
    }

    /// Reads a case but for its principals and keys.
    fn read_one(
        object: Object<'_>,
        index: usize,
        policies: &mut Policies<'_>,
        account: Option<Account>,
    ) -> Result<Self, InputError> {
        let at = object.at();
        let text = |field| -> Result<Option<String>, InputError> {
            Ok(object.optional(field).map(At::string).transpose()?.map(str::to_owned))
        };
        let expect = object.required("expect").map_err(|error| {
            error.with_help(Some("`kms-sim test --bless` fills it in, as it is decided now"))
        })?;
        let operation = service_operation(object)?;
        let checks = match operation {
            Some(operation) => of_service(object, expect, operation)?,
            None => checks(object, expect)?,
        };
        let action = checks.first().and_then(|check| check.asked.action());
        let action = action.ok_or_else(|| at.error("expected at least one action, found none"))?;
        let mut question = Question::new(String::new(), action);
        question.session = match object.optional("session") {
            Some(at) => session(at, policies, account)?,
            None => Session { mfa: Some(false), ..Session::default() },
        };
        question.destination_key = text("destination_key")?;
        question.vpc_endpoint = text("vpc_endpoint")?;
        question.via = text("via")?.filter(|_| operation.is_none());
        question.encryption_context =
            object.optional("encryption_context").map(pairs).transpose()?;
        question.context = object.optional("context").map(context).transpose()?.unwrap_or_default();
        if let Some(at) = object.optional("parameters") {
            let members = at.object()?.members();
            question.parameters =
                members.map(|(name, at)| (name.to_owned(), at.to_json())).collect();
        }
        if let Some(at) = object.optional("grant_tokens") {
            let tokens = at.list()?.map(|at| at.string().map(str::to_owned));
            question.grant_tokens = tokens.collect::<Result<_, _>>()?;
        }
        question.at = match object.optional("at") {
            None => Moment::Unsaid,
            Some(at) => Moment::Given(
                at.as_scalar()
                    .ok_or_else(|| at.expected("a time such as 2026-11-23T02:00:00Z"))?
                    .to_owned(),
            ),
        };
        question.rules = object.optional("rules").map(At::parse::<Rules>).transpose()?;
        let parts = FIELDS.iter().copied();
        Ok(Self {
            name: text("name")?.unwrap_or_else(|| format!("case {}", index + 1)),
            question,
            checks,
            expected: expect.to_json(),
            place: at.place(),
            parts: parts.filter_map(|part| Some((part, object.get(part)?.place()))).collect(),
            is_of_several_keys: false,
        })
    }
}

/// The one or several texts of a field, each once, with their places.
fn each<'a>(at: At<'a>, what: &str) -> Result<Vec<(String, At<'a>)>, InputError> {
    let mut texts: Vec<(String, At<'a>)> = Vec::new();
    for at in at.one_or_many() {
        let text = at.string()?;
        if texts.iter().any(|(known, _)| known == text) {
            let message = format!("expected each {what} once, found {} again", Quoted(text));
            return Err(at.error(message));
        }
        texts.push((text.to_owned(), at));
    }
    if texts.is_empty() {
        return Err(at.expected(&format!("at least one {what}")));
    }
    Ok(texts)
}

/// The operation that `via` names, if it names one and not only its service.
fn service_operation(case: Object<'_>) -> Result<Option<&'static ServiceOperation>, InputError> {
    let Some(at) = case.optional("via") else { return Ok(None) };
    let text = at.string()?;
    if !text.contains(':') {
        return Ok(None);
    }
    ServiceOperation::parse(text)
        .map(Some)
        .map_err(|error| at.error(error.to_string()).with_help(Some(error.help())))
}

/// What an operation of another service asks; its actions are known.
fn of_service(
    case: Object<'_>,
    expect: At<'_>,
    operation: &'static ServiceOperation,
) -> Result<Vec<Check>, InputError> {
    if case.get("action").is_some() {
        return Err(case.error_at_name(
            "action",
            "expected no `action` with an operation in `via`, which says what is called",
        ));
    }
    let expect = Expectation::read(expect)?;
    Ok(vec![Check { asked: Asked::Service(operation), expect }])
}

/// The actions of a case with what is expected of each: either `action` with one
/// expectation, or the lists of `allowed` and `denied` actions.
fn checks(case: Object<'_>, expect: At<'_>) -> Result<Vec<Check>, InputError> {
    let lists = expect
        .as_object()
        .filter(|map| map.get("allowed").is_some() || map.get("denied").is_some());
    let Some(lists) = lists else {
        let expectation = Expectation::read(expect)?;
        let actions = actions(case.required("action")?)?;
        return Ok(actions
            .into_iter()
            .map(|asked| Check { asked, expect: expectation.clone() })
            .collect());
    };
    lists.only(&["allowed", "denied"])?;
    if case.get("action").is_some() {
        return Err(case.error_at_name(
            "action",
            "expected no `action` beside lists of actions in `expect`, found one",
        ));
    }
    let mut checks = Vec::new();
    for (name, expected) in [("allowed", Expected::Allowed), ("denied", Expected::Denied)] {
        let Some(at) = lists.get(name) else { continue };
        let expect = Expectation::of(expected);
        let listed = actions(at)?.into_iter();
        checks.extend(listed.map(|asked| Check { asked, expect: expect.clone() }));
    }
    Ok(checks)
}

/// Actions, or patterns of them, in the order of the catalogue within each pattern.
pub(super) fn actions(at: At<'_>) -> Result<Vec<Asked>, InputError> {
    let mut actions: Vec<Asked> = Vec::new();
    for at in at.one_or_many() {
        let text = at.string()?;
        let matching: Vec<Asked> = if text.contains(['*', '?']) {
            Action::matching(text).into_iter().map(Asked::Permission).collect()
        } else {
            let asked = Asked::parse(text)
                .map_err(|error| at.error(error.to_string()).with_help(error.help()))?;
            vec![asked]
        };
        if matching.is_empty() {
            let names = Action::all().iter().map(|action| action.name);
            let message =
                format!("expected a pattern that matches an action of KMS, found {}", Quoted(text));
            return Err(at.error(message).with_help(did_you_mean(text, names)));
        }
        for asked in matching {
            if !actions.iter().any(|known| known.name() == asked.name()) {
                actions.push(asked);
            }
        }
    }
    Ok(actions)
}

fn session(
    at: At<'_>,
    policies: &mut Policies<'_>,
    account: Option<Account>,
) -> Result<Session, InputError> {
    let object = at.object()?.only(SESSION)?;
    let text = |field| -> Result<Option<String>, InputError> {
        Ok(object.optional(field).map(At::string).transpose()?.map(str::to_owned))
    };
    let listed = object.optional("policies").map(At::list).transpose()?;
    let listed =
        listed.map(|listed| listed.map(|at| policies.read(at, Kind::Session, account)).collect());
    Ok(Session {
        name: text("name")?,
        issued_by: text("issued_by")?,
        policies: listed.transpose()?,
        tags: object.optional("tags").map(pairs).transpose()?.unwrap_or_default(),
        mfa: Some(object.optional("mfa").map(At::bool).transpose()?.unwrap_or(false)),
    })
}

/// A scalar is one value, a list several, and null says that the key is absent.
fn context(at: At<'_>) -> Result<Vec<(String, Entry)>, InputError> {
    let scalar = |at: At<'_>| {
        at.as_scalar().map(str::to_owned).ok_or_else(|| at.expected("a string, number or boolean"))
    };
    let entry = |at: At<'_>| -> Result<Entry, InputError> {
        if at.is_null() {
            return Ok(Entry::Absent);
        }
        let values: Vec<String> =
            at.one_or_many().into_iter().map(scalar).collect::<Result<_, _>>()?;
        Ok(if values.is_empty() { Entry::Absent } else { Entry::Values(values) })
    };
    let mut seen: BTreeSet<String> = BTreeSet::new();
    let object = at.object()?;
    object
        .members()
        .map(|(name, value)| {
            let folded = name.to_ascii_lowercase();
            if !seen.insert(folded) {
                let message = format!(
                    "expected each condition key once, found {} again in another case",
                    Quoted(name)
                );
                return Err(object.error_at_name(name, message));
            }
            Ok((name.to_owned(), entry(value)?))
        })
        .collect()
}
