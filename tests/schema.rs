//! The JSON Schema of scenario files says what the reader says.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use kms_sim::document::{Document, Format, Source};
use kms_sim::environment::{Files, ReadError};
use kms_sim::scenario::{Scenario, Sorted, Status, schema};
use serde_json::{Value, json};

struct Disk;

impl Files for Disk {
    fn read(&self, from: &Source, path: &str) -> Result<Arc<Source>, ReadError> {
        let path = Path::new(&from.name).parent().unwrap().join(path);
        let bytes = fs::read(&path).map_err(|error| ReadError::Unreadable(error.to_string()))?;
        Ok(Source::from_bytes(path.display().to_string(), bytes)?)
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn yaml_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            yaml_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "yaml") {
            found.push(path);
        }
    }
}

/// The scenarios and examples, by their paths.
fn shipped() -> Vec<PathBuf> {
    let mut files = Vec::new();
    yaml_files(&root().join("scenarios"), &mut files);
    yaml_files(&root().join("examples"), &mut files);
    // A template is an environment, too, and has a schema of its own.
    files.retain(|file| !file.ends_with("examples/template.yaml"));
    files.sort();
    assert!(files.len() > 150, "{}", files.len());
    files
}

/// The value of a file as the reader sees it, numbers and dates as YAML 1.2 has them.
fn value(path: &Path) -> Value {
    let text = fs::read_to_string(path).unwrap();
    let source = Source::new(path.display().to_string(), text);
    Document::parse(source, Format::Yaml).unwrap().to_json()
}

/// Whether the reader takes a value in place of a file.
fn is_read(path: &Path, value: &Value) -> bool {
    let source = Source::new(path.display().to_string(), value.to_string());
    let document = Document::parse(source, Format::Json).unwrap();
    Scenario::read(&document, &Disk).is_ok()
}

/// Whether the reader takes it, and every case can be asked.
fn is_run(path: &Path, value: &Value) -> bool {
    let source = Source::new(path.display().to_string(), value.to_string());
    let document = Document::parse(source, Format::Json).unwrap();
    match Scenario::read(&document, &Disk) {
        Ok(Sorted::Scenario(scenario)) => scenario.run().all(|it| it.status != Status::Error),
        Ok(_) => true,
        Err(_) => false,
    }
}

fn validator() -> jsonschema::Validator {
    jsonschema::draft202012::new(&schema()).unwrap()
}

#[test]
fn it_is_a_schema_of_its_draft() {
    jsonschema::draft202012::meta::validate(&schema()).unwrap();
}

#[test]
fn every_shipped_file_is_valid() {
    let validator = validator();
    for path in shipped() {
        let value = value(&path);
        let errors: Vec<String> = validator
            .iter_errors(&value)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{}:\n{}", path.display(), errors.join("\n"));
    }
}

/// The pointers to all objects in a value.
fn objects(value: &Value, pointer: &str, found: &mut Vec<String>) {
    if let Value::Object(members) = value {
        found.push(pointer.to_owned());
        for (name, value) in members {
            let name = name.replace('~', "~0").replace('/', "~1");
            objects(value, &format!("{pointer}/{name}"), found);
        }
    }
    for (index, value) in value.as_array().into_iter().flatten().enumerate() {
        objects(value, &format!("{pointer}/{index}"), found);
    }
}

/// A member that nobody knows, put into the objects of every file in turn, one for each set of
/// members: what the schema refuses the reader refuses, and what it takes the reader takes.
#[test]
fn the_reader_refuses_the_unknown_members_that_the_schema_refuses() {
    let validator = validator();
    let (mut refused, mut taken) = (0, 0);
    let mut seen = HashSet::new();
    for path in shipped() {
        let value = value(&path);
        let mut pointers = Vec::new();
        objects(&value, "", &mut pointers);
        for pointer in pointers {
            let mut changed = value.clone();
            let object = changed.pointer_mut(&pointer).unwrap().as_object_mut().unwrap();
            if !seen.insert(object.keys().cloned().collect::<Vec<_>>()) {
                continue;
            }
            object.insert("zz-unknown".into(), json!([[]]));
            let is_valid = validator.is_valid(&changed);
            assert_eq!(is_valid, is_read(&path, &changed), "{}#{pointer}", path.display());
            if is_valid { taken += 1 } else { refused += 1 }
        }
    }
    assert!(refused > 300 && taken > 20, "{refused} refused, {taken} taken");
}

/// Each value of a file, replaced by one of another type: what the schema refuses the reader
/// refuses. (The reader refuses more: names that are not in the file.)
#[test]
fn what_the_schema_refuses_the_reader_refuses() {
    let validator = validator();
    let path = root().join("examples/every-field.yaml");
    let value = value(&path);
    let mut refused = 0;
    let mut pointers = Vec::new();
    values(&value, "", &mut pointers);
    for pointer in pointers {
        for other in
            [json!(7), json!(true), json!("zz zz"), json!([7]), json!({"zz": 7}), json!(null)]
        {
            let mut changed = value.clone();
            *changed.pointer_mut(&pointer).unwrap() = other.clone();
            if !validator.is_valid(&changed) {
                refused += 1;
                assert!(!is_run(&path, &changed), "{pointer} as {other}");
            }
        }
    }
    assert!(refused > 200, "{refused}");
}

fn values(value: &Value, pointer: &str, found: &mut Vec<String>) {
    found.push(pointer.to_owned());
    for (name, value) in value.as_object().into_iter().flatten() {
        let name = name.replace('~', "~0").replace('/', "~1");
        values(value, &format!("{pointer}/{name}"), found);
    }
    for (index, value) in value.as_array().into_iter().flatten().enumerate() {
        values(value, &format!("{pointer}/{index}"), found);
    }
}

#[test]
fn the_committed_schema_is_what_the_program_prints() {
    let committed = fs::read_to_string(root().join("kms-sim.schema.json")).unwrap();
    let printed = serde_json::to_string_pretty(&schema()).unwrap() + "\n";
    assert!(committed == printed, "write it anew: cargo run -- schema > kms-sim.schema.json");
}

#[test]
fn every_shipped_file_tells_editors_of_its_schema() {
    for path in shipped() {
        let text = fs::read_to_string(&path).unwrap();
        let line = text.lines().next().unwrap();
        let named = line
            .strip_prefix("# yaml-language-server: $schema=")
            .unwrap_or_else(|| panic!("{}: {line}", path.display()));
        let schema = path.parent().unwrap().join(named).canonicalize().unwrap();
        assert_eq!(schema, root().join("kms-sim.schema.json").canonicalize().unwrap());
    }
}

#[test]
fn it_completes_what_kms_knows() {
    let text = schema().to_string();
    for name in [
        "kms:GenerateDataKeyWithoutPlaintext",
        "kms:ViaService",
        "StringNotEqualsIgnoreCase",
        "secretsmanager",
        "s3:multipart-upload",
        "permissions-boundary",
        "ECC_NIST_P256",
    ] {
        assert!(text.contains(&format!("\"{name}\"")), "{name}");
    }
}
