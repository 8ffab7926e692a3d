//! `kms-sim init`: a first scenario from policies, which passes.

use std::fs;

use crate::support::{DELEGATING, Folder, IDENTITY};

const KEY_POLICY: &str = r#"{"Version": "2012-10-17", "Statement": [
  {"Sid": "Administration", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:role/ops/Admin"},
   "Action": ["kms:Put*", "kms:Disable*", "kms:ScheduleKeyDeletion", "kms:Describe*"], "Resource": "*"},
  {"Sid": "Use", "Effect": "Allow", "Principal": {"AWS": ["arn:aws:iam::123456789012:role/Web", "arn:aws:iam::999999999999:root"]},
   "Action": ["kms:Decrypt", "kms:GenerateDataKey"], "Resource": "*"},
  {"Sid": "ThroughS3", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:user/uploader"},
   "Action": "kms:GenerateDataKey", "Resource": "*", "Condition": {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}},
  {"Sid": "Soon", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:role/Temporary"},
   "Action": "kms:Decrypt", "Resource": "*", "Condition": {"DateLessThan": {"aws:CurrentTime": "2026-06-01T00:00:00Z"}}},
  {"Sid": "Logs", "Effect": "Allow", "Principal": {"Service": "logs.us-east-1.amazonaws.com"},
   "Action": ["kms:Encrypt", "kms:Decrypt"], "Resource": "*"}
]}"#;

fn folder() -> Folder {
    Folder::new().with("policies/key.json", KEY_POLICY).with("policies/web.json", IDENTITY)
}

#[test]
fn it_writes_cases_for_everybody_that_a_policy_names_and_they_pass() {
    let folder = folder();
    folder
        .run("init --account 123456789012 --key-policy policies/key.json --identity-policy role/Web=policies/web.json --identity-policy user/dev=policies/web.json -o kms.yaml")
        .exits(0)
        .tells(&["wrote `kms.yaml`", "kms-sim test kms.yaml"]);
    let text = fs::read_to_string(folder.path("kms.yaml")).unwrap();
    for part in [
        "account: \"123456789012\"",
        "role/Web: {identity_policies: [policies/web.json]}",
        "key: {policy: policies/key.json}",
        "# Administrators: ",
        "name: role/ops/Admin administers the key and does not use it",
        "name: role/Web uses the key and does not administer it",
        "name: user/uploader uses the key through s3",
        "via: s3",
        "at: 2026-01-01T00:00:00Z # a policy reads the date",
        "principal: logs.us-east-1.amazonaws.com",
        "# Nobody else.",
        "name: role/NotListed can do nothing with the key",
        "arn:aws:iam::111122223333:role/NotListed: {identity_policies: [FullAWSAccess]}",
    ] {
        assert!(text.contains(part), "no {part:?} in:\n{text}");
    }
    assert!(text.lines().all(|line| line.len() <= 100), "{text}");
    let run = folder.run("test kms.yaml").exits(0);
    assert!(run.stdout.contains(" passed, 0 failed\n"), "{}", run.stdout);
    // It fails as soon as a policy gives more.
    folder.write("policies/key.json", KEY_POLICY.replace("\"kms:Describe*\"", "\"kms:*\""));
    folder.run("test kms.yaml").exits(1).says(&["role/ops/Admin"]);
}

#[test]
fn paths_are_relative_to_the_file_and_standard_output_is_here() {
    let folder = folder().with("tests/kms/x", "");
    folder
        .run("init --account 123456789012 --key-policy policies/key.json -o tests/kms/s.yaml")
        .exits(0);
    let text = fs::read_to_string(folder.path("tests/kms/s.yaml")).unwrap();
    assert!(text.contains("policy: ../../policies/key.json"), "{text}");
    folder.run("test tests").exits(0);
    let run = folder.run("init --account 123456789012 --key-policy policies/key.json").exits(0);
    folder.write("out.yaml", &run.stdout);
    folder.run("test out.yaml").exits(0);
}

#[test]
fn a_key_policy_that_lets_everyone_in_is_pointed_out() {
    let policy = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}]}"#;
    let folder = Folder::new().with("key.json", policy);
    let run = folder.run("init --key-policy key.json --account 123456789012").exits(0);
    run.says(&["# Allowed, though no policy names it: is that meant?"]);
}

#[test]
fn without_a_key_policy_it_is_the_default_one() {
    let folder = folder();
    let run = folder
        .run("init --identity-policy policies/web.json --principal arn:aws:iam::123456789012:role/Web")
        .exits(0)
        .says(&["key: {policy: default-key-policy}", "role/Web administers the key and uses it"]);
    folder.write("out.yaml", &run.stdout);
    folder.run("test out.yaml").exits(0);
}

#[test]
fn a_file_that_is_there_is_not_written_over_without_force() {
    let folder = folder().with("kms.yaml", "mine\n").with("key.json", DELEGATING);
    folder
        .run("init --key-policy key.json -o kms.yaml")
        .refuses(&["expected a new file, found `kms.yaml`", "--force"]);
    assert_eq!(fs::read_to_string(folder.path("kms.yaml")).unwrap(), "mine\n");
    folder.run("init --key-policy key.json -o kms.yaml --force").exits(0);
    folder.run("test kms.yaml").exits(0);
}

#[test]
fn what_it_cannot_start_from_is_refused() {
    let folder = folder().with("everyone.json", r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}]}"#);
    let table = [
        ("init --key-policy policies/key.json", "--account 123456789012"),
        ("init", "`--key-policy FILE`"),
        ("init --key-policy nowhere.json", "cannot read `nowhere.json`"),
        ("init --key-policy -", "by path"),
        ("init --key-policy everyone.json", "--account 123456789012"),
        ("init --key-policy everyone.json --account 12", "--account"),
        (
            "init --account 123456789012 --key-policy policies/key.json --identity-policy policies/web.json",
            "role/Web=policies/web.json",
        ),
        (
            "init --account 123456789012 --key-policy policies/key.json --identity-policy root=policies/web.json",
            "expected a user or role",
        ),
        (
            "init --account 123456789012 --key-policy policies/key.json --identity-policy role/W*=policies/web.json",
            "role/W*",
        ),
        (
            "init --account 123456789012 --key-policy policies/key.json --identity-policy role/Web=policies/key.json",
            "`Principal`",
        ),
        ("init --key-policy policies/web.json --account 123456789012", "expected `Principal`"),
        ("init --key-policy policies/key.json -o kms.json", "ends in .yaml"),
        ("init --key-policy policies/key.json -o nowhere/kms.yaml", "a folder that exists"),
        (
            "init --account 123456789012 --key-policy policies/key.json --region Frankfurt",
            "--region",
        ),
    ];
    for (arguments, what) in table {
        folder.run(arguments).refuses(&[what]);
    }
}

#[test]
fn the_account_is_the_one_whose_root_may_change_the_key_policy() {
    let partner = KEY_POLICY.replace(
        "{\"Sid\": \"Logs\"",
        "{\"Sid\": \"Delegate\", \"Effect\": \"Allow\", \"Principal\": {\"AWS\": \"123456789012\"}, \"Action\": \"kms:*\", \"Resource\": \"*\"},\n  {\"Sid\": \"Logs\"",
    );
    let run = Folder::new().with("key.json", partner).run("init --key-policy key.json").exits(0);
    run.says(&["account: \"123456789012\"", "principal: arn:aws:iam::999999999999:root"]);
}
