use crate::request::{Context, ContextKey, Entry};
use crate::truth::Truth;
use crate::wildcard::{Case, Pattern, Token, matches};

/// What has a meaning of its own in a text of a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Syntax {
    pub(crate) wildcards: Wildcards,
    pub(crate) variables: Variables,
}

/// Whether `*` and `?` are wildcards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wildcards {
    Active,
    Literal,
}

/// Whether `${…}` is a policy variable. It is not before version `2012-10-17`.
///
/// Source: [Version](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Variables {
    Active,
    Literal,
}

/// A text of a policy with its wildcards and policy variables.
///
/// The elements stay apart to the end, so that the value of a variable is always
/// literal: a `*` in somebody's tag is not a wildcard.
///
/// Source: [Variables and tags](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html)
#[derive(Clone, Debug)]
pub(crate) struct Template(Form);

#[derive(Clone, Debug)]
enum Form {
    /// Without a variable.
    Fixed(Pattern),
    Open(Box<[Part]>),
}

#[derive(Clone, Debug)]
pub(crate) enum Part {
    Token(Token),
    Variable(Variable),
}

/// `${key}`, or `${key, 'default'}`.
#[derive(Clone, Debug)]
pub(crate) struct Variable {
    pub(crate) key: ContextKey,
    default: Option<Box<str>>,
    /// A key that can have several values has no single one to insert.
    is_multivalued: bool,
}

/// A text, read element by element, and what in it looks like a variable but is none.
#[derive(Debug)]
pub(crate) struct Parsed {
    pub(crate) parts: Vec<Part>,
    pub(crate) malformed: Option<&'static str>,
}

impl Template {
    pub(crate) fn new(parts: Vec<Part>) -> Self {
        let tokens: Option<Vec<Token>> = parts.iter().map(Part::token).collect();
        Self(match tokens {
            Some(tokens) => Form::Fixed(Pattern::from_tokens(tokens)),
            None => Form::Open(parts.into()),
        })
    }

    /// Whether the text as a whole fits.
    pub(crate) fn matches(&self, text: &str, context: &Context) -> Truth {
        match &self.0 {
            Form::Fixed(pattern) => pattern.matches(text).into(),
            Form::Open(parts) => matches_parts(parts, text, context, Case::Sensitive),
        }
    }

    /// Whether the text is the same but for the case of ASCII letters.
    pub(crate) fn equals_ignoring_case(&self, text: &str, context: &Context) -> Truth {
        match &self.0 {
            Form::Fixed(Pattern::Literal(literal)) => literal.eq_ignore_ascii_case(text).into(),
            Form::Fixed(_) => Truth::False,
            Form::Open(parts) => matches_parts(parts, text, context, Case::Insensitive),
        }
    }

    /// Whether the template is `*`, and fits whatever there is.
    pub(crate) fn is_any(&self) -> bool {
        matches!(&self.0, Form::Fixed(Pattern::Prefix(prefix)) if prefix.is_empty())
    }

    /// Whether the template ends in `*`.
    pub(crate) fn is_open_ended(&self) -> bool {
        match &self.0 {
            Form::Fixed(pattern) => pattern.is_open_ended(),
            Form::Open(parts) => matches!(parts.last(), Some(Part::Token(Token::Run))),
        }
    }

    /// Whether every variable stands for something; else the text means nothing.
    pub(crate) fn has_value(&self, context: &Context) -> Truth {
        let Form::Open(parts) = &self.0 else { return Truth::True };
        Truth::all(parts.iter().map(|part| match part {
            Part::Token(_) => Truth::True,
            Part::Variable(variable) => match variable.resolve(context) {
                Value::Text(_) => Truth::True,
                Value::Null => Truth::False,
                Value::Open => Truth::Unknown,
            },
        }))
    }

    /// The context keys that its variables read.
    pub(crate) fn variables(&self) -> impl Iterator<Item = &ContextKey> {
        let parts: &[Part] = match &self.0 {
            Form::Fixed(_) => &[],
            Form::Open(parts) => parts,
        };
        parts.iter().filter_map(|part| match part {
            Part::Variable(variable) => Some(&variable.key),
            Part::Token(_) => None,
        })
    }
}

