//! Who gains or loses what between two environments, each with its cause.

mod cause;

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::Serialize;

use self::cause::Seen;
pub use self::cause::{Cause, Reason};
use super::imagined::told_by;
use crate::environment::{
    Attached, Environment, GrantList, Key, Knowledge, Principal, Question, builtin_policy,
};
use crate::evaluate::Decision;
use crate::kms::Action;
use crate::policy::{Kind, Policy};
use crate::report::principals_of;
use crate::request::{Account, PrincipalName};

/// A role that nobody listed, whose IAM policy allows everything: what it can do, everybody of the
/// account can whom an administrator of IAM lets.
const UNLISTED: &str = "AnyOtherRole";
/// An account that neither environment speaks of.
const FOREIGN: &str = "999988887777";

/// Whether a call succeeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Access {
    /// Whatever the call carries.
    Denied,
    /// It rests on what is not known, or on context keys that a call may carry.
    Depends,
    /// As it is asked, with nothing said but who calls.
    Allowed,
}

/// What a principal may do after and could not before, or the reverse.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct AccessChange {
    /// The ARN of the key.
    pub key: String,
    /// The ARN of the principal, or what it stands for.
    pub principal: String,
    /// Before.
    pub before: Access,
    /// After. The same where only the conditions are other ones.
    pub after: Access,
    /// The actions, in the order of the catalogue.
    pub actions: Vec<&'static str>,
    /// What decides.
    pub cause: Cause,
}

impl AccessChange {
    /// Whether something is gained.
    #[must_use]
    pub fn gains(&self) -> bool {
        self.after > self.before
    }
}

/// Compares all actions on every key for everybody whom either environment knows, for one role
/// of each account that nobody listed, and for one of an account that nobody has heard of.
///
/// Keys are the same by ARN, else by name. A key that only one of them has is compared with one
/// that nobody has access to.
#[must_use]
pub fn access_changes(old: &Environment, new: &Environment) -> Vec<AccessChange> {
    let paired = pairs(old, new);
    let is_paired = |key: &Key| {
        paired.iter().any(|(before, after)| std::ptr::eq(*before, key) || std::ptr::eq(*after, key))
    };
    let added: Vec<Key> = new.keys().iter().filter(|key| !is_paired(key)).cloned().collect();
    let removed: Vec<Key> = old.keys().iter().filter(|key| !is_paired(key)).cloned().collect();
    let (mut old, mut new) = (old.clone(), new.clone());
    admit_nobody(&mut old, added);
    admit_nobody(&mut new, removed);
    changes(&old, &new)
}

/// Adds keys that nobody has access to.
fn admit_nobody(environment: &mut Environment, keys: Vec<Key>) {
    let nobody = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": []}, "Action": "kms:*", "Resource": "*"}]}"#;
    let Ok(policy) = Policy::from_json("no key", nobody, Kind::Key).map(Arc::new) else { return };
    for key in keys {
        let policy = Attached::Policy(policy.clone());
        // One that the environment has under another name is not compared.
        let _ = environment.add_key(Key { policy, grants: GrantList::default(), ..key });
    }
}

fn changes(old: &Environment, new: &Environment) -> Vec<AccessChange> {
    let mut changes: Vec<AccessChange> = Vec::new();
    for (before, after) in pairs(old, new) {
        let askers = Askers::of((old, before), (new, after));
        let (old, new) = (askers.enter(old), askers.enter(new));
        for principal in &askers.all {
            for action in Action::all().iter().filter(|action| action.needs_key()) {
                let was = Seen::of(&old, &question(principal, action, before));
                let is = Seen::of(&new, &question(principal, action, after));
                let (Some(was), Some(is)) = (was, is) else { continue };
                let Some(cause) = was.cause_of(&is) else { continue };
                let change = AccessChange {
                    key: after.arn(),
                    principal: askers.shown(principal),
                    before: was.access,
                    after: is.access,
                    actions: vec![action.name],
                    cause,
                };
                push(&mut changes, change);
            }
        }
    }
    changes
}

