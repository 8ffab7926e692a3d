use serde_json::{Map, Value, json};

use super::{Definitions, Property, object, one_of_texts, one_or_many, reference, text};
use crate::environment::BUILTIN;
use crate::kms::{Action, ConditionKey};
use crate::policy::{condition::Operator, fields};

pub(super) fn definitions() -> Definitions {
    let of_iam: Vec<&str> =
        fields::STATEMENT.iter().copied().filter(|name| !name.ends_with("Principal")).collect();
    vec![
        ("policyOfResource", policy("documentOfResource")),
        ("policyOfIam", policy("documentOfIam")),
        ("unknownPolicy", unknown()),
        ("documentOfResource", document("statementOfResource")),
        ("documentOfIam", document("statementOfIam")),
        ("statementOfResource", object(fields::STATEMENT, &["Effect"], element)),
        ("statementOfIam", object(&of_iam, &["Effect"], element)),
        ("policyPrincipal", principal()),
        ("policyAction", action()),
        ("condition", condition()),
        ("conditionValue", one_or_many(&json!({"type": ["string", "number", "boolean"]}))),
        ("conditionKeys", condition_keys()),
    ]
}

/// A policy field: a path, a built-in name, a document, or what is known to be there.
fn policy(document: &str) -> Value {
    let printed = fields::PRINTED.iter().map(|printed| {
        let about: fn(&str) -> Property = |_| ("As the AWS CLI prints it.", json!({}));
        object(printed.members, &[printed.holder], about)
    });
    let mut forms = vec![
        json!({"type": "string", "enum": BUILTIN, "description": "A policy of AWS."}),
        json!({
            "type": "string",
            "minLength": 1,
            "description": "The path of a policy document, relative to this file.",
        }),
        reference("unknownPolicy"),
        reference(document),
    ];
    forms.extend(printed);
    json!({"anyOf": forms})
}

fn unknown() -> Value {
    object(&["unknown"], &["unknown"], |_| {
        ("There is a policy whose content is not at hand, and why.", text())
    })
}

fn document(statement: &str) -> Value {
    let mut document = object(fields::POLICY, &["Statement"], |member| match member {
        "Version" => (
            "The version of the language; without 2012-10-17, variables are plain text.",
            one_of_texts(["2012-10-17", "2008-10-17"]),
        ),
        "Id" => ("A name for the policy.", text()),
        _ => ("One statement or a list.", json!({})),
    });
    if let Some(Value::Object(of)) = document.pointer_mut("/properties/Statement") {
        let either = json!([reference(statement), {"type": "array", "minItems": 1, "items": reference(statement)}]);
        of.insert("anyOf".into(), either);
    }
    document
}

fn element(name: &str) -> Property {
    match name {
        "Sid" => ("A name for the statement.", text()),
        "Effect" => ("What follows if the statement matches.", one_of_texts(["Allow", "Deny"])),
        "Principal" => ("Whom the statement is about.", reference("policyPrincipal")),
        "NotPrincipal" => ("Everybody but these; only with Deny.", reference("policyPrincipal")),
        "Action" => ("The actions that it is about.", one_or_many(&reference("policyAction"))),
        "NotAction" => ("Every action but these.", one_or_many(&reference("policyAction"))),
        "Resource" => {
            ("The resources; in a key policy `*`, which means this key.", one_or_many(&text()))
        }
        "NotResource" => ("Every resource but these.", one_or_many(&text())),
        "Condition" => {
            ("Operators with condition keys and values; all must hold.", reference("condition"))
        }
        _ => ("", json!({})),
    }
}

fn principal() -> Value {
    let kinds = object(fields::PRINCIPAL, &[], |kind| match kind {
        "AWS" => (
            "Accounts, or ARNs of users, roles and sessions, without wildcards.",
            one_or_many(&text()),
        ),
        "Service" => {
            ("Service principals, such as logs.us-east-1.amazonaws.com.", one_or_many(&text()))
        }
        "Federated" => ("KMS documents no meaning for it.", one_or_many(&text())),
        _ => ("Only Amazon S3 has canonical users.", one_or_many(&text())),
    });
    json!({"anyOf": [{"const": "*", "description": "Everyone."}, kinds]})
}

fn action() -> Value {
    let names = Action::all().iter().map(|action| action.name);
    json!({"anyOf": [
        one_of_texts(["*", "kms:*"].into_iter().chain(names)),
        {"type": "string", "pattern": "^(\\*|[A-Za-z0-9.*-]+:[^:]*)$"},
    ]})
}

/// The operators by AWS's names, to complete; the reader takes them in any case.
fn condition() -> Value {
    let properties: Map<String, Value> = Operator::names()
        .map(|name| {
            let about = "All of its keys must hold.";
            (name.to_owned(), json!({"description": about, "$ref": "#/$defs/conditionKeys"}))
        })
        .collect();
    json!({
        "type": "object",
        "properties": properties,
        "additionalProperties": reference("conditionKeys"),
    })
}

fn condition_keys() -> Value {
    let keys = ConditionKey::all().iter().filter(|key| key.prefix().is_none());
    let properties: Map<String, Value> = keys
        .map(|key| {
            let value = json!({
                "description": key.value_type.to_string(),
                "$ref": "#/$defs/conditionValue",
            });
            (key.name.to_owned(), value)
        })
        .collect();
    json!({
        "type": "object",
        "properties": properties,
        "additionalProperties": reference("conditionValue"),
    })
}
