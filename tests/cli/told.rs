//! What is given counts or is told not to, and what is told is so.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::{DELEGATING, Folder, IDENTITY, NAMING};

const ENCRYPT: &str = r#"{"Version": "2012-10-17", "Statement": [
  {"Sid": "OnlyEncrypt", "Effect": "Allow", "Action": "kms:Encrypt", "Resource": "*"}
]}"#;

const DENY: &str = r#"{"Version": "2012-10-17", "Statement": [
  {"Sid": "NoDecrypt", "Effect": "Deny", "Action": "kms:Decrypt", "Resource": "*"}
]}"#;

const RESOURCE_DENY: &str = r#"{"Version": "2012-10-17", "Statement": [
  {"Sid": "NoDecrypt", "Effect": "Deny", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*"}
]}"#;

const VIA_S3: &str = r#"{"Version": "2012-10-17", "Statement": [
  {"Sid": "ViaS3", "Effect": "Allow", "Action": "kms:*", "Resource": "*",
   "Condition": {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}}
]}"#;

fn folder() -> Folder {
    Folder::new()
        .with("key.json", DELEGATING)
        .with("naming.json", NAMING)
        .with("id.json", IDENTITY)
        .with("encrypt.json", ENCRYPT)
        .with("deny.json", DENY)
        .with("resource.json", RESOURCE_DENY)
        .with("via.json", VIA_S3)
        .with(
            "fresh.yaml",
            "{name: reports, grantee: role/Web, operations: [Decrypt], fresh: true, token: t1}",
        )
}

const ASK: &str = "--principal role/Web --action decrypt --key-policy key.json";

