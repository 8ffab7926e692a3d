//! The `Condition` element.

use serde_json::Value;

use super::context::Context;
use super::pattern::{self, Syntax};
use super::text;
use super::values;

/// An operator as it is spelled in a policy, in its pieces and in lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Operator {
    /// `forallvalues`, `foranyvalue` or nothing.
    pub(crate) quantifier: String,
    /// Such as `stringequals`, without `not`.
    pub(crate) comparison: String,
    /// Whether the spelling holds `Not`.
    pub(crate) negated: bool,
    /// Whether it ends in `IfExists`.
    pub(crate) if_exists: bool,
}

impl Operator {
    /// Takes a spelling apart.
    pub(crate) fn read(spelling: &str) -> Self {
        let spelling = spelling.to_lowercase();
        let (quantifier, rest) = match spelling.split_once(':') {
            Some((quantifier, rest)) => (quantifier.to_owned(), rest),
            None => (String::new(), spelling.as_str()),
        };
        let if_exists = rest.ends_with("ifexists");
        let name = rest.strip_suffix("ifexists").unwrap_or(rest);
        let negated = name.contains("not");
        Self { quantifier, comparison: name.replacen("not", "", 1), negated, if_exists }
    }
}

/// Whether a statement's conditions hold; those of no `Condition` do.
pub(crate) fn holds(condition: Option<&Value>, version: &str, context: &Context) -> bool {
    let Some(Value::Object(operators)) = condition else { return true };
    operators.iter().all(|(spelling, keys)| {
        let operator = Operator::read(spelling);
        let Value::Object(keys) = keys else { return false };
        keys.iter().all(|(key, wanted)| {
            let wanted: Vec<String> = text::list(wanted);
            one_holds(&operator, context.get(&key.to_lowercase()), &wanted, version, context)
        })
    })
}

fn one_holds(
    operator: &Operator,
    values: Option<&Vec<String>>,
    wanted: &[String],
    version: &str,
    context: &Context,
) -> bool {
    let present = values.is_some_and(|values| !values.is_empty());
    if operator.comparison == "null" {
        return wanted.iter().any(|wanted| values::boolean(wanted) == Some(!present));
    }
    let Some(values) = values.filter(|_| present) else {
        return match operator.quantifier.as_str() {
            _ if operator.if_exists => true,
            "forallvalues" => true,
            "foranyvalue" => false,
            _ => operator.negated,
        };
    };
    let variables = Some(context).filter(|_| version == "2012-10-17");
    let accepts = |value: &String| accepts(operator, value, wanted, variables);
    match operator.quantifier.as_str() {
        "forallvalues" => values.iter().all(String::is_empty) || values.iter().all(accepts),
        _ => values.iter().any(accepts),
    }
}

/// Whether one value of the request satisfies the operator with what the policy lists.
fn accepts(
    operator: &Operator,
    value: &str,
    wanted: &[String],
    variables: Option<&Context>,
) -> bool {
    let mut results =
        wanted.iter().map(|wanted| compare(&operator.comparison, value, wanted, variables));
    if operator.negated {
        results.all(|result| result == Some(false))
    } else {
        results.any(|result| result == Some(true))
    }
}

/// Compares one value with one wanted; none if one of them is not of the operator's type.
fn compare(
    comparison: &str,
    value: &str,
    wanted: &str,
    variables: Option<&Context>,
) -> Option<bool> {
    if let Some(order) = comparison.strip_prefix("numeric") {
        return Some(ordered(order, values::number(value)?, values::number(wanted)?));
    }
    if let Some(order) = comparison.strip_prefix("date") {
        return Some(ordered(order, values::instant(value)?, values::instant(wanted)?));
    }
    match comparison {
        "bool" => Some(values::boolean(value)? == values::boolean(wanted)?),
        "binaryequals" => Some(values::bytes(value)? == values::bytes(wanted)?),
        "ipaddress" => values::in_range(value, wanted),
        "arnequals" | "arnlike" => Some(arn_matches(value, wanted, variables)),
        _ => Some(text_matches(comparison, value, wanted, variables)),
    }
}

#[expect(clippy::float_cmp, reason = "equal numbers are parsed to equal bits")]
fn ordered(order: &str, value: f64, wanted: f64) -> bool {
    match order {
        "equals" => value == wanted,
        "lessthan" => value < wanted,
        "lessthanequals" => value <= wanted,
        "greaterthan" => value > wanted,
        "greaterthanequals" => value >= wanted,
        _ => false,
    }
}

fn text_matches(comparison: &str, value: &str, wanted: &str, variables: Option<&Context>) -> bool {
    let syntax = Syntax { wildcards: comparison == "stringlike", variables };
    let Some(wanted) = pattern::tokens(wanted, syntax) else { return false };
    let value: Vec<char> = value.chars().collect();
    if comparison == "stringequalsignorecase" {
        let lower = |text: &[char]| text.iter().collect::<String>().to_lowercase();
        let wanted: Vec<char> = wanted
            .iter()
            .map(|token| match token {
                pattern::Token::Literal(character) => *character,
                pattern::Token::Any => '*',
                pattern::Token::One => '?',
            })
            .collect();
        return lower(&value) == lower(&wanted);
    }
    pattern::covers(&wanted, &value)
}

fn arn_matches(value: &str, wanted: &str, variables: Option<&Context>) -> bool {
    let syntax = Syntax { wildcards: true, variables };
    let Some(wanted) = pattern::tokens(wanted, syntax) else { return false };
    let (Some(wanted), Some(value)) =
        (pattern::arn_parts(&wanted), pattern::arn_parts(&pattern::literal(value)))
    else {
        return false;
    };
    wanted.iter().zip(&value).all(|(wanted, value)| {
        let value: Vec<char> = value
            .iter()
            .filter_map(|token| match token {
                pattern::Token::Literal(character) => Some(*character),
                pattern::Token::Any | pattern::Token::One => None,
            })
            .collect();
        pattern::covers(wanted, &value)
    })
}
