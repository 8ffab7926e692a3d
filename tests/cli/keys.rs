//! How a key is named, and which account and Region a run without an environment is in.

use crate::support::{DELEGATING, Folder, IDENTITY, NAMING, Run};

const ENVIRONMENT: &str = "
account: '123456789012'
principals:
  role/Web: {}
  arn:aws:iam::111122223333:role/Far: {}
keys:
  app: {id: 1234abcd-12ab-34cd-56ef-1234567890ab, aliases: [alias/app]}
  far: {arn: 'arn:aws:kms:us-east-1:111122223333:key/9999abcd-12ab-34cd-56ef-1234567890ab', aliases: [alias/far]}
  west: {arn: 'arn:aws:kms:us-west-2:123456789012:key/7777abcd-12ab-34cd-56ef-1234567890ab', aliases: [alias/west]}
";

const APP: &str = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const FAR: &str = "arn:aws:kms:us-east-1:111122223333:key/9999abcd-12ab-34cd-56ef-1234567890ab";
const WEST: &str = "arn:aws:kms:us-west-2:123456789012:key/7777abcd-12ab-34cd-56ef-1234567890ab";

fn resource(run: &Run) -> String {
    run.json()["request"]["resource"].as_str().unwrap().to_owned()
}

#[test]
fn a_key_is_named_by_id_arn_alias_alias_arn_or_name() {
    let table = [
        ("app", APP),
        ("1234abcd-12ab-34cd-56ef-1234567890ab", APP),
        (APP, APP),
        ("alias/app", APP),
        ("arn:aws:kms:us-east-1:123456789012:alias/app", APP),
        ("far", FAR),
        (FAR, FAR),
        ("arn:aws:kms:us-east-1:111122223333:alias/far", FAR),
        ("west", WEST),
        (WEST, WEST),
        ("arn:aws:kms:us-west-2:123456789012:alias/west", WEST),
    ];
    let folder = Folder::new().with("kms-sim.yaml", ENVIRONMENT);
    for (key, arn) in table {
        let run = folder
            .run(&format!("--principal role/Web --action DescribeKey --format json --key {key}"))
            .exits(1);
        assert_eq!(resource(&run), arn, "{key}");
    }
}

#[test]
fn a_bare_id_or_alias_of_another_account_is_an_error_that_prints_the_arn() {
    let table = [
        ("role/Web", "alias/far", "arn:aws:kms:us-east-1:111122223333:alias/far"),
        ("role/Web", "9999abcd-12ab-34cd-56ef-1234567890ab", FAR),
        ("role/Web", "alias/west", "arn:aws:kms:us-west-2:123456789012:alias/west"),
        ("role/Web", "7777abcd-12ab-34cd-56ef-1234567890ab", WEST),
        (
            "arn:aws:iam::111122223333:role/Far",
            "alias/app",
            "arn:aws:kms:us-east-1:123456789012:alias/app",
        ),
    ];
    let folder = Folder::new().with("kms-sim.yaml", ENVIRONMENT);
    for (principal, key, arn) in table {
        folder
            .run(&format!("--principal {principal} --action decrypt --key {key}"))
            .refuses(&[&format!("`{key}`"), arn]);
    }
}

#[test]
fn a_bare_alias_resolves_in_the_callers_account_and_the_region() {
    let folder = Folder::new().with("kms-sim.yaml", ENVIRONMENT);
    let far = folder
        .run("--principal arn:aws:iam::111122223333:role/Far --action decrypt --key alias/far --format json");
    assert_eq!(resource(&far), FAR);
    let west = folder.run(
        "--principal role/Web --action decrypt --key alias/west --region us-west-2 --format json",
    );
    assert_eq!(resource(&west), WEST);
}

#[test]
fn the_same_alias_in_two_accounts_means_the_callers() {
    let text = "
account: '123456789012'
principals: {role/Web: {}, 'arn:aws:iam::111122223333:role/Far': {}}
keys:
  ours: {id: ours, aliases: [alias/app]}
  theirs: {arn: 'arn:aws:kms:us-east-1:111122223333:key/theirs', aliases: [alias/app]}
";
    let folder = Folder::new().with("kms-sim.yaml", text);
    let ask = |principal: &str| {
        resource(&folder.run(&format!(
            "--principal {principal} --action decrypt --key alias/app --format json"
        )))
    };
    assert!(ask("role/Web").ends_with("/ours"));
    assert!(ask("arn:aws:iam::111122223333:role/Far").ends_with("/theirs"));
}