fn reason(arguments: &str) -> String {
    folder().run(&format!("{arguments} --format json")).json()["reason"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[test]
fn a_grant_is_no_near_miss_where_only_a_ceiling_denies() {
    for ceiling in [
        "--scp encrypt.json",
        "--permissions-boundary encrypt.json",
        "--session-policy encrypt.json",
    ] {
        let told = reason(&format!("{ASK} --identity-policy id.json --grant fresh.yaml {ceiling}"));
        assert!(!told.contains("would allow it"), "{ceiling}: {told}");
    }
}

#[test]
fn a_statement_of_one_level_is_no_near_miss_where_another_level_is_silent() {
    let told =
        reason(&format!("{ASK} --identity-policy id.json --scp via.json --scp encrypt.json"));
    assert!(!told.contains("would allow it, but"), "{told}");
}

#[test]
fn the_reason_speaks_of_every_side_that_denies() {
    for (ceiling, word) in
        [("--scp", "service control policy"), ("--permissions-boundary", "permissions boundary")]
    {
        let told = reason(&format!("{ASK} --identity-policy encrypt.json {ceiling} encrypt.json"));
        assert!(told.contains(word), "{told}");
    }
}

#[test]
fn a_ceiling_that_is_silent_names_its_file() {
    for ceiling in ["--scp", "--permissions-boundary", "--session-policy"] {
        let run = folder().run(&format!("{ASK} --identity-policy id.json {ceiling} encrypt.json"));
        run.exits(1).says(&["encrypt.json"]);
    }
}

const STATES: &str = "
account: '123456789012'
principals: {role/Web: {identity_policies: [id.json]}}
keys:
  app: {policy: key.json}
  off: {policy: key.json, state: Disabled}
  mac: {policy: key.json, spec: HMAC_256, usage: GENERATE_VERIFY_MAC}
";

#[test]
fn the_state_of_the_second_key_is_told_too() {
    let folder = folder().with("e.yaml", STATES);
    for key in ["off", "mac"] {
        let run = folder.run(&format!("--env e.yaml --principal role/Web --action ReEncrypt --key app --destination-key {key} --format json"));
        assert_ne!(run.json()["key_state"], Value::Null, "{key}");
    }
}

const TWO: &str = "
account: '123456789012'
principals:
  role/A: {identity_policies: [id.json]}
  role/B: {identity_policies: [id.json]}
  arn:aws:iam::111122223333:role/C: {identity_policies: [id.json]}
keys: {app: {policy: everyone.json}}
";

#[test]
fn options_of_a_matrix_hold_for_each_principal_or_are_refused() {
    let everyone = NAMING.replace(r#"{"AWS": "arn:aws:iam::123456789012:role/Web"}"#, "\"*\"");
    let folder = folder().with("e.yaml", TWO).with("everyone.json", everyone);
    let ask = "matrix --env e.yaml --action decrypt --format json --principal role/A";
    for options in [
        "--principal role/B --permissions-boundary deny.json",
        "--principal arn:aws:iam::111122223333:role/C --scp deny.json",
    ] {
        let run = folder.run(&format!("{ask} {options}"));
        if run.status() == Some(2) {
            continue;
        }
        for cell in run.json()["cells"].as_array().unwrap() {
            assert_eq!(cell["decision"], "explicitDeny", "{options}: {cell}");
        }
    }
}

#[test]
fn without_a_file_each_principal_of_a_matrix_may_be_named() {
    let run = folder().run("matrix --key-policy naming.json --action decrypt --principal role/Web --principal role/Other");
    run.exits(0);
}

#[test]
fn a_parameter_of_a_wrong_type_is_refused() {
    for (action, parameter) in [
        ("createkey", "MultiRegion=yes"),
        ("schedulekeydeletion", "PendingWindowInDays=soon"),
        ("putkeypolicy", "BypassPolicyLockoutSafetyCheck=maybe"),
        ("replicatekey", "ReplicaRegion=Frankfurt"),
        ("createkey", "KeySpec=FOO"),
        ("replicatekey", "Tags=[1]"),
    ] {
        let run = folder().run(&format!("--principal role/Web --action {action} --key-policy key.json --identity-policy id.json --parameter {parameter}"));
        run.refuses(&["--parameter", parameter.split('=').next().unwrap()]);
    }
}

#[test]
fn a_boolean_parameter_is_read_in_any_case_or_refused() {
    let narrow = IDENTITY.replace("kms:*", "kms:CreateKey");
    let folder = folder().with("create.json", narrow);
    let ask = "--principal role/Web --action createkey --key-policy key.json --identity-policy create.json --parameter Tags= --quiet";
    folder.run(&format!("{ask} --parameter MultiRegion=true")).exits(1);
    let run = folder.run(&format!("{ask} --parameter MultiRegion=True"));
    assert_ne!(run.status(), Some(0), "iam:CreateServiceLinkedRole was not asked: {}", run.stdout);
}

#[test]
fn a_key_id_in_the_parameters_is_not_ignored() {
    let run =
        folder().run(&format!("{ASK} --identity-policy id.json --parameter KeyId=alias/other"));
    assert!(run.status() == Some(2) || run.stdout.contains("KeyId"), "{}", run.stdout);
}

#[test]
fn the_sentence_has_the_resource_that_was_asked() {
    let told = reason(
        "--principal role/Web --action createalias --key-policy key.json --identity-policy encrypt.json --parameter AliasName=alias/x",
    );
    assert!(!told.contains("on `*`") && !told.contains("has no key"), "{told}");
    let told = reason(
        "--principal role/Web --action createkey --key-policy key.json --identity-policy id.json --parameter MultiRegion=true",
    );
    assert!(!told.contains("on `*`"), "{told}");
}

#[test]
fn a_denied_retire_grant_is_not_blamed_on_the_key_policy() {
    let told = reason("--principal role/Web --action retiregrant --key-policy naming.json");
    assert!(!told.contains("The key policy leaves"), "{told}");
}

#[test]
fn a_file_name_with_a_hash_is_told_whole() {
    let run = folder()
        .with("a#b.json", NAMING)
        .run("--principal role/Web --action decrypt --key-policy a#b.json");
    run.exits(0).says(&["a#b.json:2:3"]);
}

#[test]
fn the_policy_of_a_grant_is_the_name_of_its_file() {
    let run =
        folder().run(&format!("{ASK} --grant fresh.yaml --parameter GrantTokens=t1 --format json"));
    assert_eq!(run.json()["sides"][5]["statements"][0]["policy"], "fresh.yaml");
}

#[test]
fn an_organization_needs_no_id() {
    let environment = "account: '123456789012'\nkeys: {app: {}}\norganization: {accounts: {'123456789012': {service_control_policies: [[FullAWSAccess]]}}}\n";
    folder()
        .with("e.yaml", environment)
        .run("--env e.yaml --principal root --action decrypt")
        .exits(0);
}

#[test]
fn a_message_names_the_option_that_was_given() {
    for principal in ["root", "logs.amazonaws.com"] {
        let run = folder().run(&format!("--principal {principal} --action decrypt --key-policy key.json --permissions-boundary id.json"));
        assert!(!run.stderr.contains("identity"), "{}", run.stderr);
        run.refuses(&["--permissions-boundary"]);
    }
    let endpoint = RESOURCE_DENY;
    let run = folder()
        .with("ep.json", endpoint)
        .run(&format!("{ASK} --via s3 --vpc-endpoint-policy ep.json"));
    assert!(run.stderr.starts_with("error: --vpc-endpoint-policy:"), "{}", run.stderr);
}

#[test]
fn what_the_answer_rests_on_is_in_its_warnings() {
    let run =
        folder().run(&format!("{ASK} --identity-policy id.json --scp deny.json --format json"));
    assert!(run.warnings().iter().any(|it| it.contains("FullAWSAccess")), "{:?}", run.warnings());
    let list = json!({"Grants": [], "Truncated": true}).to_string();
    let run = folder().with("g.json", list).run(&format!("{ASK} --grant g.json --format json"));
    assert!(run.warnings().iter().any(|it| it.contains("truncated")), "{:?}", run.warnings());
}

#[test]
fn a_ceiling_that_does_not_apply_is_said_not_to() {
    let environment = "account: '123456789012'\nprincipals: {role/Web: {identity_policies: [id.json]}}\nkeys: {app: {policy: key.json}}\norganization: {id: o-a, management_account: '123456789012', accounts: {'123456789012': {}}}\n";
    let run = folder().with("e.yaml", environment).run(
        "--env e.yaml --principal role/Web --action decrypt --scp encrypt.json --rcp resource.json",
    );
    let told = format!("{}{}", run.stdout, run.stderr);
    assert!(told.contains("management"), "{told}");
}

#[test]
fn several_sides_are_spoken_of_in_the_plural() {
    let told = reason(&format!(
        "{ASK} --identity-policy id.json --scp encrypt.json --permissions-boundary encrypt.json"
    ));
    assert!(told.contains("do not allow"), "{told}");
    let told =
        reason(&format!("{ASK} --identity-policy id.json --scp deny.json --rcp resource.json"));
    assert!(told.contains("deny it"), "{told}");
}

#[test]
fn an_option_that_a_list_does_not_know_is_refused_or_heeded() {
    let folder = Folder::new();
    let all = folder.run("catalogue operations").stdout;
    let run = folder.run("catalogue operations --cross-account");
    assert!(run.status() == Some(2) || run.stdout != all, "--cross-account was ignored");
    let all = folder.run("catalogue services").stdout;
    let run = folder.run("catalogue services --action retiregrant");
    assert!(run.status() == Some(2) || run.stdout != all, "--action was ignored");
}

#[test]
fn a_matrix_without_a_key_has_no_empty_key() {
    let run = folder().run("matrix --key-policy key.json --action createkey --format json");
    assert_ne!(run.json()["key"], "");
}

#[test]
fn a_principal_stands_in_a_matrix_once() {
    let run = folder().run("matrix --key-policy key.json --principal root --principal root --action decrypt --format json");
    assert_eq!(run.json()["principals"], json!(["root"]));
}

fn grants(count: usize) -> String {
    let mut text = "[".to_owned();
    for number in 0..count {
        let comma = if number == 0 { "" } else { "," };
        write!(text, "{comma}{{\"grantee\":\"role/R{number}\",\"operations\":[\"Decrypt\"]}}")
            .unwrap();
    }
    text + "]"
}

fn time(folder: &Folder, arguments: &str) -> Duration {
    let start = Instant::now();
    folder.run(arguments);
    start.elapsed()
}

#[test]
fn time_grows_no_faster_than_the_grants() {
    let folder = Folder::new().with("small.json", grants(1_000)).with("large.json", grants(4_000));
    let ask = |file: &str| {
        format!("matrix --account 123456789012 --grant {file} --action decrypt --quiet")
    };
    let (small, large) = (time(&folder, &ask("small.json")), time(&folder, &ask("large.json")));
    assert!(large < small * 7, "{small:?} for 1,000, {large:?} for 4,000");
}

#[test]
fn explaining_takes_time_in_proportion() {
    let folder =
        Folder::new().with("small.json", grants(10_000)).with("large.json", grants(40_000));
    let ask = |file: &str| {
        format!(
            "--account 123456789012 --principal role/R1 --action decrypt --grant {file} --explain --format json"
        )
    };
    let (small, large) = (time(&folder, &ask("small.json")), time(&folder, &ask("large.json")));
    assert!(large < small * 7, "{small:?} for 10,000, {large:?} for 40,000");
}
