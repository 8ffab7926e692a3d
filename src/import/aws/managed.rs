use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{path, text};
use crate::document::{At, InputError, Object};
use crate::import::EstatePolicy;
use crate::import::sniff::Found;
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
    by_name: BTreeMap<String, EstatePolicy>,
    /// The names of those that were asked for.
    used: RefCell<BTreeSet<String>>,
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
    pub(super) fn version(&mut self, object: Object<'_>, found: &Found) -> Result<(), InputError> {
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
            None => self.by_path(document, found),
        }
    }

    /// A policy document alone in a file.
    pub(super) fn bare(&mut self, found: &Found) -> Result<(), InputError> {
        self.by_path(found.at(), found)
    }

    fn by_path(&mut self, document: At<'_>, found: &Found) -> Result<(), InputError> {
        let file = &found.source().name;
        let mut names = path::names(file).rev();
        let is_of_command = |name: &str| ["get-policy-version", "policy-version"].contains(&name);
        if let Some(name) = names.find(|name| !is_of_command(name)) {
            let policy = EstatePolicy::read(document, &format!("managed policy `{name}`"))?;
            let text = |policy: &EstatePolicy| policy.source().map(|it| it.text.clone());
            match self.by_name.get_mut(name) {
                Some(first) if text(first) != text(&policy) => {
                    *first = EstatePolicy::Unknown(format!(
                        "several files are named {name}, and nothing says which of them is the policy that is attached"
                    ));
                }
                Some(_) => {}
                None => drop(self.by_name.insert(name.to_owned(), policy)),
            }
        }
        Ok(())
    }

    /// The policy of an ARN, or that it is not known.
    pub(super) fn get(&self, arn: &str) -> EstatePolicy {
        let name = arn.rsplit('/').next().unwrap_or(arn);
        let by_name = || {
            self.used.borrow_mut().insert(name.to_owned());
            self.by_name.get(name)
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
