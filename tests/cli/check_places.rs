//! Where `kms-sim check` says that its findings are, whatever was made of the file before.

use serde_json::{Value, json};

use super::support::{DELEGATING, Folder};

/// A key whose policy has functions before and within its statements.
const TEMPLATE: &str = "\
Parameters:
  Actions: {Type: CommaDelimitedList, Default: 'kms:Encrypt,kms:Decript'}
  Open: {Type: String, Default: 'yes'}
Conditions:
  IsOpen: !Equals [!Ref Open, 'yes']
  IsShut: !Not [!Condition IsOpen]
Resources:
  Key:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy:
        Version: 2012-10-17
        Statement:
          - Sid: Account
            Effect: Allow
            Principal: {AWS: !Sub 'arn:aws:iam::${AWS::AccountId}:root'}
            Action: kms:*
            Resource: '*'
          - !If [IsShut, {Sid: Shut, Effect: Deny, Principal: '*', Action: 'kms:*', Resource: '*'}, !Ref AWS::NoValue]
          - !If
            - IsOpen
            - Sid: Open
              Effect: Allow
              Principal: '*'
              Action: !Ref Actions
              Resource: '*'
            - !Ref AWS::NoValue
";

const TWO: &str = "\
Resources:
  One:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy:
        Version: 2012-10-17
        Statement:
          - {Sid: Account, Effect: Allow, Principal: {AWS: 'arn:aws:iam::123456789012:root'}, Action: 'kms:*', Resource: '*'}
          - Sid: Open
            Effect: Allow
            Principal: '*'  # COMMENT
            Action: kms:Decrypt
            Resource: '*'
  Two:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy:
        Version: 2012-10-17
        Statement:
          - {Sid: Account, Effect: Allow, Principal: {AWS: 'arn:aws:iam::123456789012:root'}, Action: 'kms:*', Resource: '*'}
          - Sid: Open
            Effect: Allow
            Principal: '*'
            Action: kms:Decrypt
            Resource: '*'
";

fn read(folder: &Folder, arguments: &str) -> Value {
    let run = folder.run(&format!("check --quiet {arguments}"));
    serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{}{}", run.stdout, run.stderr))
}

/// Codes and lines of the findings.
fn lines(folder: &Folder, arguments: &str) -> Vec<(String, u64)> {
    let json = read(folder, &format!("--format json {arguments}"));
    let of =
        |row: &Value| (row["code"].as_str().unwrap().to_owned(), row["line"].as_u64().unwrap());
    json["findings"].as_array().unwrap().iter().map(of).collect()
}

fn results(folder: &Folder, arguments: &str) -> Vec<Value> {
    let sarif = read(folder, &format!("--format sarif {arguments}"));
    sarif["runs"][0]["results"].as_array().unwrap().clone()
}

fn fingerprints(folder: &Folder, arguments: &str) -> Vec<String> {
    let print =
        |it: &Value| it["partialFingerprints"]["kmsSimFinding/v2"].as_str().unwrap().to_owned();
    results(folder, arguments).iter().map(print).collect()
}

#[test]
fn a_finding_in_a_template_has_its_place_there_in_every_format() {
    let folder = Folder::new().with("app.yaml", TEMPLATE);
    let arguments = "app.yaml --account 123456789012 --select KMS301,KMS401";
    let json = read(&folder, &format!("{arguments} --format json"));
    let found = json["findings"].as_array().unwrap();
    let places: Vec<Value> = found
        .iter()
        .map(|it| {
            json!([
                it["code"],
                it["file"],
                it["line"],
                it["column"],
                it["pointer"],
                it["pointer_in_file"]
            ])
        })
        .collect();
    // A value of a parameter is where the function is that puts it there.
    assert_eq!(
        places,
        [
            json!(["KMS301", "app.yaml", 24, 26, "/Statement/1/Principal", null]),
            json!(["KMS401", "app.yaml", 25, 23, "/Statement/1/Action/1", null]),
        ]
    );
    let run = folder.run(&format!("check {arguments} --quiet"));
    assert!(run.stdout.contains("--> app.yaml:25:23\n"), "{}", run.stdout);
    assert!(run.stdout.contains("25 |               Action: !Ref Actions"), "{}", run.stdout);
    let run = folder.run(&format!("check {arguments} --quiet --format github"));
    assert!(run.stdout.contains("file=app.yaml,line=24,col=26,endColumn=29,"), "{}", run.stdout);
    let run = folder.run(&format!("check {arguments} --quiet --format markdown"));
    assert!(run.stdout.contains("| app.yaml:24 /Statement/1/Principal |"), "{}", run.stdout);
    let analyzer = read(&folder, &format!("{arguments} --format access-analyzer"));
    let offset = u64::try_from(TEMPLATE.rfind("'*'\n              Action").unwrap()).unwrap();
    assert_eq!(
        analyzer["findings"][0]["locations"][0]["span"]["start"],
        json!({"line": 24, "column": 25, "offset": offset})
    );
}

