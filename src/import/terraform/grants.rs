//! Grants on keys.

use serde_json::{Map, Value, json};

use super::keys::{Keys, Named};
use super::policy::open_attribute;
use super::resource::Resource;
use super::scene::{Lacking, Scene};
use super::slot::Knowledge;
use super::wanted::Wanted;
use super::whose::Unclear;
use crate::document::{At, InputError};
use crate::environment::{Grantee, Part};
use crate::kms::Action;
use crate::text::Quoted;

impl<'a> Scene<'a> {
    /// Adds the grants to their keys. One that is not known leaves open which grants its key has.
    ///
    /// Source: [aws_kms_grant](https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/kms_grant)
    pub(super) fn grants(&self, keys: &mut Keys) -> Result<(), InputError> {
        let mut unclear = Unclear::default();
        for it in self.world.of_kinds(&["aws_kms_grant"]) {
            match self.named_key(it, "key_id")? {
                Named::One(named) => {
                    let Some(key) = keys.get_mut(&named.address) else { continue };
                    match self.grant(it) {
                        Ok(grant) => key.grants.push(grant.into()),
                        Err((attribute, lacking)) => {
                            key.unknown.insert(Part::Grants);
                            let why =
                                format!(", and so are the grants of {}", Quoted(&named.address));
                            self.note(open_attribute(it, attribute, &why, lacking)?);
                        }
                    }
                }
                Named::OneOf(candidates, references) => {
                    unclear.add(it, "key_id", (candidates, references));
                }
                Named::Elsewhere(text) => self.note(format!(
                    "{} is left out: its key {} is not in the document",
                    Quoted(&it.address),
                    Quoted(&text)
                )),
            }
        }
        self.open_parts(keys, unclear, Part::Grants, "; the grant is left out");
        Ok(())
    }

    /// A grant as an environment file has it, or which attribute is lacking.
    fn grant(&self, it: &Resource<'a>) -> Result<Value, (&'static str, Lacking)> {
        let mut grant = Map::new();
        let attribute = "grantee_principal";
        let grantee = self.grantee(it, attribute).and_then(|grantee| {
            grantee.ok_or_else(|| Lacking::of(format!("{}.{attribute}", it.address)))
        });
        grant.insert("grantee".into(), grantee.map_err(|it| (attribute, it))?.into());
        let operations = self.operations(it).map_err(|it| ("operations", it))?;
        grant.insert("operations".into(), operations.into());
        let attribute = "retiring_principal";
        if let Some(retiring) = self.grantee(it, attribute).map_err(|it| (attribute, it))? {
            grant.insert(attribute.into(), retiring.into());
        }
        if let Some(constraints) = self.constraints(it).map_err(|it| ("constraints", it))? {
            grant.insert("constraints".into(), constraints);
        }
        for (attribute, field) in [("name", "name"), ("grant_id", "id")] {
            if let Some(text) = self.scalar(it, attribute).filter(|text| !text.is_empty()) {
                grant.insert(field.into(), text.into());
            }
        }
        Ok(Value::Object(grant))
    }

    fn grantee(&self, it: &Resource<'a>, attribute: &str) -> Result<Option<String>, Lacking> {
        let named = self.text(it, attribute, Wanted::Grantee)?.filter(|text| !text.is_empty());
        if let Some(named) = &named {
            self.check_grantee(it, attribute, named)?;
        }
        Ok(named)
    }

    fn operations(&self, it: &Resource<'a>) -> Result<Vec<String>, Lacking> {
        let slot = self.slot(it, "operations");
        let operations = self.texts(it, slot, "operations", Wanted::Text)?;
        let is_operation = |text: &String| Action::parse(text).is_ok_and(|action| action.grantable);
        if operations.is_empty() || !operations.iter().all(is_operation) {
            let at = slot.value.unwrap_or(it.at);
            return Err(it.wrong(at, "operations", "grant operations such as `Decrypt`").into());
        }
        Ok(operations)
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
