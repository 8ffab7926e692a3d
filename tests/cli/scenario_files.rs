//! Scenario files that are no scenario: an error with its place, and never a pass.

use crate::support::{Folder, Run};

fn test(text: &str) -> Run {
    Folder::new().with("s.yaml", text).run("test s.yaml")
}

/// Each is a file's cases, with the place and what is said of it.
#[track_caller]
fn are_errors(table: &[(&str, &str, &str)]) {
    for (cases, place, what) in table {
        let run = test(&format!(
            "account: '123456789012'\nregion: us-east-1\nkeys: {{app: {{}}}}\n{cases}\n"
        ));
        let run = run.exits(2).says(&[&format!("s.yaml:{place}"), what]);
        assert!(run.stdout.ends_with("0 passed, 0 failed, 1 errors\n"), "{}", run.stdout);
    }
}

#[test]
fn a_wrong_case_is_an_error_with_its_place() {
    are_errors(&[
        ("cases: {}", "4:8", "expected a list"),
        ("cases: [x]", "4:9", "expected an object"),
        ("cases:\n  - {action: kms:Decrypt, expect: allowed}", "5:5", "`principal`"),
        ("cases:\n  - {principal: root, expect: allowed}", "5:5", "`action`"),
        ("cases:\n  - {principal: root, action: kms:Decrypt}", "5:5", "`expect`"),
        (
            "cases:\n  - {principal: root, actions: kms:Decrypt, expect: allowed}",
            "5:23",
            "did you mean `action`?",
        ),
        (
            "cases:\n  - {principal: root, action: kms:Decript, expect: allowed}",
            "5:31",
            "did you mean `kms:Decrypt`",
        ),
        (
            "cases:\n  - {principal: root, action: 'kms:Nothing*', expect: allowed}",
            "5:31",
            "`kms:Nothing*`",
        ),
        ("cases:\n  - {principal: root, action: [], expect: allowed}", "5:", "action"),
        (
            "cases:\n  - {principal: root, action: kms:ReEncrypt, expect: allowed}",
            "5:5",
            "expected a destination key",
        ),
        (
            "cases:\n  - {principal: 5, action: kms:Decrypt, expect: allowed}",
            "5:17",
            "expected a string",
        ),
        (
            "cases:\n  - {principal: root, action: kms:Decrypt, context: [a], expect: allowed}",
            "5:53",
            "expected an object",
        ),
        (
            "cases:\n  - {principal: root, action: kms:Decrypt, context: {a: {b: c}}, expect: allowed}",
            "5:57",
            "string, number or boolean",
        ),
        (
            "cases:\n  - {principal: root, action: kms:Decrypt, context: {'a:b': 1, 'A:B': 2}, expect: allowed}",
            "5:64",
            "in another case",
        ),
        (
            "cases:\n  - {principal: root, action: kms:Decrypt, encryption_context: {a: 1}, expect: allowed}",
            "5:68",
            "expected a string",
        ),
        (
            "cases:\n  - {principal: root, action: kms:Decrypt, session: {nam: x}, expect: allowed}",
            "5:54",
            "`name`",
        ),
        (
            "cases:\n  - {principal: root, action: kms:Decrypt, session: {mfa: 'yes'}, expect: allowed}",
            "5:59",
            "`true` or `false`",
        ),
        (
            "cases:\n  - {principal: root, action: kms:Decrypt, rules: strict, expect: allowed}",
            "5:51",
            "`strict`",
        ),
        (
            "cases:\n  - {principal: root, principal: root, action: kms:Decrypt, expect: allowed}",
            "5:23",
            "`principal` again",
        ),
        ("case: []", "4:1", "did you mean `cases`?"),
    ]);
}

