use super::{Collected, holders::Sort};
use crate::document::{At, InputError, Object};

/// Reads `get-account-authorization-details`, a page of it or all.
///
/// Source: [GetAccountAuthorizationDetails](https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html)
pub(super) fn details(collected: &mut Collected, object: Object<'_>) -> Result<(), InputError> {
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
    if object.get("IsTruncated").and_then(At::as_bool) == Some(true) {
        collected.holders.cut.push(object.at().place().to_string());
    } else {
        collected.holders.cut.pop();
    }
    Ok(())
}
