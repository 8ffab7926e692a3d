//! Which files a run is of.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use kms_sim::document::{InputError, Place, Source};
use kms_sim::scenario::{CaseResult, Report};
use kms_sim::text::Quoted;

use crate::cli::CliError;

/// Whether a file was named, or found in a folder that was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Named {
    Itself,
    ByFolder,
}

/// The files that the paths stand for, each once, in order. What does not exist or cannot
/// be walked is counted as an error, and the rest still runs.
pub(super) fn find(
    paths: &[String],
    report: &mut Report,
) -> Result<Vec<(PathBuf, Named)>, CliError> {
    let mut found = Vec::new();
    for path in paths {
        let as_path = Path::new(path);
        if as_path.is_dir() {
            walk(as_path, &mut found, report);
        } else if as_path.exists() || !path.contains(['*', '?', '[']) {
            found.push((as_path.to_owned(), Named::Itself));
        } else {
            expand(path, &mut found, report)?;
        }
    }
    // One that is named itself counts as that, wherever else it is found.
    let itself: BTreeSet<PathBuf> = found
        .iter()
        .filter(|(_, named)| *named == Named::Itself)
        .map(|(path, _)| same(path))
        .collect();
    let mut seen = BTreeSet::new();
    found.retain(|(path, _)| seen.insert(same(path)));
    for (path, named) in &mut found {
        if itself.contains(&same(path)) {
            *named = Named::Itself;
        }
    }
    Ok(found)
}

fn expand(
    pattern: &str,
    found: &mut Vec<(PathBuf, Named)>,
    report: &mut Report,
) -> Result<(), CliError> {
    let compiled = glob::Pattern::new(pattern).map_err(|error| {
        CliError::usage(format!("expected a glob pattern, found {}: {error}", Quoted(pattern)))
    })?;
    let before = found.len();
    for path in matches(pattern, &compiled) {
        if path.is_dir() {
            walk(&path, found, report);
        } else if is_document(&path) {
            found.push((path, Named::ByFolder));
        }
    }
    if found.len() == before {
        report.count(unreadable(pattern, "expected the pattern to match a file, found none"));
    }
    Ok(())
}

/// The files and folders that fit a pattern, in order. Links to folders are followed only as far
/// as a pattern without `**` has steps: not in circles.
fn matches(pattern: &str, compiled: &glob::Pattern) -> Vec<PathBuf> {
    let options = glob::MatchOptions {
        case_sensitive: true,
        require_literal_separator: true,
        require_literal_leading_dot: false,
    };
    let is_recursive = pattern.contains("**");
    let steps: Vec<&str> = pattern.split('/').collect();
    let is_pattern = |step: &&str| step.contains(['*', '?', '[']);
    let literal = steps.iter().take_while(|step| !is_pattern(step)).count();
    let base: String = steps.iter().take(literal).flat_map(|step| [*step, "/"]).collect();
    let mut folders = vec![(PathBuf::from(&base), 0)];
    let mut found = Vec::new();
    while let Some((folder, depth)) = folders.pop() {
        let here = if folder == Path::new("") { Path::new(".") } else { &folder };
        let entries = here.read_dir().into_iter().flatten().filter_map(Result::ok);
        for entry in entries {
            let path = folder.join(entry.file_name());
            if compiled.matches_path_with(&path, options) {
                found.push(path.clone());
            }
            let has_steps = literal + depth + 1 < steps.len();
            let goes_on = if is_recursive { !path.is_symlink() } else { has_steps };
            if goes_on && path.is_dir() {
                folders.push((path, depth + 1));
            }
        }
    }
    found.sort_unstable();
    found
}

/// The path in a spelling that is the same for the same file.
fn same(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

/// Regular files only, by name; links to folders are not followed, so there is no loop.
fn walk(folder: &Path, found: &mut Vec<(PathBuf, Named)>, report: &mut Report) {
    let entries = match folder.read_dir() {
        Ok(entries) => entries,
        Err(error) => {
            report.count(unreadable(
                &folder.display().to_string(),
                &format!("cannot read the folder: {error}"),
            ));
            return;
        }
    };
    let mut paths: Vec<PathBuf> =
        entries.filter_map(Result::ok).map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        let is_link = path.is_symlink();
        if path.is_dir() && !is_link {
            walk(&path, found, report);
        } else if !path.is_dir() && is_document(&path) {
            found.push((path, Named::ByFolder));
        }
    }
}

fn is_document(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    ["yaml", "yml", "json"].iter().any(|known| extension.eq_ignore_ascii_case(known))
}

fn unreadable(name: &str, message: &str) -> CaseResult {
    let source = Source::new(name.to_owned(), String::new());
    CaseResult::of_file(name, InputError::new(message, Place::start(source)))
}
