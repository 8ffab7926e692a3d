//! Reading files, within limits.

use std::fs::File;
use std::io::{self, IsTerminal, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use flate2::read::MultiGzDecoder;
use kms_sim::document::{Document, Format, Source};
use kms_sim::environment::{Files, ReadError};
use kms_sim::policy::{Kind, Policy};
use kms_sim::text::Quoted;

use super::CliError;

/// AWS takes no policy over 128 KiB; what is larger than this is not one.
const POLICY_LIMIT: u64 = 4 << 20;
/// An environment or scenario file with its inline policies.
const ENVIRONMENT_LIMIT: u64 = 64 << 20;
/// What is imported: all roles and policies of an account, or a plan of a large estate.
const IMPORT_LIMIT: u64 = 256 << 20;

/// Where the inputs of one run come from; standard input at most once.
#[derive(Debug, Default)]
pub(crate) struct Inputs {
    stdin_used: bool,
}

impl Inputs {
    pub(crate) fn policy(&mut self, name: &str, kind: Kind) -> Result<Policy, CliError> {
        let document = Document::parse(self.source(name, POLICY_LIMIT)?, Format::of(name))?;
        Ok(Policy::from_document(&document, kind)?)
    }

    pub(crate) fn environment(&mut self, name: &str) -> Result<Document, CliError> {
        let source = self.source(name, ENVIRONMENT_LIMIT)?;
        let format = if name == "-" { sniff(&source.text) } else { Format::of(name) };
        Ok(Document::parse(source, format)?)
    }

    /// What somebody kept or pasted: unpacked where it is compressed, as CloudTrail delivers its
    /// files, and without the byte-order mark that some systems write; tells whether there was one.
    ///
    /// Source: [CloudTrail log files](https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-examples.html)
    pub(crate) fn loose_text(&mut self, name: &str) -> Result<(Arc<Source>, bool), CliError> {
        const MARK: &[u8] = b"\xef\xbb\xbf";
        let mut bytes = self.bytes(name, ENVIRONMENT_LIMIT)?;
        if bytes.starts_with(b"\x1f\x8b") {
            bytes = bounded(MultiGzDecoder::new(bytes.as_slice()), ENVIRONMENT_LIMIT).map_err(
                |reason| CliError::usage(format!("cannot unpack {}: {reason}", Quoted(name))),
            )?;
        }
        let is_marked = bytes.starts_with(MARK);
        let text = if is_marked { bytes.split_off(MARK.len()) } else { bytes };
        Ok((Source::from_bytes(shown(name), text)?, is_marked))
    }

    /// A text that may hold a whole account.
    pub(crate) fn large(&mut self, name: &str) -> Result<Arc<Source>, CliError> {
        self.source(name, IMPORT_LIMIT)
    }

    fn source(&mut self, name: &str, limit: u64) -> Result<Arc<Source>, CliError> {
        let bytes = self.bytes(name, limit)?;
        Ok(Source::from_bytes(shown(name), bytes)?)
    }

    fn bytes(&mut self, name: &str, limit: u64) -> Result<Vec<u8>, CliError> {
        if name == "-" {
            return self.standard_input(limit);
        }
        read(Path::new(name), limit, Regular::OrPipe)
            .map_err(|reason| CliError::usage(format!("cannot read {}: {reason}", Quoted(name))))
    }

    fn standard_input(&mut self, limit: u64) -> Result<Vec<u8>, CliError> {
        if std::mem::replace(&mut self.stdin_used, true) {
            return Err(CliError::usage(
                "expected `-` once, found it twice: there is one standard input",
            ));
        }
        if io::stdin().is_terminal() {
            return Err(CliError::usage_with_help(
                "expected a document on standard input, found a terminal",
                "send it with a pipe: aws kms get-key-policy … | kms-sim --key-policy - …",
            ));
        }
        bounded(io::stdin().lock(), limit)
            .map_err(|reason| CliError::usage(format!("cannot read standard input: {reason}")))
    }
}

/// What a source is called.
fn shown(name: &str) -> &str {
    if name == "-" { "<stdin>" } else { name }
}

/// The environment on standard input is JSON if it looks like it.
pub(crate) fn sniff(text: &str) -> Format {
    if text.trim_start().starts_with(['{', '[']) { Format::Json } else { Format::Yaml }
}

/// Whether something that is no regular file, such as `<(command)`, may be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Regular {
    Only,
    OrPipe,
}

