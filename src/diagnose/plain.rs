use std::borrow::Cow;

/// A text without what terminals, logs and encodings put into it, and without white space:
/// a message is found in it wherever its lines were broken.
#[derive(Debug)]
pub(super) struct Plain {
    text: String,
    /// The same in lower case, byte by byte.
    folded: String,
    /// Where white space was taken out, by offset.
    gaps: Vec<(usize, Gap)>,
}

/// White space that was taken out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Gap {
    /// A line break, which may stand within a word.
    Break,
    /// Spaces, which separate words.
    Space,
}

impl Plain {
    pub(super) fn of(text: &str) -> Self {
        let (text, gaps) = squeezed(&unescaped(text));
        Self { folded: text.to_ascii_lowercase(), text, gaps }
    }

    /// Where the words begin and end, each time; they are in lower case and without spaces.
    pub(super) fn all<'p>(&'p self, words: &'p str) -> impl Iterator<Item = (usize, usize)> + 'p {
        self.folded.match_indices(words).map(|(start, found)| (start, start + found.len()))
    }

    pub(super) fn has(&self, words: &str) -> bool {
        self.folded.contains(words)
    }

    /// Where the words begin, if they do before `end`, the last time and no further away
    /// than any message is long.
    pub(super) fn before(&self, end: usize, words: &str) -> Option<usize> {
        let start = self.boundary(end.saturating_sub(LONGEST));
        self.folded.get(start..end)?.rfind(words).map(|at| start + at)
    }

    /// The offset after the words, if they stand there.
    pub(super) fn after(&self, at: usize, words: &str) -> Option<usize> {
        self.folded.get(at..)?.starts_with(words).then_some(at + words.len())
    }

    /// Whether the text ends within the words.
    pub(super) fn breaks_off_in(&self, at: usize, words: &str) -> bool {
        self.folded
            .get(at..)
            .is_some_and(|rest| rest.len() < words.len() && words.starts_with(rest))
    }

    /// Whether a word begins there.
    pub(super) fn begins_word(&self, at: usize) -> bool {
        let has_gap = self.gaps.binary_search_by_key(&at, |(offset, _)| *offset).is_ok();
        let before = self.text.get(..at).and_then(|before| before.chars().next_back());
        has_gap || !before.is_some_and(char::is_alphanumeric)
    }

    pub(super) fn slice(&self, start: usize, end: usize) -> &str {
        self.text.get(start..end).unwrap_or_default()
    }

    /// The rest of the text in lower case, as far as a message can reach.
    pub(super) fn ahead(&self, at: usize) -> &str {
        let end = self.boundary(at.saturating_add(LONGEST).min(self.folded.len()));
        self.folded.get(at..end).unwrap_or_default()
    }

    /// A word: up to a space, or a character that none of its kind has. Across a line break it
    /// goes on if `goes_on` says so of what stands before and after the break.
    pub(super) fn word(
        &self,
        at: usize,
        is_of_it: impl Fn(char) -> bool,
        goes_on: impl Fn(&str, usize) -> bool,
    ) -> &str {
        let rest = self.slice(at, self.boundary(at.saturating_add(LONGEST)));
        let length = rest.find(|c: char| !is_of_it(c)).unwrap_or(rest.len());
        let first = self.gaps.partition_point(|(offset, _)| *offset <= at);
        let within = self.gaps.iter().skip(first).take_while(|(offset, _)| *offset < at + length);
        let stop = within
            .filter(|(offset, gap)| {
                *gap == Gap::Space || !goes_on(self.slice(at, *offset), *offset)
            })
            .map(|(offset, _)| *offset)
            .next();
        self.slice(at, stop.unwrap_or(at + length))
    }

    /// Whether only line breaks lie between two offsets.
    pub(super) fn is_one_word(&self, start: usize, end: usize) -> bool {
        let first = self.gaps.partition_point(|(offset, _)| *offset <= start);
        let within = self.gaps.iter().skip(first).take_while(|(offset, _)| *offset < end);
        within.into_iter().all(|(_, gap)| *gap == Gap::Break)
    }

    /// The nearest offset at or before this one that does not split a character.
    fn boundary(&self, at: usize) -> usize {
        (0..=at.min(self.text.len())).rev().find(|at| self.text.is_char_boundary(*at)).unwrap_or(0)
    }
}

/// Longer than any name, ARN or message.
const LONGEST: usize = 4096;

/// JSON may stand in JSON, and XML in that.
const PASSES: usize = 3;

/// The text with the escapes of JSON and XML read.
fn unescaped(text: &str) -> Cow<'_, str> {
    let mut text = unlinked(Cow::Borrowed(text));
    for _ in 0..PASSES {
        let has_some = text.contains('\\') || text.contains('&');
        let read = if has_some { references(&backslashes(&text)) } else { break };
        if read == text {
            break;
        }
        text = unlinked(Cow::Owned(read));
    }
    text
}

/// The text without what makes links in a terminal: `ESC ]`, up to `BEL` or `ESC \`. That
/// backslash is none of an escape, so that it goes first.
fn unlinked(text: Cow<'_, str>) -> Cow<'_, str> {
    if !text.contains("\u{1b}]") {
        return text;
    }
    let mut read = String::with_capacity(text.len());
    let mut rest = &*text;
    while let Some((before, after)) = rest.split_once("\u{1b}]") {
        read.push_str(before);
        let end = after.find(['\u{7}', '\u{1b}', '\n']).unwrap_or(after.len());
        let after = after.get(end..).unwrap_or_default();
        rest = after.strip_prefix('\u{7}').or(after.strip_prefix("\u{1b}\\")).unwrap_or(after);
    }
    Cow::Owned(read + rest)
}

fn backslashes(text: &str) -> String {
    let mut read = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        read.push_str(before);
        let (c, length) = escape(after);
        read.push(c);
        rest = after.get(length..).unwrap_or_default();
    }
    read + rest
}

