//! `kms-sim test --bless`: what is expected, brought up to date, and nothing else touched.

use std::fs;

use crate::support::{DELEGATING, Folder, IDENTITY, NAMING, Run};

const HEAD: &str = "# The head.
account: '123456789012'
principals:
  role/Web: {identity_policies: [identity.json]}   # with a policy
  role/Other: {}
keys:
  app: {policy: delegating.json}
  named: {policy: naming.json}
  denying: {policy: denying.json}
cases:
";

const DENYING: &str = r#"{"Version": "2012-10-17", "Statement": [
  {"Sid": "Delegate", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": "kms:*", "Resource": "*"},
  {"Sid": "NoDecrypt", "Effect": "Deny", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*"}
]}"#;

fn folder(cases: &str) -> Folder {
    Folder::new()
        .with("s.yaml", format!("{HEAD}{cases}"))
        .with("identity.json", IDENTITY)
        .with("delegating.json", DELEGATING)
        .with("naming.json", NAMING)
        .with("denying.json", DENYING)
}

/// The cases after they are blessed, which then pass.
#[track_caller]
fn blessed(cases: &str) -> (String, Run) {
    let folder = folder(cases);
    let run = folder.run("test s.yaml --bless --yes").exits(0);
    let text = fs::read_to_string(folder.path("s.yaml")).unwrap();
    folder.run("test s.yaml").exits(0);
    let rest = text.strip_prefix(HEAD).unwrap_or_else(|| panic!("the head changed:\n{text}"));
    (rest.to_owned(), run)
}

#[test]
fn expectations_that_are_missing_are_filled_in() {
    let table = [
        (
            "  - principal: role/Web # who\n    key: app   # which\n    action: kms:Decrypt # what\n\n  # next\n",
            "  - principal: role/Web # who\n    key: app   # which\n    action: kms:Decrypt # what\n    expect: {decision: allowed, by: identity-policy}\n\n  # next\n",
        ),
        (
            "  - {principal: role/Other, key: app, action: kms:Decrypt}\n",
            "  - {principal: role/Other, key: app, action: kms:Decrypt, expect: {decision: implicitDeny, denied_by: [identity-policy]}}\n",
        ),
        (
            "  - {principal: role/Web, key: denying, action: kms:Decrypt, expect: }\n",
            "  - {principal: role/Web, key: denying, action: kms:Decrypt, expect: {decision: explicitDeny, denied_by: [key-policy], statement: NoDecrypt} }\n",
        ),
        (
            "  - principal: role/Web\n    key: app\n    expect:\n    action: kms:Decrypt\n",
            "  - principal: role/Web\n    key: app\n    expect: {decision: allowed, by: identity-policy}\n    action: kms:Decrypt\n",
        ),
        // No one side for all of these.
        (
            "  - principal: role/Web\n    action: kms:Encrypt\n    key: [app, named]",
            "  - principal: role/Web\n    action: kms:Encrypt\n    key: [app, named]\n    expect: allowed",
        ),
        (
            "  - principal: role/Other\n    action: kms:Decrypt\n    key: [app, denying]\n",
            "  - principal: role/Other\n    action: kms:Decrypt\n    key: [app, denying]\n    expect: denied\n",
        ),
    ];
    for (cases, expected) in table {
        let (text, run) = blessed(cases);
        assert_eq!(text, expected);
        run.says(&["filled in", "+"]);
    }
}

