//! Accounts, plans and templates as environments.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use kms_sim::document::{Document, Format, InputError, Source};
use kms_sim::import::{Assumptions, Estate, Family, Found, Kind, import, sniff, written_as};
use kms_sim::text::Quoted;

use super::CliError;
use super::input::{self, Inputs};
use super::progress::Progress;

/// The most files in a folder; a larger one is likely not meant.
const MOST_FILES: usize = 200_000;
/// The extensions of what may be imported, in folders.
const EXTENSIONS: &[&str] = &["json", "yaml", "yml", "tfstate", "template", "txt"];
/// Environment files by the names under which they are found.
const ENVIRONMENTS: &[&str] = &["kms-sim.yaml", "kms-sim.yml", "kms-sim.json"];

/// What documents leave open.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct AssumeArgs {
    /// What a plan or template leaves open, such as `aws_iam_role.app.arn=arn:…`, or a file that
    /// holds it; repeatable
    #[arg(long, value_name = "ADDRESS=VALUE|ADDRESS=@FILE")]
    assume: Vec<String>,
    /// Parameters of a template, or a JSON or YAML file of them; repeatable
    #[arg(long = "parameters", value_name = "NAME=VALUE|FILE")]
    template_parameters: Vec<String>,
}

#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct WorldArgs {
    #[command(flatten)]
    open: AssumeArgs,
    /// Of a plan the world before it, not after
    #[arg(long)]
    before: bool,
}

/// What a path turned out to be.
pub(super) enum World {
    /// An environment file.
    File(Arc<Document>),
    /// Made of something else.
    Imported(Box<Estate>),
}

/// What was read, and what was left out.
#[derive(Default)]
pub(super) struct Collected {
    pub(super) found: Vec<Found>,
    pub(super) notes: Vec<String>,
}

impl WorldArgs {
    /// Reads what `--env` names.
    pub(super) fn read(
        &self,
        name: &str,
        assumptions: Assumptions,
        inputs: &mut Inputs,
    ) -> Result<World, CliError> {
        let path = Path::new(name);
        if path.is_dir()
            && let Some(file) = ENVIRONMENTS.iter().map(|it| path.join(it)).find(|it| it.is_file())
        {
            return self.read(&file.display().to_string(), assumptions, inputs);
        }
        if !path.is_dir() {
            let source = inputs.large(name)?;
            return match sniff(&source) {
                Ok(found) => self.sorted(&found, assumptions, inputs),
                // The tags of a template are none of the errors in it.
                Err(error) if written_as(&source) == Format::CloudFormation => Err(error.into()),
                Err(error) => {
                    // What is no document at all is told as of an environment file.
                    let format =
                        if name == "-" { input::sniff(&source.text) } else { Format::of(name) };
                    Document::parse(source, format)?;
                    Err(error.into())
                }
            };
        }
        let mut collected = Collected::default();
        collected.folder(path, inputs)?;
        let mut estate = self.estate(&collected.found, assumptions, inputs)?;
        estate.notes.extend(collected.notes);
        Ok(World::Imported(Box::new(estate)))
    }

    fn sorted(
        &self,
        found: &[Found],
        assumptions: Assumptions,
        inputs: &mut Inputs,
    ) -> Result<World, CliError> {
        let is_alone = |kind: Kind| matches!(kind.family(), Family::Environment | Family::Policy);
        match found {
            [only] if is_alone(only.kind) => match only.whole() {
                Some(document) => Ok(World::File(document.clone())),
                None => Err(only.unexpected("take it out of the document that it is in").into()),
            },
            _ => {
                let estate = self.estate(found, assumptions, inputs)?;
                Ok(World::Imported(Box::new(estate)))
            }
        }
    }

    /// The estate of documents: before a plan if that is asked.
    pub(super) fn estate(
        &self,
        found: &[Found],
        mut assumptions: Assumptions,
        inputs: &mut Inputs,
    ) -> Result<Estate, CliError> {
        self.open.assume(&mut assumptions, inputs)?;
        let imported = import(found, &assumptions)?;
        match (self.before, imported.before) {
            (false, _) => Ok(imported.after),
            (true, Some(before)) => Ok(before),
            (true, None) => Err(CliError::usage_with_help(
                "--before: expected a plan of Terraform, found something that changes nothing",
                "leave `--before` out",
            )),
        }
    }
}

impl AssumeArgs {
    /// Adds what the command line says.
    pub(super) fn assume(
        &self,
        assumptions: &mut Assumptions,
        inputs: &mut Inputs,
    ) -> Result<(), CliError> {
        for text in &self.template_parameters {
            match text.split_once('=').filter(|_| !Path::new(text).is_file()) {
                Some((name, value)) => {
                    assumptions.values.insert(name.to_owned(), value.to_owned());
                }
                None => assumptions.read_parameters(&inputs.environment(text)?)?,
            }
        }
        for text in &self.assume {
            let split = equals_after_address(text);
            let (address, value) = split.map(|it| text.split_at(it)).ok_or_else(|| {
                CliError::usage(format!("--assume: expected ADDRESS=VALUE, found {}", Quoted(text)))
            })?;
            let value = assumed(value.trim_start_matches('='), inputs)?;
            assumptions.values.insert(address.to_owned(), value);
        }
        Ok(())
    }
}

/// A value, or the text of the file that it names.
fn assumed(value: &str, inputs: &mut Inputs) -> Result<String, CliError> {
    if let Some(file) = value.strip_prefix('@') {
        return Ok(inputs.large(file)?.text.clone());
    }
    let extension = Path::new(value).extension();
    if extension.is_some_and(|it| it.eq_ignore_ascii_case("json")) && Path::new(value).is_file() {
        return Err(CliError::usage_with_help(
            format!("--assume: expected a value, found the name of a file, {}", Quoted(value)),
            format!("for what it holds write `@{value}`"),
        ));
    }
    Ok(value.to_owned())
}

