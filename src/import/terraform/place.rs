//! In which account and Region the resources of a document are.

use std::collections::BTreeSet;

use super::configuration::{Configuration, Origin};
use super::resource::{Resource, World};
use super::slot::{Knowledge, constant};
use crate::arn::{AccountId, Arn, Partition, is_region};
use crate::document::{At, Object};
use crate::import::Assumptions;
use crate::request::Account;

/// The account and Region of resources that do not say theirs.
#[derive(Clone, Debug, Default)]
pub(super) struct Home {
    pub(super) account: Option<Account>,
    pub(super) region: Option<String>,
}

impl Home {
    /// By what was assumed; else by who Terraform calls as; else by what is in the state; else by
    /// what the provider is configured for. Two of one kind decide nothing.
    pub(super) fn of<'a>(
        worlds: &[&World<'a>],
        configuration: &Configuration<'a>,
        assumptions: &Assumptions,
    ) -> Self {
        let provider = configuration.provider("aws");
        let regions = regions(worlds, configuration, provider);
        let region = assumptions.region.clone().or_else(|| only(regions));
        let accounts = [
            callers(worlds),
            arns(worlds).filter_map(|arn| account(&arn)).collect(),
            provider.and_then(|it| account_of_provider(configuration, it)).into_iter().collect(),
        ];
        let found = accounts.into_iter().find_map(only);
        let partition = assumptions.partition.or_else(|| {
            // Digits alone do not say the partition.
            let said = found.map(|account| account.partition).filter(|it| *it != Partition::Aws);
            said.or_else(|| region.as_deref().map(Partition::of_region))
        });
        let id = assumptions.account.or(found.map(|account| account.id));
        let account = id.map(|id| Account { partition: partition.unwrap_or_default(), id });
        Self { account, region }
    }

    /// The account of a resource.
    pub(super) fn account<'a>(
        &self,
        resource: &Resource<'a>,
        configuration: &Configuration<'a>,
    ) -> Option<Account> {
        let own = known_text(resource, "arn").and_then(account_of_text);
        let Some(provider) = provider(resource, configuration) else { return own.or(self.account) };
        let own = own.or_else(|| account_of_provider(configuration, provider));
        // Another provider that takes a role which is not known may work in another account.
        let is_other = provider.optional("alias").is_some() && roles(provider).next().is_some();
        own.or(self.account.filter(|_| !is_other))
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
        let of_provider = || {
            let provider = provider(resource, configuration)?;
            configuration.provider_text(provider, "region").filter(|region| is_region(region))
        };
        own.or_else(of_provider).or(self.region.as_deref())
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

fn provider<'a>(resource: &Resource<'a>, configuration: &Configuration<'a>) -> Option<Object<'a>> {
    let key = resource.block_at?.optional("provider_config_key")?.as_str()?;
    configuration.provider(key)
}

fn account(arn: &Arn<'_>) -> Option<Account> {
    Some(Account { partition: arn.partition, id: arn.account_id().ok()? })
}

fn account_of_text(arn: &str) -> Option<Account> {
    account(&Arn::parse(arn).ok()?)
}

/// The ARNs of all that the documents manage.
fn arns<'w>(worlds: &'w [&World<'w>]) -> impl Iterator<Item = Arn<'w>> {
    let resources = worlds.iter().flat_map(|world| &world.resources);
    let managed = resources.filter(|resource| !resource.kind.starts_with("data."));
    managed.filter_map(|resource| Arn::parse(known_text(resource, "arn")?).ok())
}

/// Who Terraform calls as: its default provider, if several say it.
fn callers(worlds: &[&World<'_>]) -> BTreeSet<Account> {
    let callers = worlds.iter().flat_map(|world| world.of_kinds(&["data.aws_caller_identity"]));
    let caller = |resource: &Resource<'_>| {
        let by_arn = known_text(resource, "arn").and_then(account_of_text);
        let id = || known_text(resource, "account_id")?.parse::<AccountId>().ok();
        let account = by_arn.or_else(|| Some(Account { partition: Partition::Aws, id: id()? }))?;
        let key = resource.block_at.and_then(|block| block.optional("provider_config_key"));
        let key = key.and_then(At::as_str).unwrap_or("aws");
        Some((key.rsplit(':').next() == Some("aws"), account))
    };
    let callers: Vec<(bool, Account)> = callers.filter_map(caller).collect();
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

/// The expressions of the roles that a provider takes, the last for good.
fn roles(provider: Object<'_>) -> impl Iterator<Item = At<'_>> {
    let expressions = provider.optional("expressions").and_then(At::as_object);
    let blocks = expressions.and_then(|it| it.optional("assume_role")).map(At::one_or_many);
    blocks.into_iter().flatten().filter_map(|block| block.as_object()?.get("role_arn"))
}

/// The account that a provider is for: of the role that it assumes, or the only one that it may
/// work in.
///
/// Source: [provider configuration](https://registry.terraform.io/providers/hashicorp/aws/latest/docs#provider-configuration)
fn account_of_provider<'a>(
    configuration: &Configuration<'a>,
    provider: Object<'a>,
) -> Option<Account> {
    let expressions = provider.optional("expressions")?.as_object()?;
    let module = provider.optional("module_address").and_then(At::as_str).unwrap_or_default();
    let account_of_role = |expression| {
        let role = configuration.known_text(expression, module).and_then(account_of_text);
        role.or_else(|| {
            // A role's ARN that is made of one variable of twelve digits is of that account.
            let origins = configuration.origins(expression, module);
            let [Origin::Value(Some(value))] = origins.as_slice() else { return None };
            let region = configuration.provider_text(provider, "region");
            let partition = region.map(Partition::of_region).unwrap_or_default();
            Some(Account { partition, id: value.as_str()?.parse().ok()? })
        })
    };
    roles(provider).last().and_then(account_of_role).or_else(|| {
        let allowed = expressions.get("allowed_account_ids")?;
        let allowed = constant(allowed)?.as_list()?.filter_map(At::as_str).collect::<Vec<_>>();
        let [id] = allowed.as_slice() else { return None };
        let region = configuration.provider_text(provider, "region");
        let partition = region.map(Partition::of_region).unwrap_or_default();
        Some(Account { partition, id: id.parse().ok()? })
    })
}
