use super::{Document, InputError, Member, Node, Place, Source, Value};
use crate::text::{Quoted, did_you_mean};

/// A value in a document, which knows its place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct At<'a> {
    document: &'a Document,
    node: &'a Node,
}

impl<'a> At<'a> {
    pub(super) fn new(document: &'a Document, node: &'a Node) -> Self {
        Self { document, node }
    }

    pub(crate) fn place(self) -> Place {
        Place {
            source: self.document.source.clone(),
            span: self.node.span.clone(),
            pointer: self.document.pointer(self.node),
        }
    }

    /// The text that the value stands in.
    pub(crate) fn source(self) -> &'a Source {
        &self.document.source
    }

    pub(super) fn shared_source(self) -> std::sync::Arc<Source> {
        self.document.source.clone()
    }

    pub(super) fn to_node(self) -> Node {
        self.node.clone()
    }

    /// The bytes of the source that the value stands in.
    pub(crate) fn span(self) -> std::ops::Range<usize> {
        self.node.span.clone()
    }

    /// Whether it is that value or a part of it.
    pub(crate) fn is_within(self, other: At<'_>) -> bool {
        let (own, other_span) = (&self.node.span, &other.node.span);
        std::ptr::eq(self.document, other.document)
            && other_span.start <= own.start
            && own.end <= other_span.end
    }

    pub(crate) fn error(self, message: impl Into<String>) -> InputError {
        InputError::new(message, self.place())
    }

    /// The error that something else was expected here.
    pub(crate) fn expected(self, what: &str) -> InputError {
        self.error(format!("expected {what}, found {}", self.describe()))
    }

    /// What stands here, for an error message.
    pub(crate) fn describe(self) -> String {
        match &self.node.value {
            Value::Null => "null".into(),
            Value::Bool(value) => format!("the boolean `{value}`"),
            Value::Number(number) => format!("the number {}", Quoted(number)),
            Value::String(text) => Quoted(text).to_string(),
            Value::Array(items) if items.is_empty() => "an empty list".into(),
            Value::Array(_) => "a list".into(),
            Value::Object(_) => "an object".into(),
        }
    }

    pub(crate) fn is_null(self) -> bool {
        matches!(self.node.value, Value::Null)
    }

    pub(crate) fn as_bool(self) -> Option<bool> {
        match self.node.value {
            Value::Bool(value) => Some(value),
            _ => None,
        }
    }

    pub(crate) fn as_str(self) -> Option<&'a str> {
        match &self.node.value {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn as_list(self) -> Option<impl ExactSizeIterator<Item = At<'a>> + Clone> {
        match &self.node.value {
            Value::Array(items) => {
                Some(items.iter().map(move |node| At { document: self.document, node }))
            }
            _ => None,
        }
    }

    pub(crate) fn as_object(self) -> Option<Object<'a>> {
        match &self.node.value {
            Value::Object(members) => Some(Object { at: self, members }),
            _ => None,
        }
    }

    /// The text of a string, number or boolean.
    pub(crate) fn as_scalar(self) -> Option<&'a str> {
        match &self.node.value {
            Value::Bool(true) => Some("true"),
            Value::Bool(false) => Some("false"),
            Value::Number(text) | Value::String(text) => Some(text),
            Value::Null | Value::Array(_) | Value::Object(_) => None,
        }
    }

    pub(crate) fn string(self) -> Result<&'a str, InputError> {
        self.as_str().ok_or_else(|| match &self.node.value {
            Value::Bool(_) | Value::Number(_) => {
                self.expected("a string").with_help(Some("put it in quotation marks"))
            }
            _ => self.expected("a string"),
        })
    }

    pub(crate) fn bool(self) -> Result<bool, InputError> {
        self.as_bool().ok_or_else(|| self.expected("`true` or `false`"))
    }

    pub(crate) fn list(self) -> Result<impl ExactSizeIterator<Item = At<'a>> + Clone, InputError> {
        self.as_list().ok_or_else(|| self.expected("a list"))
    }

    pub(crate) fn object(self) -> Result<Object<'a>, InputError> {
        self.as_object().ok_or_else(|| self.expected("an object"))
    }

    /// The member of an object, or the item of a list, by its step in a JSON pointer.
    pub(crate) fn child(self, step: &str) -> Option<At<'a>> {
        match self.as_object() {
            Some(object) => object.get(step),
            None => self.as_list()?.nth(step.parse().ok()?),
        }
    }

    /// The members of a list, or the one value that stands in its place.
    pub(crate) fn one_or_many(self) -> Vec<At<'a>> {
        self.as_list().map_or_else(|| vec![self], Iterator::collect)
    }

    /// Parses a string, and puts the place on the parser's error.
    pub(crate) fn parse<T>(self) -> Result<T, InputError>
    where
        T: std::str::FromStr,
        T::Err: std::fmt::Display,
    {
        self.string()?.parse().map_err(|error: T::Err| self.error(error.to_string()))
    }

    /// The value as plain JSON, without places.
    pub(crate) fn to_json(self) -> serde_json::Value {
        use serde_json::Value as Json;
        match &self.node.value {
            Value::Null => Json::Null,
            Value::Bool(value) => Json::Bool(*value),
            Value::Number(text) => {
                serde_json::from_str(text).unwrap_or_else(|_| Json::String(text.clone()))
            }
            Value::String(text) => Json::String(text.clone()),
            Value::Array(items) => {
                items.iter().map(|node| At { document: self.document, node }.to_json()).collect()
            }
            Value::Object(members) => members
                .iter()
                .map(|member| {
                    let at = At { document: self.document, node: &member.node };
                    (member.name.clone(), at.to_json())
                })
                .collect(),
        }
    }
}

