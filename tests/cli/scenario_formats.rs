//! The formats in which `test` writes its results, each read by something else.

use serde_json::Value;

use crate::support::{Folder, NAMING};

const HEAD: &str = "
account: '123456789012'
principals: {role/Web: {}, role/Other: {}}
keys: {app: {policy: key.json}}
cases:
";

/// A name that every format has something in: markup, directives, commands, controls.
const HOSTILE: &str = r#""<b>]]>&amp;\"' | `x` # TODO ::error::%0A %\n::warning::x\r\u001b[2J \uFFFE \u202e @team *y* 1..9 ok\\""#;

fn folder() -> Folder {
    let text = format!(
        "{HEAD}  - {{name: fine, principal: role/Web, action: kms:Decrypt, expect: allowed}}
  - {{name: {HOSTILE}, principal: role/Other, action: kms:Decrypt, expect: allowed}}
  - {{name: broken, principal: role/Nobody, action: kms:Decrypt, expect: allowed}}
"
    );
    Folder::new()
        .with("key.json", NAMING)
        .with("s/a.yaml", text.replace("key.json", "../key.json"))
        .with("s/b.yaml", "cases: 5")
}

fn is_harmless(text: &str) {
    let is_bad = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
    assert!(!text.contains(is_bad), "{text:?}");
}

#[test]
fn junit_is_read_by_a_parser_of_its_own() {
    let run = folder().run("test s --format junit").exits(2);
    is_harmless(&run.stdout);
    assert!(!run.stdout.contains('\u{fffe}'), "XML has no such character");
    let read = junit_parser::from_reader(run.stdout.as_bytes()).unwrap();
    assert_eq!((read.tests, read.failures, read.errors), (4, 1, 2));
    let names: Vec<&str> = read.suites.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["s/a.yaml", "s/b.yaml"]);
    let cases = &read.suites[0].cases;
    assert_eq!(cases[0].original_name, "fine (role/Web kms:Decrypt)");
    assert!(cases[0].status.is_success() && cases[1].status.is_failure());
    assert!(cases[1].original_name.starts_with("<b>]]>&amp;\"' | `x` # TODO ::error::%0A %\\n::"));
    let failure = cases[1].status.failure_as_ref();
    assert_eq!(failure.message, "expected allowed, found implicitDeny");
    assert_eq!(failure.failure_type, "implicitDeny");
    assert!(failure.text.contains("neither names role/Other"), "{}", failure.text);
    assert!(cases[2].status.is_error() && read.suites[1].cases[0].status.is_error());
}

/// Reads TAP 14 strictly: the version, the plan, a line for each test in order, and YAML under
/// those that fail. The descriptions, each with whether it passed.
fn tap(text: &str) -> Vec<(bool, String)> {
    let mut lines = text.lines().peekable();
    assert_eq!(lines.next(), Some("TAP version 14"));
    let plan: usize = lines.next().unwrap().strip_prefix("1..").unwrap().parse().unwrap();
    let mut tests = Vec::new();
    while let Some(line) = lines.next() {
        let (ok, rest) = match line.strip_prefix("not ok ") {
            Some(rest) => (false, rest),
            None => (true, line.strip_prefix("ok ").unwrap_or_else(|| panic!("{line}"))),
        };
        let (number, description) = rest.split_once(" - ").unwrap();
        assert_eq!(number.parse(), Ok(tests.len() + 1));
        let mut unescaped = String::new();
        let mut chars = description.chars();
        while let Some(c) = chars.next() {
            assert_ne!(c, '#', "a directive: {description}");
            unescaped.push(if c == '\\' { chars.next().unwrap() } else { c });
        }
        tests.push((ok, unescaped));
        if lines.next_if_eq(&"  ---").is_some() {
            assert!(!ok);
            let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "  ...").collect();
            assert!(block.iter().all(|line| line.starts_with("  ")), "{block:?}");
            let message = block.iter().find_map(|line| line.strip_prefix("  message: ")).unwrap();
            assert!(serde_json::from_str::<Value>(message).unwrap().is_string());
        }
    }
    assert_eq!(tests.len(), plan);
    tests
}

#[test]
fn tap_is_read_by_a_strict_reader() {
    let run = folder().run("test s --format tap").exits(2);
    is_harmless(&run.stdout);
    let tests = tap(&run.stdout);
    assert_eq!(tests.iter().map(|(ok, _)| *ok).collect::<Vec<_>>(), [true, false, false, false]);
    assert_eq!(tests[0].1, "fine (role/Web kms:Decrypt)");
    assert!(tests[1].1.starts_with("<b>]]>&amp;\"' | `x` # TODO ::error::%0A"), "{}", tests[1].1);
}

/// The name of a command, its properties and its message.
type Command = (String, Vec<(String, String)>, String);

