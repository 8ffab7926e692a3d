//! Operations that need several permissions, the parameters that say which, and the state of
//! the key: as programs read the answer.

use serde_json::{Value, json};

use crate::support::{DELEGATING, Folder, IDENTITY, Run};

const ENVIRONMENT: &str = "
account: '123456789012'
principals:
  role/Web: {identity_policies: [identity.json]}
  role/Silent: {}
keys:
  app: {id: app-0000, policy: key.json}
  other: {id: other-0000, policy: key.json}
  silent: {id: silent-0000, policy: silent.json}
  denying: {id: denying-0000, policy: denying.json}
  unknown: {id: unknown-0000, policy: {unknown: owned by another team}}
  disabled: {id: disabled-0000, policy: key.json, state: Disabled}
  mac: {id: mac-0000, policy: key.json, spec: HMAC_256, usage: GENERATE_VERIFY_MAC}
";

const DENYING: &str = r#"{"Version": "2012-10-17", "Statement": [
  {"Sid": "NoReEncrypt", "Effect": "Deny", "Principal": "*", "Action": "kms:ReEncrypt*", "Resource": "*"}
]}"#;

/// For somebody else alone.
const SILENT: &str = r#"{"Version": "2012-10-17", "Statement": [
  {"Sid": "Else", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:role/Else"}, "Action": "kms:*", "Resource": "*"}
]}"#;

fn ask(arguments: &str) -> Run {
    Folder::new()
        .with("key.json", DELEGATING)
        .with("identity.json", IDENTITY)
        .with("denying.json", DENYING)
        .with("silent.json", SILENT)
        .with("e.yaml", ENVIRONMENT)
        .run(&format!("--env e.yaml --format json {arguments}"))
}

fn arn(key: &str) -> String {
    format!("arn:aws:kms:us-east-1:123456789012:key/{key}-0000")
}

/// Action, resource and decision of each permission.
fn permissions(answer: &Value) -> Vec<[String; 3]> {
    let rows = answer["permissions"].as_array().unwrap();
    let text = |row: &Value, name: &str| row[name].as_str().unwrap().to_owned();
    rows.iter().map(|row| ["action", "resource", "decision"].map(|name| text(row, name))).collect()
}

const RE_ENCRYPT: &str = "--principal role/Web --action kms:ReEncrypt";

#[test]
fn re_encrypt_asks_both_keys_and_each_permission_is_a_row() {
    let answer = ask(&format!("{RE_ENCRYPT} --key app --destination-key other")).exits(0).json();
    let principal = "arn:aws:sts::123456789012:assumed-role/Web/SESSION";
    for (row, action, key) in [(0, "kms:ReEncryptFrom", "app"), (1, "kms:ReEncryptTo", "other")] {
        let row = &answer["permissions"][row];
        let mut fields: Vec<&String> = row.as_object().unwrap().keys().collect();
        fields.sort();
        let expected =
            ["action", "allowed_by", "decision", "denied_by", "principal", "reason", "resource"];
        assert_eq!(fields, expected);
        assert_eq!(row["principal"], principal);
        assert_eq!(row["action"], action);
        assert_eq!(row["resource"], arn(key));
        assert_eq!(row["decision"], "allowed");
        assert_eq!(row["denied_by"], json!([]));
        assert_eq!(row["allowed_by"], "identity-policy");
    }
    assert_eq!(answer["request"]["action"], "kms:ReEncrypt");
    assert_eq!(answer["allowed_by"], "identity-policy");
}

#[test]
fn the_whole_is_the_worst_of_its_permissions() {
    let key = json!(["key-policy"]);
    let none = json!([]);
    let table = [
        ("app", "other", "allowed", &none, 0),
        ("app", "app", "allowed", &none, 0),
        ("app", "silent", "implicitDeny", &key, 1),
        ("silent", "app", "implicitDeny", &key, 1),
        ("silent", "denying", "explicitDeny", &key, 1),
        ("denying", "silent", "explicitDeny", &key, 1),
        ("app", "unknown", "undetermined", &none, 3),
        ("unknown", "silent", "implicitDeny", &key, 1),
        ("unknown", "denying", "explicitDeny", &key, 1),
    ];
    for (from, to, decision, denied_by, status) in table {
        let run = ask(&format!("{RE_ENCRYPT} --key {from} --destination-key {to}"));
        let answer = run.exits(status).json();
        assert_eq!(answer["decision"], decision, "{from} to {to}");
        assert_eq!(answer["denied_by"], *denied_by, "{from} to {to}");
        assert_eq!(permissions(&answer).len(), 2, "{from} to {to}");
    }
}

