//! Operations of services and the calls of KMS they make: every row of the table is asked.

use serde_json::{Value, json};

use crate::support::{Folder, Run};

const ENVIRONMENT: &str = "
account: '123456789012'
principals: {role/X: {}}
keys: {app: {policy: key.json}}
";

fn key_policy(principal: &str) -> String {
    format!(
        r#"{{"Version": "2012-10-17", "Statement": [
  {{"Sid": "Only", "Effect": "Allow", "Principal": {principal}, "Action": "kms:*", "Resource": "*"}}
]}}"#
    )
}

/// No key policy decides on this one.
const RETIRE: &str = r#"{"Version": "2012-10-17", "Statement": [
  {"Effect": "Allow", "Action": "kms:RetireGrant", "Resource": "*"}
]}"#;

fn folder(principal: &str) -> Folder {
    Folder::new()
        .with("e.yaml", ENVIRONMENT)
        .with("key.json", key_policy(principal))
        .with("retire.json", RETIRE)
}

/// A copy needs a second key where it is encrypted again: the same one, here.
fn via(folder: &Folder, operation: &str, options: &str) -> Run {
    folder.run(&format!(
        "--env e.yaml --principal role/X --via {operation} --destination-key app --format json {options}"
    ))
}

/// The rows of the table, and a look that it is there.
fn rows() -> Vec<Value> {
    let rows = Folder::new().run("catalogue service-operations --format json").exits(0).json();
    let rows = rows.as_array().unwrap().clone();
    assert!(rows.len() >= 70, "{} rows", rows.len());
    rows
}

fn name(row: &Value) -> &str {
    row["name"].as_str().unwrap()
}

/// Who makes a call, as an answer prints it.
fn caller(call: &Value) -> String {
    match call["by"].as_str().unwrap() {
        "caller" | "role" => "arn:aws:sts::123456789012:assumed-role/X/SESSION".to_owned(),
        service => service.replace("{region}", "us-east-1"),
    }
}

#[test]
fn every_operation_is_allowed_where_the_key_policy_allows_everyone() {
    let folder = folder("\"*\"");
    for row in rows() {
        let name = name(&row);
        let answer = via(&folder, name, "--identity-policy retire.json").exits(0).json();
        assert_eq!(answer["request"]["action"], name);
        let calls = row["calls"].as_array().unwrap();
        assert!(!calls.is_empty(), "{name}");
        let expected: Vec<Value> =
            calls.iter().map(|call| json!([call["action"], caller(call)])).collect();
        let permissions = answer["permissions"].as_array().unwrap();
        let asked: Vec<Value> =
            permissions.iter().map(|it| json!([it["action"], it["principal"]])).collect();
        assert_eq!(asked, expected, "{name}");
    }
}

