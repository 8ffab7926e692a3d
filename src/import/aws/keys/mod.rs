//! Keys, and what else the commands of KMS print about them.

mod about;
mod grants;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::owners::{Owner, Stop};
use super::{path, tags, text};
use crate::document::{At, InputError, Object};
use crate::environment::{Key, Part};
use crate::import::sniff::{Found, Kind};
use crate::import::{Estate, EstateKey, EstatePolicy};
use crate::kms::{KeySpec, Origin, Service, Usage};
use crate::request::Account;
use crate::text::{Quoted, did_you_mean};

#[derive(Debug, Default)]
struct Collected {
    key: EstateKey,
    /// Whether `list-grants` was read, to its end.
    has_grants: bool,
    /// The pages of it after which another should come.
    cut_grants: Vec<String>,
    /// Whether `describe-key` was read.
    is_described: bool,
    /// Whether `list-resource-tags` was read, to its end.
    has_tags: bool,
}

/// Keys by ARN.
#[derive(Default)]
pub(super) struct Keys {
    by_arn: BTreeMap<String, Collected>,
    /// The ARNs by key id; a multi-Region key has several.
    by_id: HashMap<String, Vec<String>>,
    /// The ARNs by the files, and the folders with a slash, that they are described in.
    described_in: HashMap<String, BTreeSet<String>>,
    /// The Regions, and the keys, of which `list-aliases` was read to its end.
    with_aliases: BTreeSet<String>,
    notes: Vec<String>,
}

impl Keys {
    pub(super) fn accounts(&self) -> impl Iterator<Item = Account> {
        self.by_arn.keys().filter_map(|arn| Some(Key::parse_arn(arn).ok()?.0))
    }

    /// The Region of all of them, if it is one.
    pub(super) fn only_region(&self) -> Option<String> {
        let mut regions = self.by_arn.keys().filter_map(|arn| Some(Key::parse_arn(arn).ok()?.1));
        let first = regions.next()?;
        regions.all(|region| region == first).then_some(first)
    }

    fn add(&mut self, at: At<'_>) -> Result<&mut Collected, InputError> {
        let arn = at.string()?;
        Key::parse_arn(arn).map_err(|error| at.error(error.to_string()))?;
        Ok(self.named(arn, &at.place().to_string()))
    }

    fn named(&mut self, arn: &str, from: &str) -> &mut Collected {
        if !self.by_arn.contains_key(arn) {
            let id = arn.rsplit('/').next().unwrap_or(arn).to_ascii_lowercase();
            self.by_id.entry(id).or_default().push(arn.to_owned());
        }
        self.by_arn.entry(arn.to_owned()).or_insert_with(|| Collected {
            key: EstateKey {
                arn: Some(arn.to_owned()),
                from: Some(from.to_owned()),
                ..EstateKey::default()
            },
            ..Collected::default()
        })
    }

    /// `describe-key`. Recordings from before 2022 have no `KeySpec`.
    ///
    /// Source: [KeyMetadata](https://docs.aws.amazon.com/kms/latest/APIReference/API_KeyMetadata.html)
    pub(super) fn metadata(&mut self, at: At<'_>) -> Result<(), InputError> {
        let object = at.object()?;
        let one_of = |names: &[&str], known: &[&str]| -> Result<Option<String>, InputError> {
            let Some(at) = names.iter().find_map(|name| object.optional(name)) else {
                return Ok(None);
            };
            let text = at.string()?;
            if known.contains(&text) {
                return Ok(Some(text.to_owned()));
            }
            let help = did_you_mean(text, known.iter().copied());
            Err(at.expected(&format!("one of {}", known.join(", "))).with_help(help))
        };
        let spec = one_of(&["KeySpec", "CustomerMasterKeySpec"], &KeySpec::NAMES)?;
        let usage = one_of(&["KeyUsage"], &Usage::NAMES)?;
        let origin = one_of(&["Origin"], &Origin::NAMES)?;
        let manager = one_of(&["KeyManager"], &["AWS", "CUSTOMER"])?;
        let is_disabled = object.optional("Enabled").and_then(At::as_bool) == Some(false);
        let state = object.optional("KeyState").map(At::string).transpose()?;
        let state = state.or(is_disabled.then_some("Disabled")).map(str::to_owned);
        let regions = object.optional("MultiRegionConfiguration").and_then(At::as_object);
        let regions = regions.and_then(|it| it.optional("MultiRegionKeyType")?.as_str());
        let place = at.place();
        let file = place.source.name.clone();
        for place in [format!("{}/", path::folder(&file)), file] {
            let arn = object.required("Arn")?.string()?.to_owned();
            self.described_in.entry(place).or_default().insert(arn);
        }
        let collected = self.add(object.required("Arn")?)?;
        collected.is_described = true;
        collected.key = EstateKey {
            spec,
            usage,
            origin,
            manager,
            state,
            multi_region: match regions {
                Some("PRIMARY") => Some("primary"),
                Some("REPLICA") => Some("replica"),
                _ => None,
            },
            from: Some(place.to_string()),
            ..std::mem::take(&mut collected.key)
        };
        Ok(())
    }

