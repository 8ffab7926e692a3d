//! Matching text against `*` and `?`, in time linear in practice and without recursion.

/// One element of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    /// This character, literally.
    Char(char),
    /// `?`: exactly one character.
    One,
    /// `*`: any run of characters, also an empty one.
    Run,
}

/// Whether upper and lower case of ASCII letters are told apart.
///
/// Letters outside ASCII are always told apart: folding them would let `K` (the
/// Kelvin sign) match `k`, and widen what a policy says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Case {
    Sensitive,
    Insensitive,
}

impl Case {
    fn equal(self, a: char, b: char) -> bool {
        match self {
            Self::Sensitive => a == b,
            Self::Insensitive => a.eq_ignore_ascii_case(&b),
        }
    }
}

/// A pattern, classified once so that the usual forms compare like plain strings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Pattern {
    /// No wildcard: the text itself.
    Literal(Box<str>),
    /// A literal and then `*`; `*` alone is the empty prefix.
    Prefix(Box<str>),
    /// Literals with `*` between them: `head*middle*…*tail`.
    Segments { head: Box<str>, middle: Box<[Box<str>]>, tail: Box<str> },
    /// Anything with a `?` in it.
    General(Box<[Token]>),
}

impl Pattern {
    /// A pattern of elements that were told apart before, as `${*}` is from `*`.
    pub(crate) fn from_tokens(tokens: impl IntoIterator<Item = Token>) -> Self {
        let tokens: Vec<Token> = tokens.into_iter().collect();
        if tokens.contains(&Token::One) {
            return Self::General(tokens.into());
        }
        let mut literals: Vec<Box<str>> = tokens
            .split(|token| *token == Token::Run)
            .map(|literal| {
                let text: String = literal.iter().copied().filter_map(Token::literal).collect();
                text.into_boxed_str()
            })
            .collect();
        let tail = literals.pop().unwrap_or_default();
        if literals.is_empty() {
            return Self::Literal(tail);
        }
        let head = literals.remove(0);
        if literals.iter().all(|middle| middle.is_empty()) && tail.is_empty() {
            return Self::Prefix(head);
        }
        Self::Segments { head, middle: literals.into(), tail }
    }

    /// Whether `text` as a whole fits the pattern; letter case counts.
    pub(crate) fn matches(&self, text: &str) -> bool {
        match self {
            Self::Literal(literal) => **literal == *text,
            Self::Prefix(prefix) => text.starts_with(&**prefix),
            Self::Segments { head, middle, tail } => matches_segments(head, middle, tail, text),
            Self::General(tokens) => matches(tokens.iter().copied(), text, Case::Sensitive),
        }
    }

    /// Whether the pattern ends in `*`.
    pub(crate) fn is_open_ended(&self) -> bool {
        match self {
            Self::Literal(_) => false,
            Self::Prefix(_) => true,
            Self::Segments { tail, .. } => tail.is_empty(),
            Self::General(tokens) => tokens.last() == Some(&Token::Run),
        }
    }
}

impl Token {
    /// A character of a pattern in which `*` and `?` are wildcards.
    pub(crate) fn of(c: char) -> Self {
        match c {
            '*' => Self::Run,
            '?' => Self::One,
            c => Self::Char(c),
        }
    }

    fn literal(self) -> Option<char> {
        match self {
            Self::Char(c) => Some(c),
            Self::One | Self::Run => None,
        }
    }
}

/// The leftmost place for each middle literal is enough: whatever follows has then
/// the most room. `str::find` is linear, so the whole is.
fn matches_segments(head: &str, middle: &[Box<str>], tail: &str, text: &str) -> bool {
    let Some(mut rest) = text.strip_prefix(head).and_then(|rest| rest.strip_suffix(tail)) else {
        return false;
    };
    for literal in middle {
        let Some(found) = rest.find(&**literal) else {
            return false;
        };
        rest = rest.get(found + literal.len()..).unwrap_or_default();
    }
    true
}

/// Whether `text` as a whole fits a pattern that is given element by element.
///
/// Runs without recursion, in at most `pattern * text` steps: on a mismatch only
/// the most recent `*` needs to give up one more character.
pub(crate) fn matches(
    mut pattern: impl Iterator<Item = Token> + Clone,
    text: &str,
    case: Case,
) -> bool {
    let mut text = text.chars();
    let mut retry = None;
    loop {
        let before = text.clone();
        match (pattern.next(), text.next()) {
            (Some(Token::Run), _) => {
                text = before;
                retry = Some((pattern.clone(), text.clone()));
            }
            (Some(Token::One), Some(_)) => {}
            (Some(Token::Char(p)), Some(t)) if case.equal(p, t) => {}
            (None, None) => return true,
            _ => {
                let Some((after_run, mut rest)) = retry.take() else {
                    return false;
                };
                if rest.next().is_none() {
                    return false;
                }
                pattern = after_run.clone();
                text = rest.clone();
                retry = Some((after_run, rest));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> Pattern {
        Pattern::from_tokens(text.chars().map(Token::of))
    }

    #[test]
    fn wildcards_match_as_documented() {
        let table = [
            ("*", "", true),
            ("*", "a/b:c\n", true),
            ("", "", true),
            ("", "a", false),
            ("kms:Get*", "kms:GetKeyPolicy", true),
            ("kms:Get*", "kms:Get", true),
            ("kms:Delete*", "kms:ScheduleKeyDeletion", false),
            ("kms:GenerateDataKey", "kms:GenerateDataKeyPair", false),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("a?c", "aéc", true),
            ("?", "", false),
            ("*?*", "", false),
            ("**", "", true),
            ("a*b*c", "a1b2b3c", true),
            ("a*b*c", "a1c", false),
            ("ab*ba", "aba", false),
            ("*a*", "bab", true),
            ("[ab]", "a", false),
            ("[ab]", "[ab]", true),
            ("{a,b}", "a", false),
            ("a.c", "abc", false),
            ("\\*", "\\x", true),
        ];
        for (written, text, expected) in table {
            assert_eq!(pattern(written).matches(text), expected, "`{written}` on `{text}`");
        }
    }

    #[test]
    fn a_chain_of_wildcards_answers_at_once() {
        let text = "a".repeat(100_000);
        for written in ["*a".repeat(50) + "b", "*a".repeat(50) + "?b", "a*".repeat(50) + "b"] {
            assert!(!pattern(&written).matches(&text));
        }
        assert!(!pattern(&format!("*{}b*", "a".repeat(1_000))).matches(&text));
    }

    #[test]
    fn only_ascii_case_is_folded() {
        let fits = |p: &str, t| matches(p.chars().map(Token::Char), t, Case::Insensitive);
        assert!(fits("Key", "kEY"));
        assert!(!fits("\u{212a}ey", "key"));
    }
}
