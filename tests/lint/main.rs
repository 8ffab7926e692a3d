//! Every rule has a fixture that triggers it and one that nearly does and must not.
//!
//! `fixtures/RULE/` holds `triggers*` and `spares*`. A policy says its kind in its name, as
//! `triggers.key-policy.json`; `*.env.yaml` is an environment file, and a folder is checked as
//! one, with its `kms-sim.toml`.

#![cfg(feature = "cli")]
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

use std::path::{Path, PathBuf};
use std::process::Command;

use kms_sim::lint::rules;
use serde_json::Value;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lint/fixtures")
}

/// What a check of the path finds: code and pointer of each finding.
fn found(path: &Path) -> Vec<(String, String)> {
    let name = path.file_name().unwrap().to_str().unwrap();
    let kind = name.split('.').nth(1).filter(|it| it.contains("policy") || it.len() == 3);
    let mut command = Command::new(env!("CARGO_BIN_EXE_kms-sim"));
    command.args(["check", "--format", "json", "--quiet"]).arg(path);
    if let Some(kind) = kind.filter(|it| *it != "env") {
        command.args(["--kind", kind]);
    }
    if path.is_dir() {
        command.current_dir(path);
    }
    let output = command.output().unwrap();
    let json: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{name}: {}", String::from_utf8_lossy(&output.stderr)));
    assert_eq!(json["errors"], serde_json::json!([]), "{}", path.display());
    let text = |row: &Value, field: &str| row[field].as_str().unwrap().to_owned();
    let rows = json["findings"].as_array().unwrap();
    rows.iter().map(|row| (text(row, "code"), text(row, "pointer"))).collect()
}

/// The fixtures of a rule whose names begin with a word.
fn of(rule: &str, word: &str) -> Vec<PathBuf> {
    let folder = fixtures().join(rule);
    let entries = folder.read_dir().unwrap_or_else(|_| panic!("{rule} has no fixtures"));
    let paths = entries.map(|entry| entry.unwrap().path());
    let begins = |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().starts_with(word);
    let paths: Vec<PathBuf> = paths.filter(begins).collect();
    assert!(!paths.is_empty(), "{rule} has no fixture `{word}*`");
    paths
}

#[test]
fn every_rule_finds_what_it_is_for() {
    for rule in rules() {
        for path in of(rule.name, "triggers") {
            let found = found(&path);
            let codes: Vec<&str> = found.iter().map(|(code, _)| code.as_str()).collect();
            assert!(codes.contains(&rule.code), "{} does not find {}", path.display(), rule.code);
        }
    }
}

#[test]
fn no_rule_finds_what_is_nearly_so() {
    for rule in rules() {
        for path in of(rule.name, "spares") {
            let found = found(&path);
            let own: Vec<_> = found.iter().filter(|(code, _)| code == rule.code).collect();
            assert!(own.is_empty(), "{} finds {own:?}", path.display());
        }
    }
}

#[test]
fn every_fixture_is_of_a_rule() {
    for entry in fixtures().read_dir().unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(rules().iter().any(|rule| rule.name == name), "{name} is no rule");
    }
}

#[test]
fn codes_are_never_given_to_another_rule() {
    // A rule that goes leaves its row here.
    let expected = include_str!("codes.txt");
    let codes = rules()
        .iter()
        .fold(String::new(), |codes, rule| codes + rule.code + " " + rule.name + "\n");
    assert_eq!(codes, expected, "add new rules to tests/lint/codes.txt");
}
