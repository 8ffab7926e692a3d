//! Policies that resources of their own give to roles, users and groups.

use std::collections::{BTreeMap, BTreeSet};

use super::holders::{Holder, Holders, Kind, Name};
use super::keys::Named;
use super::principals::Managed;
use super::resource::Resource;
use super::scene::{Lacking, Scene};
use super::wanted::Wanted;
use crate::document::InputError;
use crate::import::EstatePolicy;
use crate::text::Quoted;

/// What resources of their own attach, as far as it is known.
#[derive(Debug, Default)]
pub(super) struct Attached {
    /// Names of inline policies, and ARNs, by who has them.
    pub(super) policies: BTreeSet<(Name, String)>,
    /// The keys that have a policy by `aws_kms_key_policy`.
    pub(super) keys: BTreeSet<String>,
}

impl<'a> Scene<'a> {
    pub(super) fn inline_policies(
        &self,
        kind: Kind,
        holders: &mut Holders,
    ) -> Result<(), InputError> {
        for it in self.world.of_kinds(&[&format!("{}_policy", kind.resource())]) {
            let Some(policy) = self.policy(it, "policy")? else { continue };
            let name = self.foresee(it, "name").ok().flatten();
            let name = name.unwrap_or_else(|| it.address.clone());
            self.give(it, kind, kind.word(), holders, &|holder| {
                holder.inline.insert(name.clone(), policy.clone());
            })?;
        }
        Ok(())
    }

    pub(super) fn attachments(
        &self,
        kind: Kind,
        managed: &Managed<'a>,
        holders: &mut Holders,
    ) -> Result<(), InputError> {
        for it in self.world.of_kinds(&[&format!("{}_policy_attachment", kind.resource())]) {
            let (arn, policy) = self.attached_policy(it, managed)?;
            self.give(it, kind, kind.word(), holders, &|holder| {
                holder.managed.insert(arn.clone(), policy.clone());
            })?;
        }
        Ok(())
    }

    /// The policy of an attachment, by its ARN or by what attaches it.
    fn attached_policy(
        &self,
        it: &'a Resource<'a>,
        managed: &Managed<'a>,
    ) -> Result<(String, EstatePolicy), InputError> {
        match self.text(it, "policy_arn", Wanted::PolicyArn) {
            Ok(arn) => {
                let arn = arn.unwrap_or_default();
                let policy = self.managed(&arn, it, managed)?;
                Ok((arn, policy))
            }
            Err(lacking) => {
                let what = format!("policy_arn of {}", Quoted(&it.address));
                let address = format!("{}.policy_arn", it.address);
                let references = lacking.references()?;
                let reason = super::policy::reason(&what, "", &references, Some(&address));
                Ok((it.address.clone(), EstatePolicy::Unknown(reason)))
            }
        }
    }

    /// Gives something to the holder that an attribute names. Where that is not known, each that
    /// it may be is in doubt.
    fn give(
        &self,
        it: &'a Resource<'a>,
        kind: Kind,
        attribute: &str,
        holders: &mut Holders,
        give: &dyn Fn(&mut Holder),
    ) -> Result<(), InputError> {
        match self.text(it, attribute, Wanted::Holder(kind.resource())) {
            Ok(Some(name)) => {
                give(holders.named(self.name_in(it, kind, &name), self.home.account));
            }
            Ok(None) => {}
            Err(Lacking::Unknown(_)) => {
                let addresses = self.candidates(it, attribute, &[kind.resource()]);
                let doubt = format!(
                    "which {} {} is for is known after apply",
                    kind.word(),
                    Quoted(&it.address)
                );
                for holder in holders.at(&addresses) {
                    holder.doubts.insert(doubt.clone());
                }
            }
            Err(Lacking::Wrong(error)) => return Err(error),
        }
        Ok(())
    }

    /// Only these are attached, and what else is attached will be detached.
    ///
    /// Source: [aws_iam_role_policy_attachments_exclusive](https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/iam_role_policy_attachments_exclusive)
    pub(super) fn exclusive_attachments(
        &self,
        kind: Kind,
        managed: &Managed<'a>,
        holders: &mut Holders,
    ) -> Result<(), InputError> {
        let resource = format!("{}_policy_attachments_exclusive", kind.resource());
        for it in self.world.of_kinds(&[&resource]) {
            let slot = self.slot(it, "policy_arns");
            let arns = match self.texts(it, slot, "policy_arns", Wanted::PolicyArn) {
                Ok(arns) => arns,
                Err(lacking) => {
                    let what = format!("policy_arns of {}", Quoted(&it.address));
                    let reason = super::policy::reason(&what, "", &lacking.references()?, None);
                    self.give(it, kind, &format!("{}_name", kind.word()), holders, &|holder| {
                        holder.doubts.insert(reason.clone());
                    })?;
                    continue;
                }
            };
            let policies = arns.into_iter().map(|arn| {
                let policy = self.managed(&arn, it, managed)?;
                Ok((arn, policy))
            });
            let policies = policies.collect::<Result<BTreeMap<_, _>, InputError>>()?;
            self.give(it, kind, &format!("{}_name", kind.word()), holders, &|holder| {
                holder.managed.clone_from(&policies);
            })?;
        }
        Ok(())
    }

