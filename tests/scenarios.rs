//! Every file in `scenarios/` passes.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use kms_sim::document::{Document, Format, Source};
use kms_sim::environment::{Files, ReadError};
use kms_sim::scenario::{Scenario, Sorted, Status};

struct Disk;

impl Files for Disk {
    fn read(&self, from: &Source, path: &str) -> Result<Arc<Source>, ReadError> {
        let path = Path::new(&from.name).parent().unwrap().join(path);
        let bytes = fs::read(&path).map_err(|error| ReadError::Unreadable(error.to_string()))?;
        Ok(Source::from_bytes(path.display().to_string(), bytes)?)
    }
}

fn yaml_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            yaml_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "yaml") {
            found.push(path);
        }
    }
}

fn scenarios() -> Vec<(PathBuf, Scenario)> {
    let mut files = Vec::new();
    yaml_files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios"), &mut files);
    files.sort();
    let read = |path: PathBuf| {
        let source =
            Source::from_bytes(path.display().to_string(), fs::read(&path).unwrap()).unwrap();
        let document =
            Document::parse(source, Format::Yaml).unwrap_or_else(|error| panic!("{error}"));
        match Scenario::read(&document, &Disk).unwrap_or_else(|error| panic!("{error}")) {
            Sorted::Scenario(scenario) => (path, *scenario),
            sorted => panic!("{}: {sorted:?} is no scenario", path.display()),
        }
    };
    files.into_iter().map(read).collect()
}

#[test]
fn every_case_of_every_scenario_passes() {
    let mut failures = Vec::new();
    let mut passed = 0;
    for (path, scenario) in scenarios() {
        for result in scenario.run() {
            match result.status {
                Status::Passed => passed += 1,
                Status::Failed | Status::Error => failures.push(format!(
                    "{}:{}: {} ({}): {}",
                    path.display(),
                    result.line.unwrap_or_default(),
                    result.name.unwrap_or_default(),
                    result.action.unwrap_or_default(),
                    result.message.unwrap_or_default(),
                )),
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(passed > 500, "only {passed} cases were run");
}

#[test]
fn every_scenario_says_where_its_expectation_comes_from() {
    let mut files = Vec::new();
    yaml_files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios"), &mut files);
    for path in files {
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains("\nsource: https://"), "{} has no source", path.display());
        assert!(
            text.starts_with("title: ") || text.contains("\ntitle: "),
            "{} has no title",
            path.display()
        );
    }
}
