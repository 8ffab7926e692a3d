//! Edits of YAML that leave the rest of the text as it is.

use std::ops::Range;

use saphyr_parser::{Event, Parser, ScalarStyle};
use serde_json::{Map, Value};

use super::emit;
use super::expected;

/// A value and where it stands, without white space after it.
#[derive(Debug)]
struct Node {
    span: Range<usize>,
    content: Content,
}

#[derive(Debug)]
enum Content {
    Scalar(Value),
    List(Vec<Node>),
    Mapping(Vec<(String, Range<usize>, Node)>),
}

/// The text after a patch of what stands at a pointer; none if it would not say the same as
/// the patch. Aliases and multi-line keys are left alone.
pub(super) fn patched(text: &str, pointer: &str, patch: &[Value]) -> Option<String> {
    let expected = expected(Node::parse(text)?.value(), pointer, patch)?;
    let mut new = text.to_owned();
    for operation in patch {
        let place = format!("{pointer}{}", operation.get("path")?.as_str()?);
        new = made(&new, operation, &place)?;
    }
    (Node::parse(&new)?.value() == expected).then_some(new)
}

/// The text after one operation.
fn made(text: &str, operation: &Value, path: &str) -> Option<String> {
    let root = Node::parse(text)?;
    let (parent, last) = path.rsplit_once('/')?;
    let last = last.replace("~1", "/").replace("~0", "~");
    let parent = root.at(parent)?;
    let text = Text(text);
    let value = operation.get("value");
    match (operation.get("op")?.as_str()?, &parent.content) {
        ("add", Content::List(items)) if last == "-" => text.append(parent, items, value?),
        ("add", Content::Mapping(members)) => text.insert(parent, members, &last, value?),
        ("replace", Content::Mapping(members)) => {
            text.replace(&members.iter().find(|(name, ..)| *name == last)?.2, value?)
        }
        ("remove", Content::List(items)) => text.remove(parent, items, last.parse().ok()?),
        _ => None,
    }
}

impl Node {
    fn parse(text: &str) -> Option<Self> {
        let offsets: Vec<usize> = text.char_indices().map(|(offset, _)| offset).collect();
        let offset = |index: usize| offsets.get(index).copied().unwrap_or(text.len());
        let mut open: Vec<(usize, Vec<Self>, bool)> = Vec::new();
        let mut root = None;
        for event in Parser::new_from_str(text) {
            let (event, span) = event.ok()?;
            let span = offset(span.start.index())..offset(span.end.index());
            let node = match event {
                Event::Scalar(scalar, style, 0, None) => {
                    Self { span, content: Content::Scalar(value(&scalar, style)) }
                }
                Event::SequenceStart(0, None) => {
                    open.push((span.start, Vec::new(), false));
                    continue;
                }
                Event::MappingStart(0, None) => {
                    open.push((span.start, Vec::new(), true));
                    continue;
                }
                Event::SequenceEnd | Event::MappingEnd => {
                    let (start, nodes, is_mapping) = open.pop()?;
                    // A block collection ends where the next token begins, after comments.
                    let is_flow = text.get(start..)?.starts_with(['[', '{']);
                    let last = nodes.last().filter(|_| !is_flow).map(|last| last.span.end);
                    let end = last.unwrap_or(span.end);
                    let content = if is_mapping { members(nodes)? } else { Content::List(nodes) };
                    Self { span: start..end, content }
                }
                // Another part of the file may be the same value.
                Event::Scalar(..)
                | Event::SequenceStart(..)
                | Event::MappingStart(..)
                | Event::Alias(_) => return None,
                Event::Nothing
                | Event::StreamStart
                | Event::StreamEnd
                | Event::DocumentStart(_)
                | Event::DocumentEnd => continue,
            };
            match open.last_mut() {
                Some((_, nodes, _)) => nodes.push(node),
                None => root = Some(node),
            }
        }
        root
    }

    fn at(&self, pointer: &str) -> Option<&Self> {
        pointer.split('/').skip(1).try_fold(self, |node, step| {
            let step = step.replace("~1", "/").replace("~0", "~");
            match &node.content {
                Content::Mapping(members) => {
                    members.iter().find(|(name, ..)| *name == step).map(|(.., node)| node)
                }
                Content::List(items) => items.get(step.parse::<usize>().ok()?),
                Content::Scalar(_) => None,
            }
        })
    }

    fn value(&self) -> Value {
        match &self.content {
            Content::Scalar(value) => value.clone(),
            Content::List(items) => items.iter().map(Self::value).collect(),
            Content::Mapping(members) => {
                let member = |(name, _, node): &(String, _, Self)| (name.clone(), node.value());
                Value::Object(members.iter().map(member).collect::<Map<_, _>>())
            }
        }
    }
}

