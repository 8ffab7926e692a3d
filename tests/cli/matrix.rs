//! `kms-sim matrix`: principals × actions, in each format.

use serde_json::{Value, json};

use crate::support::{DELEGATING, Folder, IDENTITY, NAMING, Run};

const ENVIRONMENT: &str = "
account: '123456789012'
principals:
  role/Web: {identity_policies: [identity.json]}
  role/Bounded: {identity_policies: [identity.json], permissions_boundary: bounded.json}
  role/Silent: {}
  'role/With,Comma': {identity_policies: [{unknown: owned by another team}]}
keys:
  app:
    id: 1234abcd-12ab-34cd-56ef-1234567890ab
    policy: key.json
    grants:
      - {grantee: 'arn:aws:iam::111122223333:role/Partner', operations: [Decrypt]}
";

const BOUNDED: &str = r#"{"Version": "2012-10-17", "Statement": [
  {"Sid": "All", "Effect": "Allow", "Action": "*", "Resource": "*"},
  {"Sid": "NoDecrypt", "Effect": "Deny", "Action": "kms:Decrypt", "Resource": "*"}
]}"#;

fn folder() -> Folder {
    Folder::new()
        .with("key.json", DELEGATING)
        .with("naming.json", NAMING)
        .with("identity.json", IDENTITY)
        .with("bounded.json", BOUNDED)
        .with("e.yaml", ENVIRONMENT)
}

fn matrix(options: &str) -> Run {
    folder().run(&format!("matrix --env e.yaml {options}"))
}

/// The cell of a principal and an action, in JSON.
#[track_caller]
fn cell(table: &Value, principal: &str, action: &str) -> Value {
    let cells = table["cells"].as_array().unwrap();
    let is_it = |cell: &&Value| cell["principal"] == principal && cell["action"] == action;
    cells.iter().find(is_it).unwrap_or_else(|| panic!("no {principal} {action}")).clone()
}

/// The lines of a table that begin with a name, each as its words.
fn row<'a>(run: &'a Run, name: &str) -> Vec<Vec<&'a str>> {
    let words = run.stdout.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    words.filter(|words| words.first() == Some(&name)).collect()
}

#[test]
fn every_action_is_decided_for_every_principal_unless_some_are_named() {
    let table = matrix("--format json").exits(0).json();
    let principals = json!([
        "root",
        "role/Bounded",
        "role/Silent",
        "role/Web",
        "role/With,Comma",
        "arn:aws:iam::111122223333:role/Partner"
    ]);
    assert_eq!(table["principals"], principals);
    assert_eq!(table["actions"].as_array().unwrap().len(), 58);
    assert_eq!(table["cells"].as_array().unwrap().len(), 6 * 58);
    assert_eq!(table["rules"], "aws");
    let key = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    assert_eq!(table["key"], key);
}

#[test]
fn a_cell_has_its_decision_and_the_sides() {
    let table = matrix("--action decrypt --action encrypt --format json").exits(0).json();
    let silent: [&str; 0] = [];
    let rows = [
        ("root", "kms:Decrypt", "allowed", vec![], json!("key-policy")),
        ("role/Web", "kms:Decrypt", "allowed", vec![], json!("identity-policy")),
        ("role/Bounded", "kms:Decrypt", "explicitDeny", vec!["permissions-boundary"], Value::Null),
        ("role/Bounded", "kms:Encrypt", "allowed", vec![], json!("identity-policy")),
        ("role/Silent", "kms:Decrypt", "implicitDeny", vec!["identity-policy"], Value::Null),
        ("role/With,Comma", "kms:Decrypt", "undetermined", silent.to_vec(), Value::Null),
        (
            "arn:aws:iam::111122223333:role/Partner",
            "kms:Decrypt",
            "allowed",
            vec![],
            json!("grant"),
        ),
    ];
    for (principal, action, decision, denied_by, allowed_by) in rows {
        let cell = cell(&table, principal, action);
        assert_eq!(cell["decision"], decision, "{principal} {action}");
        assert_eq!(cell["denied_by"], json!(denied_by), "{principal} {action}");
        assert_eq!(cell["allowed_by"], allowed_by, "{principal} {action}");
        assert_eq!(cell.get("reason"), None, "{principal} {action}");
    }
}

#[test]
fn a_cell_is_what_simulate_answers() {
    let folder = folder();
    let table = folder.run("matrix --env e.yaml --format json").exits(0).json();
    for principal in ["root", "role/Web", "role/Bounded", "role/Silent", "role/With,Comma"] {
        for action in ["kms:Decrypt", "kms:PutKeyPolicy", "kms:CreateKey", "kms:RetireGrant"] {
            let ask =
                format!("--env e.yaml --principal {principal} --action {action} --format json");
            let answer = folder.run(&ask).json();
            let cell = cell(&table, principal, action);
            for field in ["decision", "denied_by", "allowed_by"] {
                assert_eq!(cell[field], answer[field], "{principal} {action} {field}");
            }
        }
    }
}