#[test]
fn only_the_parts_that_do_not_hold_are_changed() {
    let table = [
        // A decision alone stays one.
        (
            "  - {principal: role/Web, key: app, action: kms:Decrypt, expect: denied} # why\n",
            "  - {principal: role/Web, key: app, action: kms:Decrypt, expect: allowed} # why\n",
        ),
        (
            "  - {principal: role/Other, key: app, action: kms:Decrypt, expect: {decision: denied, denied_by: [key-policy]}}\n",
            "  - {principal: role/Other, key: app, action: kms:Decrypt, expect: {decision: denied, denied_by: [identity-policy]}}\n",
        ),
        (
            "  - principal: role/Other\n    key: app\n    action: kms:Decrypt\n    expect:\n      decision: implicitDeny # still\n      denied_by:\n        - key-policy\n      # after\n",
            "  - principal: role/Other\n    key: app\n    action: kms:Decrypt\n    expect:\n      decision: implicitDeny # still\n      denied_by: [identity-policy]\n      # after\n",
        ),
        (
            "  - {principal: role/Web, key: denying, action: kms:Decrypt, expect: {decision: explicitDeny, statement: Delegate}}\n",
            "  - {principal: role/Web, key: denying, action: kms:Decrypt, expect: {decision: explicitDeny, statement: NoDecrypt}}\n",
        ),
        // A side that denies means nothing for what is allowed.
        (
            "  - {principal: role/Web, key: app, action: kms:Decrypt, expect: {denied_by: [key-policy]}}\n",
            "  - {principal: role/Web, key: app, action: kms:Decrypt, expect: {decision: allowed, by: identity-policy}}\n",
        ),
        // The lists: what is decided otherwise moves, and of a pattern what still holds is left.
        (
            "  - principal: role/Web\n    key: denying\n    expect:\n      allowed: [\"kms:*crypt\", kms:DescribeKey]\n",
            "  - principal: role/Web\n    key: denying\n    expect:\n      allowed: [kms:Encrypt, kms:DescribeKey]\n      denied: [kms:Decrypt]\n",
        ),
        (
            "  - {principal: role/Web, key: app, expect: {allowed: [kms:Encrypt], denied: [kms:Decrypt, 'kms:*']}}\n",
            "",
        ),
    ];
    for (cases, expected) in table.into_iter().filter(|(_, expected)| !expected.is_empty()) {
        assert_eq!(blessed(cases).0, expected);
    }
}

#[test]
fn a_changed_decision_is_called_out() {
    let (_, run) = blessed(
        "  - {name: open, principal: role/Web, key: [app, named], action: kms:Decrypt, expect: denied}\n",
    );
    run.says(&[
        "DECISION CHANGED  s.yaml:11: open: role/Web kms:Decrypt on `app`: expected denied, now allowed",
        "DECISION CHANGED  s.yaml:11: open: role/Web kms:Decrypt on `named`: expected denied, now allowed",
        "-  - {name: open,",
        "+  - {name: open,",
    ]);
}

#[test]
fn without_a_terminal_or_for_a_dry_run_it_is_only_shown() {
    let cases =
        "  - {name: wrong, principal: role/Web, key: app, action: kms:Decrypt, expect: denied}\n";
    for arguments in ["test s.yaml --bless", "test s.yaml --bless --dry-run"] {
        let folder = folder(cases);
        let run = folder.run(arguments).exits(1).tells(&["nothing was written", "--bless --yes"]);
        run.says(&["DECISION CHANGED", "expect: allowed}"]);
        assert_eq!(fs::read_to_string(folder.path("s.yaml")).unwrap(), format!("{HEAD}{cases}"));
    }
    folder("").run("test s.yaml --dry-run").exits(2);
}

#[test]
fn what_passes_is_left_alone() {
    let cases = "  - {principal: role/Web, key: app, action: kms:Decrypt, expect: allowed}\n";
    let folder = folder(cases);
    folder.run("test s.yaml --bless --yes").exits(0).tells(&["no expectation is to be changed"]);
    assert_eq!(fs::read_to_string(folder.path("s.yaml")).unwrap(), format!("{HEAD}{cases}"));
}

#[test]
fn a_filter_leaves_the_other_cases_as_they_are() {
    let cases =
        "  - {name: one, principal: role/Web, key: app, action: kms:Decrypt, expect: denied}
  - {name: two, principal: role/Web, key: app, action: kms:Encrypt, expect: denied}
";
    let folder = folder(cases);
    folder.run("test s.yaml --bless --yes --filter two").exits(0);
    let text = fs::read_to_string(folder.path("s.yaml")).unwrap();
    assert_eq!(
        text,
        format!("{HEAD}{cases}").replace("Encrypt, expect: denied", "Encrypt, expect: allowed")
    );
}