    pub(super) fn policy_attachments(
        &self,
        managed: &Managed<'a>,
        holders: &mut Holders,
    ) -> Result<(), InputError> {
        for it in self.world.of_kinds(&["aws_iam_policy_attachment"]) {
            let (arn, policy) = self.attached_policy(it, managed)?;
            for kind in Kind::ALL {
                let attribute = format!("{}s", kind.word());
                self.give_each(it, kind, &attribute, holders, &|holder| {
                    holder.managed.insert(arn.clone(), policy.clone());
                })?;
            }
        }
        Ok(())
    }

    /// As `give`, for a list of names.
    fn give_each(
        &self,
        it: &'a Resource<'a>,
        kind: Kind,
        attribute: &str,
        holders: &mut Holders,
        give: &dyn Fn(&mut Holder),
    ) -> Result<(), InputError> {
        let slot = self.slot(it, attribute);
        match self.texts(it, slot, attribute, Wanted::Holder(kind.resource())) {
            Ok(names) => {
                for name in names {
                    give(holders.named(self.name_in(it, kind, &name), self.home.account));
                }
            }
            Err(Lacking::Unknown(_)) => {
                let addresses = self.candidates(it, attribute, &[kind.resource()]);
                let doubt = format!("{attribute} of {} is known after apply", Quoted(&it.address));
                for holder in holders.at(&addresses) {
                    holder.doubts.insert(doubt.clone());
                }
            }
            Err(Lacking::Wrong(error)) => return Err(error),
        }
        Ok(())
    }

    pub(super) fn memberships(&self, holders: &mut Holders) -> Result<(), InputError> {
        for it in self.world.of_kinds(&["aws_iam_group_membership"]) {
            let group = self.text(it, "group", Wanted::Holder("aws_iam_group"));
            let group = self.or_doubt(it, "group", group, holders)?;
            self.join(it, "users", group.as_slice(), holders)?;
        }
        for it in self.world.of_kinds(&["aws_iam_user_group_membership"]) {
            let slot = self.slot(it, "groups");
            let groups = self.texts(it, slot, "groups", Wanted::Holder("aws_iam_group"));
            match groups {
                Ok(groups) => self.join(it, "user", &groups, holders)?,
                Err(lacking) => {
                    let references = lacking.references()?;
                    let what = format!("groups of {}", Quoted(&it.address));
                    let reason = super::policy::reason(&what, "", &references, None);
                    self.give(it, Kind::User, "user", holders, &|holder| {
                        holder.doubts.insert(reason.clone());
                    })?;
                }
            }
        }
        Ok(())
    }

    /// A group that is not known puts every user of the membership in doubt.
    fn or_doubt(
        &self,
        it: &'a Resource<'a>,
        attribute: &str,
        group: Result<Option<String>, Lacking>,
        holders: &mut Holders,
    ) -> Result<Option<String>, InputError> {
        match group {
            Ok(group) => Ok(group),
            Err(lacking) => {
                let references = lacking.references()?;
                let what = format!("{attribute} of {}", Quoted(&it.address));
                let reason = super::policy::reason(&what, "", &references, None);
                self.give_each(it, Kind::User, "users", holders, &|holder| {
                    holder.doubts.insert(reason.clone());
                })?;
                Ok(None)
            }
        }
    }

    fn join(
        &self,
        it: &'a Resource<'a>,
        users: &str,
        groups: &[String],
        holders: &mut Holders,
    ) -> Result<(), InputError> {
        for group in groups {
            holders.named(self.name_in(it, Kind::Group, group), self.home.account);
        }
        let join = |holder: &mut Holder| {
            for group in groups {
                if !holder.principal.groups.contains(group) {
                    holder.principal.groups.push(group.clone());
                }
            }
        };
        match users {
            "user" => self.give(it, Kind::User, users, holders, &join),
            _ => self.give_each(it, Kind::User, users, holders, &join),
        }
    }

    /// What is attached by resources of their own, as far as it is known.
    pub(super) fn attached(&self) -> Attached {
        let mut found = BTreeSet::new();
        for kind in Kind::ALL {
            let holder = |it| {
                let name = self.text(it, kind.word(), Wanted::Holder(kind.resource()));
                name.ok().flatten().map(|name| self.name_in(it, kind, &name))
            };
            for it in self.world.of_kinds(&[&format!("{}_policy", kind.resource())]) {
                let name = self.foresee(it, "name").ok().flatten();
                found.extend(holder(it).zip(name));
            }
            for it in self.world.of_kinds(&[&format!("{}_policy_attachment", kind.resource())]) {
                let arn = self.text(it, "policy_arn", Wanted::PolicyArn).ok().flatten();
                found.extend(holder(it).zip(arn));
            }
            for it in self.world.of_kinds(&["aws_iam_policy_attachment"]) {
                let arn = self.text(it, "policy_arn", Wanted::PolicyArn).ok().flatten();
                let attribute = format!("{}s", kind.word());
                let wanted = Wanted::Holder(kind.resource());
                let names = self.texts(it, self.slot(it, &attribute), &attribute, wanted);
                let arn = arn.unwrap_or_default();
                let names = names.unwrap_or_default().into_iter();
                found.extend(names.map(|name| (self.name_in(it, kind, &name), arn.clone())));
            }
        }
        let key_policies = self.world.of_kinds(&["aws_kms_key_policy"]);
        let key = |it| match self.named_key(it, "key_id") {
            Ok(Named::One(key)) => Some(key.address.clone()),
            _ => None,
        };
        Attached { policies: found, keys: key_policies.filter_map(key).collect() }
    }
}