#[test]
fn the_marks_of_a_table_tell_the_four_decisions_apart() {
    let run = matrix("--action decrypt --action encrypt").exits(0);
    for (name, marks) in [
        ("root", ["yes", "yes"]),
        ("role/Web", ["yes", "yes"]),
        ("role/Bounded", ["DENY", "yes"]),
        ("role/Silent", ["-", "-"]),
        ("role/With,Comma", ["?", "?"]),
    ] {
        let rows = row(&run, name);
        assert_eq!(rows, [[[name].as_slice(), &marks].concat()], "{name}");
    }
    let run = run.says(&[
        "yes allowed",
        "- implicit deny",
        "DENY explicit deny",
        "? undetermined",
        "rules: aws",
    ]);
    let told = "an identity policy of arn:aws:iam::123456789012:role/With,Comma is not known: ";
    assert!(run.stderr.contains(told), "{}", run.stderr);
}

#[test]
fn actions_are_named_or_matched_each_once_in_the_order_asked() {
    let actions = |options: &str| {
        matrix(&format!("{options} --format json")).exits(0).json()["actions"].clone()
    };
    assert_eq!(actions("--action decrypt"), json!(["kms:Decrypt"]));
    assert_eq!(
        actions("--action kms:*crypt*"),
        json!(["kms:Decrypt", "kms:Encrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo"])
    );
    assert_eq!(actions("--action KMS:?ecrypt --action decrypt"), json!(["kms:Decrypt"]));
    let both = json!(["kms:PutKeyPolicy", "kms:DisableKey", "kms:DisableKeyRotation"]);
    assert_eq!(actions("--action putkeypolicy --action kms:DisableKey*"), both);
    assert_eq!(actions("--action *").as_array().unwrap().len(), 58);
}

#[test]
fn wrong_actions_principals_and_formats_are_refused() {
    let table: [(&str, &[&str]); 7] = [
        ("--action decript", &["`decript`", "did you mean `kms:Decrypt`"]),
        ("--action kms:Frob*", &["expected a pattern", "`kms:Frob*`"]),
        ("--action kms:ReEncrypt", &["kms:ReEncryptFrom", "kms:ReEncryptTo"]),
        ("--principal role/Wab", &["--principal", "`role/Wab`", "`role/Web`"]),
        ("--principal nobody", &["--principal", "`nobody`"]),
        ("--format yaml", &["yaml", "csv", "markdown"]),
        ("--via s3:get-object", &["a service in `--via`", "kms-sim --principal P"]),
    ];
    for (options, parts) in table {
        matrix(options).refuses(parts);
    }
}

#[test]
fn several_keys_must_be_told_apart() {
    let two = ENVIRONMENT.replace("keys:\n", "keys:\n  other: {policy: naming.json}\n");
    let folder = folder().with("two.yaml", two);
    folder.run("matrix --env two.yaml").refuses(&["--key", "`app`", "`other`"]);
    let run = folder.run("matrix --env two.yaml --key other --action decrypt --format json");
    let table = run.exits(0).json();
    assert_eq!(cell(&table, "root", "kms:Decrypt")["decision"], "implicitDeny");
    assert_eq!(cell(&table, "role/Web", "kms:Decrypt")["allowed_by"], "key-policy");
}

#[test]
fn principals_are_those_of_the_file_the_key_policy_and_the_grants() {
    let policy = NAMING.replace(
        r#"{"AWS": "arn:aws:iam::123456789012:role/Web"}"#,
        r#"{"AWS": ["arn:aws:iam::123456789012:role/Web", "arn:aws:iam::123456789012:user/zoe"], "Service": "logs.amazonaws.com"}"#,
    );
    let run =
        folder().with("key.json", policy).run("matrix --env e.yaml --action decrypt --format json");
    let table = run.exits(0).json();
    let principals: Vec<&str> =
        table["principals"].as_array().unwrap().iter().map(|it| it.as_str().unwrap()).collect();
    for expected in ["root", "role/Web", "logs.amazonaws.com", "arn:aws:iam::123456789012:user/zoe"]
    {
        let count = principals.iter().filter(|name| **name == expected).count();
        assert_eq!(count, 1, "{expected} in {principals:?}");
    }
    let of_web = principals.iter().filter(|name| name.ends_with("role/Web")).count();
    assert_eq!(of_web, 1, "{principals:?}");
}

#[test]
fn named_principals_stand_in_the_order_asked() {
    let options = "--action decrypt --format json --principal role/Web --principal root --principal logs.amazonaws.com";
    let table = matrix(options).exits(0).json();
    assert_eq!(table["principals"], json!(["role/Web", "root", "logs.amazonaws.com"]));
}

#[test]
fn csv_is_a_line_for_each_principal_and_quotes_what_has_commas() {
    let run = matrix("--action decrypt --action encrypt --format csv").exits(0);
    let expected = "principal,kms:Decrypt,kms:Encrypt
root,allowed,allowed
role/Bounded,explicitDeny,allowed
role/Silent,implicitDeny,implicitDeny
role/Web,allowed,allowed
\"role/With,Comma\",undetermined,undetermined
arn:aws:iam::111122223333:role/Partner,allowed,implicitDeny
";
    assert_eq!(run.stdout, expected);
}

