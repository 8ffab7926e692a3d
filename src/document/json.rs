use std::ops::Range;
use std::sync::Arc;

use jsonc_parser::ast;
use jsonc_parser::common::Ranged;
use serde::de::IgnoredAny;

use super::{InputError, MAX_DEPTH, Member, Node, Place, Source, Value, object, too_deep};
use crate::text::Quoted;

/// Three passes, each by the tool that is best at it: depth, so that nothing after it
/// can overflow; `serde_json` as the strict judge of the grammar; `jsonc-parser` for
/// the ranges.
pub(super) fn parse(source: &Arc<Source>) -> Result<Node, InputError> {
    check_depth(source)?;
    serde_json::from_str::<IgnoredAny>(&source.text).map_err(|error| syntax(source, &error))?;
    tree(source, 0..source.text.len())
}

/// One value after another, as commands print that are called one after another.
pub(super) fn parse_all(source: &Arc<Source>) -> Result<Vec<Node>, InputError> {
    check_depth(source)?;
    let mut values = serde_json::Deserializer::from_str(&source.text).into_iter::<IgnoredAny>();
    let mut nodes = Vec::new();
    let mut start = 0;
    while let Some(value) = values.next() {
        value.map_err(|error| syntax(source, &error))?;
        nodes.push(tree(source, start..values.byte_offset())?);
        start = values.byte_offset();
    }
    Ok(nodes)
}

/// The value in a part of the text that is known to hold one.
fn tree(source: &Arc<Source>, part: Range<usize>) -> Result<Node, InputError> {
    let strict = jsonc_parser::ParseOptions {
        allow_comments: false,
        allow_loose_object_property_names: false,
        allow_trailing_commas: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    };
    let collect = jsonc_parser::CollectOptions::default();
    let text = source.text.get(part.clone()).unwrap_or_default();
    let parsed = jsonc_parser::parse_to_ast(text, &collect, &strict).map_err(|error| {
        let range = error.range();
        at(
            source,
            part.start + range.start..part.start + range.end,
            format!("expected JSON, found an error: {}", error.kind()),
        )
    })?;
    let root = parsed
        .value
        .ok_or_else(|| at(source, part.clone(), "expected a JSON value, found none"))?;
    node(source, part.start, root)
}

/// The tree of a value in the part of the text that begins at `base`.
fn node(source: &Arc<Source>, base: usize, value: ast::Value<'_>) -> Result<Node, InputError> {
    let range = value.range();
    let value = match value {
        ast::Value::NullKeyword(_) => Value::Null,
        ast::Value::BooleanLit(literal) => Value::Bool(literal.value),
        ast::Value::NumberLit(literal) => Value::Number(literal.value.to_owned()),
        ast::Value::StringLit(literal) => Value::String(literal.value.into_owned()),
        ast::Value::Array(array) => {
            let items = array.elements.into_iter().map(|element| node(source, base, element));
            Value::Array(items.collect::<Result<_, _>>()?)
        }
        ast::Value::Object(properties) => {
            let members = properties.properties.into_iter().map(|property| {
                let name = property.name.range();
                Ok(Member {
                    name_span: base + name.start..base + name.end,
                    name: property.name.into_string(),
                    node: node(source, base, property.value)?,
                })
            });
            object(source, members.collect::<Result<_, InputError>>()?)?
        }
    };
    Ok(Node { value, span: base + range.start..base + range.end })
}

/// Counts brackets outside strings. The first too many is the error, closed or not.
fn check_depth(source: &Arc<Source>) -> Result<(), InputError> {
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for (offset, byte) in source.text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'[' | b'{' if !in_string => {
                depth += 1;
                if depth > MAX_DEPTH {
                    return Err(too_deep(source, offset));
                }
            }
            b']' | b'}' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    Ok(())
}

fn at(source: &Arc<Source>, span: Range<usize>, message: impl Into<String>) -> InputError {
    InputError::new(message, Place { source: source.clone(), span, pointer: String::new() })
}

/// `serde_json`'s verdict, with what stands there and a guess at what was meant.
fn syntax(source: &Arc<Source>, error: &serde_json::Error) -> InputError {
    let offset = match error.classify() {
        serde_json::error::Category::Eof => source.text.trim_end().len(),
        _ => offset_of(&source.text, error.line(), error.column()),
    };
    // Of a control character it names the one before.
    let here = source.text.get(offset..).unwrap_or_default();
    let is_before =
        error.to_string().starts_with("control character") && !here.starts_with(|c: char| c < ' ');
    let step = here.chars().next().filter(|_| is_before).map_or(0, char::len_utf8);
    let offset = offset + step;
    let rest = source.text.get(offset..).unwrap_or_default();
    let found = match rest.chars().next() {
        Some(c) => Quoted(c.encode_utf8(&mut [0; 4])).to_string(),
        None => "the end of the file".to_owned(),
    };
    let length = rest.chars().next().map_or(0, char::len_utf8);
    let reason = error.to_string();
    let reason = reason.rsplit_once(" at line ").map_or(reason.as_str(), |(reason, _)| reason);
    at(source, offset..offset + length, format!("expected JSON, found {found}: {reason}"))
        .with_help(guess(&source.text, offset))
}

