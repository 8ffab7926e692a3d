//! Functions of templates.
//!
//! Source: [Intrinsic functions](https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html)

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ipnet::IpNet;

use super::scope::Scope;
use super::value::{Resolved, Shape, Stop};
use super::{conditions, text};
use crate::document::{At, InputError, Object};
use crate::text::{Quoted, did_you_mean};

const NAMES: &[&str] = &[
    "Fn::Base64",
    "Fn::Cidr",
    "Fn::FindInMap",
    "Fn::GetAZs",
    "Fn::GetAtt",
    "Fn::If",
    "Fn::ImportValue",
    "Fn::Join",
    "Fn::Length",
    "Fn::Select",
    "Fn::Split",
    "Fn::Sub",
    "Fn::ToJsonString",
    "Fn::Transform",
    "Ref",
];

/// The function that an object is, and its argument.
pub(super) fn of(object: Object<'_>) -> Result<Option<(&str, At<'_>)>, InputError> {
    let is_macro = |name: &str| name == "Fn::Transform" || name.starts_with("Fn::ForEach::");
    let mut functions = object.members().filter(|(name, _)| name.starts_with("Fn::"));
    let found = match object.members().next() {
        Some(only @ ("Ref", _)) if object.len() == 1 => Some(only),
        _ => functions.clone().find(|(name, _)| is_macro(name)).or_else(|| functions.next()),
    };
    match found {
        Some((name, _)) if object.len() > 1 && !is_macro(name) => {
            Err(object.error_at_name(name, "expected a function alone, found it beside others"))
        }
        found => Ok(found),
    }
}

pub(super) fn call<'a>(
    scope: Scope<'_, 'a>,
    at: At<'a>,
    name: &str,
    argument: At<'a>,
) -> Result<Shape<'a>, Stop> {
    match name {
        "Ref" => scope.reference(at, argument.string()?),
        "Fn::Base64" => Ok(Shape::Text(STANDARD.encode(scope.text(argument)?))),
        "Fn::Cidr" => cidr(scope, argument),
        "Fn::FindInMap" => find_in_map(scope, argument),
        "Fn::GetAZs" => Err(Stop::unknown(at, "which zones the account has is not given")),
        "Fn::GetAtt" => get_att(scope, at, argument),
        "Fn::If" => choose(scope, argument),
        "Fn::ImportValue" => scope.import(at, &scope.text(argument)?),
        "Fn::Join" => join(scope, argument),
        "Fn::Length" => Ok(Shape::Text(list(scope, argument)?.len().to_string())),
        "Fn::Select" => select(scope, argument),
        "Fn::Split" => split(scope, argument),
        "Fn::Sub" => text::substitute(scope, argument),
        "Fn::ToJsonString" => {
            let value = scope.resolve(argument)?;
            match value.unknown() {
                Some(reason) => Err(Stop::Unknown(reason.clone())),
                None => Ok(Shape::Text(value.to_json().to_string())),
            }
        }
        "Fn::Transform" => Err(Stop::unknown(at, "what a macro makes of this is not known")),
        name if name.starts_with("Fn::ForEach::") => {
            Err(Stop::unknown(at, "what a loop makes of this is not worked out"))
        }
        name => Err(argument
            .error(format!("expected a function of CloudFormation, found {}", Quoted(name)))
            .with_help(did_you_mean(name, NAMES.iter().copied()))
            .into()),
    }
}

/// Exactly so many arguments.
pub(super) fn arguments<'a, const N: usize>(
    at: At<'a>,
    what: &str,
) -> Result<[At<'a>; N], InputError> {
    let wrong = || at.error(format!("expected a list of {what}, found {}", at.describe()));
    let listed: Vec<At<'a>> = at.as_list().ok_or_else(wrong)?.collect();
    let found = listed.len();
    listed
        .try_into()
        .map_err(|_| at.error(format!("expected a list of {what}, found {found} values")))
}

/// The items of what must be a list.
fn list<'a>(scope: Scope<'_, 'a>, at: At<'a>) -> Result<Vec<Resolved<'a>>, Stop> {
    let value = scope.resolve(at)?;
    match value.shape {
        Shape::List(items) => Ok(items),
        Shape::Unknown(reason) => Err(Stop::Unknown(reason)),
        _ => Err(value.expected("a list").into()),
    }
}

/// The branch of a condition. If the condition is not known, what both branches are.
fn choose<'a>(scope: Scope<'_, 'a>, at: At<'a>) -> Result<Shape<'a>, Stop> {
    let [condition, yes, no] = arguments(at, "a condition and two values")?;
    match conditions::named(scope, condition)? {
        Shape::Bool(true) => Ok(scope.resolve(yes)?.shape),
        Shape::Bool(false) => Ok(scope.resolve(no)?.shape),
        open => {
            let (yes, no) = (scope.resolve(yes)?, scope.resolve(no)?);
            Ok(if yes.shape == no.shape { yes.shape } else { open })
        }
    }
}

/// `Resource.Attribute`, or both in a list; the name of a resource has no dot.
fn get_att<'a>(scope: Scope<'_, 'a>, at: At<'a>, argument: At<'a>) -> Result<Shape<'a>, Stop> {
    let what = "`Resource.Attribute`, or a list of both";
    if let Some(text) = argument.as_str() {
        let (name, attribute) = text.split_once('.').ok_or_else(|| argument.expected(what))?;
        return scope.attribute(at, name, attribute);
    }
    let mut parts = argument.as_list().ok_or_else(|| argument.expected(what))?;
    let name = parts.next().ok_or_else(|| argument.expected(what))?.string()?;
    let attribute = parts.map(|part| scope.text(part)).collect::<Result<Vec<_>, Stop>>()?;
    if attribute.is_empty() {
        return Err(argument.expected(what).into());
    }
    scope.attribute(at, name, &attribute.join("."))
}

