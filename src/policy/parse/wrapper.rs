use std::sync::Arc;

use crate::document::{At, Document, Format, InputError, Source};

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
/// [get-policy-version](https://docs.aws.amazon.com/cli/latest/reference/iam/get-policy-version.html)
pub(super) fn unwrap(at: At<'_>) -> Result<Unwrapped<'_>, InputError> {
    let Some(object) = at.as_object() else {
        return Err(not_an_object(at));
    };
    if object.get("Statement").is_some() {
        return Ok(Unwrapped::Here(at));
    }
    let version = object.get("PolicyVersion").and_then(At::as_object);
    if let Some(document) = version.and_then(|version| version.get("Document")) {
        return policy_object(document);
    }
    if let (Some(document), Some(_)) = (object.get("PolicyDocument"), object.get("PolicyName")) {
        return policy_object(document);
    }
    match object.get("Policy") {
        Some(policy) if policy.as_str().is_some() => inside(policy),
        _ => Ok(Unwrapped::Here(at)),
    }
}

fn policy_object(at: At<'_>) -> Result<Unwrapped<'_>, InputError> {
    if at.as_object().is_some() { Ok(Unwrapped::Here(at)) } else { Err(not_an_object(at)) }
}

/// `get-key-policy` prints the policy as a string. Places in it count from its own beginning.
fn inside(at: At<'_>) -> Result<Unwrapped<'_>, InputError> {
    let place = at.place();
    let source = Arc::new(Source {
        name: format!("{}#{}", place.source.name, place.pointer),
        text: at.string()?.to_owned(),
    });
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
