//! What `test` runs, in which order, and what it says of the run itself.

use std::fmt::Write as _;

use crate::support::{Folder, NAMING};

const HEAD: &str = "
account: '123456789012'
principals: {role/Web: {}, role/Other: {}}
keys: {app: {policy: key.json}}
cases:
";

/// Two files: one with a case that fails between two that pass, and one that passes.
fn folder() -> Folder {
    let a = format!(
        "{HEAD}  - {{name: the application Decrypts, principal: role/Web, action: kms:Decrypt, expect: allowed}}
  - {{name: wrong, principal: role/Other, action: kms:Encrypt, expect: allowed}}
  - {{name: another, principal: role/Other, action: [kms:Decrypt, kms:Encrypt], expect: denied}}
"
    );
    let b = format!(
        "{HEAD}  - {{name: wrong too, principal: role/Web, action: kms:Sign, expect: denied}}\n"
    );
    Folder::new()
        .with("key.json", NAMING)
        .with("s/a.yaml", a.replace("key.json", "../key.json"))
        .with("s/b.yaml", b.replace("key.json", "../key.json"))
}

#[test]
fn a_filter_compares_with_the_name_the_principal_and_the_action_in_any_case() {
    let table = [
        ("decrypts", "1 passed, 0 failed"),
        ("role/other", "2 passed, 1 failed"),
        ("kms:ENCRYPT", "1 passed, 1 failed"),
        ("wrong", "0 passed, 2 failed"),
        ("sign --filter another", "2 passed, 1 failed"),
        ("", "3 passed, 2 failed"),
    ];
    for (filter, summary) in table {
        let arguments = match filter {
            "" => "test s".to_owned(),
            filter => format!("test s --filter {filter}"),
        };
        let run = folder().run(&arguments);
        assert!(run.stdout.ends_with(&format!("{summary}\n")), "{filter}: {}", run.stdout);
    }
}

#[test]
fn a_filter_that_nothing_matches_is_an_error_and_not_a_success() {
    let run = folder().run("test s --filter kms:Decript").exits(2);
    assert!(run.stderr.contains("`kms:Decript`") && run.stdout.is_empty(), "{run:?}");
    let report = folder().run("test s --filter nothing --format json").exits(2).json();
    assert_eq!((&report["files"], report["cases"].as_array().unwrap().len()), (&2.into(), 0));
}

#[test]
fn fail_fast_ends_with_the_first_failure_in_order() {
    for _ in 0..5 {
        let run = folder().run("test s --fail-fast").exits(1);
        assert!(run.stdout.ends_with("1 passed, 1 failed\n"), "{}", run.stdout);
        assert!(!run.stdout.contains("wrong too"), "{}", run.stdout);
        assert!(run.stderr.contains("stopped at the first failure"), "{}", run.stderr);
    }
    let folder = folder().with("s/0.yaml", "keys: [");
    let run = folder.run("test s --fail-fast").exits(2);
    assert!(run.stdout.ends_with("0 passed, 0 failed, 1 errors\n"), "{}", run.stdout);
}

#[test]
fn a_list_names_every_action_of_every_case_and_runs_none() {
    let run = folder().run("test s --list").exits(0);
    assert_eq!(
        run.stdout,
        "s/a.yaml:6:5: the application Decrypts (role/Web kms:Decrypt)
s/a.yaml:7:5: wrong (role/Other kms:Encrypt)
s/a.yaml:8:5: another (role/Other kms:Decrypt)
s/a.yaml:8:5: another (role/Other kms:Encrypt)
s/b.yaml:6:5: wrong too (role/Web kms:Sign)
"
    );
    let listed = folder().run("test s --list --filter sign --format json").exits(0).json();
    assert_eq!(listed[0]["name"], "wrong too");
    assert_eq!(listed.as_array().unwrap().len(), 1);
    let broken = folder().with("s/c.yaml", "cases: 5");
    let run = broken.run("test s --list").exits(2);
    assert!(run.stdout.contains("wrong too") && run.stderr.contains("s/c.yaml"), "{run:?}");
}

