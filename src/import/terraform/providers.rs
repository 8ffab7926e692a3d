//! Which accounts the providers of a document are for.
//!
//! A provider works in the account of its credentials. Two of which the configuration says that
//! they have the same are for the same account; any other may be for another.
//!
//! Source: [provider configuration](https://registry.terraform.io/providers/hashicorp/aws/latest/docs#provider-configuration),
//! [providers within modules](https://developer.hashicorp.com/terraform/language/modules/develop/providers)

use std::collections::{BTreeSet, HashMap};

use super::address::{provider_parts, without_key};
use super::assumed::Assumed;
use super::configuration::{Configuration, Origin};
use super::place::{account_of_text, caller, owner};
use super::resource::{Resource, World};
use super::slot::constant;
use crate::arn::{AccountId, Partition};
use crate::document::{At, InputError, Object};
use crate::request::Account;
use crate::text::{Printable, Quoted, shell_word};

/// The key of the provider that resources have which name none.
pub(super) const DEFAULT: &str = "aws";

/// The argument that says the account, and by which it can be assumed.
const ACCOUNTS: &str = "allowed_account_ids";

/// What says whose credentials a provider has.
const CREDENTIALS: &[&str] = &[
    "access_key",
    "secret_key",
    "token",
    "profile",
    "shared_credentials_file",
    "shared_credentials_files",
    "shared_config_files",
    "assume_role",
    "assume_role_with_web_identity",
];

/// Accounts by the keys of providers.
#[derive(Clone, Debug, Default)]
pub(super) struct Providers {
    accounts: HashMap<String, Option<Account>>,
}

impl Providers {
    pub(super) fn of<'a>(
        worlds: &[&World<'a>],
        configuration: &Configuration<'a>,
        assumed: &Assumed,
        home: Option<Account>,
    ) -> Result<Self, InputError> {
        let resources = || worlds.iter().flat_map(|world| &world.resources);
        let seen = seen(resources());
        let default = configuration.provider(DEFAULT);
        let mut accounts = HashMap::from([(DEFAULT.to_owned(), home)]);
        for (key, provider) in configuration.providers() {
            let configured = stated(configuration, provider).or_else(|| {
                let is_default = key == DEFAULT || has_same_credentials(default, provider);
                let seen = seen.get(key).filter(|_| !is_instanced(provider));
                if is_default { home } else { seen.copied().flatten() }
            });
            accounts.insert(key.to_owned(), configured);
        }
        let passed = Self { accounts: accounts.clone() }.of_all();
        let keys: BTreeSet<&String> = resources().flat_map(|it| &it.providers).collect();
        for key in keys {
            let known = accounts.get(key).or_else(|| accounts.get(&bare(key))).copied();
            let account = match (assume(assumed, key, home)?, known) {
                (Some(account), _) => Some(account),
                (None, Some(known)) => known,
                // What a module was passed is not told, or there is no configuration.
                (None, None) if configuration.has_modules() => passed,
                (None, None) => seen.get(key).copied().flatten(),
            };
            accounts.insert(key.clone(), account);
        }
        Ok(Self { accounts })
    }

    /// The account that these providers are all for.
    pub(super) fn account(&self, keys: &[String]) -> Option<Account> {
        let mut accounts = keys.iter().map(|key| self.accounts.get(key).copied().flatten());
        let first = accounts.next()?;
        first.filter(|_| accounts.all(|account| account == first))
    }

    /// The account, if there is one for all.
    fn of_all(&self) -> Option<Account> {
        let mut accounts = self.accounts.values();
        let first = *accounts.next()?;
        first.filter(|_| accounts.all(|account| *account == first))
    }

    /// Whether all are for this account.
    pub(super) fn are_all(&self, home: Option<Account>) -> bool {
        self.accounts.values().all(|account| *account == home)
    }
}

/// `aws.by` of `aws.by["a"]`, as `OpenTofu` has several of one block.
fn bare(key: &str) -> String {
    let (module, own) = provider_parts(key);
    let own = without_key(own);
    if module.is_empty() { own.to_owned() } else { format!("{module}:{own}") }
}

/// The accounts that resources of one provider are known to be in.
fn seen<'r, 'a: 'r>(
    resources: impl Iterator<Item = &'r Resource<'a>>,
) -> HashMap<String, Option<Account>> {
    let mut seen: HashMap<String, Option<Account>> = HashMap::new();
    for resource in resources {
        let [key] = resource.providers.as_slice() else { continue };
        let Some(account) = owner(resource).or_else(|| caller(resource)) else { continue };
        let known = seen.entry(key.clone()).or_insert(Some(account));
        if *known != Some(account) {
            *known = None;
        }
    }
    seen
}

