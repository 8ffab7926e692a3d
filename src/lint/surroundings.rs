//! What is put around a policy that was given alone, and where the policies of an environment are.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::subject::{Holder, known};
use crate::arn::{AccountId, Partition};
use crate::document::InputError;
use crate::environment::{
    Attached, Environment, Key, Knowledge, Manager, Member, Organization, Principal, VpcEndpoint,
    builtin_policy, default_key_policy, is_of_aws,
};
use crate::kms::Action;
use crate::policy::{Effect, Element, Kind, Policy, Statement, StatementPrincipal};
use crate::request::{Account, ContextKey, PrincipalName};

/// The account of a policy that names none; no finding speaks of it.
const ACCOUNT: &str = "123456789012";
const KEY_ID: &str = "1234abcd-12ab-34cd-56ef-1234567890ab";
/// The principal of a policy that is attached to one.
pub(super) const ROLE: &str = "TheRole";
/// The endpoint of a policy that is attached to one.
pub(super) const ENDPOINT: &str = "the-endpoint";

/// An environment with one key and one role, around a policy of whatever kind.
pub(super) fn around(
    policy: &Arc<Policy>,
    account: Option<Account>,
) -> Result<(Environment, Holder), InputError> {
    let account = account.or_else(|| placeholder(policy));
    let mut environment = Environment::new(account, "us-east-1");
    let Some(account) = account else { return Ok((environment, Holder::Nobody)) };
    let attached = Attached::Policy(policy.clone());
    let role = PrincipalName::Role(account, ROLE.to_owned());
    let everything = builtin_policy("FullAWSAccess", Kind::Identity, None).map(Arc::new);
    let mut principal = Principal {
        identity_policies: everything.into_iter().map(Attached::Policy).collect(),
        knowledge: Knowledge::Assumed,
        ..Principal::default()
    };
    let mut member = Member::default();
    let mut key_policy = Attached::Policy(default_key_policy(account)?.into());
    let holder = match policy.kind() {
        Kind::Key => {
            key_policy = attached;
            Holder::Key(0)
        }
        Kind::Identity => {
            principal.identity_policies = vec![attached];
            Holder::Principal(role.clone())
        }
        Kind::PermissionsBoundary => {
            principal.permissions_boundary = Some(attached);
            Holder::Principal(role.clone())
        }
        Kind::ServiceControl => {
            member.service_control_policies = vec![vec![attached]];
            Holder::Account(account)
        }
        Kind::ResourceControl => {
            member.resource_control_policies = vec![vec![attached]];
            Holder::Account(account)
        }
        Kind::VpcEndpoint => {
            let endpoint = VpcEndpoint { policy: Some(attached), ..VpcEndpoint::default() };
            environment.vpc_endpoints.insert(ENDPOINT.to_owned(), endpoint);
            Holder::Endpoint(ENDPOINT.to_owned())
        }
        Kind::Session => Holder::Nobody,
    };
    if matches!(holder, Holder::Account(_)) {
        let accounts = [(account.id, member)].into();
        environment.organization = Some(Organization { accounts, ..Organization::default() });
    }
    // A key of this id can be made, and is the only one.
    if let Ok(mut key) = Key::new(account, "us-east-1", KEY_ID, key_policy) {
        key.knowledge = Knowledge::Assumed;
        key.is_region_assumed = true;
        if is_of_aws_managed_key(policy) {
            key.manager = Manager::Aws;
        }
        let _ = environment.add_key(key);
    }
    // Of the principals of a key nothing is known.
    if policy.kind() != Kind::Key {
        environment.add_principal(role, principal);
    }
    Ok((environment, holder))
}

/// The account that a key policy lets administer the key, if it is one; else the only one that
/// it names.
pub(super) fn guess(policy: &Policy) -> Option<Account> {
    let put = Action::parse("kms:PutKeyPolicy").ok()?;
    let administers = policy
        .statements()
        .iter()
        .filter(|statement| statement.effect() == Effect::Allow && statement.covers_action(put));
    let of = |names: &mut dyn Iterator<Item = PrincipalName>| {
        let mut accounts: Vec<Account> = names.filter_map(|name| name.account()).collect();
        accounts.sort_unstable();
        accounts.dedup();
        match accounts.as_slice() {
            [only] => Some(*only),
            _ => None,
        }
    };
    let by_administration = of(&mut administers.flat_map(Statement::principals));
    by_administration.or_else(|| of(&mut policy.principals()))
}

fn placeholder(policy: &Policy) -> Option<Account> {
    Some(Account { partition: partition(policy, None), id: ACCOUNT.parse().ok()? })
}

/// The partition that the ARNs of a policy are of: those of its administrators, of an account, of
/// any principal, or of its resources.
pub(super) fn partition(policy: &Policy, of: Option<AccountId>) -> Partition {
    let principals = || policy.principals().filter_map(|name| name.account());
    // Digits alone do not say the partition.
    let is_said = |account: &Account| account.partition != Partition::Aws;
    let own = || principals().filter(|it| Some(it.id) == of).find(is_said);
    let by_principals = guess(policy).or_else(own).or_else(|| principals().next());
    let resources = || {
        let statements = policy.statements().iter();
        let mut listed = statements.flat_map(|it| it.written(Element::Resource).1);
        listed.find_map(|it| {
            let [_, partition, ..] = crate::arn::split(&it)?;
            partition.parse().ok()
        })
    };
    by_principals.map(|account| account.partition).or_else(resources).unwrap_or_default()
}

