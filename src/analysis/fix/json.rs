//! Patches of statements.

use serde_json::{Value, json};

/// A statement of a document, by the pointer to it.
#[derive(Clone, Debug)]
pub(super) struct Place<'d> {
    pub(super) pointer: String,
    pub(super) statement: &'d Value,
}

impl<'d> Place<'d> {
    /// The statement of this number, which may be one alone.
    pub(super) fn of(document: &'d Value, index: usize) -> Option<Self> {
        match document.get("Statement")? {
            Value::Array(listed) => {
                let statement = listed.get(index)?;
                Some(Self { pointer: format!("/Statement/{index}"), statement })
            }
            alone => Some(Self { pointer: "/Statement".to_owned(), statement: alone }),
        }
    }

    fn at(&self, steps: &[&str]) -> (String, Option<&'d Value>) {
        let tail = pointer(steps);
        (format!("{}{tail}", self.pointer), self.statement.pointer(&tail))
    }

    /// Adds a text to a member that is a text or a list of them.
    pub(super) fn append(&self, steps: &[&str], text: &str) -> Option<Vec<Value>> {
        let (path, found) = self.at(steps);
        Some(vec![match found? {
            Value::Array(_) => json!({"op": "add", "path": format!("{path}/-"), "value": text}),
            alone @ Value::String(_) => {
                json!({"op": "replace", "path": path, "value": [alone, text]})
            }
            _ => return None,
        }])
    }

    /// Adds a member to an object of the statement, which is made where it is not there.
    pub(super) fn insert(&self, steps: &[&str], value: &Value) -> Option<Vec<Value>> {
        let mut value = value.clone();
        // The deepest that is there gets all that is missing below it.
        for depth in (1..=steps.len()).rev() {
            let (path, found) = self.at(steps.get(..depth)?);
            let (_, parent) = self.at(steps.get(..depth - 1)?);
            if found.is_none() && parent.is_some_and(Value::is_object) {
                return Some(vec![json!({"op": "add", "path": path, "value": value})]);
            }
            value = json!({*steps.get(depth - 1)?: value});
        }
        None
    }

    /// Takes a text out of a list that has others.
    pub(super) fn take(&self, steps: &[&str], text: &str) -> Option<Vec<Value>> {
        let (path, found) = self.at(steps);
        let listed = found?.as_array().filter(|listed| listed.len() > 1)?;
        let is_it = |it: &Value| it.as_str().is_some_and(|it| it.eq_ignore_ascii_case(text));
        let index = listed.iter().position(is_it)?;
        Some(vec![json!({"op": "remove", "path": format!("{path}/{index}")})])
    }

    /// The members of an object of the statement.
    pub(super) fn members(&self, steps: &[&str]) -> impl Iterator<Item = (&'d String, &'d Value)> {
        let (_, found) = self.at(steps);
        found.and_then(Value::as_object).into_iter().flatten()
    }

    /// A member as it is spelled there.
    pub(super) fn spelled(&self, steps: &[&str], name: &str) -> Option<&'d str> {
        let mut members = self.members(steps);
        members.find(|(it, _)| it.eq_ignore_ascii_case(name)).map(|(it, _)| it.as_str())
    }
}

fn pointer(steps: &[&str]) -> String {
    let escaped = steps.iter().map(|step| step.replace('~', "~0").replace('/', "~1"));
    escaped.fold(String::new(), |pointer, step| pointer + "/" + &step)
}

/// Adds a statement to a document, with the number that it gets.
pub(super) fn add(document: &Value, statement: &Value) -> Option<(Vec<Value>, usize)> {
    Some(match document.get("Statement")? {
        Value::Array(listed) => {
            (vec![json!({"op": "add", "path": "/Statement/-", "value": statement})], listed.len())
        }
        alone => {
            let both = json!([alone, statement]);
            (vec![json!({"op": "replace", "path": "/Statement", "value": both})], 1)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_made_below_what_is_there() {
        let document = json!({"Statement": {"Condition": {"Bool": {"a/b": "true"}}}});
        let place = Place::of(&document, 0).unwrap();
        let value = json!("x");
        let table: [(&[&str], Value); 3] = [
            (
                &["Condition", "Bool", "k"],
                json!({"path": "/Statement/Condition/Bool/k", "value": "x"}),
            ),
            (
                &["Condition", "Arn", "k"],
                json!({"path": "/Statement/Condition/Arn", "value": {"k": "x"}}),
            ),
            (
                &["Other", "Arn", "k"],
                json!({"path": "/Statement/Other", "value": {"Arn": {"k": "x"}}}),
            ),
        ];
        for (steps, expected) in table {
            let patch = place.insert(steps, &value).unwrap();
            assert_eq!(patch[0]["path"], expected["path"]);
            assert_eq!(patch[0]["value"], expected["value"]);
        }
        assert_eq!(
            place.append(&["Condition", "Bool", "a/b"], "x").unwrap(),
            [
                json!({"op": "replace", "path": "/Statement/Condition/Bool/a~1b", "value": ["true", "x"]})
            ]
        );
    }

    #[test]
    fn the_last_of_a_list_is_not_taken_out() {
        let document =
            json!({"Statement": [{"Action": ["kms:Decrypt"]}, {"Action": ["a", "kms:decrypt"]}]});
        let take = |index| Place::of(&document, index).unwrap().take(&["Action"], "kms:Decrypt");
        assert_eq!(take(0), None);
        assert_eq!(take(1).unwrap(), [json!({"op": "remove", "path": "/Statement/1/Action/1"})]);
    }

    #[test]
    fn a_statement_alone_becomes_a_list() {
        let (patch, index) =
            add(&json!({"Statement": {"Sid": "A"}}), &json!({"Sid": "B"})).unwrap();
        assert_eq!(patch[0]["value"], json!([{"Sid": "A"}, {"Sid": "B"}]));
        assert_eq!(index, 1);
    }
}
