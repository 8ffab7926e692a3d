use super::template::{Part, Syntax, Template, Variables, Wildcards, parse};
use crate::arn;
use crate::request::{Context, ContextKey};
use crate::truth::Truth;
use crate::wildcard::Token;

/// A pattern of ARNs: a template for each colon-separated part.
#[derive(Clone, Debug)]
pub(crate) struct ArnPattern {
    /// At most six; the sixth holds all colons that remain.
    segments: Box<[Template]>,
    /// The whole, where a variable may hold several parts: `${aws:PrincipalArn}`.
    whole: Option<Template>,
}

/// An ARN pattern and what in it looks like a variable but is none.
#[derive(Debug)]
pub(crate) struct ParsedArn {
    pub(crate) pattern: ArnPattern,
    pub(crate) malformed: Option<&'static str>,
}

impl ArnPattern {
    /// A value of an ARN condition operator.
    pub(crate) fn of_condition(text: &str, variables: Variables) -> ParsedArn {
        let parsed = parse(text, Syntax { wildcards: Wildcards::Active, variables });
        ParsedArn { pattern: Self::of_parts(&parsed.parts), malformed: parsed.malformed }
    }

    /// A value of a `Resource` element, where variables stand after the fifth colon only.
    pub(crate) fn of_resource(text: &str, variables: Variables) -> ParsedArn {
        let fifth = text.match_indices(':').nth(4).map_or(text.len(), |(colon, _)| colon + 1);
        let (head, resource) = text.split_at_checked(fifth).unwrap_or((text, ""));
        let literal = Syntax { wildcards: Wildcards::Active, variables: Variables::Literal };
        let mut parts = parse(head, literal).parts;
        let tail = parse(resource, Syntax { variables, ..literal });
        parts.extend(tail.parts);
        let misplaced = (variables == Variables::Active && head.contains("${"))
            .then_some("a variable before the fifth colon: taken literally");
        ParsedArn { pattern: Self::of_parts(&parts), malformed: misplaced.or(tail.malformed) }
    }

    fn of_parts(parts: &[Part]) -> Self {
        let is_colon = |part: &Part| matches!(part, Part::Token(Token::Char(':')));
        let segments = parts.splitn(6, is_colon).map(|segment| Template::new(segment.to_vec()));
        let segments: Box<[Template]> = segments.collect();
        let has_variables = segments.iter().any(|segment| segment.variables().next().is_some());
        let is_wildcard = |part: &Part| matches!(part, Part::Token(Token::Run | Token::One));
        let may_hold_parts = segments.len() < 6 && has_variables && !parts.iter().any(is_wildcard);
        let whole = may_hold_parts.then(|| Template::new(parts.to_vec()));
        Self { segments, whole }
    }

    /// Whether the pattern has all six parts, or variables that may hold some.
    pub(crate) fn is_complete(&self) -> bool {
        self.segments.len() == 6 || self.whole.is_some()
    }

    /// Whether a resource fits, by the rules of the `Resource` element: a wildcard stays
    /// within its part, but a `*` at the end of a part may go on over the following ones.
    ///
    /// Source: [Resource](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html)
    pub(crate) fn covers(&self, resource: &str, context: &Context) -> Truth {
        match &*self.segments {
            [only] if only.is_any() => Truth::True,
            segments => arn::split(resource)
                .map_or(Truth::False, |parts| covers_from(segments, &parts, context)),
        }
    }

    /// Whether an ARN fits, by the rules of `ArnLike`: part by part.
    ///
    /// Source: [ARN condition operators](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_ARN)
    pub(crate) fn is_like(&self, arn: &str, context: &Context) -> Truth {
        match arn::split(arn) {
            Some(_) if self.whole.is_some() => {
                self.whole.as_ref().map_or(Truth::False, |whole| whole.matches(arn, context))
            }
            Some(parts) if self.is_complete() => Truth::all(
                self.segments
                    .iter()
                    .zip(parts)
                    .map(|(segment, part)| segment.matches(part, context)),
            ),
            _ => Truth::False,
        }
    }

    /// Whether every variable stands for something; else the pattern means nothing.
    pub(crate) fn has_value(&self, context: &Context) -> Truth {
        Truth::all(self.segments.iter().map(|segment| segment.has_value(context)))
    }