#[test]
fn the_order_of_the_results_is_that_of_the_files_and_cases() {
    let folder = Folder::new().with("key.json", NAMING);
    for file in 0..20 {
        let mut text = HEAD.replace("key.json", "../key.json");
        for case in 0..20 {
            let _ = writeln!(
                text,
                "  - {{name: case {file} {case}, principal: role/Web, action: kms:Decrypt, expect: allowed}}"
            );
        }
        folder.write(&format!("s/{file:02}.yaml"), text);
    }
    let report = folder.run("test s --format json").exits(0).json();
    let names: Vec<&str> =
        report["cases"].as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap()).collect();
    let expected: Vec<String> =
        (0..400).map(|number| format!("case {} {}", number / 20, number % 20)).collect();
    assert_eq!(names, expected);
}

#[test]
fn a_failure_shows_the_statement_that_decides_as_it_is_written() {
    let folder = Folder::new()
        .with("key.json", "{\"Version\": \"2012-10-17\", \"Statement\": [\n  {\n    \"Sid\": \"Nobody\",\n    \"Effect\": \"Deny\",\n    \"Principal\": \"*\",\n    \"Action\": \"kms:*\",\n    \"Resource\": \"*\"\n  }\n]}")
        .with("s.yaml", format!("{HEAD}  - {{principal: role/Web, action: kms:Decrypt, expect: allowed}}\n"));
    let run = folder.run("test s.yaml").exits(1);
    let run = run.says(&["decided by key.json:2:3 (statement 1, \"Nobody\", Deny)", "this denies"]);
    for line in ["2 |   {", "3 |     \"Sid\": \"Nobody\",", "8 |   }"] {
        assert!(run.stdout.contains(line), "{line}: {}", run.stdout);
    }
}

#[test]
fn a_near_miss_is_told_with_what_failed() {
    let folder = Folder::new()
        .with("key.json", NAMING.replace("\"Resource\": \"*\"", "\"Resource\": \"*\", \"Condition\": {\"StringEquals\": {\"kms:ViaService\": \"ssm.us-east-1.amazonaws.com\"}}"))
        .with("s.yaml", format!("{HEAD}  - {{principal: role/Web, action: kms:Decrypt, via: s3, expect: allowed}}\n"));
    folder.run("test s.yaml").exits(1).says(&[
        "near miss  key.json:2:3",
        "Condition/StringEquals/kms:ViaService",
        "ssm.us-east-1.amazonaws.com",
        "s3.us-east-1.amazonaws.com",
    ]);
}

#[test]
fn many_warnings_are_counted_and_all_are_in_the_report() {
    let case = "  - {principal: role/Web, action: kms:Decrypt, expect: denied}\n";
    let folder = Folder::new().with("key.json", NAMING.replace("kms:*", "kms:Decript"));
    for file in 0..8 {
        folder.write(
            &format!("s/{file}.yaml"),
            format!("{HEAD}{case}").replace("key.json", "../key.json"),
        );
    }
    let run = folder.run("test s").exits(0);
    assert!(run.stderr.contains("8 warnings about 8 files"), "{}", run.stderr);
    assert_eq!(run.stderr.matches("`kms:Decript`").count(), 1, "{}", run.stderr);
    let run = folder.run("test s --verbose").exits(0);
    assert_eq!(run.stderr.matches("`kms:Decript`").count(), 8, "{}", run.stderr);
    assert_eq!(folder.run("test s --quiet").exits(0).stderr, "");
    let report = folder.run("test s --format json").exits(0).json();
    assert_eq!(report["warnings"].as_array().unwrap().len(), 8);
}

#[test]
fn deeply_nested_documents_are_read_in_threads_too() {
    let depth = 127;
    let text = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let folder = Folder::new();
    for file in 0..4 {
        folder.write(&format!("s/{file}.json"), &text);
        folder.write(&format!("s/{file}.yaml"), format!("keys: {text}"));
    }
    folder.run("test s").exits(2);
}
