//! What somebody else wrote reaches no terminal as it is, and a reader that leaves early is
//! no disaster.

use std::io::Read as _;
use std::process::Stdio;

use crate::support::{DELEGATING, Folder, NAMING, Run, program};

/// The text without the colours that are the program's own.
fn without_colours(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |plain, part| match part.split_once('m') {
        Some((codes, rest)) if codes.chars().all(|c| c.is_ascii_digit() || c == ';') => {
            plain + rest
        }
        _ => plain + "\u{1b}[" + part,
    })
}

/// No character that a terminal acts on, and no line that an input could have forged.
#[track_caller]
fn is_harmless(run: &Run) {
    for (name, text) in [("stdout", &run.stdout), ("stderr", &run.stderr)] {
        let is_raw = |c: char| {
            c.is_control()
                || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        };
        for line in without_colours(text).split('\n') {
            assert!(!line.contains(is_raw), "{name}: {line:?}");
            let is_forged =
                ["::error", "ALLOWED  forged"].iter().any(|start| line.starts_with(start));
            assert!(!is_forged, "{name}: {line:?}");
        }
    }
}

/// Runs the program as on a terminal: elsewhere it takes all sequences out of its output, and
/// with them those that an input brought.
fn run(folder: &Folder, arguments: &[&str]) -> Run {
    folder.run_each(arguments.iter().chain(&["--color", "always"]))
}

const ASK: [&str; 4] = ["--principal", "role/Web", "--action", "decrypt"];

fn ask(folder: &Folder, options: &[&str]) -> Run {
    run(folder, &[&ASK, options].concat())
}

/// Texts that change a title, clear the screen, hide, reverse, ring, and forge a line.
const HOSTILE: [&str; 6] = [
    "\u{1b}]0;title\u{7}",
    "\u{1b}[2J\u{1b}[H",
    "\u{202e}dewolla",
    "\u{9b}31m",
    "a\nALLOWED  forged\n::error::forged",
    "\u{8}\u{8}\u{7f}\r",
];

const FAILS: &str = "
account: '123456789012'
keys: {app: {}}
cases: [{principal: root, action: kms:Decrypt, expect: denied}]
";

#[test]
fn a_sid_with_terminal_sequences_is_refused_or_escaped() {
    for text in HOSTILE {
        let escaped = NAMING.replace("\"Name\"", &serde_json::json!(text).to_string());
        let raw = NAMING.replace("\"Name\"", &format!("\"{text}\""));
        let folder = Folder::new().with("escaped.json", escaped).with("raw.json", raw);
        is_harmless(&ask(&folder, &["--key-policy", "escaped.json", "--explain"]));
        is_harmless(&ask(&folder, &["--key-policy", "raw.json"]));
    }
}

#[test]
fn a_sid_with_terminal_sequences_is_escaped_in_json() {
    for text in HOSTILE {
        let policy = NAMING.replace("\"Name\"", &serde_json::json!(text).to_string());
        let folder = Folder::new().with("key.json", policy);
        let options = [
            "--account",
            "123456789012",
            "--key-policy",
            "key.json",
            "--format",
            "json",
            "--explain",
        ];
        is_harmless(&ask(&folder, &options));
    }
}

#[test]
fn a_line_break_in_a_sid_forges_no_line() {
    let policy = NAMING.replace("\"Name\"", "\"a\\nALLOWED  forged\"");
    let folder = Folder::new().with("key.json", policy);
    let run = ask(&folder, &["--key-policy", "key.json"]).exits(0);
    is_harmless(&run);
    run.says(&["\"a\\nALLOWED  forged\""]);
}

