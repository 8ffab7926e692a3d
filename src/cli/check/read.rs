//! From a unit to what is checked: the one place where a format becomes subjects.

use std::path::Path;

use kms_sim::arn::AccountId;
use kms_sim::document::{Document, InputError, Place};
use kms_sim::environment::Environment;
use kms_sim::import::{Assumptions, Found};
use kms_sim::lint::{Finding, Sorted, Subject, notice};
use kms_sim::policy::{Kind, Policy};
use kms_sim::scenario::Scenario;

use super::imported;
use super::units::{Opened, Unit};
use crate::cli::input::Disk;

/// What the command line says of every file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Options<'a> {
    pub(super) kind: Option<Kind>,
    pub(super) account: Option<AccountId>,
    /// What is said of plans and templates, and the Region of the rest.
    pub(super) assumptions: &'a Assumptions,
}

impl Options<'_> {
    /// What is looked at, in the Region that is said where it says none.
    fn placed(self, subject: Subject) -> Subject {
        match &self.assumptions.region {
            Some(region) => subject.in_region(region),
            None => subject,
        }
    }
}

/// What came of a unit.
#[derive(Debug, Default)]
pub(super) struct Readings {
    /// The file or folder.
    pub(super) name: String,
    pub(super) subjects: Vec<Subject>,
    /// How it was before a plan, if it is one.
    pub(super) before: Option<Subject>,
    /// What AWS refuses, and so is no subject.
    pub(super) findings: Vec<Finding>,
    /// What could not be read of it.
    pub(super) errors: Vec<InputError>,
    pub(super) notes: Vec<String>,
    /// The policies that are not looked at, since their content is not known, each with why.
    pub(super) unknown: Vec<String>,
    /// The kind that a policy was taken to be of, if nothing says it.
    pub(super) guessed: Option<Kind>,
    /// How many files there was something to check in.
    pub(super) files: usize,
}

impl Readings {
    /// The same at a time.
    pub(super) fn at(self, now: &str) -> Self {
        Self { subjects: self.subjects.into_iter().map(|it| it.at(now)).collect(), ..self }
    }
}

/// Reads a unit. What AWS refuses is a finding; what is no document is an error.
pub(super) fn unit(unit: &Unit, options: Options<'_>) -> Result<Readings, InputError> {
    match unit {
        Unit::Alone(opened) => alone(opened, options),
        Unit::Together { folder, files } => together(folder, files, options),
    }
}

fn alone(opened: &Opened, options: Options<'_>) -> Result<Readings, InputError> {
    let Opened { file, source, sorted, found } = opened;
    let readings = match sorted {
        Ok(Sorted::Policy { document, kind, is_certain }) => {
            sorted_policy(document, *kind, *is_certain, options)?
        }
        Ok(Sorted::Environment(document)) => environment(document, options)?,
        Ok(Sorted::Foreign) => nothing(
            opened,
            "expected a policy that KMS looks at, found a resource policy without an action of KMS",
        )?,
        Ok(Sorted::Other(_)) => match imported(found, options)? {
            Some(readings) => readings,
            None => nothing(
                opened,
                "expected a policy, an environment, a plan, a template or what the AWS CLI prints, found something else",
            )?,
        },
        Err(error) => match imported(found, options)? {
            Some(readings) => readings,
            None if file.is_named || mentions_policy(&source.text) => return Err(error.clone()),
            None => nothing(opened, error.message())?,
        },
    };
    let is_checked = file.is_named || readings.is_something();
    Ok(Readings { files: usize::from(is_checked), name: source.name.clone(), ..readings })
}

/// What was collected of one account or app. A file that cannot be joined with the others is an
/// error, and the others are looked at without it.
fn together(folder: &Path, files: &[Opened], options: Options<'_>) -> Result<Readings, InputError> {
    let mut errors: Vec<InputError> = Vec::new();
    let mut left: Vec<&Opened> = files.iter().collect();
    loop {
        let found: Vec<Found> = left.iter().flat_map(|it| it.found.clone()).collect();
        let error = match imported(&found, options) {
            Ok(readings) => {
                let name = folder.display().to_string();
                let readings = readings.unwrap_or_default();
                return Ok(Readings { name, errors, files: left.len(), ..readings });
            }
            Err(error) => error,
        };
        let of = error.place().source.name.clone();
        let before = left.len();
        left.retain(|it| !is_of(&of, &it.source.name));
        if left.len() == before || left.is_empty() {
            return Err(error);
        }
        errors.push(error);
    }
}

/// Whether a text of that name is the file, or stands in it.
pub(super) fn is_of(text: &str, file: &str) -> bool {
    text.strip_prefix(file).is_some_and(|rest| rest.is_empty() || rest.starts_with(['#', ':', ' ']))
}

/// Whether a broken document may be one that is to be checked; a folder holds others too, such as
/// a `tsconfig.json` with comments.
fn mentions_policy(text: &str) -> bool {
    ["Statement", "kms", "KMS"].iter().any(|word| text.contains(word))
}

/// What an importer reads; a policy in it that AWS refuses is a finding.
fn imported(found: &[Found], options: Options<'_>) -> Result<Option<Readings>, InputError> {
    match imported::read(found, options) {
        Err(error) => Readings::refused(error).map(Some),
        read => read,
    }
}

/// A document that nothing can be said of: an error if it was named, else passed over.
fn nothing(opened: &Opened, error: &str) -> Result<Readings, InputError> {
    let source = &opened.source;
    if opened.file.is_named {
        return Err(InputError::new(error, Place::start(source.clone())));
    }
    let note = format!("{} is nothing that can be checked, and was passed over", source.name);
    Ok(Readings { notes: vec![note], ..Readings::default() })
}

fn sorted_policy(
    document: &Document,
    kind: Kind,
    is_certain: bool,
    options: Options<'_>,
) -> Result<Readings, InputError> {
    let said = options.kind.filter(|_| !is_certain);
    let readings = policy(document, said.unwrap_or(kind), options)?;
    let is_guess = said.is_none() && !is_certain;
    Ok(Readings { guessed: is_guess.then_some(kind), ..readings })
}

impl Readings {
    fn is_something(&self) -> bool {
        !self.subjects.is_empty() || !self.findings.is_empty()
    }

    /// What AWS refuses is a finding, and else an error.
    pub(super) fn refused(error: InputError) -> Result<Self, InputError> {
        match notice(&error) {
            Some(finding) => Ok(Self { findings: vec![finding], ..Self::default() }),
            None => Err(error),
        }
    }
}

fn policy(document: &Document, kind: Kind, options: Options<'_>) -> Result<Readings, InputError> {
    match Policy::from_document(document, kind) {
        Ok(policy) => {
            let subject = options.placed(Subject::of_policy(policy, options.account)?);
            Ok(Readings { subjects: vec![subject], ..Readings::default() })
        }
        Err(error) => Readings::refused(error),
    }
}

fn environment(document: &Document, options: Options<'_>) -> Result<Readings, InputError> {
    // Cases are read too, for the policies of their sessions.
    let read = Scenario::read(document, &Disk)
        .and_then(|_| Environment::load(document, &Disk, options.account));
    match read {
        Ok(loaded) => {
            let subject = options.placed(Subject::of_environment(loaded));
            Ok(Readings { subjects: vec![subject], ..Readings::default() })
        }
        Err(error) => Readings::refused(error),
    }
}
