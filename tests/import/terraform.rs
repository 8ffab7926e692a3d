//! Terraform and `OpenTofu`: plans and states.

#![expect(
    clippy::needless_pass_by_value,
    reason = "values of plans are made where they are handed over"
)]
#![expect(clippy::panic, reason = "a test that cannot go on has failed")]

mod accounts;
mod documents;
mod exclusive;
mod hostile;
mod keys;
mod organization;
mod principals;
mod states;
mod worlds;

use std::collections::BTreeMap;

use kms_sim::document::{Document, Format, InputError, Source};
use kms_sim::environment::Question;
use kms_sim::evaluate::{Decision, decide};
use kms_sim::import::terraform::{Imported, import};
use kms_sim::import::{Assumptions, Estate, EstatePolicy};
use kms_sim::kms::Action;
use serde_json::{Map, Value, json};

pub(crate) const ACCOUNT: &str = "123456789012";

/// A resource that a plan creates.
pub(crate) struct Planned {
    address: String,
    provider: &'static str,
    actions: Value,
    before: Value,
    after: Value,
    unknown: Value,
    expressions: Value,
}

/// A resource with what is known of it, what is not, and its expressions.
pub(crate) fn create(address: &str, after: Value, unknown: Value, expressions: Value) -> Planned {
    Planned {
        address: address.to_owned(),
        provider: "registry.terraform.io/hashicorp/aws",
        actions: json!(["create"]),
        before: Value::Null,
        after,
        unknown,
        expressions,
    }
}

impl Planned {
    pub(crate) fn from(self, actions: &[&str], before: Value) -> Self {
        Self { actions: json!(actions), before, ..self }
    }

    pub(crate) fn of(self, provider: &'static str) -> Self {
        Self { provider, ..self }
    }

    fn parts(&self) -> (Vec<String>, String, String, String) {
        let bare: String = without_keys(&self.address);
        let steps: Vec<&str> = bare.split('.').collect();
        let data = steps.iter().position(|step| *step == "data");
        let own = data.unwrap_or(steps.len() - 2);
        let modules = steps.iter().take(own).filter(|step| **step != "module");
        let mode = if data.is_some() { "data" } else { "managed" };
        let mut last = steps.iter().rev();
        let (name, kind) = (*last.next().unwrap(), *last.next().unwrap());
        (modules.map(|it| (*it).to_owned()).collect(), mode.into(), kind.into(), name.into())
    }

    fn change(&self) -> Value {
        let (_, mode, kind, name) = self.parts();
        json!({
            "address": self.address, "mode": mode, "type": kind, "name": name,
            "provider_name": self.provider,
            "change": {
                "actions": self.actions, "before": self.before, "after": self.after,
                "after_unknown": self.unknown,
            },
        })
    }
}

fn without_keys(address: &str) -> String {
    let mut depth = 0;
    let keep = |c: &char| {
        depth += i32::from(*c == '[');
        let is_outside = depth == 0;
        depth -= i32::from(*c == ']');
        is_outside
    };
    address.chars().filter(keep).collect()
}

/// A plan of these resources, with the configuration that they have.
pub(crate) fn plan(resources: &[Planned]) -> Value {
    let mut root = json!({});
    for resource in resources {
        let (modules, mode, kind, name) = resource.parts();
        let mut module = &mut root;
        for call in modules {
            let calls = module.as_object_mut().unwrap().entry("module_calls").or_insert(json!({}));
            let call = calls.as_object_mut().unwrap().entry(call).or_insert(json!({"module": {}}));
            module = &mut call["module"];
        }
        let listed = module.as_object_mut().unwrap().entry("resources").or_insert(json!([]));
        listed.as_array_mut().unwrap().push(json!({
            "address": format!("{kind}.{name}"), "mode": mode, "type": kind, "name": name,
            "provider_config_key": "aws", "expressions": resource.expressions,
        }));
    }
    json!({
        "format_version": "1.2", "terraform_version": "1.11.4",
        "planned_values": {"root_module": {}},
        "resource_changes": resources.iter().map(Planned::change).collect::<Vec<_>>(),
        "configuration": {
            "provider_config": {"aws": {
                "name": "aws", "expressions": {"region": {"constant_value": "us-east-1"}},
            }},
            "root_module": root,
        },
    })
}