#[test]
fn the_error_is_that_of_the_permission_that_decides() {
    let answer = ask(&format!("{RE_ENCRYPT} --key app --destination-key silent")).exits(1).json();
    let error = answer["error"].as_str().unwrap();
    assert!(error.contains(&format!("kms:ReEncryptTo on resource: {}", arn("silent"))), "{error}");
    assert_eq!(answer["request"]["resource"], arn("silent"));
}

#[test]
fn re_encrypt_without_a_destination_is_refused() {
    for action in ["kms:ReEncrypt", "ReEncrypt", "reencrypt"] {
        ask(&format!("--principal role/Web --action {action} --key app")).refuses(&[
            "--destination-key",
            "expected a destination key",
            "kms:ReEncryptTo",
        ]);
    }
    ask(&format!("{RE_ENCRYPT} --key app --destination-key gone")).refuses(&[
        "--destination-key",
        "`gone`",
        "`app`",
    ]);
}

#[test]
fn one_permission_is_no_list_of_permissions() {
    let answer = ask("--principal role/Web --action decrypt --key app").exits(0).json();
    assert_eq!(answer["permissions"], json!([]));
}

#[test]
fn several_actions_stay_a_list_of_answers() {
    let answers = ask(&format!("{RE_ENCRYPT} --action decrypt --key app --destination-key other"));
    let answers = answers.exits(0).json();
    assert_eq!(answers[0]["request"]["action"], "kms:ReEncrypt");
    assert_eq!(answers[1]["request"]["action"], "kms:Decrypt");
    assert_eq!(answers[1]["permissions"], json!([]));
}

#[test]
fn an_alias_is_asked_too_where_it_is_named() {
    let alias = "arn:aws:kms:us-east-1:123456789012:alias/new".to_owned();
    let allowed = "allowed".to_owned();
    let name = "--principal role/Web --parameter AliasName=alias/new --key app";
    let answer = ask(&format!("{name} --action createalias")).exits(0).json();
    let action = "kms:CreateAlias".to_owned();
    let expected = vec![
        [action.clone(), alias.clone(), allowed.clone()],
        [action, arn("app"), allowed.clone()],
    ];
    assert_eq!(permissions(&answer), expected);
    let answer = ask(&format!("{name} --action updatealias --destination-key other")).exits(0);
    let action = "kms:UpdateAlias".to_owned();
    let expected = vec![
        [action.clone(), alias, allowed.clone()],
        [action.clone(), arn("app"), allowed.clone()],
        [action, arn("other"), allowed],
    ];
    assert_eq!(permissions(&answer.json()), expected);
}

#[test]
fn what_is_not_said_is_not_asked_and_that_is_a_warning() {
    let table = [
        ("createalias --key app", "AliasName"),
        ("updatealias --key app", "TargetKeyId"),
        ("createkey", "kms:TagResource"),
        ("createkey", "iam:CreateServiceLinkedRole"),
        ("replicatekey --key app", "kms:CreateKey"),
    ];
    for (action, part) in table {
        let run = ask(&format!("--principal role/Web --action {action}"));
        let warnings = run.exits(0).warnings().join("\n");
        assert!(warnings.contains(part) && warnings.contains("not asked"), "{action}: {warnings}");
    }
}

#[test]
fn a_parameter_that_is_not_sent_needs_no_permission_and_no_warning() {
    let run =
        ask("--principal role/Web --action createkey --parameter Tags= --parameter MultiRegion=");
    let run = run.exits(0);
    assert_eq!(run.json()["permissions"], json!([]));
    assert_eq!(run.warnings(), Vec::<String>::new());
}

