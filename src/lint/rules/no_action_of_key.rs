//! A key policy lists an action that no key policy decides.
//!
//! Operations without a key, such as `kms:ListKeys`, `kms:CreateKey` or `kms:ListAliases`, are decided
//! by IAM policies alone, and actions of other services by their own. In a key policy they have no
//! effect. A pattern that also covers actions of keys (`kms:Create*`, `kms:*`) is no finding.
//!
//! # Example
//!
//! ```json
//! {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": ["kms:Decrypt", "kms:ListKeys"], "Resource": "*"}
//! ```
//!
//! # Instead
//!
//! Remove the action, and allow it in an IAM policy with `"Resource": "*"`. The fix that is offered was
//! tried: no decision changes.
//!
//! Source: [Permissions of KMS](https://docs.aws.amazon.com/kms/latest/developerguide/kms-api-permissions-reference.html),
//! [Actions of KMS](https://docs.aws.amazon.com/service-authorization/latest/reference/list_awskeymanagementservice.html)

use serde_json::json;

use crate::kms::Action;
use crate::lint::rule::{Check, Rule};
use crate::lint::subject::label;
use crate::lint::{Finding, Fix, Found, Seat, Severity};
use crate::policy::Kind;
use crate::text::Quoted;

pub(super) const RULE: Rule = Rule {
    code: "KMS412",
    name: "no-action-of-key",
    severity: Severity::Warning,
    issue_code: Some("UNSUPPORTED_ACTION_IN_POLICY"),
    file: include_str!("no_action_of_key.rs"),
    check: Check::Policy(check),
};

fn check(seat: &Seat<'_>, found: &mut Found) {
    if seat.policy.kind() != Kind::Key {
        return;
    }
    for statement in seat.policy.statements() {
        let actions = Seat::actions(statement);
        for (number, pattern) in &actions {
            let Some(reason) = reason(pattern) else { continue };
            let path = format!("{}/Action/{number}", statement.pointer());
            // A statement needs at least one action.
            let fix = (actions.len() > 1).then(|| {
                Fix::neutral("remove the action", vec![json!({"op": "remove", "path": path})])
            });
            let message = format!("{} lists {}, {reason}", label(statement), Quoted(pattern));
            let place = seat.place(statement, &["Action", number]);
            let finding = Finding::new(found.rule(), place, message)
                .with_help("remove it here, and allow it in an IAM policy")
                .with_fix(fix);
            found.push(finding);
        }
    }
}

/// Why a pattern has no effect in a key policy, if it has none. An unknown action of KMS is the
/// finding of another rule.
fn reason(pattern: &str) -> Option<&'static str> {
    let (service, _) = pattern.split_once(':')?;
    if service != "*" && !service.eq_ignore_ascii_case("kms") {
        return Some("an action of another service, which no key policy decides");
    }
    let covered = Action::matching(pattern);
    let is_elsewhere = !covered.is_empty() && !covered.iter().any(|action| action.needs_key());
    is_elsewhere.then_some("an operation without a key, which IAM policies alone decide")
}