    /// `list-keys`.
    pub(super) fn listed(&mut self, object: Object<'_>) -> Result<(), InputError> {
        for at in object.required("Keys")?.list()? {
            self.add(at.object()?.required("KeyArn")?)?;
        }
        Ok(())
    }

    /// `list-aliases`. One that no key has says only that the service may make a key.
    ///
    /// Source: [AliasListEntry](https://docs.aws.amazon.com/kms/latest/APIReference/API_AliasListEntry.html)
    pub(super) fn aliases(&mut self, object: Object<'_>) -> Result<(), InputError> {
        let (mut targets, mut place) = (BTreeSet::new(), None);
        for at in object.required("Aliases")?.list()? {
            let entry = at.object()?;
            targets.insert(entry.optional("TargetKeyId").and_then(At::as_str));
            place = entry.optional("AliasArn").and_then(At::as_str).and_then(place_of).or(place);
            let Some(id) = entry.optional("TargetKeyId").map(At::string).transpose()? else {
                continue;
            };
            let at_arn = entry.required("AliasArn")?;
            let alias = at_arn.string()?;
            let name = text(entry, "AliasName")?;
            let (before, _) = alias.split_once(":alias/").ok_or_else(|| {
                at_arn.expected("the ARN of an alias, `arn:aws:kms:REGION:ACCOUNT:alias/NAME`")
            })?;
            let key = format!("{before}:key/{id}");
            Key::parse_arn(&key).map_err(|error| at.error(error.to_string()))?;
            let key = &mut self.named(&key, &at.place().to_string()).key;
            if !key.aliases.iter().any(|it| it == name) {
                key.aliases.push(name.to_owned());
            }
        }
        if is_cut(object) {
            return Ok(());
        }
        // What names one key alone may be what `list-aliases --key-id` prints.
        let only = targets.first().copied().flatten().filter(|_| targets.len() == 1);
        let file = &object.at().source().name;
        let whole = match (place, only) {
            (Some(place), Some(id)) => Some(format!("{place}:key/{id}")),
            (Some(place), None) => Some(place.to_owned()),
            (None, _) => path::key_id(file).or_else(|| path::region(file)).map(str::to_owned),
        };
        self.with_aliases.extend(whole);
        Ok(())
    }

    /// Whether the aliases of a key are all known.
    fn has_aliases(&self, arn: &str, region: &str, id: &str) -> bool {
        let place = place_of(arn).unwrap_or_default();
        [arn, place, region, id].iter().any(|it| self.with_aliases.contains(*it))
    }

    /// What does not say, or not always, which key it is about: a policy, tags, or grants.
    pub(super) fn neighbour(
        &mut self,
        found: &Found,
        owner: Owner,
        region: Option<&str>,
    ) -> Result<(), Stop> {
        let object = found.at().object()?;
        match found.kind {
            Kind::Grants => self.grants(object, found, owner, region),
            Kind::ResourceTags => {
                let tags = tags(object.optional("Tags"), ["TagKey", "TagValue"])?;
                let key = self.about(found, owner, region)?;
                key.has_tags |= !is_cut(object);
                key.key.tags.extend(tags);
                Ok(())
            }
            Kind::KeyPolicy => self.policy(object.required("Policy")?, found, owner, region),
            _ => self.policy(found.at(), found, owner, region),
        }
    }

    fn policy(
        &mut self,
        policy: At<'_>,
        found: &Found,
        owner: Owner,
        region: Option<&str>,
    ) -> Result<(), Stop> {
        let is_guessed = self.is_guessed(&found.source().name);
        let key = self.about(found, owner, region)?;
        let arn = key.key.arn.clone().unwrap_or_default();
        let id = arn.rsplit('/').next().unwrap_or_default();
        let policy = EstatePolicy::read(policy, &format!("policy of the key `{id}`"))?;
        let text = |policy: &EstatePolicy| policy.source().map(|it| it.text.clone());
        match &key.key.policy {
            Some(first) if text(first) == text(&policy) => return Ok(()),
            Some(_) => {
                let message =
                    format!("expected one policy of each key, found another of {}", Quoted(id));
                let error = found.at().error(message);
                return Err(if is_guessed {
                    let help = "nothing in its path says which key has it: put the key id into the name of the file or of its folder";
                    Stop::Unowned(error.with_help(Some(help)))
                } else {
                    Stop::Wrong(error)
                });
            }
            None => key.key.policy = Some(policy),
        }
        if is_guessed {
            self.notes.push(format!(
                "{}: nothing in it or its path says which key has this policy: it is taken to be that of {id}, the only key that is described in its folder",
                found.place()
            ));
        }
        Ok(())
    }

