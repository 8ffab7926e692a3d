use std::sync::Arc;

use super::grants::GrantReader;
use super::{Layers, Reader, fields, managed_service, pairs, unknown};
use crate::document::{At, InputError, Notice, Object};
use crate::environment::builtin::{aws_managed_key_policy, default_key_policy};
use crate::environment::{Attached, Environment, Key, Manager, MultiRegion, Part};
use crate::kms::{KeySpec, Origin, Usage};
use crate::policy::Kind;
use crate::request::Account;
use crate::text::did_you_mean;

impl<'a> Reader<'a> {
    pub(super) fn keys(
        &mut self,
        root: &Layers<'a>,
        environment: &mut Environment,
    ) -> Result<(), InputError> {
        if root.optional("keys").is_none()
            && let Some(file) = root.nearest()
        {
            file.required("keys")?.object()?;
        }
        for (keys, name, at) in root.members("keys")? {
            let key = self.key(name, at)?;
            environment
                .add_key(key)
                .map_err(|error| keys.error_at_name(name, error.to_string()))?;
        }
        Ok(())
    }

    fn key(&mut self, name: &str, at: At<'a>) -> Result<Key, InputError> {
        let object = at.object()?.only(fields::KEY)?;
        let (account, region, id) = self.identifier(name, object)?;
        let aliases = aliases(object)?;
        let manager = match one_of(object, "manager", fields::KEY_MANAGERS)? {
            Some("AWS") => Manager::Aws,
            _ => Manager::Customer,
        };
        let policy = self.key_policy(object, account, &region, manager, &aliases)?;
        let mut key =
            Key::new(account, &region, &id, policy).map_err(|error| at.error(error.to_string()))?;
        if (object.get("id").is_some() || object.get("arn").is_some()) && !key.has_usual_id() {
            let unusual = at.error(format!("the id `{id}` has a shape that KMS never issues"));
            self.warnings.push(unusual.with_notice(Notice::UnusualKeyId));
        }
        name.clone_into(&mut key.name);
        key.is_region_assumed = self.region.is_none() && object.optional("arn").is_none();
        key.aliases = aliases.into_iter().map(str::to_owned).collect();
        key.manager = manager;
        let property = |field, known: &[&str], slot: &mut String| -> Result<(), InputError> {
            if let Some(value) = one_of(object, field, known)? {
                value.clone_into(slot);
            }
            Ok(())
        };
        property("spec", &KeySpec::NAMES, &mut key.spec)?;
        property("usage", &Usage::NAMES, &mut key.usage)?;
        property("origin", &Origin::NAMES, &mut key.origin)?;
        if !key.has_usual_usage() {
            let (spec, usage) = (&key.spec, &key.usage);
            let message = format!("KMS makes no key of the spec {spec} for the usage {usage}");
            self.warnings.push(at.error(message));
        }
        if let Some(state) = one_of(object, "state", fields::KEY_STATES)? {
            state.clone_into(&mut key.state);
        }
        key.multi_region = match one_of(object, "multi_region", fields::MULTI_REGION)? {
            Some("primary") => Some(MultiRegion::Primary),
            Some(_) => Some(MultiRegion::Replica),
            None => None,
        };
        key.tags = object.optional("tags").map(pairs).transpose()?.unwrap_or_default();
        key.unknown = unknown(object, &Part::OF_KEY)?;
        if let Some(at) = object.optional("grants") {
            let mut reader = GrantReader { account: self.account, warnings: Vec::new() };
            reader.grants(at, &mut key)?;
            self.warnings.extend(reader.warnings);
        }
        Ok(key)
    }

    /// By `arn`, or by `id` in the file's account and Region; else the name stands for the id.
    fn identifier(
        &self,
        name: &str,
        key: Object<'_>,
    ) -> Result<(Account, String, String), InputError> {
        if let Some(arn) = key.optional("arn") {
            if key.optional("id").is_some() {
                return Err(key.error_at_name("id", "expected `id` or `arn`, found both"));
            }
            return Key::parse_arn(arn.string()?).map_err(|error| arn.error(error.to_string()));
        }
        let account = self.account.ok_or_else(|| {
            key.at().error("expected `account` in the file, or `arn` for the key, found neither")
        })?;
        let id = key.optional("id").map(At::string).transpose()?.unwrap_or(name);
        if id.starts_with("arn:") {
            return Err(key
                .at()
                .error("expected a key id in `id`, found an ARN")
                .with_help(Some("an ARN goes into `arn`")));
        }
        Ok((account, self.region.unwrap_or(super::REGION).to_owned(), id.to_owned()))
    }

    fn key_policy(
        &mut self,
        key: Object<'a>,
        account: Account,
        region: &str,
        manager: Manager,
        aliases: &[&str],
    ) -> Result<Attached, InputError> {
        if let Some(at) = key.optional("policy") {
            return self.policies.read(at, Kind::Key, Some(account));
        }
        let policy = match manager {
            Manager::Customer => default_key_policy(account)?,
            Manager::Aws => {
                let service = managed_service(aliases).ok_or_else(|| {
                    key.at().error("expected `policy`, or an alias `alias/aws/SERVICE`, for a key that AWS manages, found neither")
                })?;
                aws_managed_key_policy(account, region, service)?
            }
        };
        Ok(Attached::Policy(Arc::new(policy)))
    }
}

fn aliases(key: Object<'_>) -> Result<Vec<&str>, InputError> {
    let Some(at) = key.optional("aliases") else {
        return Ok(Vec::new());
    };
    at.list()?
        .map(|at| {
            let alias = at.string()?;
            if Key::is_alias(alias) {
                Ok(alias)
            } else {
                Err(at.expected("an alias name such as `alias/app`"))
            }
        })
        .collect()
}

/// An optional field whose values are listed.
fn one_of<'a>(
    object: Object<'a>,
    field: &str,
    known: &[&str],
) -> Result<Option<&'a str>, InputError> {
    let Some(at) = object.optional(field) else {
        return Ok(None);
    };
    let text = at.string()?;
    if known.contains(&text) {
        return Ok(Some(text));
    }
    let list: Vec<String> = known.iter().map(|value| format!("`{value}`")).collect();
    let help = did_you_mean(text, known.iter().copied());
    Err(at.expected(&format!("one of {}", list.join(", "))).with_help(help))
}
