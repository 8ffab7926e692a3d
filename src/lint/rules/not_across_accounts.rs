//! An action that KMS does not offer across accounts is allowed to another account.
//!
//! The permission is ineffective, whatever the policies say: KMS lets other accounts use and describe a
//! key and work with its grants, but not administer it. A pattern that also covers other actions
//! (`kms:*`) is no finding.
//!
//! # Example
//!
//! ```json
//! {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/Partner"}, "Action": ["kms:Decrypt", "kms:GetKeyPolicy"], "Resource": "*"}
//! ```
//!
//! # Instead
//!
//! Remove the action. To let another account administer the key, let it assume a role of the key's account.
//!
//! Source: [Other accounts](https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html)

use crate::Truth;
use crate::environment::Key;
use crate::kms::Action;
use crate::lint::finding::removal;
use crate::lint::open::{Asker, named_in_conditions};
use crate::lint::rule::{Check, Rule};
use crate::lint::subject::{label, listed};
use crate::lint::{Finding, Fix, Found, Seat, Severity};
use crate::policy::{Effect, Statement, StatementPrincipal};
use crate::text::Quoted;

pub(super) const RULE: Rule = Rule {
    code: "KMS413",
    name: "not-across-accounts",
    severity: Severity::Warning,
    issue_code: None,
    file: include_str!("not_across_accounts.rs"),
    check: Check::Policy(check),
};

fn check(seat: &Seat<'_>, found: &mut Found) {
    let Some(key) = seat.key().filter(|_| seat.subject.knows_account()) else { return };
    for statement in seat.policy.statements().iter().filter(|it| is_foreign(seat, it, key)) {
        let actions = Seat::actions(statement);
        let (refused, others): (Vec<_>, Vec<_>) =
            actions.into_iter().partition(|(_, pattern)| is_refused(pattern));
        if refused.is_empty() {
            continue;
        }
        let names: Vec<String> =
            refused.iter().map(|(_, pattern)| Quoted(pattern).to_string()).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let message = format!(
            "{} allows {} to another account, which KMS does not offer across accounts",
            label(statement),
            listed(&names)
        );
        let numbers: Vec<&str> = refused.iter().map(|(number, _)| number.as_str()).collect();
        let title = if numbers.len() == 1 { "remove the action" } else { "remove the actions" };
        let fix = (!others.is_empty())
            .then(|| Fix::neutral(title, removal(statement, "Action", &numbers)));
        let place = seat.place_of_actions(statement, &numbers);
        let finding = Finding::new(found.rule(), place, message)
            .with_help("remove it, or let the account assume a role of the key's account")
            .with_fix(fix);
        found.push(finding);
    }
}

/// Whether a pattern covers actions of keys, and none that KMS offers across accounts.
fn is_refused(pattern: &str) -> bool {
    let covered = Action::matching(pattern);
    let mut of_keys = covered.iter().filter(|action| action.needs_key()).peekable();
    of_keys.peek().is_some() && !of_keys.any(|action| action.across_accounts)
}

/// Whether it allows, and admits principals of other accounts alone.
fn is_foreign(seat: &Seat<'_>, statement: &Statement, key: &Key) -> bool {
    let is_of_another = |it: &StatementPrincipal| {
        let account = it.name().and_then(|name| name.account());
        account.is_some_and(|account| account.id != key.account.id)
            || (*it == StatementPrincipal::Everyone && keeps_own_out(seat, statement, key))
    };
    let listed = statement.listed_principals();
    statement.effect() == Effect::Allow && !listed.is_empty() && listed.iter().all(is_of_another)
}

/// Whether a statement for everybody names other accounts, and applies to nobody of the key's.
fn keeps_own_out(seat: &Seat<'_>, statement: &Statement, key: &Key) -> bool {
    let askers = Asker::of_account(key.account);
    let mut covered =
        Action::all().iter().filter(|it| it.needs_key() && statement.covers_action(it));
    let is_out = |action: &'static Action| {
        askers.iter().all(|it| {
            let outcome = it.outcome(seat, key, action, statement);
            outcome.is_some_and(|outcome| outcome.truth() == Truth::False)
        })
    };
    !named_in_conditions(statement, key).is_empty() && covered.all(is_out)
}