#[test]
fn the_pointer_in_the_file_is_told_where_no_function_stands_between() {
    let folder = Folder::new().with("app.yaml", TWO);
    let json = read(&folder, "app.yaml --select KMS301 --format json");
    let found = &json["findings"][1];
    assert_eq!(found["pointer"], "/Statement/1/Principal");
    assert_eq!(
        found["pointer_in_file"],
        "/Resources/Two/Properties/KeyPolicy/Statement/1/Principal"
    );
    assert_eq!(found["policy"], "app.yaml: KeyPolicy of `Two`");
}

#[test]
fn answers_about_a_template_name_its_own_lines() {
    let folder = Folder::new().with("app.yaml", TEMPLATE);
    let arguments = "--env app.yaml --account 123456789012 --principal root --action kms:Sign";
    let run = folder.run(&format!("{arguments} --key Key")).exits(0);
    assert!(run.stdout.contains("app.yaml:14:13 (statement 1, \"Account\""), "{}", run.stdout);
    let run = folder.run(&format!("{arguments} --key Key --format json"));
    assert!(run.stdout.contains("\"file\": \"app.yaml\""), "{}", run.stdout);
}

#[test]
fn a_policy_that_stands_in_what_the_cli_prints_has_its_place_there() {
    let document = "{\n \"Statement\": [{\"Effect\": \"Allow\",\n  \"Action\": \"kms:Decript\", \"Resource\": \"*\"}]}";
    let folder = Folder::new().with(
        "details.json",
        format!("{{\"RoleDetailList\": [{{\"RoleName\": \"Web\", \"RoleId\": \"AROA\", \"Path\": \"/\", \"Arn\": \"arn:aws:iam::123456789012:role/Web\",\n\"RolePolicyList\": [{{\"PolicyName\": \"use\", \"PolicyDocument\": {document}}}]}}]}}"),
    );
    let json = read(&folder, "details.json --select KMS401 --format json");
    let found = &json["findings"][0];
    assert_eq!(json!([found["file"], found["line"]]), json!(["details.json", 4]), "{json:#}");
    let pointer = "/RoleDetailList/0/RolePolicyList/0/PolicyDocument/Statement/0/Action";
    assert_eq!(found["pointer_in_file"], pointer);
}

#[test]
fn a_comment_in_a_template_silences_what_it_stands_at() {
    for (comment, expected) in [
        ("a comment", &[("KMS301", 11), ("KMS301", 23)][..]),
        ("kms-sim: ignore KMS301 a public example", &[("KMS301", 23)]),
        ("kms-sim: ignore KMS302 another", &[("KMS002", 11), ("KMS301", 11), ("KMS301", 23)]),
    ] {
        let folder = Folder::new().with("app.yaml", TWO.replace("COMMENT", comment));
        let mut found = lines(&folder, "app.yaml");
        found.sort();
        let found: Vec<(&str, u64)> =
            found.iter().map(|(code, line)| (code.as_str(), *line)).collect();
        assert_eq!(found, expected, "{comment}");
    }
    let above = TWO.replace("  Two:\n", "  # kms-sim: ignore KMS301 an example\n  Two:\n");
    let folder = Folder::new().with("app.template", above);
    assert_eq!(lines(&folder, "app.template"), [("KMS301".to_owned(), 11)]);
}

#[test]
fn an_entry_names_one_of_several_resources() {
    let folder = Folder::new().with("app.yaml", TWO);
    for part in [
        "resource = \"One\"\nsid = \"Open\"",
        "resource = \"One\"",
        "pointer = \"/Resources/One/Properties/KeyPolicy/Statement/1\"",
    ] {
        folder.write(
            "kms-sim.toml",
            format!("[[check.suppress]]\ncode = \"KMS301\"\nfile = \"app.yaml\"\n{part}\nreason = \"an example\"\n"),
        );
        assert_eq!(lines(&folder, "app.yaml"), [("KMS301".to_owned(), 23)], "{part}");
    }
}

#[test]
fn a_fingerprint_names_the_resource_and_the_statement_and_not_the_line() {
    let folder = Folder::new().with("app.yaml", TWO);
    let before = fingerprints(&folder, "app.yaml --select KMS301");
    assert_eq!(
        before,
        [
            "KMS301 app.yaml: KeyPolicy of `One` /Statement/Open/Principal",
            "KMS301 app.yaml: KeyPolicy of `Two` /Statement/Open/Principal",
        ]
    );
    let inserted = TWO.replace(
        "        Statement:\n",
        "        Statement:\n          - {Sid: New, Effect: Deny, Principal: '*', Action: 'kms:PutKeyPolicy', Resource: '*', Condition: {Bool: {'aws:SecureTransport': 'false'}}}\n",
    );
    folder.write("app.yaml", inserted);
    let absolute = folder.path("app.yaml").display().to_string();
    for spelled in ["app.yaml", "./app.yaml", absolute.as_str()] {
        assert_eq!(fingerprints(&folder, &format!("{spelled} --select KMS301")), before);
    }
}

