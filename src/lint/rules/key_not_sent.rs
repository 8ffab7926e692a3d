//! Requests for an action never carry the condition key that the statement tests.
//!
//! An `Allow` then never allows the action. The best known case is `kms:DescribeKey` in a statement
//! with a condition on the encryption context: that call has none. A `Deny` with a negated operator
//! (`StringNotEquals`, …) denies every call of the action, since a key that is absent is not equal to
//! anything.
//!
//! A key of another service, such as `s3:x-amz-acl`, comes with calls to that service alone, but for those
//! that AWS documents to come with every call of a session, and the claims of most identity providers.
//!
//! Only an action that is named, or a pattern of which this is true throughout, is a finding of an
//! `Allow`; a pattern for a service is none, since AWS's own examples have `kms:Describe*` there.
//!
//! # Example
//!
//! ```json
//! {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:role/WebAppInstanceRole"}, "Action": ["kms:Decrypt", "kms:DescribeKey"], "Resource": "*", "Condition": {"StringEquals": {"kms:EncryptionContext:app": "web"}}}
//! ```
//!
//! # Instead
//!
//! Give the action a statement of its own, without the condition. The fix that is offered does this
//! for actions that only read, such as `kms:DescribeKey`. In a `Deny`, list the actions that carry the key, or use the form of the
//! operator that ends in `IfExists` with an operator that is not negated.
//!
//! Source: [Service permissions in key policies](https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-services.html),
//! [Global and cross-service condition keys](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html),
//! [Keys for OIDC federation](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif),
//! [KMS condition keys](https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html)

use serde_json::json;

use crate::Truth;
use crate::kms::{AccessLevel, Action};
use crate::lint::finding::removal;
use crate::lint::open;
use crate::lint::rule::{Check, Rule};
use crate::lint::subject::{label, listed};
use crate::lint::{Finding, Fix, Found, Seat, Severity};
use crate::policy::{Condition, Effect, Kind, Statement, StatementPrincipal};
use crate::request::{Context, ContextKey, Entry};

pub(super) const RULE: Rule = Rule {
    code: "KMS511",
    name: "key-not-sent",
    severity: Severity::Warning,
    issue_code: Some("UNSUPPORTED_ACTION_FOR_CONDITION_KEY"),
    file: include_str!("key_not_sent.rs"),
    check: Check::Policy(check),
};

fn check(seat: &Seat<'_>, found: &mut Found) {
    for statement in seat.policy.statements() {
        for unsent in all_unsent(seat.policy.kind(), statement) {
            let (message, help) = unsent.words(statement);
            let numbers: Vec<&str> = unsent.entries.iter().map(String::as_str).collect();
            let place = seat.place_of_actions(statement, &numbers);
            let fix = own_statement(seat, statement, &unsent);
            found.push(Finding::new(found.rule(), place, message).with_help(help).with_fix(fix));
        }
    }
}

/// Actions of a statement whose requests do not carry the key of a condition.
struct Unsent<'s> {
    condition: &'s Condition,
    actions: Vec<&'static Action>,
    /// The entries of the statement that cover them, by number.
    entries: Vec<String>,
}

impl Unsent<'_> {
    /// What there is to say, and what to do.
    fn words(&self, statement: &Statement) -> (String, String) {
        let names: Vec<&str> = self.actions.iter().map(|action| action.name).collect();
        let (label, names, key) = (label(statement), listed(&names), self.condition.key());
        let it = if self.actions.len() == 1 { "it" } else { "them" };
        match statement.effect() {
            Effect::Allow => (
                format!("{label} never allows {names}, whose requests do not carry {key}"),
                format!("allow {it} in a statement without the condition on {key}"),
            ),
            Effect::Deny => (
                format!("{label} denies every call of {names}, which never carries {key}"),
                format!("list the actions that carry {key}"),
            ),
        }
    }
}

