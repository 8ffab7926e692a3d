//! `kms-sim check`: what is checked, what is silenced, and how it ends.

use serde_json::Value;

use super::support::{DELEGATING, Folder, IDENTITY, NAMING};

const OPEN: &str = r#"{"Version": "2012-10-17", "Statement": [
  {"Sid": "Account", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": "kms:*", "Resource": "*"},
  {"Sid": "Open", "Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*"}
]}"#;

/// Codes and files of the findings.
fn found(folder: &Folder, arguments: &str) -> Vec<(String, String)> {
    let run = folder.run(&format!("check --format json --quiet {arguments}"));
    let json: Value = serde_json::from_str(&run.stdout).unwrap();
    let text = |row: &Value, name: &str| row[name].as_str().unwrap().to_owned();
    let rows = json["findings"].as_array().unwrap();
    rows.iter().map(|row| (text(row, "code"), text(row, "file"))).collect()
}

fn row(code: &str, file: &str) -> (String, String) {
    (code.to_owned(), file.to_owned())
}

#[test]
fn the_default_key_policy_is_fine() {
    let folder = Folder::new().with("key.json", DELEGATING);
    let run = folder.run("check key.json").exits(0);
    assert_eq!(run.stdout, "nothing found in 1 file\n");
    run.tells(&["note: key.json is taken to be of kind key policy; say otherwise with --kind"]);
}

