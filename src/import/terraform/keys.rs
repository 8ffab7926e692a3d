//! Keys with their policies, aliases and grants.

use std::collections::{BTreeMap, BTreeSet};

use super::attachments::Attached;
use super::resource::Resource;
use super::scene::Scene;
use super::slot::{Knowledge, Slot};
use super::wanted::Wanted;
use crate::document::{At, InputError, Object};
use crate::environment::{Key, Part};
use crate::import::{EstateKey, EstatePolicy};
use crate::kms::{KeySpec, Usage};
use crate::text::Quoted;

/// The resources that are keys.
///
/// Source: [aws_kms_key](https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/kms_key),
/// [awscc_kms_key](https://registry.terraform.io/providers/hashicorp/awscc/latest/docs/resources/kms_key)
pub(super) const KINDS: &[&str] = &[
    "aws_kms_key",
    "aws_kms_external_key",
    "aws_kms_replica_key",
    "aws_kms_replica_external_key",
    "awscc_kms_key",
];

/// The keys by their addresses.
pub(super) type Keys = BTreeMap<String, EstateKey>;

impl<'a> Scene<'a> {
    pub(super) fn keys(&self, earlier: &Attached) -> Result<Keys, InputError> {
        let mut keys = Keys::new();
        for it in self.world.of_kinds(KINDS) {
            if self.home.account(it, self.configuration).is_none() {
                self.without_account(it);
                continue;
            }
            keys.insert(it.address.clone(), self.key(it)?);
        }
        self.lost_policies(earlier, &mut keys);
        self.key_policies(&mut keys)?;
        self.aliases(&mut keys)?;
        self.grants(&mut keys)?;
        Ok(keys)
    }

    fn key(&self, it: &Resource<'a>) -> Result<EstateKey, InputError> {
        let is_replica = it.kind.contains("replica");
        let is_region_assumed = self.home.region(it, self.configuration).is_none();
        if is_region_assumed {
            self.note("nothing says the Region; us-east-1 is taken".into());
        }
        let multi_region = self.is_true(it, "multi_region").then_some("primary");
        let policy = if it.kind == "awscc_kms_key" { "key_policy" } else { "policy" };
        Ok(EstateKey {
            arn: self.foresee(it, "arn").or_else(|lacking| lacking.references().map(|_| None))?,
            policy: self.policy(it, policy)?,
            spec: self.property(it, &["customer_master_key_spec", "key_spec"], &KeySpec::NAMES)?,
            usage: self.property(it, &["key_usage"], &Usage::NAMES)?,
            origin: self.origin(it).map(str::to_owned),
            state: self.state(it).map(str::to_owned),
            multi_region: if is_replica { Some("replica") } else { multi_region },
            tags: self.tags(it)?,
            unknown: self.unknown_parts(it),
            is_region_assumed,
            ..EstateKey::default()
        })
    }

    /// What of a key the configuration sets and the plan does not know.
    fn unknown_parts(&self, it: &Resource<'a>) -> BTreeSet<Part> {
        let is_unknown = |attribute: &str| {
            let slot = self.slot(it, attribute);
            slot.is_set() && matches!(slot.knowledge(), Knowledge::Unknown)
        };
        let parts: [(Part, &[&str]); 4] = [
            (Part::Spec, &["customer_master_key_spec", "key_spec"]),
            (Part::Usage, &["key_usage"]),
            (Part::Origin, &["origin", "xks_key_id", "custom_key_store_id"]),
            (Part::MultiRegion, &["multi_region"]),
        ];
        let parts = parts.into_iter().filter(|(_, names)| names.iter().any(|it| is_unknown(it)));
        // A replica is as its primary key, which the provider reads after it is made.
        let is_told = |part: &Part| match part {
            Part::Spec => self.scalar(it, "key_spec").is_some(),
            Part::Usage => self.scalar(it, "key_usage").is_some(),
            _ => self.scalar(it, "origin").is_some(),
        };
        let shared = [Part::Spec, Part::Usage, Part::Origin].into_iter();
        let shared = shared.filter(|part| it.kind == "aws_kms_replica_key" && !is_told(part));
        let tags = self.lacks_tags(it).then_some(Part::Tags);
        parts.map(|(part, _)| part).chain(shared).chain(tags).collect()
    }

