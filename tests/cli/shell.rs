//! Completions and the manual.

use std::io::Write as _;
use std::process::{Command, Stdio};

use crate::support::Folder;

#[test]
fn completions_know_subcommands_and_the_options_of_the_main_job() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let run = Folder::new().run(&format!("completions {shell}"));
        assert_eq!(run.status(), Some(0), "{shell}: {}", run.stderr);
        for word in ["rescue", "encryption-context"] {
            assert!(run.stdout.contains(word), "{shell} completes {word}");
        }
    }
    assert_eq!(Folder::new().run("completions cmd").status(), Some(2));
}

#[test]
fn bash_reads_its_completions() {
    let run = Folder::new().run("completions bash");
    let Ok(mut bash) = Command::new("bash").arg("-n").stdin(Stdio::piped()).spawn() else { return };
    bash.stdin.take().unwrap().write_all(run.stdout.as_bytes()).unwrap();
    assert!(bash.wait().unwrap().success());
}

#[test]
fn the_manual_has_a_page_for_each_subcommand() {
    let run = Folder::new().run("man");
    assert_eq!(run.status(), Some(0), "{}", run.stderr);
    let titles = run.stdout.lines().filter(|line| line.starts_with(".TH"));
    let titles: Vec<&str> = titles.filter_map(|line| line.split(' ').nth(1)).collect();
    for page in ["kms-sim", "kms-sim-simulate", "kms-sim-rescue", "kms-sim-man"] {
        assert!(titles.contains(&page), "{page}: {titles:?}");
    }
}
