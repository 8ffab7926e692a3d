//! Random parameters of the API calls.

use serde_json::{Map, Value, json};

use super::grants;
use super::names::KEYS;
use super::random::Random;

const PRINCIPALS: [&str; 4] = [
    "arn:aws:iam::111122223333:role/Worker",
    "arn:aws:iam::111122223333:user/alice",
    "arn:aws:iam::444455556666:role/Partner",
    "arn:aws:iam::111122223333:root",
];

/// Whether calls of the action may carry an encryption context.
pub(crate) fn takes_context(action: &str) -> bool {
    let name = action.trim_start_matches("kms:");
    ["Encrypt", "Decrypt", "ReEncrypt", "ReEncryptFrom", "ReEncryptTo"].contains(&name)
        || name.starts_with("GenerateDataKey")
}

/// Adds parameters, tokens and the second key that the case's action may have.
pub(crate) fn add(random: &mut Random, case: &mut Value, row: &Value, key: &str) {
    let action = case["action"].as_str().unwrap().to_owned();
    let mut parameters = Map::new();
    for (name, value) in plausible(random, &action, key) {
        if random.chance(70) {
            parameters.insert(name.to_owned(), value);
        }
    }
    if action == "kms:RetireGrant" {
        parameters = one_grant(random, row);
    }
    if action == "kms:UpdateAlias" && random.chance(60) {
        case["destination_key"] = json!(random.text(&KEYS));
    }
    if random.chance(10) || action == "kms:RetireGrant" {
        let tokens: Vec<String> = (0..5).map(|index| format!("token-{key}-{index}")).collect();
        case["grant_tokens"] = json!(tokens);
    }
    if !parameters.is_empty() {
        case["parameters"] = Value::Object(parameters);
    }
}

fn plausible(random: &mut Random, action: &str, key: &str) -> Vec<(&'static str, Value)> {
    let mut text = |items: &[&str]| json!(random.text(items));
    match action.trim_start_matches("kms:") {
        "Encrypt" | "Decrypt" => vec![("EncryptionAlgorithm", algorithm(random, key))],
        "ReEncrypt" => re_encrypt(random),
        "GenerateDataKeyPair" | "GenerateDataKeyPairWithoutPlaintext" => {
            vec![("KeyPairSpec", text(&["RSA_2048", "ECC_NIST_P256"]))]
        }
        "Sign" | "Verify" => vec![
            ("SigningAlgorithm", text(&["ECDSA_SHA_256"])),
            ("MessageType", text(&["RAW", "DIGEST"])),
        ],
        "GenerateMac" | "VerifyMac" => vec![("MacAlgorithm", text(&["HMAC_SHA_256"]))],
        "GetKeyPolicy" => vec![("PolicyName", text(&["default"]))],
        "PutKeyPolicy" => vec![("BypassPolicyLockoutSafetyCheck", json!(random.chance(50)))],
        "ScheduleKeyDeletion" => vec![("PendingWindowInDays", json!(7 + random.below(24)))],
        "EnableKeyRotation" => vec![("RotationPeriodInDays", json!(90 + random.below(2) * 275))],
        "ImportKeyMaterial" => vec![
            ("ExpirationModel", text(&["KEY_MATERIAL_EXPIRES"])),
            ("ValidTo", text(&["2027-01-01T00:00:00Z", "1796083200"])),
        ],
        "GetParametersForImport" => vec![
            ("WrappingAlgorithm", text(&["RSAES_OAEP_SHA_256"])),
            ("WrappingKeySpec", text(&["RSA_2048"])),
        ],
        "UpdatePrimaryRegion" => vec![("PrimaryRegion", text(&["eu-west-1", "us-west-2"]))],
        "TagResource" => vec![("Tags", tags(random))],
        "UntagResource" => vec![("TagKeys", json!(random.some(&["team", "cost"], 1, 2)))],
        "CreateAlias" | "DeleteAlias" | "UpdateAlias" => {
            vec![("AliasName", text(&["alias/app", "alias/new", "alias/alice"]))]
        }
        "CreateKey" => new_key(random),
        "ReplicateKey" => {
            vec![("ReplicaRegion", text(&["ap-south-1", "us-west-2"])), ("Tags", tags(random))]
        }
        "CreateGrant" => new_grant(random, key),
        _ => Vec::new(),
    }
}

