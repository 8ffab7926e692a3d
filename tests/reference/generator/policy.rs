//! Random policy documents.

use serde_json::{Map, Value, json};

use super::conditions;
use super::names::{FAVOURITES, LISTED, SERVICES};
use super::random::Random;
use crate::evaluator;

/// What a policy is attached to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// A key.
    Key,
    /// A user, role, group or session.
    Principal,
    /// An account, as a service control policy.
    Service,
    /// An account, as a resource control policy.
    Resource,
    /// A VPC endpoint.
    Endpoint,
}

const ACTIONS: [&str; 16] = [
    "*",
    "kms:*",
    "kms:*",
    "KMS:decrypt",
    "kms:GenerateDataKey*",
    "kms:ReEncrypt*",
    "kms:Describe*",
    "kms:Get*",
    "kms:List*",
    "kms:?ncrypt",
    "kms:*Alias*",
    "kms:*Grant*",
    "kms:Create*",
    "kms:ReEncrypt",
    "s3:GetObject",
    "iam:CreateServiceLinkedRole",
];

const RESOURCES: [&str; 16] = [
    "arn:aws:kms:us-east-1:111122223333:key/11111111-1111-4111-8111-111111111111",
    "arn:aws:kms:*:111122223333:key/*",
    "arn:aws:kms:us-*:111122223333:key/1111????-1111-4111-*",
    "arn:aws:kms:*",
    "arn:aws:kms:eu-west-1:*",
    "arn:aws:kms:*:*:key/mrk-*",
    "arn:aws:kms:*:key/mrk-*",
    "arn:aws:kms:*:444455556666:key/*",
    "arn:aws:kms:us-east-1:111122223333:alias/app",
    "arn:aws:kms:*:111122223333:alias/*",
    "arn:aws:kms:us-east-1:111122223333:alias/${aws:username}",
    "arn:aws:kms:*:*:key/${aws:PrincipalTag/key}",
    "arn:aws:kms:*:*:key/${aws:PrincipalTag/none, '11111111-1111-4111-8111-111111111111'}",
    "arn:aws:kms:*:*:*/${aws:PrincipalTag/none}",
    "arn:aws:kms:?s-east-1:1111222?3333:key/*-*",
    "arn:aws:s3:::bucket/*",
];

/// A policy of one to four statements; some allow broadly, so that requests get through.
pub(crate) fn policy(random: &mut Random, place: Place) -> Value {
    let built_in = match place {
        Place::Key => Some("default-key-policy"),
        Place::Service => Some("FullAWSAccess"),
        Place::Resource => Some("RCPFullAWSAccess"),
        Place::Principal | Place::Endpoint => None,
    };
    if let Some(name) = built_in.filter(|_| random.chance(15)) {
        return json!(name);
    }
    let count = 1 + random.below(2) + random.below(2) + random.below(2);
    let mut statements: Vec<Value> = (0..count).map(|_| statement(random, place)).collect();
    if place != Place::Resource && random.chance(30) {
        statements.push(broad(random, place));
    }
    let mut document = Map::new();
    // A resource control policy must be of the newer version.
    match random.below(20) {
        _ if place == Place::Resource => {
            drop(document.insert("Version".to_owned(), json!("2012-10-17")));
        }
        0 => {}
        1 => drop(document.insert("Version".to_owned(), json!("2008-10-17"))),
        _ => drop(document.insert("Version".to_owned(), json!("2012-10-17"))),
    }
    let lone = statements.len() == 1 && random.chance(30);
    let statements = if lone { statements[0].clone() } else { json!(statements) };
    document.insert("Statement".to_owned(), statements);
    Value::Object(document)
}

/// A statement that allows everything, so that requests get through.
fn broad(random: &mut Random, place: Place) -> Value {
    let mut statement = json!({"Effect": "Allow", "Action": "*", "Resource": "*"});
    if matches!(place, Place::Key | Place::Endpoint) {
        let accounts = ["111122223333", "arn:aws:iam::444455556666:root"];
        statement["Principal"] = json!({"AWS": one_or_list(random.some(&accounts, 1, 2))});
    }
    statement
}

fn statement(random: &mut Random, place: Place) -> Value {
    let denies = place == Place::Resource || random.chance(18);
    let mut statement = Map::new();
    let mut add = |name: &str, value: Value| drop(statement.insert(name.to_owned(), value));
    add("Effect", json!(if denies { "Deny" } else { "Allow" }));
    match place {
        Place::Principal | Place::Service => {}
        Place::Resource => add("Principal", json!("*")),
        Place::Key | Place::Endpoint => {
            let spares = denies && random.chance(25);
            let value = if spares { spared(random) } else { principal(random) };
            add(if spares { "NotPrincipal" } else { "Principal" }, value);
        }
    }
    let (name, value) = actions(random, place, denies);
    if place != Place::Key || !random.chance(2) {
        add(name, value);
    }
    let (name, value) = resources(random, place);
    if place != Place::Key || !random.chance(2) {
        add(name, value);
    }
    if random.chance(if denies { 80 } else { 40 }) {
        add("Condition", conditions::condition(random, place));
    }
    Value::Object(statement)
}

/// One text as it is, several as a list.
pub(crate) fn one_or_list(mut texts: Vec<String>) -> Value {
    if texts.len() == 1 { json!(texts.remove(0)) } else { json!(texts) }
}

fn principal(random: &mut Random) -> Value {
    match random.below(10) {
        0 => json!("*"),
        1 => json!({"AWS": random.text(&["111122223333", "arn:aws:iam::111122223333:root"])}),
        2 => json!({"Service": one_or_list(random.some(&SERVICES, 1, 2))}),
        3 => json!({
            "Service": random.text(&SERVICES),
            "AWS": one_or_list(random.some(&LISTED, 1, 2)),
        }),
        4 => json!({"AWS": "*"}),
        _ => json!({"AWS": one_or_list(random.some(&LISTED, 1, 4))}),
    }
}

fn spared(random: &mut Random) -> Value {
    match random.below(4) {
        0 => json!({"Service": random.text(&SERVICES)}),
        1 => json!({"AWS": [
            "arn:aws:iam::111122223333:role/Worker",
            "arn:aws:sts::111122223333:assumed-role/Worker/night",
            "111122223333",
            "arn:aws:iam::111122223333:user/alice",
        ], "Service": random.text(&SERVICES)}),
        _ => json!({"AWS": one_or_list(random.some(&LISTED[1..], 2, 12))}),
    }
}

fn actions(random: &mut Random, place: Place, denies: bool) -> (&'static str, Value) {
    if place != Place::Resource && random.chance(12) {
        let excluded = random.some(&["s3:*", "kms:Decrypt", "kms:Put*", "kms:*Alias"], 1, 3);
        return ("NotAction", one_or_list(excluded));
    }
    if !denies && random.chance(45) {
        return ("Action", json!(random.text(&["kms:*", "*"])));
    }
    let all = evaluator::actions();
    let count = 1 + random.below(3);
    let chosen = (0..count).map(|_| match random.below(3) {
        0 => random.text(&ACTIONS),
        1 => random.text(&FAVOURITES),
        _ => random.pick(&all).clone(),
    });
    ("Action", one_or_list(chosen.collect()))
}

fn resources(random: &mut Random, place: Place) -> (&'static str, Value) {
    let plain = if place == Place::Key { 92 } else { 60 };
    if random.chance(plain) {
        return ("Resource", json!("*"));
    }
    let chosen = random.some(&RESOURCES, 1, 3);
    let excludes = random.chance(20);
    (if excludes { "NotResource" } else { "Resource" }, one_or_list(chosen))
}
