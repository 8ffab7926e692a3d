use std::net::IpAddr;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, STANDARD_PAD_INDIFFERENT};
use ipnet::IpNet;
use jiff::Timestamp;

use super::date;
use super::number::Decimal;
use super::operator::{Comparison, Order, StringTest};
use crate::policy::resource::ArnPattern;
use crate::policy::template::{self, Syntax, Template, Variables, Wildcards};
use crate::request::{Context, ContextKey};
use crate::truth::Truth;

/// One value of a condition in a policy, read as its operator reads it.
#[derive(Clone, Debug)]
pub(super) enum Operand {
    Arn(ArnPattern),
    /// The canonical base64 text, without padding.
    Binary(Box<str>),
    Bool(bool),
    Date(Order, Timestamp),
    IpAddress(IpNet),
    Number(Order, Box<str>),
    String(StringTest, Template),
}

/// An operand that was read, and what in it is not as it should be.
#[derive(Debug)]
pub(super) struct ParsedOperand {
    /// None if the text is not of the operator's type: it then matches nothing.
    pub(super) operand: Option<Operand>,
    pub(super) warning: Option<String>,
}

impl Operand {
    /// Reads a value. `Null` has none: its values are booleans about the key.
    pub(super) fn parse(comparison: Comparison, text: &str, variables: Variables) -> ParsedOperand {
        let typed = |operand: Option<Self>, what: &str| ParsedOperand {
            warning: operand
                .is_none()
                .then(|| format!("expected {what}; this value never matches")),
            operand,
        };
        match comparison {
            Comparison::Arn => arn(text, variables),
            Comparison::Binary => typed(binary(text).map(Self::Binary), "base64 text"),
            Comparison::Bool | Comparison::Null => {
                typed(boolean(text).map(Self::Bool), "`true` or `false`")
            }
            Comparison::Date(order) => typed(
                date::parse(text).map(|instant| Self::Date(order, instant)),
                "a date (2026-11-23T02:00:00Z, or seconds since 1970)",
            ),
            Comparison::IpAddress => {
                typed(network(text).map(Self::IpAddress), "an IP address or CIDR range")
            }
            Comparison::Number(order) => {
                typed(Decimal::parse(text).map(|_| Self::Number(order, text.into())), "a number")
            }
            Comparison::String(how) => string(how, text, variables),
        }
    }

    /// Whether a value of the request satisfies this one; none if it is not comparable.
    pub(super) fn holds(&self, value: &str, context: &Context) -> Option<Truth> {
        match self {
            // A text that is not an ARN is like none, so that `ArnNotLike` holds. AWS does not say.
            Self::Arn(pattern) => Some(pattern.is_like(value, context)),
            Self::Binary(canonical) => Some((value.trim_end_matches('=') == &**canonical).into()),
            Self::Bool(expected) => boolean(value).map(|value| (value == *expected).into()),
            Self::Date(order, operand) => {
                date::parse(value).map(|value| order.holds(value.cmp(operand)).into())
            }
            Self::IpAddress(network) => {
                value.parse().ok().map(|address: IpAddr| network.contains(&address).into())
            }
            Self::Number(order, operand) => {
                let ordering = Decimal::parse(value)?.compare(Decimal::parse(operand)?);
                Some(order.holds(ordering).into())
            }
            Self::String(StringTest::Equals | StringTest::Like, template) => {
                Some(template.matches(value, context))
            }
            Self::String(StringTest::EqualsIgnoreCase, template) => {
                Some(template.equals_ignoring_case(value, context))
            }
        }
    }

    pub(super) fn variables(&self) -> Vec<&ContextKey> {
        match self {
            Self::Arn(pattern) => pattern.variables().collect(),
            Self::String(_, template) => template.variables().collect(),
            Self::Binary(_)
            | Self::Bool(_)
            | Self::Date(..)
            | Self::IpAddress(_)
            | Self::Number(..) => Vec::new(),
        }
    }
}

fn string(how: StringTest, text: &str, variables: Variables) -> ParsedOperand {
    let wildcards = match how {
        StringTest::Like => Wildcards::Active,
        StringTest::Equals | StringTest::EqualsIgnoreCase => Wildcards::Literal,
    };
    let parsed = template::parse(text, Syntax { wildcards, variables });
    let literal_star = wildcards == Wildcards::Literal && text.replace("${*}", "").contains('*');
    let warning = parsed.malformed.map(ToString::to_string).or_else(|| {
        literal_star.then(|| "`*` is no wildcard here; `StringLike` has wildcards".into())
    });
    ParsedOperand { operand: Some(Operand::String(how, Template::new(parsed.parts))), warning }
}

fn arn(text: &str, variables: Variables) -> ParsedOperand {
    let parsed = ArnPattern::of_condition(text, variables);
    let incomplete = !parsed.pattern.is_complete();
    let warning = parsed.malformed.map(ToString::to_string).or_else(|| {
        incomplete.then(|| "expected the six parts of an ARN; this value never matches".into())
    });
    ParsedOperand { operand: Some(Operand::Arn(parsed.pattern)), warning }
}

fn binary(text: &str) -> Option<Box<str>> {
    let bytes = STANDARD_PAD_INDIFFERENT.decode(text).ok()?;
    Some(STANDARD_NO_PAD.encode(bytes).into())
}

/// AWS does not say whether the case of `true` matters; it is taken not to.
pub(super) fn boolean(text: &str) -> Option<bool> {
    match text {
        _ if text.eq_ignore_ascii_case("true") => Some(true),
        _ if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

/// Bits of the address behind the mask are ignored; an address alone is one host.
fn network(text: &str) -> Option<IpNet> {
    match text.split_once('/') {
        None => text.parse().ok().map(|address: IpAddr| IpNet::from(address)),
        Some((address, length)) => {
            let digits = !length.is_empty() && length.bytes().all(|byte| byte.is_ascii_digit());
            let length = length.parse().ok().filter(|_| digits)?;
            IpNet::new(address.parse().ok()?, length).ok()
        }
    }
}
