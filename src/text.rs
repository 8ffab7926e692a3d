//! Showing text that somebody else wrote.

use std::fmt::{self, Write as _};

/// Longest excerpt of an input shown in a message, in characters.
const EXCERPT: usize = 120;

/// Text from an input, shown on one line and without anything a terminal acts on.
///
/// Control characters, line breaks and invisible or direction-changing characters
/// appear as escapes, so that no `Sid` can clear a screen or forge a verdict.
#[derive(Clone, Copy, Debug)]
pub struct Printable<'a>(pub &'a str);

impl Printable<'_> {
    /// Whether nothing has to be escaped.
    #[must_use]
    pub fn is_verbatim(&self) -> bool {
        self.0.chars().all(|c| !c.is_control() && !is_invisible(c))
    }
}

impl fmt::Display for Printable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|c| write_printable(f, c))
    }
}

/// Text from an input in backticks: printable, and cut after 120 characters.
#[derive(Clone, Copy, Debug)]
pub struct Quoted<'a>(pub &'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("`")?;
        let mut chars = self.0.chars();
        chars.by_ref().take(EXCERPT).try_for_each(|c| write_printable(f, c))?;
        f.write_str(if chars.next().is_some() { "…`" } else { "`" })
    }
}

fn write_printable(f: &mut fmt::Formatter<'_>, c: char) -> fmt::Result {
    match c {
        '\n' => f.write_str("\\n"),
        '\r' => f.write_str("\\r"),
        '\t' => f.write_str("\\t"),
        c if c.is_control() && c.is_ascii() => write!(f, "\\x{:02x}", u32::from(c)),
        c if c.is_control() || is_invisible(c) => write!(f, "\\u{{{:x}}}", u32::from(c)),
        c => write!(f, "{c}"),
    }
}

/// Zero-width characters, direction marks, separators and tags.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// The candidates nearest to `text`, best first, at most three; for "did you mean".
pub fn nearest<'a>(text: &str, candidates: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let text = text.to_ascii_lowercase();
    let mut scored: Vec<(f64, &str)> = candidates
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(&text, &candidate.to_ascii_lowercase()), candidate))
        .filter(|(score, _)| *score > 0.85)
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
    scored.dedup_by_key(|(_, candidate)| *candidate);
    let best = scored.first().map_or(0.0, |(score, _)| *score);
    scored.retain(|(score, _)| best - score < 0.05);
    scored.into_iter().take(3).map(|(_, candidate)| candidate).collect()
}

/// A sentence "did you mean `x` or `y`?" for the nearest candidates, if there are any.
pub fn did_you_mean<'a>(
    text: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<String> {
    let nearest: Vec<String> =
        nearest(text, candidates).iter().map(|near| Quoted(near).to_string()).collect();
    (!nearest.is_empty()).then(|| format!("did you mean {}?", nearest.join(" or ")))
}

/// The text that is URL-encoded in another, if it looks so: a document that begins with `%7B`.
#[must_use]
pub fn percent_decoded(text: &str) -> Option<String> {
    let is_encoded = text.get(..3).is_some_and(|head| head.eq_ignore_ascii_case("%7b"));
    let mut decoded = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next().filter(|_| is_encoded) {
        if byte != b'%' {
            decoded.push(byte);
            continue;
        }
        let mut digit = || char::from(bytes.next()?).to_digit(16);
        let code = digit()? * 16 + digit()?;
        decoded.push(u8::try_from(code).ok()?);
    }
    String::from_utf8(decoded).ok().filter(|_| is_encoded)
}

