//! Terraform's language, laid out as `terraform fmt` does.
//!
//! Source: [aws_kms_key](https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/kms_key),
//! [aws_kms_external_key](https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/kms_external_key),
//! [aws_iam_policy_document](https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document),
//! [strings](https://developer.hashicorp.com/terraform/language/expressions/strings)

use serde_json::{Value, json};

use super::statement::Statement;
use super::{GenerateError, KeyPolicy, KeyType, Part, Regions};
use crate::kms::Origin;
use crate::text::Quoted;

/// How a Terraform configuration holds a policy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Terraform {
    /// In the key's resource, as `jsonencode`.
    #[default]
    Inline,
    /// In a data source `aws_iam_policy_document`.
    PolicyDocument,
}

pub(super) fn write(policy: &KeyPolicy, style: Terraform) -> Result<String, GenerateError> {
    policy.check_no_custom_key_store()?;
    let (kind, spec_name) = match policy.key_type.origin() {
        Origin::External => ("aws_kms_external_key", "key_spec"),
        Origin::AwsCloudHsm | Origin::AwsKms | Origin::ExternalKeyStore => {
            ("aws_kms_key", "customer_master_key_spec")
        }
    };
    let (data, value) = match style {
        Terraform::Inline => {
            (String::new(), format!("jsonencode({})", expression(&policy.document(), 1)))
        }
        Terraform::PolicyDocument => {
            (data_source(policy)? + "\n", "data.aws_iam_policy_document.key.json".to_owned())
        }
    };
    let properties = attributes(&properties(policy.key_type, spec_name), 1);
    let gap = if properties.is_empty() { "" } else { "\n" };
    let policy = attributes(&[("policy", value)], 1);
    Ok(format!("{data}resource \"{kind}\" \"key\" {{\n{properties}{gap}{policy}}}\n"))
}

/// The arguments of the resource that say what kind of key it is, defaults left out.
fn properties(key_type: KeyType, spec_name: &'static str) -> Vec<(&'static str, String)> {
    let mut properties = Vec::new();
    if !key_type.spec().is_symmetric_encryption() {
        properties.push((spec_name, string(key_type.spec().name)));
        properties.push(("key_usage", string(key_type.usage().as_str())));
    }
    if key_type.regions() == Regions::Multi {
        properties.push(("multi_region", "true".to_owned()));
    }
    properties
}

fn data_source(policy: &KeyPolicy) -> Result<String, GenerateError> {
    let id = policy.id.map(|id| attributes(&[("policy_id", string(id))], 1));
    let statements = policy.statements.iter().map(|it| statement_block(it).map(Some));
    let blocks = std::iter::once(Ok(id)).chain(statements).filter_map(Result::transpose);
    let blocks: Vec<String> = blocks.collect::<Result<_, _>>()?;
    Ok(format!("data \"aws_iam_policy_document\" \"key\" {{\n{}}}\n", blocks.join("\n")))
}

fn statement_block(statement: &Statement) -> Result<String, GenerateError> {
    let identifiers = statement.principal.names();
    // The data source reads `&{` as the beginning of a policy variable.
    if let Some(name) = identifiers.iter().find(|name| name.contains("&{")) {
        return Err(GenerateError::new(
            Part::Format,
            format!("expected no `&{{` in a name of a policy document, found {}", Quoted(name)),
            "leave out --document",
        ));
    }
    let head = [
        ("sid", string(&statement.sid)),
        ("effect", string("Allow")),
        ("actions", expression(&json!(statement.actions), 2)),
        ("resources", expression(&json!(["*"]), 2)),
    ];
    let principals = [
        ("type", string(statement.principal.kind())),
        ("identifiers", expression(&json!(identifiers), 3)),
    ];
    let condition = statement.condition.as_ref().map(|condition| {
        let condition = [
            ("test", string(condition.operator)),
            ("variable", string(condition.key)),
            ("values", expression(&json!([condition.value]), 3)),
        ];
        format!("\n    condition {{\n{}    }}\n", attributes(&condition, 3))
    });
    Ok(format!(
        "  statement {{\n{}\n    principals {{\n{}    }}\n{}  }}\n",
        attributes(&head, 2),
        attributes(&principals, 3),
        condition.unwrap_or_default()
    ))
}

/// A value in the language; lists of one string stay on the line.
fn expression(value: &Value, depth: usize) -> String {
    let indent = "  ".repeat(depth);
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::String(text) => string(text),
        Value::Array(items) => match items.as_slice() {
            [Value::String(only)] => format!("[{}]", string(only)),
            items => {
                let item = |item| format!("{indent}  {},\n", expression(item, depth + 1));
                let items: Vec<String> = items.iter().map(item).collect();
                format!("[\n{}{indent}]", items.concat())
            }
        },
        Value::Object(members) => {
            let member =
                |(name, value): (&String, _)| (object_key(name), expression(value, depth + 1));
            let members: Vec<(String, String)> = members.iter().map(member).collect();
            format!("{{\n{}{indent}}}", attributes(&members, depth + 1))
        }
    }
}

/// Names and expressions on lines of their own, the equals signs of neighbouring lines aligned.
/// A value of several lines has no neighbours.
fn attributes<N: AsRef<str>>(attributes: &[(N, String)], depth: usize) -> String {
    let indent = "  ".repeat(depth);
    let is_long = |(_, value): &(N, String)| value.contains('\n');
    let groups = attributes.chunk_by(|a, b| !is_long(a) && !is_long(b));
    let aligned = groups.flat_map(|group| {
        let width = group.iter().map(|(name, _)| name.as_ref().len()).max().unwrap_or_default();
        let indent = &indent;
        group
            .iter()
            .map(move |(name, value)| format!("{indent}{:width$} = {value}\n", name.as_ref()))
    });
    aligned.collect()
}

fn object_key(name: &str) -> String {
    let is_identifier = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && name.starts_with(|c: char| c.is_ascii_alphabetic());
    if is_identifier { name.to_owned() } else { string(name) }
}

/// A quoted string. `${` and `%{` would begin a template, so the first character of these is
/// written as an escape.
fn string(text: &str) -> String {
    Value::from(text).to_string().replace("${", "\\u0024{").replace("%{", "\\u0025{")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_string_begins_no_template_and_ends_where_it_ends() {
        let table = [
            ("kms:*", r#""kms:*""#),
            (r#"a"b\c"#, r#""a\"b\\c""#),
            ("${x}", r#""\u0024{x}""#),
            ("$${x}", r#""$\u0024{x}""#),
            ("%{if}", r#""\u0025{if}""#),
        ];
        for (text, expected) in table {
            assert_eq!(string(text), expected);
        }
    }

    #[test]
    fn neighbouring_lines_are_aligned_and_longer_values_stand_apart() {
        let value = json!({"Sid": "x", "Effect": "Allow", "Principal": {"AWS": "y"}, "Action": "kms:*", "kms:Key": ["a", "b"]});
        let expected = r#"{
  Sid    = "x"
  Effect = "Allow"
  Principal = {
    AWS = "y"
  }
  Action = "kms:*"
  "kms:Key" = [
    "a",
    "b",
  ]
}"#;
        assert_eq!(expression(&value, 0), expected);
    }
}
