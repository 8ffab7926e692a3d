//! Every denial of every scenario, and what is offered for it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use kms_sim::analysis::{Change, Fix};
use kms_sim::document::{Document, Format, Source};
use kms_sim::environment::{Files, ReadError};
use kms_sim::report::{Detail, ask};
use kms_sim::scenario::{Scenario, Sorted};

use super::by_hand::decision_after;

struct Disk;

impl Files for Disk {
    fn read(&self, from: &Source, path: &str) -> Result<Arc<Source>, ReadError> {
        let path = Path::new(&from.name).parent().unwrap().join(path);
        let bytes = fs::read(&path).map_err(|error| ReadError::Unreadable(error.to_string()))?;
        Ok(Source::from_bytes(path.display().to_string(), bytes)?)
    }
}

fn files(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios").join(folder);
    let mut files: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|it| it == "yaml"));
    files.sort();
    files
}

fn scenario(path: &Path) -> Scenario {
    let source = Source::from_bytes(path.display().to_string(), fs::read(path).unwrap()).unwrap();
    let document = Document::parse(source, Format::Yaml).unwrap();
    match Scenario::read(&document, &Disk).unwrap() {
        Sorted::Scenario(scenario) => *scenario,
        sorted => panic!("{}: {sorted:?} is no scenario", path.display()),
    }
}

/// Denials without a fix, each as `file: principal action`.
fn check(folder: &str) -> Vec<String> {
    let mut without = Vec::new();
    let mut seen: BTreeMap<&str, u32> = BTreeMap::new();
    for path in files(folder) {
        let scenario = scenario(&path);
        let environment = scenario.environment();
        for (asked, question) in scenario.questions() {
            let answer = ask(environment, asked, question, Detail::Reasons).unwrap().answer;
            let fixes = Fix::of(environment, asked, question).unwrap();
            let name = path.file_stem().unwrap().to_string_lossy();
            let place = format!("{name}: {} {}", question.principal, asked.name());
            if answer.allowed != Some(false) {
                assert!(fixes.is_empty(), "{place}");
                continue;
            }
            if fixes.is_empty() {
                without.push(format!("{place} {:?}", answer.denied_by));
            }
            for fix in &fixes {
                let after = decision_after(fix, asked, environment, question);
                assert_eq!(after, "allowed", "{place}: {}", fix.summary());
                assert_eq!(
                    fix.weakens_deny(),
                    fix.summary().starts_with("WEAKENS AN EXPLICIT DENY")
                );
                for edit in &fix.edits {
                    *seen.entry(edit.side.as_str()).or_default() += 1;
                    let is_call = matches!(edit.change, Change::Call { .. });
                    assert!(!is_call || !edit.weakens_deny);
                }
            }
        }
    }
    assert!(!seen.is_empty(), "{folder}");
    without.dedup();
    without
}

#[test]
fn every_denial_of_the_root_causes_has_a_fix_that_holds() {
    assert_eq!(check("root-causes"), [""; 0]);
}

#[test]
fn what_is_offered_where_ceilings_deny_holds_too() {
    let without = check("ceilings");
    // What is not known cannot be edited, and a session that was opened without a policy has none.
    assert!(without.len() < 15, "{without:?}");
}