#[test]
fn several_keys_and_none_named_is_an_error_that_lists_them() {
    let folder = Folder::new().with("kms-sim.yaml", ENVIRONMENT);
    folder.run("--principal role/Web --action decrypt").refuses(&["`app`", "`far`", "`west`"]);
    folder.run("--principal role/Web --action CreateKey").exits(1);
}

#[test]
fn a_key_that_is_not_there_is_an_error_with_the_nearest() {
    let table = [
        ("ap", "did you mean `app`?"),
        ("alias/ap", "`alias/app`"),
        ("nothing-like-it", "`app`, `far`, `west`"),
        (
            "arn:aws:kms:us-east-1:123456789012:key/0000abcd",
            "`arn:aws:kms:us-east-1:123456789012:key/0000abcd`",
        ),
        ("arn:aws:kms:us-east-1:123456789012:key/*", "expected a key ARN"),
        ("arn:aws:iam::123456789012:role/Web", "expected a key ARN"),
        ("arn:aws:kms:us-east-1:1234:key/x", "12-digit"),
        ("arn:", "arn:"),
    ];
    let folder = Folder::new().with("kms-sim.yaml", ENVIRONMENT);
    for (key, part) in table {
        folder.run(&format!("--principal role/Web --action decrypt --key {key}")).refuses(&[part]);
    }
}

#[test]
fn a_key_is_ignored_for_an_operation_without_one() {
    let run = Folder::new()
        .with("kms-sim.yaml", ENVIRONMENT)
        .run("--principal role/Web --action ListKeys --key app --format json")
        .exits(1);
    assert_eq!(resource(&run), "*");
}

#[test]
fn without_an_environment_the_key_is_what_the_option_says() {
    let table = [
        ("", "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"),
        ("--key my-key", "arn:aws:kms:us-east-1:123456789012:key/my-key"),
        ("--region eu-west-1 --key my-key", "arn:aws:kms:eu-west-1:123456789012:key/my-key"),
        (
            "--key arn:aws:kms:eu-west-1:111122223333:key/mrk-1",
            "arn:aws:kms:eu-west-1:111122223333:key/mrk-1",
        ),
        (
            "--key alias/app",
            "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
        ),
        (
            "--key arn:aws-cn:kms:cn-north-1:123456789012:alias/app",
            "arn:aws-cn:kms:cn-north-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
        ),
    ];
    let folder = Folder::new().with("key.json", DELEGATING);
    for (options, arn) in table {
        let run = folder.run(&format!(
            "--principal arn:aws:iam::123456789012:root --action decrypt --key-policy key.json --format json {options}"
        ));
        assert_eq!(resource(&run), arn, "{options}");
    }
}

#[test]
fn without_an_environment_an_alias_is_known_to_the_condition_keys() {
    let run = Folder::new().with("key.json", NAMING).run(
        "--principal role/Web --action decrypt --key-policy key.json --key alias/app --format json",
    );
    let context = &run.json()["request"]["context"];
    assert_eq!(context["kms:RequestAlias"][0], "alias/app");
    assert_eq!(context["kms:ResourceAliases"][0], "alias/app");
}

/// The account of the caller `role/Web`, or the reason why there is none.
fn account(options: &str) -> String {
    let folder = Folder::new()
        .with("one.json", DELEGATING)
        .with(
            "two.json",
            DELEGATING.replace("\"Action\"", "\"Sid2\"").replace("\"Sid2\"", "\"Action\"").replace(
                "{\"AWS\": \"arn:aws:iam::123456789012:root\"}",
                "{\"AWS\": [\"123456789012\", \"arn:aws:iam::111122223333:role/x\"]}",
            ),
        )
        .with(
            "everyone.json",
            DELEGATING.replace("{\"AWS\": \"arn:aws:iam::123456789012:root\"}", "\"*\""),
        )
        .with("china.json", DELEGATING.replace("arn:aws:", "arn:aws-cn:"))
        .with("identity.json", IDENTITY);
    let run = folder.run(&format!("--principal role/Web --action decrypt --format json {options}"));
    match run.status() {
        Some(2) => run.stderr,
        _ => run.json()["request"]["principal"].as_str().unwrap().to_owned(),
    }
}

