//! Texts with values in them.

use super::scope::Scope;
use super::value::{Shape, Stop};
use crate::document::{At, InputError};
use crate::text::Quoted;

/// No text of a template needs more; without a limit, a few references to references could
/// make one of any length.
const MAX_LENGTH: usize = 1_048_576;

pub(super) fn limited(at: At<'_>, text: String) -> Result<String, InputError> {
    if text.len() > MAX_LENGTH {
        return Err(at.error(format!("expected a text of at most {MAX_LENGTH} bytes, found more")));
    }
    Ok(text)
}

/// The text of `Fn::Sub`: alone, or in a list with a map of further variables.
///
/// Source: [Fn::Sub](https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-sub.html)
pub(super) fn substitute<'a>(scope: Scope<'_, 'a>, at: At<'a>) -> Result<Shape<'a>, Stop> {
    let (text_at, variables) = if at.as_list().is_some() {
        let [text, variables] = super::functions::arguments(at, "a text and a map")?;
        (text, Some(variables.object()?))
    } else {
        (at, None)
    };
    let wrong = || text_at.expected("a text");
    let mut rest = text_at.as_scalar().ok_or_else(wrong)?;
    let mut text = String::new();
    while let Some((before, after)) = rest.split_once("${") {
        text.push_str(before);
        let Some((name, after)) = after.split_once('}') else {
            text.push_str("${");
            rest = after;
            continue;
        };
        rest = after;
        if let Some(literal) = name.strip_prefix('!') {
            text.extend(["${", literal, "}"]);
            continue;
        }
        let own = variables.and_then(|it| it.get(name.trim()));
        let value = match own {
            Some(value) => scope.text(value)?,
            None => variable(scope, text_at, name.trim())?,
        };
        text.push_str(&value);
        text = limited(text_at, text)?;
    }
    text.push_str(rest);
    with_references(scope, text_at, &text).map(Shape::Text)
}

fn variable<'a>(scope: Scope<'_, 'a>, at: At<'a>, name: &str) -> Result<String, Stop> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || "_.:".contains(c);
    if name.is_empty() || !name.chars().all(is_name) {
        let message = format!(
            "expected a name of letters, digits, `_`, `.` and `:` in `${{}}`, found {}",
            Quoted(name)
        );
        let help = format!("write `${{!{name}}}` for the variable of a policy");
        return Err(at.error(message).with_help(Some(help)).into());
    }
    let shape = match name.split_once('.') {
        Some((name, attribute)) => scope.attribute(at, name, attribute)?,
        None => scope.reference(at, name)?,
    };
    super::value::Resolved { at, shape }.scalar()
}

/// A text whose dynamic references the user gave.
///
/// Source: [Dynamic references](https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html)
pub(super) fn with_references<'a>(
    scope: Scope<'_, 'a>,
    at: At<'a>,
    text: &str,
) -> Result<String, Stop> {
    let mut rest = text;
    let mut resolved = String::new();
    while let Some((before, after)) = rest.split_once("{{resolve:") {
        let Some((reference, after)) = after.split_once("}}") else { break };
        let whole = format!("{{{{resolve:{reference}}}}}");
        let given = scope.world.given(&whole).or_else(|| scope.world.given(reference));
        let Some(value) = given else {
            return Err(Stop::Unknown(Scope::not_given(at, "the dynamic reference", &whole)));
        };
        resolved.push_str(before);
        resolved.push_str(value);
        rest = after;
    }
    resolved.push_str(rest);
    Ok(resolved)
}
