//! Somebody who administers the key may also use it, although the policy keeps the two apart.
//!
//! A policy that has one statement for administration alone and another for use alone separates the
//! roles; a user or role that stands in both breaks that. The rule looks at users and roles that are
//! named, not at the statement for the account, nor at a statement that gives both on purpose
//! (`kms:*`).
//!
//! Whoever may call `kms:PutKeyPolicy` or `kms:CreateGrant` can give the use of the key to themselves, as
//! the console's administrators can: what separates the roles for good is a `Deny`, or that somebody
//! watches these calls.
//!
//! # Example
//!
//! ```json
//! [
//!   {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:role/KeyAdmin"}, "Action": ["kms:Put*", "kms:Enable*", "kms:ScheduleKeyDeletion"], "Resource": "*"},
//!   {"Effect": "Allow", "Principal": {"AWS": ["arn:aws:iam::123456789012:role/KeyAdmin", "arn:aws:iam::123456789012:role/WebAppInstanceRole"]}, "Action": "kms:Decrypt", "Resource": "*"}
//! ]
//! ```
//!
//! # Instead
//!
//! Remove the administrator from the statement for use.
//!
//! Source: [Key administrators](https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html#key-policy-default-allow-administrators),
//! [Least privilege](https://docs.aws.amazon.com/kms/latest/developerguide/least-privilege.html)

use crate::environment::Key;
use crate::kms::Action;
use crate::lint::open::Asker;
use crate::lint::rule::{Check, Rule};
use crate::lint::subject::label;
use crate::lint::{Found, Seat, Severity};
use crate::policy::{Effect, Statement, StatementPrincipal};

pub(super) const RULE: Rule = Rule {
    code: "KMS308",
    name: "administrator-uses-key",
    severity: Severity::Suggestion,
    issue_code: None,
    file: include_str!("administrator_uses_key.rs"),
    check: Check::Policy(check),
};

fn check(seat: &Seat<'_>, found: &mut Found) {
    let Some(key) = seat.key() else { return };
    let allows = || seat.policy.statements().iter().filter(|it| it.effect() == Effect::Allow);
    for used in allows().filter(|it| uses(it) && !administers(it)) {
        for (number, principal) in used.listed_principals().iter().enumerate() {
            let is_one = matches!(principal, StatementPrincipal::UserOrRole(_));
            let lists = |it: &&Statement| {
                administers(it) && !uses(it) && it.listed_principals().contains(principal)
            };
            let Some(administered) = allows().filter(|_| is_one).find(lists) else { continue };
            if is_denied(seat, key, used, principal) {
                continue;
            }
            found.with_help(
                seat.place_of_principal(used, number),
                format!(
                    "{} lets {principal} use the key, which {} lets administer it",
                    label(used),
                    label(administered)
                ),
                "remove the administrator here, to keep administration and use apart",
            );
        }
    }
}

fn uses(statement: &Statement) -> bool {
    used_by(statement).next().is_some()
}

/// What a statement covers of the use of a key.
fn used_by(statement: &Statement) -> impl Iterator<Item = &'static Action> {
    let is_use = |it: &&Action| it.cryptographic && it.needs_key();
    Action::all().iter().filter(is_use).filter(|it| statement.covers_action(it))
}

/// Whether the policy takes from a principal all use that a statement gives it.
fn is_denied(
    seat: &Seat<'_>,
    key: &Key,
    statement: &Statement,
    principal: &StatementPrincipal,
) -> bool {
    let askers = Asker::of(principal);
    let is_taken = |action| askers.iter().all(|asker| asker.denied_by(seat, key, action).is_some());
    !askers.is_empty() && used_by(statement).all(is_taken)
}

fn administers(statement: &Statement) -> bool {
    let puts = Action::parse("kms:PutKeyPolicy");
    puts.is_ok_and(|action| statement.covers_action(action))
}
