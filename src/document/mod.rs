//! A JSON or YAML document that knows where each of its values stands.

mod cursor;
mod encoding;
mod error;
mod json;
mod notice;
mod origin;
mod scalar;
mod tags;
mod unroll;
mod yaml;

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

pub(crate) use self::cursor::{At, Object};
pub use self::error::{InputError, Place};
pub use self::notice::Notice;
pub(crate) use self::origin::{Origin, Values, below};
use crate::text::Quoted;

/// How a document is written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// JSON, strictly by [RFC 8259](https://www.rfc-editor.org/rfc/rfc8259).
    Json,
    /// YAML 1.2, without tags.
    Yaml,
    /// The YAML of CloudFormation's templates. The short form of a function, such as `!Ref X`,
    /// is read as its long form, `{Ref: X}`.
    CloudFormation,
}

impl Format {
    /// YAML for names that end in `.yaml` or `.yml`, else JSON.
    #[must_use]
    pub fn of(name: &str) -> Self {
        let extension = name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
        match extension.as_deref() {
            Some("yaml" | "yml") => Self::Yaml,
            _ => Self::Json,
        }
    }
}

/// Documents nested deeper than this are refused.
const MAX_DEPTH: usize = 128;

/// A text and the name it is known by.
#[derive(Debug)]
pub struct Source {
    /// The file's path as it was given, or what stands for it.
    pub name: String,
    /// The text, as it was read.
    pub text: String,
    /// Where each line begins, once somebody asks.
    lines: OnceLock<Vec<usize>>,
    /// Whether a character is a byte throughout, once somebody asks.
    is_ascii: OnceLock<bool>,
    /// Where it comes from, if it is no file by itself.
    origin: Option<Origin>,
}

impl PartialEq for Source {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.text == other.text
    }
}

impl Eq for Source {}

impl Source {
    /// A text by a name.
    #[must_use]
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Arc<Self> {
        Arc::new(Self {
            name: name.into(),
            text: text.into(),
            lines: OnceLock::new(),
            is_ascii: OnceLock::new(),
            origin: None,
        })
    }

    /// A text that was taken or made of another; the name says how.
    pub(crate) fn made(
        name: impl Into<String>,
        text: impl Into<String>,
        origin: Origin,
    ) -> Arc<Self> {
        Arc::new(Self {
            name: name.into(),
            text: text.into(),
            lines: OnceLock::new(),
            is_ascii: OnceLock::new(),
            origin: Some(origin),
        })
    }

    pub(crate) fn origin(&self) -> Option<&Origin> {
        self.origin.as_ref()
    }

    /// Checks that `bytes` are a text: UTF-8, or what a byte-order mark says, which is left out.
    /// `PowerShell` writes such marks, and UTF-16, with `>`.
    ///
    /// Source: [about_Character_Encoding](https://learn.microsoft.com/powershell/module/microsoft.powershell.core/about/about_character_encoding)
    ///
    /// # Errors
    ///
    /// If the bytes are no text in that encoding, or are empty.
    pub fn from_bytes(name: impl Into<String>, bytes: Vec<u8>) -> Result<Arc<Self>, InputError> {
        let name = name.into();
        match encoding::decoded(bytes) {
            Ok(text) if text.trim().is_empty() => Err(InputError::new(
                "expected a document, found an empty file",
                Place::start(Self::new(name, "")),
            )),
            Ok(text) => Ok(Self::new(name, text)),
            Err(encoding::Broken { message, help, before }) => {
                let end = before.len();
                let source = Self::new(name, before);
                let place = Place { source, span: end..end, pointer: String::new() };
                Err(InputError::new(message, place).with_help(help))
            }
        }
    }

    /// Line and column, both from 1 and the column in characters, of a byte offset.
    #[must_use]
    pub fn line_and_column(&self, offset: usize) -> (usize, usize) {
        let lines = self.lines.get_or_init(|| {
            let newlines = self.text.match_indices('\n').map(|(newline, _)| newline + 1);
            std::iter::once(0).chain(newlines).collect()
        });
        let line = lines.partition_point(|start| *start <= offset);
        let start = lines.get(line.saturating_sub(1)).copied().unwrap_or(0);
        let before = self.text.get(start..offset.min(self.text.len())).unwrap_or_default();
        let is_ascii = *self.is_ascii.get_or_init(|| self.text.is_ascii());
        let characters = if is_ascii { before.len() } else { before.chars().count() };
        (line, characters + 1)
    }
}

/// A parsed document.
#[derive(Debug)]
pub struct Document {
    source: Arc<Source>,
    root: Node,
}

impl Document {
    /// Parses a text as JSON or YAML.
    ///
    /// # Errors
    ///
    /// If it is not one, strictly: no comments or trailing commas in JSON, no second
    /// document, no member named twice in one object, nothing nested deeper than 128
    /// levels. The error has the place.
    pub fn parse(source: Arc<Source>, format: Format) -> Result<Self, InputError> {
        let root = match format {
            Format::Json => json::parse(&source)?,
            Format::Yaml => yaml::parse(&source, yaml::Dialect::Plain)?,
            Format::CloudFormation => yaml::parse(&source, yaml::Dialect::CloudFormation)?,
        };
        Ok(Self { source, root })
    }

    /// Parses a text of JSON values that follow each other, none included.
    ///
    /// # Errors
    ///
    /// As [`parse`](Self::parse), but that there may be several.
    pub fn parse_all(source: &Arc<Source>) -> Result<Vec<Self>, InputError> {
        let nodes = json::parse_all(source)?.into_iter();
        Ok(nodes.map(|root| Self { source: source.clone(), root }).collect())
    }

