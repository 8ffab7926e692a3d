//! What `test` says: of cases that pass, fail, and cannot be run.

use serde_json::json;

use crate::support::{DELEGATING, Folder, NAMING, Run};

/// A scenario about `role/Web`, whose key policy names it, with the cases.
fn folder(cases: &str) -> Folder {
    let head = "
account: '123456789012'
principals: {role/Web: {}, role/Other: {}}
keys: {app: {policy: key.json}}
cases:
";
    Folder::new().with("key.json", NAMING).with("s.yaml", format!("{head}{cases}"))
}

fn test(cases: &str) -> Run {
    folder(cases).run("test s.yaml")
}

#[test]
fn cases_that_pass_are_counted_and_no_more() {
    let folder = folder("  - {principal: role/Web, action: kms:Decrypt, expect: allowed}\n");
    let run = folder.run("test s.yaml").exits(0);
    assert_eq!(run.stdout, "1 passed, 0 failed\n");
    assert!(run.stderr.starts_with("1 action of 1 file in 0."), "{}", run.stderr);
    let run = folder.run("test s.yaml --quiet").exits(0);
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("1 passed, 0 failed\n", ""));
}

#[test]
fn a_case_that_fails_names_itself_what_was_expected_and_the_side_found() {
    let run = test("  - {name: others may, principal: role/Other, action: kms:Decrypt, expect: {decision: allowed, denied_by: []}}\n").exits(1);
    let run = run.says(&[
        "s.yaml",
        "others may",
        "role/Other",
        "kms:Decrypt",
        "expected allowed, found implicitDeny",
        "key-policy",
    ]);
    assert!(run.stdout.ends_with("\n0 passed, 1 failed\n"), "{}", run.stdout);
}

#[test]
fn a_case_that_expects_more_than_a_decision_fails_for_a_wrong_reason() {
    let table = [
        ("{decision: allowed, by: key-policy}", true),
        ("{decision: allowed, by: identity-policy}", false),
        ("{decision: allowed, statement: Name}", true),
        ("{depends_on: []}", true),
        ("{depends_on: [kms:ViaService]}", false),
        ("{denied_by: []}", true),
        ("{denied_by: [key-policy]}", false),
        ("allowed", true),
        ("denied", false),
        ("explicitDeny", false),
        ("implicitDeny", false),
        ("undetermined", false),
    ];
    for (expect, passes) in table {
        let run =
            test(&format!("  - {{principal: role/Web, action: kms:Decrypt, expect: {expect}}}\n"));
        assert_eq!(run.status(), Some(i32::from(!passes)), "{expect}: {}", run.stdout);
    }
}

#[test]
fn the_sides_that_deny_are_compared_whatever_their_order() {
    let text = "
account: '123456789012'
principals: {role/Web: {}}
keys: {far: {arn: 'arn:aws:kms:us-east-1:111122223333:key/far'}}
cases:
  - {principal: role/Web, action: kms:Decrypt, expect: {denied_by: [identity-policy, key-policy]}}
  - {principal: role/Web, action: kms:Decrypt, expect: {denied_by: [key-policy]}}
";
    let run = Folder::new().with("s.yaml", text).run("test s.yaml").exits(1);
    run.says(&[
        "expected it denied by key-policy, found key-policy, identity-policy",
        "1 passed, 1 failed",
    ]);
}

#[test]
fn an_exact_message_of_aws_may_be_expected() {
    let message = "User: arn:aws:sts::123456789012:assumed-role/Other/SESSION is not authorized to perform: kms:Decrypt on resource: arn:aws:kms:us-east-1:123456789012:key/app because no resource-based policy allows the kms:Decrypt action";
    test(&format!(
        "  - {{principal: role/Other, action: kms:Decrypt, expect: {{error: '{message}'}}}}\n"
    ))
    .exits(0);
    test("  - {principal: role/Other, action: kms:Decrypt, expect: {error: something else}}\n")
        .exits(1)
        .says(&["`something else`", message]);
}

