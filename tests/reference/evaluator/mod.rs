//! A second, slow reading of the rules: policy documents are interpreted as JSON, one
//! request at a time.

mod caller;
mod catalogue;
mod ceiling;
mod condition;
mod context;
mod decision;
mod grant;
mod key_policy;
mod operation;
mod parameters;
mod pattern;
mod seen;
mod statement;
mod text;
mod values;
mod world;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use self::caller::Caller;
pub(crate) use self::catalogue::actions;
use self::context::Context;
pub(crate) use self::seen::Seen;
use self::world::{Key, World};

/// What is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    /// `allowed`, `explicitDeny`, `implicitDeny` or `undetermined`.
    pub(crate) decision: String,
    /// The sides that are responsible for a denial.
    pub(crate) denied_by: BTreeSet<String>,
    /// The side that allows.
    pub(crate) allowed_by: Option<String>,
}

impl std::fmt::Display for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sides: Vec<&str> = self.denied_by.iter().map(String::as_str).collect();
        let by = self.allowed_by.as_deref().unwrap_or("nothing");
        write!(f, "{}, denied by [{}], allowed by {by}", self.decision, sides.join(", "))
    }
}

/// What a permission is asked on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// A key.
    Key,
    /// An alias of a key, which IAM alone guards.
    Alias,
    /// A key that does not exist yet, so that IAM alone guards it.
    NewKey,
    /// Nothing in particular.
    Nothing,
}

/// One permission that a call needs.
#[derive(Clone, Debug)]
pub(crate) struct Permission<'a> {
    action: String,
    target: Target,
    resource: String,
    account: String,
    region: String,
    key: Option<Key<'a>>,
    request_alias: Option<String>,
    other_key: Option<String>,
    replica_of: Option<Key<'a>>,
    encryption_context: Vec<(String, String)>,
}

impl Permission<'_> {
    /// Whether the key's properties are part of the request.
    fn describes_key(&self) -> bool {
        self.target == Target::Key
    }
}

/// A permission with who asks for it and what the request carries.
#[derive(Debug)]
pub(crate) struct Request<'a> {
    world: World<'a>,
    caller: &'a Caller<'a>,
    permission: Permission<'a>,
    context: Context,
}

/// An environment, with each assumption that can be made of its unknown policies.
#[derive(Clone, Debug)]
pub(crate) struct Reference {
    open: bool,
    silent: Value,
    allowing: Value,
    denying: Value,
}

impl Reference {
    /// Prepares the environment.
    pub(crate) fn new(environment: &Value) -> Self {
        Self {
            open: mentions_unknown(environment),
            silent: assume(environment, &nothing()),
            allowing: assume(environment, &everything("Allow")),
            denying: assume(environment, &everything("Deny")),
        }
    }

    /// Answers whether a case's call would be allowed.
    pub(crate) fn answer(&self, case: &Value, action: &str, seen: &Seen) -> Answer {
        seen.note(format!("asked {action}"));
        let silent = assume(case, &nothing());
        let base = answers(&self.silent, &silent, action, seen);
        if base.len() > 1 {
            seen.note("several permissions");
        }
        if !self.open && !mentions_unknown(case) {
            return whole(&base);
        }
        let allowing = assume(case, &everything("Allow"));
        let best = answers(&self.allowing, &allowing, action, &Seen::default());
        let denying = assume(case, &everything("Deny"));
        let worst = answers(&self.denying, &denying, action, &Seen::default());
        let each = base.into_iter().zip(best).zip(worst);
        let known: Vec<Answer> =
            each.map(|((base, best), worst)| Self::decide(base, &best, &worst)).collect();
        whole(&known)
    }

    /// What is certain of one permission, whatever the unknown policies say.
    fn decide(base: Answer, best: &Answer, worst: &Answer) -> Answer {
        match (base.decision.as_str(), best.decision.as_str(), worst.decision.as_str()) {
            ("explicitDeny", _, _) | (_, "allowed", "allowed") => base,
            (_, "allowed", _) => Answer {
                decision: "undetermined".to_owned(),
                denied_by: BTreeSet::new(),
                allowed_by: None,
            },
            _ => {
                let both = base.denied_by.intersection(&best.denied_by);
                Answer { denied_by: both.cloned().collect(), ..base }
            }
        }
    }

    /// What the requests of a case carry, for a reader.
    pub(crate) fn contexts(&self, case: &Value, action: &str) -> Vec<Value> {
        let seen = Seen::default();
        let world = World { environment: &self.silent, case, seen: &seen };
        let caller = Caller::of(world);
        let permissions = operation::permissions(world, &caller, action);
        let carried = permissions.iter().map(|permission| {
            let context = context::of(world, &caller, permission);
            json!({"action": permission.action, "resource": permission.resource, "context": context})
        });
        carried.collect()
    }
}

fn answers(environment: &Value, case: &Value, action: &str, seen: &Seen) -> Vec<Answer> {
    let world = World { environment, case, seen };
    let caller = Caller::of(world);
    caller.note(world);
    let permissions = operation::permissions(world, &caller, action);
    let judge = |permission: Permission<'_>| {
        let context = context::of(world, &caller, &permission);
        decision::judge(&Request { world, caller: &caller, permission, context })
    };
    permissions.into_iter().map(judge).collect()
}

/// The answer of a whole call, from those of its permissions.
fn whole(answers: &[Answer]) -> Answer {
    let order = ["explicitDeny", "implicitDeny", "undetermined"];
    let failing = order
        .iter()
        .find_map(|decision| answers.iter().find(|answer| answer.decision == *decision));
    failing.unwrap_or(&answers[0]).clone()
}

fn nothing() -> Value {
    json!({"Version": "2012-10-17", "Statement": []})
}

fn everything(effect: &str) -> Value {
    json!({
        "Version": "2012-10-17",
        "Statement": {"Effect": effect, "Principal": "*", "Action": "*", "Resource": "*"},
    })
}

/// The JSON with `instead` in place of every unknown policy.
fn assume(value: &Value, instead: &Value) -> Value {
    match value {
        Value::Object(map) if is_unknown(value) && map.len() == 1 => instead.clone(),
        Value::Object(map) => {
            map.iter().map(|(name, value)| (name.clone(), assume(value, instead))).collect()
        }
        Value::Array(items) => items.iter().map(|item| assume(item, instead)).collect(),
        other => other.clone(),
    }
}

fn is_unknown(value: &Value) -> bool {
    value.get("unknown").is_some_and(Value::is_string)
}

fn mentions_unknown(value: &Value) -> bool {
    match value {
        Value::Object(map) => is_unknown(value) || map.values().any(mentions_unknown),
        Value::Array(items) => items.iter().any(mentions_unknown),
        _ => false,
    }
}
