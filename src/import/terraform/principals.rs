//! Roles, users and groups with their policies.

use std::collections::HashMap;

use super::attachments::Attached;
use super::holders::{Holder, Holders, Kind, Name};
use super::resource::Resource;
use super::scene::Scene;
use super::slot::{Knowledge, Setting, Slot};
use super::wanted::Wanted;
use crate::document::{At, InputError};
use crate::environment::Part;
use crate::import::{Estate, EstatePolicy, EstatePrincipal};
use crate::request::PrincipalName;
use crate::text::{Printable, Quoted, shell_word};

/// Managed policies by their ARNs, and the resources that hold them.
pub(super) type Managed<'a> = HashMap<String, &'a Resource<'a>>;

impl<'a> Scene<'a> {
    /// Adds roles, users and groups. `earlier` is what was attached before the plan: what a role
    /// shows of its policies without being configured so is from then.
    pub(super) fn principals(
        &self,
        earlier: &Attached,
        estate: &mut Estate,
    ) -> Result<(), InputError> {
        let managed = self.managed_policies();
        let mut holders = Holders::default();
        for kind in Kind::ALL {
            for it in self.world.of_kinds(&[kind.resource()]) {
                self.holder(kind, it, &managed, &mut holders)?;
            }
        }
        let now = self.attached();
        for (name, policy) in earlier.policies.difference(&now.policies) {
            if let Some(holder) = holders.all.get_mut(name) {
                holder.inline.remove(policy);
                holder.managed.remove(policy);
            }
        }
        for kind in Kind::ALL {
            self.inline_policies(kind, &mut holders)?;
            self.attachments(kind, &managed, &mut holders)?;
            self.exclusive_attachments(kind, &managed, &mut holders)?;
            self.exclusive_policies(kind, &mut holders)?;
        }
        self.policy_attachments(&managed, &mut holders)?;
        self.memberships(&mut holders)?;
        holders.settle();
        for (name, holder) in holders.all {
            if name.kind == Kind::Group {
                estate.groups.extend([holder.into_group()]);
            } else {
                estate.principals.extend([holder.into_principal()]);
            }
        }
        Ok(())
    }

