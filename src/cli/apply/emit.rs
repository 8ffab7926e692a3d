//! Values as a person would write them in YAML.

use kms_sim::text::yaml_scalar;
use serde_json::Value;

/// Within a line.
pub(super) fn flow(value: &Value) -> String {
    let joined = |parts: Vec<String>| parts.join(", ");
    match value {
        Value::String(text) => yaml_scalar(text),
        Value::Array(items) => format!("[{}]", joined(items.iter().map(flow).collect())),
        Value::Object(members) => {
            let members = members.iter().map(|(name, value)| flow_member(name, value));
            format!("{{{}}}", joined(members.collect()))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}

pub(super) fn flow_member(name: &str, value: &Value) -> String {
    format!("{}: {}", yaml_scalar(name), flow(value))
}

/// The lines of an item of a list.
pub(super) fn item(value: &Value, indent: &str) -> Vec<String> {
    let inner = format!("{indent}  ");
    let Some(members) = value.as_object().filter(|members| !members.is_empty()) else {
        return vec![format!("{indent}- {}", flow(value))];
    };
    let mut lines: Vec<String> =
        members.iter().flat_map(|(name, value)| member(name, value, &inner)).collect();
    if let Some(first) = lines.first_mut() {
        *first = format!("{indent}- {}", first.trim_start());
    }
    lines
}

/// The lines of a member of a mapping.
pub(super) fn member(name: &str, value: &Value, indent: &str) -> Vec<String> {
    let inner = format!("{indent}  ");
    let below: Vec<String> = match value {
        Value::Array(items) => items.iter().flat_map(|it| item(it, &inner)).collect(),
        Value::Object(members) => {
            members.iter().flat_map(|(name, value)| member(name, value, &inner)).collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    };
    if below.is_empty() {
        return vec![format!("{indent}{}", flow_member(name, value))];
    }
    std::iter::once(format!("{indent}{}:", yaml_scalar(name))).chain(below).collect()
}
