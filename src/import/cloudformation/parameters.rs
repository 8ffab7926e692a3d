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
    let given = scope.world.given(name).or_else(of_stack);
    let default = object.optional("Default").and_then(At::as_scalar);
    let Some(text) = given.or(default) else {
        return Err(Stop::Unknown(Scope::not_given(parameter, "the parameter", name)));
    };
    if let Some(allowed) = object.optional("AllowedValues") {
        check(parameter, allowed, text)?;
    }
    let (kind, text) = match kind.strip_prefix("AWS::SSM::Parameter::Value<") {
        Some(inner) => (inner.strip_suffix('>').unwrap_or(inner), stored(scope, at, text)?),
        None => (kind, text),
    };
    let is_list = kind == "CommaDelimitedList" || kind.starts_with("List<");
    Ok(if is_list {
        let items = text.split(',').map(|item| Resolved::text(parameter, item.trim()));
        Shape::List(items.collect())
    } else {
        Shape::Text(text.to_owned())
    })
}

/// The value of a parameter of Systems Manager, which the template only names.
fn stored<'a>(scope: Scope<'_, 'a>, at: At<'a>, name: &str) -> Result<&'a str, Stop> {
    let given = scope.world.given(name).or_else(|| scope.world.given(&format!("ssm:{name}")));
    given.ok_or_else(|| {
        Stop::Unknown(Scope::not_given(at, "the parameter of Systems Manager", name))
    })
}

fn check(parameter: At<'_>, allowed: At<'_>, text: &str) -> Result<(), InputError> {
    let allowed: Vec<&str> = allowed.list()?.filter_map(At::as_scalar).collect();
    if allowed.contains(&text) {
        return Ok(());
    }
    let list: Vec<String> = allowed.iter().take(20).map(|it| Quoted(it).to_string()).collect();
    let message =
        format!("expected one of {} for the parameter, found {}", list.join(", "), Quoted(text));
    Err(parameter.error(message).with_help(did_you_mean(text, allowed)))
}
