use std::collections::BTreeMap;
use std::sync::Arc;

use crate::document::{At, Document, Format, InputError, Source};
use crate::environment::Attached;
use crate::environment::builtin::{builtin_policy, is_builtin};
use crate::policy::{Kind, Policy};
use crate::request::Account;
use crate::text::Quoted;

/// Where the files are that a file refers to.
pub trait Files {
    /// Reads the file at `path`, which is relative to the file `from`.
    ///
    /// # Errors
    ///
    /// If it cannot be read, or is no text.
    fn read(&self, from: &Source, path: &str) -> Result<Arc<Source>, ReadError>;
}

/// A file could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// It is not there, may not be read, or is too large.
    #[error("{0}")]
    Unreadable(String),
    /// It is not a text.
    #[error(transparent)]
    Input(#[from] InputError),
}

/// The policies that a file holds or refers to, each file read once.
pub(crate) struct Policies<'a> {
    files: &'a dyn Files,
    /// By the file that refers to it, its path there, and the kind.
    read: BTreeMap<(String, String, &'static str), Arc<Policy>>,
    inline: Vec<Arc<Policy>>,
}

impl<'a> Policies<'a> {
    pub(crate) fn new(files: &'a dyn Files) -> Self {
        Self { files, read: BTreeMap::new(), inline: Vec::new() }
    }

    /// A policy field: a path, a built-in name, an inline document, or `{unknown: REASON}`.
    pub(crate) fn read(
        &mut self,
        at: At<'_>,
        kind: Kind,
        account: Option<Account>,
    ) -> Result<Attached, InputError> {
        if let Some(path) = at.as_str() {
            return self.named(at, path, kind, account).map(Attached::Policy);
        }
        let object = at.as_object().ok_or_else(|| {
            at.expected(
                "a policy: a path, an inline document, a built-in name, or `{unknown: REASON}`",
            )
        })?;
        if let Some(reason) = object.get("unknown") {
            object.only(&["unknown"])?;
            return Ok(Attached::Unknown(reason.string()?.to_owned()));
        }
        let policy = Arc::new(Policy::from_value(at, kind)?);
        self.inline.push(policy.clone());
        Ok(Attached::Policy(policy))
    }

    fn named(
        &mut self,
        at: At<'_>,
        path: &str,
        kind: Kind,
        account: Option<Account>,
    ) -> Result<Arc<Policy>, InputError> {
        if is_builtin(path) {
            return builtin_policy(path, kind, account)
                .map(Arc::new)
                .map_err(|message| at.error(message));
        }
        let cached = (at.source().name.clone(), path.to_owned(), kind.as_str());
        if let Some(policy) = self.read.get(&cached) {
            return Ok(policy.clone());
        }
        if path.trim_start().starts_with(['{', '%', '"']) {
            return Err(at.expected("the path of a policy").with_help(Some(
                "this looks like the text of a policy: write it as an object, not as a string",
            )));
        }
        let source = self.files.read(at.source(), path).map_err(|error| match error {
            ReadError::Unreadable(reason) => {
                at.error(format!("expected the path of a policy, found {}: {reason}", Quoted(path)))
            }
            ReadError::Input(error) => error,
        })?;
        let document = Document::parse(source, Format::of(path))?;
        let policy = Arc::new(Policy::from_document(&document, kind)?);
        self.read.insert(cached, policy.clone());
        Ok(policy)
    }

    /// The warnings of all policies that were read, each once.
    pub(crate) fn warnings(&self) -> Vec<InputError> {
        let policies = self.read.values().chain(&self.inline);
        policies.flat_map(|policy| policy.warnings().iter().cloned()).collect()
    }
}

impl std::fmt::Debug for Policies<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Policies").field("read", &self.read.keys()).finish_non_exhaustive()
    }
}
