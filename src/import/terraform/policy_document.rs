//! What `aws_iam_policy_document` makes of its arguments, where a plan has only these.
//!
//! Source: [aws_iam_policy_document](https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document)

use std::sync::Arc;

use serde_json::{Map, Value};

use super::merge::Merged;
use super::resource::Resource;
use super::scene::{Lacking, Scene};
use super::slot::{Knowledge, Setting, Slot, constant};
use super::wanted::Wanted;
use crate::document::{At, Object};
use crate::kms::Action;
use crate::wildcard::{Pattern, Token};

/// The version of documents that do not say theirs.
const VERSION: &str = "2012-10-17";

/// What stands for the resource of a statement that does not concern KMS.
const ELSEWHERE: &str = "arn:aws:s3:::known-after-apply";

/// The condition keys of an operator, each with its values.
type Variables = Vec<(String, Vec<String>)>;

impl<'a> Scene<'a> {
    /// The JSON of a policy document, as the data source will make it.
    pub(super) fn rendered(&self, it: &Resource<'a>) -> Result<Arc<str>, Lacking> {
        for attribute in ["json", "minified_json"] {
            if let Knowledge::Known(at) = self.slot(it, attribute).knowledge() {
                let text = at.as_str().ok_or_else(|| it.wrong(at, attribute, "a string"))?;
                return Ok(text.into());
            }
        }
        if let Some(rendered) = self.rendered.borrow().get(&it.address) {
            return rendered.clone().map_err(Lacking::Unknown);
        }
        let own = || Lacking::of(format!("{}.json", it.address));
        // A document that rests on itself, through whatever, is none.
        self.rendered.borrow_mut().insert(it.address.clone(), Err(vec![it.address.clone()]));
        let rendered = if it.values.is_some() { self.render(it) } else { Err(own()) };
        let rendered = match rendered {
            Ok(value) => Ok(Arc::from(format!("{value:#}"))),
            Err(Lacking::Unknown(references)) if references.is_empty() => {
                Err(vec![format!("{}.json", it.address)])
            }
            Err(lacking) => Err(lacking.references()?),
        };
        self.rendered.borrow_mut().insert(it.address.clone(), rendered.clone());
        rendered.map_err(Lacking::Unknown)
    }

    fn render(&self, it: &Resource<'a>) -> Result<Value, Lacking> {
        let mut merged = Merged::default();
        for attribute in ["source_json", "source_policy_documents"] {
            self.merge_all(it, attribute, &mut merged)?;
        }
        let version = self.text(it, "version", Wanted::Text)?;
        let version = version.unwrap_or_else(|| VERSION.into());
        let id = self.text(it, "policy_id", Wanted::Text)?;
        merged.head(Some(&version), id.as_deref());
        let slot = self.slot(it, "statement");
        if matches!(slot.knowledge(), Knowledge::Unknown) {
            return Err(Lacking::of(format!("{}.statement", it.address)));
        }
        for statement in statements(slot) {
            merged.statement(self.statement(it, statement)?);
        }
        for attribute in ["override_json", "override_policy_documents"] {
            self.merge_all(it, attribute, &mut merged)?;
        }
        Ok(merged.into_value())
    }

    fn merge_all(
        &self,
        it: &Resource<'a>,
        attribute: &str,
        merged: &mut Merged,
    ) -> Result<(), Lacking> {
        let slot = self.slot(it, attribute);
        for text in self.texts(it, slot, attribute, Wanted::Document)? {
            if !text.trim().is_empty() {
                let value: Value = serde_json::from_str(&text).map_err(|error| {
                    let at = slot.value.unwrap_or(it.at);
                    it.wrong(at, attribute, &format!("JSON ({error})"))
                })?;
                merged.document(&value);
            }
        }
        Ok(())
    }

