//! Which users are in which groups.

use super::holders::{Holder, Holders, Kind};
use super::policy::open_attribute;
use super::providers::account_lacks;
use super::resource::Resource;
use super::scene::{Lacking, Scene};
use super::wanted::Wanted;
use super::whose::Whose;
use crate::document::InputError;
use crate::text::Quoted;

const GROUP: Wanted = Wanted::Holder("aws_iam_group");

impl<'a> Scene<'a> {
    pub(super) fn memberships(&self, holders: &mut Holders) -> Result<(), InputError> {
        for it in self.world.of_kinds(&["aws_iam_group_membership"]) {
            match self.text(it, "group", GROUP) {
                Ok(group) => self.join(it, "users", ("group", group.as_slice()), holders)?,
                // A group that is not known puts every user of the membership in doubt.
                Err(lacking) => self.open(it, "users", ("group", lacking), holders)?,
            }
        }
        for it in self.world.of_kinds(&["aws_iam_user_group_membership"]) {
            let slot = self.slot(it, "groups");
            match self.texts(it, slot, "groups", GROUP) {
                Ok(groups) => self.join(it, "user", ("groups", &groups), holders)?,
                Err(lacking) => self.open(it, "user", ("groups", lacking), holders)?,
            }
        }
        Ok(())
    }

    fn open(
        &self,
        it: &'a Resource<'a>,
        users: &str,
        (attribute, lacking): (&str, Lacking),
        holders: &mut Holders,
    ) -> Result<(), InputError> {
        let reason = open_attribute(it, attribute, "", lacking)?;
        self.to_users(it, users, holders, &|holder| {
            holder.doubts.insert(reason.clone());
        })
    }

    fn join(
        &self,
        it: &'a Resource<'a>,
        users: &str,
        (attribute, groups): (&str, &[String]),
        holders: &mut Holders,
    ) -> Result<(), InputError> {
        let (mut listed, mut doubts) = (Vec::new(), Vec::new());
        for group in groups {
            match self.whose(it, (Kind::Group, attribute), group, holders) {
                Whose::One(name) => {
                    listed.push(holders.named(name, self.home.account).name.clone());
                }
                Whose::AnyOf(_) | Whose::Nobody => doubts.push(format!(
                    "which group {} is meant in {} is not known: {}",
                    Quoted(group),
                    Quoted(&it.address),
                    account_lacks(it)
                )),
            }
        }
        self.to_users(it, users, holders, &|holder| {
            for group in &listed {
                if !holder.principal.groups.contains(group) {
                    holder.principal.groups.push(group.clone());
                }
            }
            holder.doubts.extend(doubts.iter().cloned());
        })
    }

    fn to_users(
        &self,
        it: &'a Resource<'a>,
        users: &str,
        holders: &mut Holders,
        give: &dyn Fn(&mut Holder),
    ) -> Result<(), InputError> {
        match users {
            "user" => self.give(it, (Kind::User, users), holders, give),
            _ => self.give_each(it, (Kind::User, users), holders, give).map(|_| ()),
        }
    }
}
