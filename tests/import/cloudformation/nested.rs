//! Stacks that others nest.

use kms_sim::evaluate::Decision::{Allowed, ExplicitDeny, ImplicitDeny, Undetermined};
use kms_sim::import::Estate;

use super::{assumptions, decision};
use crate::support::imported;

/// A key that is locked if a parameter says so, which it does not by default.
const CHILD: &str = "Parameters: {Lock: {Type: String, Default: 'false'}, Who: {Type: String, Default: nobody}}
Conditions: {Locked: !Equals [!Ref Lock, 'true']}
Resources:
  Key:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy:
        Version: 2012-10-17
        Statement:
          - {Effect: Allow, Principal: {AWS: !Sub 'arn:aws:iam::${AWS::AccountId}:role/${Who}'}, Action: 'kms:*', Resource: '*'}
          - !If [Locked, {Effect: Deny, Principal: '*', Action: 'kms:Decrypt', Resource: '*'}, !Ref AWS::NoValue]
Outputs: {Arn: {Value: !GetAtt Key.Arn}}
";

fn parent(stack: &str) -> String {
    [
        "Parameters: {Open: {Type: String}, Is: {Type: String, Default: 'no'}}
Conditions: {Never: !Equals [a, b], Open: !Equals [!Ref Open, yes]}
Resources:
  Web: {Type: AWS::IAM::Role, Properties: {RoleName: web, Policies: [{PolicyName: p, PolicyDocument: {Version: 2012-10-17, Statement: [{Effect: Allow, Action: 'kms:Encrypt', Resource: !GetAtt Nested.Outputs.Arn}]}}]}}
  Nested: {Type: AWS::CloudFormation::Stack, ",
        stack,
        "}\n",
    ]
    .concat()
}

fn estate(files: &[(&str, &str)]) -> Estate {
    imported(files, &assumptions(&[])).unwrap().after
}

#[test]
fn a_nested_stack_has_the_parameters_that_it_is_given() {
    let table = [
        ("Properties: {TemplateURL: ./child.yaml, Parameters: {Who: web}}", Allowed),
        (
            "Properties: {TemplateURL: child.yaml, Parameters: {Who: !Ref Web, Lock: 'true'}}",
            ExplicitDeny,
        ),
        (
            "Properties: {TemplateURL: ../t/child.yaml, Parameters: {Who: web, Lock: !Ref Open}}",
            Undetermined,
        ),
        ("Properties: {TemplateURL: child.yaml, Parameters: {Who: web, Lock: !Ref Is}}", Allowed),
        ("Properties: {TemplateURL: child.yaml}", ImplicitDeny),
        (
            "Properties: {TemplateURL: 'https://b.s3.amazonaws.com/x/child.yaml', Parameters: {Who: web, Lock: 'true'}}",
            ExplicitDeny,
        ),
        (
            "Properties: {TemplateURL: !Sub 'https://${AWS::Region}/child.yaml', Parameters: {Who: web, Lock: 'true'}}",
            ExplicitDeny,
        ),
        // What cannot be told may be it.
        ("Properties: {TemplateURL: !Ref Open, Parameters: {Lock: 'true'}}", Undetermined),
        (
            "Properties: {TemplateURL: 'https://b/0123456789abcdef0123456789abcdef.template'}",
            Undetermined,
        ),
        ("Properties: {TemplateURL: 'https://b/network.yaml'}", ImplicitDeny),
        ("Condition: Open, Properties: {TemplateURL: child.yaml, Parameters: {Who: web}}", Allowed),
    ];
    for (stack, expected) in table {
        let parent = parent(stack);
        for files in [
            [("t/parent.yaml", parent.as_str()), ("t/child.yaml", CHILD)],
            [("t/child.yaml", CHILD), ("t/parent.yaml", parent.as_str())],
        ] {
            assert_eq!(
                decision(&estate(&files), "role/web", "Decrypt", "Key"),
                expected,
                "{stack}"
            );
        }
    }
}

#[test]
fn a_nested_stack_that_is_not_created_has_nothing() {
    let parent = parent("Condition: Never, Properties: {TemplateURL: child.yaml}")
        .replace("!GetAtt Nested.Outputs.Arn", "'*'");
    let estate = estate(&[("parent.yaml", &parent), ("child.yaml", CHILD)]);
    assert!(estate.keys.is_empty(), "{:?}", estate.keys);
}

#[test]
fn the_outputs_of_a_nested_stack_are_known_to_the_one_around_it() {
    let parent = parent("Properties: {TemplateURL: child.yaml}");
    let child = CHILD.replace("role/${Who}", "root");
    let read = estate(&[("parent.yaml", &parent), ("child.yaml", &child)]);
    assert_eq!(decision(&read, "role/web", "Encrypt", "Key"), Allowed);
    assert_eq!(decision(&read, "role/web", "Decrypt", "Key"), ImplicitDeny);
    let other = CHILD.replace("role/${Who}", "root").replace("Arn:", "Id:");
    let read = estate(&[("parent.yaml", &parent), ("child.yaml", &other)]);
    assert_eq!(decision(&read, "role/web", "Encrypt", "Key"), Undetermined);
}

#[test]
fn each_place_where_a_template_is_nested_is_a_stack_of_its_own() {
    let nested = |id: &str, who: &str| {
        format!(
            "  {id}: {{Type: AWS::CloudFormation::Stack, Properties: {{TemplateURL: child.yaml, Parameters: {{Who: {who}}}}}}}\n"
        )
    };
    let parent = ["Resources:\n", &nested("A", "web"), &nested("B", "app")].concat();
    let estate = estate(&[("parent.yaml", &parent), ("child.yaml", CHILD)]);
    let names: Vec<&String> = estate.keys.keys().collect();
    assert_eq!(names, ["Key", "parent-B/Key"]);
}

#[test]
fn a_stack_does_not_hold_itself() {
    let text =
        "Resources: {A: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: a.yaml}}}";
    let error = imported(&[("a.yaml", text)], &assumptions(&[])).unwrap_err().to_string();
    assert!(
        error.starts_with("a.yaml:1:16: expected a stack that does not hold itself"),
        "{error}"
    );
}

#[test]
fn an_app_of_cdk_names_the_nested_template_beside_it() {
    let manifest = r#"{"version": "36.0.0", "artifacts": {"App": {"type": "aws:cloudformation:stack",
        "properties": {"templateFile": "App.template.json"}}}}"#;
    let app = r#"{"Resources": {
        "Web": {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "web"}},
        "Nested": {"Type": "AWS::CloudFormation::Stack",
            "Properties": {"TemplateURL": {"Fn::Sub": "https://s3.${AWS::Region}.${AWS::URLSuffix}/assets/0123.json"},
                "Parameters": {"Who": {"Ref": "Web"}, "Lock": "true"}},
            "Metadata": {"aws:asset:path": "Nested.nested.template.json", "aws:asset:property": "TemplateURL"}}}}"#;
    let files = [
        ("cdk.out/App.template.json", app),
        ("cdk.out/Nested.nested.template.yaml", CHILD),
        ("cdk.out/manifest.json", manifest),
    ];
    let app = app.replace("template.json\", \"aws", "template.yaml\", \"aws");
    let files = [("cdk.out/App.template.json", app.as_str()), files[1], files[2]];
    assert_eq!(decision(&estate(&files), "role/web", "Decrypt", "Key"), ExplicitDeny);
    let alone = imported(&files[2..], &assumptions(&[])).unwrap_err().to_string();
    assert!(alone.contains("name the folder that holds them, `cdk.out`"), "{alone}");
}
