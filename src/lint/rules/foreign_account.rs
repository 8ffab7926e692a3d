//! Another account decides by itself which of its users and roles may use the key.
//!
//! To name an account, as the principal or in a condition on everybody, is to let its administrators
//! give the permission on, to whomever they like. That is how AWS documents access across accounts, and
//! often meant.
//!
//! # Example
//!
//! ```json
//! {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "kms:Decrypt", "Resource": "*"}
//! ```
//!
//! # Instead
//!
//! Name the roles of the other account, or limit the statement with a condition such as
//! `ArnLike` on `aws:PrincipalArn`. If the account is meant, ignore the finding at its place, with the
//! reason.
//!
//! Source: [Other accounts](https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html)

use crate::environment::Key;
use crate::kms::Action;
use crate::lint::open::{Asker, named_in_conditions};
use crate::lint::rule::{Check, Rule};
use crate::lint::subject::{label, listed};
use crate::lint::{Found, Seat, Severity};
use crate::policy::{Effect, Statement, StatementPrincipal};
use crate::request::{Account, PrincipalName};

pub(super) const RULE: Rule = Rule {
    code: "KMS304",
    name: "foreign-account",
    severity: Severity::Suggestion,
    issue_code: None,
    file: include_str!("foreign_account.rs"),
    check: Check::Policy(check),
};

fn check(seat: &Seat<'_>, found: &mut Found) {
    let Some(key) = seat.key().filter(|_| seat.subject.knows_account()) else { return };
    for statement in seat.policy.statements().iter().filter(|it| it.effect() == Effect::Allow) {
        for (number, principal) in statement.listed_principals().iter().enumerate() {
            for account in accounts(principal, statement, key) {
                let Some(names) = used_by(account, seat, key, statement) else { continue };
                found.with_help(
                    seat.place_of_principal(statement, number),
                    format!(
                        "{} leaves it to the account {} who in it may call {}",
                        label(statement),
                        account.id,
                        listed(&names)
                    ),
                    "name the roles, or add a condition on aws:PrincipalArn",
                );
            }
        }
    }
}

/// The accounts that a principal of a statement stands for as a whole, besides the key's.
fn accounts(principal: &StatementPrincipal, statement: &Statement, key: &Key) -> Vec<Account> {
    match principal {
        StatementPrincipal::Everyone => named_in_conditions(statement, key),
        _ => match principal.name() {
            Some(PrincipalName::Root(account)) if account.id != key.account.id => vec![account],
            _ => Vec::new(),
        },
    }
}

/// The actions that a statement lets an account use the key for, if there are some.
fn used_by(
    account: Account,
    seat: &Seat<'_>,
    key: &Key,
    statement: &Statement,
) -> Option<Vec<&'static str>> {
    let asker = Asker::of_account(account);
    let applies = |action: &&'static Action| {
        action.across_accounts
            && statement.covers_action(action)
            && asker.iter().any(|it| it.applies(seat, key, action, statement))
    };
    let actions = Action::all().iter().filter(applies);
    let names: Vec<&str> = actions.map(|action| action.name).collect();
    (!names.is_empty()).then_some(names)
}