#[test]
fn every_operation_is_denied_where_the_key_policy_names_somebody_else() {
    let folder = folder(r#"{"AWS": "arn:aws:iam::123456789012:role/Unrelated"}"#);
    for row in rows() {
        let name = name(&row);
        let answer = via(&folder, name, "").exits(1).json();
        assert_eq!(answer["decision"], "implicitDeny", "{name}");
        for permission in answer["permissions"].as_array().unwrap() {
            assert_eq!(permission["decision"], "implicitDeny", "{name}: {permission}");
        }
    }
}

#[test]
fn a_call_that_a_service_makes_for_itself_is_allowed_to_the_service_alone() {
    let mut asked = 0;
    for row in rows() {
        let calls = row["calls"].as_array().unwrap();
        let services: Vec<String> =
            calls.iter().map(caller).filter(|by| !by.starts_with("arn:")).collect();
        let Some(service) = services.first().filter(|_| services.len() == calls.len()) else {
            continue;
        };
        asked += 1;
        let of_service = folder(&format!(r#"{{"Service": "{service}"}}"#));
        via(&of_service, name(&row), "").exits(0);
        let of_caller = folder(r#"{"AWS": "arn:aws:iam::123456789012:role/X"}"#);
        let answer = via(&of_caller, name(&row), "").exits(1).json();
        assert_eq!(answer["denied_by"], json!(["key-policy"]), "{}", name(&row));
    }
    assert!(asked >= 10, "{asked} rows");
}

#[test]
fn a_call_for_the_caller_names_the_service_in_the_condition_key() {
    let folder = folder("\"*\"");
    for row in rows() {
        let calls = row["calls"].as_array().unwrap();
        let name = name(&row);
        let first = calls[0]["by"].as_str().unwrap();
        let answer = via(&folder, name, "--identity-policy retire.json").json();
        let context = &answer["request"]["context"];
        let service = name.split(':').next().unwrap();
        let expected = match first {
            "caller" => json!([format!("{service}.us-east-1.amazonaws.com")]),
            _ => Value::Null,
        };
        assert_eq!(context["kms:ViaService"], expected, "{name}");
    }
}

#[test]
fn a_row_has_a_source_and_a_title() {
    for row in rows() {
        let name = name(&row);
        assert!(row["source"].as_str().unwrap().starts_with("https://"), "{name}");
        assert!(!row["title"].as_str().unwrap().is_empty(), "{name}");
        let is_plain =
            |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | ':');
        assert!(name.chars().all(is_plain), "{name}");
    }
}

#[test]
fn a_multipart_upload_needs_decrypt_too() {
    let folder = folder("\"*\"");
    for (operation, actions) in [
        ("s3:put-object", vec!["kms:GenerateDataKey"]),
        ("s3:multipart-upload", vec!["kms:GenerateDataKey", "kms:Decrypt"]),
        ("s3:get-object", vec!["kms:Decrypt"]),
        ("ssm:get-parameter", vec!["kms:Decrypt"]),
    ] {
        let answer = via(&folder, operation, "").exits(0).json();
        let rows = answer["permissions"].as_array().unwrap();
        let asked: Vec<&str> = rows.iter().map(|it| it["action"].as_str().unwrap()).collect();
        assert_eq!(asked, actions, "{operation}");
    }
}

#[test]
fn what_the_service_sends_is_filled_in_and_the_rest_left_open() {
    let policy = |value: &str| {
        key_policy("\"*\"").replace(
            "\"Resource\": \"*\"",
            &format!(
                r#""Resource": "*", "Condition": {{"StringLike": {{"kms:EncryptionContext:PARAMETER_ARN": "{value}"}}}}"#
            ),
        )
    };
    let mine = "arn:aws:ssm:us-east-1:123456789012:parameter/db";
    let folder = folder("\"*\"").with("key.json", policy(mine));
    let answer = via(&folder, "ssm:get-parameter", "").exits(3).json();
    assert_eq!(answer["decision"], "undetermined");
    assert_eq!(answer["depends_on"], json!(["kms:EncryptionContext:PARAMETER_ARN"]));
    let given = |value: &str| format!("--encryption-context PARAMETER_ARN={value}");
    via(&folder, "ssm:get-parameter", &given(mine)).exits(0);
    via(&folder, "ssm:get-parameter", &given("arn:aws:ssm:us-east-1:123456789012:parameter/x"))
        .exits(1);
}

#[test]
fn an_operation_that_is_not_there_is_refused_with_those_of_the_service() {
    let table: [(&str, &[&str]); 6] = [
        ("s3:get-objekt", &["`s3:get-objekt`", "s3:get-object"]),
        ("s3:nope", &["`s3:nope`", "s3:get-object", "s3:multipart-upload", "s3:put-object"]),
        ("s3:", &["`s3:`", "s3:get-object"]),
        ("nope:nope", &["`nope:nope`", "kms-sim catalogue service-operations"]),
        (":", &["`:`"]),
        ("S3:Get-Object", &["did you mean `s3:get-object`?"]),
    ];
    for (operation, parts) in table {
        via(&folder("\"*\""), operation, "").refuses(parts).tells(&["--via"]);
    }
}

#[test]
fn an_operation_says_itself_what_is_called() {
    via(&folder("\"*\""), "s3:get-object", "--action decrypt")
        .refuses(&["no `--action`", "`--via s3`"]);
    folder("\"*\"")
        .run("--env e.yaml --principal role/X --via s3")
        .refuses(&["expected `--action`"]);
    folder("\"*\"").run("--env e.yaml --principal role/X --via s3 --action decrypt").exits(0);
}
