//! The YAML of CloudFormation: functions as tags, and no aliases.

use saphyr_parser::Tag;

use super::Value;
use crate::text::{Quoted, did_you_mean};

/// The functions whose tag is their name without `Fn::`.
///
/// Source: [Intrinsic functions](https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html),
/// [rule-specific functions](https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-rules.html)
const FUNCTIONS: &[&str] = &[
    "And",
    "Base64",
    "Cidr",
    "Contains",
    "EachMemberEquals",
    "EachMemberIn",
    "Equals",
    "FindInMap",
    "GetAZs",
    "GetAtt",
    "If",
    "ImportValue",
    "Join",
    "Length",
    "Not",
    "Or",
    "RefAll",
    "Select",
    "Split",
    "Sub",
    "ToJsonString",
    "Transform",
    "ValueOf",
    "ValueOfAll",
];

/// What a tag makes of the value that it stands before.
pub(super) enum Meaning {
    /// The value of a member of that name, alone in an object: the long form of the function.
    Function(String),
    /// A string, whatever it looks like.
    Text,
    /// What it is without the tag.
    Itself,
}

/// What a tag means in a template.
///
/// Source: [Formats](https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-formats.html)
pub(super) fn meaning(tag: &Tag) -> Result<Meaning, (String, Option<String>)> {
    let standard = tag.is_yaml_core_schema().then_some(tag.suffix.as_str());
    match (standard, tag.handle.as_str(), tag.suffix.as_str()) {
        (Some("str"), ..) => Ok(Meaning::Text),
        (Some("bool" | "float" | "int" | "map" | "null" | "seq"), ..) => Ok(Meaning::Itself),
        (None, "!", name @ ("Ref" | "Condition")) => Ok(Meaning::Function(name.to_owned())),
        (None, "!", name) if FUNCTIONS.contains(&name) => {
            Ok(Meaning::Function(format!("Fn::{name}")))
        }
        (_, handle, suffix) => {
            let handle = if standard.is_some() { "!!" } else { handle };
            let names = FUNCTIONS.iter().copied().chain(["Condition", "Ref"]);
            let found = Quoted(&format!("{handle}{suffix}")).to_string();
            Err((
                format!("expected the tag of a function of CloudFormation, found {found}"),
                did_you_mean(suffix, names),
            ))
        }
    }
}

/// The words that only YAML 1.1, which CloudFormation reads, takes for booleans.
///
/// Source: [Booleans of YAML 1.1](https://yaml.org/type/bool.html)
pub(super) fn boolean(text: &str) -> Option<Value> {
    match text {
        "yes" | "Yes" | "YES" | "on" | "On" | "ON" => Some(Value::Bool(true)),
        "no" | "No" | "NO" | "off" | "Off" | "OFF" => Some(Value::Bool(false)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Document, Format, InputError, Source};

    fn parse(text: &str) -> Result<Document, InputError> {
        Document::parse(Source::new("t.yaml", text), Format::CloudFormation)
    }

    #[test]
    fn a_tag_is_the_long_form_of_its_function() {
        let table = [
            ("!Ref Key", r#"{"Ref":"Key"}"#),
            ("!Condition IsProd", r#"{"Condition":"IsProd"}"#),
            ("!GetAtt Key.Arn", r#"{"Fn::GetAtt":"Key.Arn"}"#),
            ("!GetAtt [Key, Arn]", r#"{"Fn::GetAtt":["Key","Arn"]}"#),
            (
                "!Join ['', [!Ref A, !Sub '${B}']]",
                r#"{"Fn::Join":["",[{"Ref":"A"},{"Fn::Sub":"${B}"}]]}"#,
            ),
            ("!Base64\n  Fn::Sub: x", r#"{"Fn::Base64":{"Fn::Sub":"x"}}"#),
            ("!ImportValue\n  Fn::Sub: x", r#"{"Fn::ImportValue":{"Fn::Sub":"x"}}"#),
            ("!GetAZs ''", r#"{"Fn::GetAZs":""}"#),
            ("!!str 012", r#""012""#),
            ("2012-10-17", r#""2012-10-17""#),
            ("on", "true"),
            ("'on'", r#""on""#),
        ];
        for (text, expected) in table {
            let document = parse(&format!("on: {text}\n")).unwrap();
            let found = document.root().to_json().to_string();
            assert_eq!(found, format!("{{\"on\":{expected}}}"), "{text}");
        }
    }

    #[test]
    fn a_tagged_value_keeps_its_place() {
        let document = parse("a:\n  - !Sub\n    - x ${B}\n    - {B: !Ref C}\n").unwrap();
        let list = document.root().as_object().and_then(|root| root.get("a")).unwrap();
        let tagged = list.as_list().unwrap().next().unwrap();
        let inner = tagged.as_object().and_then(|it| it.get("Fn::Sub")).unwrap();
        let variables = inner.as_list().unwrap().nth(1).unwrap();
        let c = variables.as_object().and_then(|it| it.get("B")).unwrap();
        let c = c.as_object().and_then(|it| it.get("Ref")).unwrap();
        assert_eq!(tagged.place().pointer, "/a/0");
        assert_eq!(c.place().pointer, "/a/0/Fn::Sub/1/B/Ref");
        assert_eq!((c.place().line(), c.place().column()), (4, 11));
    }

    #[test]
    fn what_cloudformation_does_not_take_is_refused() {
        let table = [
            (
                "a: !Reff x",
                "t.yaml:1:4: expected the tag of a function of CloudFormation, found `!Reff`; did you mean `Ref`?",
            ),
            ("a: !!timestamp 2012-10-17", "found `!!timestamp`"),
            ("a: &x 1\nb: *x", "t.yaml:2:4: expected a value, found an alias"),
            ("a: {<<: {b: 1}}", "expected a name, found `<<`"),
            ("a: 1\na: 2", "found `a` again"),
            ("!Ref a: 1", "expected a name"),
        ];
        for (text, expected) in table {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.contains(expected), "{text}: {error}");
        }
    }
}
