//! Running files, and counting what came of them.

use std::path::Path;

use kms_sim::document::{Document, Format, InputError, Place};
use kms_sim::scenario::{CaseResult, Scenario, Sorted, Status};
use serde::Serialize;

use super::find::{Named, find};
use crate::cli::CliError;
use crate::cli::input::{self, Disk};

/// The results of a run.
#[derive(Debug, Default, Serialize)]
pub(super) struct Report {
    pub(super) passed: usize,
    pub(super) failed: usize,
    pub(super) errors: usize,
    pub(super) files: usize,
    /// Documents in folders that hold no cases.
    pub(super) skipped: usize,
    /// What the files hold that AWS would not take, or that is likely not meant.
    pub(super) warnings: Vec<String>,
    pub(super) cases: Vec<CaseResult>,
}

impl Report {
    pub(super) fn count(&mut self, result: CaseResult) {
        match result.status {
            Status::Passed => self.passed += 1,
            Status::Failed => self.failed += 1,
            Status::Error => self.errors += 1,
        }
        self.cases.push(result);
    }
}

pub(super) fn report(paths: &[String]) -> Result<Report, CliError> {
    let mut report = Report::default();
    for (path, named) in find(paths, &mut report)? {
        match run_file(&path, named) {
            Ok(None) => report.skipped += 1,
            Ok(Some(ran)) => {
                report.files += 1;
                report.warnings.extend(ran.warnings);
                ran.results.into_iter().for_each(|result| report.count(result));
            }
            Err(error) => {
                report.files += 1;
                report.count(CaseResult::of_file(path.display().to_string(), error));
            }
        }
    }
    Ok(report)
}

/// What came of a file.
struct Ran {
    results: Vec<CaseResult>,
    warnings: Vec<String>,
}

/// The results of a file's cases; none if it has no cases and was not named itself.
fn run_file(path: &Path, named: Named) -> Result<Option<Ran>, InputError> {
    let source = input::scenario(path)?;
    let document = Document::parse(source.clone(), Format::of(&source.name))?;
    let what = match Scenario::read(&document, &Disk)? {
        Sorted::Scenario(scenario) if !scenario.is_empty() => {
            let warnings = scenario.warnings().iter().map(ToString::to_string).collect();
            return Ok(Some(Ran { results: scenario.run().collect(), warnings }));
        }
        Sorted::Scenario(_) => "an empty list of cases",
        Sorted::Environment => "an environment without cases",
        Sorted::Policy => "a policy document",
    };
    match named {
        Named::ByFolder => Ok(None),
        Named::Itself => Err(InputError::new(
            format!("expected a scenario, which has `cases`, found {what}"),
            Place::start(source),
        )),
    }
}
