//! From an environment file to an [`Environment`].

pub(crate) mod fields;
mod grants;
mod keys;
mod layers;
mod organization;
mod policies;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use self::layers::Layers;
pub(crate) use self::policies::Policies;
pub use self::policies::{Files, ReadError};
use super::{Attached, Environment, Knowledge, Part, Principal};
use crate::arn::{AccountId, Partition, is_region};
use crate::document::{At, InputError, Object, Source};
use crate::kms::Service;
use crate::policy::Kind;
use crate::request::{Account, PrincipalName, Rules};
use crate::text::{Quoted, did_you_mean};

/// An environment that was read from a file.
#[derive(Debug)]
pub struct Loaded {
    /// The environment.
    pub environment: Environment,
    /// What the file holds that AWS would not take, or that is likely not meant.
    pub warnings: Vec<InputError>,
}

/// Reads the environment in a document. `account` stands in where the file does not say
/// whose the short names are.
pub(crate) fn read(
    at: At<'_>,
    files: &dyn Files,
    account: Option<AccountId>,
) -> Result<Loaded, InputError> {
    let root = at.object().map_err(|_| at.expected("an environment, which is an object"))?;
    let bases = layers::bases(root.only(fields::FILE)?, files)?;
    let root = &Layers::new(root, &bases)?;
    let mut reader = Reader {
        account: account_of(root, account)?,
        region: root.optional("region").map(region).transpose()?,
        policies: Policies::new(files),
        groups: BTreeMap::new(),
        warnings: Vec::new(),
    };
    let mut environment = Environment::new(reader.account, reader.region.unwrap_or(REGION));
    if let Some(rules) = root.optional("rules") {
        environment.rules = rules.parse::<Rules>()?;
    }
    environment.organization = reader.organization(root)?;
    reader.vpc_endpoints(root, &mut environment)?;
    reader.groups(root)?;
    reader.principals(root, &mut environment)?;
    reader.keys(root, &mut environment)?;
    let mut warnings = reader.warnings;
    warnings.extend(reader.policies.warnings());
    Ok(Loaded { environment, warnings })
}

/// The Region of keys that do not say theirs, in a file that says none.
const REGION: &str = "us-east-1";

fn region(at: At<'_>) -> Result<&str, InputError> {
    let text = at.string()?;
    if is_region(text) { Ok(text) } else { Err(at.expected("a Region such as `us-east-1`")) }
}

/// The account of short names: the file's, else the one that the ARNs of all its keys have.
fn account_of(
    root: &Layers<'_>,
    default: Option<AccountId>,
) -> Result<Option<Account>, InputError> {
    let partition = root.optional("partition").map(At::parse::<Partition>).transpose()?;
    if let Some(at) = root.optional("account") {
        let id = at.parse::<AccountId>()?;
        return Ok(Some(Account { partition: partition.unwrap_or_default(), id }));
    }
    if let Some(id) = default {
        return Ok(Some(Account { partition: partition.unwrap_or_default(), id }));
    }
    let keys = root.members("keys").unwrap_or_default();
    let arns = keys.iter().filter_map(|(_, _, key)| key.as_object()?.optional("arn")?.as_str());
    let mut accounts: Vec<Account> = arns
        .filter_map(|text| {
            let arn = crate::arn::Arn::parse(text).ok()?;
            Some(Account { partition: arn.partition, id: arn.account_id().ok()? })
        })
        .collect();
    accounts.sort_unstable();
    accounts.dedup();
    Ok(match accounts.as_slice() {
        [only] => Some(*only),
        _ => None,
    })
}

struct Reader<'a> {
    account: Option<Account>,
    /// None if the file says none.
    region: Option<&'a str>,
    policies: Policies<'a>,
    groups: BTreeMap<&'a str, Vec<Attached>>,
    warnings: Vec<InputError>,
}

impl<'a> Reader<'a> {
    fn groups(&mut self, root: &Layers<'a>) -> Result<(), InputError> {
        for (_, name, at) in root.members("groups")? {
            let group = at.object()?.only(fields::GROUP)?;
            let policies = self.identity_policies(group)?;
            self.groups.insert(name, policies);
        }
        Ok(())
    }

    fn identity_policies(&mut self, object: Object<'a>) -> Result<Vec<Attached>, InputError> {
        let Some(at) = object.optional("identity_policies") else {
            return Ok(Vec::new());
        };
        let account = self.account;
        at.list()?.map(|at| self.policies.read(at, Kind::Identity, account)).collect()
    }

    fn principals(
        &mut self,
        root: &Layers<'a>,
        environment: &mut Environment,
    ) -> Result<(), InputError> {
        for principals in root.objects("principals")? {
            self.principals_of(principals, environment)?;
        }
        Ok(())
    }

