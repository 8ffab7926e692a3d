//! The exit status, and what goes to which stream.

use crate::support::{DELEGATING, Folder, NAMING};

const UNKNOWN: &str = "
account: '123456789012'
principals:
  role/Web: {identity_policies: [{unknown: owned by another team}]}
keys:
  app: {policy: key.json}
";

#[test]
fn the_status_tells_allowed_denied_and_undetermined_apart() {
    let table = [
        ("role/Web", "kms:Decrypt", 0),
        ("role/Web", "kms:Encrypt", 3),
        ("arn:aws:iam::123456789012:role/Other", "kms:Encrypt", 1),
    ];
    let policy = r#"{"Statement": [
        {"Effect": "Allow", "Principal": {"AWS": "123456789012"}, "Action": "kms:*", "Resource": "*"},
        {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:role/Web"}, "Action": "kms:Decrypt", "Resource": "*"}
    ]}"#;
    let folder = Folder::new().with("key.json", policy).with(
        "kms-sim.yaml",
        // A policy that only may deny leaves nothing certain, so this one is known where it allows.
        "
account: '123456789012'
principals:
  role/Web: {identity_policies: []}
keys: {app: {policy: key.json}}
",
    );
    let unknown = Folder::new().with("key.json", policy).with("kms-sim.yaml", UNKNOWN);
    for (principal, action, status) in table {
        let folder = if status == 3 { &unknown } else { &folder };
        folder.run(&format!("--principal {principal} --action {action}")).exits(status);
    }
}

#[test]
fn of_several_answers_undetermined_outranks_denied_and_denied_outranks_allowed() {
    let folder = Folder::new().with("key.json", DELEGATING).with(
        "kms-sim.yaml",
        "
account: '123456789012'
principals:
  role/Open: {identity_policies: [{unknown: owned by another team}]}
  role/Reader: {identity_policies: [read.json]}
keys: {app: {policy: key.json}}
",
    );
    folder.write(
        "read.json",
        r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "kms:Describe*", "Resource": "*"}}"#,
    );
    folder.run("--principal role/Reader --action DescribeKey").exits(0);
    folder.run("--principal role/Reader --action DescribeKey --action Decrypt").exits(1);
    folder.run("--principal role/Reader --action Decrypt --action DescribeKey").exits(1);
    folder.run("--principal role/Open --action Decrypt --action DescribeKey").exits(3);
}

#[test]
fn undetermined_beside_denied_is_undetermined() {
    // What denies outright does not depend on the policy that is not known.
    let policy = r#"{"Statement": [
        {"Effect": "Allow", "Principal": {"AWS": "123456789012"}, "Action": "kms:*", "Resource": "*"},
        {"Effect": "Deny", "Principal": "*", "Action": "kms:Encrypt", "Resource": "*"}
    ]}"#;
    let folder = Folder::new().with("key.json", policy).with("kms-sim.yaml", UNKNOWN);
    folder.run("--principal role/Web --action Encrypt").exits(1);
    folder.run("--principal role/Web --action Encrypt --action Decrypt").exits(3);
    folder.run("--principal role/Web --action Decrypt --action Encrypt").exits(3);
}

#[test]
fn one_question_that_cannot_be_asked_ends_the_run_with_no_results() {
    let folder = Folder::new().with("key.json", DELEGATING);
    let ask = |actions: &str| {
        folder.run(&format!("--principal role/Web --key-policy key.json {actions}"))
    };
    ask("--action Decrypt --action Decript").refuses(&["`Decript`", "did you mean"]);
    ask("--action Decrypt --action ReEncrypt").refuses(&["ReEncrypt"]);
    ask("--action CreateKey --action Decrypt --key nowhere/x").refuses(&["nowhere/x"]);
}

#[test]
fn a_wrong_command_line_is_refused_with_a_reason() {
    let table: [(&str, &[&str]); 14] = [
        ("", &["Usage"]),
        ("--principal role/Web", &["--action"]),
        ("--action kms:Decrypt", &["--principal"]),
        ("--principal role/WebAppInstanceRole --action", &["--action"]),
        (
            "--principal role/WebAppInstanceRole --principal role/X --action decrypt",
            &["--principal"],
        ),
        (
            "--principal role/WebAppInstanceRole --action decrypt --no-such-option",
            &["--no-such-option"],
        ),
        ("--principal role/WebAppInstanceRole --action decrypt --format xml", &["xml", "json"]),
        ("--principal role/WebAppInstanceRole --action decrypt --color sometimes", &["sometimes"]),
        (
            "--principal role/WebAppInstanceRole --action decrypt --rules strict",
            &["`dual-permission`", "`strict`"],
        ),
        ("--principal role/WebAppInstanceRole --action decrypt --at yesterday", &["`yesterday`"]),
        (
            "--principal role/WebAppInstanceRole --action decrypt --account 12",
            &["12-digit", "`12`"],
        ),
        (
            "--principal role/WebAppInstanceRole --action decrypt --context novalue",
            &["KEY=VALUE", "`novalue`"],
        ),
        (
            "--principal role/WebAppInstanceRole --action decrypt --encryption-context =x",
            &["K", "`=x`"],
        ),
        ("frobnicate", &["frobnicate"]),
    ];
    let folder = Folder::new();
    for (line, parts) in table {
        folder.run(line).refuses(parts);
    }
}

