//! Tags of keys, roles and users.

use std::collections::BTreeMap;

use super::resource::Resource;
use super::scene::Scene;
use super::slot::{Knowledge, Slot};
use crate::document::{At, InputError, Object};
use crate::text::{Printable, Quoted, shell_word};

/// The attribute that holds the tags.
struct Held<'a> {
    slot: Slot<'a>,
    /// Whether there may be others, or other values.
    is_open: bool,
    /// The attribute by which all can be assumed.
    name: &'static str,
}

impl<'a> Scene<'a> {
    /// Whether it has tags that are known after apply.
    pub(super) fn lacks_tags(&self, it: &Resource<'a>) -> bool {
        self.tags_in(it).is_open
    }

    /// `tags_all` has those of the provider, too; without these it is as `tags`.
    ///
    /// Source: [default_tags](https://registry.terraform.io/providers/hashicorp/aws/latest/docs/guides/resource-tagging)
    fn tags_in(&self, it: &Resource<'a>) -> Held<'a> {
        let (all, own) = (self.slot(it, "tags_all"), self.slot(it, "tags"));
        let is_known = |slot: Slot<'a>| matches!(slot.knowledge(), Knowledge::Known(_));
        let is_unknown = |slot: Slot<'a>| matches!(slot.knowledge(), Knowledge::Unknown);
        let has_default = self.configuration.has_default_tags(it);
        let is_own_open = (own.is_set() && is_unknown(own)) || !own.flags().is_empty();
        let name = if has_default { "tags_all" } else { "tags" };
        if is_known(all) && (all.flags().is_empty() || has_default || is_own_open) {
            return Held { slot: all, is_open: !all.flags().is_empty(), name };
        }
        Held { slot: own, is_open: is_own_open || (has_default && is_unknown(all)), name }
    }

    /// The tags, those of the provider included where the plan has them.
    pub(super) fn tags(&self, it: &Resource<'a>) -> Result<BTreeMap<String, String>, InputError> {
        let Held { slot, is_open, name } = self.tags_in(it);
        if is_open {
            let address = format!("{}.{name}", it.address);
            self.note(format!(
                "{} are known after apply, and left out as far as they are; give them with --assume {}='{{\"NAME\": \"VALUE\"}}'",
                Quoted(&address),
                shell_word(&Printable(&address).to_string())
            ));
        }
        let Knowledge::Known(at) = slot.knowledge() else { return Ok(BTreeMap::new()) };
        if let Some(listed) = at.as_list() {
            return listed.map(|tag| listed_tag(it, tag)).collect();
        }
        let members = at.as_object().ok_or_else(|| it.wrong(at, "tags", "an object"))?;
        let mut tags = BTreeMap::new();
        for (name, value) in members.members() {
            match value.as_scalar() {
                Some(text) => {
                    tags.insert(name.to_owned(), text.to_owned());
                }
                None if value.is_null() => {}
                None => return Err(it.wrong(value, "tags", "strings")),
            }
        }
        Ok(tags)
    }
}

/// `{"key": …, "value": …}`, as the provider `awscc` has them.
fn listed_tag(it: &Resource<'_>, tag: At<'_>) -> Result<(String, String), InputError> {
    let text = |name| tag.as_object()?.get(name)?.as_scalar().map(str::to_owned);
    text("key").zip(text("value")).ok_or_else(|| it.wrong(tag, "tags", "`key` and `value`"))
}

impl<'a> Slot<'a> {
    /// The members that are not known.
    fn flags(self) -> Vec<&'a str> {
        let members = self.unknown.and_then(At::as_object).map(Object::members);
        let members = members.into_iter().flatten();
        members.filter(|(_, at)| at.as_bool() == Some(true)).map(|(name, _)| name).collect()
    }
}
