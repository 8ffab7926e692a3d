//! In which account and Region the resources of a document are.

use std::collections::{BTreeSet, HashMap};

use super::assumed::Assumed;
use super::configuration::Configuration;
use super::providers::{self, DEFAULT, Providers};
use super::resource::{Resource, World};
use super::slot::Knowledge;
use crate::arn::{AccountId, Arn, Partition, is_region};
use crate::document::{At, InputError, Object};
use crate::import::Assumptions;
use crate::request::Account;

/// The account and Region of resources that do not say theirs.
#[derive(Clone, Debug, Default)]
pub(super) struct Home {
    pub(super) account: Option<Account>,
    pub(super) region: Option<String>,
    /// The accounts of providers by their keys; nothing where it may be another.
    providers: Providers,
    /// The accounts of ARNs that were assumed, by the addresses of what they are for.
    assumed: HashMap<String, Account>,
    /// Whether all that says its account is in the one above.
    is_alone: bool,
}

impl Home {
    /// By what was assumed; else by who Terraform calls as; else by what is in the state; else by
    /// what the provider is configured for. Two of one kind decide nothing.
    ///
    /// # Errors
    ///
    /// If the account that was assumed for a provider is none.
    pub(super) fn of<'a>(
        worlds: &[&World<'a>],
        configuration: &Configuration<'a>,
        assumptions: &Assumptions,
        assumed: &Assumed,
    ) -> Result<Self, InputError> {
        let provider = configuration.provider(DEFAULT);
        let regions = regions(worlds, configuration, provider);
        let region = assumptions.region.clone().or_else(|| only(regions));
        let stated = provider.and_then(|it| providers::stated(configuration, it));
        let accounts = [
            callers(worlds),
            arns(worlds).filter_map(|arn| account(&arn)).collect(),
            stated.into_iter().collect(),
        ];
        let found = accounts.into_iter().find_map(only);
        let partition = assumptions.partition.or_else(|| {
            // Digits alone do not say the partition.
            let said = found.map(|account| account.partition).filter(|it| *it != Partition::Aws);
            said.or_else(|| region.as_deref().map(Partition::of_region))
        });
        let id = assumptions.account.or(found.map(|account| account.id));
        let account = id.map(|id| Account { partition: partition.unwrap_or_default(), id });
        let providers = Providers::of(worlds, configuration, assumed, account)?;
        let owned = worlds.iter().flat_map(|world| &world.resources).filter_map(owner);
        let is_alone = owned.into_iter().all(|it| Some(it.id) == id);
        let assumed = assumptions.values.iter().filter_map(|(address, arn)| {
            Some((address.strip_suffix(".arn")?.to_owned(), account_of_text(arn)?))
        });
        Ok(Self { account, region, providers, assumed: assumed.collect(), is_alone })
    }

    /// The account of a resource; nothing if it may be in several.
    pub(super) fn account(&self, resource: &Resource<'_>) -> Option<Account> {
        let own = known_text(resource, "arn").and_then(account_of_text);
        let own = own.or_else(|| self.assumed.get(&resource.address).copied());
        own.or_else(|| match resource.providers.as_slice() {
            [] => self.account.filter(|_| self.is_alone),
            keys => self.providers.account(keys),
        })
    }

    /// Whether no resource can be in another account.
    pub(super) fn is_single(&self) -> bool {
        self.is_alone && self.assumed.is_empty() && self.providers.are_all(self.account)
    }

    /// The Region of a resource, if anything says it.
    pub(super) fn region<'a>(
        &'a self,
        resource: &Resource<'a>,
        configuration: &Configuration<'a>,
    ) -> Option<&'a str> {
        let arn = known_text(resource, "arn").and_then(|text| Arn::parse(text).ok());
        let own = arn.map(|arn| arn.region).or_else(|| known_text(resource, "region"));
        let own = own.filter(|region| is_region(region));
        own.or_else(|| match resource.providers.as_slice() {
            [] => self.region.as_deref(),
            [only] => self.region_of(configuration, only),
            [first, rest @ ..] => {
                let region = self.region_of(configuration, first);
                let is_same = |key: &String| self.region_of(configuration, key) == region;
                region.filter(|_| rest.iter().all(is_same))
            }
        })
    }

    /// The Region of a provider; that of the document if it does not say its own.
    fn region_of<'a>(&'a self, configuration: &Configuration<'a>, key: &str) -> Option<&'a str> {
        let home = self.region.as_deref();
        let is_region = |region: &&str| is_region(region);
        let own = |provider| configuration.provider_text(provider, "region").filter(is_region);
        let is_told = |provider: Object<'_>| {
            let set = provider.optional("expressions").and_then(At::as_object);
            set.is_none_or(|set| set.get("region").is_none())
        };
        match configuration.provider(key) {
            Some(provider) if key == DEFAULT || is_told(provider) => own(provider).or(home),
            Some(provider) => own(provider),
            // What a module was passed is not told, but may be the same whichever it is.
            None => {
                let mut all = configuration.providers().map(|(_, it)| own(it).or(home));
                let first = all.next().unwrap_or(home);
                first.filter(|_| all.all(|region| region == first))
            }
        }
    }
}

