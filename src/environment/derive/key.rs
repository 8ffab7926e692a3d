use super::Derived;
use crate::environment::target::Target;
use crate::environment::{Key, Knowledge, MultiRegion, Part, Question};
use crate::request::Entry;

impl Derived {
    pub(super) fn of_key(&mut self, target: &Target<'_>, question: &Question) {
        let key = target.key;
        let open = || key.unknown.iter().flat_map(|part| keys_of(*part)).copied();
        let is_open = |name: &str| open().any(|it| it == name);
        for (name, value) in key_properties(key).into_iter().filter(|(name, _)| !is_open(name)) {
            match key.knowledge {
                Knowledge::Described => self.value(name, value),
                Knowledge::Assumed => self.assume(name, value),
            }
        }
        if key.knowledge == Knowledge::Described {
            if !key.unknown.contains(&Part::Tags) {
                self.context.settle("aws:ResourceTag/");
            }
            if !key.unknown.contains(&Part::MultiRegion) {
                self.multi_region_key_type(key);
            }
            self.absent(if is_open(ALIASES) { &[] } else { &[ALIASES] });
        }
        for (tag, value) in &key.tags {
            self.value(&format!("aws:ResourceTag/{tag}"), value.as_str());
        }
        if !key.aliases.is_empty() && !is_open(ALIASES) {
            self.set(ALIASES, Entry::Values(key.aliases.clone()));
        }
        open().for_each(|name| self.context.leave_open(name));
        match target.alias.filter(|_| !question.leaves_key_to_ciphertext()) {
            Some(alias) => self.value("kms:RequestAlias", alias),
            None => self.absent(&["kms:RequestAlias"]),
        }
    }

    fn multi_region_key_type(&mut self, key: &Key) {
        match key.multi_region {
            Some(MultiRegion::Primary) => self.value("kms:MultiRegionKeyType", "PRIMARY"),
            Some(MultiRegion::Replica) => self.value("kms:MultiRegionKeyType", "REPLICA"),
            None if is_multi_region(key) => {}
            None => self.absent(&["kms:MultiRegionKeyType"]),
        }
    }
}

const ALIASES: &str = "kms:ResourceAliases";

/// The condition keys that tell of a part of a key, or what their names begin with.
fn keys_of(part: Part) -> &'static [&'static str] {
    match part {
        Part::Aliases => &[ALIASES],
        Part::Spec => &["kms:KeySpec", "kms:CustomerMasterKeySpec", "kms:EncryptionAlgorithm"],
        Part::Usage => &["kms:KeyUsage", "kms:CustomerMasterKeyUsage"],
        Part::Origin => &["kms:KeyOrigin"],
        Part::MultiRegion => &["kms:MultiRegion", "kms:MultiRegionKeyType"],
        Part::Tags => &["aws:ResourceTag/"],
        // No condition reads them.
        Part::Grants => &[],
    }
}

/// What a key is, as condition keys see it.
fn key_properties(key: &Key) -> Vec<(&'static str, &str)> {
    let multi_region = if is_multi_region(key) { "true" } else { "false" };
    let symmetric = (key.spec == "SYMMETRIC_DEFAULT")
        .then_some(("kms:EncryptionAlgorithm", "SYMMETRIC_DEFAULT"));
    [
        ("kms:KeySpec", key.spec.as_str()),
        ("kms:CustomerMasterKeySpec", key.spec.as_str()),
        ("kms:KeyUsage", key.usage.as_str()),
        ("kms:CustomerMasterKeyUsage", key.usage.as_str()),
        ("kms:KeyOrigin", key.origin.as_str()),
        ("kms:MultiRegion", multi_region),
    ]
    .into_iter()
    .chain(symmetric)
    .collect()
}

fn is_multi_region(key: &Key) -> bool {
    key.multi_region.is_some() || key.id.starts_with("mrk-")
}