/// An expression that refers to these, each with its beginnings as Terraform lists them.
pub(crate) fn refers(to: &[&str]) -> Value {
    let mut listed = Vec::new();
    for text in to {
        listed.push((*text).to_owned());
        let is_attribute = !text.starts_with("var.") && !text.starts_with("each.");
        if let (true, Some((resource, _))) = (is_attribute, text.rsplit_once('.')) {
            listed.push(resource.to_owned());
        }
    }
    json!({"references": listed})
}

pub(crate) fn assuming(values: &[(&str, &str)]) -> Assumptions {
    let values = values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Assumptions {
        account: ACCOUNT.parse().ok(),
        region: Some("us-east-1".into()),
        partition: None,
        values: values.collect::<BTreeMap<_, _>>(),
    }
}

pub(crate) fn read(document: &Value, assumptions: &Assumptions) -> Result<Imported, InputError> {
    let source = Source::new("plan.json", document.to_string());
    import(&Document::parse(source, Format::Json)?, assumptions)
}

#[track_caller]
pub(crate) fn after(document: &Value) -> Estate {
    read(document, &assuming(&[])).unwrap().after
}

#[track_caller]
pub(crate) fn decision(estate: &Estate, principal: &str, action: &str, key: &str) -> Decision {
    let environment = estate.load().unwrap().environment;
    let action = Action::parse(&format!("kms:{action}")).unwrap();
    let mut question = Question::new(principal, action);
    question.key = Some(key.to_owned());
    decide(&environment.request(&question).unwrap()).decision
}

/// Why a policy is not known.
#[track_caller]
pub(crate) fn reason(policy: Option<&EstatePolicy>) -> &str {
    match policy {
        Some(EstatePolicy::Unknown(reason)) => reason,
        other => panic!("expected a policy that is not known, found {other:?}"),
    }
}

/// A policy document with one statement.
pub(crate) fn policy(statement: &[(&str, Value)]) -> String {
    let statement: Map<String, Value> =
        statement.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()
}

/// An identity policy that allows all of KMS.
pub(crate) fn use_keys() -> String {
    policy(&[("Effect", json!("Allow")), ("Action", json!("kms:*")), ("Resource", json!("*"))])
}

/// A key policy that names one principal.
pub(crate) fn naming(principal: &str) -> String {
    policy(&[
        ("Effect", json!("Allow")),
        ("Principal", json!({"AWS": principal})),
        ("Action", json!("kms:*")),
        ("Resource", json!("*")),
    ])
}

/// A key whose policy the configuration does not set.
pub(crate) fn key(address: &str) -> Planned {
    create(
        address,
        json!({"customer_master_key_spec": "SYMMETRIC_DEFAULT", "key_usage": "ENCRYPT_DECRYPT",
               "is_enabled": true, "multi_region": false, "tags": null}),
        json!({"arn": true, "id": true, "key_id": true, "policy": true, "tags_all": true}),
        json!({}),
    )
}

/// A key whose policy the configuration sets, to what is not known.
pub(crate) fn key_with(address: &str, expression: Value) -> Planned {
    Planned { expressions: json!({"policy": expression}), ..key(address) }
}

/// A role whose name is known.
pub(crate) fn role(address: &str, name: &str) -> Planned {
    create(
        address,
        json!({"name": name, "path": "/", "permissions_boundary": null, "tags": null}),
        json!({"arn": true, "id": true, "unique_id": true, "managed_policy_arns": true,
               "inline_policy": true, "tags_all": true}),
        json!({"name": {"constant_value": name}}),
    )
}

/// The role may use all keys, as far as its own policies go.
pub(crate) fn role_policy(address: &str, role: &str) -> Planned {
    create(
        address,
        json!({"name": "use-keys", "policy": use_keys()}),
        json!({"id": true, "role": true}),
        json!({"role": refers(&[&format!("{role}.id")]), "policy": {}}),
    )
}
