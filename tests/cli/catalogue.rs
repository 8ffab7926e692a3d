//! `kms-sim catalogue`: every list, in both formats, and what narrows it down.

use serde_json::{Value, json};

use crate::support::{Folder, Run};

const KINDS: [&str; 6] = [
    "actions",
    "condition-keys",
    "operations",
    "services",
    "service-operations",
    "grant-operations",
];

fn catalogue(arguments: &str) -> Run {
    Folder::new().run(&format!("catalogue {arguments}"))
}

fn rows(arguments: &str) -> Vec<Value> {
    let run = catalogue(&format!("{arguments} --format json")).exits(0);
    run.json().as_array().unwrap().clone()
}

fn names(arguments: &str) -> Vec<String> {
    let name = |row: Value| {
        let name = row.get("name").filter(|_| row.get("prefix").is_none());
        name.or(row.get("prefix")).unwrap().as_str().unwrap().to_owned()
    };
    rows(arguments).into_iter().map(name).collect()
}

#[test]
fn the_counts_are_those_of_kms() {
    assert_eq!(rows("actions").len(), 58);
    assert_eq!(rows("grant-operations").len(), 19);
    let least =
        [("condition-keys", 60), ("operations", 50), ("services", 90), ("service-operations", 70)];
    for (kind, count) in least {
        assert!(rows(kind).len() >= count, "{kind}: {}", rows(kind).len());
    }
}

#[test]
fn text_has_a_paragraph_for_each_row_of_the_json() {
    for kind in KINDS {
        let run = catalogue(kind).exits(0);
        let heads: Vec<&str> = run.stdout.lines().filter(|line| !line.starts_with(' ')).collect();
        assert_eq!(heads, names(kind), "{kind}");
        assert!(run.stdout.lines().all(|line| !line.trim().is_empty()), "{kind}");
        assert_eq!(run.stderr, "", "{kind}");
    }
}

#[test]
fn names_are_each_there_once() {
    for kind in KINDS {
        let mut all = names(kind);
        let count = all.len();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), count, "{kind}");
    }
}

#[test]
fn the_grant_operations_are_those_that_aws_lists() {
    let expected = [
        "kms:CreateGrant",
        "kms:Decapsulate",
        "kms:Decrypt",
        "kms:DeriveSharedSecret",
        "kms:DescribeKey",
        "kms:Encapsulate",
        "kms:Encrypt",
        "kms:GenerateDataKey",
        "kms:GenerateDataKeyPair",
        "kms:GenerateDataKeyPairWithoutPlaintext",
        "kms:GenerateDataKeyWithoutPlaintext",
        "kms:GenerateMac",
        "kms:GetPublicKey",
        "kms:ReEncryptFrom",
        "kms:ReEncryptTo",
        "kms:RetireGrant",
        "kms:Sign",
        "kms:Verify",
        "kms:VerifyMac",
    ];
    let mut found = names("grant-operations");
    found.sort();
    assert_eq!(found, expected);
}

#[test]
fn every_grant_operation_is_taken_in_a_grant() {
    let folder = Folder::new();
    let spec = |action: &str| match action {
        "Sign" | "Verify" => "spec: RSA_2048, usage: SIGN_VERIFY",
        "GenerateMac" | "VerifyMac" => "spec: HMAC_256, usage: GENERATE_VERIFY_MAC",
        "DeriveSharedSecret" => "spec: ECC_NIST_P256, usage: KEY_AGREEMENT",
        "GetPublicKey" => "spec: RSA_2048, usage: ENCRYPT_DECRYPT",
        _ => "spec: SYMMETRIC_DEFAULT",
    };
    for name in names("grant-operations") {
        let operation = name.strip_prefix("kms:").unwrap();
        // Their keys are of a type of their own.
        if operation.ends_with("capsulate") {
            continue;
        }
        let environment = format!(
            "account: '123456789012'\nkeys: {{app: {{{}, grants: [{{grantee: user/zoe, operations: [{operation}]}}]}}}}\n",
            spec(operation)
        );
        folder.write("e.yaml", environment);
        folder.run("--env e.yaml --principal root --action describekey --quiet").exits(0);
    }
}

#[test]
fn a_text_is_found_anywhere_and_a_pattern_fits_the_whole_name() {
    assert_eq!(names("actions decrypt"), ["kms:Decrypt"]);
    assert_eq!(names("actions DECRYPT"), ["kms:Decrypt"]);
    assert_eq!(names("actions kms:Disable*"), ["kms:DisableKey", "kms:DisableKeyRotation"]);
    assert_eq!(names("actions *Alias"), ["kms:CreateAlias", "kms:DeleteAlias", "kms:UpdateAlias"]);
    assert_eq!(names("actions Disable*"), Vec::<String>::new());
    assert_eq!(names("actions kms:?ecrypt"), ["kms:Decrypt"]);
    assert!(names("condition-keys kms:*").iter().all(|name| name.starts_with("kms:")));
    assert!(names("service-operations s3:*").iter().all(|name| name.starts_with("s3:")));
    assert_eq!(names("operations ReEncrypt"), ["ReEncrypt"]);
    assert!(names("services s3").contains(&"s3".to_owned()));
}

