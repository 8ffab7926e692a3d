//! From a property to a policy of the estate.

use serde_json::Value as Json;

use super::declared::Declared;
use super::value::{Reason, Resolved, Shape};
use crate::document::{At, InputError, Origin, Place, Source, Values, below};
use crate::import::EstatePolicy;
use crate::kms::ActionSet;
use crate::policy::{Kind, Policy};

/// Reads a policy: an object, or the text of one. None if there is none, or if it says nothing
/// of KMS and the rest is not known.
pub(super) fn read(
    declared: Declared<'_, '_>,
    property: &str,
    value: Resolved<'_>,
    kind: Kind,
    notes: &mut Vec<String>,
) -> Result<Option<EstatePolicy>, InputError> {
    if let Some(reason) = changed_by_macro(declared) {
        return Ok(Some(EstatePolicy::Unknown(reason.to_string())));
    }
    let value = match value.shape {
        Shape::Unknown(reason) => return Ok(Some(EstatePolicy::Unknown(reason.to_string()))),
        Shape::Absent => return Ok(None),
        Shape::Text(text) => {
            let origin = Origin::String(value.at.place());
            return document(declared, property, origin, text, kind).map(Some);
        }
        _ => value,
    };
    let value = match kind {
        Kind::Identity => without_other_services(declared, property, value, notes),
        _ => Some(value),
    };
    let Some(value) = value else { return Ok(None) };
    if let Some(reason) = value.unknown() {
        return Ok(Some(EstatePolicy::Unknown(reason.to_string())));
    }
    let text = format!("{:#}", value.to_json());
    document(declared, property, Origin::Values(values(&value)), text, kind).map(Some)
}

/// Why no policy of the template is known: a macro that is not AWS's may change all of it.
pub(super) fn changed_by_macro(declared: Declared<'_, '_>) -> Option<Reason> {
    let (name, at) = declared.scope.stack.sections.foreign_macro()?;
    let name = crate::text::Quoted(name);
    Some(
        format!("what the macro {name} makes of the template is not known ({})", at.place()).into(),
    )
}

/// The policy, once it is checked, so that what is wrong has its place in the template.
fn document(
    declared: Declared<'_, '_>,
    property: &str,
    origin: Origin,
    text: String,
    kind: Kind,
) -> Result<EstatePolicy, InputError> {
    let file = &declared.at().place().source.name;
    let source = Source::made(format!("{file}: {property} of {}", declared.quoted()), text, origin);
    Policy::from_json(&source.name, &source.text, kind).map_err(|error| {
        let pointer = error.place().pointer.clone();
        error.moved(Place { source: source.clone(), span: 0..0, pointer }.in_file())
    })?;
    Ok(EstatePolicy::Document(source))
}

/// Where the parts of a value stand.
fn values(value: &Resolved<'_>) -> Values {
    let mut values = Values::new(value.at.place());
    add_parts(value, value.at, "", &mut values);
    values
}

/// Adds the parts of a value that stands at a place. One from elsewhere, such as an item of a
/// parameter, stands where the function does that puts it there.
fn add_parts(value: &Resolved<'_>, at: At<'_>, pointer: &str, values: &mut Values) {
    let mut add = |step: &str, part: &Resolved<'_>| {
        let pointer = below(pointer, step);
        let at = if part.at.is_within(at) { part.at } else { at };
        add_parts(part, at, &pointer, values);
        values.add(pointer, at.place());
    };
    match &value.shape {
        Shape::List(items) => {
            items.iter().enumerate().for_each(|(index, item)| add(&index.to_string(), item));
        }
        Shape::Object(members) => members.iter().for_each(|(name, part)| add(name, part)),
        Shape::Unknown(_) | Shape::Absent | Shape::Bool(_) | Shape::Text(_) => {}
    }
}

/// An identity policy without the statements that are not known and concern no action of KMS:
/// whatever they say, they change no answer.
fn without_other_services<'a>(
    declared: Declared<'_, '_>,
    property: &str,
    policy: Resolved<'a>,
    notes: &mut Vec<String>,
) -> Option<Resolved<'a>> {
    let Resolved { at, shape: Shape::Object(members) } = policy else { return Some(policy) };
    let mut dropped = 0;
    let mut left = 0;
    let members = members.into_iter().map(|(name, value)| {
        let Resolved { at, shape: Shape::List(statements) } = value else {
            left += usize::from(name == "Statement");
            return (name, value);
        };
        let count = statements.len();
        let kept = statements
            .into_iter()
            .filter(|it| it.unknown().is_none() || concerns_kms(&it.to_json()));
        let kept: Vec<Resolved<'a>> = kept.collect();
        dropped += count - kept.len();
        left += kept.len();
        (name, Resolved { at, shape: Shape::List(kept) })
    });
    let members = members.collect();
    if dropped > 0 {
        notes.push(declared.note(&format!(
            "has {property} with {dropped} statements for other services that are not known, and left out"
        )));
    }
    (dropped == 0 || left > 0).then_some(Resolved { at, shape: Shape::Object(members) })
}

/// Whether a statement may cover an action of KMS.
fn concerns_kms(statement: &Json) -> bool {
    let actions = match statement.get("Action") {
        Some(Json::String(action)) => vec![action.as_str()],
        Some(Json::Array(actions)) if actions.iter().all(Json::is_string) => {
            actions.iter().filter_map(Json::as_str).collect()
        }
        _ => return true,
    };
    actions.iter().any(|action| !ActionSet::covered_by(action).is_empty())
}

/// Whether a policy may say something of KMS.
pub(super) fn may_concern_kms(policy: &EstatePolicy) -> bool {
    let EstatePolicy::Document(source) = policy else { return true };
    let Ok(policy) = serde_json::from_str::<Json>(&source.text) else { return true };
    match policy.get("Statement") {
        Some(Json::Array(statements)) => statements.iter().any(concerns_kms),
        Some(statement) => concerns_kms(statement),
        None => true,
    }
}
