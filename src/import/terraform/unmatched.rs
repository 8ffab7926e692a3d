//! Assumptions that are for nothing in a document.

use super::address::{steps, without_key};
use super::assumed::Assumed;
use super::resource::{Resource, World};
use crate::document::{At, InputError, Object};
use crate::text::{Quoted, did_you_mean};

/// Refuses an assumption for what is not there. One for a value that is known is not needed, and
/// does no harm: the same command serves before and after the first apply.
pub(super) fn check(
    assumed: &Assumed,
    worlds: &[&World<'_>],
    root: At<'_>,
) -> Result<(), InputError> {
    let used = assumed.used.borrow();
    let unused = assumed.addresses().find(|address| {
        !used.contains(*address) && !worlds.iter().any(|world| holds(world, address))
    });
    let Some(address) = unused else { return Ok(()) };
    let candidates: Vec<String> = worlds.iter().flat_map(|world| addresses(world)).collect();
    let near = did_you_mean(address, candidates.iter().map(String::as_str));
    let message = format!(
        "expected the address of a value in the document to assume, found {}",
        Quoted(address)
    );
    Err(root.error(message).with_help(near))
}

fn holds(world: &World<'_>, address: &str) -> bool {
    // `aws_iam_role.app.inline_policy[0].policy` is a part of an attribute.
    let steps = steps(address);
    let resources = (1..steps.len()).rev().map(|at| steps.split_at(at));
    let mut resources = resources.filter_map(|(resource, rest)| {
        let attribute = without_key(rest.first()?);
        Some((world.at(&resource.join("."))?, attribute))
    });
    resources.any(|(it, attribute)| attributes(it).any(|name| name == attribute))
}

fn attributes<'w>(it: &'w Resource<'_>) -> impl Iterator<Item = &'w str> {
    let unknown = it.unknown.and_then(At::as_object);
    let expressions = it.block_at.and_then(|block| block.optional("expressions")?.as_object());
    let objects = [it.values, unknown, expressions].into_iter().flatten();
    objects.flat_map(Object::members).map(|(name, _)| name)
}

/// The values that are not known, of what can be imported.
fn addresses(world: &World<'_>) -> impl Iterator<Item = String> {
    let prefixes = ["aws_kms_", "aws_iam_", "awscc_kms_", "data.aws_iam_", "aws_organizations_"];
    let is_ours =
        move |it: &&Resource<'_>| prefixes.iter().any(|prefix| it.kind.starts_with(prefix));
    let ours = world.resources.iter().filter(is_ours);
    ours.flat_map(|it| attributes(it).map(|name| format!("{}.{name}", it.address)))
}
