use serde_json::{Map, Value};

use crate::environment::Parameters;
use crate::kms::{Action, Operation};

/// What CloudTrail prints in place of what it keeps.
const HIDDEN: &str = "HIDDEN_DUE_TO_SECURITY_REASONS";

/// Those that no condition key and no grant looks at, or that name the key.
const UNUSED: &[&str] = &["KeyId", "Limit", "Marker", "Policy", "SourceKeyId", "DestinationKeyId"];

/// The parameters of an event in the API's spelling, and the encryption context.
///
/// CloudTrail writes names with a small first letter. Those that the operation does not have,
/// and those that are hidden, are left out.
pub(super) fn of(
    action: &Action,
    sent: &Map<String, Value>,
) -> (Parameters, Option<Vec<(String, String)>>) {
    let known = Operation::of(action).map_or(&[][..], |operation| operation.parameters);
    let is_used = |name: &str| known.contains(&name) && !UNUSED.contains(&name);
    // What an event does not list was not sent.
    let mut context = known.contains(&"EncryptionContext").then(Vec::new);
    let mut parameters = Parameters::default();
    for (name, value) in sent {
        let name = capitalized(name);
        match (name.as_str(), value) {
            ("EncryptionContext", value) => context = pairs(value),
            (name, value) if is_used(name) && is_told(name, value) => {
                parameters.set(name, spelled(name, value));
            }
            _ => {}
        }
    }
    (parameters, context)
}

/// Not hidden, and in a form that the API would take: dates are printed in words.
fn is_told(name: &str, value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => {
            text != HIDDEN
                && (name != "ValidTo" || crate::policy::condition::date::parse(text).is_some())
        }
        _ => true,
    }
}

/// The names of members as the API has them; those of an encryption context are the user's.
fn spelled(name: &str, value: &Value) -> Value {
    match (name, value) {
        ("Constraints", Value::Object(members)) => {
            let members = members.iter().map(|(name, value)| (capitalized(name), value.clone()));
            Value::Object(members.collect())
        }
        ("Tags", Value::Array(tags)) => {
            let tag = |tag: &Value| match tag {
                Value::Object(members) => {
                    let members = members.iter();
                    let members = members.map(|(name, value)| (capitalized(name), value.clone()));
                    Value::Object(members.collect())
                }
                other => other.clone(),
            };
            Value::Array(tags.iter().map(tag).collect())
        }
        (_, value) => value.clone(),
    }
}

fn capitalized(name: &str) -> String {
    let mut chars = name.chars();
    chars
        .next()
        .map_or_else(String::new, |first| first.to_ascii_uppercase().to_string() + chars.as_str())
}

/// The pairs, as they are written: case counts.
fn pairs(value: &Value) -> Option<Vec<(String, String)>> {
    let object = value.as_object()?;
    let pair = |(name, value): (&String, &Value)| {
        let value = value.as_str().filter(|text| *text != HIDDEN)?;
        Some((name.clone(), value.to_owned()))
    };
    object.iter().map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_spelled_as_the_api_spells_them() {
        let sent = r#"{"keyId": "x", "encryptionContext": {"App": "Web"}, "operations": ["Decrypt"],
            "constraints": {"encryptionContextSubset": {"aws:ebs:id": "vol-1"}},
            "granteePrincipal": "HIDDEN_DUE_TO_SECURITY_REASONS", "other": 1}"#;
        let sent: Map<String, Value> = serde_json::from_str(sent).unwrap();
        let (parameters, context) = of(Action::parse("CreateGrant").unwrap(), &sent);
        let names: Vec<&str> = parameters.iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["Constraints", "Operations"]);
        let constraints = parameters.get("Constraints").unwrap();
        assert_eq!(constraints["EncryptionContextSubset"]["aws:ebs:id"], "vol-1");
        assert_eq!(context, Some(vec![("App".to_owned(), "Web".to_owned())]));
    }
}
