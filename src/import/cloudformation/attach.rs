//! Who has which policy.

use super::build::{Builder, Entity};
use super::declared::{Declared, known};
use super::policy;
use super::value::Reason;
use crate::arn::Arn;
use crate::document::{At, InputError, Source};
use crate::import::EstatePolicy;
use crate::policy::{Kind, Policy};
use crate::request::Account;
use crate::text::{Printable, Quoted};

/// Attaches a policy to what properties list. Where that is not known, anyone may have it.
pub(super) fn attach(
    builder: &mut Builder<'_, '_>,
    declared: Declared<'_, '_>,
    targets: &[(&str, Entity)],
    policy: &EstatePolicy,
) -> Result<(), InputError> {
    for (property, entity) in targets {
        let items = match declared.items(property)? {
            Ok(items) => items,
            Err(reason) => {
                builder.may_have(declared, *entity, policy, &reason);
                continue;
            }
        };
        for item in items {
            match known(item.scalar())? {
                Ok(name) => {
                    check_name(item.at, &name, *entity)?;
                    let account = declared.scope.stack.account;
                    let target = Named { account, entity: *entity, name: &name };
                    builder.define(target);
                    builder.give(target, policy.clone());
                }
                Err(_) if declared.is_left_out(item.at) => {}
                Err(reason) => builder.may_have(declared, *entity, policy, &reason),
            }
        }
    }
    Ok(())
}

/// A user, role or group by its name in an account.
#[derive(Clone, Copy, Debug)]
pub(super) struct Named<'n> {
    pub(super) account: Account,
    pub(super) entity: Entity,
    pub(super) name: &'n str,
}

impl Builder<'_, '_> {
    pub(super) fn principal_name(&self, account: Account, arn: &str) -> String {
        match Arn::parse(arn) {
            Ok(parsed) if account == self.account => parsed.resource.to_owned(),
            _ => arn.to_owned(),
        }
    }

    pub(super) fn group_name(&self, account: Account, name: &str) -> String {
        if account == self.account { name.to_owned() } else { format!("{}/{name}", account.id) }
    }

    /// A managed policy: of the templates, else as the user gives it; none if it says nothing
    /// of KMS.
    pub(super) fn managed_by_arn(
        &self,
        at: At<'_>,
        arn: &str,
    ) -> Result<Option<EstatePolicy>, InputError> {
        if let Some(policy) = self.managed.get(arn) {
            return Ok(policy.clone());
        }
        let Some(text) = self.world.given(arn) else {
            let name = Quoted(arn);
            let why = format!(
                "the managed policy {name} is not in the template; give what `aws iam get-policy-version` prints of it with --assume {}=@FILE",
                Printable(arn)
            );
            return Ok(Some(EstatePolicy::Unknown(why)));
        };
        Policy::from_json(arn, text, Kind::Identity).map_err(|error| {
            let is_text = text.trim_start().starts_with('{');
            let help = (!is_text).then_some("of what is in a file, the name comes after `@`");
            at.error(error.to_string()).with_help(help)
        })?;
        Ok(Some(EstatePolicy::Document(Source::new(arn, text))))
    }

    /// What is attached to is there, though the template does not say what else it has.
    pub(super) fn define(&mut self, target: Named<'_>) {
        let Named { account, entity, name } = target;
        let known_as = (account, entity, name.to_owned());
        if self.entities.contains_key(&known_as) {
            return;
        }
        let word = entity.word();
        let why = format!(
            "the {word} {} is not in the template, and may have more policies",
            Quoted(name)
        );
        let unknown = EstatePolicy::Unknown(why);
        let key = if entity == Entity::Group {
            let key = self.group_name(account, name);
            self.estate.groups.insert(key.clone(), vec![unknown]);
            key
        } else {
            let arn = format!("arn:{}:iam::{}:{word}/{name}", account.partition, account.id);
            let key = self.principal_name(account, &arn);
            let principal = self.estate.principals.entry(key.clone()).or_default();
            principal.identity_policies.push(unknown);
            key
        };
        self.entities.insert(known_as, key);
    }

    pub(super) fn give(&mut self, target: Named<'_>, policy: EstatePolicy) {
        let known_as = (target.account, target.entity, target.name.to_owned());
        let Some(key) = self.entities.get(&known_as) else { return };
        if target.entity == Entity::Group {
            self.estate.groups.entry(key.clone()).or_default().push(policy);
        } else if let Some(principal) = self.estate.principals.get_mut(key) {
            principal.identity_policies.push(policy);
        }
    }

    pub(super) fn join(
        &mut self,
        user: Named<'_>,
        at: At<'_>,
        group: &str,
    ) -> Result<(), InputError> {
        check_name(at, group, Entity::Group)?;
        self.define(Named { entity: Entity::Group, name: group, ..user });
        let group = self.group_name(user.account, group);
        let key = self.entities.get(&(user.account, Entity::User, user.name.to_owned()));
        if let Some(principal) = key.and_then(|key| self.estate.principals.get_mut(key))
            && !principal.groups.contains(&group)
        {
            principal.groups.push(group);
        }
        Ok(())
    }

    /// A policy whose targets are not known: whoever may have it has a policy that is not known.
    fn may_have(
        &mut self,
        declared: Declared<'_, '_>,
        entity: Entity,
        policy: &EstatePolicy,
        reason: &Reason,
    ) {
        if policy::may_concern_kms(policy) {
            let why = format!("whether {} is attached is not known: {reason}", declared.quoted());
            self.give_all(declared, entity, &EstatePolicy::Unknown(why));
        }
    }

    pub(super) fn give_all(
        &mut self,
        declared: Declared<'_, '_>,
        entity: Entity,
        policy: &EstatePolicy,
    ) {
        let account = declared.scope.stack.account;
        let is_target = |key: &&(Account, Entity, String)| key.0 == account && key.1 == entity;
        let names: Vec<String> =
            self.entities.keys().filter(is_target).map(|(_, _, name)| name.clone()).collect();
        for name in names {
            self.give(Named { account, entity, name: &name }, policy.clone());
        }
    }
}

/// Source: [Names](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html)
pub(super) fn check_name(at: At<'_>, name: &str, entity: Entity) -> Result<(), InputError> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "+=,.@_-".contains(c);
    if !name.is_empty() && name.chars().all(is_part) {
        return Ok(());
    }
    Err(at.error(format!("expected the name of a {}, found {}", entity.word(), Quoted(name))))
}