#[test]
fn a_parameter_feeds_the_condition_key() {
    let table = [
        (
            "schedulekeydeletion --key app",
            "PendingWindowInDays=7",
            "kms:ScheduleKeyDeletionPendingWindowInDays",
            json!(["7"]),
        ),
        ("createkey", "KeySpec=RSA_2048", "kms:KeySpec", json!(["RSA_2048"])),
        (
            "putkeypolicy --key app",
            "BypassPolicyLockoutSafetyCheck=true",
            "kms:BypassPolicyLockoutSafetyCheck",
            json!(["true"]),
        ),
        ("creategrant --key app", "Operations=Decrypt", "kms:GrantOperations", json!(["Decrypt"])),
        (
            "tagresource --key app",
            "Tags=[{\"TagKey\":\"team\",\"TagValue\":\"web\"}]",
            "aws:TagKeys",
            json!(["team"]),
        ),
        ("untagresource --key app", "TagKeys=team", "aws:TagKeys", json!(["team"])),
    ];
    for (action, parameter, key, expected) in table {
        let run = ask(&format!("--principal role/Web --action {action} --parameter {parameter}"));
        assert_eq!(run.exits(0).json()["request"]["context"][key], expected, "{parameter}");
    }
    let run = ask(
        "--principal role/Web --key app --action creategrant --parameter Operations=Decrypt --parameter Operations=Encrypt",
    );
    let context = run.exits(0).json()["request"]["context"].clone();
    assert_eq!(context["kms:GrantOperations"], json!(["Decrypt", "Encrypt"]));
}

#[test]
fn a_parameter_that_does_not_exist_is_refused_with_the_nearest() {
    let table = [
        ("KeySpc=RSA_2048", "did you mean `KeySpec`?"),
        ("keyspec=RSA_2048", "did you mean `KeySpec`?"),
        ("PendingWindow=7", "`PendingWindow`"),
        ("Frobnicate=7", "`Frobnicate`"),
    ];
    for (parameter, part) in table {
        ask(&format!("--principal role/Web --action createkey --parameter {parameter}"))
            .refuses(&["--parameter", "expected a parameter of the KMS API", part]);
    }
}

#[test]
fn a_parameter_without_a_name_or_a_value_is_refused() {
    for parameter in ["KeySpec", "=RSA_2048", "", "="] {
        let run = Folder::new().run_each([
            "--principal",
            "root",
            "--action",
            "createkey",
            "--parameter",
            parameter,
        ]);
        run.refuses(&["--parameter", "="]);
    }
}

#[test]
fn a_parameter_of_the_wrong_shape_is_refused() {
    let table = [
        ("createkey", "Tags={", "expected JSON"),
        ("createkey", "Tags=[1]", "TagKey"),
        ("tagresource --key app", "Tags={\"team\":\"web\"}", "TagKey"),
        ("creategrant --key app", "Operations=Frobnicate", "`Frobnicate`"),
        ("creategrant --key app", "Constraints=x", "EncryptionContextEquals"),
        ("schedulekeydeletion --key app", "PendingWindowInDays=[1,2]", "`PendingWindowInDays`"),
        ("createalias --key app", "AliasName=new", "`alias/app`"),
        ("decrypt --key app", "GrantTokens={\"a\":1}", "`GrantTokens`"),
    ];
    for (action, parameter, part) in table {
        ask(&format!("--principal role/Web --action {action} --parameter {parameter}"))
            .refuses(&["--parameter", part]);
    }
}

#[test]
fn a_parameter_of_another_operation_is_a_warning() {
    let run =
        ask("--principal role/Web --action decrypt --key app --parameter PendingWindowInDays=7");
    let warnings = run.exits(0).warnings();
    assert!(warnings.iter().any(|it| it.contains("`PendingWindowInDays`")), "{warnings:?}");
}

#[test]
fn the_state_of_the_key_is_told_and_changes_no_decision() {
    let state = |arguments: &str| {
        ask(&format!("--principal role/Web {arguments}")).exits(0).json()["key_state"].clone()
    };
    assert_eq!(state("--action decrypt --key app"), Value::Null);
    let disabled = state("--action decrypt --key disabled");
    assert_eq!(disabled["state"], "Disabled");
    assert_eq!(disabled["usage"], "ENCRYPT_DECRYPT");
    let error = disabled["error"].as_str().unwrap();
    assert_eq!(error, format!("DisabledException: {} is disabled.", arn("disabled")));
    let describe = state("--action describekey --key disabled");
    assert_eq!((&describe["state"], &describe["error"]), (&json!("Disabled"), &Value::Null));
    let mac = state("--action decrypt --key mac");
    assert_eq!((&mac["state"], &mac["usage"]), (&json!("Enabled"), &json!("GENERATE_VERIFY_MAC")));
    assert!(mac["error"].as_str().unwrap().starts_with("InvalidKeyUsageException: "), "{mac}");
    assert_eq!(state("--action generatemac --key mac"), Value::Null);
    assert_eq!(state("--action createkey"), Value::Null);
    let denied = ask("--principal role/Silent --action decrypt --key disabled").exits(1).json();
    assert_eq!(denied["key_state"]["state"], "Disabled");
}
