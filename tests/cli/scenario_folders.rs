//! Which files `test` runs.

use crate::support::{Folder, NAMING};

const PASSES: &str = "
account: '123456789012'
keys: {app: {}}
cases: [{principal: root, action: kms:Decrypt, expect: allowed}]
";

const FAILS: &str = "
account: '123456789012'
keys: {app: {}}
cases: [{principal: root, action: kms:Decrypt, expect: denied}]
";

const ENVIRONMENT: &str = "account: '123456789012'\nkeys: {app: {}}\n";

#[track_caller]
fn ends(stdout: &str, summary: &str) {
    assert_eq!(stdout.lines().last(), Some(summary), "{stdout}");
}

#[test]
fn a_folder_is_walked_for_documents_by_their_extension() {
    let folder = Folder::new()
        .with("scenarios/a.yaml", PASSES)
        .with("scenarios/b.yml", PASSES)
        .with("scenarios/deep/er/c.yaml", PASSES)
        .with("scenarios/d.json", r#"{"account": "123456789012", "keys": {"app": {}}, "cases": [{"principal": "root", "action": "kms:Decrypt", "expect": "allowed"}]}"#)
        .with("scenarios/README.md", "not a document")
        .with("scenarios/data.csv", "1,2");
    for paths in ["scenarios", "", "scenarios/", "scenarios/a.yaml scenarios"] {
        let run = folder.run(&format!("test {paths}")).exits(0);
        ends(&run.stdout, "4 passed, 0 failed");
    }
}

#[test]
fn policies_and_environments_in_a_folder_are_skipped_and_counted() {
    let folder = Folder::new()
        .with("s/a.yaml", PASSES)
        .with("s/policies/key.json", NAMING)
        .with("s/environment.yaml", ENVIRONMENT);
    let run = folder.run("test s").exits(0).says(&["2 documents"]);
    ends(&run.stdout, "1 passed, 0 failed");
    assert_eq!(folder.run("test s --quiet").exits(0).stdout, "1 passed, 0 failed\n");
    let report = folder.run("test s --format json").exits(0).json();
    assert_eq!(report["files"], 1);
}

#[test]
fn what_the_aws_cli_prints_around_a_policy_is_skipped_in_a_folder_too() {
    let folder = Folder::new().with("s/a.yaml", PASSES);
    folder.write(
        "s/key.json",
        serde_json::json!({"Policy": NAMING, "PolicyName": "default"}).to_string(),
    );
    let run = folder.run("test s");
    ends(&run.exits(0).stdout, "1 passed, 0 failed");
}

#[test]
fn a_folder_in_which_nothing_can_be_run_is_an_error() {
    Folder::new().with("s/readme.txt", "").run("test s").refuses(&["none in s"]);
    Folder::new().with("s/policy.json", NAMING).run("test s").refuses(&["none in s"]);
    Folder::new().run("test").exits(2);
}

#[test]
fn a_path_that_is_not_there_is_an_error_and_the_rest_still_runs() {
    let folder = Folder::new().with("a.yaml", PASSES);
    for missing in ["missing.yaml", "missing", "missing/*.yaml", "*.yml"] {
        let run = folder.run(&format!("test {missing} a.yaml")).exits(2).says(&[missing]);
        ends(&run.stdout, "1 passed, 0 failed, 1 errors");
    }
}

#[test]
fn a_bad_file_beside_good_ones_does_not_stop_them() {
    let folder = Folder::new()
        .with("s/a.yaml", PASSES)
        .with("s/b.yaml", "keys: [")
        .with("s/c.yaml", FAILS)
        .with("s/d.yaml", b"\xff\xfe")
        .with("s/e.json", "{")
        .with("s/f.yaml", PASSES);
    let run = folder.run("test s").exits(2).says(&["b.yaml:", "d.yaml:", "e.json:1:2"]);
    ends(&run.stdout, "2 passed, 1 failed, 3 errors");
    let report = folder.run("test s --format json").exits(2).json();
    assert_eq!(report["files"], 6);
    assert_eq!(report["cases"].as_array().unwrap().len(), 6);
}

#[test]
fn failures_alone_are_status_one() {
    let folder = Folder::new().with("s/a.yaml", PASSES).with("s/c.yaml", FAILS);
    ends(&folder.run("test s").exits(1).stdout, "1 passed, 1 failed");
}

#[test]
fn a_pattern_finds_files_and_folders() {
    let folder = Folder::new()
        .with("s/a.yaml", PASSES)
        .with("s/b.yaml", PASSES)
        .with("s/deep/c.yaml", PASSES)
        .with("s/key.json", NAMING);
    for (pattern, count) in [
        ("s/*.yaml", 2),
        ("s/?.yaml", 2),
        ("s/[a]*.yaml", 1),
        ("s/**/*.yaml", 3),
        ("s/*", 3),
        ("s/dee*", 1),
    ] {
        ends(
            &folder.run(&format!("test {pattern}")).exits(0).stdout,
            &format!("{count} passed, 0 failed"),
        );
    }
    folder.run("test s/[").exits(2);
}

#[test]
fn a_file_that_has_a_patterns_characters_in_its_name_is_itself() {
    let folder = Folder::new().with("[a].yaml", PASSES);
    ends(&folder.run("test [a].yaml").exits(0).stdout, "1 passed, 0 failed");
}

#[test]
fn a_file_named_twice_is_run_once() {
    let folder = Folder::new().with("s/a.yaml", PASSES);
    for paths in ["s/a.yaml s/a.yaml", "s s/a.yaml", "s/a.yaml s", "s s"] {
        ends(&folder.run(&format!("test {paths}")).exits(0).stdout, "1 passed, 0 failed");
    }
}

#[test]
fn a_policy_named_itself_is_an_error_also_beside_its_folder() {
    let folder = Folder::new().with("s/a.yaml", PASSES).with("s/key.json", NAMING);
    for paths in ["s s/key.json", "s/key.json s"] {
        let run = folder.run(&format!("test {paths}")).exits(2).says(&["a policy document"]);
        ends(&run.stdout, "1 passed, 0 failed, 1 errors");
    }
}

#[test]
fn a_folder_with_a_documents_name_is_a_folder() {
    let folder = Folder::new().with("s/x.json/a.yaml", PASSES);
    ends(&folder.run("test s").exits(0).stdout, "1 passed, 0 failed");
    ends(&folder.run("test s/x.json").exits(0).stdout, "1 passed, 0 failed");
}

#[test]
fn files_run_in_the_order_of_their_names() {
    let folder =
        Folder::new().with("s/c.yaml", FAILS).with("s/a.yaml", FAILS).with("s/b/x.yaml", FAILS);
    let report = folder.run("test s --format json").exits(1).json();
    let files: Vec<&str> = report["cases"]
        .as_array()
        .unwrap()
        .iter()
        .map(|case| case["file"].as_str().unwrap())
        .collect();
    assert_eq!(files, ["s/a.yaml", "s/b/x.yaml", "s/c.yaml"]);
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::symlink;
    use std::process::Command;

    use super::{PASSES, ends};
    use crate::support::Folder;

    #[test]
    fn a_link_to_a_folder_above_is_no_endless_walk() {
        let folder = Folder::new().with("s/a.yaml", PASSES);
        symlink("..", folder.path("s/up")).unwrap();
        symlink("loop", folder.path("s/loop")).unwrap();
        symlink("self.yaml", folder.path("s/self.yaml")).unwrap();
        let run = folder.run("test s");
        assert!(run.stdout.contains("1 passed"), "{run:?}");
    }

    #[test]
    fn a_link_that_leads_nowhere_is_an_error_by_name() {
        let folder = Folder::new().with("s/a.yaml", PASSES);
        symlink("nowhere", folder.path("s/b.yaml")).unwrap();
        let run = folder.run("test s").exits(2).says(&["s/b.yaml"]);
        ends(&run.stdout, "1 passed, 0 failed, 1 errors");
    }

    #[test]
    fn a_pipe_in_a_folder_does_not_block() {
        let folder = Folder::new().with("s/a.yaml", PASSES);
        let made = Command::new("mkfifo").arg(folder.path("s/b.yaml")).status();
        if !made.is_ok_and(|status| status.success()) {
            return;
        }
        let run = folder.run("test s").exits(2).says(&["s/b.yaml", "regular file"]);
        ends(&run.stdout, "1 passed, 0 failed, 1 errors");
    }

    #[test]
    fn a_folder_that_may_not_be_read_is_an_error_and_not_empty() {
        use std::fs::{Permissions, set_permissions};
        use std::os::unix::fs::PermissionsExt;

        let folder = Folder::new().with("s/a.yaml", PASSES).with("s/locked/b.yaml", PASSES);
        let locked = folder.path("s/locked");
        set_permissions(&locked, Permissions::from_mode(0o000)).unwrap();
        let may_read = locked.read_dir().is_ok();
        let run = folder.run("test s");
        set_permissions(&locked, Permissions::from_mode(0o755)).unwrap();
        // The superuser may read everything.
        if !may_read {
            ends(&run.exits(2).stdout, "1 passed, 0 failed, 1 errors");
        }
    }
}

#[test]
fn templates_and_plans_beside_the_scenarios_are_skipped_in_a_folder() {
    let folder = Folder::new()
        .with("s/a.yaml", PASSES)
        .with("s/stack.yaml", "Resources:\n  Key:\n    Type: AWS::KMS::Key\n    Properties: {Description: !Ref AWS::StackName}\n")
        .with("s/plan.json", r#"{"format_version": "1.2", "planned_values": {"root_module": {}}}"#);
    let run = folder.run("test s").exits(0).says(&["2 documents"]);
    ends(&run.stdout, "1 passed, 0 failed");
    folder.run("test s/stack.yaml").exits(2).says(&["expected a scenario", "CloudFormation"]);
}

#[test]
fn what_only_looks_like_a_scenario_is_an_error_in_a_folder() {
    let folder = Folder::new()
        .with("s/a.yaml", PASSES)
        .with("s/b.yaml", PASSES.replace("cases:", "Resources: {}\ncases:"));
    folder.run("test s").exits(2).says(&["Resources"]);
}
