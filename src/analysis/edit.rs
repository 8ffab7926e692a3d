//! A key policy with statements taken out or put in.

use serde_json::{Value, json};

use crate::document::InputError;
use crate::policy::{Kind, Policy};
use crate::request::Account;

/// A key policy that is being edited.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    name: String,
    document: Value,
    statements: Vec<Value>,
}

impl Draft {
    pub(super) fn of(policy: &Policy) -> Result<Self, InputError> {
        let document = policy.to_json()?;
        let statements = match document.get("Statement") {
            Some(Value::Array(statements)) => statements.clone(),
            Some(alone) => vec![alone.clone()],
            None => Vec::new(),
        };
        Ok(Self { name: policy.name(), document, statements })
    }

    /// Whether the statements are a list, and not one alone.
    pub(super) fn has_list(&self) -> bool {
        self.document.get("Statement").is_some_and(Value::is_array)
    }

    /// Without the statements of these numbers, from 0.
    pub(super) fn without(&self, numbers: &[usize]) -> Self {
        let kept = self.statements.iter().enumerate().filter(|(it, _)| !numbers.contains(it));
        let statements = kept.map(|(_, statement)| statement.clone()).collect();
        Self { statements, ..self.clone() }
    }

    /// With one statement more, at the end.
    pub(super) fn with(&self, statement: Value) -> Self {
        let mut more = self.clone();
        more.statements.push(statement);
        more
    }

    pub(super) fn to_json(&self) -> Value {
        let mut document = self.document.clone();
        if let Some(object) = document.as_object_mut() {
            object.insert("Statement".to_owned(), Value::from(self.statements.clone()));
        }
        document
    }

    /// Reads it as a policy. One without statements, which AWS would not store, becomes one
    /// that says nothing.
    pub(super) fn policy(&self) -> Result<Policy, InputError> {
        let nothing = || {
            self.with(json!({
                "Effect": "Deny",
                "Principal": {"AWS": []},
                "Action": "kms:PutKeyPolicy",
                "Resource": "*",
            }))
        };
        let draft = if self.statements.is_empty() { nothing() } else { self.clone() };
        Policy::from_json(&self.name, &draft.to_json().to_string(), Kind::Key)
    }
}

/// The statement of the default key policy, which leaves everything to the account.
///
/// Source: [Default key policy](https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html)
pub(super) fn account_statement(account: Account) -> Value {
    let Account { partition, id } = account;
    json!({
        "Sid": "Enable IAM policies",
        "Effect": "Allow",
        "Principal": {"AWS": format!("arn:{partition}:iam::{id}:root")},
        "Action": "kms:*",
        "Resource": "*",
    })
}

/// Adds a statement, if there is one to add, to a policy that has a list of them, or one alone,
/// after those of some numbers are taken out; as RFC 6902 has it.
pub(super) fn patch(draft: &Draft, removed: &[usize], added: Option<&Value>) -> Vec<Value> {
    let kept = draft.without(removed);
    let edited = added.map_or_else(|| kept.clone(), |added| kept.with(added.clone()));
    if !draft.has_list() {
        let statements = edited.to_json().get("Statement").cloned();
        return vec![json!({"op": "replace", "path": "/Statement", "value": statements})];
    }
    // From the last on, so that no removal moves another.
    let mut numbers = removed.to_vec();
    numbers.sort_unstable_by(|a, b| b.cmp(a));
    let remove = |number| json!({"op": "remove", "path": format!("/Statement/{number}")});
    let add = |value| json!({"op": "add", "path": "/Statement/-", "value": value});
    numbers.into_iter().map(remove).chain(added.map(add)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(statements: &Value) -> Draft {
        let policy = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
        Draft::of(&Policy::from_json("key.json", &policy, Kind::Key).unwrap()).unwrap()
    }

    fn statement(sid: &str) -> Value {
        json!({"Sid": sid, "Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"})
    }

    #[test]
    fn statements_are_taken_out_by_number() {
        let draft = draft(&json!([statement("A"), statement("B"), statement("C")]));
        let policy = draft.without(&[1]).policy().unwrap();
        let sids: Vec<_> = policy.statements().iter().map(|it| it.sid().unwrap()).collect();
        assert_eq!(sids, ["A", "C"]);
    }

    #[test]
    fn what_is_left_without_statements_says_nothing() {
        let policy = draft(&statement("A")).without(&[0]).policy().unwrap();
        assert_eq!(policy.statements().len(), 1);
        assert_eq!(policy.principals().count(), 0);
    }

    #[test]
    fn a_patch_removes_from_the_end_and_adds_last() {
        let list = draft(&json!([statement("A"), statement("B"), statement("C")]));
        let paths = |patch: &[Value]| -> Vec<String> {
            patch.iter().map(|it| it["path"].as_str().unwrap().to_owned()).collect()
        };
        let added = statement("D");
        assert_eq!(
            paths(&patch(&list, &[0, 2], Some(&added))),
            ["/Statement/2", "/Statement/0", "/Statement/-"]
        );
        let alone = patch(&draft(&statement("A")), &[], Some(&added));
        assert_eq!(paths(&alone), ["/Statement"]);
        assert_eq!(alone[0]["value"].as_array().unwrap().len(), 2);
    }
}