impl Part {
    fn token(&self) -> Option<Token> {
        match self {
            Self::Token(token) => Some(*token),
            Self::Variable(_) => None,
        }
    }
}

/// What a variable stands for in one request.
enum Value<'a> {
    Text(&'a str),
    /// Neither in the request nor with a default: such a text matches nothing.
    Null,
    Open,
}

impl Variable {
    fn new(key: ContextKey, default: Option<Box<str>>) -> Self {
        let is_multivalued = key.documented().is_some_and(|documented| documented.multivalued);
        Self { key, default, is_multivalued }
    }

    fn resolve<'a>(&'a self, context: &'a Context) -> Value<'a> {
        let default = || self.default.as_deref().map_or(Value::Null, Value::Text);
        match context.get(&self.key) {
            _ if self.is_multivalued => Value::Null,
            Entry::Unknown => Value::Open,
            Entry::Values(values) => match values.as_slice() {
                [value] => Value::Text(value),
                _ => Value::Null,
            },
            Entry::Absent => default(),
        }
    }
}

fn matches_parts(parts: &[Part], text: &str, context: &Context, case: Case) -> Truth {
    let mut open = false;
    for part in parts {
        if let Part::Variable(variable) = part {
            match variable.resolve(context) {
                Value::Text(_) => {}
                Value::Null => return Truth::False,
                Value::Open => open = true,
            }
        }
    }
    let fits = matches(Tokens { parts: parts.iter(), value: "".chars(), context }, text, case);
    match (fits, open) {
        (true, true) => Truth::Unknown,
        (fits, _) => fits.into(),
    }
}

/// The elements of a template with the values of its variables put in as literal text.
/// An open variable may be anything, so it is passed on as `*`.
#[derive(Clone)]
struct Tokens<'a> {
    parts: std::slice::Iter<'a, Part>,
    value: std::str::Chars<'a>,
    context: &'a Context,
}

impl Iterator for Tokens<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        loop {
            if let Some(c) = self.value.next() {
                return Some(Token::Char(c));
            }
            match self.parts.next()? {
                Part::Token(token) => return Some(*token),
                Part::Variable(variable) => match variable.resolve(self.context) {
                    Value::Text(text) => self.value = text.chars(),
                    Value::Null => {}
                    Value::Open => return Some(Token::Run),
                },
            }
        }
    }
}

const MULTIVALUED: &str =
    "a variable of a key that can have several values, which has none to insert";

/// Reads a text of a policy. What begins like a variable and is not one stays literal.
pub(crate) fn parse(text: &str, syntax: Syntax) -> Parsed {
    let mut parsed = Parsed { parts: Vec::with_capacity(text.len()), malformed: None };
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if syntax.variables == Variables::Active && rest.starts_with("${") {
            match variable(rest) {
                Ok((part, after)) => {
                    if matches!(&part, Part::Variable(variable) if variable.is_multivalued) {
                        parsed.malformed = Some(MULTIVALUED);
                    }
                    parsed.parts.push(part);
                    rest = after;
                    continue;
                }
                Err(reason) => parsed.malformed = Some(reason),
            }
        }
        parsed.parts.push(Part::Token(match syntax.wildcards {
            Wildcards::Active => Token::of(c),
            Wildcards::Literal => Token::Char(c),
        }));
        rest = rest.get(c.len_utf8()..).unwrap_or_default();
    }
    parsed
}

const QUOTES: &str = "a default that is not `, 'text'`: taken literally";