    fn statement(&self, it: &Resource<'a>, slot: Slot<'a>) -> Result<Value, Lacking> {
        let list = |name: &str, wanted| self.texts(it, slot.member(name), name, wanted);
        let actions = list("actions", Wanted::Text)?;
        let not_actions = list("not_actions", Wanted::Text)?;
        let is_elsewhere = not_actions.is_empty() && !actions.iter().any(|it| concerns_kms(it));
        let mut written = Map::new();
        let sid = self.scalar_in(it, slot.member("sid"))?;
        if let Some(sid) = sid.filter(|sid| !sid.is_empty()) {
            written.insert("Sid".into(), sid.into());
        }
        let effect = self.scalar_in(it, slot.member("effect"))?;
        written.insert("Effect".into(), effect.unwrap_or_else(|| "Allow".into()).into());
        insert(&mut written, "Action", actions);
        insert(&mut written, "NotAction", not_actions);
        for (name, element) in [("resources", "Resource"), ("not_resources", "NotResource")] {
            let texts = match list(name, Wanted::Resource) {
                Err(Lacking::Unknown(_)) if is_elsewhere => vec![ELSEWHERE.to_owned()],
                texts => texts?,
            };
            insert(&mut written, element, texts.iter().map(|text| with_variables(text)).collect());
        }
        for (name, element) in [("principals", "Principal"), ("not_principals", "NotPrincipal")] {
            if let Some(principals) = self.principal_element(it, slot.member(name), name)? {
                written.insert(element.into(), principals);
            }
        }
        let conditions = match self.condition_element(it, slot.member("condition")) {
            Err(Lacking::Unknown(_)) if is_elsewhere => {
                let never = Value::from_iter([("aws:PrincipalAccount", "known after apply")]);
                Some(Value::from_iter([("StringEquals", never)]))
            }
            conditions => conditions?,
        };
        if let Some(conditions) = conditions {
            written.insert("Condition".into(), conditions);
        }
        Ok(Value::Object(written))
    }

    /// A text that stands for itself.
    fn scalar_in(&self, it: &Resource<'a>, slot: Slot<'a>) -> Result<Option<String>, Lacking> {
        match slot.knowledge() {
            Knowledge::Absent => Ok(None),
            Knowledge::Known(at) => {
                Ok(Some(at.as_str().ok_or_else(|| it.wrong(at, "a part", "a string"))?.to_owned()))
            }
            Knowledge::Unknown => match slot.setting {
                Setting::Set(at) => Err(Lacking::Unknown(self.references(it, at))),
                Setting::Unset | Setting::Unsaid => Err(Lacking::Unknown(Vec::new())),
            },
        }
    }

    /// `"*"`, or the principals by their types.
    fn principal_element(
        &self,
        it: &Resource<'a>,
        slot: Slot<'a>,
        what: &str,
    ) -> Result<Option<Value>, Lacking> {
        self.check_known(it, slot)?;
        let mut by_type: Vec<(String, Vec<String>)> = Vec::new();
        for block in slot.blocks(&|value, written| is_same(value, written, &["type"])) {
            let Some(kind) = self.scalar_in(it, block.member("type"))? else { continue };
            let texts = self.texts(it, block.member("identifiers"), what, Wanted::Principal)?;
            let texts = texts.iter().map(|text| with_variables(text));
            match by_type.iter_mut().find(|(listed, _)| *listed == kind) {
                Some((_, listed)) => listed.extend(texts),
                None => by_type.push((kind, texts.collect())),
            }
        }
        Ok(match by_type.as_slice() {
            [] => None,
            [(kind, texts)] if kind == "*" && *texts == ["*"] => Some("*".into()),
            _ => {
                let mut written = Map::new();
                for (kind, texts) in by_type {
                    insert(&mut written, &kind, texts);
                }
                Some(Value::Object(written))
            }
        })
    }

    fn condition_element(
        &self,
        it: &Resource<'a>,
        slot: Slot<'a>,
    ) -> Result<Option<Value>, Lacking> {
        self.check_known(it, slot)?;
        let mut found: Vec<(String, Variables)> = Vec::new();
        for block in slot.blocks(&|value, written| is_same(value, written, &["test", "variable"])) {
            let part = |name| self.scalar_in(it, block.member(name));
            let (Some(test), Some(variable)) = (part("test")?, part("variable")?) else { continue };
            let wanted = match is_exact(&test) {
                true if variable.eq_ignore_ascii_case("aws:PrincipalArn") => Wanted::PrincipalArn,
                true => Wanted::ConditionValue,
                false => Wanted::Text,
            };
            let values = self.texts(it, block.member("values"), "condition", wanted)?;
            let values = values.iter().map(|text| with_variables(text));
            let index = found.iter().position(|(listed, _)| *listed == test).unwrap_or_else(|| {
                found.push((test, Vec::new()));
                found.len() - 1
            });
            let Some((_, variables)) = found.get_mut(index) else { continue };
            match variables.iter_mut().find(|(listed, _)| *listed == variable) {
                Some((_, listed)) => listed.extend(values),
                None => variables.push((variable, values.collect())),
            }
        }
        let operator = |(test, variables): (String, Variables)| {
            let variable = |(name, values): (String, Vec<String>)| (name, one_or_many(values));
            (test, Value::Object(variables.into_iter().map(variable).collect()))
        };
        let written: Map<String, Value> = found.into_iter().map(operator).collect();
        Ok((!written.is_empty()).then_some(Value::Object(written)))
    }

