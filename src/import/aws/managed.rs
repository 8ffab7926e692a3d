use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::owners::Owner;
use super::{path, text};
use crate::arn::Arn;
use crate::document::{At, InputError, Object};
use crate::import::EstatePolicy;
use crate::import::sniff::Found;
use crate::request::Account;
use crate::text::Quoted;

/// Managed policies by ARN; only the default version of each decides.
///
/// Source: [Versioning IAM policies](https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-versioning.html)
#[derive(Default)]
pub(super) struct Managed {
    by_arn: HashMap<String, EstatePolicy>,
    /// What `get-policy` said, by the file and the folder that it said it in.
    described: BTreeMap<String, Vec<Described>>,
    /// Documents of which only the file's name tells what they are.
    by_name: BTreeMap<String, Vec<Named>>,
    /// The names of those that were asked for.
    used: RefCell<BTreeSet<String>>,
}

/// A document by its file's name, and whose account's it is, if a caller says so.
struct Named {
    account: Option<Account>,
    policy: EstatePolicy,
}

#[derive(Clone)]
struct Described {
    arn: String,
    version: String,
}

impl Managed {
    /// A policy in `get-account-authorization-details`.
    pub(super) fn detail(&mut self, at: At<'_>) -> Result<(), InputError> {
        let policy = at.object()?;
        let arn = text(policy, "Arn")?;
        let versions = policy.required("PolicyVersionList")?.list()?;
        let by_mark = |version: Object<'_>| {
            version.get("IsDefaultVersion").and_then(At::as_bool).unwrap_or(false)
        };
        let default = policy.optional("DefaultVersionId").and_then(At::as_str);
        for at in versions {
            let version = at.object()?;
            let is_named = version.get("VersionId").and_then(At::as_str) == default;
            if by_mark(version) || (default.is_some() && is_named) {
                let document = version.required("Document")?;
                self.add(arn, document)?;
            }
        }
        Ok(())
    }

    fn add(&mut self, arn: &str, document: At<'_>) -> Result<(), InputError> {
        if !self.by_arn.contains_key(arn) {
            let policy = EstatePolicy::read(document, &format!("managed policy `{arn}`"))?;
            self.by_arn.insert(arn.to_owned(), policy);
        }
        Ok(())
    }

    /// `get-policy`, which does not have the document.
    pub(super) fn described(&mut self, at: At<'_>, found: &Found) -> Result<(), InputError> {
        let policy = at.object()?;
        let described = Described {
            arn: text(policy, "Arn")?.to_owned(),
            version: text(policy, "DefaultVersionId")?.to_owned(),
        };
        let file = found.source().name.clone();
        let folder = path::folder(&file).to_owned();
        self.described.entry(file).or_default().push(described.clone());
        self.described.entry(folder + "/").or_default().push(described);
        Ok(())
    }

    /// `get-policy-version`, which does not say of what: the `get-policy` beside it does, or the
    /// name of the file or of a folder.
    pub(super) fn version(
        &mut self,
        object: Object<'_>,
        found: &Found,
        owner: Owner,
    ) -> Result<(), InputError> {
        let version = object.required("PolicyVersion")?.object()?;
        if version.get("IsDefaultVersion").and_then(At::as_bool) == Some(false) {
            return Ok(());
        }
        let document = version.required("Document")?;
        let file = &found.source().name;
        let beside = [file.clone(), format!("{}/", path::folder(file))];
        let described =
            beside.iter().find_map(|place| match self.described.get(place)?.as_slice() {
                [only] => Some(only.clone()),
                _ => None,
            });
        match described {
            Some(it) => {
                let id = version.optional("VersionId");
                if let Some(at) = id.filter(|at| at.as_str() != Some(&it.version)) {
                    return Err(at.expected(&format!(
                        "the default version {} of {}",
                        Quoted(&it.version),
                        it.arn
                    )));
                }
                self.add(&it.arn, document)
            }
            None => self.by_path(document, found, owner),
        }
    }

    /// A policy document alone in a file.
    pub(super) fn bare(&mut self, found: &Found, owner: Owner) -> Result<(), InputError> {
        self.by_path(found.at(), found, owner)
    }

    fn by_path(&mut self, document: At<'_>, found: &Found, owner: Owner) -> Result<(), InputError> {
        let file = &found.source().name;
        let mut names = path::names(file).rev();
        let is_of_command = |name: &str| ["get-policy-version", "policy-version"].contains(&name);
        if let Some(name) = names.find(|name| !is_of_command(name)) {
            let policy = EstatePolicy::read(document, &format!("managed policy `{name}`"))?;
            let text = |policy: &EstatePolicy| policy.source().map(|it| it.text.clone());
            let account = match owner {
                Owner::Is(account) => Some(account),
                Owner::Likely(_) | Owner::Open => None,
            };
            let known = self.by_name.entry(name.to_owned()).or_default();
            match known.iter_mut().find(|it| it.account == account) {
                Some(first) if text(&first.policy) != text(&policy) => {
                    first.policy = EstatePolicy::Unknown(format!(
                        "several files are named {name}, and nothing says which of them is the policy that is attached"
                    ));
                }
                Some(_) => {}
                None => known.push(Named { account, policy }),
            }
        }
        Ok(())
    }

    /// The policy of an ARN, or that it is not known.
    pub(super) fn get(&self, arn: &str) -> EstatePolicy {
        let name = arn.rsplit('/').next().unwrap_or(arn);
        let by_name = || {
            self.used.borrow_mut().insert(name.to_owned());
            // One of AWS has no account.
            let own = Arn::parse(arn).ok().and_then(|arn| {
                Some(Account { partition: arn.partition, id: arn.account_id().ok()? })
            });
            let named = self.by_name.get(name)?;
            let of_account = named.iter().find(|it| it.account.is_some() && it.account == own);
            let is_other = |it: &&Named| own.is_none() || it.account.is_none();
            Some(&of_account.or_else(|| named.iter().find(is_other))?.policy)
        };
        let known = self.by_arn.get(arn).or_else(by_name);
        known.cloned().unwrap_or_else(|| {
            EstatePolicy::Unknown(format!(
                "the document of the managed policy {arn} was not collected: put what `aws iam get-policy-version` prints of it into a file {name}.json beside the rest"
            ))
        })
    }

    /// The names of files whose policy nothing refers to.
    pub(super) fn unused(&self) -> Vec<&str> {
        let used = self.used.borrow();
        self.by_name.keys().filter(|name| !used.contains(*name)).map(String::as_str).collect()
    }
}
