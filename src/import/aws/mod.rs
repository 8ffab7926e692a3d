//! What the AWS CLI prints of an account, as an [`Estate`].

mod endpoints;
mod holders;
mod iam;
mod keys;
mod managed;
mod organization;
mod owners;
mod path;

use std::collections::BTreeMap;

use self::holders::{Holders, Sort};
use self::keys::Keys;
use self::managed::Managed;
use self::owners::{Owner, Owners, Stop};
use super::sniff::{Found, Kind};
use super::{Assumptions, Estate};
use crate::arn::{AccountId, Arn, Partition};
use crate::document::{At, InputError, Object};
use crate::request::Account;
use crate::text::Quoted;

/// Joins what was collected of an account.
///
/// # Errors
///
/// If a document lacks what AWS always prints, or nothing says which key or whose policy it is.
pub(super) fn import(found: &[Found], assumptions: &Assumptions) -> Result<Estate, InputError> {
    let mut collected = Collected::default();
    // What tells the most of a user or role comes first.
    let (details, others): (Vec<_>, Vec<_>) =
        found.iter().partition(|it| it.kind == Kind::AuthorizationDetails);
    for found in details.into_iter().chain(others) {
        collected.take(found)?;
    }
    collected.join(found, assumptions)
}

/// What was read so far.
#[derive(Default)]
struct Collected {
    /// Of whom `aws sts get-caller-identity` tells.
    owners: Owners,
    managed: Managed,
    holders: Holders,
    keys: Keys,
    endpoints: BTreeMap<String, super::EstateVpcEndpoint>,
    notes: Vec<String>,
}

