//! Principals of another account may create grants on the key.
//!
//! Whoever may call `kms:CreateGrant` passes on every operation that grants give, to whomever they like,
//! without holding these permissions themselves. Grants do not expire, and are not seen in the key policy.
//!
//! A condition that keeps them to grants for AWS resources (`kms:GrantIsForAWSResource`), to some
//! operations (`ForAllValues`) or to a grantee is enough. `ForAnyValue` with `kms:GrantOperations` is no
//! limit, since a grant may have others besides.
//!
//! # Example
//!
//! ```json
//! {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/Partner"}, "Action": ["kms:Decrypt", "kms:CreateGrant"], "Resource": "*"}
//! ```
//!
//! # Instead
//!
//! Give `kms:CreateGrant` a statement of its own, with
//! `"Bool": {"kms:GrantIsForAWSResource": "true"}`.
//!
//! Source: [Authorizing CreateGrant](https://docs.aws.amazon.com/kms/latest/developerguide/create-grant-overview.html),
//! [Other accounts](https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html)

use crate::kms::Action;
use crate::lint::open::Asker;
use crate::lint::rule::{Check, Rule};
use crate::lint::subject::label;
use crate::lint::{Found, Seat, Severity};
use crate::policy::{Effect, Statement, StatementPrincipal};
use crate::request::Entry;

pub(super) const RULE: Rule = Rule {
    code: "KMS305",
    name: "foreign-grants",
    severity: Severity::Warning,
    issue_code: None,
    file: include_str!("foreign_grants.rs"),
    check: Check::Policy(check),
};

fn check(seat: &Seat<'_>, found: &mut Found) {
    let Some(key) = seat.key().filter(|_| seat.subject.knows_account()) else { return };
    let Ok(action) = Action::parse("kms:CreateGrant") else { return };
    let covering = |it: &&Statement| it.effect() == Effect::Allow && it.covers_action(action);
    // A call always names the operations, and may name all.
    let operations = Action::all().iter().filter(|it| it.grantable);
    let operations = operations.map(|it| it.short_name().to_owned()).collect();
    let any = [("kms:GrantOperations".to_owned(), Entry::Values(operations))];
    for statement in seat.policy.statements().iter().filter(covering) {
        for (number, principal) in statement.listed_principals().iter().enumerate() {
            for (account, askers) in Asker::foreign(principal, statement, key) {
                if !askers.iter().any(|it| it.applies_with(seat, key, action, statement, &any)) {
                    continue;
                }
                let whom = match principal {
                    StatementPrincipal::Everyone => format!("the account {}", account.id),
                    _ => format!("{principal} of another account"),
                };
                found.with_help(
                    seat.place_of_principal(statement, number),
                    format!("{} lets {whom} create any grant on the key", label(statement)),
                    "add the condition Bool kms:GrantIsForAWSResource true, or ForAllValues:StringEquals kms:GrantOperations",
                );
            }
        }
    }
}