    /// The context keys that its variables read.
    pub(crate) fn variables(&self) -> impl Iterator<Item = &ContextKey> {
        self.segments.iter().flat_map(Template::variables)
    }
}

/// Six parts at the most, so the recursion is shallow and its branches few.
fn covers_from(segments: &[Template], parts: &[&str], context: &Context) -> Truth {
    let ([segment, segments @ ..], [part, rest @ ..]) = (segments, parts) else {
        return (segments.is_empty() && parts.is_empty()).into();
    };
    let here = segment.matches(part, context);
    if here == Truth::False {
        return Truth::False;
    }
    let beyond = if segment.is_open_ended() { rest.len() } else { 0 };
    let skips = (0..=beyond).filter_map(|skipped| rest.get(skipped..));
    here & Truth::any(skips.map(|rest| covers_from(segments, rest, context)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "arn:aws:kms:us-east-1:123456789012:key/1234abcd";

    #[test]
    fn a_resource_pattern_is_matched_part_by_part() {
        let table = [
            ("*", KEY, true),
            ("*", "*", true),
            (KEY, KEY, true),
            (KEY, "*", false),
            ("arn:aws:kms:us-east-1:123456789012:key/*", KEY, true),
            ("arn:aws:kms:*:123456789012:key/*", KEY, true),
            ("arn:aws:kms:*:*:*", KEY, true),
            ("arn:aws:kms:*", KEY, true),
            ("arn:aws:kms:us-*", KEY, true),
            ("arn:*:kms:us-east-1:123456789012:key/1234????", KEY, true),
            ("arn:aws:kms:us-*-1:123456789012:key/*", KEY, true),
            ("arn:aws:kms:us-east-1:*/1234abcd", KEY, false),
            ("arn:aws:kms:*:key/1234abcd", KEY, true),
            ("arn:aws:kms:us*1:key/1234abcd", KEY, false),
            ("arn:aws:kms:us-east-1:123456789012:key", KEY, false),
            ("arn:aws:kms:us-east-1:12345678901?:key/*", KEY, true),
            ("arn:aws:kms:us-east-1?123456789012:key/*", KEY, false),
            ("arn:aws:kms:us-east-1:123456789012:KEY/*", KEY, false),
            ("arn:aws:kms:us-east-1:123456789012:alias/app", KEY, false),
            ("arn:aws:kms:us-east-1:123456789012", KEY, false),
            ("1234abcd", KEY, false),
            ("arn:aws:kms:*", "*", false),
        ];
        for (pattern, resource, expected) in table {
            let pattern = ArnPattern::of_resource(pattern, Variables::Active).pattern;
            assert_eq!(
                pattern.covers(resource, &Context::default()),
                expected.into(),
                "{pattern:?}"
            );
        }
    }

    #[test]
    fn arn_like_never_crosses_a_colon_but_in_the_last_part() {
        let role = "arn:aws:iam::123456789012:role/app/Web";
        let table = [
            ("arn:aws:iam::123456789012:role/*", role, true),
            ("arn:aws:iam::*:role/app/*", role, true),
            ("arn:aws:iam:*:*:*", role, true),
            ("arn:aws:iam:*", role, false),
            ("*", role, false),
            ("arn:aws:iam::123456789012:Role/*", role, false),
            ("arn:*:*:*:*:*", "arn:aws:logs:r:123456789012:log-group:x:*", true),
            ("arn:*:*:*:*:*", "not an arn", false),
        ];
        for (pattern, arn, expected) in table {
            let pattern = ArnPattern::of_condition(pattern, Variables::Active).pattern;
            assert_eq!(pattern.is_like(arn, &Context::default()), expected.into(), "{pattern:?}");
        }
    }

    #[test]
    fn a_variable_before_the_fifth_colon_is_literal_and_reported() {
        let parsed = ArnPattern::of_resource(
            "arn:aws:kms:${aws:RequestedRegion}:1:key/*",
            Variables::Active,
        );
        assert!(parsed.malformed.is_some());
        assert_eq!(parsed.pattern.variables().count(), 0);
    }
}