#[test]
fn csv_with_reasons_is_a_line_for_each_cell() {
    let run = matrix("--action decrypt --format csv --why").exits(0);
    let lines: Vec<&str> = run.stdout.lines().collect();
    assert_eq!(lines[0], "principal,action,decision,denied_by,allowed_by,reason");
    assert_eq!(lines.len(), 7);
    let bounded = lines.iter().find(|line| line.starts_with("role/Bounded,")).unwrap();
    let start = "role/Bounded,kms:Decrypt,explicitDeny,permissions-boundary,,\"";
    assert!(bounded.starts_with(start), "{bounded}");
    // RFC 4180: a quotation mark inside a field is doubled.
    assert!(bounded.contains("\"\"NoDecrypt\"\""), "{bounded}");
    assert!(
        lines
            .iter()
            .any(|line| line.starts_with("\"role/With,Comma\",kms:Decrypt,undetermined,,,"))
    );
}

#[test]
fn markdown_is_a_table_with_a_mark_in_each_cell() {
    let run = matrix("--action decrypt --action encrypt --format markdown").exits(0);
    let lines: Vec<&str> = run.stdout.lines().collect();
    assert_eq!(lines[0], "| principal | kms:Decrypt | kms:Encrypt |");
    assert_eq!(lines[1], "|---|---|---|");
    assert_eq!(lines[3], "| role/Bounded | DENY | yes |");
    assert_eq!(lines[4], "| role/Silent | - | - |");
    assert_eq!(lines[6], "| role/With,Comma | ? | ? |");
}

#[test]
fn why_adds_a_sentence_to_each_cell_in_every_format() {
    let sentence = "no identity policy of role/Silent allows it";
    for format in ["text", "markdown", "csv", "json"] {
        matrix(&format!("--action decrypt --why --format {format}")).exits(0).says(&[sentence]);
        let run = matrix(&format!("--action decrypt --format {format}")).exits(0);
        assert!(!run.stdout.contains(sentence), "{format}");
    }
}

#[test]
fn tables_fit_a_terminal_of_a_hundred_columns() {
    for (count, action) in
        [(3, "*"), (40, "*"), (40, "kms:*crypt*"), (40, "kms:*Key*"), (1, "decrypt")]
    {
        let role = |number| format!("  role/ApplicationRole{number}: {{}}\n");
        let names = (0..count).map(role).collect::<Vec<String>>().concat();
        let environment =
            format!("account: '123456789012'\nprincipals:\n{names}keys: {{app: {{}}}}\n");
        let folder = Folder::new().with("e.yaml", environment);
        let run = folder.run(&format!("matrix --env e.yaml --action {action}")).exits(0);
        for line in run.stdout.lines() {
            assert!(line.chars().count() <= 100, "{count} {action}: {line}");
            assert!(!line.ends_with(' '), "{count} {action}: {line:?}");
        }
        let json =
            folder.run(&format!("matrix --env e.yaml --action {action} --format json")).json();
        let is_row =
            |line: &&str| ["root ", "role/", "kms:"].iter().any(|start| line.starts_with(start));
        let rows = run.stdout.lines().filter(is_row);
        let shown: usize = rows.map(|line| line.split_whitespace().count() - 1).sum();
        let cells = json["cells"].as_array().unwrap().len();
        assert_eq!(shown, cells, "{count} {action}: a cell is missing or there twice");
    }
}

#[test]
fn a_ceiling_over_everybody_stands_in_every_cell() {
    let deny = BOUNDED.replace("\"Deny\", ", "\"Deny\", \"Principal\": \"*\", ");
    let deny = deny.replace("\"Allow\", ", "\"Allow\", \"Principal\": \"*\", ");
    let run = folder().with("endpoint.json", deny).run(
        "matrix --env e.yaml --action decrypt --vpc-endpoint-policy endpoint.json --format json",
    );
    for cell in run.exits(0).json()["cells"].as_array().unwrap() {
        assert_eq!(cell["decision"], "explicitDeny", "{cell}");
    }
}

#[test]
fn without_a_file_the_key_policy_names_the_principals() {
    let run =
        folder().run("matrix --key-policy naming.json --action decrypt --format json").exits(0);
    let table = run.json();
    assert_eq!(table["principals"], json!(["root", "arn:aws:iam::123456789012:role/Web"]));
    assert_eq!(run.stderr, "");
}

#[test]
fn the_example_is_said_to_be_one_unless_quiet() {
    let folder = Folder::new();
    folder.run("matrix").exits(0).tells(&["built-in example"]);
    assert_eq!(folder.run("matrix --quiet").exits(0).stderr, "");
}

#[test]
fn two_runs_give_the_same_bytes() {
    for format in ["text", "json", "csv", "markdown"] {
        let options = format!("--format {format} --why --at 2026-01-01T00:00:00Z");
        assert_eq!(matrix(&options).stdout, matrix(&options).stdout, "{format}");
    }
}
