//! A small writer of YAML: block style, comments, and what stands twice by an alias.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Map, Value};

use crate::text::{Printable, yaml_scalar};

/// Lists of short texts up to this many characters stand on one line.
const LINE: usize = 80;

/// What is written besides the value itself.
#[derive(Debug, Default)]
pub(super) struct Notes {
    /// What stands above a member, by its JSON pointer.
    pub(super) comments: BTreeMap<String, String>,
    /// Values that stand somewhere else, by the text that stands for them, with the name of
    /// their anchor if they stand more than once.
    pub(super) shared: BTreeMap<String, (Value, Option<String>)>,
}

/// The value as YAML 1.2.
///
/// Source: [YAML 1.2.2](https://yaml.org/spec/1.2.2/)
pub(super) fn write(value: &Value, notes: &Notes) -> String {
    let mut writer = Writer { notes, out: String::new(), told: Vec::new() };
    match value {
        Value::Object(members) => writer.members(members, 0, ""),
        _ => writer.value(value, 0, ""),
    }
    writer.out
}

struct Writer<'a> {
    notes: &'a Notes,
    out: String,
    /// The anchors that stand already.
    told: Vec<&'a str>,
}

impl Writer<'_> {
    fn members(&mut self, members: &Map<String, Value>, depth: usize, pointer: &str) {
        for (name, value) in members {
            let pointer = format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"));
            self.comment(&pointer, depth);
            self.indent(depth);
            self.out.push_str(&yaml_scalar(name));
            self.out.push(':');
            self.value(value, depth + 1, &pointer);
        }
    }

    fn items(&mut self, items: &[Value], depth: usize, pointer: &str) {
        for (index, value) in items.iter().enumerate() {
            let pointer = format!("{pointer}/{index}");
            self.comment(&pointer, depth);
            self.indent(depth);
            self.out.push('-');
            self.item(value, depth + 1, &pointer);
        }
    }

    /// An item of a list: an object begins on the line of its dash.
    fn item(&mut self, value: &Value, depth: usize, pointer: &str) {
        match value {
            Value::Object(members) if !members.is_empty() => {
                let start = self.out.len();
                self.members(members, depth, pointer);
                let indent = "  ".repeat(depth);
                if self.out.get(start..).is_some_and(|text| text.starts_with(&indent)) {
                    self.out.replace_range(start..start + indent.len(), " ");
                } else {
                    self.out.insert(start, '\n');
                }
            }
            _ => self.value(value, depth, pointer),
        }
    }

    /// What comes behind a colon or a dash, to the end of its last line.
    fn value(&mut self, value: &Value, depth: usize, pointer: &str) {
        let notes = self.notes;
        let shared = value.as_str().and_then(|name| notes.shared.get(name));
        if let Some((value, anchor)) = shared {
            match anchor {
                Some(anchor) if self.told.contains(&anchor.as_str()) => {
                    let _ = writeln!(self.out, " *{anchor}");
                    return;
                }
                Some(anchor) => {
                    let _ = write!(self.out, " &{anchor}");
                    self.told.push(anchor);
                }
                None => {}
            }
            return self.value(value, depth, pointer);
        }
        match value {
            Value::Object(members) if !members.is_empty() => {
                self.out.push('\n');
                self.members(members, depth, pointer);
            }
            Value::Array(items) if !items.is_empty() => {
                if let Some(line) = on_a_line(items, notes) {
                    let _ = writeln!(self.out, " {line}");
                } else {
                    self.out.push('\n');
                    self.items(items, depth, pointer);
                }
            }
            _ => {
                let _ = writeln!(self.out, " {}", plain(value));
            }
        }
    }

    fn comment(&mut self, pointer: &str, depth: usize) {
        let notes = self.notes;
        if let Some(comment) = notes.comments.get(pointer) {
            self.indent(depth);
            let _ = writeln!(self.out, "# {}", Printable(comment));
        }
    }

    fn indent(&mut self, depth: usize) {
        (0..depth).for_each(|_| self.out.push_str("  "));
    }
}

/// A short list of texts.
fn on_a_line(items: &[Value], notes: &Notes) -> Option<String> {
    let is_short = |item: &Value| match item {
        Value::String(text) => !notes.shared.contains_key(text),
        Value::Bool(_) | Value::Number(_) | Value::Null => true,
        Value::Array(_) | Value::Object(_) => false,
    };
    let texts = items.iter().all(is_short).then(|| items.iter().map(plain).collect::<Vec<_>>());
    texts.map(|texts| format!("[{}]", texts.join(", "))).filter(|line| line.len() <= LINE)
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => yaml_scalar(text),
        Value::Array(items) if items.is_empty() => "[]".into(),
        Value::Object(_) => "{}".into(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::document::{Document, Format, Source};

    fn read(text: &str) -> Value {
        let document = Document::parse(Source::new("x.yaml", text), Format::Yaml).unwrap();
        document.root().to_json()
    }

    #[test]
    fn what_is_written_is_read_again() {
        let value = json!({
            "account": "012345678901", "true": "no", "a: b": "x #y", "": " ", "e": [], "o": {},
            "kms:*": ["*", "-", "a,b", "é\u{2028}\u{7}\"\\\n", "2012-10-17", "1e5", "~", "[x]", "&a", "a\u{85}b"],
            "n": 1.5, "b": true, "z": null, "long": ["arn:aws:iam::123456789012:role/with-a-very-long-name", "arn:aws:iam::123456789012:role/another-long-name"],
            "deep": [[["a"], [{"b": [{"c": 1, "d": {"e": "f"}}]}], []], {"g": {}}],
            "${aws:username}": "%7B", "arn:aws:kms:us-east-1:123456789012:key/*": "k:",
        });
        let text = write(&value, &Notes::default());
        assert_eq!(read(&text), value, "{text}");
    }

    #[test]
    fn what_stands_twice_is_written_once() {
        let mut notes = Notes::default();
        notes.shared.insert("\u{0}1".into(), (json!({"Statement": []}), Some("Use".into())));
        notes.shared.insert("\u{0}2".into(), (json!({"Sid": "x"}), None));
        notes.comments.insert("/a".into(), "from\nhere".into());
        notes.comments.insert("/l/0".into(), "first".into());
        let value = json!({"a": "\u{0}1", "l": ["\u{0}1", "\u{0}2", {"b": 1}]});
        let text = write(&value, &notes);
        assert_eq!(
            text,
            "# from\\nhere\na: &Use\n  Statement: []\nl:\n  # first\n  - *Use\n  -\n    Sid: x\n  - b: 1\n"
        );
        let policy = json!({"Statement": []});
        assert_eq!(read(&text), json!({"a": policy, "l": [policy, {"Sid": "x"}, {"b": 1}]}));
    }
}