impl Collected {
    /// Reads what says itself what it is about. What only its neighbours name comes with
    /// [`join`](Self::join), when they are known.
    fn take(&mut self, found: &Found) -> Result<(), InputError> {
        let object = found.at().object()?;
        match found.kind {
            Kind::AuthorizationDetails => iam::details(self, object, found),
            Kind::Role => self.holders.alone(object.required("Role")?, Sort::Role),
            Kind::User => self.holders.alone(object.required("User")?, Sort::User),
            Kind::Group => self.holders.alone(object.required("Group")?, Sort::Group),
            Kind::ManagedPolicy => self.managed.described(object.required("Policy")?, found),
            Kind::KeyMetadata => self.keys.metadata(object.required("KeyMetadata")?),
            Kind::Keys => self.keys.listed(object),
            Kind::Aliases => self.keys.aliases(object),
            Kind::VpcEndpoints => endpoints::read(object, &mut self.endpoints),
            Kind::CallerIdentity => self.caller(object, found),
            Kind::ErrorResponse => {
                let error = object.required("Error")?.object()?;
                let message = error.get("Message").or_else(|| error.get("message"));
                let code = error.required("Code")?.string()?;
                let message = message.and_then(At::as_str).unwrap_or(code);
                self.notes.push(format!(
                    "{}: AWS answered {}, so what was asked is not known",
                    found.place(),
                    Quoted(message)
                ));
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn caller(&mut self, object: Object<'_>, found: &Found) -> Result<(), InputError> {
        let at = object.required("Arn")?;
        let arn = Arn::parse(at.string()?).map_err(|error| at.error(error.to_string()))?;
        let id = object.required("Account")?.parse::<AccountId>()?;
        self.owners.add(found, Account { partition: arn.partition, id });
        Ok(())
    }

    fn join(mut self, found: &[Found], assumptions: &Assumptions) -> Result<Estate, InputError> {
        let account = self.account(assumptions);
        let region = assumptions.region.clone().or_else(|| self.keys.only_region());
        let (organization, used) =
            organization::read(found, account, &self.owners, &mut self.notes)?;
        let is_used = |file: &Found| used.contains(&file.source().name);
        // What its path says the most of comes first, so that the order of files is none.
        let (named, others): (Vec<_>, Vec<_>) = found
            .iter()
            .filter(|it| !is_used(it))
            .partition(|it| path::key_id(&it.source().name).is_some());
        for found in named.into_iter().chain(others) {
            let owner = self.owners.of(&found.source().name, account);
            match self.neighbour(found, owner, region.as_deref()) {
                Ok(()) => {}
                Err(Stop::Unowned(error)) if found.is_among() => {
                    self.notes.push(format!("not read: {error}"));
                }
                Err(Stop::Unowned(error) | Stop::Wrong(error)) => return Err(error),
            }
        }
        let account = self.account(assumptions).or(account);
        let mut estate = Estate {
            name: name(found),
            account: account.map(|it| it.id),
            partition: account.map(|it| it.partition).filter(|it| *it != Partition::Aws),
            region: region.or_else(|| self.keys.only_region()),
            organization,
            vpc_endpoints: self.endpoints,
            notes: self.notes,
            ..Estate::default()
        };
        self.holders.join(&self.managed, account, &mut estate);
        self.keys.join(account, &mut estate);
        for name in self.managed.unused() {
            estate.notes.push(format!("the policy {name} is attached to nobody and is left out"));
        }
        if estate.organization.is_none() {
            estate.notes.push(
                "nothing says whether the account is in an organization: no service or resource control policy is taken to limit it".into(),
            );
        }
        Ok(estate)
    }

    /// Reads what may say only by its neighbours what it is about.
    fn neighbour(&mut self, found: &Found, owner: Owner, region: Option<&str>) -> Result<(), Stop> {
        let object = found.at().object()?;
        match found.kind {
            Kind::PolicyVersion => Ok(self.managed.version(object, found, owner)?),
            Kind::RolePolicy | Kind::UserPolicy | Kind::GroupPolicy => {
                self.holders.inline(object, found.kind, owner)
            }
            Kind::AttachedPolicies => self.holders.attached(object, found, owner),
            Kind::PolicyNames => self.holders.names(object, found, owner),
            Kind::GroupsForUser => self.holders.groups_of(object, found, owner),
            Kind::KeyPolicy | Kind::ResourceTags | Kind::Grants => {
                self.keys.neighbour(found, owner, region)
            }
            Kind::Policy => self.bare(found, owner, region),
            _ => Ok(()),
        }
    }

    /// A policy alone: of the key that its path names, or a managed one by its file's name.
    fn bare(&mut self, found: &Found, owner: Owner, region: Option<&str>) -> Result<(), Stop> {
        let has_principal = |at: At<'_>| {
            at.as_object()
                .is_some_and(|it| it.get("Principal").is_some() || it.get("NotPrincipal").is_some())
        };
        let statements = found.at().object()?.required("Statement")?.one_or_many();
        if statements.into_iter().any(has_principal) {
            return self.keys.neighbour(found, owner, region);
        }
        Ok(self.managed.bare(found, owner)?)
    }

    /// The account of short names: the one that was asked, else the one of most that was read.
    fn account(&self, assumptions: &Assumptions) -> Option<Account> {
        let mut counts: BTreeMap<Account, usize> = BTreeMap::new();
        let described = self.holders.accounts().chain(self.keys.accounts());
        for account in described.chain(self.owners.accounts()) {
            *counts.entry(account).or_default() += 1;
        }
        let most = counts.iter().max_by_key(|(_, count)| **count).map(|(account, _)| *account);
        let read = self.owners.only().or(most);
        match assumptions.account {
            Some(id) => {
                let partition = assumptions.partition.or(read.map(|it| it.partition));
                Some(Account { partition: partition.unwrap_or_default(), id })
            }
            None => read,
        }
    }
}

/// The file, or the folder that all of them are in.
fn name(found: &[Found]) -> String {
    let mut names = found.iter().map(|found| found.source().name.as_str());
    let Some(first) = names.next() else { return "<collected>".into() };
    if names.clone().all(|name| name == first) {
        return first.to_owned();
    }
    let common = names.fold(path::folder(first), |mut common, name| {
        while !common.is_empty() && !name.starts_with(common) {
            common = path::folder(common);
        }
        common
    });
    if common.is_empty() { "<collected>".into() } else { common.to_owned() }
}

/// A text that AWS always prints.
fn text<'a>(object: Object<'a>, name: &str) -> Result<&'a str, InputError> {
    object.required(name)?.string()
}

/// Tags as a list of pairs, under the names that a service has for them.
fn tags(
    at: Option<At<'_>>,
    [key, value]: [&str; 2],
) -> Result<BTreeMap<String, String>, InputError> {
    let Some(at) = at else { return Ok(BTreeMap::new()) };
    let pair = |at: At<'_>| {
        let tag = at.object()?;
        Ok((text(tag, key)?.to_owned(), text(tag, value)?.to_owned()))
    };
    at.list()?.map(pair).collect()
}
