//! The files that paths stand for.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use kms_sim::document::{InputError, Place, Source};

/// A file that is to be checked.
#[derive(Debug)]
pub(super) struct File {
    pub(super) path: PathBuf,
    /// Whether it was named, and not found in a folder: then it must be something.
    pub(super) is_named: bool,
}

/// Each file once, in order. What cannot be walked is an error, and the rest is checked.
pub(super) fn find(paths: &[String], errors: &mut Vec<InputError>) -> Vec<File> {
    let mut found = Vec::new();
    for path in paths.iter().map(Path::new) {
        for path in matching(path) {
            if path.is_dir() {
                walk(&path, &mut found, errors);
            } else {
                found.push(File { path, is_named: true });
            }
        }
    }
    for file in &mut found {
        // `.` is not repeated in every name.
        file.path = file.path.strip_prefix(".").unwrap_or(&file.path).to_owned();
    }
    let mut seen = BTreeSet::new();
    let same = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    // One that is named counts as that, wherever else it is found.
    found.sort_by_key(|file| !file.is_named);
    found.retain(|file| seen.insert(same(&file.path)));
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

/// What a pattern stands for that the shell left as it is; else the path itself.
fn matching(path: &Path) -> Vec<PathBuf> {
    let found = || glob::glob(path.to_str()?).ok().map(|all| all.filter_map(Result::ok).collect());
    let found: Option<Vec<PathBuf>> = if path.exists() { None } else { found() };
    match found {
        Some(found) if !found.is_empty() => found,
        _ => vec![path.to_owned()],
    }
}

/// Regular files, by name; links to folders are not followed, so there is no loop.
fn walk(folder: &Path, found: &mut Vec<File>, errors: &mut Vec<InputError>) {
    let entries = match folder.read_dir() {
        Ok(entries) => entries,
        Err(error) => {
            let source = Source::new(folder.display().to_string(), "");
            let message = format!("cannot read the folder: {error}");
            errors.push(InputError::new(message, Place::start(source)));
            return;
        }
    };
    let mut paths: Vec<PathBuf> =
        entries.filter_map(Result::ok).map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        let is_hidden = path.file_name().is_some_and(|it| it.to_string_lossy().starts_with('.'));
        let is_folder = path.is_dir();
        if is_folder && !path.is_symlink() && !is_hidden && !path.ends_with("node_modules") {
            walk(&path, found, errors);
        } else if !is_folder && is_document(&path) {
            found.push(File { path, is_named: false });
        }
    }
}

fn is_document(path: &Path) -> bool {
    let extension = path.extension().and_then(|it| it.to_str()).unwrap_or_default();
    ["yaml", "yml", "json", "template", "tfstate"]
        .iter()
        .any(|known| extension.eq_ignore_ascii_case(known))
}