/// Which of the key's grants is to be retired, if that is said.
fn one_grant(random: &mut Random, row: &Value) -> Map<String, Value> {
    let mut parameters = Map::new();
    let printed = row["grants"]["Grants"].as_array();
    let Some(grants) = printed.or(row["grants"].as_array()).filter(|grants| !grants.is_empty())
    else {
        return parameters;
    };
    let grant = random.pick(grants);
    let (id, token) = (grant.get("id").or(grant.get("GrantId")), grant.get("token"));
    match (random.below(3), id, token) {
        (0, Some(id), _) => drop(parameters.insert("GrantId".to_owned(), id.clone())),
        (1, _, Some(token)) => drop(parameters.insert("GrantToken".to_owned(), token.clone())),
        _ => {}
    }
    parameters
}

fn algorithm(random: &mut Random, key: &str) -> Value {
    let rsa = ["RSAES_OAEP_SHA_256", "RSAES_OAEP_SHA_1"];
    json!(if key == "rsa" { random.text(&rsa) } else { "SYMMETRIC_DEFAULT".to_owned() })
}

fn re_encrypt(random: &mut Random) -> Vec<(&'static str, Value)> {
    let algorithms = ["SYMMETRIC_DEFAULT", "RSAES_OAEP_SHA_256"];
    vec![
        ("SourceEncryptionAlgorithm", json!(random.text(&algorithms))),
        ("DestinationEncryptionAlgorithm", json!(random.text(&algorithms))),
        ("DestinationEncryptionContext", grants::context(random)),
    ]
}

fn tags(random: &mut Random) -> Value {
    let mut tags = vec![json!({"TagKey": "team", "TagValue": random.text(&["web", "ops"])})];
    if random.chance(40) {
        tags.push(json!({"TagKey": "cost", "TagValue": "1"}));
    }
    json!(tags)
}

fn new_key(random: &mut Random) -> Vec<(&'static str, Value)> {
    vec![
        ("KeySpec", json!(random.text(&["SYMMETRIC_DEFAULT", "RSA_2048"]))),
        ("KeyUsage", json!("ENCRYPT_DECRYPT")),
        ("Origin", json!(random.text(&["AWS_KMS", "EXTERNAL"]))),
        ("MultiRegion", json!(random.chance(60))),
        ("Tags", tags(random)),
        ("BypassPolicyLockoutSafetyCheck", json!(random.chance(50))),
    ]
}

fn new_grant(random: &mut Random, key: &str) -> Vec<(&'static str, Value)> {
    let known = grants::operations(key);
    let mut constraints = json!({});
    if grants::takes_context(key) && random.chance(60) {
        let form = random.text(&["EncryptionContextEquals", "EncryptionContextSubset"]);
        constraints[form] = grants::context(random);
    }
    if random.chance(20) {
        constraints["SourceArn"] = json!("arn:aws:sns:us-east-1:111122223333:topic");
    }
    let grantee = if random.chance(80) {
        ("GranteePrincipal", json!(random.text(&PRINCIPALS)))
    } else {
        ("GranteeServicePrincipal", json!("sns.amazonaws.com"))
    };
    let retiring = if random.chance(70) {
        ("RetiringPrincipal", json!(random.text(&PRINCIPALS)))
    } else {
        ("RetiringServicePrincipal", json!("sns.amazonaws.com"))
    };
    let operations = random.some(known, 1, 3);
    vec![("Operations", json!(operations)), grantee, retiring, ("Constraints", constraints)]
}