    /// Whether it has tags that are known after apply.
    pub(super) fn lacks_tags(&self, it: &Resource<'a>) -> bool {
        let all = self.slot(it, "tags_all");
        let own = self.slot(it, "tags");
        if matches!(all.knowledge(), Knowledge::Known(_)) {
            return !all.flags().is_empty();
        }
        let by_provider = matches!(all.knowledge(), Knowledge::Unknown)
            && self.configuration.has_default_tags(it.block_at);
        let by_itself = own.is_set() && matches!(own.knowledge(), Knowledge::Unknown);
        by_provider || by_itself || !own.flags().is_empty()
    }

    fn property(
        &self,
        it: &Resource<'a>,
        attributes: &[&str],
        known: &[&str],
    ) -> Result<Option<String>, InputError> {
        for attribute in attributes {
            let slot = self.slot(it, attribute);
            match slot.knowledge() {
                Knowledge::Known(at) => {
                    return match at.as_str().filter(|text| known.contains(text)) {
                        Some(text) => Ok(Some(text.to_owned())),
                        None => Err(it.wrong(at, attribute, &known.join(" or "))),
                    };
                }
                Knowledge::Unknown if slot.is_set() => self.note(format!(
                    "the {attribute} of {} is known after apply; the default is taken",
                    Quoted(&it.address)
                )),
                Knowledge::Unknown | Knowledge::Absent => {}
            }
        }
        Ok(None)
    }