    fn check_known(&self, it: &Resource<'a>, slot: Slot<'a>) -> Result<(), Lacking> {
        match (slot.knowledge(), slot.setting) {
            (Knowledge::Unknown, Setting::Set(at)) => {
                Err(Lacking::Unknown(self.references(it, at)))
            }
            (Knowledge::Unknown, _) => Err(Lacking::Unknown(Vec::new())),
            (Knowledge::Absent | Knowledge::Known(_), _) => Ok(()),
        }
    }
}

/// The statements. They are in the order of the configuration, which does not list those of
/// `dynamic` blocks: where the counts differ, none has its expressions.
fn statements<'a>(slot: Slot<'a>) -> Vec<Slot<'a>> {
    let nth = |at: Option<At<'a>>, index| at.and_then(At::as_list)?.nth(index);
    let blocks = slot.blocks(&|_, _| false);
    let listed = match slot.setting {
        Setting::Set(at) => at.as_list().map(Iterator::collect::<Vec<_>>),
        Setting::Unset | Setting::Unsaid => None,
    };
    let listed = listed.filter(|listed| listed.len() == blocks.len()).unwrap_or_default();
    let with_expressions = |(index, block): (usize, Slot<'a>)| Slot {
        setting: listed.get(index).map_or(Setting::Unsaid, |at| Setting::Set(*at)),
        unknown: nth(slot.unknown, index),
        ..block
    };
    blocks.into_iter().enumerate().map(with_expressions).collect()
}

/// Whether a block of a plan is a block of the configuration, by the texts that tell blocks apart.
fn is_same(value: At<'_>, written: Object<'_>, names: &[&str]) -> bool {
    let planned = |name| value.as_object()?.get(name)?.as_str();
    let configured = |name| constant(written.get(name)?)?.as_str();
    names.iter().all(|name| planned(name).is_some() && planned(name) == configured(name))
}

/// Whether a pattern of actions may match what is ever asked of KMS.
fn concerns_kms(action: &str) -> bool {
    let action = action.to_ascii_lowercase();
    let pattern = Pattern::from_tokens(action.chars().map(Token::of));
    Action::all().iter().any(|known| pattern.matches(&known.name.to_ascii_lowercase()))
        || action.split_once(':').is_none_or(|(service, _)| service.contains(['*', '?']))
}

/// Whether an operator compares whole texts without wildcards.
fn is_exact(test: &str) -> bool {
    let bare = test.rsplit(':').next().unwrap_or_default();
    let bare = bare.strip_suffix("IfExists").unwrap_or(bare);
    matches!(
        bare,
        "StringEquals" | "StringNotEquals" | "StringEqualsIgnoreCase" | "StringNotEqualsIgnoreCase"
    )
}

/// `&{aws:username}` is how Terraform's language writes `${aws:username}`.
fn with_variables(text: &str) -> String {
    text.replace("&{", "${")
}

/// Adds a list, as the provider sorts it.
fn insert(written: &mut Map<String, Value>, name: &str, mut texts: Vec<String>) {
    texts.sort_unstable_by(|a, b| b.cmp(a));
    texts.dedup();
    if !texts.is_empty() {
        written.insert(name.into(), one_or_many(texts));
    }
}

/// A list of one is the one.
fn one_or_many(mut texts: Vec<String>) -> Value {
    match texts.as_slice() {
        [_] => texts.pop().into(),
        _ => texts.into(),
    }
}