/// An object in a document.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Object<'a> {
    at: At<'a>,
    members: &'a [Member],
}

impl<'a> Object<'a> {
    /// The object as a value.
    pub(crate) fn at(self) -> At<'a> {
        self.at
    }

    pub(crate) fn len(self) -> usize {
        self.members.len()
    }

    pub(crate) fn members(self) -> impl Iterator<Item = (&'a str, At<'a>)> + Clone {
        let document = self.at.document;
        self.members
            .iter()
            .map(move |member| (member.name.as_str(), At { document, node: &member.node }))
    }

    /// The bytes of the source that the names stand in.
    pub(crate) fn name_spans(self) -> impl Iterator<Item = (&'a str, std::ops::Range<usize>)> {
        self.members.iter().map(|member| (member.name.as_str(), member.name_span.clone()))
    }

    pub(crate) fn get(self, name: &str) -> Option<At<'a>> {
        self.members().find(|(member, _)| *member == name).map(|(_, at)| at)
    }

    /// The member, unless it is left out or null.
    pub(crate) fn optional(self, name: &str) -> Option<At<'a>> {
        self.get(name).filter(|at| !at.is_null())
    }

    pub(crate) fn required(self, name: &str) -> Result<At<'a>, InputError> {
        self.get(name).ok_or_else(|| {
            let help = self
                .members()
                .map(|(member, _)| member)
                .find(|member| member.eq_ignore_ascii_case(name))
                .map(|member| format!("{} is spelled `{name}`", Quoted(member)));
            self.at.error(format!("expected a member `{name}`, found none")).with_help(help)
        })
    }

    /// Refuses members that are not in `known`.
    pub(crate) fn only(self, known: &[&str]) -> Result<Self, InputError> {
        match self.members.iter().find(|member| !known.contains(&member.name.as_str())) {
            None => Ok(self),
            Some(member) => {
                let list: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
                Err(self
                    .error_at_name(
                        &member.name,
                        format!(
                            "expected one of {}, found {}",
                            list.join(", "),
                            Quoted(&member.name)
                        ),
                    )
                    .with_help(did_you_mean(&member.name, known.iter().copied())))
            }
        }
    }

    /// An error that points to a member's name rather than to its value.
    pub(crate) fn error_at_name(self, name: &str, message: impl Into<String>) -> InputError {
        let place = match self.members.iter().find(|member| member.name == name) {
            Some(member) => Place {
                source: self.at.document.source.clone(),
                span: member.name_span.clone(),
                pointer: self.at.document.pointer(&member.node),
            },
            None => self.at.place(),
        };
        InputError::new(message, place)
    }
}
