//! A policy as the JSON document that it was read from.

use serde_json::Value;

use crate::document::{At, Document, Format, InputError, Source};

/// The document that stands at `pointer` in the text of `source`.
///
/// Numbers become the texts that they are written as: only conditions have any, and those
/// compare texts, so that `0.10` stays what it is.
pub(super) fn read(source: &Source, pointer: &str) -> Result<Value, InputError> {
    let parse = |format| Document::parse(Source::new(&source.name, &source.text), format);
    // JSON is YAML, but for what a text of JSON alone may hold.
    let document = parse(Format::Json).or_else(|_| parse(Format::Yaml))?;
    let whole = plain(document.root());
    Ok(whole.pointer(pointer).cloned().unwrap_or(whole))
}

fn plain(at: At<'_>) -> Value {
    if let Some(items) = at.as_list() {
        return items.map(plain).collect();
    }
    if let Some(object) = at.as_object() {
        return object.members().map(|(name, at)| (name.to_owned(), plain(at))).collect();
    }
    match (at.as_bool(), at.as_scalar()) {
        (Some(value), _) => Value::Bool(value),
        (None, Some(text)) => Value::String(text.to_owned()),
        (None, None) => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_policy_inside_a_yaml_document_is_found_and_numbers_keep_their_digits() {
        let text =
            "keys:\n  a/b:\n    policy: {Statement: [{Condition: {NumericLessThan: {x: 0.10}}}]}\n";
        let read = read(&Source::new("env.yaml", text), "/keys/a~1b/policy").unwrap();
        assert_eq!(read, json!({"Statement": [{"Condition": {"NumericLessThan": {"x": "0.10"}}}]}));
    }

    #[test]
    fn a_document_of_its_own_is_read_whole() {
        let text = r#"{"Statement": {"Effect": "Deny"}, "Id": "x"}"#;
        let read = read(&Source::new("key.json", text), "").unwrap();
        assert_eq!(read, json!({"Statement": {"Effect": "Deny"}, "Id": "x"}));
    }
}
