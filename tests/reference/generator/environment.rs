//! Random environments.

use serde_json::{Map, Value, json};

use super::FULL;
use super::grants;
use super::names::{HOME, MANAGEMENT, PARTNER, PRINCIPALS};
use super::policy::{Place, policy};
use super::random::Random;

/// An environment without cases.
pub(crate) fn environment(random: &mut Random) -> Value {
    let mut environment = json!({
        "account": HOME,
        "region": "us-east-1",
        "principals": principals(random),
        "groups": {"developers": {"identity_policies": policies(random, Place::Principal, 1)}},
        "keys": keys(random),
    });
    if random.chance(15) {
        environment["rules"] = json!("dual-permission");
    }
    if FULL && random.chance(70) {
        environment["organization"] = organization(random);
    }
    if FULL {
        environment["vpc_endpoints"] = json!({
            "vpce-0abc": {"vpc": "vpc-0123", "policy": policy(random, Place::Endpoint)},
            "vpce-open": {"vpc": "vpc-9999"},
        });
    }
    environment
}

fn policies(random: &mut Random, place: Place, most: usize) -> Vec<Value> {
    let count = random.below(most + 1);
    (0..count).map(|_| known_or_not(random, place)).collect()
}

/// A policy; now and then one that is not known.
fn known_or_not(random: &mut Random, place: Place) -> Value {
    if random.chance(1) { json!({"unknown": "not at hand"}) } else { policy(random, place) }
}

fn principals(random: &mut Random) -> Value {
    let mut all = Map::new();
    for name in PRINCIPALS {
        let mut row = Map::new();
        let mut add = |name: &str, value: Value| drop(row.insert(name.to_owned(), value));
        if random.chance(80) {
            add("identity_policies", json!(policies(random, Place::Principal, 2)));
        }
        if FULL && random.chance(20) {
            add("permissions_boundary", known_or_not(random, Place::Principal));
        }
        if random.chance(60) {
            let team = random.text(&["web", "ops", "*"]);
            let key = random.text(&["11111111-1111-4111-8111-111111111111", "*"]);
            let arn = "arn:aws:iam::111122223333:role/Worker";
            add("tags", json!({"team": team, "key": key, "arn": arn}));
        }
        if name == "role/Worker" {
            add("id", json!("AROAWORKEREXAMPLE"));
        }
        if name.contains("user/") && random.chance(60) {
            add("groups", json!(["developers"]));
        }
        if name == "user/alice" {
            add("id", json!("AIDAALICEEXAMPLE"));
        }
        all.insert(name.to_owned(), Value::Object(row));
    }
    Value::Object(all)
}

fn keys(random: &mut Random) -> Value {
    let mut all = json!({
        "app": {
            "id": "11111111-1111-4111-8111-111111111111",
            "aliases": ["alias/app", "alias/alice"],
        },
        "multi": {"id": "mrk-22222222222242228222222222222222", "multi_region": "primary"},
        "replica": {
            "arn": "arn:aws:kms:eu-west-1:111122223333:key/mrk-22222222222242228222222222222222",
            "multi_region": "replica",
        },
        "managed": {
            "id": "33333333-3333-4333-8333-333333333333",
            "manager": "AWS",
            "aliases": ["alias/aws/ssm"],
        },
        "rsa": {"id": "44444444-4444-4444-8444-444444444444", "spec": "RSA_2048"},
        "signing": {
            "id": "55555555-5555-4555-8555-555555555555",
            "spec": "ECC_NIST_P256",
            "usage": "SIGN_VERIFY",
        },
        "hmac": {
            "id": "66666666-6666-4666-8666-666666666666",
            "spec": "HMAC_256",
            "usage": "GENERATE_VERIFY_MAC",
            "aliases": ["alias/hmac"],
        },
        "partner": {
            "arn": foreign(PARTNER, "77777777-7777-4777-8777-777777777777"),
            "aliases": ["alias/app"],
        },
        "boss": {"arn": foreign(MANAGEMENT, "88888888-8888-4888-8888-888888888888")},
    });
    for (name, row) in all.as_object_mut().into_iter().flatten() {
        complete(random, name, row);
    }
    all
}

fn foreign(account: &str, id: &str) -> String {
    format!("arn:aws:kms:us-east-1:{account}:key/{id}")
}

/// Gives a key its policy, tags and grants.
fn complete(random: &mut Random, name: &str, row: &mut Value) {
    if name != "managed" && random.chance(95) {
        row["policy"] = known_or_not(random, Place::Key);
    }
    if name == "managed" && random.chance(20) {
        row["aliases"] = json!([random.text(&["alias/aws/ebs", "alias/aws/s3"])]);
    }
    if name == "rsa" {
        row["usage"] = json!("ENCRYPT_DECRYPT");
    }
    if random.chance(50) {
        row["tags"] = json!({"team": random.text(&["web", "ops"])});
    }
    if name == "app" && random.chance(20) {
        row["origin"] = json!("EXTERNAL");
    }
    if FULL {
        row["grants"] = grants::grants(random, name);
    }
}

fn organization(random: &mut Random) -> Value {
    let mut accounts = Map::new();
    for account in [HOME, PARTNER, MANAGEMENT] {
        let unit = random.text(&["ou-prod", "ou-test"]);
        let mut row = json!({"ou_path": ["r-root", unit]});
        if random.chance(50) {
            row["service_control_policies"] = levels(random, Place::Service);
        }
        if random.chance(50) {
            row["resource_control_policies"] = levels(random, Place::Resource);
        }
        accounts.insert(account.to_owned(), row);
    }
    json!({"id": "o-exampleorgid", "management_account": MANAGEMENT, "accounts": accounts})
}

/// Up to two levels, each of one or two policies.
fn levels(random: &mut Random, place: Place) -> Value {
    let count = random.below(3);
    let level = |random: &mut Random| {
        let mut policies = vec![known_or_not(random, place)];
        if random.chance(60) {
            let open = if place == Place::Service { "FullAWSAccess" } else { "RCPFullAWSAccess" };
            policies.push(json!(open));
        }
        policies
    };
    json!((0..count).map(|_| level(random)).collect::<Vec<_>>())
}
