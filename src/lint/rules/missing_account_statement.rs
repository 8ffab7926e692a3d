//! No statement lets IAM policies of the key's account give access to the key.
//!
//! A key policy that names only roles and users works; but every change of who may use the key
//! is then a change of the key policy, IAM policies that allow `kms:*` do nothing, and once the
//! roles that the policy names are deleted, only AWS support can bring the key back.
//!
//! # Example
//!
//! ```json
//! {"Statement": [{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:role/KeyAdmin"}, "Action": "kms:*", "Resource": "*"}]}
//! ```
//!
//! # Instead
//!
//! Keep the statement that `CreateKey` gives a key:
//!
//! ```json
//! {"Sid": "Enable IAM policies", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": "kms:*", "Resource": "*"}
//! ```
//!
//! Source: [Default key policy](https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html)

use serde_json::json;

use crate::environment::Manager;
use crate::kms::Action;
use crate::lint::rule::{Check, Rule};
use crate::lint::{Finding, Fix, Found, Seat, Severity};

pub(super) const RULE: Rule = Rule {
    code: "KMS203",
    name: "missing-account-statement",
    severity: Severity::Warning,
    issue_code: None,
    file: include_str!("missing_account_statement.rs"),
    check: Check::Policy(check),
};

const HELP: &str = "add the statement of the default key policy, for the account";

fn check(seat: &Seat<'_>, found: &mut Found) {
    let Some(key) = seat.key().filter(|key| key.manager == Manager::Customer) else { return };
    if !seat.subject.knows_account() {
        return;
    }
    let Some(asked) = seat.subject.with_any_role_of(key.account) else { return };
    if Action::all().iter().any(|action| asked.may_be_allowed(action, key)) {
        return;
    }
    let statement = json!({
        "Sid": "Enable IAM policies",
        "Effect": "Allow",
        "Principal": {"AWS": format!("arn:{}:iam::{}:root", key.account.partition, key.account.id)},
        "Action": "kms:*",
        "Resource": "*",
    });
    let patch = vec![json!({"op": "add", "path": "/Statement/-", "value": statement})];
    let actions: Vec<&'static Action> =
        Action::all().iter().filter(|action| action.needs_key()).collect();
    let help = seat.advice(key, &actions);
    let finding = Finding::new(
        found.rule(),
        seat.whole(),
        "no IAM policy of the key's account has any effect on the key",
    )
    .with_help(help.unwrap_or_else(|| HELP.to_owned()))
    .with_fix(Some(Fix::changing("add the statement for the account", patch)));
    found.push(finding);
}
