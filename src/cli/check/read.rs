//! From a file to what is checked: the one place where a format becomes subjects.

use std::sync::Arc;

use kms_sim::arn::{AccountId, Partition};
use kms_sim::document::{Document, InputError, Place, Source};
use kms_sim::environment::Environment;
use kms_sim::lint::{Finding, Sorted, Subject, notice};
use kms_sim::policy::{Kind, Policy};
use kms_sim::request::Account;
use kms_sim::scenario::Scenario;

use super::files::File;
use super::imported;
use crate::cli::input::{self, Disk};

/// What the command line says of every file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Options {
    pub(super) kind: Option<Kind>,
    pub(super) account: Option<AccountId>,
}

/// What came of a file.
#[derive(Debug, Default)]
pub(super) struct Readings {
    pub(super) subjects: Vec<Subject>,
    /// How it was before a plan, if it is one.
    pub(super) before: Option<Subject>,
    /// What AWS refuses, and so is no subject.
    pub(super) findings: Vec<Finding>,
    pub(super) notes: Vec<String>,
    /// The text of the file.
    pub(super) source: Option<Arc<Source>>,
    /// Whether there was something to check.
    pub(super) is_checked: bool,
}

/// Reads a file. What AWS refuses is a finding; what is no document is an error.
pub(super) fn file(file: &File, options: Options) -> Result<Readings, InputError> {
    let source = input::scenario(&file.path)?;
    let text = Some(source.clone());
    let readings = match Sorted::read(source.clone()) {
        Ok(Sorted::Policy { document, kind, is_certain }) => {
            sorted(&document, kind, is_certain, options)?
        }
        Ok(Sorted::Environment(document)) => environment(&document, options)?,
        Ok(Sorted::Foreign) => nothing(
            file,
            &source,
            "expected a policy that KMS looks at, found a resource policy without an action of KMS",
        )?,
        Ok(Sorted::Other(_)) => match import(&source, options)? {
            Some(readings) => readings,
            None => nothing(
                file,
                &source,
                "expected a policy, an environment, a plan, a template or what the AWS CLI prints, found something else",
            )?,
        },
        // What is no plain JSON or YAML may be several documents, or a template with tags.
        Err(error) => match import(&source, options)? {
            Some(readings) => readings,
            None if file.is_named || mentions_policy(&source.text) => return Err(error),
            None => nothing(file, &source, error.message())?,
        },
    };
    Ok(Readings { is_checked: file.is_named || readings.is_something(), source: text, ..readings })
}

/// Whether a broken document may be one that is to be checked; a folder holds others too, such as
/// a `tsconfig.json` with comments.
fn mentions_policy(text: &str) -> bool {
    ["Statement", "kms", "KMS"].iter().any(|word| text.contains(word))
}

/// What an importer reads; a policy in it that AWS refuses is a finding.
fn import(source: &Arc<Source>, options: Options) -> Result<Option<Readings>, InputError> {
    match imported::read(source, options) {
        Err(error) => Readings::refused(error).map(Some),
        read => read,
    }
}

/// A document that nothing can be said of: an error if it was named, else passed over.
fn nothing(file: &File, source: &Arc<Source>, error: &str) -> Result<Readings, InputError> {
    if file.is_named {
        return Err(InputError::new(error, Place::start(source.clone())));
    }
    let note = format!("{} is nothing that can be checked, and was passed over", source.name);
    Ok(Readings { notes: vec![note], ..Readings::default() })
}

fn sorted(
    document: &Document,
    kind: Kind,
    is_certain: bool,
    options: Options,
) -> Result<Readings, InputError> {
    let said = options.kind.filter(|_| !is_certain);
    let mut readings = policy(document, said.unwrap_or(kind), options)?;
    if said.is_none() && !is_certain {
        readings.notes.push(format!(
            "{} is taken to be of kind {}; say otherwise with --kind",
            document.source().name,
            kind.as_str()
        ));
    }
    Ok(readings)
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

fn policy(document: &Document, kind: Kind, options: Options) -> Result<Readings, InputError> {
    let account = options.account.map(|id| Account { partition: Partition::Aws, id });
    match Policy::from_document(document, kind) {
        Ok(policy) => Ok(Readings {
            subjects: vec![Subject::of_policy(policy, account)?],
            ..Readings::default()
        }),
        Err(error) => Readings::refused(error),
    }
}

fn environment(document: &Document, options: Options) -> Result<Readings, InputError> {
    // Cases are read too, for the policies of their sessions.
    let read = Scenario::read(document, &Disk)
        .and_then(|_| Environment::load(document, &Disk, options.account));
    match read {
        Ok(loaded) => {
            Ok(Readings { subjects: vec![Subject::of_environment(loaded)], ..Readings::default() })
        }
        Err(error) => Readings::refused(error),
    }
}
