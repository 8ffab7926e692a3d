//! The policy that an attribute holds, and why it may not be known.

use std::sync::Arc;

use super::configuration::Origin;
use super::resource::Resource;
use super::scene::{Lacking, Scene};
use super::slot::{Knowledge, Setting, Slot, Stage};
use crate::document::{At, Document, Format, InputError, Origin as Made, Source};
use crate::import::EstatePolicy;
use crate::text::{Printable, Quoted, shell_word};

const DOCUMENT: &str = "data.aws_iam_policy_document";

impl<'a> Scene<'a> {
    /// The policy in an attribute of a resource; nothing if it is not set, and AWS has a policy
    /// of its own for that, or none.
    pub(super) fn policy(
        &self,
        it: &Resource<'a>,
        attribute: &str,
    ) -> Result<Option<EstatePolicy>, InputError> {
        let address = format!("{}.{attribute}", it.address);
        if let Some(policy) = self.policies.borrow().get(&address) {
            return Ok(Some(policy.clone()));
        }
        let what = match attribute {
            "policy" | "content" | "key_policy" => "policy".to_owned(),
            other => other.to_owned(),
        };
        let policy = self.policy_in(it, self.slot(it, attribute), &what, Some(attribute))?;
        if let Some(policy) = &policy {
            self.policies.borrow_mut().insert(address, policy.clone());
        }
        Ok(policy)
    }

    /// The policy that a part of a resource holds. `attribute` is what can be assumed for it.
    pub(super) fn policy_in(
        &self,
        it: &Resource<'a>,
        slot: Slot<'a>,
        what: &str,
        attribute: Option<&str>,
    ) -> Result<Option<EstatePolicy>, InputError> {
        let what = format!("{what} of {}", Quoted(&it.address));
        let unknown = |why: &str, references: Vec<String>| {
            let address = attribute.map(|attribute| format!("{}.{attribute}", it.address));
            Ok(Some(EstatePolicy::Unknown(reason(&what, why, &references, address.as_deref()))))
        };
        let expression = match (slot.knowledge(), slot.setting) {
            (Knowledge::Known(at), _) => {
                let named = attribute.zip(at.as_str());
                let named = named.and_then(|(name, text)| self.addressed(it, name, text));
                return match named {
                    Some((target, _)) => self.assumed_document(target, &what),
                    None => self.known_policy(it, at, &what),
                };
            }
            // A plan that has the attribute holds it, be it as unknown or as `null`.
            (Knowledge::Absent, Setting::Unsaid)
                if slot.value.is_some() || slot.stage == Stage::Settled =>
            {
                return Ok(None);
            }
            (Knowledge::Absent, Setting::Unset | Setting::Set(_))
            | (Knowledge::Unknown, Setting::Unset) => return Ok(None),
            (Knowledge::Absent | Knowledge::Unknown, Setting::Unsaid) => {
                let why = ", and nothing says whether the configuration sets it";
                return unknown(why, Vec::new());
            }
            (Knowledge::Unknown, Setting::Set(expression)) => expression,
        };
        let origins = self.configuration.origins(expression, &it.module);
        // What is made of known values alone would be known, unless it is `null`.
        if !origins.is_empty() && origins.iter().all(is_switch) {
            return Ok(None);
        }
        match self.document_in(&origins).map_err(Lacking::references) {
            Ok(Some((document, text))) => {
                if let Some(attribute) = attribute {
                    self.note_alone(&format!("{}.json", document.address), it, attribute);
                }
                Ok(Some(self.document(&what, &text, Made::String(it.at.place()))?))
            }
            Ok(None) => unknown("", self.references(it, expression)),
            Err(references) => unknown("", references?),
        }
    }

