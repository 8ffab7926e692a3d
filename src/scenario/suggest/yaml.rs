//! A case as it is pasted into a scenario file.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use crate::text::Printable;

/// An item of the list `cases`: a line for each field.
pub(super) fn item(case: &Map<String, Value>) -> String {
    let mut text = String::new();
    for (index, (name, value)) in case.iter().enumerate() {
        let dash = if index == 0 { "  - " } else { "    " };
        let value = match value {
            Value::String(text) => scalar(text),
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
    if text.contains(':') { quoted(text) } else { scalar(text) }
}

/// Plain where that can mean nothing else, else in double quotes.
fn scalar(text: &str) -> String {
    let is_plain = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "_-/:.".contains(c))
        && !text.contains("::")
        && !text.ends_with(':')
        && !is_reserved(text);
    if is_plain { text.to_owned() } else { quoted(text) }
}

/// Words that are no texts, in YAML 1.1 too, which some editors read.
fn is_reserved(text: &str) -> bool {
    let words = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    words.iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// What a terminal could act on is escaped.
///
/// Source: [YAML](https://yaml.org/spec/1.2.2/#57-escaped-characters)
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        let is_harmless = Printable(c.encode_utf8(&mut [0; 4])).is_verbatim();
        let _ = match (c, u32::from(c)) {
            ('"' | '\\', _) => write!(quoted, "\\{c}"),
            _ if is_harmless => write!(quoted, "{c}"),
            (_, code @ ..=0xffff) => write!(quoted, "\\u{code:04x}"),
            (_, code) => write!(quoted, "\\U{code:08x}"),
        };
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::document::{Document, Format, Source};

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
