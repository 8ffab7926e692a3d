//! One of two versions, and what in it was made up.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::environment::{
    Attached, Environment, GrantList, Key, Knowledge, Principal, builtin_policy,
};
use crate::policy::{Element, Kind, Policy, Statement};
use crate::request::{Account, PrincipalName};

/// The id of a key that a pattern stands for.
const KEY_ID: &str = "0abc1234-12ab-34cd-56ef-1234567890ab";
/// What any key is called.
pub(super) const ANY_KEY: &str = "*";
/// The Region of a key whose pattern leaves it open.
const REGIONS: [&str; 4] = ["us-east-1", "eu-west-1", "us-gov-west-1", "cn-north-1"];

/// One of two versions that are compared.
#[derive(Clone, Debug)]
pub struct Version<'e> {
    pub(super) environment: &'e Environment,
    /// The policy that is all there is to it; the environment was made up around it.
    pub(super) policy: Option<&'e Arc<Policy>>,
    pub(super) is_account_said: bool,
    pub(super) is_gone: bool,
}

impl<'e> Version<'e> {
    /// An environment in which nothing is made up.
    #[must_use]
    pub fn of(environment: &'e Environment) -> Self {
        Self { environment, policy: None, is_account_said: true, is_gone: false }
    }

    /// A policy that was given alone, in an environment that was made up around it.
    #[must_use]
    pub fn of_policy(self, policy: &'e Arc<Policy>) -> Self {
        Self { policy: Some(policy), ..self }
    }

    /// Nothing says the account: it decides nothing, and is not shown.
    #[must_use]
    pub fn of_unsaid_account(self) -> Self {
        Self { is_account_said: false, ..self }
    }

    /// The version in which nothing of it is there.
    #[must_use]
    pub fn without_everything(self) -> Self {
        Self { is_gone: true, ..self }
    }

    /// The kind of the policy that is all there is to it.
    pub(super) fn kind(&self) -> Option<Kind> {
        self.policy.map(|policy| policy.kind())
    }

    /// The environment that is asked, with the keys that either version names. The key of a
    /// policy that was given alone is called as is said.
    pub(super) fn grounded(&self, other: &Self, key: Option<&str>) -> Environment {
        let mut environment =
            if self.is_gone { emptied(self.environment) } else { self.environment.clone() };
        if let Some(name) = key.filter(|_| self.policy.is_some()) {
            environment.keys_mut().iter_mut().for_each(|key| name.clone_into(&mut key.name));
        }
        let is_of_identity = |it: Kind| !matches!(it, Kind::Key | Kind::Session);
        if self.kind().is_some_and(is_of_identity) {
            let policies = [self, other].into_iter().filter_map(|it| it.policy);
            for key in keys_of(policies.map(|it| &**it), self.environment) {
                // One of that ARN is there already.
                let _ = environment.add_key(key);
            }
        }
        environment
    }
}

/// What is left where all that was given is gone.
fn emptied(environment: &Environment) -> Environment {
    let region = environment.region.as_str();
    let mut empty = Environment::new(environment.account, region);
    for key in environment.keys().iter().filter(|key| key.knowledge == Knowledge::Assumed) {
        if let Some(key) = without_access(key) {
            let _ = empty.add_key(key);
        }
    }
    for (name, principal) in environment.principals() {
        if principal.knowledge == Knowledge::Assumed {
            empty.add_principal(
                name.clone(),
                Principal { identity_policies: Vec::new(), ..principal.clone() },
            );
        }
    }
    empty
}

/// The same key, to which nobody has access.
pub(super) fn without_access(key: &Key) -> Option<Key> {
    let policy = Attached::Policy(nobody()?);
    Some(Key { policy, grants: GrantList::default(), ..key.clone() })
}

/// A key policy that says nothing.
pub(super) fn nobody() -> Option<Arc<Policy>> {
    let nobody = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": []}, "Action": "kms:*", "Resource": "*"}]}"#;
    Policy::from_json("no key", nobody, Kind::Key).map(Arc::new).ok()
}

/// An IAM policy that allows everything.
pub(super) fn everything() -> Option<Attached> {
    builtin_policy("FullAWSAccess", Kind::Identity, None).ok().map(Arc::new).map(Attached::Policy)
}

/// A key for every ARN and pattern of ARNs of keys that policies name, each named as they do. The
/// key policies leave them to the accounts.
fn keys_of<'p>(policies: impl Iterator<Item = &'p Policy>, environment: &Environment) -> Vec<Key> {
    let Some(own) = environment.account else { return Vec::new() };
    let statements = policies.flat_map(Policy::statements);
    let patterns: BTreeSet<String> = statements.flat_map(resources).collect();
    patterns.iter().filter_map(|pattern| key_like(pattern, own)).collect()
}

fn resources(statement: &Statement) -> Vec<String> {
    statement.written(Element::Resource).1
}

/// A key that fits a pattern, of the account if that is left open.
fn key_like(pattern: &str, own: Account) -> Option<Key> {
    let [arn, partition, kms, written_region, account, resource] = crate::arn::split(pattern)?;
    let is_open = |text: &str| text.contains(['*', '?']);
    let fits = |pattern: &str, text: &str| {
        use crate::wildcard::{Case, Token, matches};
        matches(pattern.chars().map(Token::of), text, Case::Sensitive)
    };
    if arn != "arn" || !fits(kms, "kms") {
        return None;
    }
    let region = if is_open(written_region) {
        REGIONS.into_iter().find(|it| fits(written_region, it))?
    } else {
        written_region
    };
    let id = match account {
        "${aws:PrincipalAccount}" | "${aws:ResourceAccount}" => own.id,
        account if is_open(account) => Some(own.id).filter(|id| fits(account, id.as_str()))?,
        account => account.parse().ok()?,
    };
    let partition = if is_open(partition) { own.partition } else { partition.parse().ok()? };
    let id_of_key = match resource.strip_prefix("key/") {
        Some("*") | None if fits(resource, &format!("key/{KEY_ID}")) => KEY_ID.to_owned(),
        Some(id) => id.replace(['*', '?'], "0"),
        None => return None,
    };
    let account = Account { partition, id };
    let policy = Attached::Policy(leaving_to(account, own)?.into());
    let mut key = Key::new(account, region, &id_of_key, policy).ok()?;
    pattern.clone_into(&mut key.name);
    key.knowledge = Knowledge::Assumed;
    key.is_region_assumed = is_open(written_region);
    Some(key)
}

/// A key policy that leaves a key to the IAM policies of two accounts.
fn leaving_to(account: Account, other: Account) -> Option<Policy> {
    let root = |it| PrincipalName::Root(it).to_string();
    let text = serde_json::json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": {"AWS": [root(account), root(other)]},
            "Action": "kms:*",
            "Resource": "*",
        }],
    });
    Policy::from_json("a key policy that leaves the key to IAM", &text.to_string(), Kind::Key).ok()
}
