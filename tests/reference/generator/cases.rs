//! Random cases for the environment.

use serde_json::{Map, Value, json};

use super::FULL;
use super::grants;
use super::names::{FAVOURITES, FORWARDING, KEYS, PRINCIPALS, SERVICES};
use super::parameters;
use super::policy::{Place, policy};
use super::random::Random;
use crate::evaluator;

/// Keys that a ciphertext may be re-encrypted under, with an encryption context or without.
const DESTINATIONS: [&str; 6] = ["app", "multi", "replica", "managed", "partner", "boss"];

/// A case with one action on the environment.
pub(crate) fn case(random: &mut Random, environment: &Value) -> Value {
    let mut case = json!({"at": random.text(&[
        "2026-11-23T02:00:00Z", "2026-12-01T00:00:00Z", "2026-01-01T00:00:00Z",
        "2026-12-01T02:00:00+02:00",
    ])});
    let (principal, session) = caller(random);
    case["principal"] = json!(principal);
    if let Some(session) = session {
        case["session"] = session;
    }
    let service = SERVICES.contains(&principal.as_str());
    let key = key(random, &mut case, &principal);
    case["action"] = json!(action(random, &key));
    let action = case["action"].as_str().unwrap().to_owned();
    let half = action == "kms:ReEncryptFrom" && FULL && random.chance(50);
    if action == "kms:ReEncrypt" || half {
        case["destination_key"] = json!(random.text(&DESTINATIONS));
    }
    if !service {
        route(random, &mut case, &key);
    }
    if parameters::takes_context(&action) && grants::takes_context(&key) && random.chance(50) {
        case["encryption_context"] = encryption_context(random);
    }
    if random.chance(8) {
        case["rules"] = json!(random.text(&["aws", "dual-permission"]));
    }
    let context = context(random, service);
    if !context.is_empty() {
        case["context"] = Value::Object(context);
    }
    if FULL {
        parameters::add(random, &mut case, &environment["keys"][&key], &key);
    }
    case
}

/// Through a service, or through an endpoint.
fn route(random: &mut Random, case: &mut Value, key: &str) {
    if random.chance(15) {
        case["via"] = json!(if key == "managed" {
            random.text(&["ssm", "ssm", "ec2"])
        } else {
            random.text(&FORWARDING)
        });
    } else if FULL && random.chance(15) {
        case["vpc_endpoint"] = json!(random.text(&["vpce-0abc", "vpce-0abc", "vpce-open"]));
    }
}

fn encryption_context(random: &mut Random) -> Value {
    let mut context = grants::context(random);
    if random.chance(25) {
        context["arn"] = json!("arn:aws:logs:us-east-1:111122223333:log-group:/app:web");
    }
    context
}

fn caller(random: &mut Random) -> (String, Option<Value>) {
    match random.below(16) {
        0 => (random.text(&["root", "arn:aws:iam::111122223333:root"]), None),
        1 => {
            let roots = ["arn:aws:iam::444455556666:root", "arn:aws:iam::777788889999:root"];
            (random.text(&roots), None)
        }
        2 => (random.text(&SERVICES), None),
        3 => {
            let mut session = json!({});
            if random.chance(90) {
                session["issued_by"] = json!(random.text(&["user/alice", "user/team/bob"]));
            }
            add_policies(random, &mut session, 60);
            ("arn:aws:sts::111122223333:federated-user/kiosk".to_owned(), Some(session))
        }
        4 => {
            let mut session = json!({});
            add_policies(random, &mut session, 20);
            let name = random.text(&[
                "arn:aws:sts::111122223333:assumed-role/Worker/night",
                "arn:aws:sts::111122223333:assumed-role/Admin/day",
                "arn:aws:sts::444455556666:assumed-role/Partner/night",
            ]);
            (name, Some(session))
        }
        _ => {
            let all = if random.chance(50) { &PRINCIPALS[..5] } else { &PRINCIPALS };
            let name = random.text(all);
            let session = name.contains("role/").then(|| session(random));
            (name, session)
        }
    }
}

fn session(random: &mut Random) -> Value {
    let mut session = json!({});
    if random.chance(60) {
        session["name"] = json!(random.text(&["night", "day"]));
    }
    if random.chance(20) {
        session["mfa"] = json!(random.chance(70));
    }
    if random.chance(20) {
        session["tags"] = json!({"team": random.text(&["web", "ops"])});
    }
    add_policies(random, &mut session, 20);
    session
}

