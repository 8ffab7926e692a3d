//! Texts that a pattern leaves open.

use std::collections::{HashSet, VecDeque};

use crate::wildcard::Token;

/// Longer patterns are of nothing that there is.
const LONGEST: usize = 1024;

/// Whether a text has wildcards.
pub(super) fn is_open(text: &str) -> bool {
    text.contains(['*', '?'])
}

/// A text that an open pattern and a template both match.
pub(super) fn filled(pattern: &str, template: &str) -> Option<String> {
    is_open(pattern).then(|| common(pattern, template)).flatten()
}

/// A text that two patterns match, if there is one; a nine where neither says what it is.
fn common(one: &str, other: &str) -> Option<String> {
    if one.len() > LONGEST {
        return None;
    }
    let tokens = |text: &str| -> Vec<Token> {
        let mut tokens: Vec<Token> = text.chars().map(Token::of).collect();
        tokens.dedup_by(|a, b| *a == Token::Run && *b == Token::Run);
        tokens
    };
    let (one, other) = (tokens(one), tokens(other));
    let mut seen = HashSet::new();
    let mut next = VecDeque::from([(0, 0, String::new())]);
    while let Some((i, j, text)) = next.pop_front() {
        if !seen.insert((i, j)) {
            continue;
        }
        let (a, b) = (one.get(i), other.get(j));
        if a.is_none() && b.is_none() {
            return Some(text);
        }
        if let Some(c) = a.zip(b).and_then(|(a, b)| character(*a, *b)) {
            let after = |index, token: Option<&Token>| match token {
                Some(Token::Run) => index,
                _ => index + 1,
            };
            next.push_back((after(i, a), after(j, b), format!("{text}{c}")));
        }
        if a == Some(&Token::Run) {
            next.push_back((i + 1, j, text.clone()));
        }
        if b == Some(&Token::Run) {
            next.push_back((i, j + 1, text));
        }
    }
    None
}

/// The character that two elements match, unless none is needed.
fn character(one: Token, other: Token) -> Option<char> {
    match (one, other) {
        (Token::Char(a), Token::Char(b)) => (a == b).then_some(a),
        (Token::Char(c), Token::One | Token::Run) | (Token::One | Token::Run, Token::Char(c)) => {
            Some(c)
        }
        (Token::Run, Token::Run) => None,
        (Token::One, _) | (_, Token::One) => Some('9'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_two_patterns_match_is_found_if_there_is_one() {
        let table = [
            ("*", "o-?*", Some("o-9")),
            ("o-*", "o-?*", Some("o-9")),
            ("vpc-*", "o-?*", None),
            ("*:role/Admin", "arn:aws:iam::1:role/?*", Some("arn:aws:iam::1:role/Admin")),
            ("*/Admin", "arn:aws:iam::1:role/?*", Some("arn:aws:iam::1:role/9/Admin")),
            ("arn:aws:iam::2:role/*", "arn:aws:iam::1:role/?*", None),
            ("12*", "????", Some("1299")),
            ("***", "", Some("")),
        ];
        for (one, other, expected) in table {
            let found = common(one, other);
            match expected {
                // Which of several is found does not matter.
                Some(_) => {
                    let found = found.unwrap_or_else(|| panic!("{one} and {other}"));
                    for pattern in [one, other] {
                        let tokens = pattern.chars().map(Token::of);
                        let case = crate::wildcard::Case::Sensitive;
                        assert!(crate::wildcard::matches(tokens, &found, case), "{found}");
                    }
                }
                None => assert_eq!(found, None, "{one} and {other}"),
            }
        }
    }
}
