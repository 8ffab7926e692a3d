//! Modules are in layers, and imports go down only.

#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::path::{Path, PathBuf};

/// From the bottom up; a module may use those on lower lines of the layering, and itself.
const LAYERS: &[&[&str]] = &[
    &["text", "truth", "wildcard", "arn", "document"],
    &["kms"],
    &["request"],
    &["policy"],
    &["environment"],
    &["evaluate"],
    &["report"],
    &["analysis", "diagnose", "generate", "import", "lint", "scenario"],
];

/// Within the lowest layer, what knows nothing of documents stays that way.
const BASE: &[&str] = &["text", "truth", "wildcard"];

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("it can be listed").path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

fn sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    rust_files(&root, &mut files);
    files.sort();
    let read = |path: PathBuf| {
        let name = path.strip_prefix(&root).expect("it is below").display().to_string();
        (name, fs::read_to_string(&path).expect("it is a text"))
    };
    files.into_iter().map(read).collect()
}

fn layer(module: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&module))
}

/// The module that a file belongs to: `policy/parse/mod.rs` to `policy`.
fn module_of(file: &str) -> &str {
    file.split(['/', '.']).next().unwrap_or(file)
}

/// The modules that a line names as `crate::module`.
fn used_modules(line: &str) -> impl Iterator<Item = &str> {
    line.split("crate::").skip(1).filter_map(|rest| {
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_')?;
        rest.get(..end)
    })
}

#[test]
fn imports_go_down_only() {
    let mut upward = Vec::new();
    let mut counted = 0;
    for (file, text) in sources() {
        let Some(own) = layer(module_of(&file)) else { continue };
        for (number, line) in text.lines().enumerate() {
            if line.trim_start().starts_with("//") {
                continue;
            }
            for used in used_modules(line) {
                let Some(other) = layer(used) else { continue };
                counted += 1;
                let leaves_base = BASE.contains(&module_of(&file)) && !BASE.contains(&used);
                if other > own || leaves_base {
                    upward.push(format!("src/{file}:{}: {}", number + 1, line.trim()));
                }
            }
        }
    }
    assert!(counted > 100, "only {counted} imports were found");
    assert!(upward.is_empty(), "\n{}", upward.join("\n"));
}

#[test]
fn every_module_has_a_layer() {
    let root = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs"))
        .expect("the library has a root");
    for line in root.lines() {
        let Some(module) = line.strip_prefix("pub mod ").or_else(|| line.strip_prefix("mod "))
        else {
            continue;
        };
        assert!(layer(module.trim_end_matches(';')).is_some(), "{module} has no layer");
    }
}

#[test]
fn the_library_reads_no_file_and_no_clock() {
    for (file, text) in sources() {
        if file.starts_with("cli") || file == "main.rs" {
            continue;
        }
        for banned in
            ["std::fs", "std::env", "std::thread", "std::process", "Timestamp::now", "SystemTime"]
        {
            assert!(!text.contains(banned), "src/{file} uses {banned}");
        }
    }
}

#[test]
fn files_stay_small() {
    for (file, text) in sources() {
        let lines = text.lines().count();
        assert!(lines <= 400, "src/{file} has {lines} lines");
    }
}
