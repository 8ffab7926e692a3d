//! Cases for several principals or keys, and names that say which case is which.

use serde_json::json;

use crate::support::{DELEGATING, Folder, IDENTITY, NAMING, Run};

fn test(cases: &str, arguments: &str) -> Run {
    let head = "account: '123456789012'
principals: {role/Web: {identity_policies: [identity.json]}, role/Other: {}}
keys:
  one: {policy: naming.json}
  two: {policy: delegating.json}
cases:
";
    Folder::new()
        .with("s.yaml", format!("{head}{cases}"))
        .with("identity.json", IDENTITY)
        .with("naming.json", NAMING)
        .with("delegating.json", DELEGATING)
        .run(&format!("test s.yaml {arguments}"))
}

#[test]
fn a_case_is_asked_for_every_principal_key_and_action() {
    let report = test(
        "  - {name: many, principal: [role/Web, root], key: [one, two], action: [kms:Decrypt, kms:Encrypt], expect: allowed}\n",
        "--format json",
    )
    .exits(1)
    .json();
    let cases = report["cases"].as_array().unwrap();
    let asked: Vec<[&str; 3]> = cases
        .iter()
        .map(|case| ["principal", "key", "action"].map(|field| case[field].as_str().unwrap()))
        .collect();
    let mut expected = Vec::new();
    for principal in ["role/Web", "root"] {
        for key in ["one", "two"] {
            expected.extend(["kms:Decrypt", "kms:Encrypt"].map(|action| [principal, key, action]));
        }
    }
    assert_eq!(asked, expected);
    // The policy of key `one` names the role alone.
    assert_eq!((&report["passed"], &report["failed"]), (&json!(6), &json!(2)));
    assert!(cases.iter().all(|case| case["name"] == "many"));
}

#[test]
fn results_that_only_the_key_tells_apart_have_names_of_their_own() {
    let case =
        "  - {name: many, principal: root, key: [one, two], action: kms:Decrypt, expect: denied}\n";
    let titles = ["many (root kms:Decrypt on one)", "many (root kms:Decrypt on two)"];
    let list = test(case, "--list").exits(0).stdout;
    assert!(titles.iter().all(|it| list.contains(it)), "{list}");
    // What a reader of the report takes for the same case hides the one that failed.
    for format in ["junit", "tap", "github", "markdown", "text"] {
        let run = test(case, &format!("--format {format}")).exits(1);
        assert!(run.stdout.contains("on two)"), "{}", run.stdout);
    }
    let one = "  - {name: one, principal: root, key: [two], action: kms:Decrypt, expect: denied}\n";
    assert!(test(one, "--list").stdout.contains("one (root kms:Decrypt)"));
}

#[test]
fn a_row_of_the_matrix_may_be_for_several_principals() {
    let cases =
        "  - {principal: [role/Other, role/Web], key: two, expect: {denied: [kms:Decrypt]}}\n";
    test(cases, "").exits(1).says(&["role/Web", "1 passed, 1 failed"]);
}

#[test]
fn a_wrong_one_of_several_is_an_error_with_its_place() {
    let table = [
        ("principal: [], key: one", "s.yaml:7:", "expected at least one principal"),
        ("principal: role/Web, key: []", "s.yaml:7:", "expected at least one key"),
        ("principal: [role/Web, 7], key: one", "s.yaml:7:28", "expected a string"),
        (
            "principal: [role/Web, role/Web], key: one",
            "s.yaml:7:28",
            "expected each principal once",
        ),
        ("principal: role/Web, key: [one, one]", "s.yaml:7:", "expected each key once"),
        ("principal: [role/Web, role/Wbe], key: one", "s.yaml:7:28", "role/Web"),
        ("principal: role/Web, key: [one, three]", "s.yaml:7:38", "three"),
    ];
    for (parts, place, what) in table {
        let cases = format!("  - {{{parts}, action: kms:Decrypt, expect: allowed}}\n");
        test(&cases, "").exits(2).says(&[place, what]);
    }
}

#[test]
fn two_cases_of_one_name_are_an_error_with_both_places() {
    let case =
        "  - {name: same, principal: role/Web, key: one, action: kms:Decrypt, expect: allowed}\n";
    let run = test(&format!("{case}{case}"), "").exits(2);
    run.says(&[
        "s.yaml:8:12",
        "expected each name once, found `same` again (first at line 7, column 12)",
    ]);
}

#[test]
fn a_sid_that_no_policy_has_is_an_error_with_its_place() {
    let case = |sid: &str| {
        format!(
            "  - {{principal: role/Web, key: one, action: kms:Decrypt, expect: {{decision: allowed, statement: {sid}}}}}\n"
        )
    };
    test(&case("Name"), "").exits(0);
    // It is there, and does not decide.
    test(&case("Delegate"), "").exits(1);
    let run = test(&case("Nmae"), "").exits(2);
    run.says(&[
        "s.yaml:7:",
        "expected the Sid of a statement",
        "found `Nmae`",
        "did you mean `Name`?",
    ]);
}