/// One for each condition key.
fn all_unsent<'s>(kind: Kind, statement: &'s Statement) -> Vec<Unsent<'s>> {
    let mut all: Vec<Unsent<'s>> = Vec::new();
    for (number, pattern) in Seat::actions(statement) {
        let unsent = match statement.effect() {
            Effect::Allow if is_documented(statement, &pattern) => None,
            Effect::Allow => never_allowed(statement, kind, &pattern),
            Effect::Deny => always_denied(statement, kind, &pattern),
        };
        let Some((condition, actions)) = unsent else { continue };
        match all.iter_mut().find(|it| it.condition.key() == condition.key()) {
            Some(known) => {
                known.actions.extend(actions);
                known.entries.push(number);
            }
            None => all.push(Unsent { condition, actions, entries: vec![number] }),
        }
    }
    for unsent in &mut all {
        let mut seen = Vec::new();
        unsent.actions.retain(|it| {
            let is_new = !seen.contains(&it.name);
            seen.push(it.name);
            is_new
        });
    }
    all
}

/// Whether it is `kms:Describe*` for a service, as AWS's own examples have it.
///
/// Source: [Encrypt log data](https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html)
fn is_documented(statement: &Statement, pattern: &str) -> bool {
    let listed = statement.listed_principals();
    let is_service = |it: &StatementPrincipal| matches!(it, StatementPrincipal::Service(_));
    pattern.contains('*') && !listed.is_empty() && listed.iter().all(is_service)
}

/// The actions of a pattern that a policy of the kind can be about.
fn covered(kind: Kind, pattern: &str) -> Vec<&'static Action> {
    let is_of_kms = pattern.get(..4).is_some_and(|it| it.eq_ignore_ascii_case("kms:"));
    let actions = if is_of_kms { Action::matching(pattern) } else { Vec::new() };
    actions.into_iter().filter(|it| kind != Kind::Key || it.needs_key()).collect()
}

fn is_unsent(condition: &Condition, action: &Action) -> bool {
    let key = condition.key();
    key.documented().map_or_else(|| is_of_others(key), |known| !known.is_sent_with(action))
}

/// What another service puts into the sessions of its own, to be sent with calls of every service.
///
/// Source: [Cross-service condition keys](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html),
/// [Keys of IAM Identity Center](https://docs.aws.amazon.com/singlesignon/latest/userguide/condition-context-keys-sts-idc.html)
const OF_SESSIONS: [&str; 8] = [
    "codebuild:BuildArn",
    "codebuild:ProjectArn",
    "ec2:RoleDelivery",
    "ec2:SourceInstanceArn",
    "glue:CredentialIssuingService",
    "glue:RoleAssumedBy",
    "lambda:SourceFunctionArn",
    "ssm:SourceInstanceArn",
];
/// Prefixes of keys that come of how somebody signed in.
const OF_SIGN_IN: [&str; 3] = ["identitycenter", "identitystore", "saml"];
/// Claims of GitHub that AWS documents not to be available in sessions.
const OF_GITHUB: [&str; 10] = [
    "actor",
    "actor_id",
    "enterprise_id",
    "environment",
    "job_workflow_ref",
    "ref",
    "repository",
    "repository_id",
    "repository_owner_id",
    "workflow",
];

/// Whether no request to KMS carries a key, since it is of another service.
fn is_of_others(key: &ContextKey) -> bool {
    let is = |name: &&str| key.as_str().eq_ignore_ascii_case(name);
    let Some((prefix, name)) = key.as_str().split_once(':') else { return false };
    let among = |all: &[&str], text: &str| all.iter().any(|it| it.eq_ignore_ascii_case(text));
    // A prefix that is no name of a host is a service's.
    if prefix.contains('.') {
        prefix.eq_ignore_ascii_case("token.actions.githubusercontent.com")
            && among(&OF_GITHUB, name)
    } else {
        // Of KMS and of AWS as a whole others tell.
        !among(&["aws", "kms"], prefix)
            && !among(&OF_SIGN_IN, prefix)
            && !OF_SESSIONS.iter().any(is)
    }
}