#[test]
fn an_expectation_that_is_none_is_an_error_with_its_place() {
    are_errors(&[
        (
            "cases:\n  - {principal: root, action: kms:Decrypt, expect: allow}",
            "5:52",
            "did you mean `allowed`?",
        ),
        ("cases:\n  - {principal: root, action: kms:Decrypt, expect: true}", "5:52", "a decision"),
        ("cases:\n  - {principal: root, action: kms:Decrypt, expect: {}}", "5:52", "at least one"),
        (
            "cases:\n  - {principal: root, action: kms:Decrypt, expect: {decide: allowed}}",
            "5:53",
            "`decision`",
        ),
        (
            "cases:\n  - {principal: root, action: kms:Decrypt, expect: {denied_by: [keypolicy]}}",
            "5:65",
            "did you mean `key-policy`?",
        ),
        ("cases:\n  - {principal: root, action: kms:Decrypt, expect: {by: key}}", "5:57", "`key`"),
        (
            "cases:\n  - {principal: root, action: kms:Decrypt, expect: {decision: implicitDeny, statement: X}}",
            "5:77",
            "`statement`",
        ),
        (
            "cases:\n  - {principal: root, action: kms:Decrypt, expect: {allowed: [kms:Decrypt]}}",
            "5:",
            "`action`",
        ),
        (
            "cases:\n  - {principal: root, expect: {allowed: ['kms:Nothing*']}}",
            "5:42",
            "`kms:Nothing*`",
        ),
        (
            "cases:\n  - {principal: root, expect: {allowed: [kms:Decrypt], decision: allowed}}",
            "5:",
            "`decision`",
        ),
        (
            "cases:\n  - {principal: root, action: kms:Decrypt, expect: allowed, expect: denied}",
            "5:61",
            "`expect` again",
        ),
    ]);
}

#[test]
fn a_file_that_holds_no_cases_is_an_error_when_it_is_named() {
    let table = [
        ("p.json", "{\"Version\": \"2012-10-17\", \"Statement\": []}", "a policy document"),
        ("e.yaml", "account: '123456789012'\nkeys: {app: {}}\n", "without cases"),
        (
            "c.yaml",
            "account: '123456789012'\nkeys: {app: {}}\ncases: []\n",
            "an empty list of cases",
        ),
    ];
    for (name, text, what) in table {
        let run = Folder::new().with(name, text).run(&format!("test {name}")).exits(2);
        run.says(&[&format!("{name}:1:1"), what, "0 passed, 0 failed, 1 errors"]);
    }
}

#[test]
fn a_policy_in_a_scenario_may_not_be_a_key_policy_and_an_identity_policy_at_once() {
    let text = "
account: '123456789012'
principals: {role/Web: {identity_policies: [p.json]}}
keys: {app: {policy: p.json}}
cases: [{principal: root, action: kms:Decrypt, expect: allowed}]
";
    let run = Folder::new()
        .with("s.yaml", text)
        .with("p.json", crate::support::NAMING)
        .run("test s.yaml");
    run.exits(2).says(&["p.json:2:", "`Principal`"]);
}

#[test]
fn a_file_that_a_scenario_refers_to_must_be_there() {
    let table = ["missing.json", "folder", "../kms-sim-no-such-file.json"];
    for path in table {
        let text =
            format!("account: '123456789012'\nkeys: {{app: {{policy: {path}}}}}\ncases: []\n");
        let run =
            Folder::new().with("s.yaml", text).with("folder/x", "").run("test s.yaml").exits(2);
        run.says(&["s.yaml:2:22", path]);
    }
}

#[test]
fn scenarios_are_written_in_json_too() {
    let text = r#"{
  "account": "123456789012",
  "keys": {"app": {}},
  "cases": [{"principal": "root", "action": "kms:Decrypt", "expect": "allowed"}]
}"#;
    Folder::new().with("s.json", text).run("test s.json").exits(0);
    let run =
        Folder::new().with("s.json", text.replace("\"root\"", "5")).run("test s.json").exits(2);
    run.says(&["s.json:4:27", "expected a string"]);
}

#[test]
fn the_values_of_a_context_are_scalars_lists_or_known_to_be_absent() {
    let text = r"
account: '123456789012'
principals: {role/Web: {}}
keys:
  app:
    policy:
      Version: '2012-10-17'
      Statement:
        - Effect: Allow
          Principal: '*'
          Action: kms:Decrypt
          Resource: '*'
          Condition:
            Bool: {'x:Bool': 'true'}
            NumericEquals: {'x:Number': 5}
            ForAnyValue:StringEquals: {'x:List': b}
            'Null': {'x:Absent': 'true'}
cases:
  - principal: role/Web
    action: kms:Decrypt
    context: {'x:Bool': true, 'x:Number': 5, 'x:List': [a, b], 'x:Absent': null}
    expect: {decision: allowed, depends_on: []}
";
    test(text).exits(0);
}
