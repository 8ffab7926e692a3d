//! Answers for programs: every field of an answer, and when answers stand in a list.

use serde_json::json;

use crate::support::{DELEGATING, Folder, IDENTITY, NAMING};

const SIDES: [&str; 8] = [
    "resource-control-policy",
    "service-control-policy",
    "vpc-endpoint-policy",
    "key-policy",
    "identity-policy",
    "grant",
    "permissions-boundary",
    "session-policy",
];

const KEY: &str = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";

/// One field of an answer, without the places that text output needs besides.
fn field<'j>(answer: &'j serde_json::Value, pointer: &str) -> &'j serde_json::Value {
    answer.pointer(pointer).unwrap_or_else(|| panic!("no {pointer} in {answer:#}"))
}

#[test]
fn a_denial_has_every_field_of_an_answer() {
    let answer = Folder::new()
        .with("key.json", DELEGATING)
        .run("--principal role/Web --action kms:Decrypt --key-policy key.json --format json")
        .exits(1)
        .json();
    let error = format!(
        "User: arn:aws:sts::123456789012:assumed-role/Web/SESSION is not authorized to perform: \
         kms:Decrypt on resource: {KEY} because no identity-based policy allows the kms:Decrypt action"
    );
    let table = [
        ("/decision", json!("implicitDeny")),
        ("/allowed", json!(false)),
        ("/denied_by", json!(["identity-policy"])),
        ("/allowed_by", json!(null)),
        ("/rules", json!("aws")),
        ("/request/principal", json!("arn:aws:sts::123456789012:assumed-role/Web/SESSION")),
        ("/request/action", json!("kms:Decrypt")),
        ("/request/resource", json!(KEY)),
        ("/request/context/kms:CallerAccount", json!(["123456789012"])),
        ("/request/context/aws:PrincipalArn", json!(["arn:aws:iam::123456789012:role/Web"])),
        ("/sides/3/verdict", json!("allow")),
        ("/sides/3/delegates", json!(true)),
        ("/sides/3/statements/0/policy", json!("key.json")),
        ("/sides/3/statements/0/index", json!(0)),
        ("/sides/3/statements/0/sid", json!("Delegate")),
        ("/sides/3/statements/0/effect", json!("Allow")),
        ("/sides/4/verdict", json!("none")),
        ("/sides/4/statements", json!([])),
        ("/permissions", json!([])),
        ("/depends_on", json!([])),
        ("/error", json!(error)),
        ("/key_state", json!(null)),
        ("/fixes/0/side", json!("identity-policy")),
        ("/fixes/0/patch/0/op", json!("add")),
        ("/fixes/0/patch/0/path", json!("")),
        ("/fixes/0/statements/0/Resource", json!(KEY)),
        ("/fixes/0/together_with", json!([])),
        ("/fixes/0/also_allows", json!([])),
    ];
    for (pointer, expected) in table {
        assert_eq!(*field(&answer, pointer), expected, "{pointer}");
    }
    let warning = field(&answer, "/warnings/0").as_str().unwrap();
    assert!(warning.starts_with("no identity policy was given"), "{warning}");
}

#[test]
fn an_allowed_answer_names_the_side_that_suffices_and_no_error() {
    let answer = Folder::new()
        .with("key.json", DELEGATING)
        .with("identity.json", IDENTITY)
        .run("--principal role/Web --action kms:Decrypt --key-policy key.json --identity-policy identity.json --format json")
        .exits(0)
        .json();
    let table = [
        ("/decision", json!("allowed")),
        ("/allowed", json!(true)),
        ("/denied_by", json!([])),
        ("/allowed_by", json!("identity-policy")),
        ("/error", json!(null)),
        ("/sides/4/statements/0/policy", json!("identity.json")),
        ("/sides/4/statements/0/sid", json!("UseKeys")),
    ];
    for (pointer, expected) in table {
        assert_eq!(*field(&answer, pointer), expected, "{pointer}");
    }
}

#[test]
fn an_undetermined_answer_is_neither_allowed_nor_not() {
    let environment = "
account: '123456789012'
principals: {role/Web: {identity_policies: [{unknown: owned by another team}]}}
keys: {app: {}}
";
    let answer = Folder::new()
        .with("kms-sim.yaml", environment)
        .run("--principal role/Web --action kms:Decrypt --format json")
        .exits(3)
        .json();
    assert_eq!(*field(&answer, "/decision"), json!("undetermined"));
    assert_eq!(*field(&answer, "/allowed"), json!(null));
    assert_eq!(*field(&answer, "/sides/4/verdict"), json!("unknown"));
}

