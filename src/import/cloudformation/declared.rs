use std::collections::BTreeMap;

use super::conditions;
use super::scope::Scope;
use super::template::Resource;
use super::value::{Reason, Resolved, Shape, Stop};
use crate::document::{At, InputError};
use crate::text::Quoted;

/// A resource in its stack.
#[derive(Clone, Copy, Debug)]
pub(super) struct Declared<'w, 'a> {
    pub(super) scope: Scope<'w, 'a>,
    pub(super) resource: Resource<'a>,
}

/// Whether a resource is there.
#[derive(Clone, Debug)]
pub(super) enum Existence {
    Exists,
    Missing,
    Unknown(Reason),
}

/// The tags of a resource.
#[derive(Debug, Default)]
pub(super) struct Tags {
    pub(super) known: BTreeMap<String, String>,
    /// Why others are not known.
    pub(super) open: Vec<Reason>,
}

/// What is known, or why it is not; errors stay errors.
pub(super) fn known<T>(result: Result<T, Stop>) -> Result<Result<T, Reason>, InputError> {
    match result {
        Ok(value) => Ok(Ok(value)),
        Err(Stop::Unknown(reason)) => Ok(Err(reason)),
        Err(Stop::Wrong(error)) => Err(error),
    }
}

impl<'a> Declared<'_, 'a> {
    /// Source: [Condition](https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/conditions-section-structure.html)
    pub(super) fn existence(self) -> Result<Existence, InputError> {
        let around = self.scope.existence()?;
        let (Some(condition), false) =
            (self.resource.condition, matches!(around, Existence::Missing))
        else {
            return Ok(around);
        };
        Ok(match known(conditions::named(self.scope, condition))? {
            Ok(Shape::Bool(true)) => around,
            Ok(Shape::Unknown(reason)) | Err(reason) => {
                let name = self.quoted();
                Existence::Unknown(
                    format!("whether {name} is created is not known: {reason}").into(),
                )
            }
            Ok(_) => Existence::Missing,
        })
    }

    /// A property; none if it is left out or `AWS::NoValue`.
    pub(super) fn get(self, name: &str) -> Result<Option<Resolved<'a>>, InputError> {
        if let (Err(Stop::Unknown(reason)), Some(at)) =
            (self.resource.check_expanded(), self.resource.expansion)
        {
            return Ok(Some(Resolved { at, shape: Shape::Unknown(reason) }));
        }
        let Some(properties) = self.resource.properties else { return Ok(None) };
        let value = properties.get(name).map(|at| self.scope.resolve(at)).transpose()?;
        Ok(value.filter(|value| value.shape != Shape::Absent))
    }

    /// A property that AWS requires.
    pub(super) fn required(self, name: &str) -> Result<Resolved<'a>, InputError> {
        self.get(name)?.ok_or_else(|| {
            let message = format!("expected a property `{name}` of {}, found none", self.quoted());
            self.resource.at.error(message)
        })
    }

    /// A text, if the property is there.
    pub(super) fn text(self, name: &str) -> Result<Option<Result<String, Reason>>, InputError> {
        self.get(name)?.map(|value| known(value.scalar())).transpose()
    }

    /// The items of a list; none if the property is left out.
    pub(super) fn items(self, name: &str) -> Result<Result<Vec<Resolved<'a>>, Reason>, InputError> {
        match self.get(name)? {
            Some(value) => known(value.items()),
            None => Ok(Ok(Vec::new())),
        }
    }

    /// What `Ref` gives.
    pub(super) fn reference(self) -> Result<Result<String, Reason>, InputError> {
        known(self.scope.reference_text(self.resource.at, self.resource.id))
    }

    /// What `Fn::GetAtt` gives.
    pub(super) fn attribute(self, name: &str) -> Result<Result<String, Reason>, InputError> {
        let at = self.resource.at;
        let shape = self.scope.attribute(at, self.resource.id, name);
        known(shape.and_then(|shape| Resolved { at, shape }.scalar()))
    }

    /// The tags whose values are known; and why others are not.
    pub(super) fn tags(self) -> Result<Tags, InputError> {
        let mut tags = Tags::default();
        let items = match self.items("Tags")? {
            Ok(items) => items,
            Err(reason) => {
                tags.open.push(reason);
                return Ok(tags);
            }
        };
        for item in items {
            let part = |name: &str| match (item.get(name), item.unknown()) {
                (Some(part), _) => part.scalar(),
                (None, Some(reason)) => Err(Stop::Unknown(reason.clone())),
                (None, None) => Err(item.expected("`Key` and `Value` of a tag").into()),
            };
            match known(part("Key").and_then(|key| Ok((key, part("Value")?))))? {
                Ok((key, value)) => drop(tags.known.insert(key, value)),
                Err(reason) => tags.open.push(reason),
            }
        }
        Ok(tags)
    }

    /// Whether a value is a reference to a user, group or role of the template. If its name is
    /// not known it is left out, and so it is none of the others.
    pub(super) fn is_left_out(self, at: At<'_>) -> bool {
        let object = at.as_object().filter(|object| object.len() == 1);
        let name = object.and_then(|object| object.get("Ref")).and_then(At::as_str);
        let resources = &self.scope.stack.sections.resources;
        let kind = name.and_then(|name| resources.get(name)).map(|resource| resource.kind);
        matches!(kind, Some("AWS::IAM::Group" | "AWS::IAM::Role" | "AWS::IAM::User"))
    }

    /// That a tag is left out.
    pub(super) fn open_tag(self, reason: &Reason) -> String {
        self.note(&format!("has a tag that is not known, and left out: {reason}"))
    }

    pub(super) fn quoted(self) -> String {
        Quoted(self.resource.name()).to_string()
    }

    /// A sentence about the resource, with its place.
    pub(super) fn note(self, what: &str) -> String {
        format!("{}: {} {what}", self.resource.at.place(), self.quoted())
    }

    pub(super) fn at(self) -> At<'a> {
        self.resource.at
    }
}
