//! `kms-sim import`, and accounts, plans and templates as environments.

use serde_json::{Value, json};

use crate::support::{DELEGATING, Folder, IDENTITY};

const ID: &str = "1234abcd-12ab-34cd-56ef-1234567890ab";

/// An account with a role whose managed policy is there, and one whose is not.
fn account() -> Folder {
    let identity: Value = serde_json::from_str(IDENTITY).unwrap();
    let role = |name: &str, policy: &str| {
        json!({
            "RoleName": name, "Arn": format!("arn:aws:iam::123456789012:role/{name}"),
            "RolePolicyList": [], "AttachedManagedPolicies": [{"PolicyArn": policy}],
        })
    };
    let arn = "arn:aws:iam::123456789012:policy/UseKeys";
    let details = json!({
        "RoleDetailList": [
            role("Web", arn), role("Worker", arn), role("Lost", "arn:aws:iam::aws:policy/Lost"),
        ],
        "Policies": [{"Arn": arn, "PolicyVersionList": [
            {"VersionId": "v1", "IsDefaultVersion": true, "Document": identity},
        ]}],
    });
    Folder::new()
        .with("c/iam/details.json", details.to_string())
        .with(
            &format!("c/kms/us-east-1/{ID}/get-key-policy.json"),
            json!({"Policy": DELEGATING}).to_string(),
        )
        .with(&format!("c/kms/us-east-1/{ID}/list-grants.json"), r#"{"Grants": []}"#)
        .with("c/ec2/vpc-endpoints.json", "")
        .with("c/ec2/vpc-endpoints.json.error", "An error occurred (UnauthorizedOperation)\n")
        .with("c/other.json", r#"{"a": 1}"#)
}

#[test]
fn a_collected_account_is_asked_directly() {
    let folder = account();
    let ask = |principal: &str| {
        folder.run(&format!("--env c --principal {principal} --action kms:Decrypt --color never"))
    };
    let run = ask("role/Web").exits(0);
    assert!(run.stdout.contains("UseKeys"), "{}", run.stdout);
    assert!(
        run.stderr.contains("c/ec2/vpc-endpoints.json is empty: An error occurred"),
        "{}",
        run.stderr
    );
    assert!(run.stderr.contains("not read: c/other.json:1:1"), "{}", run.stderr);
    let run = ask("role/Lost").exits(3);
    assert!(run.stdout.contains("arn:aws:iam::aws:policy/Lost"), "{}", run.stdout);
    folder.run("matrix --env c --principal role/Web --action kms:Decrypt").exits(0);
    folder.run("rescue --env c").exits(0);
}

#[test]
fn a_file_is_written_that_asks_the_same() {
    let folder = account();
    let run = folder.run("import aws c -o kms-sim.yaml --policies policies --color never").exits(0);
    assert_eq!(run.stdout, "");
    assert!(run.stderr.contains("imported 1 key and 3 principals from c"), "{}", run.stderr);
    let names: Vec<_> = std::fs::read_dir(folder.path("policies")).unwrap().collect();
    assert_eq!(names.len(), 2, "{names:?}");
    let run = folder.run("--principal role/Web --action kms:Decrypt --color never").exits(0);
    assert!(run.stdout.contains("policies/UseKeys.json"), "{}", run.stdout);
    folder.run("--principal role/Lost --action kms:Decrypt").exits(3);
    let run = folder.run("import aws c --quiet").exits(0);
    assert!(run.stdout.contains("&UseKeys") && run.stdout.contains("*UseKeys"), "{}", run.stdout);
    assert_eq!(run.stderr, "");
    let run = folder.run("import aws c -o kms-sim.json --quiet").exits(0);
    assert_eq!(run.stdout, "");
    folder.run("--env kms-sim.json --principal role/Worker --action kms:Decrypt").exits(0);
}

#[test]
fn what_others_import_is_refused_with_the_command() {
    let folder =
        account().with("trail.json", r#"{"Records": [{"eventSource": "kms.amazonaws.com"}]}"#);
    let table = [
        ("import terraform c/iam/details.json", "`kms-sim import aws` reads it"),
        ("import aws trail.json", "`kms-sim diagnose` reads it"),
        (
            "--env trail.json --principal role/Web --action kms:Decrypt",
            "`kms-sim diagnose` reads it",
        ),
        ("import aws c/other.json", "expected a document that is known, found an object with `a`"),
        ("import aws nothing.json", "cannot read `nothing.json`"),
        ("import aws c/iam/details.json --before", "--before: expected a plan of Terraform"),
        ("import aws c --assume x", "--assume: expected ADDRESS=VALUE, found `x`"),
        ("import aws", "expected files or folders to import, found none"),
    ];
    for (arguments, expected) in table {
        let run = folder.run(&format!("{arguments} --color never")).exits(2);
        assert!(run.stderr.contains(expected), "{arguments}: {}", run.stderr);
        assert_eq!(run.stdout, "", "{arguments}");
    }
}

#[test]
fn a_fix_is_not_written_into_what_was_imported() {
    let plan = json!({
        "format_version": "1.2", "terraform_version": "1.9.0",
        "planned_values": {"root_module": {"resources": []}},
        "resource_changes": [{
            "address": "aws_kms_key.app", "mode": "managed", "type": "aws_kms_key", "name": "app",
            "provider_name": "registry.terraform.io/hashicorp/aws",
            "change": {
                "actions": ["create"], "before": null,
                "after": {"policy": DELEGATING}, "after_unknown": {"arn": true, "key_id": true},
            },
        }],
        "configuration": {"root_module": {"resources": [{
            "address": "aws_kms_key.app", "mode": "managed", "type": "aws_kms_key", "name": "app",
            "provider_config_key": "aws", "expressions": {"policy": {"constant_value": DELEGATING}},
        }]}},
    });
    let folder = Folder::new().with("plan.json", plan.to_string());
    let asked = "fix --env plan.json --account 123456789012 --action kms:Decrypt --color never \
         --principal arn:aws:iam::123456789012:role/Web";
    folder.run(asked).exits(1);
    let run = folder.run(&format!("{asked} --apply")).exits(2);
    assert!(run.stderr.contains("found `plan.json`, which is imported"), "{}", run.stderr);
    assert!(run.stderr.contains("\"kms:Decrypt\""), "{}", run.stderr);
    assert_eq!(std::fs::read_to_string(folder.path("plan.json")).unwrap(), plan.to_string());
}

#[test]
fn a_template_is_an_environment_and_may_be_extended() {
    let template = "Resources:\n  Key:\n    Type: AWS::KMS::Key\n  Web:\n    Type: AWS::IAM::Role\n    Properties:\n      RoleName: Web\n      Policies:\n      - PolicyName: p\n        PolicyDocument:\n          Version: 2012-10-17\n          Statement: {Effect: Allow, Action: kms:Decrypt, Resource: !GetAtt Key.Arn}\n";
    let folder = Folder::new().with("t.yaml", template);
    let run = folder.run("--env t.yaml --account 123456789012 --region us-east-1 --principal role/Web --action kms:Decrypt");
    run.exits(0);
    let run = folder
        .run("import cloudformation t.yaml --account 123456789012 --region us-east-1 --quiet")
        .exits(0);
    let folder = folder.with("e.yaml", run.stdout);
    folder.run("--env e.yaml --principal role/Web --action kms:Decrypt").exits(0);
}

#[test]
fn the_collector_is_a_script_that_only_reads() {
    let run = Folder::new().run("import aws --print-collector").exits(0);
    assert!(run.stdout.starts_with("#!/bin/sh\n"));
    let calls = run.stdout.lines().filter(|line| line.contains("aws ") || line.contains("keep "));
    for line in calls.filter(|line| !line.trim_start().starts_with('#')) {
        for word in line.split_whitespace() {
            let writes = ["put-", "create-", "delete-", "update-", "attach-", "schedule-"];
            assert!(!writes.iter().any(|write| word.starts_with(write)), "{line}");
        }
    }
}

#[test]
fn one_file_that_nothing_places_does_not_stop_a_folder() {
    let folder = account().with("c/attached.json", r#"{"AttachedPolicies": []}"#);
    let ask = "--principal role/Web --action kms:Decrypt --color never";
    let run = folder.run(&format!("--env c {ask}")).exits(0);
    let note = "not read: c/attached.json:1:1: expected to know whose policies are listed";
    assert!(run.stderr.contains(note), "{}", run.stderr);
    let run = folder.run(&format!("--env c/attached.json {ask}")).exits(2);
    assert!(run.stderr.contains("expected to know whose policies"), "{}", run.stderr);
}

#[test]
fn what_power_shell_writes_is_read() {
    let details = std::fs::read_to_string(account().path("c/iam/details.json")).unwrap();
    let wide: Vec<u8> =
        format!("\u{feff}{details}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let folder = account().with("c/iam/details.json", wide);
    folder.run("--env c --principal role/Web --action kms:Decrypt").exits(0);
}

#[test]
fn control_policies_of_an_organization_that_were_not_collected_can_be_given() {
    let organization = json!({"Organization": {
        "Id": "o-exampleorgid", "MasterAccountId": "111122223333", "FeatureSet": "ALL",
    }});
    let deny = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "ec2:*", "Resource": "*"}}"#;
    let folder = account()
        .with("c/organizations/organization.json", organization.to_string())
        .with("scp.json", deny)
        .with(
            "rcp.json",
            deny.replace("\"Action\"", "\"Principal\": \"*\", \"Action\"").replace("ec2", "s3"),
        );
    let ask = "--env c --principal role/Web --action kms:Decrypt --color never";
    let run = folder.run(ask).exits(3);
    assert!(run.stdout.contains("give them with `--scp`"), "{}", run.stdout);
    folder.run(&format!("{ask} --scp scp.json")).exits(3);
    folder.run(&format!("{ask} --scp scp.json --rcp rcp.json")).exits(0);
}

#[test]
fn what_is_wrong_in_a_template_is_not_told_of_its_tags() {
    let role = "  Web:\n    Type: AWS::IAM::Role\n    Properties: {RoleName: !Sub web}\n";
    let template = format!("Resources:\n{role}{role}");
    let folder = Folder::new().with("t.yaml", template);
    for command in ["--env t.yaml --principal role/web --action kms:Decrypt", "check t.yaml"] {
        let run = folder.run(&format!("{command} --account 123456789012 --color never")).exits(2);
        let told = format!("{}{}", run.stdout, run.stderr);
        assert!(told.contains("expected each member once, found `Web` again"), "{told}");
        assert!(told.contains("t.yaml:5:3"), "{told}");
    }
}

#[test]
fn an_assumption_may_be_what_a_file_holds() {
    let arn = "arn:aws:iam::aws:policy/UseKeys";
    let template = format!(
        "Resources:\n  Key:\n    Type: AWS::KMS::Key\n  Web:\n    Type: AWS::IAM::Role\n    Properties:\n      RoleName: Web\n      ManagedPolicyArns: ['{arn}']\n"
    );
    let folder = Folder::new().with("t.yaml", template).with("p.json", IDENTITY);
    let ask = "--env t.yaml --account 123456789012 --region us-east-1 --principal role/Web --action kms:Decrypt --color never";
    let run = folder.run(ask).exits(3);
    assert!(run.stdout.contains(&format!("--assume {arn}=@FILE")), "{}", run.stdout);
    folder.run(&format!("{ask} --assume {arn}=@p.json")).exits(0);
    let run = folder.run(&format!("{ask} --assume {arn}=p.json")).exits(2);
    assert!(run.stderr.contains("for what it holds write `@p.json`"), "{}", run.stderr);
    let run = folder.run(&format!("{ask} --assume {arn}=@q.json")).exits(2);
    assert!(run.stderr.contains("cannot read `q.json`"), "{}", run.stderr);
}

#[test]
fn what_was_left_out_is_told_with_the_error_that_it_is_not_there() {
    let block = |key: &str| {
        json!({"address": "aws_kms_key.app", "mode": "managed", "type": "aws_kms_key", "name": "app",
            "provider_config_key": key, "expressions": {}})
    };
    let plan = json!({
        "format_version": "1.2", "planned_values": {"root_module": {}},
        "resource_changes": [{
            "address": "aws_kms_key.app", "mode": "managed", "type": "aws_kms_key", "name": "app",
            "provider_name": "registry.terraform.io/hashicorp/aws",
            "change": {"actions": ["create"], "before": null, "after": {},
                "after_unknown": {"arn": true, "key_id": true}},
        }],
        "configuration": {
            "provider_config": {"aws": {"name": "aws"}, "aws.b": {"name": "aws", "alias": "b",
                "expressions": {"profile": {"constant_value": "prod"}}}},
            "root_module": {"resources": [block("aws.b")]},
        },
    });
    let folder = Folder::new().with("plan.json", plan.to_string());
    let asked = "--env plan.json --account 123456789012 --principal root --action kms:Decrypt --color never";
    let run = folder.run(asked).exits(2);
    let note = "say it with --assume aws.b.allowed_account_ids=ACCOUNT";
    assert!(run.stderr.contains(note) && run.stderr.contains("expected a key"), "{}", run.stderr);
    folder.run(&format!("{asked} --assume aws.b.allowed_account_ids=123456789012")).exits(0);
    let policy = r#"--assume aws_kms_key.app.policy={"Statement":{"Effect":"Allow","Principal":"*","Action":["kms:*"],"Resource":["*"]}}"#;
    assert!(!folder.run(&format!("{asked} {policy}")).stderr.contains("ADDRESS=VALUE"));
}
