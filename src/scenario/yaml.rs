//! Texts as they are written in YAML.

/// A text as YAML: plain where that is the same, else in quotation marks.
pub(super) fn scalar(text: &str) -> String {
    let name = text.trim_start_matches("../");
    let is_plain = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/')
        && !text.ends_with(':')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "._/:-@+".contains(c))
        && !matches!(text.to_ascii_lowercase().as_str(), "null" | "true" | "false");
    if is_plain { text.to_owned() } else { serde_json::Value::from(text).to_string() }
}

#[cfg(test)]
mod tests {
    use super::scalar;

    #[test]
    fn texts_are_quoted_where_yaml_would_read_them_otherwise() {
        for (text, yaml) in [
            ("policies/key.json", "policies/key.json"),
            ("../key.json", "../key.json"),
            ("../../a b.json", "\"../../a b.json\""),
            ("arn:aws:iam::111122223333:role/X", "arn:aws:iam::111122223333:role/X"),
            ("a: b", "\"a: b\""),
            ("a #b", "\"a #b\""),
            ("null", "\"null\""),
            ("-x", "\"-x\""),
            ("1.json", "\"1.json\""),
            ("say \"x\"", "\"say \\\"x\\\"\""),
        ] {
            assert_eq!(scalar(text), yaml);
        }
    }
}
