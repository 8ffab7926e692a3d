//! What `kms-sim check` says of suppressions that silence nothing, and where else it is told what
//! to check.

use serde_json::Value;

use super::support::{DELEGATING, Folder};

const OPEN: &str = "\
Version: 2012-10-17
Statement:
  - Effect: Allow
    Principal: {AWS: 'arn:aws:iam::123456789012:root'}
    Action: kms:*
    Resource: '*'
  - Effect: Allow
    Principal: '*' # kms-sim: ignore KMS301 a public example
    Action: kms:Decrypt
    Resource: '*'
";

fn codes(folder: &Folder, arguments: &str) -> Vec<String> {
    let run = folder.run(&format!("check --quiet --format json {arguments}"));
    let json: Value = serde_json::from_str(&run.stdout).unwrap();
    let code = |row: &Value| row["code"].as_str().unwrap().to_owned();
    json["findings"].as_array().unwrap().iter().map(code).collect()
}

#[test]
fn a_suppression_is_judged_by_all_rules_whichever_are_shown() {
    let folder = Folder::new().with("key.yaml", OPEN);
    for arguments in ["", "--ignore KMS301", "--select KMS002", "--select KMS4"] {
        assert_eq!(codes(&folder, &format!("key.yaml {arguments}")), [""; 0], "{arguments}");
    }
    let run = folder.run("check key.yaml --quiet --ignore KMS301").exits(0);
    assert_eq!(run.stdout, "nothing found in 1 file\n");
    folder.write("key.yaml", OPEN.replace("KMS301", "KMS302"));
    assert_eq!(codes(&folder, "key.yaml --select KMS002"), ["KMS002"]);
}

#[test]
fn an_entry_for_a_file_that_is_gone_is_told() {
    let entry = |file: &str| {
        format!(
            "[[check.suppress]]\ncode = \"KMS301\"\nfile = \"{file}\"\nreason = \"an example\"\n"
        )
    };
    let folder = Folder::new().with("a/key.json", DELEGATING).with("b/open.yaml", OPEN);
    for (file, expected) in [
        ("b/open.yaml", &[][..]),
        ("b/*.yaml", &[]),
        ("gone.json", &["KMS002"]),
        ("gone/*.json", &["KMS002"]),
    ] {
        folder.write("kms-sim.toml", entry(file));
        assert_eq!(codes(&folder, "a"), expected, "{file}");
    }
    let run = folder.run("check a --quiet");
    assert!(
        run.stdout.contains("KMS301 is suppressed in `gone/*.json`, which is not there"),
        "{}",
        run.stdout
    );
}

#[test]
fn a_statement_of_yaml_is_named_by_its_sid() {
    let text = OPEN.replace(" # kms-sim: ignore KMS301 a public example", "");
    let text = text.replace(
        "  - Effect: Allow\n    Principal: '*'",
        "  - Sid: Open\n    Effect: Allow\n    Principal: '*'",
    );
    let folder = Folder::new().with("key.yaml", text).with(
        "kms-sim.toml",
        "[[check.suppress]]\ncode = \"KMS301\"\nfile = \"key.yaml\"\nsid = \"Open\"\nreason = \"an example\"\n",
    );
    assert_eq!(codes(&folder, "key.yaml"), [""; 0]);
}

#[test]
fn a_document_is_taken_from_standard_input() {
    let folder = Folder::new();
    for text in [DELEGATING, OPEN] {
        let run = folder.pipe(text, "check - --quiet").exits(0);
        assert!(run.stdout.starts_with("nothing found in 1 file"), "{}", run.stdout);
    }
    let run = folder.pipe("{\"Statement\": [", "check -").exits(2);
    run.tells(&["<stdin>:1:"]);
}

#[test]
fn a_pattern_that_the_shell_left_stands_for_its_files() {
    let folder = Folder::new()
        .with("keys/a.json", DELEGATING)
        .with("keys/b.json", DELEGATING)
        .with("keys/c.txt", "no policy");
    let run = folder.run("check keys/*.json --quiet").exits(0);
    assert_eq!(run.stdout, "nothing found in 2 files\n");
    folder.run("check keys/*.yaml").exits(2).tells(&["keys/*.yaml"]);
}

#[test]
fn the_configuration_says_account_and_region() {
    let template = "Resources:\n  Key:\n    Type: AWS::KMS::Key\n    Properties:\n      KeyPolicy:\n        Version: 2012-10-17\n        Statement: {Effect: Allow, Principal: {AWS: !Sub 'arn:aws:iam::${AWS::AccountId}:root'}, Action: 'kms:*', Resource: '*'}\n";
    let folder = Folder::new().with("app.yaml", template);
    folder.run("check app.yaml").tells(&["nothing says the account", "the Region of the stack"]);
    folder.write("kms-sim.toml", "[check]\naccount = \"123456789012\"\nregion = \"eu-west-1\"\n");
    let run = folder.run("check app.yaml").exits(0);
    assert!(!run.stderr.contains("note: "), "{}", run.stderr);
    folder.write("kms-sim.toml", "[check]\naccount = \"12\"\n");
    folder.run("check app.yaml").exits(2).tells(&["kms-sim.toml:2:11"]);
    folder.write("kms-sim.toml", "[check]\nregion = \"Here\"\n");
    folder.run("check app.yaml").exits(2).tells(&["kms-sim.toml:2:10", "expected a Region"]);
}
