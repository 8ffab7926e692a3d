//! Reading JSON that is one value or a list of them.

use serde_json::Value;

/// A string as it is, a number or boolean as its JSON text.
pub(crate) fn one(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The values of a list, or the one value; none of `null`.
pub(crate) fn list(value: &Value) -> Vec<String> {
    match value {
        Value::Null => Vec::new(),
        Value::Array(values) => values.iter().map(one).collect(),
        other => vec![one(other)],
    }
}

/// The items of a list, or the one item; none of `null`.
pub(crate) fn items(value: &Value) -> Vec<&Value> {
    match value {
        Value::Null => Vec::new(),
        Value::Array(values) => values.iter().collect(),
        other => vec![other],
    }
}

/// A map of texts.
pub(crate) fn pairs(value: &Value) -> Vec<(String, String)> {
    let Value::Object(map) = value else { return Vec::new() };
    map.iter().map(|(name, value)| (name.clone(), one(value))).collect()
}
