//! The forms that a policy is written in hold the same policy.

use hcl::eval::{Context, Evaluate};
use hcl::{Attribute, Block, Body, Expression};
use kms_sim::generate::{KeyPolicy, KeyType, Part, Practice, Regions, Roles, Terraform};
use kms_sim::kms::Origin;
use kms_sim::request::PrincipalName;
use serde_json::{Map, Value, json};

use crate::support::{account, key_types, name, roles};

pub(crate) fn value(expression: &Expression) -> Value {
    let value = expression.evaluate(&Context::new()).unwrap();
    serde_json::to_value(value).unwrap()
}

fn block<'b>(body: &'b Body, identifier: &str) -> &'b Block {
    body.blocks().find(|block| block.identifier() == identifier).unwrap()
}

fn attribute<'b>(body: &'b Body, key: &str) -> Option<&'b Expression> {
    body.attributes().find(|it| it.key() == key).map(Attribute::expr)
}

/// The policy in a resource, given to `jsonencode`.
pub(crate) fn inline(text: &str) -> Value {
    let body = hcl::parse(text).unwrap();
    let resource = block(&body, "resource");
    let Some(Expression::FuncCall(call)) = attribute(resource.body(), "policy") else {
        panic!("{text}");
    };
    assert_eq!(call.name.to_string(), "jsonencode");
    value(&call.args[0])
}

fn one_or_many(value: Value) -> Value {
    match value {
        Value::Array(items) if items.len() == 1 => items[0].clone(),
        other => other,
    }
}

/// The policy that the data source makes of its blocks.
fn from_data_source(text: &str) -> Value {
    let body = hcl::parse(text).unwrap();
    let data = block(&body, "data").body();
    let statements = data.blocks().map(|statement| {
        let statement = statement.body();
        let get = |key| one_or_many(value(attribute(statement, key).unwrap()));
        let principals = block(statement, "principals").body();
        let kind = value(attribute(principals, "type").unwrap());
        let names = one_or_many(value(attribute(principals, "identifiers").unwrap()));
        let mut written = json!({
            "Sid": get("sid"), "Effect": get("effect"), "Principal": {kind.as_str().unwrap(): names},
            "Action": get("actions"), "Resource": get("resources"),
        });
        if let Some(condition) = statement.blocks().find(|it| it.identifier() == "condition") {
            let get = |key| one_or_many(value(attribute(condition.body(), key).unwrap()));
            let (operator, key) = (get("test"), get("variable"));
            written["Condition"] =
                json!({operator.as_str().unwrap(): {key.as_str().unwrap(): get("values")}});
        }
        written
    });
    let mut policy = Map::new();
    policy.insert("Version".into(), json!("2012-10-17"));
    policy.extend(attribute(data, "policy_id").map(|id| ("Id".to_owned(), value(id))));
    policy.insert("Statement".into(), statements.collect());
    Value::Object(policy)
}

fn policies() -> Vec<(KeyType, KeyPolicy)> {
    let types = key_types().into_iter().filter(|it| !it.origin().is_custom_key_store());
    let practices = [Practice::RoleSeparation, Practice::Console];
    let mut policies = Vec::new();
    for key_type in types {
        policies.push((key_type, KeyPolicy::for_account(account(), key_type).unwrap()));
        for practice in practices {
            let policy = KeyPolicy::for_roles(&roles(key_type, practice)).unwrap();
            policies.push((key_type, policy));
        }
    }
    policies
}

#[test]
fn terraform_encodes_the_policy() {
    for (_, policy) in policies() {
        assert_eq!(inline(&policy.to_terraform(Terraform::Inline).unwrap()), policy.document());
    }
}

#[test]
fn the_data_source_makes_the_policy() {
    for (_, policy) in policies() {
        let text = policy.to_terraform(Terraform::PolicyDocument).unwrap();
        assert_eq!(from_data_source(&text), policy.document(), "{text}");
        let body = hcl::parse(&text).unwrap();
        let policy = attribute(block(&body, "resource").body(), "policy").unwrap();
        let reference = "data.aws_iam_policy_document.key.json";
        assert_eq!(hcl::format::to_string(policy).unwrap(), reference);
    }
}

#[test]
fn terraform_names_the_kind_of_key_where_it_is_not_the_default() {
    for (key_type, policy) in policies() {
        let body = hcl::parse(&policy.to_terraform(Terraform::Inline).unwrap()).unwrap();
        let resource = block(&body, "resource");
        let is_external = key_type.origin() == Origin::External;
        let kind = if is_external { "aws_kms_external_key" } else { "aws_kms_key" };
        assert_eq!(resource.labels()[0].as_str(), kind);
        let spec = if is_external { "key_spec" } else { "customer_master_key_spec" };
        let get = |key| attribute(resource.body(), key).map(value);
        let is_default = key_type.spec().is_symmetric_encryption();
        assert_eq!(get(spec), (!is_default).then(|| json!(key_type.spec().name)));
        assert_eq!(get("key_usage"), (!is_default).then(|| json!(key_type.usage().as_str())));
        let is_multi_region = key_type.regions() == Regions::Multi;
        assert_eq!(get("multi_region"), is_multi_region.then(|| json!(true)));
    }
}

#[test]
fn json_is_the_document() {
    for (_, policy) in policies() {
        let read: Value = serde_json::from_str(&policy.to_json()).unwrap();
        assert_eq!(read, policy.document());
    }
}

#[test]
fn keys_in_custom_stores_are_written_in_json_only() {
    let types = key_types().into_iter().filter(|it| it.origin().is_custom_key_store());
    for key_type in types {
        let policy = KeyPolicy::for_account(account(), key_type).unwrap();
        let refused = [
            policy.to_terraform(Terraform::Inline).unwrap_err(),
            policy.to_terraform(Terraform::PolicyDocument).unwrap_err(),
            policy.to_cloudformation().unwrap_err(),
        ];
        assert!(refused.iter().all(|error| error.part == Part::Format));
    }
}

#[test]
fn a_name_that_the_data_source_would_change_is_refused_there() {
    let strange: PrincipalName = name("role/a&{b}/Strange");
    let roles =
        Roles { users: vec![strange], ..roles(KeyType::default(), Practice::RoleSeparation) };
    let policy = KeyPolicy::for_roles(&roles).unwrap();
    assert_eq!(inline(&policy.to_terraform(Terraform::Inline).unwrap()), policy.document());
    let error = policy.to_terraform(Terraform::PolicyDocument).unwrap_err();
    assert!(error.message.contains("`&{`"), "{error}");
}