#[test]
fn what_the_command_line_brings_is_escaped() {
    let folder = Folder::new().with("key.json", DELEGATING);
    for text in HOSTILE {
        let with_value = format!("x:K={text}");
        let table: [&[&str]; 7] = [
            &["--key", text],
            &["--context", text],
            &["--context", &with_value, "--explain"],
            &["--via", text],
            &["--at", text],
            &["--rules", text],
            &["--account", text],
        ];
        for options in table {
            is_harmless(&ask(&folder, &[options, &["--key-policy", "key.json"]].concat()));
        }
        let policy = ["--key-policy", "key.json"];
        is_harmless(&run(
            &folder,
            &[&["--principal", text, "--action", "decrypt"][..], &policy].concat(),
        ));
        is_harmless(&run(
            &folder,
            &[&["--principal", "root", "--action", text][..], &policy].concat(),
        ));
    }
}

#[test]
fn a_region_with_terminal_sequences_is_refused_or_escaped() {
    let folder = Folder::new().with("key.json", DELEGATING);
    for text in HOSTILE {
        is_harmless(&ask(&folder, &["--key-policy", "key.json", "--region", text, "--explain"]));
    }
}

#[test]
fn a_file_that_is_not_there_is_named_harmlessly() {
    let folder = Folder::new();
    for text in HOSTILE {
        for option in ["--key-policy", "--identity-policy", "--env"] {
            is_harmless(&ask(&folder, &[option, text]));
        }
        is_harmless(&run(&folder, &["test", text]));
        is_harmless(&run(&folder, &["test", &format!("{text}*")]));
        is_harmless(&run(&folder, &["test", &format!("{text}[")]));
    }
}

/// Environments with a hostile text in each place that takes one.
fn environments(text: &str) -> Vec<String> {
    let text = serde_json::json!(text).to_string();
    let places = [
        r#""account": "123456789012", "keys": {TEXT: {}}"#,
        r#""account": TEXT, "keys": {"app": {}}"#,
        "TEXT: 1",
        r#""account": "123456789012", "keys": {"app": {"id": "x"}, TEXT: {"id": "y"}}"#,
        r#""account": "123456789012", "keys": {"app": {"id": TEXT}}"#,
        r#""account": "123456789012", "region": TEXT, "keys": {"app": {}}"#,
        r#""account": "123456789012", "keys": {"app": {"policy": TEXT}}"#,
        r#""account": "123456789012", "keys": {"app": {"policy": {"unknown": TEXT}}}"#,
        r#""account": "123456789012", "keys": {"app": {"aliases": [TEXT]}}"#,
        r#""account": "123456789012", "keys": {"app": {"tags": {TEXT: TEXT}}}"#,
        r#""account": "123456789012", "keys": {"app": {}}, "principals": {TEXT: {}}"#,
        r#""account": "123456789012", "keys": {"app": {}}, "cases": [{"name": TEXT, "principal": "root", "action": "kms:Decrypt", "expect": {"decision": "denied", "statement": TEXT, "error": TEXT}}]"#,
        r#""account": "123456789012", "keys": {"app": {}}, "cases": [{"name": TEXT, "principal": TEXT, "action": "kms:Decrypt", "expect": "denied"}]"#,
    ];
    places.iter().map(|place| format!("{{{}}}", place.replace("TEXT", &text))).collect()
}

#[test]
fn what_an_environment_brings_is_escaped() {
    for text in HOSTILE.into_iter().flat_map(environments) {
        let folder = Folder::new().with("e.json", text);
        let root = ["--env", "e.json", "--principal", "root", "--action", "decrypt", "--explain"];
        is_harmless(&run(&folder, &root));
        is_harmless(&ask(&folder, &["--env", "e.json"]));
        is_harmless(&run(&folder, &["test", "e.json"]));
    }
}

#[test]
fn what_an_environment_brings_is_escaped_in_json() {
    for text in HOSTILE.into_iter().flat_map(environments) {
        let folder = Folder::new().with("e.json", text);
        is_harmless(&run(&folder, &["test", "e.json", "--format", "json"]));
    }
}

#[cfg(unix)]
#[test]
fn a_file_name_with_terminal_sequences_is_escaped() {
    for text in HOSTILE {
        let (policy, scenario) = (format!("{text}.json"), format!("s/{text}.yaml"));
        let folder = Folder::new().with(&policy, NAMING).with(&scenario, FAILS);
        is_harmless(&ask(&folder, &["--explain", "--key-policy", &policy]));
        is_harmless(&run(&folder, &["test", "s"]));
        folder.write(&policy, "{");
        folder.write(&scenario, "keys: [");
        is_harmless(&ask(&folder, &["--key-policy", &policy]));
        is_harmless(&run(&folder, &["test", "s"]));
    }
}