fn add_policies(random: &mut Random, session: &mut Value, percent: usize) {
    if FULL && random.chance(percent) {
        let count = 1 + random.below(2);
        let mut policies: Vec<Value> =
            (0..count).map(|_| policy(random, Place::Principal)).collect();
        if random.chance(2) {
            policies.push(json!({"unknown": "chosen by the caller of AssumeRole"}));
        }
        session["policies"] = json!(policies);
    }
}

/// Chooses the key, in one of its spellings.
fn key(random: &mut Random, case: &mut Value, principal: &str) -> String {
    let favourite = ["app", "app", "multi", "partner"];
    let name = if random.chance(50) { random.text(&favourite) } else { random.text(&KEYS) };
    let foreign = principal.starts_with("arn:") && !principal.contains("111122223333");
    let spelled = match name.as_str() {
        "app" if random.chance(40) => {
            let here = "arn:aws:kms:us-east-1:111122223333";
            let id = "11111111-1111-4111-8111-111111111111";
            match random.below(if foreign { 2 } else { 4 }) {
                0 => format!("{here}:alias/app"),
                1 => format!("{here}:key/{id}"),
                2 => id.to_owned(),
                _ => random.text(&["alias/app", "alias/alice"]),
            }
        }
        "partner" if random.chance(40) => {
            if principal.contains("444455556666") && random.chance(50) {
                "alias/app".to_owned()
            } else {
                "arn:aws:kms:us-east-1:444455556666:alias/app".to_owned()
            }
        }
        "hmac" if !foreign && random.chance(40) => "alias/hmac".to_owned(),
        _ => name.clone(),
    };
    case["key"] = json!(spelled);
    name
}

fn action(random: &mut Random, key: &str) -> String {
    match random.below(10) {
        0 if FULL => random.text(&[
            "kms:ReEncrypt",
            "kms:CreateAlias",
            "kms:UpdateAlias",
            "kms:DeleteAlias",
            "kms:CreateKey",
            "kms:ReplicateKey",
            "kms:UpdatePrimaryRegion",
            "kms:RetireGrant",
            "kms:CreateGrant",
        ]),
        1..=3 => random.pick(&evaluator::actions()).clone(),
        4..=5 => random.text(&FAVOURITES),
        _ => format!("kms:{}", random.text(grants::operations(key))),
    }
}

/// Context keys that the case gives itself.
fn context(random: &mut Random, service: bool) -> Map<String, Value> {
    let mut context = Map::new();
    let mut add = |key: &str, value: Value| drop(context.insert(key.to_owned(), value));
    if service && random.chance(70) {
        let topic = "arn:aws:sns:us-east-1:111122223333:topic";
        let bucket = "arn:aws:s3:::bucket";
        add("aws:SourceArn", json!(random.text(&[topic, topic, bucket])));
        add("aws:SourceAccount", json!(random.text(&["111122223333", "444455556666"])));
    }
    let count = random.below(4);
    for _ in 0..count {
        let (key, value) = match random.below(22) {
            0 | 16..=18 => {
                ("aws:SourceIp", json!(random.text(&["203.0.113.7", "2001:db8::1", "10.1.2.3"])))
            }
            1 => ("aws:UserAgent", json!(random.text(&["cli", "x"]))),
            2 => ("aws:MultiFactorAuthAge", json!(random.text(&["300", "3600", "100"]))),
            3 => ("aws:TokenIssueTime", json!("2026-11-23T01:00:00Z")),
            4 => ("aws:CalledVia", json!(["athena.amazonaws.com", "dynamodb.amazonaws.com"])),
            5 => ("custom:note", json!(random.text(&["x", "a*b", "a?b", "$x", "", "aXb"]))),
            6 => ("custom:list", json!(random.some(&["a", "b", "c", ""], 0, 3))),
            7 | 19 | 20 => ("custom:number", json!(random.text(&["1", "1.50", "2.0", "x"]))),
            8 => ("custom:flag", json!(random.chance(50))),
            9 => ("custom:blob", json!(random.text(&["eA==", "eA==", "YWJj", "no"]))),
            10 => ("aws:VpcSourceIp", json!(random.text(&["10.1.2.3", "10.9.9.9"]))),
            21 => ("aws:CurrentTime", json!("2027-01-01T00:00:00Z")),
            11 => ("AWS:sourcevpc", json!("vpc-0123")),
            12 => ("kms:TrailingDaysWithoutKeyUsage", json!(random.below(100))),
            13 => ("aws:TagKeys", json!(["team", "cost"])),
            14 => ("kms:CallerAccount", Value::Null),
            _ => ("aws:PrincipalTag/team", json!(random.text(&["web", "ops"]))),
        };
        add(key, value);
    }
    context
}
