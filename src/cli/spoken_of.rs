//! Which keys and Regions the policies of the command line speak of, where it names no key itself.

use std::collections::BTreeSet;

use kms_sim::document::Document;
use kms_sim::environment::{Attached, Key, Question};
use serde_json::Value;

use super::policies::Given;

/// The keys and Regions that policies and grants name.
#[derive(Debug, Default)]
pub(super) struct SpokenOf {
    keys: BTreeSet<String>,
    regions: BTreeSet<String>,
}

impl SpokenOf {
    pub(super) fn by(given: &Given) -> Self {
        let attached = given.identity_policies.iter().chain(&given.session_policies);
        let attached = attached.chain(&given.permissions_boundary);
        let policies = attached.filter_map(Attached::known).chain(given.key_policy.as_deref());
        let mut spoken_of = Self::default();
        for policy in policies {
            spoken_of.keys.extend(policy.keys());
            spoken_of.regions.extend(policy.regions());
        }
        for document in &given.grants {
            spoken_of.keys.extend(keys_of_grants(document));
        }
        spoken_of
    }

    /// That the key of the question is made up, or its Region, and the policies name others.
    pub(super) fn doubt(
        &self,
        key: &Key,
        question: &Question,
        says_region: bool,
    ) -> Option<String> {
        let arn = key.arn();
        if self.keys.contains(&arn) {
            return None;
        }
        let is_named = question.key.as_deref().is_some_and(|it| !it.starts_with("alias/"));
        let same_id = |arn: &&String| arn.ends_with(&format!(":key/{}", key.id));
        let others: Vec<&String> = if is_named {
            self.keys.iter().filter(same_id).filter(|_| !says_region).collect()
        } else {
            self.keys.iter().collect()
        };
        match others.as_slice() {
            [] => self.doubt_of_region(key, says_region),
            [other] => Some(format!(
                "nothing says the ARN of the key: it is taken to be {arn}, and the policies name {other}; if that is the key, ask with `--key {other}`"
            )),
            [first, ..] => Some(format!(
                "nothing says the ARN of the key: it is taken to be {arn}, and the policies name {} others, such as {first}; say which it is with `--key ARN`",
                others.len()
            )),
        }
    }

    fn doubt_of_region(&self, key: &Key, says_region: bool) -> Option<String> {
        let first = self.regions.first().filter(|_| !self.regions.contains(&key.region))?;
        (!says_region).then(|| {
            format!(
                "nothing says the Region: it is taken to be {}, and the policies name {}; say which it is with `--region {first}`",
                key.region,
                self.regions.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
            )
        })
    }
}

/// The key that all the grants are of, if it is one.
pub(super) fn key_of_grants(given: &Given) -> Option<String> {
    let keys: BTreeSet<String> = given.grants.iter().flat_map(keys_of_grants).collect();
    let mut keys = keys.into_iter();
    keys.next().filter(|_| keys.next().is_none())
}

fn keys_of_grants(document: &Document) -> Vec<String> {
    let printed = document.to_json();
    let grants = printed.get("Grants").and_then(Value::as_array).cloned().unwrap_or_default();
    let keys = grants.iter().filter_map(|grant| grant.get("KeyId")?.as_str());
    keys.filter(|key| key.starts_with("arn:")).map(str::to_owned).collect()
}
