//! Inputs of a size that nobody means: answered or refused, and never a crash. Every run has
//! the time limit of [`Folder`].

use std::fmt::Write as _;
use std::fs::File;

use crate::support::{Folder, IDENTITY, NAMING, Run};

const ASK: &str = "--principal role/Web --action decrypt --account 123456789012 --quiet";

fn key_policy(text: impl AsRef<[u8]>) -> Run {
    Folder::new().with("p.json", text).run(&format!("{ASK} --key-policy p.json"))
}

fn environment(text: impl AsRef<[u8]>) -> Run {
    Folder::new().with("e.yaml", text).run("--env e.yaml --principal root --action decrypt --quiet")
}

#[test]
fn deep_nesting_is_refused_at_its_place() {
    let table = [
        "[".repeat(200_000),
        "{\"a\":".repeat(100_000),
        format!("{}{}", "[".repeat(100_000), "]".repeat(100_000)),
        format!("{}1{}", "{\"a\":".repeat(100_000), "}".repeat(100_000)),
        format!("{{\"Statement\": {}1{}}}", "[".repeat(1_000), "]".repeat(1_000)),
    ];
    for text in table {
        key_policy(text).refuses(&["p.json:1:", "128 levels"]);
    }
}

#[test]
fn deep_nesting_in_yaml_is_refused() {
    let indented = |depth: usize| {
        (0..depth).fold(String::new(), |text, level| text + &" ".repeat(level) + "a:\n")
    };
    for text in ["[".repeat(100_000), "{a: ".repeat(50_000), "- ".repeat(50_000), indented(2_000)] {
        environment(text).refuses(&["e.yaml:"]);
    }
}

#[test]
fn aliases_in_yaml_do_not_multiply() {
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..20 {
        let aliases = vec![format!("*a{}", level - 1); 10].join(", ");
        writeln!(bomb, "a{level}: &a{level} [{aliases}]").unwrap();
    }
    environment(bomb).refuses(&["e.yaml:"]);
}

#[test]
fn a_file_that_is_too_large_is_refused_by_its_size() {
    for (name, option) in
        [("p.json", "--key-policy"), ("p.json", "--identity-policy"), ("p.yaml", "--env")]
    {
        let folder = Folder::new();
        // A sparse file: its length is enough to refuse it.
        File::create(folder.path(name)).unwrap().set_len(300 << 20).unwrap();
        folder.run(&format!("{ASK} {option} {name}")).refuses(&[name, "MiB"]);
    }
}

#[test]
fn standard_input_is_read_up_to_the_limit() {
    let run = Folder::new().pipe(&" ".repeat(8 << 20), &format!("{ASK} --key-policy -"));
    run.refuses(&["standard input", "MiB"]);
}

#[cfg(unix)]
#[test]
fn a_device_without_an_end_is_refused() {
    for option in ["--key-policy", "--env"] {
        Folder::new().run(&format!("{ASK} {option} /dev/zero")).refuses(&["/dev/zero", "MiB"]);
    }
}

#[test]
fn a_sid_of_ten_megabytes_is_refused() {
    let run = key_policy(NAMING.replace("\"Name\"", &format!("\"{}\"", "a".repeat(10 << 20))));
    let run = run.refuses(&["p.json", "MiB"]);
    assert!(run.stderr.len() < 1_000, "the message repeats the input");
}

#[test]
fn a_sid_of_three_megabytes_is_answered() {
    let run = key_policy(NAMING.replace("\"Name\"", &format!("\"{}\"", "a".repeat(3 << 20))));
    run.exits(0);
}

#[test]
fn a_long_wrong_value_is_cut_in_the_message() {
    let run = key_policy(NAMING.replace("\"Allow\"", &format!("\"{}\"", "a".repeat(1 << 20))));
    let run = run.refuses(&["p.json:2:"]);
    assert!(run.stderr.len() < 2_000, "{} bytes", run.stderr.len());
}

#[test]
fn a_list_of_a_hundred_thousand_actions_is_answered() {
    let actions = vec!["\"kms:Decrypt\""; 100_000].join(",");
    key_policy(NAMING.replace("\"kms:*\"", &format!("[{actions}]"))).exits(0);
    let actions: Vec<String> = (0..100_000).map(|number| format!("\"s3:A{number}\"")).collect();
    key_policy(NAMING.replace("\"kms:*\"", &format!("[{}]", actions.join(",")))).exits(1);
}

#[test]
fn thirty_thousand_statements_are_answered() {
    let statement = |number: usize| {
        format!(
            "{{\"Sid\":\"S{number}\",\"Effect\":\"Allow\",\"Action\":\"kms:Encrypt\",\"Resource\":\"*\"}}"
        )
    };
    let statements: Vec<String> = (0..30_000).map(statement).collect();
    let policy = format!("{{\"Version\":\"2012-10-17\",\"Statement\":[{}]}}", statements.join(","));
    assert!(policy.len() < 4 << 20, "{} bytes are refused by size", policy.len());
    let folder = Folder::new().with("p.json", policy);
    let run = folder.run(&format!("{ASK} --identity-policy p.json"));
    run.exits(1);
    let run = folder.run(
        "--principal role/Web --action encrypt --account 123456789012 --identity-policy p.json --explain --format json",
    );
    run.exits(0);
}

#[test]
fn thousands_of_wrong_things_are_told_in_no_time() {
    let actions: Vec<String> = (0..20_000).map(|number| format!("\"kms:A{number}\"")).collect();
    key_policy(NAMING.replace("\"kms:*\"", &format!("[{}]", actions.join(",")))).exits(1);
    let unknown: Vec<String> = (0..100_000).map(|number| format!("\"m{number}\": 1")).collect();
    let run = key_policy(format!("{{\"Statement\": [], {}}}", unknown.join(",")));
    assert!(run.stderr.len() < 100_000, "{} bytes", run.stderr.len());
    run.refuses(&["p.json:1:"]);
}

#[test]
fn numbers_of_a_million_digits_are_read_as_text() {
    let digits = "9".repeat(1_000_000);
    let condition = format!("\"Condition\": {{\"NumericEquals\": {{\"x:K\": {digits}}}}}");
    let policy =
        NAMING.replace("\"Resource\": \"*\"", &format!("\"Resource\": \"*\", {condition}"));
    Folder::new()
        .with("p.json", policy)
        .run(&format!("{ASK} --key-policy p.json --context x:K=5"))
        .exits(1);
}

#[test]
fn a_thousand_keys_and_principals_are_answered() {
    let mut text = "account: '123456789012'\nprincipals:\n".to_owned();
    for number in 0..2_000 {
        writeln!(text, "  role/R{number}: {{identity_policies: [p.json]}}").unwrap();
    }
    text += "keys:\n";
    for number in 0..2_000 {
        writeln!(text, "  k{number}: {{aliases: [alias/k{number}]}}").unwrap();
    }
    let run = Folder::new()
        .with("e.yaml", text)
        .with("p.json", IDENTITY)
        .run("--env e.yaml --principal role/R1999 --action decrypt --key alias/k1999 --quiet");
    run.exits(0);
}

#[test]
fn ten_thousand_cases_are_run() {
    let mut text = "account: '123456789012'\nkeys: {app: {}}\ncases:\n".to_owned();
    for _ in 0..10_000 {
        text += "  - {principal: root, action: kms:Decrypt, expect: allowed}\n";
    }
    let run = Folder::new().with("s.yaml", text).run("test s.yaml").exits(0);
    assert_eq!(run.stdout, "10000 passed, 0 failed\n");
}
