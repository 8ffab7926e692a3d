//! Somebody who administers the key may also use it, although the policy keeps the two apart.
//!
//! A policy that has one statement for administration alone and another for use alone separates the
//! roles; a user or role that stands in both breaks that, and so does one whose statement lists
//! `kms:Decrypt` beside `kms:Put*` while others only use the key, or who may also create any grant. The
//! rule looks at users and roles that are named, not at the statement for the account, nor at a pattern
//! that gives both on purpose (`kms:*`). What a `Deny` takes from them is no finding.
//!
//! Whoever may call `kms:PutKeyPolicy` can give the use of the key to themselves, and the console's
//! administrators can also create grants, by `kms:Create*`: that is no finding. What separates the roles
//! for good is a `Deny`, or that somebody watches these calls.
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
//! Remove the administrator from the statement for use; limit `kms:CreateGrant` with
//! `"Bool": {"kms:GrantIsForAWSResource": "true"}`, or leave it to who uses the key.
//!
//! Source: [Key administrators](https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html#key-policy-default-allow-administrators),
//! [Controlling access to grants](https://docs.aws.amazon.com/kms/latest/developerguide/grant-authorization.html),
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
    for used in allows(seat) {
        for (number, principal) in used.listed_principals().iter().enumerate() {
            let is_one = matches!(principal, StatementPrincipal::UserOrRole(_));
            let administered = allows(seat)
                .filter(|_| is_one)
                .find(|it| administers(it) && it.listed_principals().contains(principal));
            let Some(administered) = administered else { continue };
            if administers(used) || !uses(used) {
                let others = allows(seat).find(|it| {
                    uses(it) && !administers(it) && !it.listed_principals().contains(principal)
                });
                let Some(others) = others else { continue };
                of_administrator(seat, key, [used, others], principal, found);
            } else if !uses(administered) && !is_denied(seat, key, used, principal) {
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
}

fn allows<'a>(seat: &Seat<'a>) -> impl Iterator<Item = &'a Statement> {
    seat.policy.statements().iter().filter(|it| it.effect() == Effect::Allow)
}

/// What a statement gives an administrator besides, where another is for the use of others alone.
fn of_administrator(
    seat: &Seat<'_>,
    key: &Key,
    [used, others]: [&Statement; 2],
    principal: &StatementPrincipal,
    found: &mut Found,
) {
    let by_use = beside(used).filter(|_| !is_denied(seat, key, used, principal));
    if let Some(number) = by_use {
        found.with_help(
            seat.place(used, &["Action", &number]),
            format!(
                "{} lets {principal} use the key and administer it, which {} keeps apart",
                label(used),
                label(others)
            ),
            "remove the action here, to keep administration and use apart",
        );
    } else if let Some(number) = grants(seat, key, used, principal) {
        found.with_help(
            seat.place(used, &["Action", &number]),
            format!(
                "{} lets {principal}, who administers the key, create any grant, and so use it",
                label(used)
            ),
            "add the condition Bool kms:GrantIsForAWSResource true, or remove kms:CreateGrant here",
        );
    }
}

/// The number of an action for use, beside others for administration.
fn beside(statement: &Statement) -> Option<String> {
    let is_use = |it: &&&Action| it.cryptographic && it.needs_key();
    let puts = Action::parse("kms:PutKeyPolicy").ok().filter(|it| statement.covers_action(it))?;
    let actions = Seat::actions(statement);
    let mut uses = actions.iter().filter(|(_, pattern)| {
        let covered = Action::matching(pattern);
        covered.iter().any(|it| is_use(&it)) && !covered.contains(&puts)
    });
    let gives_both = actions.iter().any(|(_, pattern)| {
        let covered = Action::matching(pattern);
        covered.contains(&puts) && covered.iter().any(|it| is_use(&it))
    });
    uses.next().filter(|_| !gives_both).map(|(number, _)| number.clone())
}

/// The number of the action that names grants, if any grant can be created: a pattern such as
/// `kms:Create*` does not, as the console's administrators have it.
fn grants(
    seat: &Seat<'_>,
    key: &Key,
    statement: &Statement,
    principal: &StatementPrincipal,
) -> Option<String> {
    let [grant, alias] = ["kms:CreateGrant", "kms:CreateAlias"].map(|it| Action::parse(it).ok());
    let (grant, alias) = (grant?, alias?);
    let is_given = |it: &Asker| {
        it.applies(seat, key, grant, statement) && it.denied_by(seat, key, grant).is_none()
    };
    let named = Seat::actions(statement).into_iter().find(|(_, pattern)| {
        let covered = Action::matching(pattern);
        covered.contains(&grant) && !covered.contains(&alias)
    });
    let is_open = Asker::of(principal).iter().any(is_given);
    named.filter(|_| is_open).map(|(number, _)| number)
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