    /// Puts them into an estate.
    pub(super) fn join(mut self, account: Option<Account>, estate: &mut Estate) {
        estate.notes.append(&mut self.notes);
        let (mut without_grants, mut managed) = (Vec::new(), Vec::new());
        for (arn, collected) in std::mem::take(&mut self.by_arn) {
            let Ok((own, region, id)) = Key::parse_arn(&arn) else { continue };
            let unknown = collected.unknown(self.has_aliases(&arn, &region, &id), &id);
            let mut key = EstateKey { unknown, ..collected.key };
            let name = name_of(&key, &region, &id, estate);
            match (collected.has_grants, collected.cut_grants.first()) {
                (true, _) => {}
                (false, Some(page)) => estate.notes.push(format!(
                    "{page}: the list of grants is not whole: what another grant allows is not seen"
                )),
                (false, None) => without_grants.push(name.clone()),
            }
            key.aliases.sort_unstable();
            if key.aliases.iter().any(|it| it.starts_with("alias/aws/")) {
                key.manager = Some("AWS".into());
            }
            if key.policy.is_none() {
                if key.manager.as_deref() == Some("AWS") && service(&key).is_some() {
                    managed.push(name.clone());
                } else {
                    key.policy = Some(EstatePolicy::Unknown(format!(
                        "the policy of {arn} was not collected: `aws kms get-key-policy --key-id {id}`"
                    )));
                }
            }
            if Some(own) == account && Some(&region) == estate.region.as_ref() {
                key.arn = None;
                key.id = Some(id);
            }
            estate.keys.insert(name, key);
        }
        let mut say = |names: &[String], what: &str| {
            if !names.is_empty() {
                estate.notes.push(format!("{what}: {}", listed(names)));
            }
        };
        say(
            &without_grants,
            "grants are not known, so what a grant allows is not seen (`aws kms list-grants` was not collected)",
        );
        say(
            &managed,
            "the policies of AWS managed keys were not collected, and are taken to be as AWS documents them",
        );
    }
}

impl Collected {
    /// What nobody told of the key. Those that AWS manages are all of one kind, without tags.
    ///
    /// Source: [AWS managed keys](https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#aws-managed-key),
    /// [Tags](https://docs.aws.amazon.com/kms/latest/developerguide/tagging-keys.html)
    fn unknown(&self, has_aliases: bool, id: &str) -> BTreeSet<Part> {
        let is_managed = self.key.manager.as_deref() == Some("AWS")
            || self.key.aliases.iter().any(|it| it.starts_with("alias/aws/"));
        let is_told = self.is_described || is_managed;
        let parts = [
            (Part::Aliases, has_aliases || is_managed),
            (Part::Spec, is_told),
            (Part::Usage, is_told),
            (Part::Origin, is_told),
            (Part::MultiRegion, is_told || !id.starts_with("mrk-")),
            (Part::Tags, self.has_tags || is_managed),
            (Part::Grants, self.has_grants),
        ];
        parts.into_iter().filter(|(_, is_known)| !is_known).map(|(part, _)| part).collect()
    }
}

/// Whether another page should follow.
fn is_cut(object: Object<'_>) -> bool {
    object.get("Truncated").and_then(At::as_bool) == Some(true)
}

/// What the ARNs of an account and Region begin with.
fn place_of(arn: &str) -> Option<&str> {
    arn.rsplit_once(":alias/").or_else(|| arn.rsplit_once(":key/")).map(|(place, _)| place)
}

/// The service whose key it is, by its alias.
fn service(key: &EstateKey) -> Option<&str> {
    let service = key.aliases.iter().find_map(|alias| alias.strip_prefix("alias/aws/"))?;
    Service::via(service, "us-east-1").is_ok().then_some(service)
}

/// The alias without `alias/`, with the Region where two have it; else the key id.
fn name_of(key: &EstateKey, region: &str, id: &str, estate: &Estate) -> String {
    let alias = key.aliases.iter().min().and_then(|alias| alias.strip_prefix("alias/"));
    let candidates = [
        alias.map(str::to_owned),
        alias.map(|alias| format!("{alias}-{region}")),
        Some(id.to_owned()),
        Some(format!("{id}-{region}")),
    ];
    let mut free = candidates.into_iter().flatten().filter(|it| !estate.keys.contains_key(it));
    free.next().or_else(|| key.arn.clone()).unwrap_or_default()
}

/// The first names, and how many more there are.
fn listed(names: &[String]) -> String {
    const MOST: usize = 5;
    let told = names.get(..MOST).unwrap_or(names).join(", ");
    match names.len().saturating_sub(MOST) {
        0 => told,
        more => format!("{told} and {more} more"),
    }
}
