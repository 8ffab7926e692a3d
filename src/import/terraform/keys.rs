//! Keys with their policies, aliases and grants.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::attachments::Attached;
use super::resource::Resource;
use super::scene::Scene;
use super::slot::{Knowledge, Setting, Slot};
use super::wanted::Wanted;
use super::whose::Unclear;
use crate::document::InputError;
use crate::environment::Part;
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
            if self.home.account(it).is_none() {
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
        let mut given: BTreeMap<String, Vec<Given<'a>>> = BTreeMap::new();
        let mut unclear = Unclear::default();
        for it in self.world.of_kinds(&["aws_kms_key_policy"]) {
            let policy = self.policy(it, "policy")?;
            match self.named_key(it, "key_id")? {
                Named::One(key) => {
                    given.entry(key.address.clone()).or_default().push((&it.address, policy));
                }
                Named::Elsewhere(text) => self.note(format!(
                    "{} is left out: its key {} is not in the document",
                    Quoted(&it.address),
                    Quoted(&text)
                )),
                Named::OneOf(candidates, references) => {
                    unclear.add(it, "key_id", (candidates, references));
                }
            }
        }
        for (address, policies) in given {
            keys.entry(address).and_modify(|key| key.policy = the_only(policies));
        }
        for open in unclear.into_all() {
            unknown_policies(keys, &open.candidates, &open.reason("; it may be this key"));
        }
        Ok(())
    }

    /// Makes a part of keys unknown, which something is known to belong to after apply.
    pub(super) fn open_parts(&self, keys: &mut Keys, unclear: Unclear, part: Part, why: &str) {
        for open in unclear.into_all() {
            for address in open.candidates.iter() {
                if let Some(key) = keys.get_mut(address) {
                    key.unknown.insert(part);
                }
            }
            self.note(open.reason(why));
        }
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
                let references = lacking.references()?;
                Ok(Named::OneOf(self.candidates(it, attribute, KINDS), references))
            }
        }
    }
}

/// What an attribute names.
pub(super) enum Named<'a> {
    One(&'a Resource<'a>),
    /// It is known after apply; one of these, and what says which.
    OneOf(Rc<[String]>, Vec<String>),
    /// It is known, and not in the document.
    Elsewhere(String),
}

/// A policy, and the address of what gives it.
pub(super) type Given<'a> = (&'a String, Option<EstatePolicy>);

/// The policy that several give; they have to give the same, since nobody knows who is the last.
pub(super) fn the_only(given: Vec<Given<'_>>) -> Option<EstatePolicy> {
    let text = |policy: &Option<EstatePolicy>| {
        policy.as_ref().and_then(|it| it.source().map(|source| source.text.clone()))
    };
    let first = given.first().and_then(|(_, policy)| text(policy));
    let is_same = first.is_some() && given.iter().all(|(_, policy)| text(policy) == first);
    if given.len() == 1 || is_same {
        return given.into_iter().next()?.1;
    }
    let names: Vec<String> = given.iter().map(|(name, _)| Quoted(name).to_string()).collect();
    Some(EstatePolicy::Unknown(format!(
        "{} set it, each another: which is applied last is not known",
        names.join(" and ")
    )))
}

/// Makes the policies of keys unknown, where something may change what is allowed on them.
pub(super) fn unknown_policies(keys: &mut Keys, addresses: &[String], why: &str) {
    for address in addresses {
        if let Some(key) = keys.get_mut(address) {
            key.policy = Some(EstatePolicy::Unknown(why.to_owned()));
        }
    }
}

impl Slot<'_> {
    /// Whether the configuration sets it, or nobody knows.
    pub(super) fn is_set(self) -> bool {
        !matches!(self.setting, Setting::Unset)
    }

    /// Whether it has a value, known or not, that is more than what AWS gives by itself.
    fn is_given(self) -> bool {
        match self.knowledge() {
            Knowledge::Known(at) => at.as_scalar() != Some(""),
            Knowledge::Unknown => self.is_set(),
            Knowledge::Absent => false,
        }
    }
}
