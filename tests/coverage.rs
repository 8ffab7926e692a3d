//! Every action, condition key, operator and service is exercised: in a scenario, or in a row here.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use kms_sim::arn::Partition;
use kms_sim::document::{Document, Format, Source};
use kms_sim::environment::{Attached, Environment, Files, Key, Principal, Question, ReadError};
use kms_sim::evaluate::{Decision, decide};
use kms_sim::kms::{Action, ConditionKey, Service, ServiceOperation};
use kms_sim::policy::{Kind, Policy};
use kms_sim::request::{Account, PrincipalName};
use kms_sim::scenario::{CaseResult, Scenario, Sorted, Status};
use serde_json::json;

struct Disk;

impl Files for Disk {
    fn read(&self, from: &Source, path: &str) -> Result<Arc<Source>, ReadError> {
        let path = Path::new(&from.name).parent().unwrap().join(path);
        let bytes = fs::read(&path).map_err(|error| ReadError::Unreadable(error.to_string()))?;
        Ok(Source::from_bytes(path.display().to_string(), bytes)?)
    }
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files(&path, found) } else { found.push(path) }
    }
}

fn scenarios() -> Vec<PathBuf> {
    let mut found = Vec::new();
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios"), &mut found);
    found
}

/// All that the scenarios say, in lower case.
fn text() -> String {
    let texts = scenarios().into_iter().map(|path| fs::read_to_string(path).unwrap());
    texts.collect::<Vec<_>>().join("\n").to_ascii_lowercase()
}

fn results() -> Vec<CaseResult> {
    let mut results = Vec::new();
    for path in scenarios().iter().filter(|path| path.extension().is_some_and(|it| it == "yaml")) {
        let source = Source::from_bytes(path.display().to_string(), fs::read(path).unwrap());
        let document = Document::parse(source.unwrap(), Format::Yaml).unwrap();
        match Scenario::read(&document, &Disk).unwrap() {
            Sorted::Scenario(scenario) => results.extend(scenario.run()),
            sorted => panic!("{}: {sorted:?}", path.display()),
        }
    }
    results
}

#[test]
fn every_action_is_allowed_in_a_scenario_and_denied_in_another() {
    let (mut allowed, mut denied) = (BTreeSet::new(), BTreeSet::new());
    for result in results() {
        assert_eq!(result.status, Status::Passed, "{:?}", result.name);
        let (action, answer) = (result.action.unwrap(), result.actual.unwrap());
        match answer.allowed {
            Some(true) => allowed.insert(action),
            Some(false) => denied.insert(action),
            None => false,
        };
    }
    for action in Action::all() {
        assert!(allowed.contains(action.name), "{} is never allowed", action.name);
        assert!(denied.contains(action.name), "{} is never denied", action.name);
    }
    for operation in ServiceOperation::all() {
        let name = format!("{}:{}", operation.service, operation.name);
        assert!(allowed.contains(&name), "{name} is never allowed");
        assert!(denied.contains(&name), "{name} is never denied");
    }
}

#[test]
fn every_side_denies_and_every_source_allows_in_a_scenario() {
    let (mut denying, mut allowing) = (BTreeSet::new(), BTreeSet::new());
    for answer in results().into_iter().filter_map(|result| result.actual) {
        let decision = answer.decision;
        denying.extend(answer.denied_by.into_iter().map(|side| (decision, side)));
        allowing.extend(answer.allowed_by);
    }
    assert_eq!(allowing, BTreeSet::from(["grant", "identity-policy", "key-policy"]));
    let both = [
        "service-control-policy",
        "vpc-endpoint-policy",
        "key-policy",
        "identity-policy",
        "permissions-boundary",
        "session-policy",
    ];
    for side in both {
        assert!(denying.contains(&("explicitDeny", side)), "{side} never denies explicitly");
        assert!(denying.contains(&("implicitDeny", side)), "{side} never denies implicitly");
    }
    assert!(denying.contains(&("explicitDeny", "resource-control-policy")));
    assert!(!denying.contains(&("implicitDeny", "resource-control-policy")));
}

#[test]
fn every_condition_key_stands_in_a_scenario() {
    let text = text();
    for key in ConditionKey::all() {
        let name = key.name.trim_end_matches('*').to_ascii_lowercase();
        let is_whole = |rest: &str| {
            name.len() < key.name.len() || !rest.starts_with(|c: char| c.is_ascii_alphanumeric())
        };
        let mut found = text.match_indices(&name);
        let is_there = found.any(|(at, _)| text.get(at + name.len()..).is_some_and(is_whole));
        assert!(is_there, "{} is in no scenario", key.name);
    }
}

/// The operators of
/// [the page](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html).
const OPERATORS: &[&str] = &[
    "ArnEquals",
    "ArnLike",
    "ArnNotEquals",
    "ArnNotLike",
    "BinaryEquals",
    "Bool",
    "DateEquals",
    "DateGreaterThan",
    "DateGreaterThanEquals",
    "DateLessThan",
    "DateLessThanEquals",
    "DateNotEquals",
    "IpAddress",
    "NotIpAddress",
    "Null",
    "NumericEquals",
    "NumericGreaterThan",
    "NumericGreaterThanEquals",
    "NumericLessThan",
    "NumericLessThanEquals",
    "NumericNotEquals",
    "StringEquals",
    "StringEqualsIgnoreCase",
    "StringLike",
    "StringNotEquals",
    "StringNotEqualsIgnoreCase",
    "StringNotLike",
];

#[test]
fn every_operator_stands_in_a_scenario() {
    let text = text();
    for operator in OPERATORS {
        let name = operator.to_ascii_lowercase();
        let stands = |before: &str, after: &str| text.contains(&format!("{before}{name}{after}"));
        let is_there = ["{", "{\"", " ", "\"", ":"].iter().any(|before| {
            [":", "\":", "ifexists:", "ifexists\":"].iter().any(|after| stands(before, after))
        });
        assert!(is_there, "{operator} is in no scenario");
    }
}

#[test]
fn every_service_sets_its_own_via_service() {
    let account = Account { partition: Partition::Aws, id: "123456789012".parse().unwrap() };
    let role = PrincipalName::parse("role/Web", Some(account)).unwrap();
    for service in Service::all() {
        let value = format!("{}.us-east-1.amazonaws.com", service.prefix);
        let policy = json!({"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Principal": {"AWS": role.to_string()}, "Action": "kms:Decrypt", "Resource": "*",
            "Condition": {"StringEquals": {"kms:ViaService": value}, "Bool": {"aws:ViaAWSService": "true"}},
        }]});
        let policy = Policy::from_json("key.json", &policy.to_string(), Kind::Key).unwrap();
        let mut environment = Environment::new(Some(account), "us-east-1");
        environment.add_principal(role.clone(), Principal::default());
        let key = Key::new(account, "us-east-1", "web", Attached::Policy(policy.into())).unwrap();
        environment.add_key(key).unwrap();
        let mut question = Question::new("role/Web", Action::parse("kms:Decrypt").unwrap());
        let decision =
            |question: &Question| decide(&environment.request(question).unwrap()).decision;
        assert_eq!(decision(&question), Decision::ImplicitDeny, "{}", service.prefix);
        question.via = Some(service.prefix.to_owned());
        assert_eq!(decision(&question), Decision::Allowed, "{}", service.prefix);
    }
}
