//! From a file to what is checked: the one place where a format becomes subjects.

use kms_sim::arn::{AccountId, Partition};
use kms_sim::document::{Document, InputError, Place};
use kms_sim::environment::Environment;
use kms_sim::lint::{Finding, Sorted, Subject, notice};
use kms_sim::policy::{Kind, Policy};
use kms_sim::request::Account;
use kms_sim::scenario::Scenario;

use super::files::File;
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
    /// What AWS refuses, and so is no subject.
    pub(super) findings: Vec<Finding>,
    pub(super) notes: Vec<String>,
    /// Whether there was something to check.
    pub(super) is_checked: bool,
}

/// Reads a file. What AWS refuses is a finding; what is no document is an error.
pub(super) fn file(file: &File, options: Options) -> Result<Readings, InputError> {
    let source = input::scenario(&file.path)?;
    let name = source.name.clone();
    let place = Place::start(source.clone());
    let readings = match Sorted::read(source)? {
        Sorted::Policy { document, kind, is_certain } => {
            let said = options.kind.filter(|_| !is_certain);
            let mut readings = policy(&document, said.unwrap_or(kind), options)?;
            if said.is_none() && !is_certain {
                let kind = kind.as_str();
                readings.notes.push(format!(
                    "{name} is taken to be of kind {kind}; say otherwise with --kind"
                ));
            }
            Ok(readings)
        }
        Sorted::Environment(document) => environment(&document, options),
        Sorted::Foreign | Sorted::Other(_) if !file.is_named => Ok(Readings {
            notes: vec![format!("{name} is nothing that can be checked, and was passed over")],
            ..Readings::default()
        }),
        Sorted::Foreign => Err(InputError::new(
            "expected a policy that KMS looks at, found a resource policy without an action of KMS",
            place,
        )),
        Sorted::Other(_) => Err(InputError::new(
            "expected a policy, which has `Statement`, or an environment, which has `keys`, found neither",
            place,
        )),
    };
    readings.map(|readings| Readings {
        is_checked: file.is_named || readings.is_something(),
        ..readings
    })
}

impl Readings {
    fn is_something(&self) -> bool {
        !self.subjects.is_empty() || !self.findings.is_empty()
    }

    /// What AWS refuses is a finding, and else an error.
    fn refused(error: InputError) -> Result<Self, InputError> {
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