fn join<'a>(scope: Scope<'_, 'a>, at: At<'a>) -> Result<Shape<'a>, Stop> {
    let [delimiter, parts] = arguments(at, "a delimiter and a list")?;
    let delimiter = scope.text(delimiter)?;
    let parts = list(scope, parts)?;
    let texts = parts.iter().map(Resolved::scalar).collect::<Result<Vec<_>, Stop>>()?;
    text::with_references(scope, at, &text::limited(at, texts.join(&delimiter))?).map(Shape::Text)
}

fn split<'a>(scope: Scope<'_, 'a>, at: At<'a>) -> Result<Shape<'a>, Stop> {
    let [delimiter, whole] = arguments(at, "a delimiter and a text")?;
    let delimiter_text = scope.text(delimiter)?;
    if delimiter_text.is_empty() {
        return Err(delimiter.expected("a delimiter").into());
    }
    let text = scope.text(whole)?;
    let parts = text.split(&delimiter_text).map(|part| Resolved::text(whole, part));
    Ok(Shape::List(parts.collect()))
}

fn select<'a>(scope: Scope<'_, 'a>, at: At<'a>) -> Result<Shape<'a>, Stop> {
    let [index, from] = arguments(at, "an index and a list")?;
    let wanted = scope.text(index)?;
    let wanted: usize =
        wanted.trim().parse().map_err(|_| index.expected("an index that counts from 0"))?;
    let items = list(scope, from)?;
    let count = items.len();
    let found = items.into_iter().nth(wanted);
    found.map(|item| item.shape).ok_or_else(|| {
        index.error(format!("expected an index below {count}, found {wanted}")).into()
    })
}

/// Source: [Fn::FindInMap](https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-findinmap.html)
fn find_in_map<'a>(scope: Scope<'_, 'a>, at: At<'a>) -> Result<Shape<'a>, Stop> {
    let listed: Vec<At<'a>> = at.list()?.collect();
    let (keys, default) = match listed.as_slice() {
        [map, top, second] => ([*map, *top, *second], None),
        [map, top, second, more] => {
            let default = more.as_object().and_then(|it| it.get("DefaultValue"));
            ([*map, *top, *second], default)
        }
        _ => return Err(at.expected("a list of a mapping and two keys").into()),
    };
    let [map_at, top_at, second_at] = keys;
    let map_name = scope.text(map_at)?;
    let mappings = &scope.stack.sections.mappings;
    let map = mappings.get(map_name.as_str()).ok_or_else(|| {
        let message = format!("expected a mapping of the template, found {}", Quoted(&map_name));
        map_at.error(message).with_help(did_you_mean(&map_name, mappings.keys().copied()))
    })?;
    let (top, second) = (scope.text(top_at)?, scope.text(second_at)?);
    let found = entry(*map, top_at, &top).and_then(|inner| entry(inner, second_at, &second));
    match (found, default) {
        (Ok(value), _) => Ok(scope.resolve(value)?.shape),
        (Err(_), Some(default)) => Ok(scope.resolve(default)?.shape),
        (Err(error), None) => Err(error.into()),
    }
}

fn entry<'a>(map: At<'a>, key_at: At<'a>, key: &str) -> Result<At<'a>, InputError> {
    let object = map.object()?;
    object.get(key).ok_or_else(|| {
        let message = format!("expected a key of the mapping, found {}", Quoted(key));
        key_at.error(message).with_help(did_you_mean(key, object.members().map(|(name, _)| name)))
    })
}

/// Source: [Fn::Cidr](https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-cidr.html)
fn cidr<'a>(scope: Scope<'_, 'a>, at: At<'a>) -> Result<Shape<'a>, Stop> {
    let listed: Vec<At<'a>> = at.list()?.collect();
    let (block_at, count_at, bits_at) = match listed.as_slice() {
        [block, count] => (*block, *count, None),
        [block, count, bits] => (*block, *count, Some(*bits)),
        _ => return Err(at.expected("a list of a block, a count and a number of bits").into()),
    };
    let block: IpNet = scope
        .text(block_at)?
        .parse()
        .map_err(|_| block_at.expected("a block such as `10.0.0.0/16`"))?;
    let count: usize = scope.text(count_at)?.parse().map_err(|_| count_at.expected("a count"))?;
    let bits: u8 = match bits_at {
        Some(at) => scope.text(at)?.parse().map_err(|_| at.expected("a number of bits"))?,
        None => 8,
    };
    let length = block.max_prefix_len().checked_sub(bits);
    let subnets = length.and_then(|length| block.trunc().subnets(length).ok());
    let blocks: Vec<Resolved<'a>> = subnets
        .into_iter()
        .flatten()
        .take(count.min(256))
        .map(|block| Resolved::text(at, block.to_string()))
        .collect();
    if blocks.len() == count && count > 0 {
        Ok(Shape::List(blocks))
    } else {
        let message = format!("expected 1 to 256 blocks that fit into {block}, found {count}");
        Err(count_at.error(message).into())
    }
}
