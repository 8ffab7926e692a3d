//! Anybody may use or manage the key, whatever account they are in.
//!
//! A statement for everyone (`"*"`) that no condition limits admits every principal of every AWS
//! account: each of them needs no more than an IAM policy that it writes itself. In the key's own
//! account it does not even need that.
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

use crate::kms::Action;
use crate::lint::rule::{Check, Rule};
use crate::lint::subject::{label, listed};
use crate::lint::{Found, Seat, Severity};

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
