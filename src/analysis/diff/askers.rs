//! Who is asked: everybody whom either version names or hints at, and somebody for those whom
//! neither does.

use std::collections::{BTreeMap, BTreeSet};

use super::version::{Version, everything};
use crate::analysis::candidates::shown;
use crate::environment::{Attached, Environment, Grantee, Key, Knowledge, Principal};
use crate::policy::{Condition, Kind, Policy, Statement};
use crate::request::{Account, PrincipalName, is_service_principal};
use crate::wildcard::{Case, Token, matches};

/// Who stands for the roles and users that nobody lists.
const UNLISTED: &str = "AnyOtherRole";
/// An account that neither version speaks of.
const FOREIGN: &str = "999988887777";
const ANY_SERVICE: &str = "any-service.amazonaws.com";

/// Somebody who is asked.
#[derive(Clone, Debug)]
pub(super) struct Asker {
    pub(super) name: PrincipalName,
    pub(super) who: Who,
}

/// How somebody comes to be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Who {
    /// A version says which policies it has; or it needs none.
    Described,
    /// It is named, and nobody says which policies it has.
    Named,
    /// Whoever fits a pattern.
    Like(String),
    /// Somebody whom nobody names.
    Anybody,
    /// Whoever has the policy that was given alone.
    Holder(&'static str),
}

/// Whether IAM policies that nobody gave let it do everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Mode {
    /// As far as is known, and so not.
    AsIs,
    /// They do.
    WithIam,
}

impl Asker {
    /// The ways in which it is asked of a key of an account. Across accounts nothing is allowed
    /// that IAM policies do not allow too.
    ///
    /// Source: [Allowing users in other accounts](https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html)
    pub(super) fn modes(&self, owner: Account) -> &'static [Mode] {
        let has_policies = matches!(
            self.name,
            PrincipalName::User(..) | PrincipalName::Role(..) | PrincipalName::Session { .. }
        );
        match self.who {
            Who::Described | Who::Holder(_) => &[Mode::AsIs],
            _ if !has_policies => &[Mode::AsIs],
            _ if self.name.account() != Some(owner) => &[Mode::WithIam],
            Who::Named | Who::Like(_) | Who::Anybody => &[Mode::AsIs, Mode::WithIam],
        }
    }

    /// The user or role whose policies count.
    fn holder(&self) -> PrincipalName {
        match &self.name {
            PrincipalName::Session { account, role, .. } => {
                PrincipalName::Role(*account, role.clone())
            }
            name => name.clone(),
        }
    }

    pub(super) fn is_session(&self) -> bool {
        matches!(self.name, PrincipalName::Session { .. })
    }

    /// Whether the policies of a user or role may count; the ARN of a session does not say the
    /// path of its role.
    pub(super) fn is_of(&self, name: &PrincipalName) -> bool {
        match (&self.name, name) {
            (PrincipalName::Session { account, role, .. }, PrincipalName::Role(of, path)) => {
                account == of && path.rsplit('/').next() == Some(role)
            }
            (own, name) => own == name,
        }
    }

    /// Whether it stands for whoever is not named.
    pub(super) fn is_general(&self) -> bool {
        self.who == Who::Anybody && !self.is_user()
    }

    fn is_user(&self) -> bool {
        matches!(self.name, PrincipalName::User(..))
    }

    /// Whether it stands for those of every account that is not spoken of.
    pub(super) fn is_of_no_account(&self) -> bool {
        self.name.account().is_some_and(|it| it.id.as_str() == FOREIGN)
    }

    /// As a person speaks of it.
    pub(super) fn told(&self, owner: Account, is_account_said: bool) -> String {
        let is_own = self.name.account() == Some(owner);
        let kind = if self.is_user() { "user" } else { "role" };
        match &self.who {
            Who::Holder(words) => (*words).to_owned(),
            Who::Like(pattern) => format!("a {kind} matching {pattern}"),
            Who::Anybody => match self.name.account() {
                None => "any AWS service".to_owned(),
                Some(_) if is_own && !is_account_said => {
                    format!("any other {kind} of the key's account")
                }
                Some(account) if is_own => format!("any other {kind} of account {}", account.id),
                Some(_) if self.is_of_no_account() => format!("any {kind} of any other account"),
                Some(account) => format!("any {kind} of account {}", account.id),
            },
            Who::Described | Who::Named if is_own && !is_account_said => shown(&self.name, owner),
            Who::Described | Who::Named => self.name.to_string(),
        }
    }
}