    fn managed_policies(&self) -> Managed<'a> {
        let resources = self.world.of_kinds(&["aws_iam_policy", "data.aws_iam_policy"]);
        let by_arn = |it: &'a Resource<'a>| Some((self.foresee(it, "arn").ok()??, it));
        resources.filter_map(by_arn).collect()
    }

    fn holder(
        &self,
        kind: Kind,
        it: &'a Resource<'a>,
        managed: &Managed<'a>,
        holders: &mut Holders,
    ) -> Result<(), InputError> {
        let name = self.name_of(it).and_then(|name| Ok((name, self.path_of(it)?)));
        let (Some(name), path) =
            name.or_else(|it| it.references().map(|_| (None, String::new())))?
        else {
            self.note(format!(
                "{} is left out: its name is known after apply; give it with --assume {}=…",
                Quoted(&it.address),
                shell_word(&Printable(&format!("{}.name", it.address)).to_string())
            ));
            return Ok(());
        };
        let known_id = |attribute| self.scalar(it, attribute).map(str::to_owned);
        let name = self.name_in(it, kind, &name);
        if name.account.is_none() && self.home.account.is_some() {
            self.without_account(it);
            return Ok(());
        }
        let listed = name.listed(&path, self.home.account);
        self.check_name(it, &name, &listed)?;
        let mut holder = Holder { name: listed, ..Holder::default() };
        if kind != Kind::Group {
            holder.principal = EstatePrincipal {
                id: known_id("unique_id"),
                permissions_boundary: self.boundary(it, managed)?,
                tags: self.tags(it)?,
                unknown: self.lacks_tags(it).then_some(Part::Tags).into_iter().collect(),
                ..EstatePrincipal::default()
            };
        }
        if kind == Kind::Role {
            self.shown_policies(it, managed, &mut holder)?;
        }
        holders.addresses.insert(it.address.clone(), name.clone());
        holders.all.insert(name, holder);
        Ok(())
    }

    /// The name that a resource of this account gives.
    pub(super) fn name_in(&self, it: &Resource<'a>, kind: Kind, name: &str) -> Name {
        Name { kind, bare: name.to_owned(), account: self.home.account(it) }
    }

    fn check_name(&self, it: &Resource<'a>, name: &Name, listed: &str) -> Result<(), InputError> {
        match PrincipalName::parse(listed, self.home.account) {
            Err(error) if name.kind != Kind::Group && name.account.is_some() => {
                let address = Quoted(&it.address);
                Err(it.at.error(format!("{error}, as the name of {address}")))
            }
            _ => Ok(()),
        }
    }

    fn boundary(
        &self,
        it: &'a Resource<'a>,
        managed: &Managed<'a>,
    ) -> Result<Option<EstatePolicy>, InputError> {
        match self.text(it, "permissions_boundary", Wanted::PolicyArn) {
            Ok(arn) => {
                let arn = arn.filter(|arn| !arn.is_empty());
                arn.map(|arn| self.managed(&arn, it, managed)).transpose()
            }
            Err(lacking) => {
                let what = format!("permissions_boundary of {}", Quoted(&it.address));
                let address = format!("{}.permissions_boundary", it.address);
                let reason =
                    super::policy::reason(&what, "", &lacking.references()?, Some(&address));
                Ok(Some(EstatePolicy::Unknown(reason)))
            }
        }
    }

    /// A managed policy by its ARN, where the document has it or it was assumed.
    pub(super) fn managed(
        &self,
        arn: &str,
        holder: &Resource<'a>,
        managed: &Managed<'a>,
    ) -> Result<EstatePolicy, InputError> {
        if let Some(it) = managed.get(arn)
            && let Some(policy) = self.policy(it, "policy")?
        {
            return Ok(policy);
        }
        if let Some(at) = self.assumed.get(arn)
            && let Some(policy) = self.policy_in(
                holder,
                Slot { value: Some(at), ..holder.slot("") },
                &format!("managed policy {}", Quoted(arn)),
                None,
            )?
        {
            return Ok(policy);
        }
        Ok(EstatePolicy::Unknown(format!(
            "{} is not in the document, only attached there; give it with --assume {}=…",
            Quoted(arn),
            shell_word(&Printable(arn).to_string())
        )))
    }

    /// The policies that a role itself lists.
    fn shown_policies(
        &self,
        it: &'a Resource<'a>,
        managed: &Managed<'a>,
        holder: &mut Holder,
    ) -> Result<(), InputError> {
        let slot = self.slot(it, "managed_policy_arns");
        match self.texts(it, slot, "managed_policy_arns", Wanted::PolicyArn) {
            Ok(arns) => {
                for arn in arns {
                    let policy = self.managed(&arn, it, managed)?;
                    if !matches!(slot.setting, Setting::Set(_)) {
                        holder.shown.insert(arn.clone());
                    }
                    holder.managed.insert(arn, policy);
                }
            }
            Err(lacking) => {
                let what = format!("managed_policy_arns of {}", Quoted(&it.address));
                let address = format!("{}.managed_policy_arns", it.address);
                let references = lacking.references()?;
                holder.doubts.insert(super::policy::reason(&what, "", &references, Some(&address)));
            }
        }
        self.shown_inline(it, holder)
    }

    fn shown_inline(&self, it: &'a Resource<'a>, holder: &mut Holder) -> Result<(), InputError> {
        let slot = self.slot(it, "inline_policy");
        if matches!(slot.knowledge(), Knowledge::Unknown) && !matches!(slot.setting, Setting::Unset)
        {
            let what = format!("inline_policy of {}", Quoted(&it.address));
            let address = format!("{}.inline_policy", it.address);
            holder.doubts.insert(super::policy::reason(&what, "", &[], Some(&address)));
        }
        let blocks = slot.blocks(&|value, written| {
            let name = value.as_object().and_then(|it| it.get("name")?.as_str());
            let named = written.get("name").and_then(|at| super::slot::constant(at)?.as_str());
            named.is_none() || named == name
        });
        for (index, block) in blocks.into_iter().enumerate() {
            let name = block.member("name").value.and_then(At::as_str);
            let name = name.map_or_else(|| format!("inline policy {index}"), str::to_owned);
            let what = format!("inline policy {}", Quoted(&name));
            let address = format!("inline_policy[{index}].policy");
            let member = self.or_assumed(it, block.member("policy"), &address);
            if let Some(policy) = self.policy_in(it, member, &what, Some(&address))? {
                if !matches!(slot.setting, Setting::Set(_)) {
                    holder.shown.insert(name.clone());
                }
                holder.inline.insert(name, policy);
            }
        }
        Ok(())
    }
}
