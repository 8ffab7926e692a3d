//! How a principal is named.

use crate::support::{DELEGATING, Folder, NAMING};

const ENVIRONMENT: &str = "
account: '123456789012'
principals:
  role/Web: {id: AROAEXAMPLEEXAMPLE01, tags: {team: web}}
  role/team/Deep: {identity_policies: [FullAWSAccess]}
  role/a/Twin: {}
  role/b/Twin: {identity_policies: [FullAWSAccess]}
  role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_0123456789abcdef: {identity_policies: [FullAWSAccess]}
  role/service-role/lambda: {identity_policies: [FullAWSAccess]}
  user/alice: {identity_policies: [FullAWSAccess]}
  'arn:aws:iam::111122223333:role/Far': {}
keys: {app: {id: 1234abcd-12ab-34cd-56ef-1234567890ab}}
";

fn ask(principal: &str) -> crate::support::Run {
    Folder::new()
        .with("kms-sim.yaml", ENVIRONMENT)
        .run(&format!("--action decrypt --format json --principal {principal}"))
}

#[test]
fn short_names_arns_and_session_arns_find_the_listed_principal() {
    let table = [
        ("role/team/Deep", "allowed"),
        ("arn:aws:iam::123456789012:role/team/Deep", "allowed"),
        ("arn:aws:sts::123456789012:assumed-role/Deep/i-0abc", "allowed"),
        ("arn:aws:sts::123456789012:assumed-role/lambda/my-function", "allowed"),
        (
            "arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_Admin_0123456789abcdef/ann@example.com",
            "allowed",
        ),
        ("role/b/Twin --session-name s", "allowed"),
        ("role/a/Twin --session-name s", "implicitDeny"),
        ("user/alice", "allowed"),
        ("arn:aws:iam::123456789012:user/alice", "allowed"),
        ("role/Web", "implicitDeny"),
        ("root", "allowed"),
        ("arn:aws:iam::123456789012:root", "allowed"),
        ("arn:aws:iam::111122223333:role/Far", "implicitDeny"),
        ("logs.us-east-1.amazonaws.com", "implicitDeny"),
    ];
    for (principal, decision) in table {
        assert_eq!(ask(principal).decision(), decision, "{principal}");
    }
}

#[test]
fn the_session_arn_of_one_of_two_roles_of_a_name_is_an_error_that_lists_them() {
    ask("arn:aws:sts::123456789012:assumed-role/Twin/s").refuses(&[
        "arn:aws:iam::123456789012:role/a/Twin",
        "arn:aws:iam::123456789012:role/b/Twin",
    ]);
}

#[test]
fn a_short_name_that_is_not_listed_is_an_error_with_the_nearest() {
    let table = [
        ("role/Wep", "did you mean `role/Web`?"),
        ("role/web", "did you mean `role/Web`?"),
        ("user/Alice", "did you mean `user/alice`?"),
        ("role/Deep", "`role/team/Deep`"),
        ("role/Twin", "`role/a/Twin` or `role/b/Twin`"),
        ("user/zzzzzz", "the environment has"),
    ];
    for (principal, help) in table {
        ask(principal).refuses(&[&format!("`{principal}`"), help]);
    }
}

#[test]
fn an_arn_that_is_not_listed_has_no_identity_policies_and_a_warning_says_so() {
    for principal in [
        "arn:aws:iam::123456789012:role/Gone",
        "arn:aws:iam::123456789012:user/gone",
        "arn:aws:sts::123456789012:assumed-role/Gone/s",
        "arn:aws:sts::123456789012:federated-user/bob",
    ] {
        let run = ask(principal);
        assert_eq!(run.decision(), "implicitDeny", "{principal}");
        let warnings = run.warnings().join("\n");
        assert!(warnings.contains("no identity policies"), "{principal}: {warnings}");
    }
}

#[test]
fn what_is_no_principal_is_refused() {
    let table = [
        "Web",
        "role/",
        "user/",
        "role/We*",
        "group/developers",
        "arn:aws:iam::123456789012:group/developers",
        "arn:aws:iam::1234:role/Web",
        "arn:aws:iam::123456789012:role/",
        "arn:aws:sts::123456789012:assumed-role/Web",
        "arn:aws:sts::123456789012:assumed-role/Web/",
        "arn:aws:sts::123456789012:assumed-role/team/Deep/s",
        "arn:aws:iam::123456789012:user/al*",
        "arn:aws:kms:us-east-1:123456789012:key/x",
        "arn:aws:other::123456789012:role/Web",
        "arn:aws:iam:us-east-1:123456789012:role/Web",
        "123456789012",
        "*",
        "example.com",
        "AROAEXAMPLEEXAMPLE01",
    ];
    for principal in table {
        ask(principal).refuses(&["expected", principal]);
    }
}

