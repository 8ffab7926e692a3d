//! What expressions refer to, and the values that follow from it.

use std::rc::Rc;

use super::address::block_of;
use super::configuration::{Origin, Refers, is_within, joined};
use super::resource::Resource;
use super::scene::{Lacking, Scene};
use super::slot::Knowledge;
use super::wanted::Wanted;
use crate::document::At;
use crate::text::{Printable, Quoted, shell_word};

impl<'a> Scene<'a> {
    /// The values of the references in an expression that are not known, if they are as many as
    /// the values that are wanted, and each can be foreseen.
    ///
    /// A plan has no expressions, only what they refer to. As many references as there are
    /// values is taken to mean that each value is one of them; a note says so.
    pub(super) fn foreseen(
        &self,
        resource: &Resource<'a>,
        expression: At<'a>,
        count: Count,
        wanted: Wanted,
    ) -> Result<Vec<String>, Lacking> {
        let lacking = || Lacking::Unknown(self.references(resource, expression));
        let origins = self.configuration.origins(expression, &resource.module);
        if wanted.may_be_a_part() && is_composed(&origins, count.known) {
            return Err(lacking());
        }
        let mut values = Vec::new();
        let mut taken = Vec::new();
        for origin in &origins {
            let refers = match origin {
                Origin::Value(_) | Origin::OwnKey => continue,
                Origin::Opaque(_) => return Err(lacking()),
                Origin::Resource(refers) => refers,
            };
            let targets = self.targets(refers, &origins);
            if targets.is_empty() {
                return Err(lacking());
            }
            for target in targets.iter() {
                let Some(attribute) = open_attribute(refers, target, wanted) else { continue };
                if !wanted.fits(&target.kind, attribute) || values.len() == count.missing {
                    return Err(lacking());
                }
                values.push(self.foresee(target, attribute)?.ok_or_else(lacking)?);
                taken.push(format!("{}.{attribute}", target.address));
            }
        }
        if values.len() != count.missing {
            return Err(lacking());
        }
        if wanted.is_text() {
            for value in &taken {
                self.note_alone(value, resource, "json");
            }
        }
        Ok(values)
    }

    /// Keeps in mind that a reference is taken for the whole of a value.
    pub(super) fn note_alone(&self, value: &str, it: &Resource<'a>, attribute: &str) {
        if self.noted.borrow_mut().insert(format!("{value} in {}.{attribute}", it.address)) {
            let taken = (value.to_owned(), it.address.clone(), attribute.to_owned());
            self.alone.borrow_mut().push(taken);
        }
    }

    /// Says which references were taken for the whole of a value, in one sentence: every plan has
    /// some.
    pub(super) fn tell_alone(&self) {
        const SHOWN: usize = 3;
        let alone = self.alone.take();
        let Some((_, first, attribute)) = alone.first() else { return };
        let listed = alone.iter().take(SHOWN);
        let listed =
            listed.map(|(value, into, _)| format!("{} in {}", Quoted(value), Quoted(into)));
        let listed: Vec<String> = listed.collect();
        let more = match alone.len().saturating_sub(SHOWN) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let address = format!("{first}.{attribute}");
        self.note(format!(
            "a plan does not show the text around what a value refers to; it is taken that there is none, of {}{more}; if there is some, give the result, as with --assume {}=…",
            listed.join(", "),
            shell_word(&Printable(&address).to_string())
        ));
    }

    /// The resources that a reference is to, or that it may be to.
    pub(super) fn instances(&self, refers: &Refers<'_>) -> Rc<[&'a Resource<'a>]> {
        if let Some(key) = refers.key {
            let exact = format!("{}{key}", joined(&refers.module, &refers.block));
            if let Some(it) = self.world.at(&exact) {
                return Rc::from([it]);
            }
        }
        let place = (refers.module.clone(), refers.block.clone());
        let all = self.here.borrow().get(&place).cloned();
        let all = all.unwrap_or_else(|| {
            let mut here: Vec<&'a Resource<'a>> =
                self.world.instances_at(&joined(&refers.module, &refers.block)).collect();
            if here.is_empty() {
                // A module without a key stands for each of its instances.
                let block = joined(&block_of(&refers.module), &refers.block);
                let all = self.world.instances(&block);
                here.extend(all.filter(|target| is_within(&refers.module, &target.module)));
            }
            let here: Rc<[_]> = here.into();
            self.here.borrow_mut().insert(place, here.clone());
            here
        });
        match refers.key {
            Some(key) => all.iter().filter(|it| it.key() == Some(key)).copied().collect(),
            None => all,
        }
    }

    /// The resources that a reference is to. Without a key it is to all instances. With a key that
    /// is worked out it is to one, and a plan does not tell which: `[each.key]` looks as
    /// `["${each.key}-ro"]` does.
    pub(super) fn targets(
        &self,
        refers: &Refers<'_>,
        origins: &[Origin<'_>],
    ) -> Rc<[&'a Resource<'a>]> {
        let here = self.instances(refers);
        let is_own = origins.iter().any(|origin| matches!(origin, Origin::OwnKey));
        if here.len() > 1 && refers.key.is_none() && is_own { Rc::from([]) } else { here }
    }

    /// What an expression refers to, as a person would write it.
    pub(super) fn references(&self, from: &Resource<'a>, expression: At<'a>) -> Vec<String> {
        let origins = self.configuration.origins(expression, &from.module);
        let mut listed: Vec<String> = Vec::new();
        for origin in origins {
            let text = match origin {
                Origin::Resource(refers) => refers.text(),
                Origin::Opaque(text) => text,
                Origin::Value(_) | Origin::OwnKey => continue,
            };
            if !listed.contains(&text) {
                listed.push(text);
            }
        }
        listed
    }
}

/// How many values of a list are known, and how many are not.
#[derive(Clone, Copy, Debug)]
pub(super) struct Count {
    pub(super) known: usize,
    pub(super) missing: usize,
}

/// Whether more goes into an expression than its values: a variable or key that is joined to
/// what is not known, as in `"${aws_iam_role.app.arn}-${var.suffix}"`.
fn is_composed(origins: &[Origin<'_>], known: usize) -> bool {
    let has_attribute = |origin: &Origin<'_>| matches!(origin, Origin::Resource(refers) if refers.attribute.is_some());
    let has_own_key = origins.iter().any(|origin| matches!(origin, Origin::OwnKey));
    let values = origins.iter().filter(|origin| matches!(origin, Origin::Value(_))).count();
    values > known || (has_own_key && origins.iter().any(has_attribute))
}

/// The attribute that a reference is to, unless its value is known; nothing fits one that is to
/// any.
fn open_attribute<'a>(
    refers: &Refers<'a>,
    target: &Resource<'_>,
    wanted: Wanted,
) -> Option<&'a str> {
    let Some(attribute) = refers.attribute else {
        return Some(wanted.attribute(&target.kind).unwrap_or_default());
    };
    let is_known = matches!(target.slot(attribute).knowledge(), Knowledge::Known(_));
    (!is_known).then_some(attribute)
}
