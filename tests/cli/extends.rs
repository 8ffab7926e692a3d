//! Environments that several scenario files share, by `extends`.

use crate::support::{DELEGATING, Folder, IDENTITY, NAMING, Run};

const BASE: &str = "
account: '123456789012'
region: eu-west-1
principals:
  role/Web: {identity_policies: [policies/web.json]}
  role/Other: {}
groups:
  users: {identity_policies: [policies/web.json]}
keys:
  app: {policy: policies/key.json, aliases: [alias/app]}
organization:
  id: o-exampleorgid
  accounts: {'123456789012': {service_control_policies: [[FullAWSAccess]]}}
vpc_endpoints:
  vpce-0abc: {policy: FullAWSAccess}
cases:
  - {name: never run, principal: role/Nobody, action: kms:Decrypt, expect: allowed}
";

fn folder(scenario: &str) -> Folder {
    Folder::new()
        .with("env/base.yaml", BASE)
        .with("env/policies/key.json", DELEGATING)
        .with("env/policies/web.json", IDENTITY)
        .with("tests/s.yaml", scenario)
}

fn test(scenario: &str) -> Run {
    folder(scenario).run("test tests/s.yaml")
}

#[test]
fn a_scenario_has_the_environment_of_the_file_that_it_extends() {
    let run = test(
        "extends: ../env/base.yaml
cases:
  - {principal: role/Web, action: kms:Decrypt, key: alias/app, vpc_endpoint: vpce-0abc, expect: {decision: allowed, by: identity-policy}}
  - {principal: role/Other, action: kms:Decrypt, expect: {decision: implicitDeny, denied_by: identity-policy}}
",
    );
    run.exits(0).says(&["2 passed, 0 failed"]);
}

#[test]
fn account_and_region_are_those_of_the_base_unless_said() {
    let case = "
cases:
  - {principal: root, action: kms:Decrypt, context: {'aws:SourceIp': 10.0.0.1}, expect: denied}
";
    let ask = |head: &str| {
        let folder = folder(&format!("extends: ../env/base.yaml\n{head}{case}"));
        let report = folder.run("test tests/s.yaml --format json").json();
        report["cases"][0]["actual"]["request"]["resource"].as_str().unwrap().to_owned()
    };
    assert!(ask("").starts_with("arn:aws:kms:eu-west-1:123456789012:key/"));
    assert!(ask("region: us-west-2\n").starts_with("arn:aws:kms:us-west-2:123456789012:key/"));
    let other = ask("account: '111122223333'\npartition: aws-cn\n");
    assert!(other.starts_with("arn:aws-cn:kms:eu-west-1:111122223333:key/"), "{other}");
}

#[test]
fn an_entry_of_the_same_name_replaces_the_one_of_the_base_as_a_whole() {
    let run = folder(
        "extends: ../env/base.yaml
principals:
  arn:aws:iam::123456789012:role/Web: {}      # the same principal by its ARN
  role/New: {identity_policies: [mine.json]}  # relative to this file
  user/alice: {groups: [users]}               # a group of the base
keys:
  second: {id: 11111111-2222-3333-4444-555555555555}
cases:
  - {principal: role/Web, action: kms:Decrypt, key: app, expect: {denied_by: identity-policy}}
  - {principal: role/New, action: kms:Decrypt, key: second, expect: allowed}
  - {principal: user/alice, action: kms:Decrypt, key: app, expect: allowed}
",
    )
    .with("tests/mine.json", IDENTITY)
    .run("test tests/s.yaml");
    run.exits(0).says(&["3 passed"]);
    let run = folder(
        "extends: ../env/base.yaml
keys: {app: {policy: key.json}}
organization: {accounts: {'123456789012': {service_control_policies: [[deny.json]]}}}
cases:
  - {principal: role/Web, action: kms:Decrypt, expect: {denied_by: service-control-policy}}
",
    )
    .with("tests/key.json", NAMING)
    .with(
        "tests/deny.json",
        r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "kms:Decrypt", "Resource": "*"}]}"#,
    )
    .run("test tests/s.yaml");
    run.exits(0).says(&["1 passed"]);
}

#[test]
fn files_extend_each_other_in_a_chain() {
    let folder = folder(
        "extends: middle.yaml
cases:
  - {principal: role/Web, action: kms:Decrypt, expect: allowed}
  - {principal: role/Middle, action: kms:Decrypt, expect: allowed}
",
    )
    .with(
        "tests/middle.yaml",
        "extends: ../env/base.yaml\nprincipals: {role/Middle: {identity_policies: [../env/policies/web.json]}}\n",
    );
    folder.run("test tests/s.yaml").exits(0).says(&["2 passed"]);
    // A file that only extends another is an environment, and is skipped in a folder.
    folder.run("test tests").exits(0).says(&["2 passed", "1 documents without cases"]);
    folder.run("--env tests/middle.yaml --principal role/Middle --action kms:Decrypt").exits(0);
}

#[test]
fn what_cannot_be_extended_is_an_error_with_its_place() {
    let table = [
        (
            "extends: nowhere.yaml",
            "tests/s.yaml:1:10",
            "expected the path of an environment file, found `nowhere.yaml`",
        ),
        ("extends: ../env/policies/key.json", "tests/s.yaml:1:10", "which is a policy"),
        ("extends: s.yaml", "tests/s.yaml:1:10", "does not extend itself"),
        (
            "extends: loop.yaml",
            "tests/loop.yaml:1:10",
            "does not extend itself, found `tests/s.yaml`",
        ),
        ("extends: [a.yaml]", "tests/s.yaml:1:10", "expected a string"),
        ("extends: list.yaml", "tests/list.yaml:1:1", "expected an"),
        ("extends: typo.yaml", "tests/typo.yaml:2:1", "did you mean `principals`?"),
        ("extends: nokeys.yaml", "tests/s.yaml:1:1", "expected a member `keys`"),
        ("extends: ..", "tests/s.yaml:1:10", "it is a folder"),
    ];
    for (head, place, what) in table {
        let run = folder(&format!(
            "{head}\ncases: [{{principal: root, action: kms:Decrypt, expect: allowed}}]\n"
        ))
        .with("tests/loop.yaml", "extends: s.yaml\n")
        .with("tests/list.yaml", "[1, 2]\n")
        .with("tests/typo.yaml", "keys: {}\nprincipal: {}\n")
        .with("tests/nokeys.yaml", "account: '123456789012'\n")
        .run("test tests/s.yaml");
        run.exits(2).says(&[place, what, "0 passed, 0 failed, 1 errors"]);
    }
}

#[test]
fn a_file_that_only_extends_another_is_an_environment_everywhere() {
    let folder = folder("extends: ../env/base.yaml\n");
    folder
        .run("simulate --env tests/s.yaml --principal role/Web --action kms:Decrypt")
        .exits(0)
        .says(&["ALLOWED"]);
    let run = folder.run("check tests --fail-on error");
    assert!(!run.stderr.contains("passed over"), "{}", run.stderr);
    run.exits(0);
}

#[test]
fn what_is_wrong_in_a_shared_policy_is_found_once() {
    let folder = folder("extends: ../env/base.yaml\n");
    folder.write("env/policies/key.json", NAMING.replace("\"Action\"", "\"action\""));
    let report = folder.run("check env tests --format json").exits(1).json();
    let refused = report["findings"].as_array().unwrap().iter();
    assert_eq!(refused.filter(|it| it["code"] == "KMS101").count(), 1, "{report}");
}