#[test]
fn a_case_that_cannot_be_run_is_an_error_at_its_place() {
    let table = [
        (
            "{principal: role/Nobody, action: kms:Decrypt, expect: allowed}",
            "s.yaml:6:17",
            "`role/Nobody`",
        ),
        (
            "{principal: role/Web, key: other, action: kms:Decrypt, expect: allowed}",
            "s.yaml:6:32",
            "`other`",
        ),
        (
            "{principal: role/Web, at: soon, action: kms:Decrypt, expect: allowed}",
            "s.yaml:6:31",
            "`soon`",
        ),
        (
            "{principal: logs.us-east-1.amazonaws.com, via: ssm, action: kms:Decrypt, expect: allowed}",
            "s.yaml:6:52",
            "`ssm`",
        ),
        (
            "{principal: role/Web, session: {name: a b}, action: kms:Decrypt, expect: allowed}",
            "s.yaml:6:36",
            "`a b`",
        ),
    ];
    for (case, place, what) in table {
        let run = test(&format!("  - {case}\n")).exits(2).says(&[place, what]);
        assert!(run.stdout.ends_with("0 passed, 0 failed, 1 errors\n"), "{}", run.stdout);
    }
}

#[test]
fn the_other_cases_of_a_file_run_beside_one_that_cannot() {
    let run = test(
        "  - {principal: role/Nobody, action: kms:Decrypt, expect: allowed}
  - {principal: role/Web, action: kms:Decrypt, expect: allowed}
  - {principal: role/Web, action: kms:Decrypt, expect: denied}
",
    );
    assert!(run.exits(2).stdout.ends_with("1 passed, 1 failed, 1 errors\n"));
}

#[test]
fn a_case_that_reads_the_date_and_has_none_is_an_error() {
    let dated = NAMING.replace(
        "\"Resource\": \"*\"",
        "\"Resource\": \"*\", \"Condition\": {\"DateLessThan\": {\"aws:CurrentTime\": \"2026-06-01T00:00:00Z\"}}",
    );
    let test = |case: &str| {
        let folder = folder(&format!("  - {{principal: role/Web, action: kms:Decrypt, {case}}}\n"));
        folder.write("key.json", &dated);
        folder.run("test s.yaml")
    };
    test("expect: allowed").exits(2).says(&["`at`", "s.yaml:6:5", "1 errors"]);
    test("at: 2026-01-01T00:00:00Z, expect: allowed").exits(0);
    test("at: 2026-07-01T00:00:00Z, expect: implicitDeny").exits(0);
    test("at: 1767225600, expect: allowed").exits(0);
    test("context: {'aws:CurrentTime': '2026-01-01T00:00:00Z'}, expect: allowed").exits(0);
    // Whoever no dated statement concerns needs no date.
    folder("  - {principal: role/Other, action: kms:Decrypt, expect: denied}\n")
        .run("test s.yaml")
        .exits(0);
}

#[test]
fn a_row_of_the_matrix_is_a_check_for_every_action() {
    let rows = "  - {principal: role/Web, expect: {allowed: ['kms:*crypt', kms:PutKeyPolicy], denied: [kms:CreateKey]}}\n";
    let report = folder(rows).run("test s.yaml --format json").exits(0).json();
    let actions: Vec<&str> = report["cases"]
        .as_array()
        .unwrap()
        .iter()
        .map(|case| case["action"].as_str().unwrap())
        .collect();
    assert_eq!(actions, ["kms:Decrypt", "kms:Encrypt", "kms:PutKeyPolicy", "kms:CreateKey"]);
    let run = test("  - {principal: role/Web, expect: {denied: ['kms:*crypt']}}\n").exits(1);
    run.says(&["kms:Decrypt", "kms:Encrypt", "0 passed, 2 failed"]);
}

#[test]
fn actions_in_a_list_expand_and_are_checked_one_by_one() {
    let run =
        test("  - {principal: role/Web, action: [decrypt, 'kms:Describe*'], expect: allowed}\n")
            .exits(1);
    // DescribeCustomKeyStores has no key.
    run.says(&["kms:DescribeCustomKeyStores", "2 passed, 1 failed"]);
}

