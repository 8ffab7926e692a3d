use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use saphyr_parser::{Event, Parser, ScalarStyle, Span, Tag};

use super::scalar;
use super::tags::{self, Meaning};
use super::{InputError, MAX_DEPTH, Member, Node, Place, Source, Value, object, too_deep};
use crate::text::Quoted;

/// Aliases may repeat a value, but not multiply a small file into a huge one.
const MAX_REPEATED_NODES: usize = 100_000;

/// Which YAML it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    /// Version 1.2, without tags.
    Plain,
    /// That of CloudFormation's templates.
    CloudFormation,
}

pub(super) fn parse(source: &Arc<Source>, dialect: Dialect) -> Result<Node, InputError> {
    Builder::new(source, dialect).build()
}

struct Builder<'s> {
    source: &'s Arc<Source>,
    dialect: Dialect,
    offsets: Option<Vec<usize>>,
    open: Vec<Collection>,
    anchors: HashMap<usize, Node>,
    repeated: usize,
    root: Option<Node>,
}

/// A list or mapping whose end has not been read yet.
struct Collection {
    start: usize,
    anchor: usize,
    meaning: Meaning,
    content: Content,
}

enum Content {
    List(Vec<Node>),
    /// The members so far, and the name whose value comes next.
    Mapping(Vec<Member>, Option<(String, Range<usize>)>),
}

impl<'s> Builder<'s> {
    fn new(source: &'s Arc<Source>, dialect: Dialect) -> Self {
        // The parser counts characters; where each is one byte there is nothing to convert.
        let offsets = (!source.text.is_ascii())
            .then(|| source.text.char_indices().map(|(offset, _)| offset).collect());
        Self {
            source,
            dialect,
            offsets,
            open: Vec::new(),
            anchors: HashMap::new(),
            repeated: 0,
            root: None,
        }
    }

    fn build(mut self) -> Result<Node, InputError> {
        let text = &self.source.text;
        for event in Parser::new_from_str(text) {
            let (event, span) = event.map_err(|error| {
                let offset = self.offset(error.marker().index());
                self.error(
                    offset..offset,
                    format!("expected YAML, found an error: {}", error.info()),
                )
            })?;
            self.take(event, self.span(span))?;
        }
        self.root.take().ok_or_else(|| self.error(0..0, "expected a YAML document, found none"))
    }

    fn take(&mut self, event: Event<'_>, span: Range<usize>) -> Result<(), InputError> {
        match event {
            Event::DocumentStart(_) if self.root.is_some() => {
                Err(self.error(span, "expected one YAML document, found a second"))
            }
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => Ok(()),
            Event::Scalar(text, style, anchor, tag) => {
                let meaning = self.meaning(tag.as_deref(), &span)?;
                let value = self.scalar(&text, style, &meaning);
                let written = self.source.text.get(span.clone()).unwrap_or_default();
                let span = span.start..span.start + scalar::length(written, style);
                self.add(wrapped(Node { value, span }, meaning), anchor)
            }
            Event::SequenceStart(anchor, tag) => {
                let meaning = self.meaning(tag.as_deref(), &span)?;
                let content = Content::List(Vec::new());
                self.enter(Collection { start: span.start, anchor, meaning, content })
            }
            Event::MappingStart(anchor, tag) => {
                let meaning = self.meaning(tag.as_deref(), &span)?;
                let content = Content::Mapping(Vec::new(), None);
                self.enter(Collection { start: span.start, anchor, meaning, content })
            }
            Event::SequenceEnd | Event::MappingEnd => self.leave(span),
            Event::Alias(anchor) => self.repeat(anchor, span),
        }
    }

    fn enter(&mut self, collection: Collection) -> Result<(), InputError> {
        if self.open.len() >= MAX_DEPTH {
            return Err(too_deep(self.source, collection.start));
        }
        self.open.push(collection);
        Ok(())
    }

    fn leave(&mut self, closing: Range<usize>) -> Result<(), InputError> {
        let Some(Collection { start, anchor, meaning, content }) = self.open.pop() else {
            return Ok(());
        };
        let value = match content {
            Content::List(items) => Value::Array(items),
            Content::Mapping(members, _) => object(self.source, members)?,
        };
        let is_bracket = |text: &str| text.starts_with([']', '}']);
        let end = match self.source.text.get(closing.start..) {
            Some(text) if is_bracket(text) => closing.start + 1,
            // The end of a block collection is where the next token begins.
            _ => closing.end,
        };
        let end = start + self.source.text.get(start..end).unwrap_or_default().trim_end().len();
        self.add(wrapped(Node { value, span: start..end }, meaning), anchor)
    }