/// The bytes of a file, unless it is too large; the error is a reason.
pub(crate) fn read(path: &Path, limit: u64, regular: Regular) -> Result<Vec<u8>, String> {
    let metadata = path.metadata().map_err(|error| reason(&error))?;
    if metadata.is_dir() {
        return Err("it is a folder".into());
    }
    if regular == Regular::Only && !metadata.is_file() {
        return Err("it is not a regular file".into());
    }
    if metadata.is_file() && metadata.len() > limit {
        return Err(too_large(limit));
    }
    bounded(File::open(path).map_err(|error| reason(&error))?, limit)
}

fn bounded(input: impl Read, limit: u64) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    input.take(limit + 1).read_to_end(&mut bytes).map_err(|error| reason(&error))?;
    if bytes.len() as u64 > limit { Err(too_large(limit)) } else { Ok(bytes) }
}

fn too_large(limit: u64) -> String {
    format!("it has more than {} MiB", limit >> 20)
}

/// The system's words without its error number.
fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or(&text).to_lowercase()
}

/// The policies that an environment file refers to, by paths relative to it.
#[derive(Debug)]
pub(crate) struct Disk;

impl Files for Disk {
    fn read(&self, from: &Source, path: &str) -> Result<Arc<Source>, ReadError> {
        let path = beside(from, path);
        let bytes = read(&path, ENVIRONMENT_LIMIT, Regular::Only).map_err(ReadError::Unreadable)?;
        let source = Source::from_bytes(tidy(&path), bytes)?;
        Ok(super::world::as_environment(source)?)
    }
}

/// A path that a file refers to, from here.
pub(crate) fn beside(from: &Source, path: &str) -> PathBuf {
    Path::new(&from.name).parent().unwrap_or_else(|| Path::new("")).join(path)
}

/// The path with `folder/..` taken out, for messages.
fn tidy(path: &Path) -> String {
    let mut parts: Vec<std::path::Component<'_>> = Vec::new();
    for part in path.components() {
        let is_up = part == std::path::Component::ParentDir;
        if is_up && matches!(parts.last(), Some(std::path::Component::Normal(_))) {
            parts.pop();
        } else {
            parts.push(part);
        }
    }
    parts.iter().collect::<PathBuf>().display().to_string()
}

/// The environment file of the current folder or of the nearest parent that has one.
pub(crate) fn find_environment() -> Option<String> {
    let start = std::env::current_dir().ok()?;
    let here = |folder: &Path| {
        ["yaml", "yml", "json"]
            .iter()
            .map(|extension| folder.join(format!("kms-sim.{extension}")))
            .find(|path| path.is_file())
    };
    let found = start.ancestors().find_map(here)?;
    let shown = found.strip_prefix(&start).unwrap_or(&found);
    Some(shown.display().to_string())
}

/// A file of a run over many, or standard input for `-`.
pub(crate) fn file_or_standard(path: &Path) -> Result<Arc<Source>, kms_sim::document::InputError> {
    if path.as_os_str() != "-" {
        return scenario(path);
    }
    Inputs::default().source("-", ENVIRONMENT_LIMIT).map_err(|error| match error {
        CliError::Input(error) => error,
        other => {
            let place = kms_sim::document::Place::start(Source::new(shown("-"), ""));
            let error = |message: String, help: Option<String>| {
                kms_sim::document::InputError::new(message, place).with_help(help)
            };
            match other {
                CliError::Usage { message, help } => error(message, help),
                _ => error("expected a document on standard input, found none".to_owned(), None),
            }
        }
    })
}

/// A scenario file of a run over many.
pub(crate) fn scenario(path: &Path) -> Result<Arc<Source>, kms_sim::document::InputError> {
    let name = path.display().to_string();
    read(path, ENVIRONMENT_LIMIT, Regular::Only)
        .map_err(|reason| {
            let source = Source::new(name.clone(), String::new());
            let place = kms_sim::document::Place::start(source);
            kms_sim::document::InputError::new(format!("cannot read the file: {reason}"), place)
        })
        .and_then(|bytes| Source::from_bytes(name.clone(), bytes))
}
