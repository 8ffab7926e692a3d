//! What to do where nobody is left who may do something, by what takes it from them.

use super::Seat;
use super::open::Asker;
use super::subject::label;
use super::surroundings::guess;
use crate::Truth;
use crate::environment::Key;
use crate::kms::Action;
use crate::policy::{Effect, Statement, StatementPrincipal};

impl Seat<'_> {
    /// What to do where nobody of the key's account may do any of `actions`, though a statement
    /// is there that allows it to them, or would to another account.
    pub(crate) fn advice(&self, key: &Key, actions: &[&'static Action]) -> Option<String> {
        let other = guess(self.policy).filter(|of| of.id != key.account.id);
        let of_account = |it: &Statement| {
            self.subject.knows_account() && it.principals().any(|name| name.account() == other)
        };
        let taken = || actions.iter().find_map(|action| self.taken(key, action));
        if let Some(deny) = taken() {
            return Some(format!(
                "{} denies it: exempt from it whoever is to administer the key",
                label(deny)
            ));
        }
        let other = other.filter(|_| self.policy.statements().iter().any(of_account))?;
        Some(format!(
            "the policy lets the account {} administer the key, not {}: say in which account the key is, or name that one in the policy",
            other.id, key.account.id
        ))
    }

    /// The `Deny` that takes from somebody of the account what another statement allows.
    fn taken(&self, key: &Key, action: &'static Action) -> Option<&Statement> {
        let covering = |effect| {
            let statements = self.policy.statements().iter();
            statements.filter(move |it| it.effect() == effect && it.covers_action(action))
        };
        let askers = covering(Effect::Allow).flat_map(|allow| {
            let listed = allow.listed_principals().iter();
            let askers = listed.flat_map(|principal| match principal {
                StatementPrincipal::Everyone => Asker::of_account(key.account),
                _ => Asker::of(principal),
            });
            askers.filter(move |it| it.account() == Some(key.account)).map(move |it| (it, allow))
        });
        let applies = |asker: &Asker, statement| {
            let outcome = asker.outcome(self, key, action, statement);
            outcome.is_some_and(|it| it.truth() != Truth::False)
        };
        askers
            .filter(|(asker, allow)| applies(asker, allow))
            .find_map(|(asker, _)| covering(Effect::Deny).find(|deny| applies(&asker, deny)))
    }
}
