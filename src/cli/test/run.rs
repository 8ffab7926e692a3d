//! Running cases, on all cores; what comes out is in the order of the files and cases.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use kms_sim::document::{Document, Format, InputError, Place, Source};
use kms_sim::environment;
use kms_sim::import::{Family, Found, sniff};
use kms_sim::scenario::{CaseResult, Coverage, Report, Scenario, Single, Sorted, Status};
use rayon::prelude::*;

use super::find::{Named, find};
use crate::cli::CliError;
use crate::cli::input;
use crate::cli::progress::Progress;

/// As much as the main thread has, for documents that are deeply nested.
const STACK: usize = 8 << 20;
/// Cases that are not worth a change of threads.
const AT_ONCE: usize = 16;

/// Does something on all cores.
pub(super) fn in_threads<R: Send>(what: impl FnOnce() -> R + Send) -> Result<R, CliError> {
    let pool = rayon::ThreadPoolBuilder::new().stack_size(STACK).build();
    let pool = pool.map_err(|error| CliError::usage(format!("cannot start threads: {error}")))?;
    Ok(pool.install(what))
}

/// The files of a run, read.
#[derive(Debug)]
pub(super) struct Files {
    read: Vec<Read>,
    /// What does not exist or cannot be walked.
    missing: Vec<CaseResult>,
}

#[derive(Debug)]
enum Read {
    Scenario(Box<Scenario>),
    /// A document in a folder that holds no cases.
    Skipped,
    Broken(Box<CaseResult>),
}

impl Files {
    pub(super) fn read(
        paths: &[String],
        disk: &(dyn environment::Files + Sync),
    ) -> Result<Self, CliError> {
        let mut missing = Report::default();
        let paths = find(paths, &mut missing)?;
        let read = |(path, named): (PathBuf, Named)| match scenario(&path, named, disk) {
            Ok(Some(scenario)) => Read::Scenario(scenario),
            Ok(None) => Read::Skipped,
            Err(error) => {
                Read::Broken(Box::new(CaseResult::of_file(path.display().to_string(), error)))
            }
        };
        Ok(Self { read: paths.into_par_iter().map(read).collect(), missing: missing.cases })
    }

    pub(super) fn scenarios(&self) -> impl Iterator<Item = &Scenario> {
        self.read.iter().filter_map(|read| match read {
            Read::Scenario(scenario) => Some(&**scenario),
            Read::Skipped | Read::Broken(_) => None,
        })
    }

    /// What cannot be run.
    pub(super) fn errors(&self) -> impl Iterator<Item = &CaseResult> {
        let broken = self.read.iter().filter_map(|read| match read {
            Read::Broken(result) => Some(&**result),
            Read::Scenario(_) | Read::Skipped => None,
        });
        self.missing.iter().chain(broken)
    }

    pub(super) fn warnings(&self) -> Vec<String> {
        self.scenarios().flat_map(Scenario::warnings).map(ToString::to_string).collect()
    }

    pub(super) fn count_in(&self, report: &mut Report) {
        report.warnings = self.warnings();
        report.skipped = self.read.iter().filter(|it| matches!(it, Read::Skipped)).count();
        report.files = self.read.len() - report.skipped;
    }
}

/// A file's scenario; none if it has no cases and was not named itself.
fn scenario(
    path: &Path,
    named: Named,
    disk: &dyn environment::Files,
) -> Result<Option<Box<Scenario>>, InputError> {
    let source = input::scenario(path)?;
    let document = Document::parse(source.clone(), Format::of(&source.name));
    let what = match document.and_then(|document| Scenario::read(&document, disk)) {
        Ok(Sorted::Scenario(scenario)) if !scenario.is_empty() => return Ok(Some(scenario)),
        Ok(Sorted::Scenario(_)) => "an empty list of cases",
        Ok(Sorted::Environment) => "an environment without cases",
        Ok(Sorted::Policy) => "a policy document",
        Ok(Sorted::Schema) => "a JSON Schema",
        Err(error) => foreign(&source).ok_or(error)?,
    };
    match named {
        Named::ByFolder => Ok(None),
        Named::Itself => Err(no_scenario(source, what)),
    }
}

