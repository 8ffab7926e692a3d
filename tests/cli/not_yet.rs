//! What is part of the contract and not evaluated yet is refused: an answer that ignored it
//! could be wrong.

use crate::support::{DELEGATING, Folder};

#[test]
fn an_option_that_is_not_evaluated_yet_is_refused() {
    let options = [
        "--permissions-boundary identity.json",
        "--session-policy identity.json",
        "--scp identity.json",
        "--rcp identity.json",
        "--vpc-endpoint-policy identity.json",
        "--grant identity.json",
        "--parameter KeySpec=RSA_2048",
        "--destination-key alias/x",
    ];
    let folder = Folder::new().with("key.json", DELEGATING);
    for option in options {
        let name = option.split_whitespace().next().unwrap();
        folder
            .run(&format!("--principal role/Web --action decrypt --key-policy key.json {option}"))
            .refuses(&[&format!("`{name}`"), "not evaluated yet"]);
    }
}

/// Each with the line and column of the field's name.
#[test]
fn a_field_of_an_environment_that_is_not_evaluated_yet_is_refused() {
    let table = [
        ("organization", "organization: {id: o-exampleorgid}\nkeys: {app: {}}\n", "2:1"),
        ("vpc_endpoints", "vpc_endpoints: {vpce-0abc: {vpc: vpc-0123}}\nkeys: {app: {}}\n", "2:1"),
        (
            "permissions_boundary",
            "principals:\n  role/Web:\n    permissions_boundary: FullAWSAccess\nkeys: {app: {}}\n",
            "4:5",
        ),
        (
            "grants",
            "keys:\n  app:\n    grants: [{grantee: role/Web, operations: [Decrypt]}]\n",
            "4:5",
        ),
    ];
    for (field, text, place) in table {
        let folder = Folder::new().with("e.yaml", format!("account: '123456789012'\n{text}"));
        let parts = [&format!("`{field}`"), "not evaluated yet", &format!("e.yaml:{place}")];
        let parts = parts.map(|part: &str| part);
        folder.run("--env e.yaml --principal root --action decrypt").refuses(&parts);
    }
}

#[test]
fn a_key_state_other_than_enabled_is_refused() {
    let states = ["Creating", "Disabled", "PendingDeletion", "PendingImport", "Unavailable"];
    for state in states {
        let text = format!("account: '123456789012'\nkeys:\n  app:\n    state: {state}\n");
        let folder = Folder::new().with("e.yaml", text);
        folder.run("--env e.yaml --principal root --action decrypt").refuses(&[
            "e.yaml:4:",
            state,
            "not evaluated yet",
        ]);
    }
    let folder =
        Folder::new().with("e.yaml", "account: '123456789012'\nkeys: {app: {state: Enabled}}\n");
    folder.run("--env e.yaml --principal root --action decrypt").exits(0);
}

#[test]
fn a_field_of_a_case_that_is_not_evaluated_yet_makes_the_file_an_error() {
    let table = [
        "parameters: {KeySpec: RSA_2048}",
        "destination_key: app",
        "vpc_endpoint: vpce-0abc",
        "grant_tokens: [token]",
        "session: {policies: [FullAWSAccess]}",
    ];
    for field in table {
        let text = format!(
            "account: '123456789012'\nkeys: {{app: {{}}}}\ncases:\n  - principal: root\n    action: kms:Decrypt\n    expect: allowed\n    {field}\n"
        );
        let name = field.split([':', '{']).find(|part| !["session", " "].contains(part)).unwrap();
        let run = Folder::new().with("s.yaml", text).run("test s.yaml").exits(2);
        let run = run.says(&[&format!("`{name}`"), "not evaluated yet", "s.yaml:7:"]);
        assert!(run.stdout.ends_with("0 passed, 0 failed, 1 errors\n"), "{}", run.stdout);
    }
}

#[test]
fn empty_lists_of_what_is_not_evaluated_yet_change_nothing() {
    let text = "
account: '123456789012'
organization: {}
vpc_endpoints: {}
principals: {role/Web: {permissions_boundary: null}}
keys: {app: {grants: []}}
cases:
  - principal: root
    action: kms:Decrypt
    parameters: {}
    destination_key: null
    vpc_endpoint: null
    grant_tokens: []
    expect: allowed
";
    Folder::new().with("s.yaml", text).run("test s.yaml").exits(0);
}
