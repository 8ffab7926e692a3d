//! How `kms-sim check` prints what it finds.

use serde_json::{Value, json};
use snapbox::{assert_data_eq, str};

use super::support::Folder;

const POLICY: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "Account",
      "Effect": "Allow",
      "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
      "Action": "kms:*",
      "Resource": "*"
    },
    {
      "Sid": "Again",
      "Effect": "Allow",
      "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
      "Action": "kms:Decrypt",
      "Resource": "*"
    }
  ]
}
"#;

fn folder() -> Folder {
    Folder::new().with("keys/app key.json", POLICY)
}

#[test]
fn text_has_the_count_first_and_the_line_with_a_verified_fix() {
    let run = folder().run("check keys --quiet --fail-on suggestion").exits(1);
    assert_data_eq!(
        run.stdout,
        str![[r#"
1 suggestion in 1 file

suggestion[KMS410]: statement "Again" adds nothing to statement "Account"
  --> keys/app key.json:11:5
   |
11 |     {
   |     ^
   |
   = note: at `/Statement/1`
   = help: remove it
   = fix: remove the statement: [{"op":"test","path":"/Statement/1","value":{"Sid":"Again","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":"kms:Decrypt","Resource":"*"}},{"op":"remove","path":"/Statement/1"}]

"#]]
    );
}

#[test]
fn sarif_is_valid_by_its_schema() {
    let mut schema: Value =
        serde_json::from_str(include_str!("../lint/sarif-schema-2.1.0.json")).unwrap();
    // The schema's pattern of languages has a bracket too many, and is no expression.
    for of in ["run", "toolComponent"] {
        let language = format!("/definitions/{of}/properties/language");
        let language = schema.pointer_mut(&language).unwrap().as_object_mut().unwrap();
        language.remove("pattern").unwrap();
    }
    let validator = jsonschema::draft7::new(&schema).unwrap();
    let folder = folder()
        .with("keys/broken.json", "{\"Statement\": [")
        .with("keys/key.yaml", "Statement: # kms-sim: ignore KMS401 example\n  Effect: Allow\n  Principal: \"*\"\n  # kms-sim: ignore KMS301 an example\n  Action: kms:Decript\n  Resource: \"*\"\n");
    let run = folder.run("check keys --quiet --format sarif").exits(2);
    let sarif: Value = serde_json::from_str(&run.stdout).unwrap();
    let errors: Vec<String> = validator
        .iter_errors(&sarif)
        .map(|error| format!("{error} at {}", error.instance_path()))
        .collect();
    assert_eq!(errors, [""; 0]);
    let run = &sarif["runs"][0];
    assert_eq!(run["invocations"][0]["executionSuccessful"], json!(false));
    let results = run["results"].as_array().unwrap();
    let again = results.iter().find(|it| it["ruleId"] == "KMS410").unwrap();
    assert_eq!(
        again["locations"],
        json!([{
            "physicalLocation": {
                "artifactLocation": {"uri": "keys/app%20key.json"},
                "region": {"startLine": 11, "startColumn": 5, "endLine": 17, "endColumn": 6},
            },
            "logicalLocations": [{"fullyQualifiedName": "/Statement/1"}],
        }])
    );
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
    }
}

#[test]
fn what_is_silenced_is_told_in_sarif_with_its_reason() {
    let folder = Folder::new().with(
        "key.yaml",
        "Version: 2012-10-17\nStatement:\n  Effect: Allow\n  Principal: \"*\" # kms-sim: ignore KMS301 an example\n  Action: kms:*\n  Resource: \"*\"\n",
    );
    let run = folder.run("check key.yaml --quiet --format sarif").exits(0);
    let sarif: Value = serde_json::from_str(&run.stdout).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    let suppressions = json!([{"kind": "inSource", "justification": "an example"}]);
    assert_eq!(results.len(), 1);
    assert_eq!(results[0]["suppressions"], suppressions);
}

#[test]
fn annotations_are_one_line_each_and_escaped() {
    let run = folder().run("check keys --quiet --format github").exits(0);
    assert_data_eq!(
        run.stdout,
        str![[r#"
::notice file=keys/app key.json,line=11,col=5,endLine=17,title=KMS410 redundant-statement::statement "Again" adds nothing to statement "Account"%0Aremove it
1 suggestion in 1 file

"#]]
    );
}

#[test]
fn markdown_is_a_table_in_which_nothing_of_a_policy_is_markup() {
    let hostile = POLICY.replace("Again", "<img src=x> | @team [a](b)");
    let folder = Folder::new().with("key.json", hostile);
    let run = folder.run("check key.json --quiet --format markdown").exits(0);
    // In the block of code with the fix nothing is markup.
    let (told, _) = run.stdout.split_once("```json").unwrap();
    assert!(!told.contains("<img") && !told.contains("@team"), "{}", run.stdout);
    let row = run.stdout.lines().find(|line| line.contains("KMS410")).unwrap();
    assert_eq!(row.replace("\\|", "").matches('|').count(), 5, "{row}");
    assert!(run.stdout.contains("```json"), "{}", run.stdout);
}

#[test]
fn the_form_of_access_analyzer_has_its_members() {
    let run = folder().run("check keys --quiet --format access-analyzer").exits(0);
    let json: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(
        json,
        json!({"findings": [{
            "findingDetails": "statement \"Again\" adds nothing to statement \"Account\"",
            "findingType": "SUGGESTION",
            "issueCode": "REDUNDANT_STATEMENT",
            "learnMoreLink": "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_statement.html",
            "locations": [{
                "path": [{"value": "Statement"}, {"index": 1}],
                "span": {
                    "start": {"line": 11, "column": 4, "offset": 221},
                    "end": {"line": 17, "column": 5, "offset": 390},
                },
            }],
        }]})
    );
}

#[test]
fn several_formats_go_to_files() {
    let folder = folder();
    folder.run("check keys --format sarif=out.sarif --format markdown=out.md").exits(0);
    let read = |name| std::fs::read_to_string(folder.path(name)).unwrap();
    assert!(read("out.sarif").contains("\"2.1.0\"") && read("out.md").contains("KMS410"));
    folder.run("check keys --format json --format sarif").exits(2);
    folder.run("check keys --format yaml").exits(2);
}
