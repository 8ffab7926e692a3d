//! Random grants.

use serde_json::{Value, json};

use super::names::{HOME, PARTNER, SERVICES};
use super::random::Random;

const GRANTEES: [&str; 11] = [
    "role/Worker",
    "role/Worker",
    "arn:aws:sts::111122223333:assumed-role/Worker/night",
    "role/ops/Admin",
    "role/aws-service-role/ssm.amazonaws.com/AWSServiceRoleForSSM",
    "user/alice",
    "arn:aws:sts::111122223333:federated-user/kiosk",
    "root",
    "arn:aws:iam::444455556666:role/Partner",
    "arn:aws:iam::444455556666:root",
    "arn:aws:iam::777788889999:role/Outsider",
];

/// Grant operations that a key of the environment supports.
pub(crate) fn operations(key: &str) -> &'static [&'static str] {
    match key {
        "rsa" => &[
            "Encrypt",
            "Decrypt",
            "ReEncryptFrom",
            "ReEncryptTo",
            "GetPublicKey",
            "CreateGrant",
            "DescribeKey",
            "RetireGrant",
        ],
        "signing" => {
            &["Sign", "Verify", "GetPublicKey", "CreateGrant", "DescribeKey", "RetireGrant"]
        }
        "hmac" => &["GenerateMac", "VerifyMac", "CreateGrant", "DescribeKey", "RetireGrant"],
        _ => &[
            "Encrypt",
            "Decrypt",
            "GenerateDataKey",
            "GenerateDataKeyWithoutPlaintext",
            "GenerateDataKeyPair",
            "GenerateDataKeyPairWithoutPlaintext",
            "ReEncryptFrom",
            "ReEncryptTo",
            "CreateGrant",
            "DescribeKey",
            "RetireGrant",
        ],
    }
}

/// Whether grants on the key may ask for an encryption context.
pub(crate) fn takes_context(key: &str) -> bool {
    !["rsa", "signing", "hmac"].contains(&key)
}

/// Up to three grants on the key.
pub(crate) fn grants(random: &mut Random, key: &str) -> Value {
    let count = random.below(5);
    if random.chance(5) {
        let operations = random.some(operations(key), 1, 6);
        let printed = |index| format!("grant-{key}-{index}");
        let all = (0..count).map(|index| as_listed(random, key, &printed(index), &operations));
        return json!({"Grants": all.collect::<Vec<_>>()});
    }
    json!((0..count).map(|index| grant(random, key, index)).collect::<Vec<_>>())
}

fn grant(random: &mut Random, key: &str, index: usize) -> Value {
    let known = operations(key);
    let least = if random.chance(50) { known.len() } else { 1 };
    let operations = random.some(known, least, known.len());
    let id = format!("grant-{key}-{index}");
    if random.chance(10) {
        return as_listed(random, key, &id, &operations);
    }
    let service = random.chance(15);
    let grantee = if service { random.text(&SERVICES) } else { random.text(&GRANTEES) };
    let operations: Vec<String> = if random.chance(10) {
        operations.iter().map(|operation| format!("kms:{operation}")).collect()
    } else {
        operations
    };
    let mut grant = json!({"id": id, "grantee": grantee, "operations": operations});
    if service || random.chance(50) {
        let service = random.chance(25);
        let retiring = if service { random.text(&SERVICES) } else { random.text(&GRANTEES) };
        grant["retiring_principal"] = json!(retiring);
    }
    if random.chance(10) {
        grant["issuing_account"] = json!(random.text(&[HOME, PARTNER]));
    }
    if random.chance(15) {
        grant["fresh"] = json!(true);
    }
    if grant["fresh"] == true || random.chance(10) {
        grant["token"] = json!(format!("token-{key}-{index}"));
    }
    let constraints = constraints(random, key, service);
    if constraints != json!({}) {
        grant["constraints"] = constraints;
    }
    grant
}

fn constraints(random: &mut Random, key: &str, service: bool) -> Value {
    let mut constraints = json!({});
    if takes_context(key) && random.chance(35) {
        let form = random.text(&["encryption_context_equals", "encryption_context_subset"]);
        constraints[form] = context(random);
    }
    if service || random.chance(5) {
        constraints["source_arn"] = json!("arn:aws:sns:us-east-1:111122223333:topic");
    }
    constraints
}

/// As `aws kms list-grants` prints it.
fn as_listed(random: &mut Random, key: &str, id: &str, operations: &[String]) -> Value {
    let mut grant = json!({
        "GrantId": id,
        "GranteePrincipal": random.text(&[
            "arn:aws:iam::111122223333:role/Worker", "arn:aws:iam::444455556666:role/Partner",
        ]),
        "RetiringPrincipal": "arn:aws:iam::111122223333:user/alice",
        "IssuingAccount": "arn:aws:iam::111122223333:root",
        "Operations": operations,
    });
    if takes_context(key) && random.chance(50) {
        grant["Constraints"] = json!({"EncryptionContextSubset": context(random)});
    }
    grant
}

/// A small encryption context that is not empty.
pub(crate) fn context(random: &mut Random) -> Value {
    match random.below(4) {
        0 => json!({"app": "web"}),
        1 => json!({"app": "web", "Stage": "prod"}),
        2 => json!({"Stage": random.text(&["prod", "test"])}),
        _ => json!({"app": random.text(&["web", "Web"])}),
    }
}