    /// A value as the only member of an object, as if that had stood around it. What is not whole
    /// is marked as AWS marks a page.
    pub(crate) fn enclosed(at: At<'_>, name: &str, is_whole: bool) -> Self {
        let span = at.span();
        let member = |name: &str, value: Node| Member {
            name: name.to_owned(),
            name_span: span.clone(),
            node: value,
        };
        let mut members = vec![member(name, at.to_node())];
        if !is_whole {
            members
                .push(member("Truncated", Node { value: Value::Bool(true), span: span.clone() }));
        }
        let source = at.shared_source();
        Self { source, root: Node { value: Value::Object(members), span } }
    }

    /// The text that was parsed.
    #[must_use]
    pub fn source(&self) -> &Arc<Source> {
        &self.source
    }

    /// The document as plain JSON, without places.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        self.root().to_json()
    }

    pub(crate) fn root(&self) -> At<'_> {
        At::new(self, &self.root)
    }

    /// Where the value stands that a JSON pointer leads to, or what is left of the way there.
    #[must_use]
    pub fn place_at(&self, pointer: &str) -> Place {
        let mut at = self.root();
        let mut found = String::new();
        for step in pointer.split('/').skip(1) {
            let name = step.replace("~1", "/").replace("~0", "~");
            let index = name.parse::<usize>().ok();
            let item = |index: usize| at.as_list().and_then(|mut items| items.nth(index));
            let member = at.as_object().and_then(|object| object.get(&name));
            let Some(next) = member.or_else(|| index.and_then(item)) else { break };
            found = found + "/" + step;
            at = next;
        }
        Place { source: self.source.clone(), span: at.span(), pointer: found }
    }

    /// The JSON pointer ([RFC 6901](https://www.rfc-editor.org/rfc/rfc6901)) of a node.
    fn pointer(&self, target: &Node) -> String {
        let mut path = Vec::new();
        let found = descend(&self.root, target, &mut path);
        if !found {
            path.clear();
            find(&self.root, target, &mut path);
        }
        path.iter().fold(String::new(), |pointer, step| below(&pointer, step))
    }
}

/// The way to a node by the bytes that it stands in; fails for what an alias repeats.
fn descend(mut node: &Node, target: &Node, path: &mut Vec<String>) -> bool {
    while !std::ptr::eq(node, target) {
        let at = target.span.start;
        let next = match &node.value {
            Value::Array(items) => {
                let index = items.partition_point(|item| item.span.start <= at).checked_sub(1);
                index.and_then(|index| Some((index.to_string(), items.get(index)?)))
            }
            Value::Object(members) => {
                let index = members.partition_point(|it| it.node.span.start <= at).checked_sub(1);
                index
                    .and_then(|index| members.get(index))
                    .map(|member| (member.name.clone(), &member.node))
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
        };
        let Some((step, child)) = next else { return false };
        path.push(step);
        node = child;
    }
    true
}

/// Depth-first search by identity; no deeper than `MAX_DEPTH`.
fn find(node: &Node, target: &Node, path: &mut Vec<String>) -> bool {
    if std::ptr::eq(node, target) {
        return true;
    }
    let mut enter = |child: &Node, step: &dyn Fn() -> String| {
        let depth = path.len();
        let found = find(child, target, path);
        if found {
            path.insert(depth, step());
        }
        found
    };
    match &node.value {
        Value::Array(items) => {
            items.iter().enumerate().any(|(index, item)| enter(item, &|| index.to_string()))
        }
        Value::Object(members) => {
            members.iter().any(|member| enter(&member.node, &|| member.name.clone()))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

/// A value and the bytes it stands in.
#[derive(Clone, Debug)]
struct Node {
    value: Value,
    span: Range<usize>,
}

#[derive(Clone, Debug)]
enum Value {
    Null,
    Bool(bool),
    /// As it is written: `1e999` and `0.10` keep their digits.
    Number(String),
    String(String),
    Array(Vec<Node>),
    Object(Vec<Member>),
}

#[derive(Clone, Debug)]
struct Member {
    name: String,
    name_span: Range<usize>,
    node: Node,
}

/// The members of an object, none of them twice. Names are compared after their
/// escapes are read, so `"\u0045ffect"` is `"Effect"`.
fn object(source: &Arc<Source>, members: Vec<Member>) -> Result<Value, InputError> {
    let mut seen = HashMap::new();
    for (index, member) in members.iter().enumerate() {
        // Most objects are small, and there a look is faster than a hash.
        let earlier = match members.len() {
            0..=16 => members.iter().take(index).find(|earlier| earlier.name == member.name),
            _ => seen.insert(member.name.as_str(), member),
        };
        if let Some(first) = earlier.map(|earlier| &earlier.name_span) {
            let (line, column) = source.line_and_column(first.start);
            return Err(InputError::new(
                format!(
                    "expected each member once, found {} again (first at line {line}, column {column})",
                    Quoted(&member.name)
                ),
                Place {
                    source: source.clone(),
                    span: member.name_span.clone(),
                    pointer: String::new(),
                },
            ));
        }
    }
    Ok(Value::Object(members))
}

fn too_deep(source: &Arc<Source>, offset: usize) -> InputError {
    InputError::new(
        format!("expected at most {MAX_DEPTH} levels of nesting, found more"),
        Place { source: source.clone(), span: offset..offset + 1, pointer: String::new() },
    )
}