#[test]
fn every_side_is_listed_in_the_documented_order() {
    let answer = Folder::new()
        .run("--principal role/WebAppInstanceRole --action kms:Decrypt --format json")
        .json();
    let sides = answer["sides"].as_array().unwrap();
    let names: Vec<&str> = sides.iter().map(|side| side["side"].as_str().unwrap()).collect();
    assert_eq!(names, SIDES);
}

#[test]
fn a_side_without_a_policy_here_is_not_applicable() {
    let answer = Folder::new()
        .run("--principal role/WebAppInstanceRole --action kms:CreateKey --format json")
        .json();
    for side in answer["sides"].as_array().unwrap() {
        let expected = if side["side"] == "identity-policy" { "none" } else { "not-applicable" };
        assert_eq!(side["verdict"], expected, "{side}");
    }
    assert_eq!(answer["request"]["resource"], "*");
}

#[test]
fn one_action_is_an_object_and_several_are_a_list_in_the_order_asked() {
    let folder = Folder::new();
    let ask = |actions: &str| {
        folder.run(&format!("--principal role/WebAppInstanceRole --format json {actions}")).json()
    };
    assert!(ask("--action kms:Decrypt").is_object());
    let several = ask("--action kms:PutKeyPolicy --action decrypt");
    assert_eq!(several[0]["request"]["action"], "kms:PutKeyPolicy");
    assert_eq!(several[1]["request"]["action"], "kms:Decrypt");
    assert_eq!(several.as_array().unwrap().len(), 2);
}

#[test]
fn the_same_action_twice_is_still_a_list() {
    let answer = Folder::new()
        .run("--principal role/WebAppInstanceRole --action decrypt --action kms:Decrypt --format json")
        .json();
    assert_eq!(answer.as_array().unwrap().len(), 2);
}

#[test]
fn only_an_explained_answer_has_a_trace_with_what_failed() {
    let folder = Folder::new().with("key.json", NAMING);
    let ask = |more: &str| {
        folder
            .run(&format!("--principal arn:aws:iam::123456789012:role/Other --action kms:Decrypt --key-policy key.json --format json {more}"))
            .json()
    };
    assert_eq!(ask("").get("trace"), None);
    let row = &ask("--explain")["trace"][0];
    assert_eq!(row["side"], "key-policy");
    assert_eq!(row["outcome"], "mismatch");
    assert_eq!(row["element"], "Principal");
    assert_eq!(row["policy_values"], json!(["arn:aws:iam::123456789012:role/Web"]));
    assert_eq!(row["request_values"][0], "arn:aws:iam::123456789012:role/Other");
}

#[test]
fn the_principal_is_the_arn_that_aws_prints() {
    let table = [
        ("role/Web", "arn:aws:sts::123456789012:assumed-role/Web/SESSION"),
        ("role/team/Web", "arn:aws:sts::123456789012:assumed-role/Web/SESSION"),
        ("role/Web --session-name i-0abc", "arn:aws:sts::123456789012:assumed-role/Web/i-0abc"),
        ("user/path/alice", "arn:aws:iam::123456789012:user/path/alice"),
        ("root", "arn:aws:iam::123456789012:root"),
        ("logs.us-east-1.amazonaws.com", "logs.us-east-1.amazonaws.com"),
        (
            "arn:aws:sts::123456789012:federated-user/bob",
            "arn:aws:sts::123456789012:federated-user/bob",
        ),
    ];
    let folder = Folder::new().with("key.json", DELEGATING);
    for (principal, expected) in table {
        let answer = folder
            .run(&format!(
                "--principal {principal} --action decrypt --key-policy key.json --format json"
            ))
            .json();
        assert_eq!(answer["request"]["principal"], expected, "{principal}");
    }
}

#[test]
fn two_runs_give_the_same_bytes() {
    let folder = Folder::new().with("key.json", DELEGATING);
    let ask = || {
        folder
            .run("--principal role/Web --action kms:Decrypt --key-policy key.json --explain --format json --at 2026-01-01T00:00:00Z --context b=1 --context a=2 --encryption-context z=1 --encryption-context y=2")
            .stdout
    };
    assert_eq!(ask(), ask());
}