    /// Those of one file, but for what a nearer one describes.
    fn principals_of(
        &mut self,
        principals: Object<'a>,
        environment: &mut Environment,
    ) -> Result<(), InputError> {
        let nearer: BTreeSet<PrincipalName> =
            environment.principals().map(|(name, _)| name.clone()).collect();
        let mut seen: BTreeMap<PrincipalName, &str> = BTreeMap::new();
        for (text, at) in principals.members() {
            let name = PrincipalName::parse(text, self.account).map_err(|error| {
                let help = matches!(error, crate::request::ParsePrincipalError::Account(_))
                    .then_some("add `account` to the file");
                principals.error_at_name(text, error.to_string()).with_help(help)
            })?;
            if let Some(first) = seen.insert(name.clone(), text) {
                return Err(principals.error_at_name(
                    text,
                    format!(
                        "expected each principal once, found {} and {}",
                        Quoted(first),
                        Quoted(text)
                    ),
                ));
            }
            if nearer.contains(&name) {
                continue;
            }
            let principal =
                if at.is_null() { Principal::default() } else { self.principal(&name, at)? };
            environment.add_principal(name, principal);
        }
        Ok(())
    }

    fn principal(&mut self, name: &PrincipalName, at: At<'a>) -> Result<Principal, InputError> {
        let object = at.object()?;
        let object = object.only(fields::PRINCIPAL)?;
        let has_policies = matches!(name, PrincipalName::User(..) | PrincipalName::Role(..));
        if let (false, Some((field, _))) = (has_policies, object.members().next()) {
            return Err(object.error_at_name(
                field,
                format!("expected {field} for a user or role only, found it for {name}"),
            ));
        }
        let mut identity_policies = self.identity_policies(object)?;
        if let Some(groups) = object.optional("groups") {
            if !matches!(name, PrincipalName::User(..)) {
                return Err(object.error_at_name(
                    "groups",
                    "expected groups for a user only, found them for a role",
                ));
            }
            for at in groups.list()? {
                let group = at.string()?;
                let Some(policies) = self.groups.get(group) else {
                    let help = did_you_mean(group, self.groups.keys().copied());
                    return Err(at.expected("a group of the file").with_help(help));
                };
                identity_policies.extend(policies.iter().cloned());
            }
        }
        let account = self.account;
        let permissions_boundary = object
            .optional("permissions_boundary")
            .map(|at| self.policies.read(at, Kind::PermissionsBoundary, account))
            .transpose()?;
        Ok(Principal {
            permissions_boundary,
            id: object.optional("id").map(At::string).transpose()?.map(str::to_owned),
            identity_policies,
            tags: object.optional("tags").map(pairs).transpose()?.unwrap_or_default(),
            knowledge: Knowledge::Described,
            unknown: unknown(object, &Part::OF_PRINCIPAL)?,
        })
    }
}

/// Names with text values: tags, or an encryption context.
pub(crate) fn pairs(at: At<'_>) -> Result<Vec<(String, String)>, InputError> {
    let members = at.object()?.members();
    members.map(|(name, value)| Ok((name.to_owned(), value.string()?.to_owned()))).collect()
}

/// The fields of which a file says that it does not know them.
fn unknown(object: Object<'_>, parts: &[Part]) -> Result<Vec<Part>, InputError> {
    let Some(at) = object.optional("unknown") else { return Ok(Vec::new()) };
    let part = |at: At<'_>| {
        let text = at.string()?;
        let names = parts.iter().map(|part| part.as_str());
        parts.iter().copied().find(|part| part.as_str() == text).ok_or_else(|| {
            let list: Vec<String> = names.clone().map(|name| format!("`{name}`")).collect();
            let help = did_you_mean(text, names);
            at.expected(&format!("one of {}", list.join(", "))).with_help(help)
        })
    };
    at.list()?.map(part).collect()
}

/// The service of an alias `alias/aws/SERVICE`.
fn managed_service<'s>(aliases: &[&'s str]) -> Option<&'s str> {
    let service = aliases.iter().find_map(|alias| alias.strip_prefix("alias/aws/"))?;
    Service::via(service, "us-east-1").is_ok().then_some(service)
}

/// A file system with nothing in it.
#[derive(Clone, Copy, Debug)]
pub struct NoFiles;

impl Files for NoFiles {
    fn read(&self, _from: &Source, _path: &str) -> Result<Arc<Source>, ReadError> {
        Err(ReadError::Unreadable("there are no files here".into()))
    }
}

#[cfg(test)]
mod tests;