/// As one word of a command, whatever it holds.
#[must_use]
pub fn shell_word(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "+=,.@_/:-".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// A text as it is written in YAML, on one line, within brackets and braces too: plain where no
/// version reads anything else, also as a name; else in quotation marks, with an escape for what
/// a terminal acts on. Version 1.1, which some editors read, has more words for booleans.
///
/// Source: [Plain style](https://yaml.org/spec/1.2.2/#733-plain-style),
/// [Booleans of YAML 1.1](https://yaml.org/type/bool.html)
#[must_use]
pub fn yaml_scalar(text: &str) -> String {
    const WORDS: [&str; 9] = ["null", "true", "false", "yes", "no", "on", "off", "y", "n"];
    let begins = |c: char| c.is_ascii_alphabetic() || c == '_' || c == '/';
    let is_plain = text.trim_start_matches("../").starts_with(begins)
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "_/.:@+=*- ".contains(c))
        && !text.contains(": ")
        && !text.ends_with([':', ' '])
        && !WORDS.iter().any(|word| text.eq_ignore_ascii_case(word));
    if is_plain { text.to_owned() } else { yaml_quoted(text) }
}

/// Source: [Escaped characters](https://yaml.org/spec/1.2.2/#57-escaped-characters)
fn yaml_quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        let is_harmless = !c.is_control() && !is_invisible(c);
        match (c, u32::from(c)) {
            ('"' | '\\', _) => quoted.extend(['\\', c]),
            ('\n', _) => quoted.push_str("\\n"),
            ('\t', _) => quoted.push_str("\\t"),
            _ if is_harmless => quoted.push(c),
            (_, code @ ..=0xffff) => drop(write!(quoted, "\\u{code:04x}")),
            (_, code) => drop(write!(quoted, "\\U{code:08x}")),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_quoted_where_yaml_would_read_them_otherwise() {
        for plain in [
            "policies/key.json",
            "../../a b.json",
            "/etc/x",
            "_x",
            "arn:aws:iam::111122223333:role/X",
            "kms:*",
        ] {
            assert_eq!(yaml_scalar(plain), plain);
        }
        for quoted in [
            "a: b", "a #b", "Null", "yes", "N", "-x", "1.json", "", " x", "x ", "x:", "*", "~",
            "a,b",
        ] {
            assert_eq!(yaml_scalar(quoted), format!("\"{quoted}\""));
        }
        assert_eq!(yaml_scalar("say \"x\" \\"), r#""say \"x\" \\""#);
        assert_eq!(yaml_scalar("\n\u{1b}\u{202e}\u{e0041}"), r#""\n\u001b\u202e\U000e0041""#);
    }

    #[test]
    fn nothing_a_terminal_acts_on_is_printed_raw() {
        assert_eq!(Printable("a\u{1b}[2Jb\nc").to_string(), "a\\x1b[2Jb\\nc");
        assert_eq!(Printable("x\u{202e}y\u{200b}").to_string(), "x\\u{202e}y\\u{200b}");
        assert_eq!(Printable("Clé").to_string(), "Clé");
    }

    #[test]
    fn a_long_excerpt_is_cut() {
        assert_eq!(Quoted(&"a".repeat(200)).to_string().chars().count(), EXCERPT + 3);
    }

    #[test]
    fn a_misspelt_name_finds_its_neighbour() {
        assert_eq!(nearest("kms:Decript", ["kms:Encrypt", "kms:Decrypt"])[0], "kms:Decrypt");
        assert!(nearest("zzz", ["kms:Decrypt"]).is_empty());
    }

    #[test]
    fn url_encoded_text_is_decoded_if_it_is_a_document() {
        assert_eq!(percent_decoded("%7b%22a%22:%20%C3%A9%7D").as_deref(), Some("{\"a\": é}"));
        for text in ["{}", "%7B%2", "%7B%zz", "%7B%ff", "%20%7B"] {
            assert_eq!(percent_decoded(text), None, "{text}");
        }
    }

    #[test]
    fn a_word_of_a_command_stays_one() {
        assert_eq!(shell_word("role-A_1"), "role-A_1");
        assert_eq!(shell_word("a b; c'$(d)"), r"'a b; c'\''$(d)'");
        assert_eq!(shell_word(""), "''");
    }
}