/// The character that an escape stands for, and how many bytes it has after the backslash.
fn escape(after: &str) -> (char, usize) {
    match after.chars().next() {
        // A shell goes on in the next line.
        Some(c @ ('"' | '\\' | '/' | '\'' | '\n')) => (c, 1),
        Some('n' | 'r') => ('\n', 1),
        Some('t') => ('\t', 1),
        Some('u') => {
            let code = after.get(1..5).and_then(|digits| u32::from_str_radix(digits, 16).ok());
            code.and_then(char::from_u32).map_or(('\\', 0), |c| (c, 5))
        }
        _ => ('\\', 0),
    }
}

fn references(text: &str) -> String {
    let mut read = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        read.push_str(before);
        let (c, length) = reference(after);
        read.push(c);
        rest = after.get(length..).unwrap_or_default();
    }
    read + rest
}

/// The character that a reference stands for, and how many bytes it has after the `&`.
fn reference(after: &str) -> (char, usize) {
    let length = after.bytes().take(9).position(|byte| byte == b';');
    let name = length.and_then(|length| after.get(..length));
    let c = name.and_then(|name| match name {
        "quot" => Some('"'),
        "apos" => Some('\''),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "nbsp" => Some(' '),
        name => {
            let digits = name.strip_prefix('#')?;
            let code = match digits.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => digits.parse(),
            };
            char::from_u32(code.ok()?)
        }
    });
    c.map_or(('&', 0), |c| (c, name.map_or(0, str::len) + 1))
}

/// What stands at the beginning of lines and does not belong to them: frames as Terraform
/// draws them, and marks of quotation.
fn is_frame(c: char) -> bool {
    matches!(c, '|' | '>' | '#' | '\u{2500}'..='\u{257f}')
}

/// The text without white space, and where that was.
fn squeezed(text: &str) -> (String, Vec<(usize, Gap)>) {
    let mut squeezed = String::with_capacity(text.len());
    let mut gaps = Vec::new();
    let mut gap = None;
    let mut is_line_start = true;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\n' | '\r' => {
                gap = Some(Gap::Break);
                is_line_start = true;
            }
            c if c.is_whitespace() => gap = gap.or(Some(Gap::Space)),
            '\u{1b}' => skip_sequence(&mut chars),
            c if c.is_control() || is_unseen(c) => {}
            c if is_line_start && is_frame(c) => {}
            c => {
                if let Some(gap) = gap.take() {
                    gaps.push((squeezed.len(), gap));
                }
                squeezed.push(c);
                is_line_start = false;
            }
        }
    }
    (squeezed, gaps)
}

/// A sequence that colours a terminal: `[`, numbers, a letter.
fn skip_sequence(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    if chars.next_if_eq(&'[').is_none() {
        return;
    }
    while chars.next_if(|c| c.is_ascii_digit() || matches!(c, ';' | '?')).is_some() {}
    chars.next_if(char::is_ascii_alphabetic);
}

/// What web pages put where a word may be broken.
fn is_unseen(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_whatever_stands_between_them() {
        for text in [
            "with an explicit deny",
            "with an\nexplicit\r\n   deny",
            "\u{2502} with an exp\n\u{2502} licit deny",
            "> with an \u{1b}[1;31mexplicit\u{1b}[0m deny",
            "with\\nan explicit\\u0020deny",
            "with an \u{1b}]8;;https://a\u{1b}\\explicit\u{1b}]8;;\u{7} deny",
            "with an \\u001b]8;;https://a\\u001b\\\\explicit deny",
            "with an&#10;explicit&nbsp;deny",
            "with an\\\\n explicit \u{200b}deny",
            "WITH AN EXPLICIT DENY",
        ] {
            assert!(Plain::of(text).has("withanexplicitdeny"), "{text:?}");
        }
    }

    #[test]
    fn escapes_are_read_also_within_each_other() {
        let table = [
            (r#"{\"a\": \"b\"}"#, r#"{"a":"b"}"#),
            (r#"{\\\"a\\\"}"#, r#"{"a"}"#),
            ("&lt;Code&gt;&amp;quot;", "<Code>\""),
            (r"\u003cCode\u003e", "<Code>"),
            (r"\ud800 \u12 \x & &; &#x110000;", r"\ud800\u12\x&&;&#x110000;"),
            ("\\", "\\"),
        ];
        for (text, expected) in table {
            assert_eq!(Plain::of(text).text, expected);
        }
    }

    #[test]
    fn a_word_ends_at_a_space_and_at_a_break_where_it_does_not_go_on() {
        let plain = Plain::of("one two\nthree");
        let is_letter = |c: char| c.is_ascii_lowercase();
        assert_eq!(plain.word(0, is_letter, |_, _| true), "one");
        assert_eq!(plain.word(3, is_letter, |_, _| true), "twothree");
        assert_eq!(plain.word(3, is_letter, |_, _| false), "two");
        assert!(plain.is_one_word(3, 11) && !plain.is_one_word(0, 6));
    }
}
