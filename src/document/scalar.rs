//! How far a scalar of YAML reaches: the parser's end is where the next token begins.

use saphyr_parser::ScalarStyle;

/// The length of a scalar with its tag, without a comment after it.
pub(super) fn length(text: &str, style: ScalarStyle) -> usize {
    let properties = properties(text);
    let value = text.get(properties..).unwrap_or_default();
    let length = match style {
        ScalarStyle::DoubleQuoted => after_quote(value, '"', Some('\\')),
        ScalarStyle::SingleQuoted => after_quote(value, '\'', None),
        ScalarStyle::Plain => before_comment(value),
        ScalarStyle::Literal | ScalarStyle::Folded => None,
    };
    length.map_or(text.len(), |length| properties + length)
}

/// The length of a tag and an anchor, with the white space after them.
fn properties(text: &str) -> usize {
    if !text.starts_with(['!', '&']) {
        return 0;
    }
    let rest = text.split_once(char::is_whitespace).map_or("", |(_, rest)| rest.trim_start());
    text.len() - rest.len() + properties(rest)
}

/// The length of a quoted scalar; without escapes, a quotation mark within it is written twice.
fn after_quote(text: &str, quote: char, escape: Option<char>) -> Option<usize> {
    let mut characters = text.char_indices().peekable();
    characters.next().filter(|(_, first)| *first == quote)?;
    while let Some((at, c)) = characters.next() {
        if Some(c) == escape {
            characters.next();
        } else if c == quote
            && (escape.is_some() || characters.next_if(|it| it.1 == quote).is_none())
        {
            return Some(at + quote.len_utf8());
        }
    }
    None
}

/// The length of a plain scalar, of which `#` after white space is no part.
fn before_comment(text: &str) -> Option<usize> {
    let hashes = text.match_indices('#').filter_map(|(hash, _)| text.get(..hash));
    let mut before = hashes.filter(|it| it.ends_with(char::is_whitespace));
    before.next().map(|it| it.trim_end().len())
}

#[cfg(test)]
mod tests {
    use super::super::{Document, Format, Source};

    fn parsed(text: &str, format: Format) -> Document {
        Document::parse(Source::new("s.yaml", text), format).unwrap()
    }

    #[test]
    fn a_scalar_ends_before_its_comment() {
        for (line, expected) in [
            ("a: \"x # \\\" é\"  # a \"comment\"", "\"x # \\\" é\""),
            ("a: 'it''s'   # ours", "'it''s'"),
            ("a: x y#z   # a comment", "x y#z"),
            ("a: [x, 'y']  # a comment", "[x, 'y']"),
            ("a: kms:*", "kms:*"),
        ] {
            let document = parsed(&format!("{line}\nb: c\n"), Format::Yaml);
            let place = document.place_at("/a");
            assert_eq!(&place.source.text[place.span], expected, "{line}");
        }
        let text = "a: !Sub \"x\" # a comment\nb: c\n";
        let place = parsed(text, Format::CloudFormation).place_at("/a");
        assert_eq!(&text[place.span], "!Sub \"x\"");
    }
}
