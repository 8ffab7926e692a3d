//! Writes a fix into the files of its documents, whose formatting stays otherwise as it is.

use std::fs::{self, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use jsonc_parser::ParseOptions;
use jsonc_parser::cst::{CstInputValue, CstNode, CstRootNode};
use kms_sim::analysis::{Change, Edit, Fix, PolicyEdit};
use kms_sim::text::{Printable, Quoted};
use serde_json::Value;
use similar::TextDiff;

use super::CliError;

/// A file as it is to be.
pub(super) struct Written {
    file: String,
    old: String,
    new: String,
}

impl Written {
    /// The files that a fix changes.
    pub(super) fn of(fix: &Fix) -> Result<Vec<Self>, CliError> {
        let written: Vec<Self> = fix.edits.iter().map(edited).collect::<Result<_, _>>()?;
        // The same file may be named twice: `p.json` and `./p.json`.
        let same =
            |it: &Self| fs::canonicalize(&it.file).unwrap_or_else(|_| it.file.clone().into());
        let mut names: Vec<PathBuf> = written.iter().map(same).collect();
        names.sort_unstable();
        names.dedup();
        if names.len() < written.len() {
            let help = "paste the statements that `kms-sim fix` shows";
            return Err(refused("two documents in one file", help));
        }
        Ok(written)
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
    CliError::usage_with_help(format!("expected a fix of JSON files alone, found {what}"), help)
}

fn edited(edit: &Edit) -> Result<Written, CliError> {
    let Change::Policy(PolicyEdit { document, patch, .. }) = &edit.change else {
        let help = "choose another with `--apply N`; `kms-sim fix` lists them";
        return Err(refused("one that changes no document", help));
    };
    let Some(document) = document else {
        let help = "paste the document that `kms-sim fix` shows into a new file";
        return Err(refused("a new document", help));
    };
    let (file, pointer) = document.split_once('#').unwrap_or((document, ""));
    let is_json = Path::new(file).extension().is_some_and(|it| it.eq_ignore_ascii_case("json"));
    let old = fs::read_to_string(file).ok().filter(|_| is_json).ok_or_else(|| {
        let help = "paste the statement that `kms-sim fix` shows";
        refused(&Quoted(document).to_string(), help)
    })?;
    let new = patched(&old, pointer, patch).ok_or_else(|| {
        let help = "a policy inside a string is not edited: paste the statement that is shown";
        refused(&Quoted(document).to_string(), help)
    })?;
    Ok(Written { file: file.to_owned(), old, new })
}

/// The text after a patch of what stands at a pointer; none if it would not say the same as
/// the patch.
fn patched(text: &str, pointer: &str, patch: &[Value]) -> Option<String> {
    let root = CstRootNode::parse(text, &ParseOptions::default()).ok()?;
    for operation in patch {
        let place = format!("{pointer}{}", operation.get("path")?.as_str()?);
        make(&root, operation, &place)?;
    }
    let new = root.to_string();
    let mut expected: Value = serde_json::from_str(text).ok()?;
    let operations: json_patch::Patch = serde_json::from_value(Value::from(patch.to_vec())).ok()?;
    json_patch::patch(expected.pointer_mut(pointer)?, &operations).ok()?;
    let found: Value = serde_json::from_str(&new).ok()?;
    (found == expected).then_some(new)
}

fn make(root: &CstRootNode, operation: &Value, path: &str) -> Option<()> {
    let (parent, last) = path.rsplit_once('/')?;
    let last = last.replace("~1", "/").replace("~0", "~");
    let parent = at(root, parent)?;
    let value = || operation.get("value").map(input);
    match (operation.get("op")?.as_str()?, parent.as_object(), parent.as_array()) {
        ("add", Some(object), _) => {
            object.append(&last, value()?);
        }
        ("add", _, Some(array)) if last == "-" => {
            array.append(value()?);
        }
        ("replace", Some(object), _) => object.get(&last)?.set_value(value()?),
        ("remove", _, Some(array)) => {
            array.elements().into_iter().nth(last.parse().ok()?)?.remove();
        }
        _ => return None,
    }
    Some(())
}

fn at(root: &CstRootNode, pointer: &str) -> Option<CstNode> {
    let mut node = root.value()?;
    for step in pointer.split('/').skip(1) {
        let step = step.replace("~1", "/").replace("~0", "~");
        node = match (node.as_object(), node.as_array()) {
            (Some(object), _) => object.get(&step)?.value()?,
            (None, Some(array)) => array.elements().into_iter().nth(step.parse().ok()?)?,
            (None, None) => return None,
        };
    }
    Some(node)
}

fn input(value: &Value) -> CstInputValue {
    match value {
        Value::Null => CstInputValue::Null,
        Value::Bool(it) => CstInputValue::Bool(*it),
        Value::Number(it) => CstInputValue::Number(it.to_string()),
        Value::String(it) => CstInputValue::String(it.clone()),
        Value::Array(items) => CstInputValue::Array(items.iter().map(input).collect()),
        Value::Object(members) => CstInputValue::Object(
            members.iter().map(|(name, value)| (name.clone(), input(value))).collect(),
        ),
    }
}