    fn add(&mut self, node: Node, anchor: usize) -> Result<(), InputError> {
        if anchor != 0 {
            self.anchors.insert(anchor, node.clone());
        }
        match self.open.last_mut().map(|collection| &mut collection.content) {
            None => self.root = Some(node),
            Some(Content::List(items)) => items.push(node),
            Some(Content::Mapping(members, next)) => match next.take() {
                Some((name, name_span)) => members.push(Member { name, name_span, node }),
                None => match node.value {
                    Value::String(name)
                        if self.dialect == Dialect::CloudFormation && name == "<<" =>
                    {
                        return Err(self
                            .error(node.span, "expected a name, found `<<`")
                            .with_help(Some("CloudFormation merges no mappings")));
                    }
                    Value::String(name) | Value::Number(name) => *next = Some((name, node.span)),
                    Value::Bool(_) | Value::Null | Value::Array(_) | Value::Object(_) => {
                        return Err(self
                            .error(node.span, "expected a name, found another value")
                            .with_help(Some("put the name in quotation marks")));
                    }
                },
            },
        }
        Ok(())
    }

    fn repeat(&mut self, anchor: usize, span: Range<usize>) -> Result<(), InputError> {
        if self.dialect == Dialect::CloudFormation {
            return Err(self
                .error(span, "expected a value, found an alias of YAML")
                .with_help(Some("CloudFormation takes none: write the value again")));
        }
        let Some(node) = self.anchors.get(&anchor).cloned() else {
            return Err(
                self.error(span, "expected an anchor that ends before its alias, found none")
            );
        };
        let (nodes, depth) = size(&node);
        self.repeated += nodes;
        if self.repeated > MAX_REPEATED_NODES {
            return Err(
                self.error(span, "expected aliases to repeat little, found a file that multiplies")
            );
        }
        if self.open.len() + depth > MAX_DEPTH {
            return Err(too_deep(self.source, span.start));
        }
        self.add(node, 0)
    }

    fn meaning(&self, tag: Option<&Tag>, span: &Range<usize>) -> Result<Meaning, InputError> {
        let Some(tag) = tag else { return Ok(Meaning::Itself) };
        match self.dialect {
            Dialect::Plain => {
                let name = format!("{}{}", tag.handle, tag.suffix);
                let message = format!("expected no YAML tag, found {}", Quoted(&name));
                Err(self.error(span.clone(), message))
            }
            Dialect::CloudFormation => tags::meaning(tag)
                .map_err(|(message, help)| self.error(span.clone(), message).with_help(help)),
        }
    }

    fn scalar(&self, text: &str, style: ScalarStyle, meaning: &Meaning) -> Value {
        let is_boolean = self.dialect == Dialect::CloudFormation && !self.is_name_next();
        match (style, meaning) {
            (ScalarStyle::Plain, Meaning::Itself) if is_boolean => {
                tags::boolean(text).unwrap_or_else(|| plain(text))
            }
            (ScalarStyle::Plain, Meaning::Function(_) | Meaning::Itself) => plain(text),
            _ => Value::String(text.to_owned()),
        }
    }

    /// Whether what comes next is the name of a member.
    fn is_name_next(&self) -> bool {
        let content = self.open.last().map(|collection| &collection.content);
        matches!(content, Some(Content::Mapping(_, None)))
    }

    fn error(&self, span: Range<usize>, message: impl Into<String>) -> InputError {
        InputError::new(
            message,
            Place { source: self.source.clone(), span, pointer: String::new() },
        )
    }

    fn span(&self, span: Span) -> Range<usize> {
        self.offset(span.start.index())..self.offset(span.end.index())
    }

    fn offset(&self, character: usize) -> usize {
        let end = self.source.text.len();
        match &self.offsets {
            None => character.min(end),
            Some(offsets) => offsets.get(character).copied().unwrap_or(end),
        }
    }
}

/// The long form of a function that is written as a tag.
fn wrapped(node: Node, meaning: Meaning) -> Node {
    let Meaning::Function(name) = meaning else { return node };
    let span = node.span.clone();
    let name_span = span.clone();
    Node { value: Value::Object(vec![Member { name, name_span, node }]), span }
}

