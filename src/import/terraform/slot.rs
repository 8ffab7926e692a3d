//! An attribute of a resource, with all that a plan says about it.

use crate::document::{At, Object};

/// An attribute, or a part of one: its value, whether that is known, and the expression that
/// gives it.
///
/// Source: [JSON output format](https://developer.hashicorp.com/terraform/internals/json-format)
#[derive(Clone, Copy, Debug)]
pub(super) struct Slot<'a> {
    pub(super) value: Option<At<'a>>,
    /// What stands here in `after_unknown`.
    pub(super) unknown: Option<At<'a>>,
    /// What stands here in `after_sensitive`; some tools leave such values out.
    pub(super) sensitive: Option<At<'a>>,
    pub(super) setting: Setting<'a>,
    pub(super) stage: Stage,
}

/// What the configuration says of an attribute.
#[derive(Clone, Copy, Debug)]
pub(super) enum Setting<'a> {
    /// There is no configuration.
    Unsaid,
    /// The configuration does not set it.
    Unset,
    /// The expression, or the blocks.
    Set(At<'a>),
}

/// Whether values are those of a plan, where a missing one may come to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// They are in a state.
    Settled,
    /// They are planned, and `after_unknown` says which are not known.
    Planned,
    /// They are planned, and nothing says which are not known.
    PlannedUntold,
}

/// What is known of an attribute.
#[derive(Clone, Copy, Debug)]
pub(super) enum Knowledge<'a> {
    /// It has no value.
    Absent,
    /// It has this one; parts of it may be unknown.
    Known(At<'a>),
    /// It has one, which is known after apply, or was redacted.
    Unknown,
}

impl<'a> Slot<'a> {
    pub(super) fn knowledge(self) -> Knowledge<'a> {
        let is_true = |at: Option<At<'_>>| at.and_then(At::as_bool) == Some(true);
        match self.value {
            Some(value) if !value.is_null() => Knowledge::Known(value),
            value if is_true(self.unknown) || (value.is_some() && is_true(self.sensitive)) => {
                Knowledge::Unknown
            }
            Some(_) => Knowledge::Absent,
            None => match (self.stage, self.setting) {
                (Stage::PlannedUntold, _) | (Stage::Planned, Setting::Set(_)) => Knowledge::Unknown,
                (Stage::Settled, _) | (Stage::Planned, Setting::Unset | Setting::Unsaid) => {
                    Knowledge::Absent
                }
            },
        }
    }

    /// A member of the object that stands here.
    pub(super) fn member(self, name: &str) -> Self {
        let member = |at: Option<At<'a>>| at?.as_object()?.get(name);
        Self {
            value: member(self.value),
            unknown: member(self.unknown),
            sensitive: member(self.sensitive),
            setting: match self.setting {
                Setting::Set(at) => setting(at.as_object(), name),
                other => other,
            },
            stage: self.stage,
        }
    }

    /// The blocks that stand here. Each has its expressions if `is_it` finds exactly one block
    /// of the configuration for it: blocks are sets, and those of `dynamic` are not listed.
    pub(super) fn blocks(self, is_it: &dyn Fn(At<'a>, Object<'a>) -> bool) -> Vec<Self> {
        let Some(values) = self.value.and_then(At::as_list) else { return Vec::new() };
        let nth = |at: Option<At<'a>>, index| at.and_then(At::as_list)?.nth(index);
        let values = values.enumerate();
        let block = |(index, value): (usize, At<'a>)| Self {
            value: Some(value),
            unknown: nth(self.unknown, index),
            sensitive: nth(self.sensitive, index),
            setting: match self.setting {
                Setting::Set(at) => {
                    let written = at.as_list().into_iter().flatten().filter_map(At::as_object);
                    let mut written = written.filter(|block| is_it(value, *block));
                    match (written.next(), written.next()) {
                        (Some(only), None) => Setting::Set(only.at()),
                        _ => Setting::Unsaid,
                    }
                }
                other => other,
            },
            stage: self.stage,
        };
        values.map(block).collect()
    }
}

/// What a block of the configuration says of an attribute. An expression that is `null` sets
/// nothing.
pub(super) fn setting<'a>(block: Option<Object<'a>>, name: &str) -> Setting<'a> {
    match block.and_then(|block| block.get(name)) {
        None => Setting::Unset,
        Some(at) if constant(at).is_some_and(At::is_null) => Setting::Unset,
        Some(at) => Setting::Set(at),
    }
}

/// The value of an expression that refers to nothing.
pub(super) fn constant(expression: At<'_>) -> Option<At<'_>> {
    expression.as_object()?.get("constant_value")
}