impl Collected {
    /// What the command line names: files, folders, patterns, standard input.
    pub(super) fn named(names: &[String], inputs: &mut Inputs) -> Result<Self, CliError> {
        let mut collected = Self::default();
        for name in names {
            let path = Path::new(name);
            if path.is_dir() {
                collected.folder(path, inputs)?;
            } else if name == "-" || path.exists() {
                collected.found.extend(sniff(&inputs.large(name)?)?);
            } else {
                collected.pattern(name, inputs)?;
            }
        }
        Ok(collected)
    }

    fn pattern(&mut self, name: &str, inputs: &mut Inputs) -> Result<(), CliError> {
        let paths = glob::glob(name).ok().into_iter().flatten().filter_map(Result::ok);
        let mut paths: Vec<PathBuf> = paths.filter(|path| path.is_file()).collect();
        paths.sort_unstable();
        if paths.is_empty() {
            // Says why there is no such file.
            inputs.large(name)?;
        }
        for path in paths {
            self.found.extend(sniff(&inputs.large(&path.display().to_string())?)?);
        }
        Ok(())
    }

    /// Everything in a folder that may be imported. What is not known there is noted, since a
    /// folder may hold more than was collected.
    fn folder(&mut self, folder: &Path, inputs: &mut Inputs) -> Result<(), CliError> {
        let mut files = Vec::new();
        walk(folder, &mut files)?;
        let before = self.found.len();
        let progress = Progress::new(files.len(), "files", false);
        for file in files {
            progress.step();
            let name = file.display().to_string();
            if file.metadata().is_ok_and(|it| it.len() == 0) {
                self.notes.push(format!("{name} is empty: {}", why(&file)));
                continue;
            }
            match inputs.large(&name) {
                Ok(source) if is_message(&source) => {
                    let message = source.text.trim().lines().next().unwrap_or_default();
                    self.notes.push(format!("{name} holds an error: {message}"));
                }
                Ok(source) => match sniff(&source) {
                    Ok(found) => self.found.extend(found.into_iter().map(Found::among_others)),
                    Err(error) => self.notes.push(format!("not read: {error}")),
                },
                Err(error) => self.notes.push(format!("not read: {error}")),
            }
        }
        progress.finish();
        if self.found.len() == before {
            let mut message = format!(
                "expected something to import, found none in {}",
                Quoted(&folder.display().to_string())
            );
            for note in self.notes.iter().take(3) {
                message.push_str("; ");
                message.push_str(note);
            }
            return Err(CliError::usage(message));
        }
        Ok(())
    }
}

/// What the AWS CLI writes if a call fails, sent into the file by mistake.
fn is_message(source: &Source) -> bool {
    let text = source.text.trim_start();
    text.starts_with("An error occurred (")
        || text.starts_with("aws: error")
        || text.starts_with("aws: [ERROR]")
}

/// What the command said that should have written the file, if that was kept beside it.
fn why(file: &Path) -> String {
    let beside = format!("{}.error", file.display());
    let message = input::read(Path::new(&beside), 1 << 16, input::Regular::Only).ok();
    let message = message.and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default();
    match message.lines().find(|line| !line.trim().is_empty()) {
        Some(line) => line.trim().to_owned(),
        None => "the command that was to write it failed".to_owned(),
    }
}

/// The files below a folder, in order; without hidden ones, and without following links to folders.
fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), CliError> {
    let wrong = |error: std::io::Error| {
        let name = folder.display().to_string();
        CliError::usage(format!("cannot read the folder {}: {error}", Quoted(&name)))
    };
    let mut entries = Vec::new();
    for entry in folder.read_dir().map_err(wrong)? {
        entries.push(entry.map_err(wrong)?);
    }
    entries.sort_unstable_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        let is_folder = entry.file_type().is_ok_and(|it| it.is_dir());
        let extension = path.extension().map(|it| it.to_string_lossy().to_ascii_lowercase());
        if is_folder {
            walk(&path, files)?;
        } else if extension.is_some_and(|it| EXTENSIONS.contains(&it.as_str())) {
            files.push(path);
        }
        if files.len() > MOST_FILES {
            return Err(CliError::usage(format!(
                "expected at most {MOST_FILES} files, found more"
            )));
        }
    }
    Ok(())
}

/// A file that an environment file names, which may `extend` a plan, a template or what was
/// collected of an account: these as environment files, and all others as they are.
pub(super) fn as_environment(source: Arc<Source>) -> Result<Arc<Source>, InputError> {
    // Policies are most of what files name, and have none of these.
    let signs = ["format_version", "\"lineage\"", "Resources", "DetailList\""];
    if !signs.iter().any(|sign| source.text.contains(sign)) {
        return Ok(source);
    }
    let is_world = |found: &Found| {
        matches!(found.kind.family(), Family::Terraform | Family::CloudFormation)
            || found.kind == Kind::AuthorizationDetails
    };
    match sniff(&source) {
        Ok(found) if found.iter().any(is_world) => {
            let estate = import(&found, &Assumptions::default())?.after;
            Ok(Source::new(&*source.name, format!("{:#}", estate.to_document()?)))
        }
        _ => Ok(source),
    }
}

/// Where the address of an assumption ends: at the first `=` that is not in a key, as it is in
/// `aws_iam_role.x["a=b"].arn=…`.
fn equals_after_address(text: &str) -> Option<usize> {
    let (mut is_key, mut is_escaped) = (false, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' if is_key => is_escaped = true,
            '"' => is_key = !is_key,
            '=' if !is_key => return Some(at),
            _ => {}
        }
    }
    None
}