#[cfg(unix)]
#[test]
fn a_file_name_with_terminal_sequences_is_escaped_in_json() {
    for text in HOSTILE {
        let (policy, scenario) = (format!("{text}.json"), format!("s/{text}.yaml"));
        let folder = Folder::new().with(&policy, NAMING).with(&scenario, FAILS);
        is_harmless(&ask(&folder, &["--format", "json", "--key-policy", &policy]));
        is_harmless(&run(&folder, &["test", "s", "--format", "json"]));
    }
}

#[cfg(unix)]
#[test]
fn a_folder_without_scenarios_is_named_harmlessly() {
    for text in HOSTILE {
        let folder = Folder::new().with(&format!("{text}/readme.txt"), "");
        is_harmless(&run(&folder, &["test", text]));
    }
}

#[cfg(unix)]
#[test]
fn an_argument_or_file_name_that_is_no_utf_8_is_no_panic() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;

    let bad = OsStr::from_bytes(b"\xff\xfe.yaml");
    let folder = Folder::new().with("s/readme.txt", "");
    for arguments in [
        vec![OsStr::new("test"), bad],
        vec![
            OsStr::new("--env"),
            bad,
            OsStr::new("--principal"),
            OsStr::new("root"),
            OsStr::new("--action"),
            OsStr::new("decrypt"),
        ],
        vec![bad],
    ] {
        let run = folder.run_each(arguments).exits(2);
        assert!(!run.stderr.contains("panicked"), "{}", run.stderr);
    }
    // Some file systems take no such name.
    if std::fs::write(folder.path("s").join(bad), "keys: [").is_ok() {
        let run = folder.run("test s").exits(2);
        assert!(!run.stderr.contains("panicked"), "{}", run.stderr);
    }
}

#[test]
fn colour_off_leaves_no_sequence_and_no_color_is_honoured() {
    let folder = Folder::new();
    for option in ["--color never", "--color auto", ""] {
        let run = folder
            .run(&format!("--principal role/DevOpsAdminRole --action decrypt --explain {option}"));
        assert!(!run.stdout.contains('\u{1b}') && !run.stderr.contains('\u{1b}'), "{option}");
    }
    let output = program(&folder.path(""))
        .args(["--principal", "role/DevOpsAdminRole", "--action", "decrypt", "--explain"])
        .env("NO_COLOR", "1")
        .env("CLICOLOR_FORCE", "")
        .output()
        .unwrap();
    assert!(!output.stdout.contains(&0x1b));
}

#[test]
fn secrets_in_the_context_are_no_part_of_a_plain_answer() {
    let folder = Folder::new().with("key.json", NAMING);
    let run = folder
        .run("--principal role/Web --action decrypt --key-policy key.json --context x:Token=hunter2 --encryption-context pin=hunter2")
        .exits(0);
    assert!(!run.stdout.contains("hunter2") && !run.stderr.contains("hunter2"), "{run:?}");
}

#[test]
fn a_reader_that_leaves_early_is_no_panic() {
    let actions: Vec<&str> =
        std::iter::repeat_n(["--action", "decrypt"], 2_000).flatten().collect();
    let folder = Folder::new();
    for format in ["text", "json"] {
        let mut child = program(&folder.path(""))
            .args(["--principal", "role/WebAppInstanceRole", "--explain", "--format", format])
            .args(&actions)
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        let mut first = [0; 1];
        child.stdout.take().unwrap().read_exact(&mut first).unwrap();
        let mut stderr = String::new();
        child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
        let status = child.wait().unwrap();
        assert!(status.code().is_some(), "ended by a signal: {status}");
        assert!(!stderr.contains("panicked") && !stderr.contains("pipe"), "{stderr}");
    }
}