/// Whether the policy is one that AWS gives to the keys that it manages: everybody in the account,
/// through a service, under an `Id` of AWS's. Nobody can change these.
///
/// Source: [AWS managed keys](https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#aws-managed-key),
/// [DynamoDB](https://docs.aws.amazon.com/kms/latest/developerguide/services-dynamodb.html)
fn is_of_aws_managed_key(policy: &Policy) -> bool {
    let id = policy.to_json().ok().and_then(|it| Some(it.get("Id")?.as_str()?.to_owned()));
    let limits = ["kms:CallerAccount", "kms:ViaService"].map(ContextKey::new);
    let is_through_service = |it: &Statement| {
        it.listed_principals().contains(&StatementPrincipal::Everyone)
            && limits.iter().all(|key| it.conditions().iter().any(|of| of.key() == key))
    };
    id.is_some_and(|id| id.starts_with("auto-"))
        && policy.statements().iter().any(is_through_service)
}

/// Every policy of an environment with what it is attached to, but for those that AWS wrote.
pub(super) fn seats(environment: &Environment) -> Vec<(Arc<Policy>, Holder)> {
    let mut seats = Vec::new();
    let mut sit = |attached: &Attached, holder: Holder| {
        seats.extend(known(attached).map(|policy| (policy.clone(), holder)));
    };
    for (number, key) in environment.keys().iter().enumerate() {
        sit(&key.policy, Holder::Key(number));
    }
    for (name, principal) in environment.principals() {
        let boundary = principal.permissions_boundary.iter();
        for attached in principal.identity_policies.iter().chain(boundary) {
            sit(attached, Holder::Principal(name.clone()));
        }
    }
    let partition = environment.account.map(|account| account.partition).unwrap_or_default();
    let organization = environment.organization.iter();
    for (id, member) in organization.flat_map(|organization| &organization.accounts) {
        let levels = member.service_control_policies.iter();
        for attached in levels.chain(&member.resource_control_policies).flatten() {
            sit(attached, Holder::Account(Account { partition, id: *id }));
        }
    }
    for (name, endpoint) in &environment.vpc_endpoints {
        endpoint.policy.iter().for_each(|it| sit(it, Holder::Endpoint(name.clone())));
    }
    seats.retain(|(policy, _)| !is_of_aws(policy));
    seats
}

/// Puts a policy in place of another, wherever that is attached.
pub(super) fn replace(environment: &mut Environment, old: &Arc<Policy>, new: &Arc<Policy>) {
    let swap = |attached: &mut Attached| {
        if known(attached).is_some_and(|policy| Arc::ptr_eq(policy, old)) {
            *attached = Attached::Policy(new.clone());
        }
    };
    environment.keys_mut().iter_mut().for_each(|key| swap(&mut key.policy));
    let names: Vec<PrincipalName> =
        environment.principals().map(|(name, _)| name.clone()).collect();
    for name in &names {
        if let Some(principal) = environment.principal_mut(name) {
            let boundary = principal.permissions_boundary.iter_mut();
            principal.identity_policies.iter_mut().chain(boundary).for_each(swap);
        }
    }
    for member in environment.organization.iter_mut().flat_map(|it| it.accounts.values_mut()) {
        let levels = member.service_control_policies.iter_mut();
        levels.chain(&mut member.resource_control_policies).flatten().for_each(swap);
    }
    environment.vpc_endpoints.values_mut().filter_map(|it| it.policy.as_mut()).for_each(swap);
}

/// So many keys and principals are put around a policy that names none of them.
const NEAR: usize = 3;

/// The part of an environment that a policy may have a say in, and its holder there: the key of a
/// key policy, else the keys that are named and a few others; those that hold it or are named, and
/// a few others.
pub(super) fn near(
    environment: &Environment,
    policy: &Arc<Policy>,
    holder: &Holder,
) -> (Environment, Holder) {
    let mut near = Environment::new(environment.account, environment.region.as_str());
    near.rules = environment.rules;
    near.organization.clone_from(&environment.organization);
    near.vpc_endpoints.clone_from(&environment.vpc_endpoints);
    let resources = policy.keys();
    let is_near = |number: usize, key: &Key| match holder {
        Holder::Key(own) => number == *own,
        _ => number < NEAR || resources.contains(&key.arn()),
    };
    for (number, key) in environment.keys().iter().enumerate() {
        if is_near(number, key) {
            // It had its place beside more of them.
            let _ = near.add_key(key.clone());
        }
    }
    let named: BTreeSet<PrincipalName> = policy.principals().collect();
    let holds = |principal: &Principal| {
        let attached = principal.identity_policies.iter().chain(&principal.permissions_boundary);
        attached.filter_map(known).any(|it| Arc::ptr_eq(it, policy))
    };
    for (number, (name, principal)) in environment.principals().enumerate() {
        if number < NEAR || named.contains(name) || holds(principal) {
            near.add_principal(name.clone(), principal.clone());
        }
    }
    let holder = match holder {
        Holder::Key(_) => Holder::Key(0),
        other => other.clone(),
    };
    (near, holder)
}
