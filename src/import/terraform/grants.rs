//! Grants on keys.

use serde_json::{Map, Value, json};

use super::keys::{Keys, Named, unknown_policies};
use super::resource::Resource;
use super::scene::{Lacking, Scene};
use super::slot::Knowledge;
use super::wanted::Wanted;
use crate::document::{At, InputError};
use crate::environment::Grantee;
use crate::kms::Action;
use crate::text::Quoted;

impl<'a> Scene<'a> {
    /// Adds the grants to their keys. An environment cannot say that there is a grant that is
    /// not known, so one makes the policy of its key unknown: what it gives may be all that
    /// allows, and the answer has to be open.
    ///
    /// Source: [aws_kms_grant](https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/kms_grant)
    pub(super) fn grants(&self, keys: &mut Keys) -> Result<(), InputError> {
        for it in self.world.of_kinds(&["aws_kms_grant"]) {
            let grant = self.grant(it);
            let addresses = match (self.named_key(it, "key_id")?, &grant) {
                (Named::One(key), Ok(grant)) => {
                    if let Some(key) = keys.get_mut(&key.address) {
                        key.grants.push(grant.clone().into());
                    }
                    continue;
                }
                (Named::One(key), Err(_)) => vec![key.address.clone()],
                (Named::OneOf(addresses), _) => addresses,
                (Named::Elsewhere(text), _) => {
                    let (address, text) = (Quoted(&it.address), Quoted(&text));
                    self.note(format!(
                        "{address} is left out: its key {text} is not in the document"
                    ));
                    continue;
                }
            };
            let references = match grant {
                Ok(_) => Vec::new(),
                Err(lacking) => lacking.references()?,
            };
            let why = if references.is_empty() {
                "; it may be on this key, and may allow what the key policy does not"
            } else {
                "; it may allow what the key policy does not"
            };
            let what = format!("a part of {}", Quoted(&it.address));
            let why = super::policy::reason(&what, why, &references, None);
            unknown_policies(keys, &addresses, &why);
        }
        Ok(())
    }

    /// A grant as an environment file has it.
    fn grant(&self, it: &Resource<'a>) -> Result<Value, Lacking> {
        let mut grant = Map::new();
        let grantee = self.text(it, "grantee_principal", Wanted::Grantee)?;
        let grantee =
            grantee.ok_or_else(|| Lacking::of(format!("{}.grantee_principal", it.address)))?;
        self.check_grantee(it, "grantee_principal", &grantee)?;
        grant.insert("grantee".into(), grantee.into());
        let slot = self.slot(it, "operations");
        let operations = self.texts(it, slot, "operations", Wanted::Other("operations"))?;
        let is_operation = |text: &String| Action::parse(text).is_ok_and(|action| action.grantable);
        if operations.is_empty() || !operations.iter().all(is_operation) {
            let at = slot.value.unwrap_or(it.at);
            return Err(it.wrong(at, "operations", "grant operations such as `Decrypt`").into());
        }
        grant.insert("operations".into(), operations.into());
        if let Some(retiring) = self.text(it, "retiring_principal", Wanted::Grantee)?
            && !retiring.is_empty()
        {
            self.check_grantee(it, "retiring_principal", &retiring)?;
            grant.insert("retiring_principal".into(), retiring.into());
        }
        if let Some(constraints) = self.constraints(it)? {
            grant.insert("constraints".into(), constraints);
        }
        for (attribute, field) in [("name", "name"), ("grant_id", "id")] {
            if let Some(text) = self.scalar(it, attribute).filter(|text| !text.is_empty()) {
                grant.insert(field.into(), text.into());
            }
        }
        Ok(Value::Object(grant))
    }

    fn check_grantee(
        &self,
        it: &Resource<'a>,
        attribute: &str,
        text: &str,
    ) -> Result<(), InputError> {
        match Grantee::parse(text, self.home.account) {
            Ok(_) => Ok(()),
            Err(error) => {
                let at = self.slot(it, attribute).value.unwrap_or(it.at);
                Err(at.error(format!("{error}, as {attribute} of {}", Quoted(&it.address))))
            }
        }
    }

    fn constraints(&self, it: &Resource<'a>) -> Result<Option<Value>, Lacking> {
        let slot = self.slot(it, "constraints");
        let at = match slot.knowledge() {
            Knowledge::Absent => return Ok(None),
            Knowledge::Unknown => return Err(Lacking::of(format!("{}.constraints", it.address))),
            Knowledge::Known(at) => at,
        };
        let is_open = slot.unknown.is_some_and(has_true);
        if is_open {
            return Err(Lacking::of(format!("{}.constraints", it.address)));
        }
        let mut written = Map::new();
        for block in at.one_or_many() {
            let block =
                block.as_object().ok_or_else(|| it.wrong(block, "constraints", "blocks"))?;
            for name in ["encryption_context_equals", "encryption_context_subset"] {
                let Some(pairs) = block.optional(name) else { continue };
                let pairs = pairs.as_object().ok_or_else(|| it.wrong(pairs, name, "an object"))?;
                let text = |(key, at): (&str, At<'a>)| {
                    let value = at.as_scalar().ok_or_else(|| it.wrong(at, name, "strings"))?;
                    Ok((key.to_owned(), json!(value)))
                };
                let pairs = pairs.members().map(text);
                let pairs = pairs.collect::<Result<Map<String, Value>, InputError>>()?;
                if !pairs.is_empty() {
                    written.insert(name.into(), Value::Object(pairs));
                }
            }
        }
        Ok((!written.is_empty()).then_some(Value::Object(written)))
    }
}

/// Whether anything in a mirror of values is marked as unknown.
pub(super) fn has_true(at: At<'_>) -> bool {
    match (at.as_bool(), at.as_list(), at.as_object()) {
        (Some(flag), ..) => flag,
        (_, Some(mut items), _) => items.any(has_true),
        (_, _, Some(object)) => object.members().any(|(_, at)| has_true(at)),
        _ => false,
    }
}
