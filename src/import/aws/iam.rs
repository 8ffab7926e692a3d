use super::{Collected, holders::Sort, path};
use crate::document::{At, InputError, Object};
use crate::import::sniff::Found;

/// Reads `get-account-authorization-details`, a page of it or all.
///
/// Source: [GetAccountAuthorizationDetails](https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html)
pub(super) fn details(
    collected: &mut Collected,
    object: Object<'_>,
    found: &Found,
) -> Result<(), InputError> {
    let listed = |name| object.optional(name).map(At::list).transpose();
    for at in listed("Policies")?.into_iter().flatten() {
        collected.managed.detail(at)?;
    }
    for (name, sort) in [
        ("GroupDetailList", Sort::Group),
        ("RoleDetailList", Sort::Role),
        ("UserDetailList", Sort::User),
    ] {
        for at in listed(name)?.into_iter().flatten() {
            collected.holders.detail(at, sort)?;
        }
    }
    // The pages of one run lie together, in any order.
    let folder = path::folder(&found.source().name).to_owned();
    let pages = collected.holders.pages.entry(folder).or_default();
    if object.get("IsTruncated").and_then(At::as_bool) == Some(true) {
        pages.cut.push(object.at().place().to_string());
    } else {
        pages.has_last = true;
    }
    Ok(())
}