/// The account that the user says a provider is for.
fn assume(
    assumed: &Assumed,
    key: &str,
    home: Option<Account>,
) -> Result<Option<Account>, InputError> {
    let Some(at) = assumed.get(&format!("{key}.{ACCOUNTS}")) else { return Ok(None) };
    let ids = at.one_or_many();
    let id = match ids.as_slice() {
        [only] => only.as_str().and_then(|id| id.parse::<AccountId>().ok()),
        _ => None,
    };
    let id = id.ok_or_else(|| {
        at.expected(&format!("an account of twelve digits for the provider {}", Quoted(key)))
    })?;
    let partition = home.map(|home| home.partition).unwrap_or_default();
    Ok(Some(Account { partition, id }))
}

/// Whether a block stands for several providers, by `for_each`.
fn is_instanced(provider: Object<'_>) -> bool {
    fn has_each(at: At<'_>) -> bool {
        match (at.as_str(), at.as_list(), at.as_object()) {
            (Some(text), ..) => text.starts_with("each."),
            (_, Some(mut items), _) => items.any(has_each),
            (_, _, Some(object)) => object.members().any(|(_, at)| has_each(at)),
            _ => false,
        }
    }
    provider.optional("expressions").is_some_and(has_each)
}

/// Whether two providers certainly have the same credentials: none of their own, or the same
/// constants.
fn has_same_credentials(one: Option<Object<'_>>, other: Object<'_>) -> bool {
    let (one, other) = (one.map(credentials).unwrap_or_default(), credentials(other));
    let is_told = one.iter().chain(&other).all(|(_, at)| is_constant(*at));
    let written = |all: &[(&str, At<'_>)]| -> Vec<String> {
        all.iter().map(|(name, at)| format!("{name} {}", at.to_json())).collect()
    };
    is_told && written(&one) == written(&other)
}

fn credentials(provider: Object<'_>) -> Vec<(&'static str, At<'_>)> {
    let Some(set) = provider.optional("expressions").and_then(At::as_object) else {
        return Vec::new();
    };
    let is_empty = |at: At<'_>| {
        let value = constant(at);
        at.as_list().is_some_and(|items| items.len() == 0)
            || value.is_some_and(|it| it.is_null() || it.as_str() == Some(""))
    };
    let given = CREDENTIALS.iter().filter_map(|name| Some((*name, set.get(name)?)));
    given.filter(|(_, at)| !is_empty(*at)).collect()
}

/// Whether an expression, or each of a block, is a constant.
fn is_constant(at: At<'_>) -> bool {
    if constant(at).is_some() {
        return true;
    }
    match (at.as_list(), at.as_object()) {
        (Some(mut items), _) => items.all(is_constant),
        (_, Some(object)) => {
            object.get("references").is_none()
                && object.len() > 0
                && object.members().all(|(_, at)| is_constant(at))
        }
        _ => false,
    }
}

/// The expressions of the roles that a provider takes, the last for good.
fn roles(expressions: Object<'_>) -> impl Iterator<Item = At<'_>> {
    let blocks = ["assume_role_with_web_identity", "assume_role"].into_iter();
    let blocks =
        blocks.filter_map(move |name| expressions.optional(name)).flat_map(At::one_or_many);
    blocks.filter_map(|block| block.as_object()?.get("role_arn"))
}

/// The account that a provider is said to be for: of the role that it assumes, or the only one
/// that it may work in.
pub(super) fn stated<'a>(
    configuration: &Configuration<'a>,
    provider: Object<'a>,
) -> Option<Account> {
    let expressions = provider.optional("expressions")?.as_object()?;
    let module = provider.optional("module_address").and_then(At::as_str).unwrap_or_default();
    let account = |id: &str| {
        let region = configuration.provider_text(provider, "region");
        let partition = region.map(Partition::of_region).unwrap_or_default();
        Some(Account { partition, id: id.parse().ok()? })
    };
    let variable = |expression| match configuration.origins(expression, module).as_slice() {
        [Origin::Value(Some(value))] => Some(*value),
        _ => None,
    };
    let account_of_role = |expression| {
        let role = configuration.known_text(expression, module).and_then(account_of_text);
        // A role's ARN that is made of one variable of twelve digits is of that account.
        role.or_else(|| account(variable(expression)?.as_str()?))
    };
    roles(expressions).last().and_then(account_of_role).or_else(|| {
        let allowed = expressions.get(ACCOUNTS)?;
        let allowed = constant(allowed).or_else(|| variable(allowed))?;
        match allowed.one_or_many().as_slice() {
            [only] => account(only.as_str()?),
            _ => None,
        }
    })
}

/// Why the account of a resource is not known, and what would help.
pub(super) fn account_lacks(it: &Resource<'_>) -> String {
    match it.providers.as_slice() {
        [] => "nothing says which account it is in".to_owned(),
        [only] => {
            let address = format!("{only}.{ACCOUNTS}");
            format!(
                "nothing says which account its provider {} is for; say it with --assume {}=ACCOUNT",
                Quoted(only),
                shell_word(&Printable(&address).to_string())
            )
        }
        _ => {
            let address = format!("{}.arn", it.address);
            format!(
                "nothing says which of several providers it has, nor their account; say it with --assume {}=ARN",
                shell_word(&Printable(&address).to_string())
            )
        }
    }
}
