//! Loops among the resources of a template.

use kms_sim::evaluate::Decision::{Allowed, ImplicitDeny, Undetermined};

use super::{assumptions, decision, error, estate_with};

const ACCESS: &str = "
  Web: {Type: AWS::IAM::Role, Properties: {RoleName: web}}
  App: {Type: AWS::IAM::Role, Properties: {RoleName: app}}
  Key:
    Type: AWS::KMS::Key
    Properties: {KeyPolicy: {Version: 2012-10-17, Statement: [{Effect: Allow, Principal: {AWS: !Sub 'arn:aws:iam::${AWS::AccountId}:root'}, Action: 'kms:*', Resource: '*'}]}}
";

fn text(over: &str) -> String {
    [
        "Transform: AWS::LanguageExtensions
Parameters: {Names: {Type: CommaDelimitedList, Default: web}, Open: {Type: CommaDelimitedList}}
Resources:
  Fn::ForEach::Uses:
    - Name
    - ",
        over,
        "
    - Use${Name}:
        Type: AWS::IAM::Policy
        Properties:
          PolicyName: !Sub 'use-${Name}'
          Roles: [!Ref Name]
          PolicyDocument: {Version: 2012-10-17, Statement: [{Effect: Allow, Action: 'kms:Decrypt', Resource: '*'}]}",
        ACCESS,
    ]
    .concat()
}

#[test]
fn a_loop_over_what_is_known_is_what_it_declares() {
    let table = [
        ("[web]", &[][..], [Allowed, ImplicitDeny]),
        ("[web, app]", &[], [Allowed, Allowed]),
        ("!Ref Names", &[], [Allowed, ImplicitDeny]),
        ("!Ref Names", &[("Names", "app")], [ImplicitDeny, Allowed]),
        ("[!Ref Open, web]", &[("Open", "app")], [Allowed, Allowed]),
        // What is not known may be attached to all.
        ("!Ref Open", &[], [Undetermined, Undetermined]),
        ("!Split [',', 'web,app']", &[], [Undetermined, Undetermined]),
    ];
    for (over, given, expected) in table {
        let estate = estate_with(&text(over), &assumptions(given)).unwrap();
        let asked = ["role/web", "role/app"].map(|it| decision(&estate, it, "Decrypt", "Key"));
        assert_eq!(asked, expected, "{over}");
        let is_noted =
            estate.notes.iter().any(|it| it.contains("`Fn::ForEach::Uses` is not worked out"));
        assert_eq!(is_noted, expected[0] == Undetermined, "{:?}", estate.notes);
    }
}

#[test]
fn a_loop_in_a_loop_and_in_properties_is_unrolled_too() {
    let inner = "Resources:
  Fn::ForEach::Stages:
    - Stage
    - [a-b, c]
    - Fn::ForEach::Names:
        - Name
        - [x, y]
        - 'Key&{Stage}${Name}':
            Type: AWS::KMS::Key
            Properties:
              Fn::ForEach::Parts:
                - Part
                - [Description]
                - '${Part}': !Sub '${Stage}'
";
    let estate = estate_with(inner, &assumptions(&[])).unwrap();
    let names: Vec<&String> = estate.keys.keys().collect();
    assert_eq!(names, ["Keyabx", "Keyaby", "Keycx", "Keycy"]);
}

#[test]
fn what_is_wrong_with_a_loop_is_told() {
    let twice = "Resources: {'Fn::ForEach::A': [N, [a, a], {'K${N}': {Type: AWS::KMS::Key}}]}";
    assert!(error(twice).contains("expected each member once, found `Ka` again"));
    let short = "Resources: {'Fn::ForEach::A': [N, [a]]}";
    assert!(error(short).starts_with("template.yaml:1:31: expected a name, a collection and what"));
    let many = (0..4).fold("{Type: AWS::KMS::Key}".to_owned(), |body, depth| {
        let items = (0..100).map(|it| format!("i{it}")).collect::<Vec<_>>().join(", ");
        let name = if depth == 0 { "K${N0}${N1}${N2}${N3}: " } else { "" };
        format!(
            "{{'Fn::ForEach::A{depth}': [N{depth}, [{items}], {}]}}",
            if depth == 0 {
                format!("{{'{}': {body}}}", name.trim_end_matches(": "))
            } else {
                body
            }
        )
    });
    assert!(error(&format!("Resources: {many}")).contains("expected loops that make at most"));
}