#[test]
fn a_list_that_is_empty_is_a_result_and_a_note() {
    let run = catalogue("actions frobnicate").exits(0).tells(&["`frobnicate`"]);
    assert_eq!(run.stdout, "");
    let run = catalogue("actions frobnicate --format json").exits(0);
    assert_eq!(run.json(), json!([]));
}

#[test]
fn an_action_narrows_each_list_to_what_concerns_it() {
    assert_eq!(names("actions --action decrypt"), ["kms:Decrypt"]);
    assert_eq!(names("grant-operations --action decrypt"), ["kms:Decrypt"]);
    assert_eq!(names("grant-operations --action putkeypolicy"), Vec::<String>::new());
    assert_eq!(names("operations --action kms:ReEncryptTo"), ["ReEncrypt"]);
    assert_eq!(names("operations --action kms:CreateKey"), ["CreateKey", "ReplicateKey"]);
    let keys = names("condition-keys --action kms:PutKeyPolicy");
    for key in ["kms:BypassPolicyLockoutSafetyCheck", "kms:ViaService", "aws:SourceIp"] {
        assert!(keys.iter().any(|name| name == key), "{key}");
    }
    for key in ["kms:EncryptionContextKeys", "kms:GrantOperations", "kms:MacAlgorithm"] {
        assert!(keys.iter().all(|name| name != key), "{key}");
    }
    for row in rows("service-operations --action kms:Decrypt") {
        let calls = row["calls"].as_array().unwrap();
        assert!(calls.iter().any(|call| call["action"] == "kms:Decrypt"), "{row}");
    }
    let decrypting = rows("service-operations --action kms:Decrypt").len();
    let all = rows("service-operations");
    let calls_decrypt = |row: &&Value| row["calls"].to_string().contains("\"kms:Decrypt\"");
    assert_eq!(decrypting, all.iter().filter(calls_decrypt).count());
}

#[test]
fn an_action_that_does_not_exist_is_refused_with_the_nearest() {
    for kind in KINDS {
        catalogue(&format!("{kind} --action decript")).refuses(&[
            "--action",
            "`decript`",
            "did you mean `kms:Decrypt`",
        ]);
    }
    catalogue("actions --action ReEncrypt").refuses(&["kms:ReEncryptFrom", "kms:ReEncryptTo"]);
}

#[test]
fn a_kind_that_does_not_exist_is_refused_with_those_that_do() {
    catalogue("action").refuses(&KINDS);
    catalogue("").refuses(&["KIND"]);
}

#[test]
fn an_action_has_what_policies_need_to_know_of_it() {
    let row = |name: &str| rows(&format!("actions {name}")).first().unwrap().clone();
    let decrypt = row("kms:Decrypt");
    for (field, expected) in [
        ("name", json!("kms:Decrypt")),
        ("access_level", json!("Write")),
        ("key_policy", json!(true)),
        ("cross_account", json!(true)),
        ("grant_operation", json!(true)),
        ("cryptographic", json!(true)),
        ("key_usage", json!("ENCRYPT_DECRYPT")),
    ] {
        assert_eq!(decrypt[field], expected, "{field}");
    }
    assert_eq!(row("kms:CreateKey")["key_policy"], false);
    assert_eq!(row("kms:PutKeyPolicy")["cross_account"], false);
    let across = rows("actions --cross-account");
    assert!(!across.is_empty() && across.iter().all(|row| row["cross_account"] == true));
}

#[test]
fn an_operation_lists_its_permissions_and_parameters() {
    let re_encrypt = &rows("operations ReEncrypt")[0];
    let permissions = re_encrypt["permissions"].as_array().unwrap();
    let actions: Vec<&str> = permissions.iter().map(|it| it["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["kms:ReEncryptFrom", "kms:ReEncryptTo"]);
    let parameters = re_encrypt["parameters"].as_array().unwrap();
    assert!(parameters.contains(&json!("DestinationKeyId")), "{parameters:?}");
}

#[test]
fn the_operations_of_a_service_are_rows_of_the_table() {
    let operations = names("service-operations");
    for row in rows("services") {
        let prefix = row["prefix"].as_str().unwrap();
        let own = operations.iter().filter_map(|name| name.strip_prefix(prefix)?.strip_prefix(':'));
        assert_eq!(row["operations"], json!(own.collect::<Vec<_>>()), "{prefix}");
    }
}

#[test]
fn two_runs_give_the_same_bytes_and_no_colour_where_none_is_wanted() {
    for kind in KINDS {
        let run = catalogue(&format!("{kind} --color never"));
        assert_eq!(run.stdout, catalogue(kind).stdout, "{kind}");
        assert!(!run.stdout.contains('\u{1b}'), "{kind}");
    }
}
