//! Text with wildcards and variables, compared character by character.

use super::catalogue;
use super::context::Context;

/// A character of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    /// The character itself.
    Literal(char),
    /// `*`
    Any,
    /// `?`
    One,
}

/// Which of the special forms a text may hold.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Syntax<'a> {
    /// Whether `*` and `?` stand for other characters.
    pub(crate) wildcards: bool,
    /// What variables are replaced with; none where `${` is plain text.
    pub(crate) variables: Option<&'a Context>,
}

/// Takes a text of a policy apart; none if a variable in it has no value.
pub(crate) fn tokens(text: &str, syntax: Syntax<'_>) -> Option<Vec<Token>> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let variable = syntax.variables.filter(|_| rest.starts_with("${"));
        if let (Some(context), Some(end)) = (variable, rest.find('}')) {
            let value = variable_value(&rest[2..end], context)?;
            found.extend(value.chars().map(Token::Literal));
            rest = &rest[end + 1..];
            continue;
        }
        found.push(match first {
            '*' if syntax.wildcards => Token::Any,
            '?' if syntax.wildcards => Token::One,
            other => Token::Literal(other),
        });
        rest = &rest[first.len_utf8()..];
    }
    Some(found)
}

/// What `${inner}` stands for.
fn variable_value(inner: &str, context: &Context) -> Option<String> {
    if ["*", "?", "$"].contains(&inner) {
        return Some(inner.to_owned());
    }
    let (name, default) = match inner.split_once(", ") {
        Some((name, quoted)) => (name, Some(quoted.trim_matches('\'').to_owned())),
        None => (inner, None),
    };
    let name = name.to_lowercase();
    let single = |values: &Vec<String>| match values.as_slice() {
        [value] if !catalogue::multivalued(&name) => Some(value.clone()),
        _ => None,
    };
    context.get(&name).and_then(single).or(default)
}

/// Whether the pattern covers the text; `*` crosses everything.
pub(crate) fn covers(pattern: &[Token], text: &[char]) -> bool {
    match (pattern.split_first(), text.split_first()) {
        (None, None) => true,
        (Some((Token::Any, after)), None) => covers(after, text),
        (Some((Token::Any, after)), Some((_, rest))) => {
            covers(after, text) || covers(pattern, rest)
        }
        (Some((Token::One, after)), Some((_, rest))) => covers(after, rest),
        (Some((Token::Literal(wanted), after)), Some((found, rest))) => {
            wanted == found && covers(after, rest)
        }
        (None, Some(_)) | (Some(_), None) => false,
    }
}

/// Whether the pattern of a `Resource` covers an ARN.
///
/// A wildcard stays in its part, but a `*` that ends a part may go on over the next ones.
pub(crate) fn covers_arn(pattern: &[Token], text: &[char]) -> bool {
    match (pattern.split_first(), text.split_first()) {
        (None, None) => true,
        (Some((Token::Any, after)), None) => covers_arn(after, text),
        (Some((Token::Any, after)), Some((next, rest))) => {
            let ends_its_part = matches!(after.first(), None | Some(Token::Literal(':')));
            let may_take = *next != ':' || ends_its_part;
            covers_arn(after, text) || may_take && covers_arn(pattern, rest)
        }
        (Some((Token::One, after)), Some((next, rest))) => *next != ':' && covers_arn(after, rest),
        (Some((Token::Literal(wanted), after)), Some((found, rest))) => {
            wanted == found && covers_arn(after, rest)
        }
        (None, Some(_)) | (Some(_), None) => false,
    }
}

/// The six parts of an ARN or ARN pattern; the last may contain colons.
pub(crate) fn arn_parts(pattern: &[Token]) -> Option<Vec<Vec<Token>>> {
    let mut parts = vec![Vec::new()];
    for token in pattern {
        let full = parts.len() == 6;
        match parts.last_mut() {
            Some(_) if *token == Token::Literal(':') && !full => parts.push(Vec::new()),
            Some(part) => part.push(*token),
            None => {}
        }
    }
    (parts.len() == 6).then_some(parts)
}

/// A text without special forms.
pub(crate) fn literal(text: &str) -> Vec<Token> {
    text.chars().map(Token::Literal).collect()
}

/// Whether a pattern with wildcards covers a text whatever the case.
pub(crate) fn covers_ignoring_case(pattern: &str, text: &str) -> bool {
    let syntax = Syntax { wildcards: true, variables: None };
    let text: Vec<char> = text.to_lowercase().chars().collect();
    tokens(&pattern.to_lowercase(), syntax).is_some_and(|pattern| covers(&pattern, &text))
}