#[test]
fn the_case_of_a_user_or_role_counts() {
    let policy = NAMING.replace("role/Web", "user/Alice");
    let folder = Folder::new().with("key.json", policy);
    let ask = |user: &str| {
        folder
            .run(&format!(
                "--principal {user} --action decrypt --key-policy key.json --format json"
            ))
            .decision()
    };
    assert_eq!(ask("user/Alice"), "allowed");
    assert_eq!(ask("user/alice"), "implicitDeny");
}

#[test]
fn an_account_keeps_its_leading_zeros() {
    let policy = DELEGATING.replace("123456789012", "001122223333");
    let folder = Folder::new().with("key.json", policy);
    let answer = folder
        .run("--principal root --action decrypt --key-policy key.json --format json")
        .exits(0)
        .json();
    assert_eq!(answer["request"]["principal"], "arn:aws:iam::001122223333:root");
    let quoted = "account: 001122223333\nkeys: {app: {}}\n";
    Folder::new()
        .with("e.yaml", quoted)
        .run("--env e.yaml --principal root --action decrypt")
        .refuses(&["e.yaml:1:10", "expected a string", "`001122223333`"]);
}

#[test]
fn the_same_account_number_in_two_partitions_is_two_accounts() {
    let run = ask("arn:aws-cn:iam::123456789012:role/Web");
    assert_eq!(run.decision(), "implicitDeny");
    assert_eq!(run.json()["denied_by"][0], "key-policy");
    // The account delegates to the IAM policies of its own partition alone.
    assert_eq!(run.json()["sides"][3]["delegates"], false);
}

#[test]
fn every_partition_of_aws_is_known() {
    for partition in ["aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-eusc"] {
        let policy = DELEGATING.replace("arn:aws:", &format!("arn:{partition}:"));
        let run = Folder::new()
            .with("key.json", policy)
            .run("--principal root --action decrypt --key-policy key.json --format json");
        assert_eq!(run.decision(), "allowed", "{partition}");
    }
}

#[test]
fn a_session_name_is_checked_and_names_the_session() {
    let longest = "a".repeat(64);
    for name in ["i-0abc", "ann@example.com", "a=b,c.d_e+f-g", "ab", longest.as_str()] {
        let answer = ask(&format!("role/Web --session-name {name}")).exits(1).json();
        let expected = format!("arn:aws:sts::123456789012:assumed-role/Web/{name}");
        assert_eq!(answer["request"]["principal"], expected);
    }
    for name in ["a/b", "a:b", "a*", "ü"] {
        ask(&format!("role/Web --session-name {name}")).refuses(&["session name", name]);
    }
}

#[test]
fn a_session_name_goes_with_a_role_only() {
    for principal in ["user/alice", "root", "logs.us-east-1.amazonaws.com"] {
        ask(&format!("{principal} --session-name s")).refuses(&["session name", principal]);
    }
    let arn = "arn:aws:sts::123456789012:assumed-role/Deep/one";
    ask(&format!("{arn} --session-name one")).exits(0);
    ask(&format!("{arn} --session-name two")).refuses(&["`one`", "`two`"]);
}

#[test]
fn a_statement_for_one_session_matches_that_session_alone() {
    let policy = NAMING.replace(
        "arn:aws:iam::123456789012:role/Web",
        "arn:aws:sts::123456789012:assumed-role/Web/one",
    );
    let folder = Folder::new().with("key.json", policy);
    let ask = |principal: &str| {
        folder
            .run(&format!(
                "--principal {principal} --action decrypt --key-policy key.json --format json"
            ))
            .decision()
    };
    assert_eq!(ask("role/Web --session-name one"), "allowed");
    assert_eq!(ask("arn:aws:sts::123456789012:assumed-role/Web/one"), "allowed");
    assert_eq!(ask("role/Web --session-name two"), "implicitDeny");
    assert_eq!(ask("role/Web"), "implicitDeny");
}

#[test]
fn a_federated_user_has_a_user_behind_it() {
    let bob = "arn:aws:sts::123456789012:federated-user/bob";
    // Without a session policy, identity policies give a federated user nothing.
    assert_eq!(ask(&format!("{bob} --issued-by user/alice")).decision(), "implicitDeny");
    ask(&format!("{bob} --issued-by role/Web")).refuses(&["expected a user", "role/Web"]);
    ask("role/Web --issued-by user/alice").refuses(&["federated user", "role/Web"]);
    ask(&format!("{bob} --issued-by arn:aws:iam::111122223333:user/x")).refuses(&["123456789012"]);
}

#[test]
fn listing_a_principal_by_name_and_by_arn_is_a_duplicate() {
    let text = "
account: '123456789012'
principals:
  role/Web: {}
  arn:aws:iam::123456789012:role/Web: {}
keys: {app: {}}
";
    Folder::new()
        .with("e.yaml", text)
        .run("--env e.yaml --principal role/Web --action decrypt")
        .refuses(&["e.yaml:5:3", "`role/Web`", "`arn:aws:iam::123456789012:role/Web`"]);
}