#[test]
fn the_report_in_json_has_every_field_of_every_case() {
    let cases =
        "  - {name: one, principal: role/Web, action: kms:Decrypt, key: app, expect: allowed}
  - {name: two, principal: role/Other, action: kms:Decrypt, expect: {decision: allowed}}
  - {name: three, principal: role/Nobody, action: kms:Decrypt, expect: allowed}
";
    let folder = folder(cases);
    let run = folder.run("test s.yaml --format json").exits(2);
    let report = run.json();
    assert_eq!(report["passed"], 1);
    assert_eq!(report["failed"], 1);
    assert_eq!(report["errors"], 1);
    assert_eq!(report["files"], 1);
    assert_eq!(report["cases"].as_array().unwrap().len(), 3);
    let table = [
        ("/cases/0/file", json!("s.yaml")),
        ("/cases/0/name", json!("one")),
        ("/cases/0/principal", json!("role/Web")),
        ("/cases/0/action", json!("kms:Decrypt")),
        ("/cases/0/key", json!("app")),
        ("/cases/0/status", json!("passed")),
        ("/cases/0/expected", json!("allowed")),
        ("/cases/0/actual/decision", json!("allowed")),
        ("/cases/0/message", json!(null)),
        ("/cases/1/key", json!(null)),
        ("/cases/1/status", json!("failed")),
        ("/cases/1/expected", json!({"decision": "allowed"})),
        ("/cases/1/actual/decision", json!("implicitDeny")),
        ("/cases/1/actual/denied_by", json!(["key-policy"])),
        ("/cases/1/message", json!("expected allowed, found implicitDeny")),
        ("/cases/2/status", json!("error")),
        ("/cases/2/actual", json!(null)),
        ("/cases/2/line", json!(8)),
    ];
    for (pointer, expected) in table {
        assert_eq!(report.pointer(pointer), Some(&expected), "{pointer}");
    }
    let answer = folder.run("--env s.yaml --principal role/Web --action decrypt --format json --at 2026-01-01T00:00:00Z").json();
    let (answer, actual) =
        (answer.as_object().unwrap(), report["cases"][0]["actual"].as_object().unwrap());
    assert!(answer.keys().eq(actual.keys()), "it is the object that `simulate` prints");
}

#[test]
fn a_file_that_cannot_be_loaded_is_one_entry_of_the_report() {
    let report = Folder::new()
        .with("bad.yaml", "keys: [\n")
        .run("test bad.yaml --format json")
        .exits(2)
        .json();
    assert_eq!(report["errors"], 1);
    let entry = &report["cases"][0];
    assert_eq!(report["cases"].as_array().unwrap().len(), 1);
    assert_eq!(entry["file"], "bad.yaml");
    assert_eq!(entry["name"], json!(null));
    assert_eq!(entry["status"], "error");
    assert_eq!(entry["actual"], json!(null));
    assert!(
        entry["message"].is_string() && entry["line"].is_u64() && entry["column"].is_u64(),
        "{entry}"
    );
}

#[test]
fn a_case_without_a_name_is_known_by_its_number() {
    test("  - {principal: role/Web, action: kms:Decrypt, expect: denied}\n")
        .exits(1)
        .says(&["case 1"]);
}

#[test]
fn quiet_still_tells_failures_and_the_summary() {
    let cases = "  - {name: wrong, principal: role/Web, action: kms:Decrypt, expect: denied}\n";
    let run = folder(cases).run("test s.yaml --quiet").exits(1);
    run.says(&["wrong", "0 passed, 1 failed"]);
}

#[test]
fn what_a_file_holds_besides_is_warned_of_on_standard_error() {
    let folder = folder("  - {principal: role/Web, action: kms:Decrypt, expect: denied}\n");
    folder.write("key.json", NAMING.replace("kms:*", "kms:Decript"));
    let run = folder.run("test s.yaml").exits(0);
    assert!((run.stdout.clone() + &run.stderr).contains("`kms:Decript`"), "{run:?}");
}

#[test]
fn a_scenario_has_the_environment_of_its_own_file_alone() {
    let folder = Folder::new().with("kms-sim.yaml", "account: '999999999999'\nkeys: {other: {}}\n").with(
        "s.yaml",
        "account: '123456789012'\nkeys: {app: {policy: key.json}}\ncases:\n  - {principal: root, action: kms:Decrypt, expect: allowed}\n",
    );
    folder.write("key.json", DELEGATING);
    folder.run("test s.yaml").exits(0);
}
