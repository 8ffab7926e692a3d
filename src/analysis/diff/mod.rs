//! Who gains or loses what between two versions, each with its cause.

mod askers;
mod cause;
mod compare;
mod meaning;
mod pairs;
mod seen;
mod told;
mod unknown;
mod version;
mod world;

use std::collections::BTreeSet;

use serde::Serialize;

use self::askers::Asker;
pub use self::cause::{Cause, Reason};
use self::compare::Pair;
use self::pairs::{changed, is_same, pairs};
use self::version::ANY_KEY;
pub use self::version::Version;
use self::world::{World, narrowed};
use crate::environment::{Environment, Key};
use crate::evaluate::Decision;
use crate::policy::Kind;
use crate::request::{Account, PrincipalName};

/// Whether a call succeeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Access {
    /// Whatever the call carries.
    Denied,
    /// It rests on context keys that a call may carry.
    Depends,
    /// As it is asked, with nothing said but who calls.
    Allowed,
    /// It rests on a policy that is not known.
    NotKnown,
}

/// What a principal may do after and could not before, or the reverse.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct AccessChange {
    /// The ARN of the key; `*` for actions that have none. For a policy that was given alone the
    /// file, or what its `Resource` names.
    pub key: String,
    /// What people call the key.
    pub key_name: String,
    /// The ARN of the principal, or what it stands for.
    pub principal: String,
    /// What it takes besides, such as `if its own account allows it`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provided: Option<&'static str>,
    /// Before.
    pub before: Access,
    /// After. The same where only the conditions are other ones.
    pub after: Access,
    /// The actions, in the order of the catalogue.
    pub actions: Vec<&'static str>,
    /// What decides.
    pub cause: Cause,
    /// Why it is not sure: policies that are not known.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unknown: Vec<String>,
}

impl AccessChange {
    /// Whether something is gained.
    #[must_use]
    pub fn gains(&self) -> bool {
        self.is_known() && self.after > self.before
    }

    /// Whether something is lost.
    #[must_use]
    pub fn loses(&self) -> bool {
        self.is_known() && self.after < self.before
    }

    /// Whether it is known what becomes of it.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.before != Access::NotKnown && self.after != Access::NotKnown
    }
}

/// Compares two environments in which nothing is made up, as [`access_changes_between`] does.
#[must_use]
pub fn access_changes(old: &Environment, new: &Environment) -> Vec<AccessChange> {
    access_changes_between(&Version::of(old), &Version::of(new))
}

/// Compares all actions on every key, and those without one, for everybody whom either version
/// knows, names or hints at, for somebody of each account whom nobody listed, and for one of an
/// account that nobody has heard of; those of whom nothing is known with and without IAM policies
/// that allow everything.
///
/// Keys are the same by ARN, else by name. A key that only one of them has is compared with one
/// that nobody has access to.
#[must_use]
pub fn access_changes_between(old: &Version<'_>, new: &Version<'_>) -> Vec<AccessChange> {
    let policy = new.policy.or(old.policy);
    let key = policy.map(|it| match it.kind() {
        Kind::Key => it.name(),
        _ => ANY_KEY.to_owned(),
    });
    let grounds = [old.grounded(new, key.as_deref()), new.grounded(old, key.as_deref())];
    let [before, after] = &grounds;
    let versions = [(old, before), (new, after)];
    let affected = changed(before, after);
    let mut changes = Vec::new();
    for (old_key, new_key) in pairs((before, old), (after, new)) {
        let owner = new_key.account;
        changes.extend(of_key(versions, [Some(&old_key), Some(&new_key)], owner, &affected));
    }
    if let Some(owner) = after.account.or(before.account) {
        changes.extend(of_key(versions, [None, None], owner, &affected));
    }
    without_repeated(&changes)
}

fn of_key(
    [old, new]: [(&Version<'_>, &Environment); 2],
    [before, after]: [Option<&Key>; 2],
    owner: Account,
    changed: &BTreeSet<PrincipalName>,
) -> Vec<AccessChange> {
    let is_alone = old.0.policy.is_some() || new.0.policy.is_some();
    let is_same = !is_alone && is_same((old.1, before), (new.1, after));
    if is_same && changed.is_empty() {
        return Vec::new();
    }
    let mut askers = askers::of([(old.0, old.1, before), (new.0, new.1, after)], owner);
    if is_same {
        let is_changed = |it: &Asker| {
            changed.contains(&it.name)
                || (it.is_session() && changed.iter().any(|name| it.is_of(name)))
        };
        askers.retain(is_changed);
    }
    let names: BTreeSet<_> = askers.iter().map(|it| &it.name).collect();
    let sessions: Vec<_> = askers.iter().filter(|it| it.is_session()).collect();
    let counts = |name: &_| names.contains(name) || sessions.iter().any(|it| it.is_of(name));
    let grounds = [narrowed(old.1, before, counts), narrowed(new.1, after, counts)];
    let [of_old, of_new] = &grounds;
    let pair = Pair {
        old: World::of(old.0, of_old.clone(), of_new, (before, owner), &askers),
        new: World::of(new.0, of_new.clone(), of_old, (after, owner), &askers),
        owner,
        has_key: after.is_some(),
    };
    let is_account_said = old.0.is_account_said || new.0.is_account_said;
    let key = after.map(|key| match new.0.policy.or(old.0.policy) {
        // Its ARN was made up.
        Some(_) => (key.name.clone(), key.name.clone()),
        None => (key.arn(), key.name.clone()),
    });
    told::told(&askers, &pair.changes(&askers), (key, owner), is_account_said)
}

/// Without what is told of any key already.
fn without_repeated(changes: &[AccessChange]) -> Vec<AccessChange> {
    let is_of_any = |it: &AccessChange| it.key_name == ANY_KEY;
    let repeats = |it: &AccessChange, other: &AccessChange| {
        (&it.principal, it.before, it.after, &it.cause)
            == (&other.principal, other.before, other.after, &other.cause)
            && it.actions.iter().all(|action| other.actions.contains(action))
    };
    let is_told = |it: &AccessChange| {
        is_of_any(it) || !changes.iter().any(|other| is_of_any(other) && repeats(it, other))
    };
    changes.iter().filter(|it| is_told(it)).cloned().collect()
}

impl Access {
    fn of(asked: Decision, open: Decision) -> Self {
        match (asked, open) {
            (Decision::Allowed, _) => Self::Allowed,
            (_, Decision::Allowed | Decision::Undetermined) | (Decision::Undetermined, _) => {
                Self::Depends
            }
            (
                Decision::ExplicitDeny | Decision::ImplicitDeny,
                Decision::ExplicitDeny | Decision::ImplicitDeny,
            ) => Self::Denied,
        }
    }
}

#[cfg(test)]
mod tests;