/// Reads a command as the runner of GitHub Actions does.
fn command(line: &str) -> Option<Command> {
    let rest = line.strip_prefix("::")?;
    let (head, message) = rest.split_once("::")?;
    let (name, properties) = head.split_once(' ').unwrap_or((head, ""));
    let data = |text: &str| text.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%");
    let property = |text: &str| data(&text.replace("%3A", ":").replace("%2C", ","));
    let properties = properties.split(',').filter(|it| !it.is_empty()).map(|it| {
        let (name, value) = it.split_once('=').unwrap();
        (name.to_owned(), property(value))
    });
    Some((name.to_owned(), properties.collect(), data(message)))
}

#[test]
fn a_name_adds_no_command_to_the_annotations_of_github() {
    let run = folder().run("test s --format github").exits(2);
    is_harmless(&run.stdout);
    let lines: Vec<&str> = run.stdout.lines().collect();
    assert_eq!(lines.len(), 4, "{}", run.stdout);
    let commands: Vec<_> = lines[..3].iter().map(|line| command(line).unwrap()).collect();
    assert!(commands.iter().all(|(name, ..)| name == "error"));
    let (_, properties, message) = &commands[0];
    let names: Vec<&str> = properties.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["file", "line", "col", "title"]);
    assert_eq!(properties[0].1, "s/a.yaml");
    assert_eq!(properties[1].1, "7");
    assert!(properties[3].1.contains("::error::%0A %\\n::warning::x"), "{:?}", properties[3]);
    assert!(message.starts_with("expected allowed, found implicitDeny\n"), "{message}");
    assert_eq!(lines[3], "1 passed, 1 failed, 2 errors");
}

#[test]
fn a_name_is_one_cell_of_the_summary_and_no_markup() {
    let run = folder().run("test s --format markdown").exits(2);
    is_harmless(&run.stdout);
    let is_row = |line: &&str| line.starts_with('|');
    let rows: Vec<&str> = run.stdout.lines().filter(is_row).collect();
    assert_eq!(rows.len(), 5, "{}", run.stdout);
    for row in rows {
        let bars = row.replace("\\|", "").matches('|').count();
        assert_eq!(bars, 6, "{row}");
        assert!(!row.contains("<b>") && !row.contains(" @team"), "{row}");
    }
    assert!(run.stdout.starts_with("## KMS scenarios: 1 passed, 1 failed, 2 errors\n"));
}

#[test]
fn several_formats_are_written_at_once_and_one_goes_to_standard_output() {
    let folder = folder();
    let run = folder
        .run("test s --format text --format junit=report.xml --format json=r.json --format tap=r.tap --format markdown=r.md --color always")
        .exits(2);
    assert!(run.stdout.ends_with("1 passed, 1 failed, 2 errors\n"), "{}", run.stdout);
    let read = |name| std::fs::read_to_string(folder.path(name)).unwrap();
    assert!(read("report.xml").starts_with("<?xml"));
    assert_eq!(serde_json::from_str::<Value>(&read("r.json")).unwrap()["errors"], 2);
    assert_eq!(tap(&read("r.tap")).len(), 4);
    assert!(read("r.md").starts_with("## "));
}

#[test]
fn where_no_format_takes_standard_output_the_text_does() {
    let run = folder().run("test s --format junit=report.xml").exits(2);
    assert!(run.stdout.ends_with("1 passed, 1 failed, 2 errors\n"), "{}", run.stdout);
    let folder = folder();
    folder.run("test s --format json=- --format text=t.txt --color always").exits(2).json();
    let text = std::fs::read_to_string(folder.path("t.txt")).unwrap();
    is_harmless(&text);
    assert!(text.ends_with("1 passed, 1 failed, 2 errors\n"), "{text}");
}

#[test]
fn formats_that_cannot_be_are_refused_before_anything_runs() {
    let table = [
        ("--format text --format json", "one format on standard output"),
        ("--format junit=a --format tap=a", "`a`"),
        ("--format junit=", "expected a file"),
        ("--format junti", "did you mean `junit`"),
        ("--list --format junit", "`--list`"),
        ("--fail-fast --coverage", "--coverage"),
        ("--min-coverage 101", "101"),
        ("--quiet --verbose", "--verbose"),
    ];
    for (arguments, what) in table {
        let run = folder().run(&format!("test s {arguments}")).exits(2);
        assert!(run.stderr.contains(what) && run.stdout.is_empty(), "{arguments}: {run:?}");
    }
}

#[test]
fn a_file_that_cannot_be_written_is_an_error_and_the_others_are_written() {
    let folder = Folder::new().with("key.json", NAMING).with(
        "s.yaml",
        format!("{HEAD}  - {{principal: role/Web, action: kms:Decrypt, expect: allowed}}\n"),
    );
    let run =
        folder.run("test s.yaml --format junit=no/such/folder.xml --format tap=r.tap").exits(2);
    assert_eq!(run.stdout, "1 passed, 0 failed\n");
    assert!(run.stderr.contains("cannot write `no/such/folder.xml`"), "{}", run.stderr);
    assert!(folder.path("r.tap").is_file());
}
