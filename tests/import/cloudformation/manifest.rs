//! The manifest of a cloud assembly.

use kms_sim::document::{Document, Format, InputError, Source};
use kms_sim::import::cloudformation::{Manifest, ManifestStack, Stack};

fn read(text: &str) -> Result<Manifest, InputError> {
    let source = Source::new("cdk.out/manifest.json", text);
    Manifest::read(&Document::parse(source, Format::Json)?)
}

#[test]
fn a_manifest_lists_its_stacks_and_nested_assemblies() {
    let text = r#"{"version": "55.0.0", "artifacts": {
        "Tree": {"type": "cdk:tree", "properties": {"file": "tree.json"}},
        "Keys": {"type": "aws:cloudformation:stack", "environment": "aws://111122223333/us-east-1",
            "properties": {"templateFile": "Keys.template.json", "parameters": {"Env": "prod"}}},
        "App": {"type": "aws:cloudformation:stack", "environment": "aws://unknown-account/unknown-region",
            "properties": {"templateFile": "App.template.json", "stackName": "app-prod"}},
        "Stage": {"type": "cdk:cloud-assembly", "properties": {"directoryName": "assembly-Prod"}}}}"#;
    let keys = Stack {
        name: Some("Keys".into()),
        account: "111122223333".parse().ok(),
        region: Some("us-east-1".into()),
        parameters: vec![("Env".into(), "prod".into())],
        ..Stack::default()
    };
    let app = Stack { name: Some("app-prod".into()), ..Stack::default() };
    let expected = Manifest {
        stacks: vec![
            ManifestStack { template: "Keys.template.json".into(), stack: keys },
            ManifestStack { template: "App.template.json".into(), stack: app },
        ],
        nested: vec!["assembly-Prod".into()],
    };
    assert_eq!(read(text).unwrap(), expected);
}

#[test]
fn what_is_wrong_in_a_manifest_has_its_place() {
    let stack = |members: &str| {
        format!(r#"{{"artifacts": {{"A": {{"type": "aws:cloudformation:stack", {members}}}}}}}"#)
    };
    let table = [
        ("[]".to_owned(), "expected a manifest"),
        (r#"{"artifacts": {"A": {}}}"#.to_owned(), "expected a member `type`"),
        (stack(r#""properties": {}"#), "expected `templateFile`"),
        (
            stack(r#""properties": {"templateFile": "../x.json"}"#),
            "expected a path below the manifest",
        ),
        (
            stack(r#""properties": {"templateFile": "/etc/x"}"#),
            "expected a path below the manifest",
        ),
        (
            stack(r#""environment": "here", "properties": {"templateFile": "x"}"#),
            "expected an environment `aws://ACCOUNT/REGION`",
        ),
    ];
    for (text, expected) in table {
        let found = read(&text).unwrap_err().to_string();
        assert!(
            found.contains(expected) && found.starts_with("cdk.out/manifest.json:1:"),
            "{found}"
        );
    }
}
