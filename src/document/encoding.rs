//! From bytes to text.

/// Why bytes are no text, and the text before what is wrong.
pub(super) struct Broken {
    pub(super) message: String,
    pub(super) help: Option<&'static str>,
    pub(super) before: String,
}

/// The text, by its byte-order mark or else as UTF-8.
///
/// Source: [Unicode, 23.8](https://www.unicode.org/versions/latest/core-spec/chapter-23/#G19635)
pub(super) fn decoded(bytes: Vec<u8>) -> Result<String, Broken> {
    match bytes.as_slice() {
        [0x00, 0x00, 0xfe, 0xff, ..] | [0xff, 0xfe, 0x00, 0x00, ..] => Err(other("UTF-32")),
        [0xef, 0xbb, 0xbf, rest @ ..] => utf_8(rest.to_vec(), 3),
        [0xff, 0xfe, rest @ ..] => utf_16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf_16(rest, u16::from_be_bytes),
        [0x00, _, ..] | [_, 0x00, ..] => Err(other("UTF-16 without a byte-order mark")),
        [0x1f, 0x8b, ..] => Err(Broken { help: None, ..other("gzip-compressed data") }),
        _ => utf_8(bytes, 0),
    }
}

fn other(encoding: &str) -> Broken {
    Broken {
        message: format!("expected UTF-8 text, found {encoding} (byte 0)"),
        help: Some("save it as UTF-8"),
        before: String::new(),
    }
}

/// `skipped` bytes stood before.
fn utf_8(bytes: Vec<u8>, skipped: usize) -> Result<String, Broken> {
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let byte = error.as_bytes().get(at).copied().unwrap_or_default();
        let before = String::from_utf8_lossy(error.as_bytes().get(..at).unwrap_or_default());
        let line = before.split('\n').count();
        let at = at + skipped;
        Broken {
            message: format!(
                "expected UTF-8, found byte 0x{byte:02x} at offset {at}, on line {line}"
            ),
            help: None,
            before: before.into_owned(),
        }
    })
}

fn utf_16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, Broken> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let mut text = String::with_capacity(pairs.len());
    let broken = |before: String, at: usize| Broken {
        message: format!("expected UTF-16, found half a character at offset {}", at + 2),
        help: None,
        before,
    };
    for character in char::decode_utf16(pairs.iter().copied().map(unit)) {
        let Ok(character) = character else {
            let at = text.encode_utf16().count() * 2;
            return Err(broken(text, at));
        };
        text.push(character);
    }
    if rest.is_empty() { Ok(text) } else { Err(broken(text, bytes.len() - 1)) }
}

#[cfg(test)]
mod tests {
    use super::super::Source;

    fn text(bytes: &[u8]) -> Result<String, String> {
        let read = Source::from_bytes("p.json", bytes.to_vec());
        read.map(|source| source.text.clone()).map_err(|error| error.to_string())
    }

    #[test]
    fn a_byte_order_mark_says_how_the_text_is_written() {
        let expected = Ok("{\"é\": \"𝄞\"}\r\n".to_owned());
        let own = expected.clone().unwrap();
        let wide = |bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
            "\u{feff}".encode_utf16().chain(own.encode_utf16()).flat_map(bytes).collect()
        };
        assert_eq!(text(own.as_bytes()), expected);
        assert_eq!(text(format!("\u{feff}{own}").as_bytes()), expected);
        assert_eq!(text(&wide(u16::to_le_bytes)), expected);
        assert_eq!(text(&wide(u16::to_be_bytes)), expected);
    }

    #[test]
    fn what_is_no_text_is_told_at_its_place() {
        let table: [(&[u8], &str); 7] = [
            (
                b"\xef\xbb\xbf{\n \xff}",
                "p.json:2:2: expected UTF-8, found byte 0xff at offset 6, on line 2",
            ),
            (b"{\"\xc3\xa9\xff", "p.json:1:4: expected UTF-8, found byte 0xff at offset 4"),
            (
                b"\xff\xfe{\x00\n\x00\x00\xd8}\x00",
                "p.json:2:1: expected UTF-16, found half a character at offset 6",
            ),
            (b"\xff\xfe{\x00}", "p.json:1:2: expected UTF-16, found half a character at offset 4"),
            (b"\xef\xbb\xbf", "p.json:1:1: expected a document, found an empty file"),
            (
                b"{\x00}\x00",
                "p.json:1:1: expected UTF-8 text, found UTF-16 without a byte-order mark",
            ),
            (b"\xff\xfe\x00\x00", "p.json:1:1: expected UTF-8 text, found UTF-32"),
        ];
        for (bytes, expected) in table {
            let error = text(bytes).unwrap_err();
            assert!(error.starts_with(expected), "{error}");
        }
    }
}