/// The variable at the beginning of `text`, and what follows it.
fn variable(text: &str) -> Result<(Part, &str), &'static str> {
    let inside = text.strip_prefix("${").unwrap_or(text);
    if let Some((escaped, after)) = ["*", "?", "$"].iter().find_map(|escaped| {
        let after = inside.strip_prefix(escaped)?.strip_prefix('}')?;
        Some((escaped.chars().next()?, after))
    }) {
        return Ok((Part::Token(Token::Char(escaped)), after));
    }
    let name_end = inside.find([',', '}']).ok_or("a variable without `}`: taken literally")?;
    let (name, after) =
        inside.split_at_checked(name_end).ok_or("a variable without `}`: taken literally")?;
    if name.is_empty() {
        return Err("an empty variable: taken literally");
    }
    if name.contains(['$', '{']) || name.contains(char::is_whitespace) {
        return Err("a variable whose name holds a space, `$` or `{`: taken literally");
    }
    let key = ContextKey::new(name);
    if let Some(after) = after.strip_prefix('}') {
        return Ok((Part::Variable(Variable::new(key, None)), after));
    }
    let quoted = after.strip_prefix(", '").ok_or(QUOTES)?;
    let (default, after) = quoted.split_once("'}").ok_or(QUOTES)?;
    if default.contains('\'') {
        return Err(QUOTES);
    }
    Ok((Part::Variable(Variable::new(key, Some(default.into()))), after))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn context() -> Context {
        let mut context = Context::default();
        let mut set = |key: &str, values: &[&str]| {
            let values = values.iter().map(|value| (*value).to_owned()).collect();
            context.set(ContextKey::new(key), Entry::Values(values));
        };
        set("aws:username", &["deploy"]);
        set("aws:PrincipalTag/wild", &["*"]);
        set("aws:PrincipalTag/nested", &["${aws:username}"]);
        set("aws:TagKeys", &["a", "b"]);
        context.set(ContextKey::new("aws:SourceIp"), Entry::Unknown);
        context
    }

    fn matches(template: &str, text: &str, syntax: Syntax) -> Truth {
        Template::new(parse(template, syntax).parts).matches(text, &context())
    }

    const LIKE: Syntax = Syntax { wildcards: Wildcards::Active, variables: Variables::Active };

    #[test]
    fn variables_are_replaced_by_literal_text() {
        use Truth::{False, True, Unknown};
        let table = [
            ("x/${aws:username}", "x/deploy", True),
            ("x/${AWS:UserName}/*", "x/deploy/y", True),
            ("x/${aws:username}", "x/other", False),
            ("${aws:PrincipalTag/wild}", "anything", False),
            ("${aws:PrincipalTag/wild}", "*", True),
            ("${aws:PrincipalTag/nested}", "deploy", False),
            ("${aws:PrincipalTag/nested}", "${aws:username}", True),
            ("${aws:PrincipalTag/none}", "", False),
            ("${aws:PrincipalTag/none, 'company-wide'}", "company-wide", True),
            ("${aws:username, 'nobody'}", "deploy", True),
            ("${aws:TagKeys}", "a", False),
            ("x/${aws:SourceIp}", "x/1.2.3.4", Unknown),
            ("x/${aws:SourceIp}", "y/1.2.3.4", False),
            ("${*}${?}${$}", "*?$", True),
            ("${*}", "x", False),
        ];
        for (template, text, expected) in table {
            assert_eq!(matches(template, text, LIKE), expected, "`{template}` on `{text}`");
        }
    }

    #[test]
    fn before_2012_a_variable_is_literal_text() {
        let old = Syntax { variables: Variables::Literal, ..LIKE };
        assert_eq!(matches("${aws:username}", "deploy", old), Truth::False);
        assert_eq!(matches("${aws:username}", "${aws:username}", old), Truth::True);
    }

    #[test]
    fn what_only_looks_like_a_variable_stays_literal_and_is_reported() {
        for text in [
            "${",
            "${aws:username",
            "${}",
            "${${aws:username}}",
            "${aws: username}",
            "${a, b}",
            "${a,'b'}",
            "${a, 'b}",
        ] {
            assert!(parse(text, LIKE).malformed.is_some(), "{text}");
            assert_eq!(
                matches(text, text, LIKE),
                if text.contains("${aws:username}") { Truth::False } else { Truth::True },
                "{text}"
            );
        }
        assert!(parse("$x {y} ${*}", LIKE).malformed.is_none());
    }
}