/// With another that differs in its actions alone.
fn push(changes: &mut Vec<AccessChange>, change: AccessChange) {
    let is_same = |it: &&mut AccessChange| {
        (&it.key, &it.principal, it.before, it.after, &it.cause)
            == (&change.key, &change.principal, change.before, change.after, &change.cause)
    };
    match changes.iter_mut().rev().find(is_same) {
        Some(known) => known.actions.extend(change.actions),
        None => changes.push(change),
    }
}

fn question(principal: &PrincipalName, action: &'static Action, key: &Key) -> Question {
    let mut question = Question::new(principal.to_string(), action);
    question.key = Some(key.arn());
    question
}

/// The keys that are in both.
fn pairs<'e>(old: &'e Environment, new: &'e Environment) -> Vec<(&'e Key, &'e Key)> {
    let same = |it: &&'e Key, key: &Key| it.arn() == key.arn() || it.name == key.name;
    let of = |key: &'e Key| Some((old.keys().iter().find(|it| same(it, key))?, key));
    let found: Vec<_> = new.keys().iter().filter_map(of).collect();
    match (found.is_empty(), old.keys(), new.keys()) {
        (true, [before], [after]) => vec![(before, after)],
        _ => found,
    }
}

/// Who is asked about, of one key.
struct Askers {
    all: Vec<PrincipalName>,
    /// Those of them that stand for others.
    strangers: Vec<(PrincipalName, String)>,
}

impl Askers {
    fn of(old: (&Environment, &Key), new: (&Environment, &Key)) -> Self {
        let mut all = BTreeSet::new();
        let mut accounts = BTreeSet::new();
        for (environment, key) in [old, new] {
            let names = principals_of(environment, key);
            all.extend(
                names.iter().filter_map(|it| PrincipalName::parse(it, environment.account).ok()),
            );
            accounts.insert(key.account);
            accounts.extend(key.policy.known().into_iter().flat_map(Policy::accounts));
            accounts.extend(environment.principals().filter_map(|(name, _)| name.account()));
        }
        let Account { partition, .. } = new.1.account;
        let foreign = FOREIGN.parse().ok().map(|id| Account { partition, id });
        let stranger = |account: Account| {
            let words = if Some(account) == foreign {
                "any role of any other account".to_owned()
            } else {
                format!("any other role of account {}", account.id)
            };
            (PrincipalName::Role(account, UNLISTED.to_owned()), words)
        };
        let mut strangers: Vec<_> = accounts.iter().copied().chain(foreign).map(stranger).collect();
        // Whom conditions tell from others may be all that can administer the key.
        let policies = [old, new].into_iter().filter_map(|(_, key)| key.policy.known());
        for told in told_by(policies, new.1.account) {
            let is_known =
                all.contains(&told.name) || strangers.iter().any(|(name, _)| *name == told.name);
            if !is_known {
                let words = told.shown(new.1.account);
                strangers.push((told.name, format!("{words}, if IAM policies let it")));
            }
        }
        let all = all.into_iter().chain(strangers.iter().map(|(name, _)| name.clone())).collect();
        Self { all, strangers }
    }

    fn shown(&self, name: &PrincipalName) -> String {
        let stranger = self.strangers.iter().find(|(it, _)| it == name);
        stranger.map_or_else(|| name.to_string(), |(_, words)| words.clone())
    }

    /// The environment with the strangers in it, who are allowed everything by their IAM policies.
    fn enter(&self, environment: &Environment) -> Environment {
        let mut environment = environment.clone();
        let everything = builtin_policy("FullAWSAccess", Kind::Identity, None).map(Arc::new);
        for (name, _) in &self.strangers {
            let identity_policies = everything.iter().cloned().map(Attached::Policy).collect();
            let knowledge = Knowledge::Assumed;
            let stranger = Principal { identity_policies, knowledge, ..Principal::default() };
            environment.add_principal(name.clone(), stranger);
        }
        environment
    }
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