/// How many nodes a value has, and how many levels.
fn size(node: &Node) -> (usize, usize) {
    let children: Vec<(usize, usize)> = match &node.value {
        Value::Array(items) => items.iter().map(size).collect(),
        Value::Object(members) => members.iter().map(|member| size(&member.node)).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => return (1, 0),
    };
    let depth = children.iter().map(|(_, depth)| depth).max().copied().unwrap_or(0);
    (1 + children.iter().map(|(nodes, _)| nodes).sum::<usize>(), 1 + depth)
}

/// What an unquoted scalar means, by YAML 1.2's core schema. Numbers keep their text.
///
/// Source: [YAML 1.2.2, 10.3.2](https://yaml.org/spec/1.2.2/#1032-tag-resolution)
fn plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        text if is_number(text) => Value::Number(text.to_owned()),
        text => Value::String(text.to_owned()),
    }
}

fn is_number(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let all = |digits: &str, test: fn(&char) -> bool| {
        !digits.is_empty() && digits.chars().all(|digit| test(&digit))
    };
    match unsigned.get(..2) {
        Some("0x") => return all(unsigned.get(2..).unwrap_or_default(), char::is_ascii_hexdigit),
        Some("0o") => {
            return all(unsigned.get(2..).unwrap_or_default(), |c| ('0'..='7').contains(c));
        }
        _ => {}
    }
    matches!(unsigned, ".inf" | ".Inf" | ".INF" | ".nan" | ".NaN" | ".NAN")
        || (unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.')
            && unsigned.contains(|c: char| c.is_ascii_digit())
            && unsigned.parse::<f64>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::super::{At, Document, Format};
    use super::*;

    fn parse_text(text: &str) -> Result<Document, InputError> {
        let source = Source::from_bytes("s.yaml", text.as_bytes().to_vec()).unwrap();
        Document::parse(source, Format::Yaml)
    }

    fn error(text: &str) -> String {
        parse_text(text).unwrap_err().to_string()
    }

    #[test]
    fn unquoted_scalars_follow_the_core_schema() {
        let table = [
            ("2012-10-17", "`2012-10-17`"),
            ("012345678901", "the number `012345678901`"),
            ("yes", "`yes`"),
            ("1.50", "the number `1.50`"),
            ("0x1F", "the number `0x1F`"),
            ("~", "null"),
            ("'1'", "`1`"),
            ("True", "the boolean `true`"),
            ("infinity", "`infinity`"),
            ("1e5", "the number `1e5`"),
        ];
        for (text, expected) in table {
            let document = parse_text(&format!("a: {text}\n")).unwrap();
            let value = document.root().as_object().and_then(|root| root.get("a"));
            assert_eq!(value.map(At::describe).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn places_count_characters_and_spans_count_bytes() {
        let document = parse_text("é: ü\nlist:\n  - a\n  - b: 1\n    b2: 2\n").unwrap();
        let list = document.root().as_object().unwrap().get("list").unwrap();
        let place = list.as_list().unwrap().nth(1).unwrap().place();
        assert_eq!((place.to_string().as_str(), place.pointer.as_str()), ("s.yaml:4:5", "/list/1"));
        assert_eq!(&place.source.text[place.span], "b: 1\n    b2: 2");
    }

    #[test]
    fn what_has_no_single_reading_is_refused() {
        let table = [
            ("a: 1\na: 2\n", "found `a` again"),
            ("a: 1\n---\nb: 2\n", "found a second"),
            ("a: !Ref x\n", "found `!Ref`"),
            ("a: *nowhere\n", "expected YAML"),
            ("? [a]\n: 1\n", "expected a name"),
            ("a: [1, 2\n", "expected YAML"),
        ];
        for (text, expected) in table {
            assert!(error(text).contains(expected), "{text}: {}", error(text));
        }
        assert!(error(&"[".repeat(200)).contains("128 levels"));
        assert!(parse_text(&"[".repeat(100_000)).is_err());
    }

    #[test]
    fn aliases_repeat_but_do_not_multiply() {
        let document = parse_text("a: &x [1]\nb: *x\n").unwrap();
        let repeated = document.root().as_object().unwrap().get("b").unwrap();
        assert_eq!(repeated.as_list().unwrap().len(), 1);
        let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..9 {
            let aliases = vec![format!("*a{}", level - 1); 10].join(", ");
            bomb.push_str(
                &["a", &level.to_string(), ": &a", &level.to_string(), " [", &aliases, "]\n"]
                    .concat(),
            );
        }
        assert!(error(&bomb).contains("multiplies"));
    }
}
