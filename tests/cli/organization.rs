//! The organization in an environment file: levels, whom they limit, and what is not known.

use serde_json::json;

use crate::support::{DELEGATING, Folder, IDENTITY, Run};

const ENCRYPT: &str = r#"{"Version": "2012-10-17", "Statement": [
  {"Effect": "Allow", "Action": "kms:Encrypt", "Resource": "*"}
]}"#;

const DENY: &str = r#"{"Version": "2012-10-17", "Statement": [
  {"Sid": "NoDecrypt", "Effect": "Deny", "Action": "kms:Decrypt", "Resource": "*"}
]}"#;

const RESOURCE_DENY: &str = r#"{"Version": "2012-10-17", "Statement": [
  {"Sid": "NoDecrypt", "Effect": "Deny", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*"}
]}"#;

/// An environment with what is said of the account, asked as `role/Web`.
fn ask(account: &str) -> Run {
    ask_all(&format!("{{id: o-exampleorgid, accounts: {{'123456789012': {account}}}}}"), "role/Web")
}

fn ask_all(organization: &str, principal: &str) -> Run {
    let environment = format!(
        "
account: '123456789012'
principals:
  role/Web: {{identity_policies: [identity.json]}}
  role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling: {{identity_policies: [identity.json]}}
keys: {{app: {{policy: key.json}}}}
organization: {organization}
"
    );
    Folder::new()
        .with("key.json", DELEGATING)
        .with("identity.json", IDENTITY)
        .with("encrypt.json", ENCRYPT)
        .with("deny.json", DENY)
        .with("resource.json", RESOURCE_DENY)
        .with("e.yaml", environment)
        .run(&format!("--env e.yaml --principal {principal} --action decrypt --format json"))
}

#[test]
fn every_level_must_allow_and_one_policy_of_a_level_is_enough() {
    let table = [
        ("[[FullAWSAccess]]", 0),
        ("[[FullAWSAccess], [FullAWSAccess], [FullAWSAccess]]", 0),
        ("[[encrypt.json, FullAWSAccess]]", 0),
        ("[[encrypt.json]]", 1),
        ("[[encrypt.json], [FullAWSAccess]]", 1),
        ("[[FullAWSAccess], [FullAWSAccess], [encrypt.json]]", 1),
        ("[[FullAWSAccess], [FullAWSAccess, deny.json]]", 1),
        ("[[deny.json]]", 1),
        ("[]", 0),
    ];
    for (levels, status) in table {
        let run = ask(&format!("{{service_control_policies: {levels}}}"));
        let answer = run.exits(status).json();
        let denied_by = if status == 0 { json!([]) } else { json!(["service-control-policy"]) };
        assert_eq!(answer["denied_by"], denied_by, "{levels}");
    }
}

#[test]
fn a_level_without_a_policy_is_an_error_at_its_place() {
    ask("{service_control_policies: [[FullAWSAccess], []]}").refuses(&[
        "expected at least one policy",
        "found an empty list",
        "e.yaml:7:",
        "/organization/accounts/123456789012/service_control_policies/1",
    ]);
}

#[test]
fn levels_of_the_wrong_shape_are_refused_at_their_place() {
    let table = [
        ("{service_control_policies: [FullAWSAccess]}", "[[FullAWSAccess]"),
        ("{service_control_policies: [[RCPFullAWSAccess]]}", "`RCPFullAWSAccess`"),
        ("{resource_control_policies: [[FullAWSAccess]]}", "`FullAWSAccess`"),
        ("{service_control_policies: [[gone.json]]}", "`gone.json`"),
        ("{service_control_policy: [[FullAWSAccess]]}", "`service_control_policies`"),
        ("{ou_path: r-root}", "expected a list"),
    ];
    for (account, part) in table {
        ask(account).refuses(&["e.yaml:7:", part]);
    }
}

#[test]
fn an_account_is_a_text_of_twelve_digits() {
    for (organization, part) in [
        ("{id: o-a, management_account: 123456789012}", "quotation marks"),
        ("{id: o-a, management_account: '12345'}", "12-digit"),
        ("{id: o-a, accounts: {web: {}}}", "12-digit"),
        ("{id: o-a, acounts: {}}", "`accounts`"),
    ] {
        ask_all(organization, "role/Web").refuses(&["e.yaml:7:", part]);
    }
}

#[test]
fn a_policy_that_is_not_known_leaves_the_answer_open() {
    for (account, side) in [
        (
            "{service_control_policies: [[FullAWSAccess], [{unknown: owned by security}]]}",
            "service control policy",
        ),
        (
            "{resource_control_policies: [[{unknown: owned by security}]]}",
            "resource control policy",
        ),
    ] {
        let run = ask(account).exits(3);
        assert_eq!(run.json()["allowed"], json!(null));
        let warnings = run.warnings();
        let expected = format!("the {side} is not known: owned by security");
        assert!(warnings.contains(&expected), "{warnings:?}");
    }
}

#[test]
fn what_is_known_may_decide_although_something_is_not_known() {
    for account in [
        "{service_control_policies: [[FullAWSAccess, deny.json], [{unknown: x}]]}",
        "{service_control_policies: [[encrypt.json], [{unknown: x}]]}",
        "{resource_control_policies: [[resource.json, {unknown: x}]]}",
    ] {
        ask(account).exits(1);
    }
}

#[test]
fn a_resource_control_policy_only_denies() {
    for (levels, status) in
        [("[]", 0), ("[[]]", 0), ("[[RCPFullAWSAccess]]", 0), ("[[resource.json]]", 1)]
    {
        ask(&format!("{{resource_control_policies: {levels}}}")).exits(status);
    }
}

#[test]
fn neither_kind_limits_the_management_account() {
    let account = "{service_control_policies: [[encrypt.json]], resource_control_policies: [[resource.json]]}";
    let organization = format!(
        "{{id: o-a, management_account: '123456789012', accounts: {{'123456789012': {account}}}}}"
    );
    let answer = ask_all(&organization, "role/Web").exits(0).json();
    for side in [0, 1] {
        assert_eq!(answer["sides"][side]["verdict"], "not-applicable");
    }
    let other = organization
        .replace("management_account: '123456789012'", "management_account: '999999999999'");
    ask_all(&other, "role/Web").exits(1);
}

#[test]
fn neither_kind_limits_a_service_linked_role() {
    let account = "{service_control_policies: [[encrypt.json]], resource_control_policies: [[resource.json]]}";
    let organization = format!("{{id: o-a, accounts: {{'123456789012': {account}}}}}");
    let role = "role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling";
    ask_all(&organization, role).exits(0);
}

#[test]
fn the_organization_sets_its_keys() {
    let context = ask("{ou_path: [r-root, ou-prod]}").exits(0).json()["request"]["context"].clone();
    for key in ["aws:PrincipalOrgID", "aws:ResourceOrgID"] {
        assert_eq!(context[key], json!(["o-exampleorgid"]), "{key}");
    }
    for key in ["aws:PrincipalOrgPaths", "aws:ResourceOrgPaths"] {
        assert_eq!(context[key], json!(["o-exampleorgid/r-root/ou-prod/"]), "{key}");
    }
}

#[test]
fn an_account_that_is_not_listed_is_outside() {
    let run = ask_all(
        "{id: o-a, accounts: {'999999999999': {service_control_policies: [[encrypt.json]]}}}",
        "role/Web",
    );
    let answer = run.exits(0).json();
    assert_eq!(answer["request"]["context"].get("aws:PrincipalOrgID"), None);
}