    fn origin(&self, it: &Resource<'a>) -> Option<&'static str> {
        if it.kind.ends_with("external_key") {
            return Some("EXTERNAL");
        }
        match self.scalar(it, "origin") {
            Some("EXTERNAL") => Some("EXTERNAL"),
            Some("AWS_CLOUDHSM") => Some("AWS_CLOUDHSM"),
            Some("EXTERNAL_KEY_STORE") => Some("EXTERNAL_KEY_STORE"),
            _ if it.kind == "aws_kms_key" && self.slot(it, "xks_key_id").is_given() => {
                Some("EXTERNAL_KEY_STORE")
            }
            _ if self.slot(it, "custom_key_store_id").is_given() => Some("AWS_CLOUDHSM"),
            _ => None,
        }
    }

    fn state(&self, it: &Resource<'a>) -> Option<&'a str> {
        let flag = if it.kind == "aws_kms_key" { "is_enabled" } else { "enabled" };
        let is_off = matches!(self.slot(it, flag).knowledge(), Knowledge::Known(at) if at.as_bool() == Some(false));
        let material = self.slot(it, "key_material_base64").knowledge();
        let is_without = it.kind.ends_with("external_key") && matches!(material, Knowledge::Absent);
        match self.scalar(it, "key_state") {
            Some(state) => Some(state),
            None if is_without => Some("PendingImport"),
            None if is_off => Some("Disabled"),
            None => None,
        }
    }

    /// The tags, those of the provider included where the plan has them.
    pub(super) fn tags(&self, it: &Resource<'a>) -> Result<BTreeMap<String, String>, InputError> {
        let all = self.slot(it, "tags_all");
        let has_more = matches!(all.knowledge(), Knowledge::Unknown)
            && self.configuration.has_default_tags(it.block_at);
        if has_more {
            let address = Quoted(&it.address);
            self.note(format!(
                "the default tags of the provider are known after apply and left out of {address}"
            ));
        }
        let slot = if matches!(all.knowledge(), Knowledge::Known(_)) {
            all
        } else {
            self.slot(it, "tags")
        };
        let at = match slot.knowledge() {
            Knowledge::Known(at) => at,
            Knowledge::Unknown if slot.is_set() => {
                self.note(format!(
                    "the tags of {} are known after apply and left out",
                    Quoted(&it.address)
                ));
                return Ok(BTreeMap::new());
            }
            Knowledge::Unknown | Knowledge::Absent => return Ok(BTreeMap::new()),
        };
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
        for (name, _) in slot.flags().into_iter().filter(|(name, _)| !tags.contains_key(*name)) {
            let (name, address) = (Quoted(name), Quoted(&it.address));
            self.note(format!("the tag {name} of {address} is known after apply and left out"));
        }
        Ok(tags)
    }

    /// A key whose `aws_kms_key_policy` goes has a policy afterwards, but not the one that it shows.
    fn lost_policies(&self, earlier: &Attached, keys: &mut Keys) {
        for address in earlier.keys.difference(&self.attached().keys) {
            let resource = self.world.at(address);
            if resource.is_some_and(|it| !self.slot(it, "policy").is_set()) {
                let address = std::slice::from_ref(address);
                let why = "the plan deletes the `aws_kms_key_policy` of this key, and does not say which policy it has then";
                unknown_policies(keys, address, why);
            }
        }
    }

    /// `aws_kms_key_policy` counts in place of what the key itself holds.
    ///
    /// Source: [aws_kms_key_policy](https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/kms_key_policy)
    fn key_policies(&self, keys: &mut Keys) -> Result<(), InputError> {
        for it in self.world.of_kinds(&["aws_kms_key_policy"]) {
            let policy = self.policy(it, "policy")?;
            match self.named_key(it, "key_id")? {
                Named::One(key) => {
                    if let Some(key) = keys.get_mut(&key.address) {
                        key.policy = policy;
                    }
                }
                Named::Elsewhere(text) => self.note(format!(
                    "{} is left out: its key {} is not in the document",
                    Quoted(&it.address),
                    Quoted(&text)
                )),
                Named::OneOf(addresses) => {
                    let why = format!(
                        "{} may be for this key: which one it is for is known after apply",
                        Quoted(&it.address)
                    );
                    unknown_policies(keys, &addresses, &why);
                }
            }
        }
        Ok(())
    }

    fn aliases(&self, keys: &mut Keys) -> Result<(), InputError> {
        for it in self.world.of_kinds(&["aws_kms_alias"]) {
            let name = self.alias_name(it).or_else(|it| it.references().map(|_| None))?;
            let named = self.named_key(it, "target_key_id")?;
            let left_out =
                |why: &str| self.note(format!("{} is left out: {why}", Quoted(&it.address)));
            let may_be_of = match (&name, &named) {
                (None, Named::One(key)) => vec![key.address.clone()],
                (_, Named::OneOf(addresses)) => addresses.clone(),
                _ => Vec::new(),
            };
            for address in may_be_of {
                keys.entry(address).and_modify(|key| key.unknown.extend([Part::Aliases]));
            }
            match (name, named) {
                (None, _) => left_out("its name is known after apply"),
                (Some(name), _) if !Key::is_alias(&name) => {
                    let at = self.slot(it, "name").value.unwrap_or(it.at);
                    return Err(it.wrong(at, "name", "an alias such as `alias/app`"));
                }
                (Some(name), Named::One(key)) => {
                    if let Some(key) = keys.get_mut(&key.address) {
                        key.aliases.push(name);
                    }
                }
                (Some(_), Named::OneOf(_)) => left_out("which key it is for is known after apply"),
                (Some(_), Named::Elsewhere(text)) => {
                    left_out(&format!("its key {} is not in the document", Quoted(&text)));
                }
            }
        }
        Ok(())
    }

    /// The key that an attribute names.
    pub(super) fn named_key(
        &self,
        it: &Resource<'a>,
        attribute: &str,
    ) -> Result<Named<'a>, InputError> {
        let text = self.text(it, attribute, Wanted::Key);
        match text {
            Ok(Some(text)) => Ok(match self.key_by(&text, it) {
                Some(key) => Named::One(key),
                None => self.key_by_alias(&text).map_or(Named::Elsewhere(text), Named::One),
            }),
            Ok(None) => Ok(Named::Elsewhere("(none)".into())),
            Err(lacking) => {
                lacking.references()?;
                Ok(Named::OneOf(self.candidates(it, attribute, KINDS)))
            }
        }
    }

    fn key_by_alias(&self, text: &str) -> Option<&'a Resource<'a>> {
        let name = text.rsplit_once(":alias/").map_or(text, |(_, name)| name);
        let name = format!("alias/{}", name.strip_prefix("alias/").unwrap_or(name));
        let mut aliases = self.world.of_kinds(&["aws_kms_alias"]);
        let is_it = |it: &&Resource<'a>| self.alias_name(it).ok().flatten().as_ref() == Some(&name);
        let alias = aliases.find(is_it).filter(|_| text.contains("alias/"))?;
        let target = self.text(alias, "target_key_id", Wanted::Key).ok().flatten()?;
        self.key_by(&target, alias)
    }

    /// The addresses of what an attribute may name whose value is not known: what its expression
    /// refers to, if it refers to nothing else; otherwise all.
    pub(super) fn candidates(
        &self,
        it: &Resource<'a>,
        attribute: &str,
        kinds: &[&str],
    ) -> Vec<String> {
        use super::configuration::Origin;
        use super::slot::Setting;
        let all = || self.world.of_kinds(kinds).map(|it| it.address.clone()).collect();
        let Setting::Set(expression) = self.slot(it, attribute).setting else { return all() };
        let origins = self.configuration.origins(expression, &it.module);
        let mut found = Vec::new();
        for origin in &origins {
            match origin {
                Origin::Value(_) | Origin::OwnKey => {}
                Origin::Opaque(_) => return all(),
                Origin::Resource(refers) => {
                    let targets = self.targets(it, refers, &origins);
                    if targets.is_empty() || targets.iter().any(|it| !kinds.contains(&&*it.kind)) {
                        return all();
                    }
                    found.extend(targets.into_iter().map(|it| it.address.clone()));
                }
            }
        }
        if found.is_empty() { all() } else { found }
    }
}

/// What an attribute names.
pub(super) enum Named<'a> {
    One(&'a Resource<'a>),
    /// It is known after apply; one of these.
    OneOf(Vec<String>),
    /// It is known, and not in the document.
    Elsewhere(String),
}

