//! What `aws kms list-grants` prints.

use serde_json::Value;

use super::super::owners::{Owner, Stop};
use super::{Keys, is_cut};
use crate::document::Object;
use crate::import::EstateGrant;
use crate::import::sniff::Found;

/// The members of a grant that say what it allows; the rest is when it was made.
const OF_GRANT: &[&str] = &[
    "KeyId",
    "GrantId",
    "Name",
    "GranteePrincipal",
    "GranteeServicePrincipal",
    "RetiringPrincipal",
    "RetiringServicePrincipal",
    "IssuingAccount",
    "Operations",
    "Constraints",
];

impl Keys {
    /// `list-grants`; each grant says its key, and an empty list leaves it to the path. Of its
    /// pages, which come in any order, the last ends the list.
    pub(super) fn grants(
        &mut self,
        object: Object<'_>,
        found: &Found,
        owner: Owner,
        region: Option<&str>,
    ) -> Result<(), Stop> {
        let listed = object.required("Grants")?.list()?;
        let cut = is_cut(object).then(|| found.place().to_string());
        if listed.len() == 0 {
            self.about(found, owner, region)?.page(cut.as_ref());
        }
        for at in listed {
            let grant = at.object()?;
            let named = grant
                .optional("KeyId")
                .filter(|at| at.as_str().is_some_and(|text| text.starts_with("arn:")));
            let key = match named {
                Some(at) => self.add(at)?,
                None => self.about(found, owner, region)?,
            };
            key.page(cut.as_ref());
            key.key.grants.push(EstateGrant { written: written(grant), place: Some(at.place()) });
        }
        Ok(())
    }
}

impl super::Collected {
    fn page(&mut self, cut: Option<&String>) {
        match cut {
            Some(page) if self.cut_grants.last() != Some(page) => {
                self.cut_grants.push(page.clone());
            }
            Some(_) => {}
            None => self.has_grants = true,
        }
    }
}

fn written(grant: Object<'_>) -> Value {
    let members = grant.members().filter(|(name, at)| OF_GRANT.contains(name) && !at.is_null());
    Value::Object(members.map(|(name, at)| (name.to_owned(), at.to_json())).collect())
}