fn only<T: Ord>(found: BTreeSet<T>) -> Option<T> {
    let mut found = found.into_iter();
    found.next().filter(|_| found.next().is_none())
}

fn known_text<'a>(resource: &Resource<'a>, attribute: &str) -> Option<&'a str> {
    match resource.slot(attribute).knowledge() {
        Knowledge::Known(at) => at.as_str(),
        Knowledge::Absent | Knowledge::Unknown => None,
    }
}

fn account(arn: &Arn<'_>) -> Option<Account> {
    Some(Account { partition: arn.partition, id: arn.account_id().ok()? })
}

pub(super) fn account_of_text(arn: &str) -> Option<Account> {
    account(&Arn::parse(arn).ok()?)
}

/// The ARNs of all that the documents manage.
fn arns<'w>(worlds: &'w [&World<'w>]) -> impl Iterator<Item = Arn<'w>> {
    let resources = worlds.iter().flat_map(|world| &world.resources);
    let managed = resources.filter(|resource| !resource.kind.starts_with("data."));
    managed.filter_map(|resource| Arn::parse(known_text(resource, "arn")?).ok())
}

/// The account that a resource is certainly in: that of its ARN, if it is of a kind that only its
/// own account holds.
pub(super) fn owner(resource: &Resource<'_>) -> Option<Account> {
    let is_held = ["aws_kms_", "aws_iam_"].iter().any(|prefix| resource.kind.starts_with(prefix));
    let arn = known_text(resource, "arn").filter(|_| is_held);
    arn.and_then(account_of_text)
}

/// Who Terraform calls as, by what was read of it.
pub(super) fn caller(resource: &Resource<'_>) -> Option<Account> {
    if resource.kind != "data.aws_caller_identity" {
        return None;
    }
    let by_arn = known_text(resource, "arn").and_then(account_of_text);
    let id = || known_text(resource, "account_id")?.parse::<AccountId>().ok();
    by_arn.or_else(|| Some(Account { partition: Partition::Aws, id: id()? }))
}

/// Who Terraform calls as: its default provider, if several say it.
fn callers(worlds: &[&World<'_>]) -> BTreeSet<Account> {
    let resources = worlds.iter().flat_map(|world| &world.resources);
    let caller = |resource: &Resource<'_>| {
        let key = resource.providers.first().map_or(DEFAULT, String::as_str);
        Some((key.rsplit(':').next() == Some(DEFAULT), caller(resource)?))
    };
    let callers: Vec<(bool, Account)> = resources.filter_map(caller).collect();
    let default = callers.iter().filter(|(is_default, _)| *is_default);
    let default: BTreeSet<Account> = default.map(|(_, account)| *account).collect();
    if default.is_empty() {
        callers.into_iter().map(|(_, account)| account).collect()
    } else {
        default
    }
}

fn regions<'a>(
    worlds: &[&World<'_>],
    configuration: &Configuration<'a>,
    provider: Option<Object<'a>>,
) -> BTreeSet<String> {
    let text = provider.and_then(|it| configuration.provider_text(it, "region"));
    let configured = text.map(str::to_owned);
    let configured: BTreeSet<String> =
        configured.into_iter().filter(|region| is_region(region)).collect();
    if !configured.is_empty() {
        return configured;
    }
    let read = worlds.iter().flat_map(|world| world.of_kinds(&["data.aws_region"]));
    let read = read.filter_map(|it| known_text(it, "region").or_else(|| known_text(it, "name")));
    let read: BTreeSet<String> = read.map(str::to_owned).collect();
    if !read.is_empty() {
        return read;
    }
    arns(worlds).map(|arn| arn.region.to_owned()).filter(|region| is_region(region)).collect()
}