/// Makes the policies of keys unknown, where something may change what is allowed on them.
pub(super) fn unknown_policies(keys: &mut Keys, addresses: &[String], why: &str) {
    for address in addresses {
        if let Some(key) = keys.get_mut(address) {
            key.policy = Some(EstatePolicy::Unknown(why.to_owned()));
        }
    }
}

/// `{"key": …, "value": …}`, as the provider `awscc` has them.
fn listed_tag(it: &Resource<'_>, tag: At<'_>) -> Result<(String, String), InputError> {
    let text = |name| tag.as_object()?.get(name)?.as_scalar().map(str::to_owned);
    text("key").zip(text("value")).ok_or_else(|| it.wrong(tag, "tags", "`key` and `value`"))
}

impl<'a> Slot<'a> {
    /// Whether the configuration sets it, or nobody knows.
    fn is_set(self) -> bool {
        !matches!(self.setting, super::slot::Setting::Unset)
    }

    /// Whether it has a value, known or not, that is more than what AWS gives by itself.
    fn is_given(self) -> bool {
        match self.knowledge() {
            Knowledge::Known(at) => at.as_scalar() != Some(""),
            Knowledge::Unknown => self.is_set(),
            Knowledge::Absent => false,
        }
    }

    /// The members that are not known.
    fn flags(self) -> Vec<(&'a str, At<'a>)> {
        let members = self.unknown.and_then(At::as_object).map(Object::members);
        members.into_iter().flatten().filter(|(_, at)| at.as_bool() == Some(true)).collect()
    }
}