#[test]
fn statements_without_a_sid_are_told_apart_by_what_they_say() {
    let statement = |action: &str| json!({"Effect": "Allow", "Principal": "*", "Action": action, "Resource": "*"});
    let policy = |actions: &[&str]| {
        let statements: Vec<Value> = actions.iter().map(|it| statement(it)).collect();
        json!({"Version": "2012-10-17", "Statement": statements}).to_string()
    };
    let folder = Folder::new().with("key.json", policy(&["kms:Decrypt", "kms:Sign", "kms:Sign"]));
    let select = "key.json --select KMS301";
    let before = fingerprints(&folder, select);
    let distinct: std::collections::BTreeSet<&String> = before.iter().collect();
    assert_eq!(distinct.len(), 3, "{before:#?}");
    folder.write("key.json", policy(&["kms:Verify", "kms:Decrypt", "kms:Sign", "kms:Sign"]));
    let after = fingerprints(&folder, select);
    assert_eq!(after[1..], before[..]);
}

#[test]
fn uris_are_relative_to_the_working_folder_and_every_result_has_a_region() {
    let string = serde_json::to_string(&DELEGATING.replace("kms:*", "kms:Decript")).unwrap();
    let folder = Folder::new()
        .with("sub/app.yaml", TWO)
        .with("sub/printed.json", format!("{{\"PolicyName\": \"default\",\n\"Policy\": {string}}}"))
        .with(
            "kms-sim.toml",
            "[[check.suppress]]\ncode = \"KMS301\"\nfile = \"gone.json\"\nreason = \"x\"\n",
        );
    let (sub, config) = (folder.path("sub"), folder.path("kms-sim.toml"));
    let arguments = format!("{} --config {}", sub.display(), config.display());
    let all = results(&folder, &arguments);
    let uris: std::collections::BTreeSet<&str> = all
        .iter()
        .map(|it| {
            let physical = &it["locations"][0]["physicalLocation"];
            assert!(physical["region"]["startLine"].is_u64(), "{it:#}");
            physical["artifactLocation"]["uri"].as_str().unwrap()
        })
        .collect();
    assert_eq!(
        uris.into_iter().collect::<Vec<_>>(),
        ["kms-sim.toml", "sub/app.yaml", "sub/printed.json"]
    );
    let run = folder.run(&format!("check {arguments} --quiet --format github"));
    assert!(run.stdout.contains("::warning file=sub/app.yaml,line=11,"), "{}", run.stdout);
}

#[test]
fn a_fix_is_a_change_of_the_text_of_the_file() {
    let again = DELEGATING.replace(
        "\"Resource\": \"*\"}\n",
        "\"Resource\": \"*\"},\n  {\"Sid\": \"Again\", \"Effect\": \"Allow\", \"Principal\": {\"AWS\": \"arn:aws:iam::123456789012:root\"}, \"Action\": \"kms:Sign\", \"Resource\": \"*\"}\n",
    );
    let template = format!(
        "{{\"Resources\": {{\"Key\": {{\"Type\": \"AWS::KMS::Key\", \"Properties\": {{\"KeyPolicy\":\n{again}}}}}}}}}"
    );
    let folder = Folder::new().with("key.json", &again).with("app.json", &template);
    for (file, old) in [("key.json", &again), ("app.json", &template)] {
        let all = results(&folder, &format!("{file} --select KMS410"));
        let change = &all[0]["fixes"][0]["artifactChanges"][0];
        assert_eq!(change["artifactLocation"]["uri"], file, "{all:#?}");
        let replacement = &change["replacements"][0];
        let region = &replacement["deletedRegion"];
        let offset = |line: &str, column: &str| {
            let number = |name: &str| usize::try_from(region[name].as_u64().unwrap()).unwrap();
            let lines = old.split_inclusive('\n').take(number(line) - 1);
            lines.map(str::len).sum::<usize>() + number(column) - 1
        };
        let (start, end) = (offset("startLine", "startColumn"), offset("endLine", "endColumn"));
        let inserted = replacement["insertedContent"]["text"].as_str().unwrap();
        let new = format!("{}{inserted}{}", &old[..start], &old[end..]);
        folder.write(file, new);
        assert_eq!(
            results(&folder, &format!("{file} --select KMS410")),
            [] as [Value; 0],
            "{file}"
        );
    }
}

#[test]
fn what_is_underlined_of_a_long_line_ends_with_what_is_shown_of_it() {
    let again = DELEGATING.replace('\n', "").replace(
        "\"Resource\": \"*\"}",
        "\"Resource\": \"*\"}, {\"Sid\": \"Again\", \"Effect\": \"Allow\", \"Principal\": {\"AWS\": \"arn:aws:iam::123456789012:root\"}, \"Action\": \"kms:Sign\", \"Resource\": \"*\"}",
    );
    let run = Folder::new().with("key.json", again).run("check key.json --quiet");
    let length = |mark: &str| run.stdout.lines().find(|it| it.contains(mark)).map(str::len);
    assert!(length("^").unwrap() <= length("{\"Sid\": \"Again").unwrap(), "{}", run.stdout);
}
