use super::scope::Scope;
use super::value::{Resolved, Shape, Stop};
use crate::document::{At, InputError};
use crate::text::{Quoted, did_you_mean};

/// The value of a parameter: what the user gives, else what goes with the stack, else the
/// default.
///
/// Source: [Parameters](https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html)
pub(super) fn value<'a>(
    scope: Scope<'_, 'a>,
    name: &str,
    parameter: At<'a>,
    at: At<'a>,
) -> Result<Shape<'a>, Stop> {
    let object = parameter.object()?;
    let kind = object.get("Type").map(At::string).transpose()?.unwrap_or("String");
    let of_stack = || {
        let parameters = scope.stack.parameters.iter();
        parameters.rev().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    };
    let given = || scope.world.given(name).or_else(of_stack);
    let default = || match &scope.stack.no_defaults {
        Some(reason) => Err(Stop::Unknown(reason.clone())),
        None => Ok(object.optional("Default").and_then(At::as_scalar)),
    };
    let passed = scope.passed(name)?.filter(|shape| *shape != Shape::Absent);
    let text = match (passed, given()) {
        (Some(Shape::Unknown(_)) | None, Some(given)) => given.to_owned(),
        (Some(shape), _) => joined(at, &shape)?,
        (None, None) => match default()? {
            Some(text) => text.to_owned(),
            None => {
                return Err(Stop::Unknown(Scope::not_given(parameter, "the parameter", name)));
            }
        },
    };
    let is_list = |kind: &str| kind == "CommaDelimitedList" || kind.starts_with("List<");
    if let Some(allowed) = object.optional("AllowedValues") {
        let values =
            if is_list(kind) { text.split(',').map(str::trim).collect() } else { vec![&*text] };
        check(parameter, allowed, &values)?;
    }
    let (kind, text) = match kind.strip_prefix("AWS::SSM::Parameter::Value<") {
        Some(inner) => {
            (inner.strip_suffix('>').unwrap_or(inner), stored(scope, at, &text)?.to_owned())
        }
        None => (kind, text),
    };
    Ok(if is_list(kind) {
        let items = text.split(',').map(|item| Resolved::text(parameter, item.trim()));
        Shape::List(items.collect())
    } else {
        Shape::Text(text)
    })
}

/// The value of a parameter of Systems Manager, which the template only names.
fn stored<'a>(scope: Scope<'_, 'a>, at: At<'a>, name: &str) -> Result<&'a str, Stop> {
    let given = scope.world.given(name).or_else(|| scope.world.given(&format!("ssm:{name}")));
    given.ok_or_else(|| {
        Stop::Unknown(Scope::not_given(at, "the parameter of Systems Manager", name))
    })
}

/// The text of what a stack passes to one that it nests; a list has commas between its values.
fn joined<'a>(at: At<'a>, shape: &Shape<'a>) -> Result<String, Stop> {
    match shape {
        Shape::List(items) => {
            let texts: Vec<String> =
                items.iter().map(Resolved::scalar).collect::<Result<_, _>>()?;
            Ok(texts.join(","))
        }
        shape => Resolved { at, shape: shape.clone() }.scalar(),
    }
}

/// Of a list each value has to be allowed.
fn check(parameter: At<'_>, allowed: At<'_>, values: &[&str]) -> Result<(), InputError> {
    let allowed: Vec<&str> = allowed.list()?.filter_map(At::as_scalar).collect();
    let Some(text) = values.iter().copied().find(|value| !allowed.contains(value)) else {
        return Ok(());
    };
    let list: Vec<String> = allowed.iter().take(20).map(|it| Quoted(it).to_string()).collect();
    let message =
        format!("expected one of {} for the parameter, found {}", list.join(", "), Quoted(text));
    Err(parameter.error(message).with_help(did_you_mean(text, allowed)))
}