#[test]
fn a_folder_is_walked_and_what_is_no_policy_is_passed_over() {
    let trust = r#"{"Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]}"#;
    let folder = Folder::new()
        .with("policies/open.json", OPEN)
        .with("policies/deep/identity.json", IDENTITY)
        .with("policies/trust.json", trust)
        .with("policies/package.json", r#"{"name": "x"}"#)
        .with("policies/readme.md", "no policy");
    let run = folder.run("check policies").exits(1);
    assert!(
        run.stdout.starts_with("1 security warning, 1 suggestion in 2 files\n"),
        "{}",
        run.stdout
    );
    run.tells(&["policies/trust.json", "policies/package.json", "passed over"]);
    for named in ["policies/trust.json", "policies/package.json"] {
        folder.run(&format!("check {named}")).exits(2);
    }
}

#[test]
fn a_file_that_cannot_be_read_does_not_keep_the_others_from_being_checked() {
    let folder = Folder::new().with("open.json", OPEN).with("broken.json", "{\"Statement\": [");
    let run = folder.run("check broken.json missing.json open.json").exits(2);
    assert!(run.stdout.contains("KMS301"), "{}", run.stdout);
    run.tells(&["broken.json", "missing.json"]);
}

#[test]
fn what_aws_refuses_is_a_finding() {
    let folder = Folder::new()
        .with("key.json", NAMING.replace("\"Allow\"", "\"allow\""))
        .with("env.yaml", "account: '123456789012'\nkeys:\n  app:\n    policy: key.json\n");
    assert_eq!(found(&folder, "key.json"), [row("KMS101", "key.json")]);
    assert_eq!(found(&folder, "env.yaml"), [row("KMS101", "key.json")]);
    // A mistake of the environment file itself is not AWS's to refuse.
    folder.write("env.yaml", "account: '123456789012'\nkees: {}\nkeys: {}\n");
    folder.run("check env.yaml").exits(2);
}

fn encoded(byte: u8) -> Vec<char> {
    format!("%{byte:02X}").chars().collect()
}

#[test]
fn a_policy_is_unwrapped_from_what_is_around_it() {
    let string = serde_json::to_string(OPEN).unwrap();
    let encoded: String = OPEN.bytes().flat_map(encoded).collect();
    let folder = Folder::new()
        .with("string.json", &string)
        .with("encoded.json", &encoded)
        .with("printed.json", format!(r#"{{"Policy": {string}, "PolicyName": "default"}}"#));
    for file in ["string.json", "encoded.json", "printed.json"] {
        let codes: Vec<String> = found(&folder, file).into_iter().map(|(code, _)| code).collect();
        assert_eq!(codes, ["KMS301"], "{file}");
    }
}

#[test]
fn severity_and_selection_decide_how_it_ends() {
    let folder = Folder::new().with("open.json", OPEN);
    for (options, status) in [
        ("", 1),
        ("--fail-on error", 0),
        ("--fail-on security-warning", 1),
        ("--ignore KMS301", 0),
        ("--ignore public-access", 0),
        ("--select KMS2,KMS4", 0),
        ("--select KMS3", 1),
        ("--select KMS999", 2),
        ("--fail-on never", 2),
        ("--kind identity-policy", 1),
    ] {
        folder.run(&format!("check open.json {options}")).exits(status);
    }
}

#[test]
fn the_configuration_is_read_and_its_mistakes_have_a_place() {
    let folder = Folder::new()
        .with("open.json", OPEN)
        .with("kms-sim.toml", "[check]\nfail-on = \"error\"\n");
    folder.run("check open.json").exits(0);
    folder.run("check open.json --fail-on warning").exits(1);
    folder.write("kms-sim.toml", "[check]\nfail_on = \"error\"\n");
    let run = folder.run("check open.json").exits(2);
    run.tells(&["kms-sim.toml:2:1", "unknown field `fail_on`"]);
    folder.write("kms-sim.toml", "[check]\nselect = [\"KMS9\"]\n");
    let run = folder.run("check open.json").exits(2);
    run.tells(&["kms-sim.toml:2:11", "expected the code or name of a rule"]);
}

#[test]
fn the_configuration_silences_a_statement_with_a_reason() {
    let entry = |rest: &str| {
        format!("[[check.suppress]]\ncode = \"KMS301\"\nfile = \"policies/*.json\"\n{rest}")
    };
    let folder = Folder::new().with("policies/open.json", OPEN);
    for (rest, codes) in [
        ("sid = \"Open\"\nreason = \"an example\"\n", &[][..]),
        ("pointer = \"/Statement/1\"\nreason = \"an example\"\n", &[]),
        ("reason = \"an example\"\n", &[]),
        ("sid = \"Open\"\n", &["KMS001"]),
        ("sid = \"Account\"\nreason = \"an example\"\n", &["KMS002", "KMS301"]),
        ("pointer = \"/Statement/10\"\nreason = \"an example\"\n", &["KMS002", "KMS301"]),
    ] {
        folder.write("kms-sim.toml", entry(rest));
        let mut found: Vec<_> = found(&folder, "policies").into_iter().map(|it| it.0).collect();
        found.sort();
        assert_eq!(found, codes, "{rest}");
    }
    // What is for files that are not checked is not missed.
    folder.write("other.json", DELEGATING);
    folder.write("kms-sim.toml", entry("reason = \"an example\"\n"));
    assert_eq!(found(&folder, "other.json"), []);
}

#[test]
fn a_comment_in_yaml_silences_what_it_stands_over() {
    let yaml = |comment: &str, end: &str| {
        format!(
            "Version: 2012-10-17\nStatement:\n  - Effect: Allow\n    Principal: {{AWS: arn:aws:iam::123456789012:root}}\n    Action: kms:*\n    Resource: \"*\"\n  {comment}\n  - Effect: Allow\n    Principal: \"*\"{end}\n    Action: kms:Decrypt\n    Resource: \"*\"\n"
        )
    };
    let folder = Folder::new();
    for (comment, end, codes) in [
        ("", "", &["KMS301"][..]),
        ("# kms-sim: ignore KMS301 an example", "", &[]),
        ("", "  # kms-sim: ignore public-access an example", &[]),
        ("# kms-sim: ignore KMS301", "", &["KMS001"]),
        ("# kms-sim: ignore KMS302 an example", "", &["KMS002", "KMS301"]),
        ("", " # kms-sim: ignore KMS301,KMS401 an example", &["KMS002"]),
    ] {
        folder.write("key.yaml", yaml(comment, end));
        let mut found: Vec<_> = found(&folder, "key.yaml").into_iter().map(|it| it.0).collect();
        found.sort();
        assert_eq!(found, codes, "{comment}{end}");
    }
}

#[test]
fn rules_are_listed_and_explained() {
    let folder = Folder::new();
    let list = folder.run("check --list").exits(0).stdout;
    for rule in kms_sim::lint::rules() {
        assert!(list.contains(rule.code) && list.contains(rule.name));
        let by_code = folder.run(&format!("check --explain {}", rule.code)).exits(0).stdout;
        let by_name = folder.run(&format!("check --explain {}", rule.name)).exits(0).stdout;
        assert_eq!(by_code, by_name);
        assert!(by_code.contains("# Instead"), "{by_code}");
    }
    folder.run("check --explain KMS999").exits(2);
    folder.run("check").exits(2);
}
