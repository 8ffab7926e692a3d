//! Anybody may use or manage the key, whatever account they are in.
//!
//! A statement for everyone (`"*"`) that no condition limits admits every principal of every AWS
//! account: each of them needs no more than an IAM policy that it writes itself. In the key's own
//! account it does not even need that: every user and role may then manage the key as well, which KMS
//! does not offer to other accounts. Where a condition limits the statement to the account, that they
//! may manage it is a warning.
//!
//! The rule asks the evaluator for a role of an account that nobody has heard of. A condition
//! that such a role does not meet (`kms:CallerAccount`, `aws:PrincipalOrgID`, …) is enough; one
//! that it does meet, such as `aws:PrincipalArn` like `*`, is not.
//!
//! # Example
//!
//! ```json
//! {"Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*"}
//! ```
//!
//! # Instead
//!
//! Name the roles; or keep `*` and say whom you mean with a condition, such as
//! `"StringEquals": {"kms:CallerAccount": "123456789012"}`.
//!
//! Source: [Principal](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html),
//! [Other accounts](https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html)

use crate::environment::Key;
use crate::kms::{AccessLevel, Action};
use crate::lint::rule::{Check, Rule};
use crate::lint::subject::{label, listed};
use crate::lint::{Finding, Found, Seat, Severity};
use crate::policy::{Effect, Statement, StatementPrincipal};

pub(super) const RULE: Rule = Rule {
    code: "KMS301",
    name: "public-access",
    severity: Severity::SecurityWarning,
    issue_code: None,
    file: include_str!("public_access.rs"),
    check: Check::Policy(check),
};

fn check(seat: &Seat<'_>, found: &mut Found) {
    let Some(key) = seat.key() else { return };
    let Some(asked) = seat.subject.with_stranger(key.account) else { return };
    for statement in seat.policy.statements() {
        let admits = |action| asked.is_allowed_by(action, key, seat.policy, statement);
        let actions: Vec<&str> = Action::all()
            .iter()
            .filter(|action| admits(action))
            .map(|action| action.name)
            .collect();
        if actions.is_empty() {
            let managed = managed_by_all(seat, key, statement, found.rule());
            if let Some(finding) = managed {
                found.push(finding);
            }
            continue;
        }
        found.with_help(
            seat.place(statement, &["Principal"]),
            format!(
                "{} lets everybody in every AWS account call {}",
                label(statement),
                listed(&actions)
            ),
            "name the principals, or limit everybody with a condition on kms:CallerAccount or aws:PrincipalOrgID",
        );
    }
}

/// That whoever is in the key's account may manage it, which nobody else can be allowed.
fn managed_by_all(
    seat: &Seat<'_>,
    key: &Key,
    statement: &Statement,
    rule: &'static Rule,
) -> Option<Finding> {
    let is_for_all = statement.effect() == Effect::Allow
        && statement.listed_principals().contains(&StatementPrincipal::Everyone);
    let asked = seat.subject.with_any_role_of(key.account).filter(|_| is_for_all)?;
    let manages = |it: &Action| !matches!(it.access, AccessLevel::List | AccessLevel::Read);
    let managing = Action::all().iter().filter(|it| !it.across_accounts && manages(it));
    let actions: Vec<&str> = managing
        .filter(|it| asked.is_allowed_by(it, key, seat.policy, statement))
        .map(|action| action.name)
        .collect();
    let severity = match statement.conditions() {
        [] => Severity::SecurityWarning,
        _ => Severity::Warning,
    };
    let message = format!(
        "{} lets every user and role of the key's account call {}, without an IAM policy",
        label(statement),
        listed(&actions)
    );
    let place = seat.place(statement, &["Principal"]);
    (!actions.is_empty()).then(|| {
        Finding::new(rule, place, message)
            .with_severity(severity)
            .with_help("name the account (`arn:aws:iam::ACCOUNT:root`), which leaves it to its IAM policies, or the principals")
    })
}
