use std::rc::Rc;

use serde_json::Value as Json;

use crate::document::{At, InputError};

/// Why a value is not known, with the place.
pub(super) type Reason = Rc<str>;

/// A value of a template whose functions are worked out.
#[derive(Clone, Debug)]
pub(super) struct Resolved<'a> {
    /// Where it, or the function that makes it, stands.
    pub(super) at: At<'a>,
    pub(super) shape: Shape<'a>,
}

/// What a value is. Numbers are the text that they are written as: an account id keeps its
/// leading zeros.
#[derive(Clone, Debug)]
pub(super) enum Shape<'a> {
    Unknown(Reason),
    /// `AWS::NoValue`.
    Absent,
    Bool(bool),
    Text(String),
    List(Vec<Resolved<'a>>),
    Object(Vec<(&'a str, Resolved<'a>)>),
}

/// Why a value is not worked out.
#[derive(Debug)]
pub(super) enum Stop {
    /// Nobody knows it before the stack is there, or without being told more.
    Unknown(Reason),
    /// The template is wrong.
    Wrong(InputError),
}

impl From<InputError> for Stop {
    fn from(error: InputError) -> Self {
        Self::Wrong(error)
    }
}

impl Stop {
    /// That a value is not known, because of what stands at a place.
    pub(super) fn unknown(at: At<'_>, why: &str) -> Self {
        Self::Unknown(format!("{why} ({})", at.place()).into())
    }
}

/// Two values that are alike wherever they stand. What is not known is like nothing.
impl PartialEq for Shape<'_> {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Absent, Self::Absent) => true,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Text(a), Self::Text(b)) => a == b,
            (Self::List(a), Self::List(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.shape == b.shape)
            }
            (Self::Object(a), Self::Object(b)) => {
                let alike = |((a, x), (b, y)): (&(&str, Resolved<'_>), &(&str, Resolved<'_>))| {
                    a == b && x.shape == y.shape
                };
                a.len() == b.len() && a.iter().zip(b).all(alike)
            }
            _ => false,
        }
    }
}

impl<'a> Resolved<'a> {
    pub(super) fn text(at: At<'a>, text: impl Into<String>) -> Self {
        Self { at, shape: Shape::Text(text.into()) }
    }

    /// Why some of it is not known, if so.
    pub(super) fn unknown(&self) -> Option<&Reason> {
        match &self.shape {
            Shape::Unknown(reason) => Some(reason),
            Shape::List(items) => items.iter().find_map(Self::unknown),
            Shape::Object(members) => members.iter().find_map(|(_, value)| value.unknown()),
            Shape::Absent | Shape::Bool(_) | Shape::Text(_) => None,
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<&Self> {
        match &self.shape {
            Shape::Object(members) => {
                members.iter().find(|(member, _)| *member == name).map(|(_, value)| value)
            }
            _ => None,
        }
    }

    /// The text of a scalar.
    pub(super) fn scalar(&self) -> Result<String, Stop> {
        match &self.shape {
            Shape::Unknown(reason) => Err(Stop::Unknown(reason.clone())),
            Shape::Text(text) => Ok(text.clone()),
            Shape::Bool(value) => Ok(value.to_string()),
            Shape::Absent | Shape::List(_) | Shape::Object(_) => {
                Err(self.expected("a text").into())
            }
        }
    }

    /// A boolean, also as a text.
    pub(super) fn boolean(&self) -> Result<bool, Stop> {
        let text = self.scalar()?;
        match text.to_ascii_lowercase().as_str() {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err(self.expected("`true` or `false`").into()),
        }
    }

    /// The items of a list; one value that stands alone is a list of it.
    pub(super) fn items(&self) -> Result<Vec<Self>, Stop> {
        match &self.shape {
            Shape::Unknown(reason) => Err(Stop::Unknown(reason.clone())),
            Shape::List(items) => Ok(items.clone()),
            Shape::Absent => Ok(Vec::new()),
            Shape::Bool(_) | Shape::Text(_) | Shape::Object(_) => Ok(vec![self.clone()]),
        }
    }

    pub(super) fn expected(&self, what: &str) -> InputError {
        let found = match &self.shape {
            Shape::Absent => "`AWS::NoValue`".to_owned(),
            Shape::Unknown(_) | Shape::Bool(_) | Shape::Text(_) => self.at.describe(),
            Shape::List(_) => "a list".to_owned(),
            Shape::Object(_) => "an object".to_owned(),
        };
        self.at.error(format!("expected {what}, found {found}"))
    }

    /// As JSON; what is not known is null.
    pub(super) fn to_json(&self) -> Json {
        match &self.shape {
            Shape::Unknown(_) | Shape::Absent => Json::Null,
            Shape::Bool(value) => Json::Bool(*value),
            Shape::Text(text) => Json::String(text.clone()),
            Shape::List(items) => items.iter().map(Self::to_json).collect(),
            Shape::Object(members) => {
                members.iter().map(|(name, value)| ((*name).to_owned(), value.to_json())).collect()
            }
        }
    }
}
