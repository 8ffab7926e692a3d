//! A denial in an environment of one key and one role, and its fixes.

use kms_sim::analysis::Fix;
use kms_sim::arn::Partition;
use kms_sim::environment::{Attached, Environment, Key, Principal, Question};
use kms_sim::kms::{Action, Asked};
use kms_sim::policy::{Kind, Policy};
use kms_sim::request::{Account, PrincipalName};
use serde_json::{Value, json};

use super::by_hand::decision_after;

pub(crate) const KEY: &str =
    "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";

pub(crate) struct Case {
    pub(crate) environment: Environment,
    pub(crate) question: Question,
}

pub(crate) fn account() -> Account {
    Account { partition: Partition::Aws, id: "123456789012".parse().unwrap() }
}

pub(crate) fn policy(name: &str, statements: &Value, kind: Kind) -> Attached {
    let text = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
    Attached::Policy(Policy::from_json(name, &text, kind).unwrap().into())
}

pub(crate) fn case(key: &Value, identity: Option<&Value>) -> Case {
    let mut environment = Environment::new(Some(account()), "us-east-1");
    let key = policy("key.json", key, Kind::Key);
    let (of, region, id) = Key::parse_arn(KEY).unwrap();
    environment.add_key(Key::new(of, &region, &id, key).unwrap()).unwrap();
    let identity = identity.map(|it| policy("web.json", it, Kind::Identity));
    let principal =
        Principal { identity_policies: identity.into_iter().collect(), ..Principal::default() };
    let name = PrincipalName::parse("role/Web", Some(account())).unwrap();
    environment.add_principal(name, principal);
    Case { environment, question: Question::new("role/Web", Action::parse("Decrypt").unwrap()) }
}

impl Case {
    pub(crate) fn fixes(&self) -> Vec<Fix> {
        let asked = Asked::Permission(self.question.action);
        let fixes = Fix::of(&self.environment, asked, &self.question).unwrap();
        for fix in &fixes {
            let after = decision_after(fix, asked, &self.environment, &self.question);
            assert_eq!(after, "allowed", "{}", fix.summary());
        }
        fixes
    }

    pub(crate) fn summaries(&self) -> Vec<String> {
        self.fixes().iter().map(Fix::summary).collect()
    }
}

pub(crate) fn delegating() -> Value {
    json!([{"Sid": "IAM", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": "kms:*", "Resource": "*"}])
}

pub(crate) fn of_web(action: &str, resource: &str) -> Value {
    json!({"Sid": "Use", "Effect": "Allow", "Action": action, "Resource": resource})
}
