//! Values on either side of what a condition tests.

use jiff::SignedDuration;

use super::operator::{Comparison, StringTest};
use super::{Condition, date};
use crate::kms::ValueType;

/// A day.
const STEP: SignedDuration = SignedDuration::from_hours(24);

impl Condition {
    /// Values of the key, such that in most cases some satisfy the condition and some do not:
    /// the policy's own, with wildcards filled in and variables left as they are, their
    /// neighbours where they have an order, and one that is none of them.
    pub(crate) fn examples(&self) -> Vec<String> {
        let own = self.values().flat_map(|value| near(self.operator.comparison, value));
        let mut examples: Vec<String> = own.collect();
        let other = self.key.documented().map_or(ValueType::Text, |known| known.value_type);
        examples.push(unlike(other).to_owned());
        examples.dedup();
        examples
    }
}

fn near(comparison: Comparison, value: &str) -> Vec<String> {
    match comparison {
        Comparison::Arn | Comparison::String(StringTest::Like) => vec![filled(value)],
        Comparison::Bool => vec!["true".to_owned(), "false".to_owned()],
        Comparison::Null => Vec::new(),
        Comparison::Binary
        | Comparison::String(StringTest::Equals | StringTest::EqualsIgnoreCase) => {
            vec![value.to_owned()]
        }
        Comparison::Date(_) => match date::parse(value) {
            None => Vec::new(),
            Some(instant) => [Ok(instant), instant.checked_sub(STEP), instant.checked_add(STEP)]
                .into_iter()
                .filter_map(Result::ok)
                .map(|it| it.to_string())
                .collect(),
        },
        Comparison::IpAddress => address(value).into_iter().collect(),
        Comparison::Number(_) => match value.parse::<i64>() {
            Ok(number) => [Some(number), number.checked_sub(1), number.checked_add(1)]
                .into_iter()
                .flatten()
                .map(|it| it.to_string())
                .collect(),
            Err(_) => vec![value.to_owned()],
        },
    }
}

/// The pattern as a text that it matches; variables stay what they are.
fn filled(pattern: &str) -> String {
    let mut text = String::with_capacity(pattern.len());
    let mut rest = pattern;
    while let Some(c) = rest.chars().next() {
        let variable = rest.strip_prefix("${").and_then(|it| it.find('}')).map(|end| end + 3);
        let taken = variable.unwrap_or(c.len_utf8());
        match c {
            '*' => text.push_str("example"),
            '?' => text.push('x'),
            _ => text.push_str(rest.get(..taken).unwrap_or_default()),
        }
        rest = rest.get(taken..).unwrap_or_default();
    }
    text
}

/// The first host of a range, or the address itself.
fn address(value: &str) -> Option<String> {
    let Ok(range) = value.parse::<ipnet::IpNet>() else {
        return value.parse::<std::net::IpAddr>().ok().map(|it| it.to_string());
    };
    range.hosts().next().map(|it| it.to_string())
}

/// A value that policies have no reason to name.
///
/// Source: [RFC 5737](https://www.rfc-editor.org/rfc/rfc5737) on the address
fn unlike(value_type: ValueType) -> &'static str {
    match value_type {
        ValueType::Arn => "arn:aws:s3:::another-example",
        ValueType::Bool => "false",
        ValueType::Date => "2026-01-01T00:00:00Z",
        ValueType::IpAddress => "203.0.113.10",
        ValueType::Number => "1",
        ValueType::Text => "another-example",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_filled_but_for_its_variables() {
        assert_eq!(filled("a*b?${aws:username}é*"), "aexamplebx${aws:username}éexample");
        assert_eq!(filled("${*}"), "${*}");
    }

    #[test]
    fn what_has_an_order_has_neighbours() {
        let number = Comparison::Number(super::super::operator::Order::LessThan);
        assert_eq!(near(number, "7"), ["7", "6", "8"]);
        assert_eq!(near(Comparison::IpAddress, "10.0.0.0/8"), ["10.0.0.1"]);
        assert_eq!(near(Comparison::IpAddress, "2001:db8::1"), ["2001:db8::1"]);
    }
}