/// The byte offset of `serde_json`'s line and column, which counts bytes and names the
/// last byte it read.
fn offset_of(text: &str, line: usize, column: usize) -> usize {
    let start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let mut offset = (start + column.saturating_sub(1)).min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

fn guess(text: &str, offset: usize) -> Option<&'static str> {
    let (before, rest) = text.split_at_checked(offset)?;
    let text = text.trim_start();
    match () {
        () if text.starts_with("%7B") || text.starts_with("%7b") => {
            Some("this is URL-encoded text: decode it first")
        }
        () if text.starts_with('<') => Some("this looks like XML or HTML"),
        () if text.starts_with("---")
            || text.starts_with("Version:")
            || text.starts_with("Statement:") =>
        {
            Some("this looks like YAML: name the file .yaml or .yml")
        }
        () if rest.starts_with(['}', ']']) && before.trim_end().ends_with(',') => {
            Some("remove the trailing comma")
        }
        () if rest.starts_with("//") || rest.starts_with("/*") || rest.starts_with('#') => {
            Some("JSON has no comments")
        }
        () if rest.starts_with('\'') => Some("JSON strings stand in double quotation marks"),
        () => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Document, Format};
    use super::*;

    fn error(text: &str) -> String {
        let source = Source::from_bytes("p.json", text.as_bytes().to_vec()).unwrap();
        Document::parse(source, Format::Json).unwrap_err().to_string()
    }

    #[test]
    fn what_json_does_not_allow_is_refused_with_its_place() {
        let table = [
            (
                "{\"a\": 1,}",
                "p.json:1:9: expected JSON, found `}`: key must be a string; remove the trailing comma",
            ),
            (
                "{\n  // x\n}",
                "p.json:2:3: expected JSON, found `/`: key must be a string; JSON has no comments",
            ),
            ("{'a': 1}", "double quotation marks"),
            ("{} {}", "p.json:1:4: expected JSON, found `{`: trailing characters"),
            ("{\"a\": NaN}", "p.json:1:7"),
            ("{\"a\": 010}", "p.json:1:8"),
            ("{\"a\": +1}", "p.json:1:7"),
            ("{\"a\": 0x10}", "p.json:1:8"),
            ("%7B%22Version%22", "URL-encoded"),
            ("<html>", "XML or HTML"),
            ("{\"a\": [", "the end of the file"),
            ("{\"a\": \"\u{1}\"}", "control character"),
            ("{\"a\": \"\\ud800\"}", "p.json:1:"),
        ];
        for (text, expected) in table {
            assert!(error(text).contains(expected), "{text}: {}", error(text));
        }
    }

    #[test]
    fn of_several_values_each_has_its_place_in_the_whole_text() {
        let source = Source::new("p.json", "{\"a\": 1}\n{\"b\": {\"c\": 2}}[3]");
        let documents = Document::parse_all(&source).unwrap();
        let inner = documents[1].root().as_object().unwrap().get("b").unwrap();
        assert_eq!(
            (inner.place().to_string().as_str(), inner.place().pointer.as_str()),
            ("p.json:2:7", "/b")
        );
        assert_eq!(documents.len(), 3);
        let broken = Source::new("p.json", "{\"a\": 1}\n{\"b\": x}");
        let error = Document::parse_all(&broken).unwrap_err().to_string();
        assert!(error.starts_with("p.json:2:7: expected JSON, found `x`"), "{error}");
        let twice = Source::new("p.json", "{}\n{\"b\": 1, \"b\": 2}");
        let error = Document::parse_all(&twice).unwrap_err().to_string();
        assert!(error.starts_with("p.json:2:10: expected each member once"), "{error}");
    }

    #[test]
    fn a_member_may_not_appear_twice_at_any_depth() {
        let deep = "{\"a\": [{\"Effect\": 1,\n \"\\u0045ffect\": 2}]}";
        assert!(
            error(deep).starts_with("p.json:2:2: expected each member once, found `Effect` again")
        );
    }

    #[test]
    fn nesting_is_limited_before_anything_recurses() {
        assert!(error(&"[".repeat(200_000)).contains("128 levels"));
        assert!(error(&format!("{}1{}", "[".repeat(129), "]".repeat(129))).contains("128 levels"));
        let source =
            Source::from_bytes("p.json", format!("{}1{}", "[".repeat(128), "]".repeat(128)).into());
        assert!(Document::parse(source.unwrap(), Format::Json).is_ok());
    }

    #[test]
    fn an_encoding_other_than_utf8_is_named() {
        let table: [(&[u8], &str); 4] = [
            (b"{\x00}\x00", "UTF-16"),
            (b"\x1f\x8b\x08", "gzip"),
            (b"{\"a\":\n\"\xe9\"}", "byte 0xe9 at offset 7, on line 2"),
            (b" \n", "empty file"),
        ];
        for (bytes, expected) in table {
            let error = Source::from_bytes("p.json", bytes.to_vec()).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }
}
