use super::fields::{self, PRINTED};
use crate::document::{At, Document, Format, InputError, Origin, Source};

/// Where the policy stands.
pub(super) enum Unwrapped<'a> {
    Here(At<'a>),
    /// In a string of the document: a document of its own.
    Inside(Document),
}

/// Finds the policy in what the AWS CLI prints around one.
///
/// Source: [get-key-policy](https://docs.aws.amazon.com/cli/latest/reference/kms/get-key-policy.html),
/// [get-role-policy](https://docs.aws.amazon.com/cli/latest/reference/iam/get-role-policy.html),
/// [get-policy-version](https://docs.aws.amazon.com/cli/latest/reference/iam/get-policy-version.html),
/// [describe-policy](https://docs.aws.amazon.com/cli/latest/reference/organizations/describe-policy.html)
pub(super) fn unwrap(at: At<'_>) -> Result<Unwrapped<'_>, InputError> {
    let Some(object) = at.as_object() else {
        return Err(not_an_object(at));
    };
    if object.get("Statement").is_some() {
        return Ok(Unwrapped::Here(at));
    }
    let Some(printed) = PRINTED.iter().find(|printed| object.get(printed.holder).is_some()) else {
        return Ok(Unwrapped::Here(at));
    };
    let holder = object.required(printed.holder)?;
    if holder.as_object().is_some_and(|policy| policy.get("DefaultVersionId").is_some()) {
        return Err(at.error("expected a policy, found what `aws iam get-policy` prints, which does not have it").with_help(Some(
            "fetch the document with `aws iam get-policy-version --policy-arn … --version-id …`, by its `DefaultVersionId`",
        )));
    }
    object.only(printed.members)?;
    match printed.holder {
        "Policy" => inside(holder),
        "PolicyVersion" => {
            policy_object(holder.object()?.only(fields::POLICY_VERSION)?.required("Document")?)
        }
        _ => policy_object(holder),
    }
}

/// Whether a document is a policy, or what the CLI prints around one.
pub(super) fn is_policy(at: At<'_>) -> bool {
    at.as_object().is_some_and(|object| {
        object.get("Statement").is_some()
            || PRINTED.iter().any(|printed| object.get(printed.holder).is_some())
    })
}

fn policy_object(at: At<'_>) -> Result<Unwrapped<'_>, InputError> {
    if at.as_object().is_some() { Ok(Unwrapped::Here(at)) } else { Err(not_an_object(at)) }
}

/// `get-key-policy` prints the policy as a string, and `describe-policy` of Organizations as one
/// in `Content`. Places in it count from its own beginning.
fn inside(at: At<'_>) -> Result<Unwrapped<'_>, InputError> {
    let described = at.as_object().filter(|it| it.get("Content").is_some());
    if let Some(described) = described {
        return inside(described.only(fields::DESCRIBED)?.required("Content")?);
    }
    if at.as_str().is_none() {
        return Ok(Unwrapped::Here(at));
    }
    let place = at.place();
    let name = format!("{}#{}", place.source.name, place.pointer);
    let source = Source::made(name, at.string()?, Origin::String(place));
    Document::parse(source, Format::Json).map(Unwrapped::Inside)
}

fn not_an_object(at: At<'_>) -> InputError {
    let help = at.as_str().map(|text| match text.trim_start() {
        text if text.starts_with('{') => {
            "this is a policy inside a JSON string: unwrap it, for instance with `jq -r .`"
        }
        text if text.starts_with("%7B") || text.starts_with("%7b") => {
            "this is URL-encoded text: decode it first"
        }
        _ => "a policy document is an object with `Statement`",
    });
    at.expected("a policy, which is an object").with_help(help)
}