#[test]
fn the_account_comes_from_the_option_else_the_arns_else_the_one_in_the_key_policy() {
    let table = [
        ("--key-policy one.json", "arn:aws:sts::123456789012:"),
        ("--key-policy one.json --account 999999999999", "arn:aws:sts::999999999999:"),
        (
            "--key-policy one.json --key arn:aws:kms:us-east-1:111122223333:key/x",
            "arn:aws:sts::111122223333:",
        ),
        ("--key-policy two.json --account 123456789012", "arn:aws:sts::123456789012:"),
        ("--key-policy china.json", "arn:aws-cn:sts::123456789012:"),
        ("--key-policy two.json", "--account"),
        ("--key-policy everyone.json", "--account"),
        ("--identity-policy identity.json", "--account"),
        ("--identity-policy identity.json --account 001122223333", "arn:aws:sts::001122223333:"),
        (
            "--identity-policy identity.json --key arn:aws:kms:us-east-1:111122223333:alias/x",
            "arn:aws:sts::111122223333:",
        ),
    ];
    for (options, expected) in table {
        let found = account(options);
        assert!(found.contains(expected), "{options}: {found}");
    }
}

#[test]
fn the_principals_arn_decides_over_the_key_policy() {
    let run = Folder::new()
        .with("key.json", DELEGATING)
        .run("--principal arn:aws:iam::111122223333:role/Far --action decrypt --key-policy key.json --format json");
    assert_eq!(
        resource(&run),
        "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    );
}

#[test]
fn across_accounts_both_sides_must_allow() {
    let admits = DELEGATING.replace("123456789012", "111122223333");
    let folder = Folder::new()
        .with("admits.json", admits)
        .with("key.json", DELEGATING)
        .with("identity.json", IDENTITY);
    let ask = |options: &str| {
        let run = folder.run(&format!(
            "--principal arn:aws:iam::111122223333:role/Far --action decrypt --key {APP} --format json {options}"
        ));
        run.json()["denied_by"].to_string()
    };
    assert_eq!(ask("--key-policy admits.json --identity-policy identity.json"), "[]");
    assert_eq!(ask("--key-policy admits.json"), "[\"identity-policy\"]");
    assert_eq!(ask("--key-policy key.json --identity-policy identity.json"), "[\"key-policy\"]");
    assert_eq!(ask("--key-policy key.json"), "[\"key-policy\",\"identity-policy\"]");
}

#[test]
fn any_policy_option_takes_the_example_away() {
    let folder = Folder::new().with("identity.json", IDENTITY);
    let run = folder
        .run("--principal role/DevOpsAdminRole --action decrypt --identity-policy identity.json --account 123456789012")
        .exits(0);
    assert_eq!(run.stderr, "");
    assert!(run.stdout.contains("default-key-policy"), "{}", run.stdout);
}

#[test]
fn an_option_that_is_no_region_or_key_is_refused() {
    let table = [
        "--region=x:y",
        "--region=us/east",
        "--key=a/b",
        "--key=key/1234abcd",
        "--key=alias/",
        "--key=alias/a$b",
        "--key=arn:aws:kms:us-east-1:123456789012:alias/",
        "--key=arn:aws:kms::123456789012:alias/x",
        "--key=arn:aws:kms::123456789012:key/x",
        "--key=arn:aws:s3:us-east-1:123456789012:alias/x",
        "--key=arn:aws:kms:us-east-1:123456789012:key/*",
        "--key=arn:aws:kms:us-east-1:12345678901:key/x",
        "--account=12345678901x",
    ];
    let folder = Folder::new().with("key.json", NAMING);
    let taken: Vec<&str> = table
        .into_iter()
        .filter(|option| {
            let line =
                format!("--principal role/Web --action decrypt --key-policy key.json {option}");
            folder.run(&line).status() != Some(2)
        })
        .collect();
    assert!(taken.is_empty(), "taken: {taken:?}");
}

#[test]
fn a_parameter_that_names_no_key_is_blamed_itself() {
    let run = Folder::new().with("key.json", DELEGATING).run(
        "--key-policy key.json --principal role/Web --action CreateAlias --parameter TargetKeyId=nonesuch",
    );
    run.refuses(&["--parameter: "]);
}

#[test]
fn a_usage_that_no_key_of_the_spec_has_is_warned_of() {
    let file = "account: '123456789012'\nkeys: {k: {spec: HMAC_256, usage: SIGN_VERIFY}}\n";
    let run = Folder::new()
        .with("kms-sim.yaml", file)
        .run("--principal root --action DescribeKey")
        .exits(0);
    run.tells(&["KMS makes no key of the spec HMAC_256 for the usage SIGN_VERIFY"]);
}

#[test]
fn parameters_that_kms_refuses_are_refused() {
    let file = "account: '123456789012'\nkeys: {k: {multi_region: primary}}\n";
    let folder = Folder::new().with("kms-sim.yaml", file);
    let table = [
        ("GenerateDataKey --parameter NumberOfBytes=1025", "a whole number from 1 to 1024"),
        ("GenerateRandom --parameter NumberOfBytes=0", "a whole number from 1 to 1024"),
        ("ReplicateKey --parameter ReplicaRegion=us-east-1", "another Region"),
        ("ReplicateKey --parameter ReplicaRegion=EU", "a Region such as"),
    ];
    for (asked, expected) in table {
        folder.run(&format!("--principal root --action {asked}")).refuses(&[expected]);
    }
}

#[test]
fn a_key_that_nothing_names_is_told_from_those_that_the_policies_name() {
    let of = |resource: &str| {
        format!(
            r#"{{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow", "Action": "kms:Decrypt", "Resource": {resource}}}]}}"#
        )
    };
    let west = |id: &str| {
        format!("arn:aws:kms:us-west-2:123456789012:key/{id}-12ab-34cd-56ef-1234567890ab")
    };
    let quoted = |arn: &str| format!("\"{arn}\"");
    let (one, two) = (west("7777abcd"), west("8888abcd"));
    let via =
        r#""*", "Condition": {"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}}"#;
    let table = [
        (quoted(&one), "", format!("ask with `--key {one}`")),
        (format!("[\"{one}\", \"{two}\"]"), "", "say which it is with `--key ARN`".to_owned()),
        (
            quoted(&one),
            "--key 7777abcd-12ab-34cd-56ef-1234567890ab",
            format!("ask with `--key {one}`"),
        ),
        (via.to_owned(), "", "say which it is with `--region eu-west-1`".to_owned()),
    ];
    let ask = "--principal role/Web --action Decrypt --identity-policy i.json --format json";
    for (resource, options, told) in table {
        let folder = Folder::new().with("k.json", DELEGATING).with("i.json", of(&resource));
        let run = folder.run(&format!("{ask} --key-policy k.json {options}")).exits(1);
        let warnings = run.warnings();
        assert!(warnings.iter().any(|it| it.contains(&told)), "{told}: {warnings:?}");
    }
    let quiet = [
        (quoted(&one), format!("--key {one}"), 0),
        (via.to_owned(), "--region eu-west-1 --via s3".into(), 0),
    ];
    for (resource, options, status) in quiet {
        let folder = Folder::new().with("k.json", DELEGATING).with("i.json", of(&resource));
        let run = folder.run(&format!("{ask} --key-policy k.json {options}")).exits(status);
        assert!(
            !run.warnings().iter().any(|it| it.contains("nothing says")),
            "{:?}",
            run.warnings()
        );
    }
}

#[test]
fn grants_of_another_key_say_which_key_to_ask_about() {
    let grants = format!(
        r#"{{"Grants": [{{"KeyId": "{WEST}", "GrantId": "g", "GranteePrincipal": "arn:aws:iam::123456789012:role/Web", "Operations": ["Decrypt"]}}]}}"#
    );
    let folder = Folder::new().with("g.json", grants);
    let ask = "--principal role/Web --action Decrypt --grant g.json --account 123456789012";
    folder.run(ask).refuses(&["g.json:1:", &format!("ask about that key with `--key {WEST}`")]);
    folder.run(&format!("{ask} --key {WEST}")).exits(0);
}
