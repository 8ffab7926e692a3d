//! What somebody who is paged must not overlook.

use crate::support::{DELEGATING, Folder, IDENTITY, NAMING};

fn folder() -> Folder {
    Folder::new().with("key.json", DELEGATING).with("naming.json", NAMING).with("id.json", IDENTITY)
}

const STATES: &str = "
account: '123456789012'
principals:
  role/Web: {identity_policies: [id.json]}
  arn:aws:iam::111122223333:role/Partner: {}
keys:
  app: {policy: key.json}
  off: {policy: key.json, state: Disabled}
  gone: {policy: key.json, state: PendingDeletion}
";

#[test]
fn an_authorized_call_that_the_key_fails_says_so_in_the_verdict() {
    let folder = folder().with("e.yaml", STATES);
    for (key, failure) in [
        ("app", None),
        ("off", Some("DisabledException")),
        ("gone", Some("DisabledException or KMSInvalidStateException")),
    ] {
        for quiet in ["", " --quiet"] {
            let run = folder.run(&format!(
                "--env e.yaml --principal role/Web --action decrypt --key {key}{quiet}"
            ));
            let failure = failure.map(|it| format!(", but the call fails: {it}"));
            let verdict = format!("(by identity-policy){}\n", failure.unwrap_or_default());
            let first = run.stdout.lines().next().unwrap().to_owned() + "\n";
            assert!(first.ends_with(&verdict), "{key}: {first}");
        }
    }
}

#[test]
fn a_matrix_marks_what_the_key_fails() {
    let folder = folder().with("e.yaml", STATES);
    let matrix = |key: &str, action: &str| {
        folder
            .run(&format!("matrix --env e.yaml --principal role/Web --action {action} --key {key}"))
    };
    matrix("off", "decrypt").says(&["yes*", "fails the call"]);
    let fine = matrix("app", "decrypt");
    assert!(!fine.stdout.contains("yes*"), "{}", fine.stdout);
    // Each permission meets the key that it is asked on.
    let halves = |key: &str, destination: &str| {
        let run = folder.run(&format!(
            "matrix --env e.yaml --principal role/Web --action kms:ReEncrypt* --key {key} --destination-key {destination} --format json"
        ));
        let json = run.json();
        let cells = json["cells"].as_array().unwrap().iter();
        cells.map(|cell| cell["key_error"].is_string()).collect::<Vec<_>>()
    };
    assert_eq!(halves("off", "app"), [true, false]);
    assert_eq!(halves("app", "off"), [false, true]);
}

#[test]
fn what_an_answer_takes_for_granted_is_among_its_warnings() {
    let ask = "--principal role/Web --action decrypt --account 123456789012";
    let run = folder().run(&format!("{ask} --identity-policy id.json --format json"));
    assert!(run.warnings().join("\n").contains("no key policy was given"));
    let partner = "--principal arn:aws:iam::111122223333:role/Partner --action decrypt";
    let run = folder().run(&format!("{partner} --key-policy key.json --format json"));
    assert!(run.warnings().join("\n").contains("names the account 123456789012"));
}

#[test]
fn what_is_misspelt_is_blamed_where_it_stands() {
    let key = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    let other = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ac";
    let table = [
        (
            "--principal rle/Web --action decrypt --identity-policy id.json".to_owned(),
            "error: --principal: ",
        ),
        (
            format!(
                "--principal role/Web --action ReEncrypt --key {key} --destination-key {other}"
            ),
            "describe the key under `keys` of an environment file",
        ),
        (
            "--env e.yaml --principal role/Partner --action decrypt --key app".to_owned(),
            "did you mean `arn:aws:iam::111122223333:role/Partner`?",
        ),
    ];
    for (arguments, said) in table {
        let policy = if arguments.contains("--env") { "" } else { " --key-policy key.json" };
        folder().with("e.yaml", STATES).run(&format!("{arguments}{policy}")).refuses(&[said]);
    }
    folder().run("--principal role/Web --action ec2:RunInstances").refuses(&["--via"]);
}

#[test]
fn a_managed_policy_without_its_document_is_told_from_one() {
    let printed = r#"{"Policy": {"PolicyName": "Web", "DefaultVersionId": "v1"}}"#;
    folder()
        .with("printed.json", printed)
        .run("--principal role/Web --action decrypt --key-policy key.json --identity-policy printed.json")
        .refuses(&["printed.json:1:1", "get-policy-version"]);
}

#[test]
fn of_two_parameters_that_exclude_each_other_one_is_sent() {
    for (action, one, other) in [
        ("CreateKey", "KeySpec=RSA_2048", "CustomerMasterKeySpec=RSA_2048"),
        (
            "CreateGrant",
            "GranteePrincipal=arn:aws:iam::123456789012:role/Worker",
            "GranteeServicePrincipal=sns.amazonaws.com",
        ),
    ] {
        let ask = format!(
            "--principal role/Web --action {action} --key-policy key.json --parameter {one}"
        );
        assert_ne!(folder().run(&ask).status(), Some(2), "{action}");
        folder().run(&format!("{ask} --parameter {other}")).refuses(&["found both"]);
    }
}
