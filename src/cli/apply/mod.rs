//! Writes a fix into the files of its documents, whose formatting stays otherwise as it is.

mod emit;
mod json;
mod yaml;

use std::fs::{self, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use kms_sim::analysis::{Change, Edit, Fix, PolicyEdit};
use kms_sim::document::Format;
use kms_sim::text::{Printable, Quoted};
use serde_json::Value;
use similar::TextDiff;

use super::CliError;

/// A file as it is to be.
pub(super) struct Written {
    file: String,
    old: String,
    new: String,
    /// The documents in it that were edited.
    pointers: Vec<String>,
}

impl Written {
    pub(super) fn new(file: String, old: String, new: String) -> Self {
        Self { file, old, new, pointers: Vec::new() }
    }

    pub(super) fn file(&self) -> &str {
        &self.file
    }

    pub(super) fn old(&self) -> &str {
        &self.old
    }

    /// The files that a fix changes, each with all of its edits.
    pub(super) fn of(fix: &Fix) -> Result<Vec<Self>, CliError> {
        let mut all: Vec<Self> = Vec::new();
        for edit in &fix.edits {
            edited(edit, &mut all)?;
        }
        Ok(all)
    }

    /// A JSON or YAML file, if it is one that can be read.
    fn read(name: &str) -> Option<Self> {
        let extension = Path::new(name).extension()?.to_str()?.to_ascii_lowercase();
        let is_ours = matches!(extension.as_str(), "json" | "yaml" | "yml");
        let old = fs::read_to_string(name).ok().filter(|_| is_ours)?;
        Some(Self { file: name.to_owned(), new: old.clone(), old, pointers: Vec::new() })
    }

    pub(super) fn diff(&self) -> String {
        let diff = TextDiff::from_lines(&self.old, &self.new);
        let name = Printable(&self.file).to_string();
        let told = diff.unified_diff().context_radius(3).header(&name, &name).to_string();
        // Of what may stand in a file, a terminal gets tabs and what is visible.
        let visible = |line: &str| {
            let parts = line.split('\t').map(|part| Printable(part).to_string());
            parts.collect::<Vec<_>>().join("\t") + "\n"
        };
        told.lines().map(visible).collect()
    }

    /// Writes all or none: none if one of the files cannot be opened.
    pub(super) fn write_all(all: &[Self]) -> Result<(), CliError> {
        let wrong = |it: &Self, error: io::Error| {
            CliError::usage(format!("expected to write {}: {error}", Quoted(&it.file)))
        };
        for it in all {
            OpenOptions::new().write(true).open(&it.file).map_err(|error| wrong(it, error))?;
        }
        all.iter().try_for_each(|it| fs::write(&it.file, &it.new).map_err(|error| wrong(it, error)))
    }
}

fn refused(what: &str, help: &str) -> CliError {
    CliError::usage_with_help(
        format!("expected a fix of JSON and YAML files alone, found {what}"),
        help,
    )
}

fn edited(edit: &Edit, all: &mut Vec<Written>) -> Result<(), CliError> {
    let Change::Policy(PolicyEdit { document, patch, .. }) = &edit.change else {
        let help = "choose another with `--apply N`; `kms-sim fix` lists them";
        return Err(refused("one that changes no document", help));
    };
    let Some(document) = document else {
        return Err(refused("a new document", "save it as a policy of its own, and attach it"));
    };
    let (name, pointer) = document.split_once('#').unwrap_or((document, ""));
    let refuse = |help| refused(&Quoted(document).to_string(), help);
    let known = all.iter().position(|it| is_same(&it.file, name));
    let mut file = match known {
        Some(index) => all.remove(index),
        None => Written::read(name).ok_or_else(|| refuse("paste the statement where it goes"))?,
    };
    let is_within = |other: &String| {
        let (other, pointer) = (format!("{other}/"), format!("{pointer}/"));
        other.starts_with(&pointer) || pointer.starts_with(&other)
    };
    if file.pointers.iter().any(is_within) {
        let help = "paste the statements where they go";
        return Err(refused("two edits of one document under two names", help));
    }
    file.new = patched(name, &file.new, pointer, patch)
        .ok_or_else(|| refuse("what stands there cannot be edited alone; paste the statement"))?;
    file.pointers.push(pointer.to_owned());
    all.push(file);
    Ok(())
}

/// The text of a file after a patch of what stands at a pointer, if that can be edited alone.
pub(super) fn patched(name: &str, text: &str, pointer: &str, patch: &[Value]) -> Option<String> {
    match Format::of(name) {
        Format::Json => json::patched(text, pointer, patch),
        Format::Yaml => yaml::patched(text, pointer, patch),
        // What a template says is resolved first, and has no such place.
        Format::CloudFormation => None,
    }
}

/// Whether two names are of one file: `p.json` and `./p.json`.
fn is_same(one: &str, other: &str) -> bool {
    let canonical = |name: &str| fs::canonicalize(name).unwrap_or_else(|_| PathBuf::from(name));
    canonical(one) == canonical(other)
}

/// What a document is to say after a patch of what stands at a pointer.
fn expected(mut document: Value, pointer: &str, patch: &[Value]) -> Option<Value> {
    let operations: json_patch::Patch = serde_json::from_value(Value::from(patch.to_vec())).ok()?;
    json_patch::patch(document.pointer_mut(pointer)?, &operations).ok()?;
    Some(document)
}
