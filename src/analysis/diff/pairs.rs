//! Which keys of two versions are the same, and what there is to compare.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::version::{Version, without_access};
use crate::environment::{Attached, Environment, Key, Knowledge, Principal};
use crate::policy::{Effect, Element, Statement};
use crate::request::PrincipalName;

/// The keys of both versions, each with its other version: by ARN, else by name. One that only
/// one of them has is paired with the same to which nobody has access.
pub(super) fn pairs(
    (old, of_old): (&Environment, &Version<'_>),
    (new, of_new): (&Environment, &Version<'_>),
) -> Vec<(Key, Key)> {
    let is_alone = of_old.policy.is_some() || of_new.policy.is_some();
    if let ([before], [after], true) = (old.keys(), new.keys(), is_alone) {
        return vec![(before.clone(), after.clone())];
    }
    let by_arn = |it: &&Key, key: &Key| it.arn() == key.arn();
    let by_name = |it: &&Key, key: &Key| it.name == key.name && !(is_given(it) && is_given(key));
    let find = |all: &[Key], key: &Key| {
        let found = all.iter().find(|it| by_arn(it, key));
        found.or_else(|| all.iter().find(|it| by_name(it, key))).cloned()
    };
    let mut pairs = Vec::new();
    for key in new.keys() {
        let before = find(old.keys(), key).or_else(|| without_access(key));
        pairs.extend(before.map(|before| (before, key.clone())));
    }
    for key in old.keys().iter().filter(|key| find(new.keys(), key).is_none()) {
        pairs.extend(without_access(key).map(|after| (key.clone(), after)));
    }
    pairs
}

/// Whether its name is its ARN, and so nothing else.
fn is_given(key: &Key) -> bool {
    key.name == key.arn()
}

/// Whether nothing about a key, nor what limits all of its account, is another.
pub(super) fn is_same(
    old: (&Environment, Option<&Key>),
    new: (&Environment, Option<&Key>),
) -> bool {
    let is_same_key = match (old.1, new.1) {
        (Some(before), Some(after)) => is_same_key(before, after),
        (None, None) => true,
        _ => false,
    };
    is_same_key && is_same_ground(old.0, new.0)
}

/// Whose policies, tags or ids are others.
pub(super) fn changed(old: &Environment, new: &Environment) -> BTreeSet<PrincipalName> {
    let mut changed = BTreeSet::new();
    let mut others: BTreeMap<_, _> = new.principals().collect();
    for (name, principal) in old.principals() {
        let is_same = others.remove(name).is_some_and(|it| is_same_principal(principal, it));
        if !is_same {
            changed.insert(name.clone());
        }
    }
    changed.extend(others.into_keys().cloned());
    changed
}

fn is_same_ground(old: &Environment, new: &Environment) -> bool {
    let of = |it: &Environment| format!("{:?}", it.organization.as_ref().map(|it| &it.id));
    let is_limited = |it: &Environment| it.organization.is_some() || !it.vpc_endpoints.is_empty();
    of(old) == of(new)
        && !is_limited(old)
        && !is_limited(new)
        && (old.account, old.rules) == (new.account, new.rules)
}

fn is_same_key(old: &Key, new: &Key) -> bool {
    let grants = |it: &Key| it.grants.iter().map(|it| format!("{it:?}")).collect::<Vec<_>>();
    let of = |it: &Key| {
        let Key { account, region, spec, usage, origin, multi_region, tags, aliases, .. } = it;
        let described = it.knowledge == Knowledge::Described;
        format!(
            "{account:?} {region} {spec} {usage} {origin} {multi_region:?} {tags:?} {aliases:?} {:?} {described} {:?}",
            it.unknown, it.manager
        )
    };
    is_same_policy(&old.policy, &new.policy) && of(old) == of(new) && grants(old) == grants(new)
}

fn is_same_principal(old: &Principal, new: &Principal) -> bool {
    let policies = |it: &Principal| it.identity_policies.len();
    let boundaries = [&old.permissions_boundary, &new.permissions_boundary];
    policies(old) == policies(new)
        && old
            .identity_policies
            .iter()
            .zip(&new.identity_policies)
            .all(|(a, b)| is_same_policy(a, b))
        && match boundaries {
            [None, None] => true,
            [Some(a), Some(b)] => is_same_policy(a, b),
            _ => false,
        }
        && (&old.id, &old.tags, old.knowledge, &old.unknown)
            == (&new.id, &new.tags, new.knowledge, &new.unknown)
}

fn is_same_policy(old: &Attached, new: &Attached) -> bool {
    match (old, new) {
        (Attached::Policy(old), Attached::Policy(new)) => {
            let (before, after) = (old.statements(), new.statements());
            Arc::ptr_eq(old, new)
                || (before.len() == after.len()
                    && before.iter().zip(after).all(|(a, b)| written(a) == written(b)))
        }
        (Attached::Unknown(_), Attached::Unknown(_)) => true,
        _ => false,
    }
}

/// The name of an element, and what it lists.
type Listed = (String, Vec<String>);

/// All that a statement says, as it is written.
fn written(statement: &Statement) -> (Effect, Vec<Listed>, Vec<bool>) {
    let conditions = statement.conditions();
    let elements = [Element::Principal, Element::Action, Element::Resource].into_iter();
    let elements = elements.chain(conditions.iter().map(Element::Condition));
    let elements = elements.map(|element| statement.written(element)).collect();
    // Before version 2012-10-17 a variable is none.
    let of_resource = statement.resource_variables().next().is_some();
    let has_variables = conditions.iter().map(|it| it.variables().next().is_some());
    (statement.effect(), elements, has_variables.chain([of_resource]).collect())
}
