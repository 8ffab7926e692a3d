//! Conditions, in Kleene's logic: what rests on a value that is not known may not be known.
//!
//! Source: [Condition functions](https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-conditions.html)

use super::functions::arguments;
use super::scope::{Scope, Subject};
use super::value::{Resolved, Shape, Stop};
use crate::document::{At, InputError};
use crate::text::{Quoted, did_you_mean};

/// Whether the condition that is named at a place holds: a boolean, or unknown.
pub(super) fn named<'a>(scope: Scope<'_, 'a>, at: At<'a>) -> Result<Shape<'a>, Stop> {
    let name = at.string()?;
    let conditions = &scope.stack.sections.conditions;
    let Some(condition) = conditions.get(name) else {
        if scope.stack.sections.is_expanded() {
            let why = format!("the condition {} is not in the template", Quoted(name));
            return Ok(unknown(Stop::unknown(at, &why))?);
        }
        let message = format!("expected a condition of the template, found {}", Quoted(name));
        return Err(at
            .error(message)
            .with_help(did_you_mean(name, conditions.keys().copied()))
            .into());
    };
    let subject = Subject::Condition(name.to_owned());
    scope.once(at, subject, || scope.deeper(at, || expression(scope, *condition)))
}

fn expression<'a>(scope: Scope<'_, 'a>, at: At<'a>) -> Result<Shape<'a>, Stop> {
    let wrong = || at.expected("one of `Fn::And`, `Fn::Equals`, `Fn::Not`, `Fn::Or`, `Condition`");
    let object = at.as_object().ok_or_else(wrong)?;
    let (Some((name, argument)), 1) = (object.members().next(), object.len()) else {
        return Err(wrong().into());
    };
    match name {
        "Condition" => named(scope, argument),
        "Fn::Equals" => equals(scope, argument),
        "Fn::Not" => {
            let [inner] = arguments(argument, "one condition")?;
            Ok(match operand(scope, inner)? {
                Shape::Bool(holds) => Shape::Bool(!holds),
                other => other,
            })
        }
        "Fn::And" => all_alike(scope, argument, true),
        "Fn::Or" => all_alike(scope, argument, false),
        _ => Err(object.error_at_name(name, wrong().message()).into()),
    }
}

fn operand<'a>(scope: Scope<'_, 'a>, at: At<'a>) -> Result<Shape<'a>, Stop> {
    unknown_or(scope.deeper(at, || expression(scope, at)))
}

fn equals<'a>(scope: Scope<'_, 'a>, at: At<'a>) -> Result<Shape<'a>, Stop> {
    let [a, b] = arguments(at, "two values")?;
    let (a, b) = (scope.resolve(a)?, scope.resolve(b)?);
    if let Some(reason) = a.unknown().or_else(|| b.unknown()) {
        return Ok(Shape::Unknown(reason.clone()));
    }
    let text = |value: &Resolved<'_>| value.scalar().ok();
    Ok(Shape::Bool(match (text(&a), text(&b)) {
        (Some(a), Some(b)) => a == b,
        _ => a.shape == b.shape,
    }))
}

/// `And` where all are to be true, `Or` unless all are to be false.
fn all_alike<'a>(scope: Scope<'_, 'a>, at: At<'a>, alike: bool) -> Result<Shape<'a>, Stop> {
    let operands = at.list()?;
    if operands.len() == 0 {
        return Err(at.expected("at least one condition").into());
    }
    let mut open = None;
    for at in operands {
        match operand(scope, at)? {
            Shape::Bool(holds) if holds != alike => return Ok(Shape::Bool(holds)),
            Shape::Bool(_) => {}
            other => open = open.or(Some(other)),
        }
    }
    Ok(open.unwrap_or(Shape::Bool(alike)))
}

fn unknown_or(result: Result<Shape<'_>, Stop>) -> Result<Shape<'_>, Stop> {
    result.or_else(|stop| Ok(unknown(stop)?))
}

fn unknown<'a>(stop: Stop) -> Result<Shape<'a>, InputError> {
    match stop {
        Stop::Unknown(reason) => Ok(Shape::Unknown(reason)),
        Stop::Wrong(error) => Err(error),
    }
}
