//! Edits made as a person makes them: in the text of the document.

use std::sync::Arc;

use kms_sim::analysis::{Change, Edit, Fix, PolicyEdit};
use kms_sim::environment::{
    Attached, ConstraintKind, ContextConstraint, Environment, Grant, Grantee, Principal, Question,
    SourceArn,
};
use kms_sim::kms::{Action, Asked};
use kms_sim::policy::{Kind, Policy};
use kms_sim::report::{Detail, ask};
use kms_sim::request::{Account, Entry, PrincipalName};
use serde_json::Value;

/// The decision after a fix was made.
pub(crate) fn decision_after(
    fix: &Fix,
    asked: Asked,
    environment: &Environment,
    question: &Question,
) -> &'static str {
    let (mut environment, mut question) = (environment.clone(), question.clone());
    for edit in &fix.edits {
        make(edit, &mut environment, &mut question);
    }
    ask(&environment, asked, &question, Detail::Reasons).unwrap().answer.decision
}

fn make(edit: &Edit, environment: &mut Environment, question: &mut Question) {
    match &edit.change {
        Change::Policy(PolicyEdit { document: Some(document), patch, .. }) => {
            let mut count = 0;
            each(environment, question, |attached| {
                let Attached::Policy(policy) = attached else { return };
                if policy.name() == *document {
                    *attached = Attached::Policy(Arc::new(patched(policy, patch)));
                    count += 1;
                }
            });
            assert!(count > 0, "{document}");
        }
        Change::Policy(PolicyEdit { document: None, patch, .. }) => {
            let mut document = Value::Null;
            apply(&mut document, patch);
            let policy = Policy::from_json("new", &document.to_string(), Kind::Identity).unwrap();
            let name = environment.holder(question).unwrap();
            if !environment.has_principal(&name) {
                environment.add_principal(name.clone(), Principal::default());
            }
            let principal = environment.principal_mut(&name).unwrap();
            principal.identity_policies.push(Attached::Policy(policy.into()));
        }
        Change::Grant { command } => {
            let (key, grant) = granted(command);
            let key = environment.keys_mut().iter_mut().find(|it| it.arn() == key).unwrap();
            key.grants.push(grant(key.account));
        }
        Change::Call { option } => say(option, question),
    }
}

/// The key of `aws kms create-grant`, and the grant.
fn granted(command: &str) -> (&str, impl Fn(Account) -> Grant) {
    let (command, constraints) = command.split_once(" --constraints ").unwrap_or((command, "{}"));
    let words: Vec<&str> = command.split(' ').collect();
    let find = |option| Some(words[words.iter().position(|it| *it == option)? + 1]);
    let grantee = find("--grantee-principal").or_else(|| find("--grantee-service-principal"));
    let grantee = Grantee::parse(grantee.unwrap(), None).unwrap();
    let operation = Action::parse(find("--operations").unwrap()).unwrap();
    let constraints: Value = serde_json::from_str(&unquoted(constraints)).unwrap();
    let grant = move |account| {
        let mut grant = Grant::new(grantee.clone(), account).with_operation(operation);
        if let Some(pairs) = constraints["EncryptionContextEquals"].as_object() {
            let pair = |(name, value): (&String, &Value)| {
                (name.clone(), value.as_str().unwrap().to_owned())
            };
            let pairs = pairs.iter().map(pair).collect();
            grant.constraint = Some(ContextConstraint::new(ConstraintKind::Equals, pairs));
        }
        grant.source_arn = constraints["SourceArn"].as_str().map(SourceArn::new);
        grant
    };
    (find("--key-id").unwrap(), grant)
}

/// What a shell makes of a word in single quotes.
fn unquoted(word: &str) -> String {
    let inner = word.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
    inner.unwrap_or(word).replace(r"'\''", "'")
}

fn say(option: &str, question: &mut Question) {
    let (option, value) = option.split_once(' ').unwrap();
    match (option, value.split_once('=')) {
        ("--via", None) => question.via = Some(value.to_owned()),
        ("--encryption-context", Some((name, value))) => {
            let pairs = question.encryption_context.get_or_insert_default();
            pairs.retain(|(known, _)| known != name);
            pairs.push((name.to_owned(), value.to_owned()));
        }
        ("--context", Some((key, value))) => {
            question.context.retain(|(known, _)| !known.eq_ignore_ascii_case(key));
            question.context.push((key.to_owned(), Entry::value(value)));
        }
        other => panic!("{other:?}"),
    }
}

fn each(
    environment: &mut Environment,
    question: &mut Question,
    mut visit: impl FnMut(&mut Attached),
) {
    environment.keys_mut().iter_mut().for_each(|key| visit(&mut key.policy));
    let names: Vec<PrincipalName> =
        environment.principals().map(|(name, _)| name.clone()).collect();
    for name in names {
        let principal = environment.principal_mut(&name).unwrap();
        principal.identity_policies.iter_mut().for_each(&mut visit);
        principal.permissions_boundary.iter_mut().for_each(&mut visit);
    }
    for member in environment.organization.iter_mut().flat_map(|it| it.accounts.values_mut()) {
        member.service_control_policies.iter_mut().flatten().for_each(&mut visit);
        member.resource_control_policies.iter_mut().flatten().for_each(&mut visit);
    }
    let endpoints = environment.vpc_endpoints.values_mut();
    endpoints.filter_map(|it| it.policy.as_mut()).for_each(&mut visit);
    question.session.policies.iter_mut().flatten().for_each(&mut visit);
}

fn patched(policy: &Policy, patch: &[Value]) -> Policy {
    let mut document = policy.to_json().unwrap();
    apply(&mut document, patch);
    Policy::from_json(&policy.name(), &document.to_string(), policy.kind()).unwrap()
}

/// `add`, `replace` and `remove` of RFC 6902, written plainly.
fn apply(document: &mut Value, patch: &[Value]) {
    for operation in patch {
        let pointer = operation["path"].as_str().unwrap();
        let Some((parent, last)) = pointer.rsplit_once('/') else {
            *document = operation["value"].clone();
            continue;
        };
        let last = last.replace("~1", "/").replace("~0", "~");
        let value = operation["value"].clone();
        let parent = document.pointer_mut(parent).unwrap();
        match (operation["op"].as_str().unwrap(), parent) {
            ("add", Value::Array(items)) if last == "-" => items.push(value),
            ("remove", Value::Array(items)) => {
                items.remove(last.parse().unwrap());
            }
            ("add", Value::Object(members)) => {
                assert!(members.insert(last, value).is_none());
            }
            ("replace", Value::Object(members)) => {
                assert!(members.insert(last, value).is_some());
            }
            (operation, parent) => panic!("{operation} {pointer}: {parent}"),
        }
    }
}