/// The environment with everybody in it whose IAM policies let it do everything.
pub(super) fn with_iam(environment: &Environment, askers: &[Asker], owner: Account) -> Environment {
    let mut environment = environment.clone();
    let of = askers.iter().filter(|it| it.modes(owner).contains(&Mode::WithIam));
    for asker in of {
        let identity_policies = everything().into_iter().collect();
        let knowledge = Knowledge::Assumed;
        let principal = Principal { identity_policies, knowledge, ..Principal::default() };
        environment.add_principal(asker.holder(), principal);
    }
    environment
}

/// Everybody who is asked of a key.
pub(super) fn of(
    versions: [(&Version<'_>, &Environment, Option<&Key>); 2],
    owner: Account,
) -> Vec<Asker> {
    let mut hints = Hints::of(owner);
    for (version, environment, key) in versions {
        hints.of_environment(version, environment);
        if let Some(key) = key {
            hints.of_key(key);
        }
    }
    hints.askers()
}

/// Whom versions name and hint at.
#[derive(Debug)]
struct Hints {
    owner: Account,
    described: BTreeMap<PrincipalName, Who>,
    named: BTreeSet<PrincipalName>,
    like: BTreeMap<PrincipalName, String>,
    accounts: BTreeSet<Account>,
    has_sources: bool,
}

impl Hints {
    fn of(owner: Account) -> Self {
        Self {
            owner,
            described: [(PrincipalName::Root(owner), Who::Described)].into(),
            named: BTreeSet::new(),
            like: BTreeMap::new(),
            accounts: [owner].into(),
            has_sources: false,
        }
    }

    fn account(&self, id: &str) -> Option<Account> {
        Some(Account { partition: self.owner.partition, id: id.parse().ok()? })
    }

    fn of_environment(&mut self, version: &Version<'_>, environment: &Environment) {
        for (name, principal) in environment.principals() {
            self.accounts.extend(name.account());
            match version.kind() {
                Some(Kind::Identity) => {
                    let words = Who::Holder("whoever has this policy");
                    self.described.insert(name.clone(), words);
                }
                Some(Kind::PermissionsBoundary) => {
                    let words =
                        Who::Holder("whoever has this boundary and an IAM policy that allows it");
                    self.described.insert(name.clone(), words);
                }
                Some(Kind::Session) => {
                    let words = Who::Holder("a session with this policy and a role that may");
                    self.described.insert(name.clone(), words);
                }
                // It stands for any role of the account.
                Some(_) => {}
                None if says_nothing(principal) => {
                    self.named.insert(name.clone());
                }
                None => {
                    self.described.insert(name.clone(), Who::Described);
                }
            }
        }
        let Some(organization) = &environment.organization else { return };
        if organization.id.is_some() {
            let ids = organization.accounts.keys();
            let accounts: Vec<_> = ids.filter_map(|id| self.account(id.as_str())).collect();
            self.accounts.extend(accounts);
        }
        for member in organization.accounts.values() {
            let levels = member.service_control_policies.iter();
            let levels = levels.chain(&member.resource_control_policies).flatten();
            levels.filter_map(Attached::known).for_each(|it| self.of_conditions(it));
        }
    }

    fn of_key(&mut self, key: &Key) {
        if let Some(policy) = key.policy.known() {
            policy.principals().for_each(|name| self.name(name));
            self.of_conditions(policy);
        }
        for grant in key.grants.iter() {
            let names = [Some(&grant.grantee), grant.retiring.as_ref()];
            let names = names.into_iter().flatten().filter_map(Grantee::name);
            names.for_each(|name| self.name(name));
            self.accounts.insert(grant.issuing_account);
        }
    }

    fn name(&mut self, name: PrincipalName) {
        self.accounts.extend(name.account());
        if !matches!(name, PrincipalName::Root(_)) {
            self.named.insert(name);
        }
    }

    /// Whom conditions tell from others, whether they allow or deny.
    fn of_conditions(&mut self, policy: &Policy) {
        let conditions = policy.statements().iter().flat_map(Statement::conditions);
        for condition in conditions {
            self.of_condition(condition);
        }
    }

    fn of_condition(&mut self, condition: &Condition) {
        let key = condition.key().as_str().to_ascii_lowercase();
        match key.as_str() {
            "kms:calleraccount" | "aws:principalaccount" => {
                let accounts: Vec<_> =
                    condition.values().filter_map(|value| self.account(value)).collect();
                self.accounts.extend(accounts);
            }
            "aws:principalarn" => condition.values().for_each(|value| self.of_pattern(value)),
            "aws:username" => {
                let owner = self.owner;
                let users = condition.values().map(|value| format!("{}{value}", users(owner)));
                users.for_each(|pattern| self.of_pattern(&pattern));
            }
            "aws:principalservicename" | "aws:principalservicenameslist" => {
                let names = condition.values().filter(|it| is_service_principal(it));
                self.named.extend(names.map(|it| PrincipalName::Service(it.to_owned())));
            }
            "aws:sourceaccount"
            | "aws:sourcearn"
            | "aws:sourceorgid"
            | "aws:sourceorgpaths"
            | "aws:principalisawsservice" => self.has_sources = true,
            _ => {}
        }
    }

    fn of_pattern(&mut self, pattern: &str) {
        let accounts = match crate::arn::split(pattern).map(|[_, _, _, _, account, _]| account) {
            Some(account) => match self.account(account) {
                Some(account) => vec![account],
                None => [Some(self.owner), self.account(FOREIGN)].into_iter().flatten().collect(),
            },
            None => vec![self.owner],
        };
        for account in accounts {
            let Some(name) = fitting(pattern, account) else { continue };
            self.accounts.insert(account);
            if pattern.contains(['*', '?', '$']) {
                self.like.entry(name).or_insert_with(|| pattern.to_owned());
            } else {
                self.named.insert(name);
            }
        }
    }

    fn askers(mut self) -> Vec<Asker> {
        self.accounts.extend(self.account(FOREIGN));
        let anybody = self.accounts.iter().flat_map(|account| {
            let role = PrincipalName::Role(*account, UNLISTED.to_owned());
            let user = PrincipalName::User(*account, UNLISTED.to_owned());
            [role, user]
        });
        let service = PrincipalName::Service(ANY_SERVICE.to_owned());
        let anybody = anybody.chain(self.has_sources.then_some(service));
        let mut all = BTreeMap::new();
        all.extend(anybody.map(|name| (name, Who::Anybody)));
        all.extend(self.like.into_iter().map(|(name, pattern)| (name, Who::Like(pattern))));
        all.extend(self.named.into_iter().map(|name| (name, Who::Named)));
        all.extend(self.described);
        all.into_iter().map(|(name, who)| Asker { name, who }).collect()
    }
}

/// Whether nothing was said of it but that it is there.
fn says_nothing(principal: &Principal) -> bool {
    principal.knowledge == Knowledge::Assumed
        && principal.identity_policies.is_empty()
        && principal.permissions_boundary.is_none()
}

fn users(Account { partition, id }: Account) -> String {
    format!("arn:{partition}:iam::{id}:user/")
}

/// A role or user of the account whose ARN fits a pattern.
fn fitting(pattern: &str, account: Account) -> Option<PrincipalName> {
    let id = account.id.to_string();
    let pattern = pattern.replace("${aws:PrincipalAccount}", &id);
    let starts = ["role/", "user/"].map(|kind| pattern.find(kind));
    let end = starts.into_iter().flatten().min().map(|start| pattern.split_at(start).1);
    let resource = match end {
        Some(end) => end.replace(['*', '?'], "X"),
        None => "role/X".to_owned(),
    };
    let text = format!("arn:{}:iam::{id}:{resource}", account.partition);
    let name = PrincipalName::parse(&text, None).ok().filter(|_| !pattern.contains("${"))?;
    let fits = matches(pattern.chars().map(Token::of), &text, Case::Sensitive);
    let is_one = matches!(name, PrincipalName::Role(..) | PrincipalName::User(..));
    (is_one && fits).then_some(name)
}

/// The keys of conditions that follow from an account.
pub(super) const OF_ACCOUNT: [&str; 3] =
    ["kms:CallerAccount", "aws:PrincipalAccount", "aws:ResourceAccount"];
