//! From the calls that change to what is told: what one asker stands for is not told of others
//! again.

use std::collections::HashMap;

use super::askers::{Asker, Mode, Who};
use super::compare::Change;
use super::{Access, AccessChange};
use crate::request::Account;

/// What is told of one key.
pub(super) fn told(
    askers: &[Asker],
    changes: &[Change],
    (key, owner): (Option<(String, String)>, Account),
    is_account_said: bool,
) -> Vec<AccessChange> {
    let (key, key_name) = key.unwrap_or_else(|| ("*".to_owned(), String::new()));
    let known = Known::of(askers, changes);
    let mut told: Vec<AccessChange> = Vec::new();
    for change in changes {
        let Some(asker) = askers.get(change.asker) else { continue };
        let mut others = known.that_may_tell(change);
        if others.any(|other| repeats((asker, change), other, owner)) {
            continue;
        }
        let is_in_both = known.of_asker(change).any(|(_, it)| it.mode != change.mode);
        push(
            &mut told,
            AccessChange {
                key: key.clone(),
                key_name: key_name.clone(),
                principal: asker.told(owner, is_account_said),
                provided: provided(asker, change, owner, is_in_both),
                before: change.before,
                after: change.after,
                actions: vec![change.action.name],
                cause: change.cause.clone(),
                unknown: change.unknown.clone(),
            },
        );
    }
    told
}

/// The changes by whom they are of, and those of whoever stands for others.
#[derive(Debug)]
struct Known<'c> {
    of_askers: HashMap<(usize, &'static str), Vec<(&'c Asker, &'c Change)>>,
    general: HashMap<&'static str, Vec<(&'c Asker, &'c Change)>>,
}

impl<'c> Known<'c> {
    fn of(askers: &'c [Asker], changes: &'c [Change]) -> Self {
        let mut known = Self { of_askers: HashMap::new(), general: HashMap::new() };
        for change in changes {
            let Some(asker) = askers.get(change.asker) else { continue };
            let name = change.action.name;
            known.of_askers.entry((change.asker, name)).or_default().push((asker, change));
            if asker.is_general() {
                known.general.entry(name).or_default().push((asker, change));
            }
        }
        known
    }

    /// Those of the same asker and action.
    fn of_asker(&self, change: &Change) -> impl Iterator<Item = (&'c Asker, &'c Change)> {
        let of = self.of_askers.get(&(change.asker, change.action.name));
        of.into_iter().flatten().copied()
    }

    fn that_may_tell(&self, change: &Change) -> impl Iterator<Item = (&'c Asker, &'c Change)> {
        let general = self.general.get(change.action.name);
        self.of_asker(change).chain(general.into_iter().flatten().copied())
    }
}

/// With another that differs in its actions alone.
fn push(told: &mut Vec<AccessChange>, change: AccessChange) {
    let is_same = |it: &&mut AccessChange| {
        (&it.principal, it.provided, it.before, it.after, &it.cause, &it.unknown)
            == (
                &change.principal,
                change.provided,
                change.before,
                change.after,
                &change.cause,
                &change.unknown,
            )
    };
    // Those of one asker follow each other.
    let of_asker = |it: &&mut AccessChange| it.principal == change.principal;
    match told.iter_mut().rev().take_while(of_asker).find(is_same) {
        Some(known) => known.actions.extend(change.actions),
        None => told.push(change),
    }
}

/// Whether a change goes without saying where another is told.
fn repeats(
    (asker, change): (&Asker, &Change),
    (other, told): (&Asker, &Change),
    owner: Account,
) -> bool {
    if change.action.name != told.action.name || change.after == Access::NotKnown {
        return false;
    }
    if change.asker == told.asker {
        // What IAM policies are not needed for.
        return change.mode == Mode::WithIam
            && told.mode == Mode::AsIs
            && (change.before < change.after) == (told.before < told.after);
    }
    let is_same =
        (change.before, change.after, change.mode) == (told.before, told.after, told.mode);
    if !is_same || !other.is_general() {
        return false;
    }
    let is_own = asker.name.account() == Some(owner);
    let stands_for = match asker.who {
        Who::Described | Who::Holder(_) => false,
        // Whoever is named is told by name of what it may do for that.
        Who::Named => is_own && change.mode == Mode::WithIam,
        Who::Like(_) | Who::Anybody => true,
    };
    let is_of_same = asker.name.account() == other.name.account();
    stands_for && (is_of_same || (!is_own && other.is_of_no_account()))
}

/// What it takes besides.
fn provided(
    asker: &Asker,
    change: &Change,
    owner: Account,
    is_in_both: bool,
) -> Option<&'static str> {
    let account = asker.name.account()?;
    let is_gain = change.after > change.before;
    match (asker.modes(owner), change.mode, is_gain) {
        ([_], Mode::AsIs, _) => None,
        (_, Mode::WithIam, true) if account != owner => Some("if its own account allows it"),
        (_, Mode::WithIam, false) if account != owner => None,
        (_, Mode::WithIam, true) => Some("if an IAM policy allows it"),
        (_, Mode::WithIam, false) => Some("even if an IAM policy allows it"),
        (_, Mode::AsIs, _) if is_in_both || asker.who == Who::Named => None,
        (_, Mode::AsIs, true) => Some("even without an IAM policy"),
        (_, Mode::AsIs, false) => Some("without an IAM policy"),
    }
}
