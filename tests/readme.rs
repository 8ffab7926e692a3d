//! What the README shows is what the program prints.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::path::Path;
use std::process::Command;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// The fenced blocks of a language.
fn blocks(language: &str) -> Vec<String> {
    let text = fs::read_to_string(Path::new(ROOT).join("README.md")).unwrap();
    let fence = format!("```{language}\n");
    text.split(&fence).skip(1).map(|rest| rest.split("```").next().unwrap().to_owned()).collect()
}

fn kms_sim(arguments: &[&str], folder: &Path) -> (String, Option<i32>) {
    let output = Command::new(env!("CARGO_BIN_EXE_kms-sim"))
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap();
    (String::from_utf8(output.stdout).unwrap(), output.status.code())
}

#[test]
fn every_command_prints_what_is_shown_below_it() {
    let shown = blocks("console");
    assert_eq!(shown.len(), 6);
    for block in shown {
        let (command, expected) = block
            .replace("\\\n", "")
            .split_once('\n')
            .map(|(a, b)| (a.to_owned(), b.to_owned()))
            .unwrap();
        let words: Vec<&str> = command
            .strip_prefix("$ kms-sim ")
            .unwrap()
            .split_whitespace()
            .map(|word| word.trim_matches('\''))
            .collect();
        let (found, _) = kms_sim(&words, Path::new(ROOT));
        assert_eq!(found, expected, "{command}");
    }
}

#[test]
fn the_scenario_in_the_readme_passes() {
    let yaml = blocks("yaml").remove(0);
    let folder = std::env::temp_dir().join(format!("kms-sim-readme-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let absolute = yaml.replace("access-denied/", &format!("{ROOT}/examples/access-denied/"));
    fs::write(folder.join("scenario.yaml"), absolute).unwrap();
    let (found, code) = kms_sim(&["test", "scenario.yaml"], &folder);
    fs::remove_dir_all(&folder).unwrap();
    assert_eq!((found.as_str(), code), ("1 passed, 0 failed\n", Some(0)));
}

#[test]
fn the_examples_pass() {
    let (found, code) = kms_sim(&["test", "examples/kms-sim.yaml"], Path::new(ROOT));
    assert_eq!((found.as_str(), code), ("60 passed, 0 failed\n", Some(0)));
    let (found, code) = kms_sim(&["test", "examples/every-field.yaml"], Path::new(ROOT));
    assert_eq!((found.as_str(), code), ("4 passed, 0 failed\n", Some(0)));
}