fn members(nodes: Vec<Node>) -> Option<Content> {
    let mut members = Vec::new();
    let mut nodes = nodes.into_iter();
    while let (Some(key), next) = (nodes.next(), nodes.next()) {
        let Content::Scalar(Value::String(name)) = key.content else { return None };
        members.push((name, key.span, next?));
    }
    Some(Content::Mapping(members))
}

/// A scalar, told apart as far as an edit could change it: numbers keep their text, and are no
/// texts.
fn value(text: &str, style: ScalarStyle) -> Value {
    match (style, text) {
        (ScalarStyle::Plain, "" | "~" | "null") => Value::Null,
        (ScalarStyle::Plain, "true") => Value::Bool(true),
        (ScalarStyle::Plain, "false") => Value::Bool(false),
        (ScalarStyle::Plain, number) if number.parse::<f64>().is_ok() => {
            Value::String(format!("\0{number}"))
        }
        _ => Value::String(text.to_owned()),
    }
}

struct Text<'t>(&'t str);

impl Text<'_> {
    fn slice(&self, span: &Range<usize>) -> Option<&str> {
        self.0.get(span.clone())
    }

    fn is_flow(&self, node: &Node) -> bool {
        self.slice(&node.span).is_some_and(|it| it.starts_with(['[', '{']))
    }

    fn newline(&self) -> &'static str {
        if self.0.contains("\r\n") { "\r\n" } else { "\n" }
    }

    fn line_start(&self, at: usize) -> Option<usize> {
        Some(self.0.get(..at)?.rfind('\n').map_or(0, |newline| newline + 1))
    }

    /// The end of the line, which may hold a comment.
    fn line_end(&self, at: usize) -> Option<usize> {
        let rest = self.0.get(at..)?;
        Some(
            at + rest.find('\n').map_or(rest.len(), |end| {
                end - usize::from(rest.get(..end).is_some_and(|it| it.ends_with('\r')))
            }),
        )
    }

    fn column(&self, at: usize) -> Option<usize> {
        Some(self.0.get(self.line_start(at)?..at)?.chars().count())
    }

    /// With something in place of a part.
    fn spliced(&self, span: Range<usize>, new: &str) -> Option<String> {
        Some(format!("{}{new}{}", self.0.get(..span.start)?, self.0.get(span.end..)?))
    }

    /// With lines of their own after the line in which something ends.
    fn with_lines(&self, after: usize, lines: &[String]) -> Option<String> {
        let end = self.line_end(after)?;
        let newline = self.newline();
        let lines = lines.iter().fold(String::new(), |all, line| all + newline + line);
        self.spliced(end..end, &lines)
    }

    /// Where the dash of an item of a block list stands.
    fn dash(&self, item: &Node) -> Option<usize> {
        let before = self.0.get(..item.span.start)?.trim_end();
        before.ends_with('-').then(|| before.len() - 1)
    }

    fn append(&self, list: &Node, items: &[Node], value: &Value) -> Option<String> {
        if self.is_flow(list) {
            let at = items.last().map_or(list.span.start + 1, |last| last.span.end);
            let comma = if items.is_empty() { "" } else { ", " };
            return self.spliced(at..at, &format!("{comma}{}", emit::flow(value)));
        }
        let indent = " ".repeat(self.column(self.dash(items.first()?)?)?);
        self.with_lines(list.span.end, &emit::item(value, &indent))
    }

    fn insert(
        &self,
        mapping: &Node,
        members: &[(String, Range<usize>, Node)],
        name: &str,
        value: &Value,
    ) -> Option<String> {
        if self.is_flow(mapping) {
            let at = members.last().map_or(mapping.span.start + 1, |(.., last)| last.span.end);
            let comma = if members.is_empty() { "" } else { ", " };
            let member = emit::flow_member(name, value);
            return self.spliced(at..at, &format!("{comma}{member}"));
        }
        let indent = " ".repeat(self.column(members.first()?.1.start)?);
        self.with_lines(mapping.span.end, &emit::member(name, value, &indent))
    }

    /// A value that becomes the first of a list keeps its text.
    fn replace(&self, node: &Node, value: &Value) -> Option<String> {
        let old = self.slice(&node.span)?;
        let first = value.as_array().and_then(|items| items.split_first());
        let Some((_, added)) = first.filter(|(first, _)| **first == node.value()) else {
            let is_line = matches!(node.content, Content::Scalar(_)) && !old.contains('\n');
            return is_line.then(|| self.spliced(node.span.clone(), &emit::flow(value)))?;
        };
        let is_block = matches!(node.content, Content::Mapping(_)) && !self.is_flow(node);
        if !is_block {
            let items = added.iter().map(emit::flow);
            let items = items.fold(String::new(), |all, item| all + ", " + &item);
            return self.spliced(node.span.clone(), &format!("[{old}{items}]"));
        }
        let indent = " ".repeat(self.column(node.span.start)?);
        let line =
            |line: &str| if line.trim().is_empty() { line.to_owned() } else { format!("  {line}") };
        let lines: Vec<String> = old.split('\n').skip(1).map(line).collect();
        let head = old.split('\n').next()?;
        let moved =
            std::iter::once(format!("- {head}")).chain(lines).collect::<Vec<_>>().join("\n");
        let text = self.spliced(node.span.clone(), &moved)?;
        let lines: Vec<String> = added.iter().flat_map(|it| emit::item(it, &indent)).collect();
        Text(&text).with_lines(node.span.start + moved.len(), &lines)
    }

    fn remove(&self, list: &Node, items: &[Node], index: usize) -> Option<String> {
        let item = items.get(index)?;
        if self.is_flow(list) {
            let before = index.checked_sub(1).and_then(|it| items.get(it));
            let span = match (before, items.get(index + 1)) {
                (Some(before), _) => before.span.end..item.span.end,
                (None, Some(after)) => item.span.start..after.span.start,
                (None, None) => item.span.clone(),
            };
            return self.spliced(span, "");
        }
        let dash = self.dash(item)?;
        let start = self.line_start(dash)?;
        let is_alone = self.0.get(start..dash)?.trim().is_empty();
        let end = self.line_end(item.span.end)?;
        let end = self.0.get(end..)?.find('\n').map_or(end, |newline| end + newline + 1);
        is_alone.then(|| self.spliced(start..end, ""))?
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const BLOCK: &str = "\
# the key
keys:
  app:
    policy:
      Version: \"2012-10-17\"   # as ever
      Statement:
        - Sid: Admins
          Effect: Allow
          Principal: {AWS: \"arn:aws:iam::123456789012:root\"}
          Action: [\"kms:*\"]  # all
          Resource: \"*\"

  # the other key
  other: {}
";

    fn add(path: &str, value: &Value) -> Value {
        json!({"op": "add", "path": path, "value": value})
    }

    #[test]
    fn a_statement_is_added_and_nothing_else_changes() {
        let statement = json!({"Sid": "a b", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:role/Web"}, "Action": ["kms:Decrypt"], "Resource": "*"});
        let patch = [add("/Statement/-", &statement)];
        let new = patched(BLOCK, "/keys/app/policy", &patch).unwrap();
        let added = "
        - Sid: a b
          Effect: Allow
          Principal:
            AWS: arn:aws:iam::123456789012:role/Web
          Action:
            - kms:Decrypt
          Resource: \"*\"";
        let old = "          Resource: \"*\"";
        assert_eq!(new, BLOCK.replacen(old, &format!("{old}{added}"), 1));
    }

    #[test]
    fn members_and_items_are_added_in_the_style_of_what_is_there() {
        let table = [
            (
                "Action: [a, b]  # all",
                add("/Action/-", &json!("kms:*")),
                "Action: [a, b, kms:*]  # all",
            ),
            (
                "Action:\n- a\n- b # two\n",
                add("/Action/-", &json!("c")),
                "Action:\n- a\n- b # two\n- c\n",
            ),
            ("A: {x: y}", add("/A/z", &json!({"k": "true"})), "A: {x: y, z: {k: \"true\"}}"),
            ("A:\n  x: y", add("/A/z", &json!({"k": "v"})), "A:\n  x: y\n  z:\n    k: v"),
            (
                "A: x # why\nB: y\n",
                json!({"op": "replace", "path": "/A", "value": ["x", "z"]}),
                "A: [x, z] # why\nB: y\n",
            ),
            ("A: [x, y, z]", json!({"op": "remove", "path": "/A/1"}), "A: [x, z]"),
            (
                "A:\r\n  - x # x\r\n  - y\r\nB: 1\r\n",
                json!({"op": "remove", "path": "/A/0"}),
                "A:\r\n  - y\r\nB: 1\r\n",
            ),
            ("A: 1", json!({"op": "replace", "path": "/A", "value": "*"}), "A: \"*\""),
            (
                "S:\n  E: é\n  # why\n  F: g\n",
                json!({"op": "replace", "path": "/S", "value": [{"E": "é", "F": "g"}, {"E": "h"}]}),
                "S:\n  - E: é\n    # why\n    F: g\n  - E: h\n",
            ),
        ];
        for (text, operation, expected) in table {
            assert_eq!(patched(text, "", &[operation]).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_an_anchor_repeats_is_left_alone() {
        for text in ["A: &a [x]\nB: *a\n", "A: !!str x\nB: [y]\n"] {
            assert_eq!(patched(text, "", &[add("/A/-", &json!("y"))]), None, "{text}");
        }
    }
}
