//! `kms-sim.toml`: what a run is told by the project that it checks.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use kms_sim::arn::is_region;
use kms_sim::document::{InputError, Place, Source};
use kms_sim::import::Assumptions;
use kms_sim::text::Quoted;
use serde::Deserialize;
use toml::Spanned;

use crate::cli::{CliError, input};

const NAME: &str = "kms-sim.toml";

/// The configuration, and where it stands.
#[derive(Debug, Default)]
pub(super) struct Config {
    pub(super) check: Check,
    /// The folder that its paths are relative to.
    folder: PathBuf,
    source: Option<Arc<Source>>,
}

/// The file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    check: Check,
}

/// What it says of `check`; the command line says otherwise.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(super) struct Check {
    pub(super) fail_on: Option<Spanned<String>>,
    pub(super) select: Vec<Spanned<String>>,
    pub(super) ignore: Vec<Spanned<String>>,
    account: Option<Spanned<String>>,
    region: Option<Spanned<String>>,
    pub(super) suppress: Vec<Spanned<Suppress>>,
}

/// Silences a finding in a file that has no comments.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Suppress {
    /// The code or name of the rule.
    pub(super) code: String,
    /// The file, or a pattern of files, relative to the configuration.
    pub(super) file: String,
    /// The `Sid` of the statement, if it is only that.
    pub(super) sid: Option<String>,
    /// The resource, if it is only that: its name in a template, plan or environment.
    pub(super) resource: Option<String>,
    /// The JSON pointer to what is suppressed with all that is in it.
    pub(super) pointer: Option<String>,
    pub(super) reason: Option<String>,
}

impl Config {
    /// The file that is named; else that of this folder or of the nearest parent that has one.
    pub(super) fn read(named: Option<&str>) -> Result<Self, CliError> {
        let found = || {
            let here = std::env::current_dir().ok()?;
            let found = here.ancestors().map(|it| it.join(NAME)).find(|it| it.is_file())?;
            Some(found.strip_prefix(&here).map(Path::to_owned).unwrap_or(found))
        };
        match named.map(PathBuf::from).or_else(found) {
            None => Ok(Self::default()),
            Some(path) => Self::of(&path),
        }
    }

    fn of(path: &Path) -> Result<Self, CliError> {
        let source = input::scenario(path)?;
        let file: File = toml::from_str(&source.text).map_err(|error| {
            let span = error.span().unwrap_or(0..0);
            let place = Place { source: source.clone(), span, pointer: String::new() };
            let first = error.message().lines().next().unwrap_or_default().to_owned();
            InputError::new(first, place)
        })?;
        let folder = path.parent().unwrap_or_else(|| Path::new("")).to_owned();
        Ok(Self { check: file.check, folder, source: Some(source) })
    }

    /// Where a value of it stands.
    pub(super) fn place<T>(&self, value: &Spanned<T>) -> Option<Place> {
        let source = self.source.clone()?;
        Some(Place { source, span: value.span(), pointer: String::new() })
    }

    /// A value that is read further, with its place where that fails.
    pub(super) fn parse<T, E: ToString>(
        &self,
        value: &Spanned<String>,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Result<T, CliError> {
        parse(value.get_ref()).map_err(|error| match self.place(value) {
            Some(place) => InputError::new(error.to_string(), place).into(),
            None => CliError::usage(error.to_string()),
        })
    }

    /// What the command line says that documents leave open, and else the configuration.
    pub(super) fn assumptions(&self, said: Assumptions) -> Result<Assumptions, CliError> {
        let region = |text: &str| {
            let found = Some(text.to_owned()).filter(|it| is_region(it));
            let wrong = || format!("expected a Region such as `us-east-1`, found {}", Quoted(text));
            found.ok_or_else(wrong)
        };
        let account = self.check.account.as_ref().map(|it| self.parse(it, str::parse)).transpose();
        let own = self.check.region.as_ref().map(|it| self.parse(it, region)).transpose();
        Ok(Assumptions { account: said.account.or(account?), region: said.region.or(own?), ..said })
    }

    /// Whether there is a file that a pattern of the configuration is for.
    pub(super) fn is_there(&self, pattern: &str) -> bool {
        let pattern = self.folder.join(pattern);
        let mut found = glob::glob(&pattern.display().to_string()).into_iter().flatten();
        pattern.exists() || found.next().is_some()
    }

    /// Whether a pattern of the configuration is for a file.
    pub(super) fn is_for(&self, pattern: &str, file: &str) -> Result<bool, CliError> {
        let pattern = self.folder.join(pattern).display().to_string();
        let same = |path: &str| Path::new(path).components().collect::<PathBuf>();
        let canonical = |path: &str| Path::new(path).canonicalize().ok();
        let glob = glob::Pattern::new(&pattern).map_err(|error| {
            CliError::usage(format!(
                "expected a pattern of files, found {}: {error}",
                Quoted(&pattern)
            ))
        })?;
        let is_same = canonical(&pattern).is_some_and(|it| canonical(file) == Some(it));
        Ok(is_same || glob.matches_path(&same(file)))
    }
}
