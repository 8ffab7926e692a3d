//! States, as `show -json` prints them and as Terraform stores them.

use kms_sim::evaluate::Decision::Allowed;
use serde_json::{Value, json};

use super::*;

const ARN: &str = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";

fn key_values() -> Value {
    json!({"arn": ARN, "key_id": "1234abcd-12ab-34cd-56ef-1234567890ab", "policy": naming("arn:aws:iam::123456789012:role/app/Web")})
}

fn role_values() -> Value {
    json!({"arn": "arn:aws:iam::123456789012:role/app/Web", "name": "Web", "path": "/app/", "unique_id": "AROAEXAMPLEEXAMPLE01"})
}

fn shown() -> Value {
    json!({"format_version": "1.0", "terraform_version": "1.11.4", "values": {"root_module": {
        "resources": [{"address": "aws_iam_role.web", "mode": "managed", "type": "aws_iam_role", "name": "web",
            "provider_name": "registry.opentofu.org/hashicorp/aws", "values": role_values()}],
        "child_modules": [{"address": "module.m[\"a.b\"]", "resources": [
            {"address": "module.m[\"a.b\"].aws_kms_key.app[0]", "mode": "managed", "type": "aws_kms_key", "name": "app", "index": 0,
             "provider_name": "aws", "values": key_values()},
            {"address": "module.m[\"a.b\"].aws_kms_key.app[0]", "mode": "managed", "type": "aws_kms_key", "name": "app", "index": 0,
             "provider_name": "aws", "deposed_key": "0a1b2c3d", "values": {}},
        ]}],
    }}})
}

fn stored() -> Value {
    let instance =
        |values: Value| json!({"schema_version": 0, "attributes": values, "private": "bnVsbA=="});
    let keyed = json!({"index_key": 0, "attributes": key_values()});
    let deposed = json!({"deposed": "0a1b2c3d", "attributes": {}});
    json!({"version": 4, "serial": 3, "lineage": "x", "outputs": {}, "resources": [
        {"mode": "managed", "type": "aws_iam_role", "name": "web", "provider": "provider.aws", "instances": [instance(role_values())]},
        {"module": "module.m[\"a.b\"]", "mode": "managed", "type": "aws_kms_key", "name": "app",
         "provider": "module.m.provider[\"registry.terraform.io/hashicorp/aws\"].west", "instances": [deposed, keyed]},
        {"mode": "managed", "type": "google_kms_key", "name": "app", "provider": "provider[\"registry.terraform.io/hashicorp/google\"]", "instances": []},
    ]})
}

#[test]
fn a_state_is_an_environment_however_it_is_written() {
    for document in [shown(), stored()] {
        let imported = read(&document, &Assumptions::default()).unwrap();
        assert!(imported.before.is_none());
        let estate = imported.after;
        assert_eq!(estate.region.as_deref(), Some("eu-west-1"));
        let name = "module.m[\"a.b\"].aws_kms_key.app[0]";
        assert_eq!(estate.keys[name].arn.as_deref(), Some(ARN));
        assert_eq!(estate.principals["role/app/Web"].id.as_deref(), Some("AROAEXAMPLEEXAMPLE01"));
        assert_eq!(decision(&estate, "role/app/Web", "Decrypt", name), Allowed);
    }
}

#[test]
fn what_cannot_be_read_says_how_it_can() {
    let table = [
        (
            json!({"version": 3, "lineage": "x", "modules": []}),
            "expected version 4 of a state, found the number `3`, at `/version`; convert it",
        ),
        (
            json!({"serial": 1, "lineage": "x", "encrypted_data": "AAAA"}),
            "found one that is encrypted; let `tofu show -json`",
        ),
        (json!({"Statement": []}), "expected a plan or state of Terraform"),
        (json!([]), "expected a plan or state of Terraform, found an empty list"),
        (
            json!({"version": 4, "resources": [{"type": "aws_kms_key", "name": "a", "provider": "provider.aws", "instances": [{"attributes_flat": {}}]}]}),
            "of `aws_kms_key.a`, found an object",
        ),
    ];
    for (document, expected) in table {
        let error = read(&document, &assuming(&[])).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn a_state_with_nothing_in_it_says_so() {
    let estate = after(&json!({"format_version": "1.0"}));
    assert_eq!(estate.notes, ["no KMS key is in the document"]);
    estate.load().unwrap();
}