    /// The text of the one policy document that an expression is. Whatever else it refers to is
    /// empty, as in `coalesce(var.policy, data.….json)`: another value may choose `null`.
    fn document_in(
        &self,
        origins: &[Origin<'a>],
    ) -> Result<Option<(&'a Resource<'a>, Arc<str>)>, Lacking> {
        let mut documents = Vec::new();
        for origin in origins {
            match origin {
                Origin::OwnKey => {}
                Origin::Value(value) if is_empty(*value) => {}
                Origin::Value(_) | Origin::Opaque(_) => return Ok(None),
                Origin::Resource(refers) => {
                    let is_text = matches!(refers.attribute, None | Some("json" | "minified_json"));
                    documents.push(Some(self.targets(refers, origins)).filter(|_| is_text));
                }
            }
        }
        let [Some(targets)] = documents.as_slice() else { return Ok(None) };
        match &**targets {
            [document] if document.kind == DOCUMENT => {
                self.rendered(document).map(|text| Some((*document, text)))
            }
            _ => Ok(None),
        }
    }

    /// The policy document that was assumed by its address.
    fn assumed_document(
        &self,
        target: &'a Resource<'a>,
        what: &str,
    ) -> Result<Option<EstatePolicy>, InputError> {
        let lacking = if target.kind == DOCUMENT {
            match self.rendered(target) {
                Ok(text) => {
                    return self.document(what, &text, Made::String(target.at.place())).map(Some);
                }
                Err(lacking) => lacking.references()?,
            }
        } else {
            vec![target.address.clone()]
        };
        let address = format!("{}.json", target.address);
        let why = reason(&Quoted(&address).to_string(), "", &lacking, Some(&address));
        Ok(Some(EstatePolicy::Unknown(why)))
    }

    fn known_policy(
        &self,
        it: &Resource<'a>,
        at: At<'a>,
        what: &str,
    ) -> Result<Option<EstatePolicy>, InputError> {
        let text = match at.as_str() {
            Some(text) => text.to_owned(),
            // The provider `awscc` has some policies as objects.
            None if at.as_object().is_some() => at.to_json().to_string(),
            None => return Err(it.wrong(at, "policy", "the text of a policy")),
        };
        match text.trim() {
            "" => Ok(None),
            "default-key-policy" => Ok(Some(EstatePolicy::BuiltIn("default-key-policy"))),
            _ => self.document(what, &text, Made::String(at.place())).map(Some),
        }
    }

    /// A policy by its text, which has to be JSON.
    fn document(&self, what: &str, text: &str, origin: Made) -> Result<EstatePolicy, InputError> {
        let source = Source::made(format!("{}: {what}", self.name), text, origin);
        Document::parse(source.clone(), Format::Json)?;
        Ok(EstatePolicy::Document(source))
    }
}

fn is_empty(value: Option<At<'_>>) -> bool {
    value.is_none_or(|value| value.as_str() == Some(""))
}

/// Whether a value says only whether something is to be set: nothing goes into a policy from it.
fn is_switch(origin: &Origin<'_>) -> bool {
    match origin {
        Origin::Value(value) => {
            is_empty(*value) || value.is_some_and(|value| value.as_bool().is_some())
        }
        Origin::OwnKey | Origin::Opaque(_) | Origin::Resource(_) => false,
    }
}

/// Why a policy is not known, and what would help.
pub(super) fn reason(
    what: &str,
    why: &str,
    references: &[String],
    address: Option<&str>,
) -> String {
    let listed: Vec<String> = references.iter().take(5).map(|it| Quoted(it).to_string()).collect();
    let more = if references.len() > listed.len() { " and more" } else { "" };
    let refers = match listed.as_slice() {
        [] => String::new(),
        listed => format!("; it refers to {}{more}", listed.join(", ")),
    };
    let give = address.map(|address| {
        format!("; give it with --assume {}=…", shell_word(&Printable(address).to_string()))
    });
    format!("{what} is known after apply{why}{refers}{}", give.unwrap_or_default())
}

/// Why an attribute is not known, and what would help. `why` says what follows from it.
pub(super) fn open_attribute(
    it: &Resource<'_>,
    attribute: &str,
    why: &str,
    lacking: Lacking,
) -> Result<String, InputError> {
    let what = format!("{attribute} of {}", Quoted(&it.address));
    let address = format!("{}.{attribute}", it.address);
    Ok(reason(&what, why, &lacking.references()?, Some(&address)))
}
