//! A CloudFormation template in YAML.
//!
//! Source: [AWS::KMS::Key](https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-kms-key.html)

use serde_json::Value;

use super::{GenerateError, KeyPolicy, KeyType, Regions};
use crate::kms::Origin;

pub(super) fn write(policy: &KeyPolicy) -> Result<String, GenerateError> {
    policy.check_no_custom_key_store()?;
    let properties = properties(policy.key_type);
    let policy = lines(&policy.document()).join("\n        ");
    Ok(format!(
        "\
AWSTemplateFormatVersion: \"2010-09-09\"
Resources:
  Key:
    Type: AWS::KMS::Key
    Properties:
{properties}      KeyPolicy:
        {policy}
"
    ))
}

/// The properties that say what kind of key it is, defaults left out.
fn properties(key_type: KeyType) -> String {
    let is_default = key_type.spec().is_symmetric_encryption();
    let origin = key_type.origin();
    let properties = [
        ("KeySpec", key_type.spec().name, !is_default),
        ("KeyUsage", key_type.usage().as_str(), !is_default),
        ("MultiRegion", "true", key_type.regions() == Regions::Multi),
        ("Origin", origin.as_str(), origin != Origin::default()),
    ];
    let said = properties.iter().filter(|(_, _, is_said)| *is_said);
    let lines: Vec<String> =
        said.map(|(name, value, _)| format!("      {name}: {value}\n")).collect();
    lines.concat()
}

/// A value in block style, line by line.
fn lines(value: &Value) -> Vec<String> {
    let indented = |lines: Vec<String>| lines.into_iter().map(|line| format!("  {line}"));
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => vec![scalar(value)],
        Value::Array(items) => {
            let item = |item| indented(lines(item)).enumerate().map(hyphen_before_the_first);
            items.iter().flat_map(item).collect()
        }
        Value::Object(members) => {
            let member = |(name, value): (&String, &Value)| match value {
                Value::Array(_) | Value::Object(_) => {
                    let name = format!("{}:", string(name));
                    std::iter::once(name).chain(indented(lines(value))).collect()
                }
                scalar_value => vec![format!("{}: {}", string(name), scalar(scalar_value))],
            };
            members.iter().flat_map(member).collect()
        }
    }
}

/// The hyphen of an item stands in the indentation of its first line.
fn hyphen_before_the_first((index, line): (usize, String)) -> String {
    if index == 0 { format!("- {}", line.trim_start()) } else { line }
}

fn scalar(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), string)
}

/// Plain only where no version of YAML reads anything but a string; else quoted as in JSON,
/// which YAML reads alike. Version 1.1, which many tools read, has more words for booleans.
///
/// Source: [Booleans of YAML 1.1](https://yaml.org/type/bool.html)
fn string(text: &str) -> String {
    const WORDS: [&str; 10] = ["y", "yes", "n", "no", "true", "false", "on", "off", "null", "nan"];
    let is_plain = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.ends_with(|c: char| c.is_ascii_alphanumeric())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == ' ')
        && !WORDS.iter().any(|word| word.eq_ignore_ascii_case(text));
    if is_plain { text.to_owned() } else { Value::from(text).to_string() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::arn::Partition;
    use crate::document::{At, Document, Format, Source};
    use crate::request::Account;

    fn value(at: At<'_>) -> Value {
        if let Some(list) = at.as_list() {
            return list.map(value).collect();
        }
        match at.as_object() {
            Some(object) => {
                object.members().map(|(name, at)| (name.to_owned(), value(at))).collect()
            }
            None => json!(at.string().unwrap()),
        }
    }

    fn read(text: &str) -> Value {
        let document = Document::parse(Source::new("x.yaml", text), Format::Yaml).unwrap();
        value(document.root())
    }

    #[test]
    fn what_is_written_is_read_as_it_was() {
        let given = json!({
            "Version": "2012-10-17",
            "on": ["yes", "No", "n", "null", "~", "123456789012", "1e3", "0x1F", "1:20", "*", "", " x ", "a: b", "a #b", "kms:*", "a'\"\\", "é"],
            "Nested": [{"A": [["x", "y"]], "B": {"C": "d"}}, "e"],
        });
        assert_eq!(read(&lines(&given).join("\n")), given);
    }

    #[test]
    fn the_template_holds_the_policy() {
        let account = Account { partition: Partition::Aws, id: "123456789012".parse().unwrap() };
        let policy = KeyPolicy::for_account(account, KeyType::default()).unwrap();
        let key = &read(&write(&policy).unwrap())["Resources"]["Key"];
        assert_eq!(key["Type"], "AWS::KMS::Key");
        assert_eq!(key["Properties"], json!({"KeyPolicy": policy.document()}));
    }
}
