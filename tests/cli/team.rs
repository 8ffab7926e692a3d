//! The example of a team's scenarios, and what runs them in CI.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use kms_sim::document::{Document, Format, Source};
use serde_json::Value;

use crate::support::Folder;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn yaml(name: &str) -> Value {
    let text = fs::read_to_string(root().join(name)).unwrap();
    Document::parse(Source::new(name, text), Format::Yaml).unwrap().to_json()
}

#[test]
fn the_scenarios_of_the_example_pass_from_their_folder() {
    let team = Folder::at(root().join("examples/team"));
    let run = team.run("test").exits(0);
    run.says(&[" passed, 0 failed"]);
}

#[test]
fn the_hook_of_pre_commit_runs_all_scenarios() {
    let hooks = yaml(".pre-commit-hooks.yaml");
    let hook = &hooks[0];
    assert_eq!(hook["language"], "rust");
    assert_eq!(hook["pass_filenames"], false);
    let entry = hook["entry"].as_str().unwrap().strip_prefix("kms-sim ").unwrap();
    Folder::at(root().join("examples/team")).run(entry).exits(0);
}

#[test]
fn the_hook_of_pre_commit_checks_whole_folders() {
    let hooks = yaml(".pre-commit-hooks.yaml");
    let hook = hooks.as_array().unwrap().iter().find(|it| it["id"] == "kms-sim-check").unwrap();
    assert_eq!(hook["pass_filenames"], false);
    let entry = hook["entry"].as_str().unwrap().strip_prefix("kms-sim ").unwrap();
    let arguments = hook["args"].as_array().unwrap().iter().map(|it| it.as_str().unwrap());
    let command = [entry].into_iter().chain(arguments).collect::<Vec<_>>().join(" ");
    let team = Folder::at(root().join("examples/team"));
    team.run(&command).exits(0);
    let open = r#"{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}]}"#;
    Folder::new().with("policies/open.json", open).run(&command).exits(1);
}

fn action(folder: &Path, paths: &str, arguments: &str) -> (Option<i32>, String, String) {
    step("Run the scenarios", folder, paths, arguments)
}

/// Runs a script of the action as GitHub does, with the program where its first step puts it.
fn step(name: &str, folder: &Path, paths: &str, arguments: &str) -> (Option<i32>, String, String) {
    let action = yaml("action.yml");
    let steps = action["runs"]["steps"].as_array().unwrap();
    assert!(steps.iter().all(|step| step["shell"] == "bash" || step["uses"].is_string()));
    let step = steps.iter().find(|step| step["name"] == *name).unwrap();
    let install = steps[0]["run"].as_str().unwrap();
    assert!(install.contains("--locked --path \"$GITHUB_ACTION_PATH\""), "{install}");
    let temp = folder.join("runner temp");
    fs::create_dir_all(temp.join("kms-sim/bin")).unwrap();
    let _ = symlink(env!("CARGO_BIN_EXE_kms-sim"), temp.join("kms-sim/bin/kms-sim"));
    let summary = folder.join("summary.md");
    let output = Command::new("bash")
        .args(["--noprofile", "--norc", "-eo", "pipefail", "-c"])
        .arg(step["run"].as_str().unwrap())
        .current_dir(root().join("examples/team"))
        .env("RUNNER_TEMP", &temp)
        .env("GITHUB_STEP_SUMMARY", &summary)
        .env("PATHS", paths)
        .env("ARGUMENTS", arguments)
        .env("JUNIT", folder.join("report.xml"))
        .env("SARIF", folder.join("findings.sarif"))
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let summary = fs::read_to_string(summary).unwrap_or_default();
    (output.status.code(), String::from_utf8(output.stdout).unwrap(), summary)
}

#[test]
fn the_action_annotates_and_summarizes() {
    let folder = Folder::new();
    let (status, _, summary) = action(&folder.path(""), "scenarios\n", "");
    assert_eq!(status, Some(0));
    assert!(summary.contains("passed"), "{summary}");
    assert!(fs::read_to_string(folder.path("report.xml")).unwrap().contains("<testsuites"));
    let failing = Folder::new().with(
        "s.yaml",
        "account: '123456789012'\nkeys: {app: {}}\ncases:\n  - {name: wrong, principal: root, action: kms:Decrypt, expect: denied}\n",
    );
    let path = failing.path("s.yaml").display().to_string();
    let (status, stdout, summary) = action(&failing.path(""), &path, "--verbose\n");
    assert_eq!(status, Some(1));
    assert!(stdout.contains("::error "), "{stdout}");
    assert!(summary.contains("wrong"), "{summary}");
}

#[test]
fn no_input_of_the_action_is_a_part_of_its_script() {
    let text = fs::read_to_string(root().join("action.yml")).unwrap();
    for script in text.split("run: |").skip(1) {
        let script = script.split("\n    - name:").next().unwrap();
        assert!(!script.contains("${{"), "{script}");
    }
    for name in ["Run the scenarios", "Check the policies"] {
        let folder = Folder::new();
        let paths = "$(touch \"$RUNNER_TEMP/made\")";
        let (status, _, _) = step(name, &folder.path(""), paths, "");
        assert_eq!(status, Some(2));
        assert!(!folder.path("runner temp/made").exists());
    }
}

#[test]
fn the_action_checks_policies_and_writes_sarif() {
    let check = "Check the policies";
    let fine = Folder::new();
    let (status, _, summary) = step(check, &fine.path(""), ".\n", "");
    assert_eq!(status, Some(0), "{summary}");
    let open = r#"{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*"}]}"#;
    let folder = Folder::new().with("policies/open key.json", open);
    let path = folder.path("policies").display().to_string();
    let (status, stdout, summary) = step(check, &folder.path(""), &path, "--select=KMS301\n");
    assert_eq!(status, Some(1));
    assert!(stdout.contains("::warning "), "{stdout}");
    assert!(summary.contains("KMS301"), "{summary}");
    let sarif = fs::read_to_string(folder.path("findings.sarif")).unwrap();
    let sarif: Value = serde_json::from_str(&sarif).unwrap();
    assert_eq!(sarif["runs"][0]["results"][0]["ruleId"], "KMS301");
}
