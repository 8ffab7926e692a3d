//! Policies that resources of their own give to roles, users and groups.

use std::collections::BTreeSet;

use super::holders::{Holders, Kind, Name};
use super::keys::Named;
use super::principals::Managed;
use super::resource::Resource;
use super::scene::Scene;
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
    /// The VPC endpoints that have one by `aws_vpc_endpoint_policy`, by their ids.
    pub(super) endpoints: BTreeSet<String>,
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
            self.give(it, (kind, kind.word()), holders, &|holder| {
                holder.put(&name, policy.clone());
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
            self.give(it, (kind, kind.word()), holders, &|holder| {
                holder.attach(&arn, policy.clone());
            })?;
        }
        Ok(())
    }

    /// The policy of an attachment, by its ARN or by what attaches it.
    pub(super) fn attached_policy(
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
        let endpoints = self.world.of_kinds(&["aws_vpc_endpoint_policy"]);
        let endpoint = |it| self.text(it, "vpc_endpoint_id", Wanted::Id).ok().flatten();
        Attached {
            policies: found,
            keys: key_policies.filter_map(key).collect(),
            endpoints: endpoints.filter_map(endpoint).collect(),
        }
    }
}