#[test]
fn json_keeps_its_formatting_too() {
    let text = "{\n  \"account\": \"123456789012\",\n  \"principals\": {\"role/Web\": {\"identity_policies\": [\"identity.json\"]}},\n  \"keys\": {\"app\": {}},\n  \"cases\": [\n    {\n      \"principal\": \"role/Web\",\n      \"action\": \"kms:Decrypt\"\n    },\n    {\"principal\": \"root\", \"action\": \"kms:Decrypt\", \"expect\": \"denied\"}\n  ]\n}\n";
    let folder = Folder::new().with("s.json", text).with("identity.json", IDENTITY);
    folder.run("test s.json --bless --yes").exits(0);
    let expected = text
        .replace("\"kms:Decrypt\"\n", "\"kms:Decrypt\",\n      \"expect\": {\"decision\": \"allowed\", \"by\": \"identity-policy\"}\n")
        .replace("\"denied\"", "\"allowed\"");
    assert_eq!(fs::read_to_string(folder.path("s.json")).unwrap(), expected);
}

#[test]
fn what_has_no_one_expectation_is_refused_and_left() {
    let table = [
        (
            "  - {name: mixed, principal: [role/Web, role/Other], key: app, action: kms:Decrypt, expect: allowed}\n",
            &["s.yaml:11:5", "answered differently: split it"][..],
        ),
        (
            "  - {name: rows, principal: [role/Web, role/Other], key: app, expect: {allowed: [kms:Decrypt]}}\n",
            &["s.yaml:11:5", "kms:Decrypt is answered differently"],
        ),
        (
            "  - {name: nobody, principal: role/Wbe, key: app, action: kms:Decrypt}\n",
            &["s.yaml:11:5", "did you mean `role/Web`?"],
        ),
        (
            "  - {principal: role/Web, key: app, action: kms:Decrypt, expect: &e denied}\n  - {principal: role/Other, key: app, action: kms:Decrypt, expect: *e}\n",
            &["s.yaml:", "can be changed on their own"],
        ),
        (
            "  - {principal: role/Web, key: app}\n  - {principal: role/Web, key: app, action: kms:Decript, expect: allowed}\n",
            &["s.yaml:11:5", "expected a member `action`"],
        ),
    ];
    for (cases, parts) in table {
        let folder = folder(cases);
        folder.run("test s.yaml --bless --yes").exits(2).tells(parts);
        assert_eq!(fs::read_to_string(folder.path("s.yaml")).unwrap(), format!("{HEAD}{cases}"));
    }
}

#[test]
fn a_case_without_an_expectation_is_an_error_otherwise() {
    let run =
        folder("  - {principal: role/Web, key: app, action: kms:Decrypt}\n").run("test s.yaml");
    run.exits(2).says(&["s.yaml:11:5", "`expect`", "--bless"]);
}

#[test]
fn lines_end_as_in_the_rest_of_the_file() {
    let cases =
        "  - name: a\n    principal: role/Web\n    action: kms:Decrypt\n    key: app # it\n\n";
    let folder = folder("");
    folder.write("s.yaml", format!("{HEAD}{cases}").replace('\n', "\r\n"));
    folder.run("test s.yaml --bless --yes").exits(0);
    let text = fs::read_to_string(folder.path("s.yaml")).unwrap();
    let expect = "key: app # it\n    expect: {decision: allowed, by: identity-policy}\n";
    let expected = format!("{HEAD}{cases}").replace("key: app # it\n", expect);
    assert_eq!(text, expected.replace('\n', "\r\n"));
}

#[test]
fn nothing_to_bless_is_an_error() {
    let case =
        "  - {name: a, principal: role/Web, action: kms:Decrypt, key: app, expect: allowed}\n";
    let folder = folder(case).with("empty/note.txt", "");
    for (paths, error) in [
        ("s.yaml --filter typo", "expected a case that mentions `typo`, found none"),
        ("empty", "expected scenario files, found none in empty"),
        ("identity.json", "expected a scenario, which has `cases`, found a document without cases"),
    ] {
        let run = folder.run(&format!("test --bless --yes {paths}")).exits(2);
        assert!(run.stderr.contains(error), "{}", run.stderr);
    }
    // A policy beside the scenarios is none of them.
    folder.run("test --bless --yes .").exits(0);
}
