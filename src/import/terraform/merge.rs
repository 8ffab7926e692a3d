//! How the provider merges policy documents.

use serde_json::{Map, Value};

/// Documents that were merged so far: a statement takes the place of one of the same `Sid`.
///
/// Source: [aws_iam_policy_document](https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document#override_policy_documents-1)
#[derive(Debug, Default)]
pub(super) struct Merged {
    version: String,
    id: Option<String>,
    statements: Vec<Value>,
}

impl Merged {
    /// The later version and the last id count.
    pub(super) fn head(&mut self, version: Option<&str>, id: Option<&str>) {
        if let Some(version) = version.filter(|version| **version > *self.version) {
            version.clone_into(&mut self.version);
        }
        if let Some(id) = id.filter(|id| !id.is_empty()) {
            self.id = Some(id.to_owned());
        }
    }

    pub(super) fn statement(&mut self, statement: Value) {
        let sid = |statement: &Value| {
            let sid = statement.get("Sid")?.as_str()?;
            (!sid.is_empty()).then(|| sid.to_owned())
        };
        let own = sid(&statement);
        let earlier = self.statements.iter_mut().find(|it| own.is_some() && sid(it) == own);
        match earlier {
            Some(earlier) => *earlier = statement,
            None => self.statements.push(statement),
        }
    }

    pub(super) fn document(&mut self, document: &Value) {
        let text = |name| document.get(name).and_then(Value::as_str);
        self.head(text("Version"), text("Id"));
        match document.get("Statement") {
            Some(Value::Array(statements)) => {
                for statement in statements {
                    self.statement(statement.clone());
                }
            }
            Some(statement) => self.statement(statement.clone()),
            None => {}
        }
    }

    pub(super) fn into_value(self) -> Value {
        let mut document = Map::new();
        if !self.version.is_empty() {
            document.insert("Version".into(), self.version.into());
        }
        if let Some(id) = self.id {
            document.insert("Id".into(), id.into());
        }
        document.insert("Statement".into(), self.statements.into());
        Value::Object(document)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_later_statement_takes_the_place_of_one_of_the_same_sid() {
        let mut merged = Merged::default();
        merged.document(&json!({"Version": "2012-10-17", "Id": "a", "Statement": [
            {"Sid": "One", "Effect": "Allow"}, {"Effect": "Allow", "Action": "a"},
        ]}));
        merged.document(&json!({"Version": "2008-10-17", "Id": "b", "Statement":
            {"Sid": "One", "Effect": "Deny"}}));
        merged.statement(json!({"Sid": "", "Effect": "Deny"}));
        assert_eq!(
            merged.into_value(),
            json!({"Version": "2012-10-17", "Id": "b", "Statement": [
                {"Sid": "One", "Effect": "Deny"}, {"Effect": "Allow", "Action": "a"},
                {"Sid": "", "Effect": "Deny"},
            ]})
        );
    }
}