#[test]
fn an_empty_value_is_refused_and_not_taken_for_none() {
    let folder = Folder::new();
    let options = [
        "--principal",
        "--action",
        "--key",
        "--env",
        "--key-policy",
        "--account",
        "--region",
        "--rules",
        "--at",
        "--via",
        "--session-name",
        "--unknown",
    ];
    for option in options {
        let mut arguments = vec!["simulate"];
        if option != "--principal" {
            arguments.extend(["--principal", "role/WebAppInstanceRole"]);
        }
        if option != "--action" {
            arguments.extend(["--action", "kms:Decrypt"]);
        }
        arguments.extend([option, ""]);
        let run = folder.run_each(arguments);
        assert_eq!((run.status(), run.stdout.as_str()), (Some(2), ""), "{option}: {}", run.stderr);
    }
}

#[test]
fn a_file_that_cannot_be_read_is_refused_by_name() {
    let table = [
        ("--key-policy missing.json", "`missing.json`"),
        ("--identity-policy missing.json", "`missing.json`"),
        ("--env missing.yaml", "`missing.yaml`"),
        ("--key-policy folder.json", "`folder.json`"),
    ];
    let folder = Folder::new().with("folder.json/file", "");
    for (option, name) in table {
        folder
            .run(&format!("--principal role/Web --action decrypt --account 123456789012 {option}"))
            .refuses(&["cannot read", name]);
    }
    folder
        .run("--principal role/Web --action decrypt --env folder.json")
        .refuses(&["expected something to import", "`folder.json`"]);
}

#[test]
fn an_error_stays_on_standard_error_also_with_json() {
    let folder = Folder::new().with("key.json", "{");
    folder
        .run("--principal role/Web --action decrypt --key-policy key.json --format json")
        .refuses(&["key.json:1:"]);
}

#[test]
fn a_warning_about_a_file_stays_on_standard_error() {
    let text = "account: '123456789012'\nkeys: {app: {id: odd}}\n";
    let run = Folder::new()
        .with("kms-sim.yaml", text)
        .run("--principal root --action decrypt --format json")
        .exits(0);
    assert!(run.json().is_object());
    run.tells(&["warning: kms-sim.yaml:2:", "`odd`"]);
}

#[test]
fn a_warning_about_a_policy_is_told_once() {
    let folder = Folder::new().with("key.json", NAMING.replace("kms:*", "kms:Decript")).with(
        "e.yaml",
        "account: '123456789012'\nprincipals: {role/Web: {}}\nkeys: {app: {id: 1234abcd-12ab-34cd-56ef-1234567890ab, policy: key.json}}\n",
    );
    for (options, format) in [
        ("--key-policy key.json", "text"),
        ("--key-policy key.json", "json"),
        ("--env e.yaml", "text"),
        ("--env e.yaml", "json"),
    ] {
        let run = folder
            .run(&format!("--principal role/Web --action decrypt --format {format} {options}"))
            .exits(1);
        let told = (run.stdout + &run.stderr).matches("KMS has no action").count();
        assert_eq!(told, 1, "{options} {format}");
    }
}

#[test]
fn help_and_version_are_results() {
    let folder = Folder::new();
    let version = folder.run("--version").exits(0);
    assert_eq!(version.stdout, concat!("kms-sim ", env!("CARGO_PKG_VERSION"), "\n"));
    for line in ["--help", "simulate --help", "test --help", "help"] {
        let run = folder.run(line).exits(0);
        assert!(run.stdout.contains("Usage") && run.stderr.is_empty(), "{line}");
    }
}

#[test]
fn the_subcommand_may_be_left_out_or_named() {
    let folder = Folder::new();
    let rest = "--principal role/WebAppInstanceRole --action kms:Decrypt";
    assert_eq!(folder.run(rest).stdout, folder.run(&format!("simulate {rest}")).stdout);
}
