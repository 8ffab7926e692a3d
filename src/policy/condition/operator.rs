use std::cmp::Ordering;

use crate::text::did_you_mean;

/// A condition operator: the product of a comparison, its negation, a quantifier over the
/// request's values, and `IfExists`.
///
/// Source: [Condition operators](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html),
/// [Set operators](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Operator {
    pub(crate) comparison: Comparison,
    pub(crate) negated: bool,
    pub(crate) quantifier: Option<Quantifier>,
    pub(crate) if_exists: bool,
}

/// How many of the request's values must satisfy the comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Quantifier {
    ForAllValues,
    ForAnyValue,
}

/// How a value of the request is compared with one of the policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    /// `ArnEquals` and `ArnLike` mean the same.
    Arn,
    Binary,
    Bool,
    Date(Order),
    IpAddress,
    Null,
    Number(Order),
    String(StringTest),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StringTest {
    Equals,
    EqualsIgnoreCase,
    Like,
}

/// How the request's value stands to the policy's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    Equals,
    LessThan,
    LessThanEquals,
    GreaterThan,
    GreaterThanEquals,
}

impl Order {
    pub(crate) fn holds(self, ordering: Ordering) -> bool {
        match self {
            Self::Equals => ordering.is_eq(),
            Self::LessThan => ordering.is_lt(),
            Self::LessThanEquals => ordering.is_le(),
            Self::GreaterThan => ordering.is_gt(),
            Self::GreaterThanEquals => ordering.is_ge(),
        }
    }
}

/// The operators by name: the comparison, and whether it is negated.
#[rustfmt::skip]
const OPERATORS: &[(&str, Comparison, bool)] = &[
    ("ArnEquals",                 Comparison::Arn,                                  false),
    ("ArnLike",                   Comparison::Arn,                                  false),
    ("ArnNotEquals",              Comparison::Arn,                                  true),
    ("ArnNotLike",                Comparison::Arn,                                  true),
    ("BinaryEquals",              Comparison::Binary,                               false),
    ("Bool",                      Comparison::Bool,                                 false),
    ("DateEquals",                Comparison::Date(Order::Equals),                  false),
    ("DateGreaterThan",           Comparison::Date(Order::GreaterThan),             false),
    ("DateGreaterThanEquals",     Comparison::Date(Order::GreaterThanEquals),       false),
    ("DateLessThan",              Comparison::Date(Order::LessThan),                false),
    ("DateLessThanEquals",        Comparison::Date(Order::LessThanEquals),          false),
    ("DateNotEquals",             Comparison::Date(Order::Equals),                  true),
    ("IpAddress",                 Comparison::IpAddress,                            false),
    ("NotIpAddress",              Comparison::IpAddress,                            true),
    ("Null",                      Comparison::Null,                                 false),
    ("NumericEquals",             Comparison::Number(Order::Equals),                false),
    ("NumericGreaterThan",        Comparison::Number(Order::GreaterThan),           false),
    ("NumericGreaterThanEquals",  Comparison::Number(Order::GreaterThanEquals),     false),
    ("NumericLessThan",           Comparison::Number(Order::LessThan),              false),
    ("NumericLessThanEquals",     Comparison::Number(Order::LessThanEquals),        false),
    ("NumericNotEquals",          Comparison::Number(Order::Equals),                true),
    ("StringEquals",              Comparison::String(StringTest::Equals),           false),
    ("StringEqualsIgnoreCase",    Comparison::String(StringTest::EqualsIgnoreCase), false),
    ("StringLike",                Comparison::String(StringTest::Like),             false),
    ("StringNotEquals",           Comparison::String(StringTest::Equals),           true),
    ("StringNotEqualsIgnoreCase", Comparison::String(StringTest::EqualsIgnoreCase), true),
    ("StringNotLike",             Comparison::String(StringTest::Like),             true),
];

const SUFFIX: &str = "IfExists";

/// An operator name that was read, and whether it is written as AWS writes it.
#[derive(Debug)]
pub(crate) struct ParsedOperator {
    pub(crate) operator: Operator,
    pub(crate) spelling: String,
}

impl Operator {
    /// The names of the operators, without set operators and `IfExists`.
    pub(crate) fn names() -> impl Iterator<Item = &'static str> {
        OPERATORS.iter().map(|(name, ..)| *name)
    }

    /// Reads an operator's name. Its case is not documented to matter, so it does not.
    ///
    /// The error says what is wrong, and what to write instead if that can be guessed.
    pub(crate) fn parse(name: &str) -> Result<ParsedOperator, (String, Option<String>)> {
        let (prefix, quantifier, rest) = match name.split_once(':') {
            Some((set, rest)) if set.eq_ignore_ascii_case("ForAllValues") => {
                ("ForAllValues:", Some(Quantifier::ForAllValues), rest)
            }
            Some((set, rest)) if set.eq_ignore_ascii_case("ForAnyValue") => {
                ("ForAnyValue:", Some(Quantifier::ForAnyValue), rest)
            }
            _ => ("", None, name),
        };
        let stem = rest.len().checked_sub(SUFFIX.len()).and_then(|at| rest.split_at_checked(at));
        let (base, if_exists) = match stem {
            Some((base, suffix)) if suffix.eq_ignore_ascii_case(SUFFIX) => (base, true),
            _ => (rest, false),
        };
        let known = OPERATORS.iter().find(|(name, ..)| name.eq_ignore_ascii_case(base));
        let Some((base, comparison, negated)) = known else {
            let help = did_you_mean(base, OPERATORS.iter().map(|(name, ..)| *name));
            return Err(("expected a condition operator".into(), help));
        };
        if if_exists && *comparison == Comparison::Null {
            let help = "`Null` tests whether the key is there, so it has no form with `IfExists`";
            return Err(("expected a condition operator".into(), Some(help.into())));
        }
        Ok(ParsedOperator {
            spelling: format!("{prefix}{base}{}", if if_exists { SUFFIX } else { "" }),
            operator: Self { comparison: *comparison, negated: *negated, quantifier, if_exists },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operators_are_sorted_and_unique() {
        assert!(OPERATORS.is_sorted_by(|a, b| a.0 < b.0));
        assert_eq!(OPERATORS.len(), 27);
    }

    #[test]
    fn every_operator_is_found_with_every_prefix_and_suffix() {
        for (name, comparison, negated) in OPERATORS {
            for prefix in ["", "ForAllValues:", "ForAnyValue:"] {
                for suffix in ["", "IfExists"] {
                    let full = format!("{prefix}{name}{suffix}");
                    match Operator::parse(&full) {
                        Err(_) => assert_eq!((*name, suffix), ("Null", "IfExists")),
                        Ok(ParsedOperator { operator, spelling }) => {
                            assert_eq!(spelling, full);
                            assert_eq!(
                                (operator.comparison, operator.negated),
                                (*comparison, *negated)
                            );
                            assert_eq!(operator.if_exists, !suffix.is_empty());
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn unusual_case_is_read_and_an_unknown_name_is_not() {
        assert_eq!(
            Operator::parse("stringequalsifexists").unwrap().spelling,
            "StringEqualsIfExists"
        );
        for name in [
            "",
            "StringEqual",
            "ForAnyValue::StringEquals",
            "IfExists",
            "ForSomeValues:Bool",
            "x:Bool",
        ] {
            assert!(Operator::parse(name).is_err(), "{name}");
        }
        let (_, help) = Operator::parse("StringEqual").unwrap_err();
        assert!(help.unwrap().contains("`StringEquals`"));
    }
}
