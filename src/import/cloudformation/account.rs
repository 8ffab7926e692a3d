//! Whose stack it is.

use std::collections::BTreeSet;

use super::template::Sections;
use super::{Stack, Template};
use crate::arn::{AccountId, Arn, Partition, is_region};
use crate::document::{At, InputError};
use crate::import::Assumptions;
use crate::request::Account;
use crate::text::Quoted;

/// The Region of stacks that do not say theirs, as for environments.
const REGION: &str = "us-east-1";

pub(super) fn region<'a>(
    template: &'a Template<'_>,
    sections: &Sections<'_>,
    assumptions: &'a Assumptions,
    notes: &mut Vec<String>,
) -> Result<&'a str, InputError> {
    let given = assumptions.values.get("AWS::Region").or(assumptions.region.as_ref());
    let region = template.stack.region.as_deref().or(given.map(String::as_str));
    let Some(region) = region else {
        let place = sections.root.place();
        notes.push(format!(
            "{place}: the Region of the stack is not said, and taken to be {REGION}"
        ));
        return Ok(REGION);
    };
    if is_region(region) {
        return Ok(region);
    }
    let message =
        format!("expected a Region such as `us-east-1` for the stack, found {}", Quoted(region));
    Err(sections.root.error(message))
}

/// The account of the stack, of the user, or else the one account that the key policies name, if
/// nothing asks for the account by a reference.
pub(super) fn account(
    stack: &Stack,
    sections: &Sections<'_>,
    region: &str,
    assumptions: &Assumptions,
    notes: &mut Vec<String>,
) -> Result<Account, InputError> {
    let mut named = named(sections);
    if let Some(id) = stack.account.or(assumptions.account) {
        // A Region that was taken for want of another does not say the partition.
        let is_region_said = is_region_said(stack, assumptions);
        let by_policies = named.iter().find(|(of, _)| *of == id && !is_region_said);
        let of_region = || Partition::of_region(region);
        let found = by_policies.map(|(_, partition)| *partition);
        let partition = assumptions.partition.or(found).unwrap_or_else(of_region);
        return Ok(Account { partition, id });
    }
    let mut is_asked = false;
    every_text(sections.root, &mut |text| is_asked |= text.contains("AWS::AccountId"));
    if is_asked {
        named.clear();
    }
    match (named.first(), named.len()) {
        (Some((id, partition)), 1) => {
            let place = sections.root.place();
            notes.push(format!(
                "{place}: the account of the stack is taken to be {id}, the one that the key policies name"
            ));
            Ok(Account { partition: *partition, id: *id })
        }
        _ => Err(sections
            .root
            .error("expected to know the account of the stack, found nothing that says it")
            .with_help(Some("say it with `--account`"))),
    }
}

/// Whether something says the Region of a stack.
pub(super) fn is_region_said(stack: &Stack, assumptions: &Assumptions) -> bool {
    stack.region.is_some()
        || assumptions.region.is_some()
        || assumptions.values.contains_key("AWS::Region")
}

/// The accounts that the key policies name, each with its partition.
fn named(sections: &Sections<'_>) -> BTreeSet<(AccountId, Partition)> {
    let mut named = BTreeSet::new();
    let keys = sections.resources.values().filter(|it| it.kind.starts_with("AWS::KMS::"));
    for policy in keys.filter_map(|it| it.properties?.get("KeyPolicy")) {
        every_text(policy, &mut |text| {
            let arn = Arn::parse(text).ok();
            named.extend(arn.and_then(|it| Some((it.account_id().ok()?, it.partition))));
        });
    }
    named
}

/// Every text below a place, names and values.
fn every_text(at: At<'_>, visit: &mut dyn FnMut(&str)) {
    if let Some(text) = at.as_str() {
        visit(text);
    }
    for item in at.as_list().into_iter().flatten() {
        every_text(item, visit);
    }
    for (name, value) in at.as_object().into_iter().flat_map(crate::document::Object::members) {
        visit(name);
        every_text(value, visit);
    }
}