/// What a document is that is no scenario by what it holds, as a template or a plan.
fn foreign(source: &Arc<Source>) -> Option<&'static str> {
    let found = sniff(source).ok()?;
    let is_foreign = |it: &Found| !matches!(it.kind.family(), Family::Environment | Family::Policy);
    found.iter().all(is_foreign).then_some(())?;
    found.first().map(|it| it.kind.described())
}

/// A file that was named itself, and has no cases.
pub(super) fn no_scenario(source: Arc<Source>, what: &str) -> InputError {
    InputError::new(
        format!("expected a scenario, which has `cases`, found {what}"),
        Place::start(source),
    )
}

/// Whether a failure ends the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    AtFirst,
    Never,
}

/// What is to be run, in order: actions of cases, and errors that are known already.
#[derive(Debug)]
pub(super) struct Asked<'f> {
    items: Vec<Item<'f>>,
}

#[derive(Debug)]
enum Item<'f> {
    Single(Single<'f>),
    Broken(&'f CaseResult),
}

impl<'f> Asked<'f> {
    /// All of the files, or what one of the texts is in; what cannot be run in any case.
    pub(super) fn of(files: &'f Files, filter: &[String]) -> Self {
        let is_meant =
            |it: &Single<'_>| filter.is_empty() || filter.iter().any(|text| it.mentions(text));
        let mut items: Vec<Item<'f>> = files.missing.iter().map(Item::Broken).collect();
        for read in &files.read {
            match read {
                Read::Scenario(it) => {
                    items.extend(it.singles().filter(is_meant).map(Item::Single));
                }
                Read::Broken(result) => items.push(Item::Broken(result)),
                Read::Skipped => {}
            }
        }
        Self { items }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.items.len()
    }

    pub(super) fn singles(&self) -> impl Iterator<Item = Single<'f>> {
        self.items.iter().filter_map(|item| match item {
            Item::Single(single) => Some(*single),
            Item::Broken(_) => None,
        })
    }

    /// Runs them. With [`Stop::AtFirst`] the report ends with the first in order that fails,
    /// whichever was run first.
    pub(super) fn run(&self, stop: Stop, progress: &Progress) -> Report {
        let last = AtomicUsize::new(usize::MAX);
        let run = |(index, item): (usize, &Item<'f>)| {
            if index > last.load(Ordering::Relaxed) {
                return None;
            }
            let result = match item {
                Item::Single(single) => single.run(),
                Item::Broken(result) => (*result).clone(),
            };
            if stop == Stop::AtFirst && result.status != Status::Passed {
                last.fetch_min(index, Ordering::Relaxed);
            }
            progress.step();
            Some(result)
        };
        let items = self.items.par_iter().with_min_len(AT_ONCE).enumerate();
        let results: Vec<Option<CaseResult>> = items.map(run).collect();
        let mut report = Report::default();
        let last = last.into_inner();
        let counted = results.into_iter().enumerate().take_while(|(index, _)| *index <= last);
        counted.filter_map(|(_, result)| result).for_each(|result| report.count(result));
        report
    }

    /// What they cover of the statements of their files. A case that cannot be run covers none.
    pub(super) fn coverage(&self, files: &Files) -> Coverage {
        let mut coverage = Coverage::default();
        files.scenarios().for_each(|it| coverage.merge(Coverage::of(it)));
        let singles: Vec<Single<'f>> = self.singles().collect();
        let exercises: Vec<_> = singles
            .par_iter()
            .with_min_len(AT_ONCE)
            .filter_map(|single| single.exercises().ok())
            .collect();
        for it in exercises {
            coverage.count(it);
        }
        coverage
    }
}
