use serde_json::{Value, json};

use super::{
    Definitions, Property, list, map, object, one_of_texts, one_or_many, optional, reference, text,
};
use crate::evaluate::Side;
use crate::kms::{Action, Asked, ConditionKey, Operation, Service, ServiceOperation};
use crate::scenario::{case, expect};

pub(super) fn definitions() -> Definitions {
    vec![
        ("case", object(case::FIELDS, &["principal", "expect"], field_of_case)),
        ("session", object(case::SESSION, &[], field_of_session)),
        ("action", action()),
        ("via", via()),
        ("context", context()),
        ("contextValue", context_value()),
        ("parameters", parameters()),
        ("expectation", expectation()),
        ("decision", one_of_texts(expect::DECISIONS.iter().map(|(name, _)| *name))),
        ("side", one_of_texts(Side::ALL.map(Side::as_str))),
    ]
}

fn field_of_case(field: &str) -> Property {
    match field {
        "name" => ("What the case shows; each name once in a file.", optional(&text())),
        "principal" => (
            "Who calls: a name of the file, root, an ARN, or a service principal; or a list.",
            one_or_many(&reference("principalName")),
        ),
        "session" => {
            ("The session of a role, or of a federated user.", optional(&reference("session")))
        }
        "action" => (
            "What is called: an action, a pattern, or a list. Left out where `expect` lists actions.",
            one_or_many(&reference("action")),
        ),
        "key" => (
            "The key: its name in the file, id, ARN or alias; may be left out where there is one. Or a list.",
            optional(&one_or_many(&text())),
        ),
        "via" => (
            "The AWS service that calls for the principal, or one of its operations, which says what is called.",
            optional(&reference("via")),
        ),
        "encryption_context" => {
            ("The encryption context of the call.", optional(&reference("pairs")))
        }
        "context" => (
            "Condition keys: a scalar is one value, a list several, null says known to be absent.",
            optional(&reference("context")),
        ),
        "parameters" => (
            "Parameters of the API request, which feed condition keys.",
            optional(&reference("parameters")),
        ),
        "destination_key" => {
            ("ReEncrypt's second key; also UpdateAlias's new key.", optional(&text()))
        }
        "vpc_endpoint" => ("The VPC endpoint that the call goes through.", optional(&text())),
        "grant_tokens" => ("Tokens of fresh grants.", optional(&list(&text()))),
        "at" => (
            "When: ISO 8601, as 2026-11-23T02:00:00Z. Needed where a policy reads the date.",
            json!({"type": ["string", "number", "null"]}),
        ),
        "rules" => ("In place of the file's rules.", optional(&reference("rules"))),
        "expect" => {
            ("What is expected: a decision, or a map that says more.", reference("expectation"))
        }
        _ => ("", json!({})),
    }
}

fn field_of_session(field: &str) -> Property {
    match field {
        "name" => ("The name of the session.", optional(&text())),
        "policies" => (
            "The policies that it was opened with; left out: none were passed.",
            optional(&list(&reference("policyOfIam"))),
        ),
        "tags" => ("Its tags, which overlay those of the role.", optional(&reference("pairs"))),
        "mfa" => (
            "Whether it was opened with a second factor; default false.",
            optional(&json!({"type": "boolean"})),
        ),
        "issued_by" => ("The user behind a federated user.", optional(&reference("principalName"))),
        _ => ("", json!({})),
    }
}

/// Names to complete, and whatever else the reader understands: patterns, names without prefix.
fn action() -> Value {
    let operations = Operation::all().iter().map(|operation| format!("kms:{}", operation.name));
    let mut names: Vec<String> =
        Action::all().iter().map(|action| action.name.to_owned()).chain(operations).collect();
    names.retain(|name| Asked::parse(name).is_ok());
    names.sort_unstable();
    names.dedup();
    json!({"anyOf": [
        one_of_texts(names.iter().map(String::as_str)),
        {"type": "string", "pattern": "^([A-Za-z*?]+:)?[A-Za-z*?]+$"},
    ]})
}

fn via() -> Value {
    let services = Service::all().iter().map(|service| service.prefix.to_owned());
    let operations = ServiceOperation::all().iter();
    let names: Vec<String> = services
        .chain(operations.map(|operation| format!("{}:{}", operation.service, operation.name)))
        .collect();
    json!({"anyOf": [
        one_of_texts(names.iter().map(String::as_str)),
        {"type": "string", "pattern": "^[a-z0-9-]+(\\.[a-z0-9-]+\\.amazonaws\\.com)?$"},
    ]})
}

fn context_value() -> Value {
    let scalar = json!({"type": ["string", "number", "boolean"]});
    json!({"anyOf": [scalar, list(&scalar), {"type": "null"}]})
}

/// The documented keys, to complete; others are taken with a warning.
fn context() -> Value {
    let keys = ConditionKey::all().iter().filter(|key| key.prefix().is_none());
    let properties: serde_json::Map<String, Value> = keys
        .map(|key| {
            let many = if key.multivalued { ", or a list of such" } else { "" };
            let description = format!("{}{many}", key.value_type);
            let value = json!({"description": description, "$ref": "#/$defs/contextValue"});
            (key.name.to_owned(), value)
        })
        .collect();
    json!({
        "type": "object",
        "properties": properties,
        "additionalProperties": reference("contextValue"),
    })
}

fn parameters() -> Value {
    let mut names: Vec<&str> = Operation::all()
        .iter()
        .flat_map(|operation| operation.parameters.iter().copied())
        .collect();
    names.sort_unstable();
    names.dedup();
    let properties: serde_json::Map<String, Value> = names
        .into_iter()
        .map(|name| (name.to_owned(), json!({"description": "By the API's name and shape."})))
        .collect();
    json!({"type": "object", "properties": properties})
}

fn expectation() -> Value {
    let mut expectation = object(expect::FIELDS, &[], field_of_expectation);
    if let Value::Object(members) = &mut expectation {
        members.insert("minProperties".into(), json!(1));
    }
    json!({"anyOf": [reference("decision"), expectation]})
}

fn field_of_expectation(field: &str) -> Property {
    match field {
        "decision" => ("The decision; `denied` is either deny.", reference("decision")),
        "denied_by" => {
            ("The sides that deny, exactly these, in any order.", one_or_many(&reference("side")))
        }
        "by" => ("The side that allows.", reference("side")),
        "statement" => {
            ("The Sid of a statement that must decide; not with an implicit deny.", text())
        }
        "depends_on" => (
            "The condition keys, neither given nor derived, that could change the answer.",
            list(&text()),
        ),
        "error" => ("AWS's error message, exactly.", text()),
        "allowed" => (
            "Actions or patterns that must be allowed, instead of `action`.",
            one_or_many(&reference("action")),
        ),
        "denied" => (
            "Actions or patterns that must be denied, instead of `action`.",
            one_or_many(&reference("action")),
        ),
        _ => ("", map(&text())),
    }
}
