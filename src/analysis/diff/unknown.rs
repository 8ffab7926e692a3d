//! Policies that are not known, taken for the least and for the most that they can be.

use std::sync::Arc;

use super::version::{everything, nobody};
use crate::environment::{
    Attached, Environment, Key, Level, Member, Part, Principal, builtin_policy, default_key_policy,
};
use crate::policy::{Kind, Policy};
use crate::request::{Account, PrincipalName};

/// What policies that are not known are taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    /// For the least that they can allow.
    Least,
    /// For the most.
    Most,
}

/// Whether a policy that matters is not known.
pub(super) fn has_unknown(environment: &Environment) -> bool {
    let is_unknown = |it: &Attached| it.known().is_none();
    let of_principals = environment.principals().any(|(_, principal)| {
        principal.identity_policies.iter().chain(&principal.permissions_boundary).any(is_unknown)
    });
    let members = environment.organization.iter().flat_map(|it| it.accounts.values());
    let mut levels = members
        .flat_map(|it| it.service_control_policies.iter().chain(&it.resource_control_policies));
    let of_key = |key: &Key| is_unknown(&key.policy) || key.unknown.contains(&Part::Grants);
    of_principals
        || levels.any(|level| level.iter().any(is_unknown))
        || environment.keys().iter().any(of_key)
}

/// The environment with everything known. What limits in the other version too, and is not known
/// there either, is taken to limit nothing, so that the rest can be compared.
pub(super) fn resolved(
    environment: &Environment,
    other: &Environment,
    taken: Taken,
) -> Environment {
    let mut resolved = environment.clone();
    let names: Vec<PrincipalName> =
        environment.principals().map(|(name, _)| name.clone()).collect();
    for name in names {
        let before = other.principals().find(|(it, _)| **it == name).map(|(_, it)| it);
        if let Some(principal) = resolved.principal_mut(&name) {
            of_principal(principal, before, taken);
        }
    }
    let unlimited = Member::default();
    for (id, member) in resolved.organization.iter_mut().flat_map(|it| &mut it.accounts) {
        let before = other.organization.as_ref().and_then(|it| it.accounts.get(id));
        let before = before.unwrap_or(&unlimited);
        let of = |levels: &mut Vec<Level>, others: &[Level], kind| {
            let is_open = taken == Taken::Most || others.iter().any(lacks);
            for level in levels.iter_mut() {
                of_level(level, kind, is_open);
            }
        };
        let service = &mut member.service_control_policies;
        of(service, &before.service_control_policies, Kind::ServiceControl);
        let resource = &mut member.resource_control_policies;
        of(resource, &before.resource_control_policies, Kind::ResourceControl);
    }
    for key in resolved.keys_mut() {
        let is_same = |it: &&Key| it.name == key.name || it.arn() == key.arn();
        let before = other.keys().iter().find(is_same).map(|it| it.policy.known().is_none());
        key.unknown.retain(|part| *part != Part::Grants);
        if key.policy.known().is_none() {
            let policy = key_policy(key.account, taken, before == Some(true));
            key.policy = policy.map_or_else(|| key.policy.clone(), Attached::Policy);
        }
    }
    resolved
}

fn lacks(level: &Level) -> bool {
    level.iter().any(|it| it.known().is_none())
}

fn of_principal(principal: &mut Principal, before: Option<&Principal>, taken: Taken) {
    let number = principal.identity_policies.len();
    principal.identity_policies.retain(|it| it.known().is_some());
    if taken == Taken::Most && principal.identity_policies.len() < number {
        principal.identity_policies.extend(everything());
    }
    let is_unknown = |it: &Attached| it.known().is_none();
    if principal.permissions_boundary.as_ref().is_some_and(is_unknown) {
        let before = before.and_then(|it| it.permissions_boundary.as_ref());
        let is_open = taken == Taken::Most || before.is_some_and(is_unknown);
        principal.permissions_boundary = if is_open { None } else { denying(Kind::Identity) };
    }
}

fn of_level(level: &mut Level, kind: Kind, is_open: bool) {
    if !lacks(level) {
        return;
    }
    level.retain(|it| it.known().is_some());
    let name = if kind == Kind::ResourceControl { "RCPFullAWSAccess" } else { "FullAWSAccess" };
    let open = || builtin_policy(name, kind, None).ok().map(Arc::new).map(Attached::Policy);
    level.extend(if is_open { open() } else { denying(kind) });
}

/// A policy that denies everything.
fn denying(kind: Kind) -> Option<Attached> {
    let principal = if kind == Kind::ResourceControl { r#""Principal": "*", "# } else { "" };
    let text = format!(
        r#"{{"Version": "2012-10-17", "Statement": [{{"Effect": "Deny", {principal}"Action": "*", "Resource": "*"}}]}}"#
    );
    Policy::from_json("a policy that is not known", &text, kind)
        .ok()
        .map(Arc::new)
        .map(Attached::Policy)
}

/// The default one where it is known in neither version.
fn key_policy(account: Account, taken: Taken, is_unknown_in_both: bool) -> Option<Arc<Policy>> {
    if is_unknown_in_both {
        return default_key_policy(account).ok().map(Arc::new);
    }
    match taken {
        Taken::Least => nobody(),
        Taken::Most => {
            let root = PrincipalName::Root(account);
            let text = format!(
                r#"{{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow", "Principal": {{"AWS": ["*", "{root}"]}}, "Action": "kms:*", "Resource": "*"}}]}}"#
            );
            Policy::from_json("a policy that is not known", &text, Kind::Key).ok().map(Arc::new)
        }
    }
}
