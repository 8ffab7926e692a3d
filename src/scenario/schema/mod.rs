//! The JSON Schema of environment and scenario files. The properties of each object are those
//! that the reader takes, by the same tables; here is only what they mean.

mod environment;
mod policy;
mod question;

use serde_json::{Map, Value, json};

/// The schema, in [draft 2020-12](https://json-schema.org/draft/2020-12): what an editor needs to
/// complete and check a file. What it refuses the reader refuses; the reader also knows what no
/// schema says, such as whether a principal of a case is in the file.
#[must_use]
pub fn schema() -> Value {
    let mut schema = environment::file();
    let definitions = environment::definitions()
        .into_iter()
        .chain(question::definitions())
        .chain(policy::definitions())
        .map(|(name, value)| (name.to_owned(), value));
    if let Value::Object(members) = &mut schema {
        let head = [
            ("$schema", "https://json-schema.org/draft/2020-12/schema"),
            ("title", "kms-sim environment or scenario"),
        ];
        for (index, (name, text)) in head.into_iter().enumerate() {
            members.shift_insert(index, name.to_owned(), text.into());
        }
        members.insert("$defs".to_owned(), Value::Object(definitions.collect()));
    }
    schema
}

/// Definitions by their names.
type Definitions = Vec<(&'static str, Value)>;

/// What a property means, and what its values are; the last of an object's table stands for
/// properties that nobody described, of which there are none.
type Property = (&'static str, Value);

/// An object that has these fields and no others.
fn object(fields: &[&str], required: &[&str], describe: fn(&str) -> Property) -> Value {
    let properties: Map<String, Value> = fields
        .iter()
        .map(|field| {
            let (description, schema) = describe(field);
            ((*field).to_owned(), described(description, schema))
        })
        .collect();
    let mut object = json!({
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
    });
    if let (false, Value::Object(members)) = (required.is_empty(), &mut object) {
        members.insert("required".into(), json!(required));
    }
    object
}

fn described(description: &str, schema: Value) -> Value {
    match schema {
        Value::Object(mut members) if !description.is_empty() => {
            members.shift_insert(0, "description".into(), description.into());
            Value::Object(members)
        }
        schema => schema,
    }
}

fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/$defs/{name}")})
}

fn text() -> Value {
    json!({"type": "string"})
}

fn one_of_texts<'t>(texts: impl IntoIterator<Item = &'t str>) -> Value {
    let texts: Vec<&str> = texts.into_iter().collect();
    json!({"type": "string", "enum": texts})
}

fn list(items: &Value) -> Value {
    json!({"type": "array", "items": items})
}

fn one_or_many(one: &Value) -> Value {
    json!({"anyOf": [one, list(one)]})
}

/// A field may be written with null, which is as if it were left out.
fn optional(schema: &Value) -> Value {
    json!({"anyOf": [schema, {"type": "null"}]})
}

/// An object with names of the user's.
fn map(values: &Value) -> Value {
    json!({"type": "object", "additionalProperties": values})
}

#[cfg(test)]
mod tests {
    use super::*;

    fn undescribed(path: &str, schema: &Value, found: &mut Vec<String>) {
        let members = schema.as_object().into_iter().flatten();
        for (name, value) in members {
            let path = format!("{path}/{name}");
            let is_reference = value.get("$ref").is_some();
            if path.ends_with(&format!("properties/{name}"))
                && value.get("description").is_none()
                && !is_reference
            {
                found.push(path.clone());
            }
            undescribed(&path, value, found);
        }
        for (index, value) in schema.as_array().into_iter().flatten().enumerate() {
            undescribed(&format!("{path}/{index}"), value, found);
        }
    }

    #[test]
    fn every_property_is_described() {
        let mut found = Vec::new();
        undescribed("", &schema(), &mut found);
        assert!(found.is_empty(), "{found:#?}");
    }

    #[test]
    fn every_reference_has_its_definition() {
        let schema = schema();
        let text = schema.to_string();
        let definitions = schema["$defs"].as_object().unwrap();
        for used in text.split("\"#/$defs/").skip(1) {
            let name = used.split('"').next().unwrap();
            assert!(definitions.contains_key(name), "{name}");
        }
        for name in definitions.keys() {
            assert!(text.contains(&format!("\"#/$defs/{name}\"")), "{name} is not used");
        }
    }
}
