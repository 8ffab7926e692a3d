//! Where policies come from: files, standard input, the AWS CLI's output, the environment.

use crate::support::{DELEGATING, Folder, IDENTITY, NAMING, Run};

const ASK: &str = "--principal role/Web --action decrypt --format json";

fn wrapped(policy: &str) -> String {
    serde_json::json!({"Policy": policy, "PolicyName": "default"}).to_string()
}

#[test]
fn what_the_aws_cli_prints_around_a_policy_is_taken_off() {
    let key_policies = [("get-key-policy", wrapped(NAMING))];
    let identity_policies = [
        (
            "get-role-policy",
            format!(r#"{{"RoleName": "Web", "PolicyName": "p", "PolicyDocument": {IDENTITY}}}"#),
        ),
        (
            "get-user-policy",
            format!(r#"{{"UserName": "u", "PolicyName": "p", "PolicyDocument": {IDENTITY}}}"#),
        ),
        (
            "get-group-policy",
            format!(r#"{{"GroupName": "g", "PolicyName": "p", "PolicyDocument": {IDENTITY}}}"#),
        ),
        (
            "get-policy-version",
            format!(
                r#"{{"PolicyVersion": {{"Document": {IDENTITY}, "VersionId": "v2", "IsDefaultVersion": true, "CreateDate": "2026-01-01T00:00:00Z"}}}}"#
            ),
        ),
    ];
    for (command, text) in key_policies {
        let run = Folder::new().with("p.json", text).run(&format!("{ASK} --key-policy p.json"));
        assert_eq!(run.decision(), "allowed", "{command}");
    }
    for (command, text) in identity_policies {
        let run = Folder::new()
            .with("p.json", text)
            .run(&format!("{ASK} --identity-policy p.json --account 123456789012"));
        assert_eq!(run.decision(), "allowed", "{command}");
    }
}

#[test]
fn an_error_inside_a_wrapped_policy_names_the_file_and_the_place_in_the_policy() {
    let text = wrapped("{\n  \"Statement\": []\n}");
    Folder::new()
        .with("p.json", text)
        .run(&format!("{ASK} --key-policy p.json --account 123456789012"))
        .refuses(&["p.json#/Policy:2:16", "at least one statement"]);
}

#[test]
fn a_policy_in_another_shape_is_refused_with_what_it_looks_like() {
    let table: [(&str, &str, &str); 9] = [
        (r#""{\"Statement\": []}""#, "p.json:1:1", "inside a JSON string"),
        ("%7B%22Version%22%3A", "p.json:1:1", "URL-encoded"),
        (
            r#"{"PolicyVersion": {"Document": "%7B%22", "VersionId": "v1"}}"#,
            "p.json:1:32",
            "URL-encoded",
        ),
        ("{\"Statement\": []}\n{\"Statement\": []}", "p.json:2:1", "trailing"),
        ("<html><body>Sign in</body></html>", "p.json:1:1", "HTML"),
        ("Version: '2012-10-17'\nStatement: []\n", "p.json:1:1", "YAML"),
        ("resource \"aws_kms_key\" \"a\" {}", "p.json:1:1", "expected JSON"),
        ("eyJWZXJzaW9uIjogIjIwMTItMTAtMTcifQ==", "p.json:1:1", "expected JSON"),
        (r#"[{"Statement": []}]"#, "p.json:1:1", "found a list"),
    ];
    for (text, place, what) in table {
        Folder::new()
            .with("p.json", text)
            .run(&format!("{ASK} --key-policy p.json --account 123456789012"))
            .refuses(&[place, what]);
    }
}

#[test]
fn a_policy_is_yaml_by_its_file_extension_alone() {
    let yaml = "
Version: '2012-10-17'
Statement:
  - Effect: Allow
    Principal: {AWS: 'arn:aws:iam::123456789012:role/Web'}
    Action: kms:*
    Resource: '*'
";
    for name in ["p.yaml", "p.yml", "p.YAML"] {
        let run = Folder::new().with(name, yaml).run(&format!("{ASK} --key-policy {name}"));
        assert_eq!(run.decision(), "allowed", "{name}");
    }
    for name in ["p.json", "p.txt", "p"] {
        let run = Folder::new().with(name, yaml).run(&format!("{ASK} --key-policy {name}"));
        run.refuses(&["expected JSON"]);
    }
}

#[test]
fn a_policy_may_come_from_standard_input_once() {
    let folder = Folder::new().with("key.json", DELEGATING);
    let ask = |input: &str, more: &str| folder.pipe(input, &format!("{ASK} {more}"));
    assert_eq!(ask(NAMING, "--key-policy -").decision(), "allowed");
    assert_eq!(ask(IDENTITY, "--key-policy key.json --identity-policy -").decision(), "allowed");
    ask(NAMING, "--key-policy - --identity-policy -").refuses(&["`-` once"]);
    ask(IDENTITY, "--identity-policy - --identity-policy - --account 123456789012")
        .refuses(&["`-` once"]);
}

#[test]
fn an_environment_may_come_from_standard_input() {
    let yaml = "account: '123456789012'\nprincipals: {role/Web: {}}\nkeys: {app: {}}\n";
    let json =
        r#"{"account": "123456789012", "principals": {"role/Web": {}}, "keys": {"app": {}}}"#;
    for text in [yaml, json] {
        let run = Folder::new().pipe(text, &format!("{ASK} --env -"));
        assert_eq!(run.decision(), "implicitDeny", "{text}");
    }
    Folder::new().pipe(yaml, &format!("{ASK} --env - --key-policy -")).refuses(&["`-` once"]);
}

#[test]
fn nothing_on_standard_input_is_an_empty_document() {
    for input in ["", " \n"] {
        Folder::new()
            .pipe(input, &format!("{ASK} --key-policy -"))
            .refuses(&["<stdin>:1:1", "empty"]);
    }
}

fn environment() -> Folder {
    Folder::new()
        .with("delegating.json", DELEGATING)
        .with("naming.json", NAMING)
        .with("identity.json", IDENTITY)
        .with(
            "kms-sim.yaml",
            "
account: '123456789012'
principals:
  role/Web: {identity_policies: [describe.json]}
keys:
  app: {policy: delegating.json, aliases: [alias/app]}
  other: {policy: delegating.json}
",
        )
        .with("describe.json", IDENTITY.replace("kms:*", "kms:DescribeKey"))
}

fn allowed_by(run: &Run) -> String {
    run.json()["allowed_by"].as_str().unwrap_or("none").to_owned()
}

#[test]
fn a_given_key_policy_replaces_that_of_the_key_asked_about() {
    let folder = environment();
    let ask = |more: &str| folder.run(&format!("{ASK} --key-policy naming.json {more}"));
    assert_eq!(allowed_by(&ask("--key app")), "key-policy");
    assert_eq!(allowed_by(&ask("--key alias/app")), "key-policy");
    assert_eq!(
        allowed_by(&ask("--key arn:aws:kms:us-east-1:123456789012:key/other")),
        "key-policy"
    );
    ask("").refuses(&["`app`", "`other`"]);
}

#[test]
fn a_given_key_policy_replaces_that_of_a_key_in_the_region_asked_about() {
    let folder = Folder::new().with("naming.json", NAMING).with(
        "kms-sim.yaml",
        "
account: '123456789012'
principals: {role/Web: {}}
keys:
  east: {}
  west: {arn: 'arn:aws:kms:us-west-2:123456789012:key/west', aliases: [alias/west]}
",
    );
    let ask = |more: &str| folder.run(&format!("{ASK} --key alias/west --region us-west-2 {more}"));
    assert_eq!(ask("").decision(), "implicitDeny");
    assert_eq!(ask("--key-policy naming.json").decision(), "allowed");
}

#[test]
fn a_given_key_policy_is_for_the_principal_of_the_account_asked_about() {
    let admits = DELEGATING.replace("123456789012", "111122223333");
    let folder = Folder::new().with("admits.json", admits).with(
        "kms-sim.yaml",
        "
account: '123456789012'
principals: {'arn:aws:iam::111122223333:role/Far': {}}
keys: {far: {arn: 'arn:aws:kms:us-east-1:111122223333:key/far'}}
",
    );
    let ask = |more: &str| {
        folder.run(&format!(
            "--principal role/Far --account 111122223333 --action decrypt --key far {more}"
        ))
    };
    ask("").exits(1);
    ask("--key-policy admits.json").exits(1);
}

#[test]
fn given_identity_policies_are_added_to_the_principals_own() {
    let folder = environment();
    let ask =
        |action: &str, more: &str| {
            allowed_by(&folder.run(&format!(
                "--principal role/Web --key app --format json --action {action} {more}"
            )))
        };
    assert_eq!(ask("DescribeKey", ""), "identity-policy");
    assert_eq!(ask("Decrypt", ""), "none");
    assert_eq!(ask("Decrypt", "--identity-policy identity.json"), "identity-policy");
    assert_eq!(ask("DescribeKey", "--identity-policy identity.json"), "identity-policy");
}

#[test]
fn the_same_identity_policy_given_twice_counts_twice() {
    let answer = environment()
        .run(&format!(
            "{ASK} --key app --identity-policy identity.json --identity-policy identity.json"
        ))
        .exits(0)
        .json();
    assert_eq!(answer["sides"][4]["statements"].as_array().unwrap().len(), 2);
}

#[test]
fn given_identity_policies_reach_the_role_behind_a_session_and_whoever_is_named_by_arn() {
    let folder = environment();
    folder.write(
        "paths.yaml",
        "account: '123456789012'\nprincipals: {role/team/Far: {}}\nkeys: {app: {}}\n",
    );
    for principal in [
        "arn:aws:sts::123456789012:assumed-role/Far/i-0abc",
        "arn:aws:iam::123456789012:role/team/Far",
        "role/team/Far",
        "arn:aws:iam::123456789012:role/NotListed",
        "arn:aws:iam::123456789012:user/not-listed",
    ] {
        let run = folder.run(&format!(
            "--env paths.yaml --principal {principal} --action decrypt --format json --identity-policy identity.json"
        ));
        assert_eq!(run.decision(), "allowed", "{principal}");
    }
}

#[test]
fn given_identity_policies_are_refused_for_whom_has_none() {
    for principal in ["root", "arn:aws:iam::123456789012:root", "logs.us-east-1.amazonaws.com"] {
        environment()
            .run(&format!(
                "--principal {principal} --action decrypt --key app --identity-policy identity.json"
            ))
            .refuses(&["--identity-policy", principal]);
    }
}

#[test]
fn an_environment_is_found_here_or_in_a_parent_folder() {
    let text = "account: '123456789012'\nprincipals: {role/Found: {}}\nkeys: {app: {}}\n";
    let json =
        r#"{"account": "123456789012", "principals": {"role/Found": {}}, "keys": {"app": {}}}"#;
    for (name, text) in [("kms-sim.yaml", text), ("kms-sim.yml", text), ("kms-sim.json", json)] {
        let outer = Folder::new().with(name, text).with("a/b/file", "");
        for inner in ["", "a", "a/b"] {
            let inner = Folder::at(outer.path(inner));
            let run = inner.run("--principal role/Found --action decrypt").exits(1);
            assert!(run.stderr.starts_with("note: the environment is "), "{}", run.stderr);
            assert!(run.stderr.trim_end().ends_with(name), "{}", run.stderr);
        }
    }
}

#[test]
fn the_nearest_environment_wins_and_one_that_is_named_wins_over_it() {
    let text = |role: &str| {
        format!("account: '123456789012'\nprincipals: {{role/{role}: {{}}}}\nkeys: {{app: {{}}}}\n")
    };
    let outer = Folder::new()
        .with("kms-sim.yaml", text("Outer"))
        .with("named.yaml", text("Named"))
        .with("inner/kms-sim.yaml", text("Inner"));
    let inner = Folder::at(outer.path("inner"));
    inner.run("--principal role/Inner --action decrypt").exits(1);
    inner.run("--principal role/Outer --action decrypt").exits(2);
    inner.run("--principal role/Named --action decrypt --env ../named.yaml").exits(1);
}

#[test]
fn paths_in_an_environment_are_relative_to_it() {
    let outer = Folder::new().with("policies/key.json", NAMING).with("inner/file", "").with(
        "kms-sim.yaml",
        "account: '123456789012'\nprincipals: {role/Web: {}}\nkeys: {app: {policy: policies/key.json}}\n",
    );
    for folder in [outer.path(""), outer.path("inner")] {
        assert_eq!(Folder::at(folder).run(ASK).decision(), "allowed");
    }
}

#[test]
fn a_scenario_file_is_an_environment_too() {
    let text = "
account: '123456789012'
keys: {app: {}}
cases:
  - {principal: root, action: kms:Decrypt, expect: allowed}
";
    Folder::new()
        .with("s.yaml", text)
        .run("--env s.yaml --principal root --action decrypt")
        .exits(0);
}
