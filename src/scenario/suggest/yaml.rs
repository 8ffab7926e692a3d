//! A case as it is pasted into a scenario file.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use crate::text::yaml_scalar;

/// An item of the list `cases`: a line for each field.
pub(super) fn item(case: &Map<String, Value>) -> String {
    let mut text = String::new();
    for (index, (name, value)) in case.iter().enumerate() {
        let dash = if index == 0 { "  - " } else { "    " };
        let value = match value {
            Value::String(text) => yaml_scalar(text),
            value => inline(value),
        };
        let _ = writeln!(text, "{dash}{}: {value}", within(name));
    }
    text
}

/// On one line.
fn inline(value: &Value) -> String {
    match value {
        Value::String(text) => within(text),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(inline).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(members) => {
            let member =
                |(name, value): (&String, &Value)| format!("{}: {}", within(name), inline(value));
            let members: Vec<String> = members.iter().map(member).collect();
            format!("{{{}}}", members.join(", "))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}

/// Within braces and as a name, a colon is for the eye of a parser only.
fn within(text: &str) -> String {
    let scalar = yaml_scalar(text);
    if text.contains(':') && scalar == text { format!("\"{text}\"") } else { scalar }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::document::{Document, Format, Source};
    use crate::text::Printable;

    #[test]
    fn what_is_written_is_read_again() {
        let hostile = json!({
            "name": "a: b # c \"d\" \\ \u{1b}[2J \u{202e} \u{e0041} é",
            "kms:EncryptionContext:x": ["yes", "1", "", "- a", "arn:aws:iam::123456789012:role/A"],
            "true": {"mfa": true, "at": null, "n": 1},
        });
        let text = item(hostile.as_object().unwrap());
        assert!(text.lines().all(|line| Printable(line).is_verbatim()), "{text}");
        let document = Document::parse(Source::new("x", text), Format::Yaml).unwrap();
        assert_eq!(document.root().to_json(), json!([hostile]));
    }
}
