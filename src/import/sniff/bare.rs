//! What `--query` leaves of what a command prints, and what commands print that is of no use.

use super::shapes::{Kind, Sign};
use crate::document::{At, Object};

/// What a document is that lacks what is around it.
pub(super) struct Bare {
    pub(super) kind: Kind,
    /// The member that it should stand in.
    pub(super) member: &'static str,
    /// Whether nothing can have been left out.
    pub(super) is_whole: bool,
}

use Sign::{Each, Has, List, Text};

/// The items of lists. A query may have chosen some, so a list of them need not be whole.
///
/// Source: [Filtering output](https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-filter.html)
const ITEMS: &[(Kind, &str, &[Sign])] = &[
    (Kind::Grants, "Grants", &[Text("GrantId"), List("Operations"), Text("KeyId")]),
    (Kind::Keys, "Keys", &[Text("KeyId"), Text("KeyArn")]),
    (Kind::Aliases, "Aliases", &[Text("AliasName"), Text("AliasArn")]),
];

const METADATA: &[Sign] = &[Text("KeyId"), Text("Arn"), Text("KeyUsage"), Text("KeyState")];

/// What stands at a place, if it can be nothing else.
pub(super) fn of(at: At<'_>) -> Option<Bare> {
    let has = |at: At<'_>, signs: &[Sign]| {
        at.as_object().is_some_and(|object| signs.iter().all(|sign| sign.holds(object)))
    };
    if has(at, METADATA) {
        return Some(Bare { kind: Kind::KeyMetadata, member: "KeyMetadata", is_whole: true });
    }
    let mut items = at.as_list().filter(|items| items.len() > 0)?;
    let (kind, member, _) =
        ITEMS.iter().find(|(.., signs)| items.clone().all(|it| has(it, signs)))?;
    items.next().map(|_| Bare { kind: *kind, member, is_whole: false })
}

const ALL_IN_ONE: &str =
    "it has no policies; `aws iam get-account-authorization-details` has them all";

/// By the members, what to do instead.
const HINTS: &[(&[Sign], &str)] = &[
    (
        &[Text("RoleName"), Text("Arn")],
        "this is a part of what `aws iam get-role` prints: leave out `--query`",
    ),
    (
        &[Text("UserName"), Text("Arn")],
        "this is a part of what `aws iam get-user` prints: leave out `--query`",
    ),
    (
        &[Text("GroupName"), Text("Arn")],
        "this is a part of what `aws iam get-group` prints: leave out `--query`",
    ),
    (
        &[Text("PolicyArn")],
        "this is a part of what `aws iam list-attached-role-policies` prints: leave out `--query`",
    ),
    (
        &[Text("VersionId"), Has("Document")],
        "this is a part of what `aws iam get-policy-version` prints: leave out `--query`",
    ),
    (
        &[Text("Arn"), Text("DefaultVersionId")],
        "this is a part of what `aws iam get-policy` prints: leave out `--query`",
    ),
    (
        &[Text("Id"), Text("MasterAccountId")],
        "this is a part of what `aws organizations describe-organization` prints: leave out `--query`",
    ),
    (
        &[Text("TagKey"), Has("TagValue")],
        "this is a part of what `aws kms list-resource-tags` prints: leave out `--query`",
    ),
    (
        &[Text("GrantId")],
        "this is a part of what `aws kms list-grants` prints: leave out `--query`",
    ),
    (
        &[Text("AliasName")],
        "this is a part of what `aws kms list-aliases` prints: leave out `--query`",
    ),
    (&[List("Roles")], ALL_IN_ONE),
    (&[List("Users")], ALL_IN_ONE),
    (&[Each("Policies", "AttachmentCount")], ALL_IN_ONE),
    (
        &[Each("Policies", "AwsManaged")],
        "it does not say what they are attached to: the script that `kms-sim import aws --print-collector` prints keeps that",
    ),
    (
        &[List("Parents")],
        "it does not say of what: the script that `kms-sim import aws --print-collector` prints keeps that",
    ),
    (&[List("Versions")], "it has no documents; `aws iam get-policy-version` has one"),
    (&[Has("KeyRotationEnabled")], "it says nothing of access"),
    (&[List("EvaluationResults")], "it has no policies, but what AWS makes of them"),
];

/// What to do about a document that is not known.
pub(super) fn hint(object: Object<'_>) -> Option<&'static str> {
    let holds = |signs: &[Sign]| signs.iter().all(|sign| sign.holds(object));
    HINTS.iter().find(|(signs, _)| holds(signs)).map(|(_, hint)| *hint)
}
