//! The condition language.

pub(crate) mod date;
mod examples;
mod number;
mod operand;
mod operator;

use self::operand::Operand;
pub(crate) use self::operator::{Comparison, Operator};
use self::operator::{ParsedOperator, Quantifier};
use super::template::Variables;
use crate::kms::ValueType;
use crate::request::{Context, ContextKey, Entry};
use crate::truth::Truth;

/// One key of a `Condition` with its operator and values.
#[derive(Clone, Debug)]
pub struct Condition {
    /// The operator, spelled as AWS does.
    name: Box<str>,
    operator: Operator,
    key: ContextKey,
    /// As they are written.
    values: Box<[Box<str>]>,
    operands: Box<[Operand]>,
}

/// A condition that was read, and what in it is not as it should be.
#[derive(Debug)]
pub(crate) struct ParsedCondition {
    pub(crate) condition: Condition,
    /// Index of a value, and what is wrong with it.
    pub(crate) warnings: Vec<(usize, String)>,
}

impl Condition {
    /// Reads a condition whose operator is known.
    pub(crate) fn read(
        operator: &ParsedOperator,
        key: &str,
        values: &[&str],
        variables: Variables,
    ) -> ParsedCondition {
        let mut warnings = Vec::new();
        let mut operands = Vec::new();
        for (index, text) in values.iter().enumerate() {
            let parsed = Operand::parse(operator.operator.comparison, text, variables);
            warnings.extend(parsed.warning.map(|warning| (index, warning)));
            operands.extend(parsed.operand);
        }
        let condition = Self {
            name: operator.spelling.as_str().into(),
            operator: operator.operator,
            key: ContextKey::new(key),
            values: values.iter().map(|value| (*value).into()).collect(),
            operands: operands.into(),
        };
        ParsedCondition { condition, warnings }
    }

    /// The operator, such as `ForAnyValue:StringLikeIfExists`.
    #[must_use]
    pub fn operator(&self) -> &str {
        &self.name
    }

    /// The condition key that it tests.
    #[must_use]
    pub fn key(&self) -> &ContextKey {
        &self.key
    }

    /// Whether another has the same operator, key and values.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.name == other.name && self.key == other.key && self.values == other.values
    }

    /// The policy's values, as they are written.
    pub fn values(&self) -> impl Iterator<Item = &str> {
        self.values.iter().map(|value| &**value)
    }

    /// Every key that the condition reads: its own, and those of the variables in its values.
    pub(crate) fn reads(&self) -> impl Iterator<Item = &ContextKey> {
        std::iter::once(&self.key).chain(self.variables())
    }

    /// The keys that the variables in its values read.
    pub(crate) fn variables(&self) -> impl Iterator<Item = &ContextKey> {
        self.operands.iter().flat_map(Operand::variables)
    }

    /// Values of the key that between them, with another and with none, satisfy and fail the
    /// condition in every way there is; none where that is not so easily said.
    pub(crate) fn telling_values(&self) -> Option<Vec<&str>> {
        use operator::StringTest::Equals;
        let is_single = self.operator.quantifier.is_none()
            && self.key.documented().is_none_or(|documented| !documented.multivalued);
        let is_fixed = !self.values.iter().any(|value| value.contains("${"));
        match self.operator.comparison {
            Comparison::Bool => Some(vec!["true", "false"]),
            Comparison::Null => Some(Vec::new()),
            Comparison::String(Equals) if is_fixed => Some(self.values().collect()),
            Comparison::String(_)
            | Comparison::Arn
            | Comparison::Binary
            | Comparison::Date(_)
            | Comparison::IpAddress
            | Comparison::Number(_) => None,
        }
        .filter(|_| is_single)
    }

    /// Whether a set operator says how several values of the request count.
    pub(crate) fn is_quantified(&self) -> bool {
        self.operator.quantifier.is_some()
    }

    /// Whether this is `ForAllValues`, which a missing key satisfies.
    pub(crate) fn is_for_all_values(&self) -> bool {
        self.operator.quantifier == Some(Quantifier::ForAllValues)
    }

    /// Whether the condition holds for a request.
    pub(crate) fn test(&self, context: &Context) -> Truth {
        let entry = context.get(&self.key);
        match self.operator.comparison {
            Comparison::Null => self.test_null(entry),
            _ => self.test_values(entry, context),
        }
    }

    /// `Null: true` holds if the key is absent, `Null: false` if it is there.
    ///
    /// With a set operator the answer does not depend on the request.
    ///
    /// Source: [Null with qualifier](https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html)
    fn test_null(&self, entry: &Entry) -> Truth {
        let absent = match (self.operator.quantifier, entry) {
            (Some(Quantifier::ForAllValues), _) => return Truth::True,
            (Some(Quantifier::ForAnyValue), _) => return Truth::False,
            (None, Entry::Unknown) => return Truth::Unknown,
            (None, Entry::Absent) => true,
            (None, Entry::Values(_)) => false,
        };
        self.operands
            .iter()
            .any(|operand| matches!(operand, Operand::Bool(value) if *value == absent))
            .into()
    }

    /// Negation binds to one value of the request, and the quantifier ranges over the results.
    fn test_values(&self, entry: &Entry, context: &Context) -> Truth {
        use Quantifier::{ForAllValues, ForAnyValue};
        let values = match entry {
            Entry::Unknown => return Truth::Unknown,
            Entry::Absent => {
                return Truth::from(match self.operator.quantifier {
                    _ if self.operator.if_exists => true,
                    Some(ForAllValues) => true,
                    Some(ForAnyValue) => false,
                    None => self.operator.negated,
                });
            }
            Entry::Values(values) => values,
        };
        let mut results = values.iter().map(|value| self.holds(value, context));
        match self.operator.quantifier {
            // An empty string counts as no value at all.
            Some(ForAllValues) if values.iter().all(String::is_empty) => Truth::True,
            Some(ForAllValues) => Truth::all(&mut results),
            Some(ForAnyValue) | None => Truth::any(&mut results),
        }
    }

    /// Whether one value of the request satisfies the operator. One that is not of the
    /// operator's type satisfies neither the operator nor its negation; AWS does not say.
    fn holds(&self, value: &str, context: &Context) -> Truth {
        let comparable = self.operands.iter().filter_map(|operand| operand.holds(value, context));
        let (mut any, mut readable) = (Truth::False, self.values.is_empty());
        for holds in comparable {
            readable = true;
            any |= holds;
            if any == Truth::True {
                break;
            }
        }
        match (readable, self.operator.negated) {
            (false, _) => Truth::False,
            (true, false) => any,
            (true, true) => !any,
        }
    }
}

/// Whether a value of a request is of the type that its key documents.
pub(crate) fn is_of_type(value_type: ValueType, value: &str) -> bool {
    match value_type {
        ValueType::Arn => crate::arn::split(value).is_some(),
        ValueType::Bool => operand::boolean(value).is_some(),
        ValueType::Date => date::parse(value).is_some(),
        ValueType::IpAddress => value.parse::<std::net::IpAddr>().is_ok(),
        ValueType::Number => number::Decimal::parse(value).is_some(),
        ValueType::Text => true,
    }
}

#[cfg(test)]
mod tests;