/// A call of which only the action is said, and which carries nothing of other services.
fn call_of(action: &'static Action, statement: &Statement) -> Context {
    let mut call = open::call_of(action);
    let keys = statement.conditions().iter().map(Condition::key);
    keys.filter(|it| it.documented().is_none() && is_of_others(it))
        .for_each(|key| call.set(key.clone(), Entry::Absent));
    call
}

/// A condition, and the actions of a pattern whose requests do not carry its key.
type Unmet<'s> = Option<(&'s Condition, Vec<&'static Action>)>;

fn never_allowed<'s>(statement: &'s Statement, kind: Kind, pattern: &str) -> Unmet<'s> {
    let unmet = |action: &&'static Action| {
        let call = call_of(action, statement);
        let fails = |it: &&Condition| is_unsent(it, action) && it.test(&call) == Truth::False;
        statement.conditions().iter().find(fails)
    };
    let actions = covered(kind, pattern);
    let conditions: Option<Vec<&Condition>> = actions.iter().map(unmet).collect();
    let condition = *conditions?.first()?;
    Some((condition, actions))
}

fn always_denied<'s>(statement: &'s Statement, kind: Kind, pattern: &str) -> Unmet<'s> {
    let met = |action: &'static Action| {
        let call = call_of(action, statement);
        let mut conditions = statement.conditions().iter();
        // `Null` and `IfExists` say that the key may be absent.
        let is_meant = |it: &&Condition| {
            is_unsent(it, action)
                && it.operator().contains("Not")
                && !it.operator().ends_with("IfExists")
        };
        let condition = conditions.clone().find(is_meant)?;
        let holds = Truth::all(conditions.by_ref().map(|it| it.test(&call)));
        (holds == Truth::True).then_some((action, condition))
    };
    let denied: Vec<_> = covered(kind, pattern).into_iter().filter_map(met).collect();
    let (_, condition) = *denied.first()?;
    Some((condition, denied.into_iter().map(|(action, _)| action).collect()))
}

/// A statement of their own for actions that only read, without the conditions that they cannot
/// meet.
fn own_statement(seat: &Seat<'_>, statement: &Statement, unsent: &Unsent<'_>) -> Option<Fix> {
    let Unsent { actions, entries, .. } = unsent;
    let reads = |it: &&Action| {
        matches!(it.access, AccessLevel::List | AccessLevel::Read) && !it.cryptographic
    };
    let is_whole = actions.len() == entries.len() && actions.iter().all(reads);
    if statement.effect() != Effect::Allow || !is_whole {
        return None;
    }
    let mut own = seat.policy.to_json().ok()?.pointer(statement.pointer()).cloned()?;
    let members = own.as_object_mut()?;
    members.remove("Sid");
    let operators = members.get_mut("Condition")?.as_object_mut()?;
    let is_unmet = |it: &&Condition| actions.iter().all(|action| is_unsent(it, action));
    for condition in statement.conditions().iter().filter(is_unmet) {
        let keys = operators.get_mut(condition.operator())?.as_object_mut()?;
        keys.remove(condition.key().as_str())?;
    }
    operators.retain(|_, keys| keys.as_object().is_some_and(|keys| !keys.is_empty()));
    if operators.is_empty() {
        members.remove("Condition");
    }
    let names: Vec<&str> = actions.iter().map(|action| action.name).collect();
    let own_actions = if let [only] = names.as_slice() { json!(only) } else { json!(names) };
    let before = members.insert("Action".to_owned(), own_actions)?;
    let numbers: Vec<&str> = entries.iter().map(String::as_str).collect();
    let mut patch = removal(statement, "Action", &numbers);
    patch.push(json!({"op": "add", "path": "/Statement/-", "value": own}));
    let has_others = before.as_array().is_some_and(|it| it.len() > entries.len());
    let title = format!("give {} a statement of its own", listed(&names));
    has_others.then(|| Fix::changing(title, patch))
}
