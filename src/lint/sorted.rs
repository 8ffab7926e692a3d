//! What sort of document it is: a policy of some kind, an environment, or a text around either.

use crate::document::{At, Document, Format, InputError, Object, Source};
use crate::policy::{Kind, Policy};
use crate::text::percent_decoded;

/// What a document is, as far as it can be checked.
#[derive(Debug)]
pub enum Sorted {
    /// A policy.
    Policy {
        /// The document, which may have stood in a string of the one that was given.
        document: Document,
        /// The kind, by what stands in it.
        kind: Kind,
        /// Whether the kind is more than a guess: the AWS CLI prints it, or no other is possible.
        is_certain: bool,
    },
    /// An environment or scenario file.
    Environment(Document),
    /// A resource policy of another service than KMS, or a trust policy.
    Foreign,
    /// Something else.
    Other(Document),
}

/// So many strings are unwrapped at most.
const WRAPPED: usize = 3;

impl Sorted {
    /// Reads a text: JSON, YAML, or a policy in a JSON string or URL-encoded, as APIs of IAM
    /// give it.
    ///
    /// # Errors
    ///
    /// If it is none of these.
    pub fn read(source: std::sync::Arc<Source>) -> Result<Self, InputError> {
        let format = Format::of(&source.name);
        let mut document = match percent_decoded(source.text.trim()) {
            Some(text) => Document::parse(inside(&source, text), Format::Json)?,
            None => Document::parse(source, format)?,
        };
        for _ in 0..WRAPPED {
            let Some(text) = document.root().as_str() else { break };
            let text = percent_decoded(text).unwrap_or_else(|| text.to_owned());
            document = Document::parse(inside(document.source(), text), Format::Json)?;
        }
        Ok(Self::of(document))
    }

    fn of(document: Document) -> Self {
        let root = document.root();
        let Some(object) = root.as_object() else { return Self::Other(document) };
        if !Policy::is_in(&document) {
            let has_keys = object.get("keys").and_then(At::as_object).is_some();
            let extends = object.get("extends").and_then(At::as_str).is_some();
            return if has_keys || extends {
                Self::Environment(document)
            } else {
                Self::Other(document)
            };
        }
        let printed = kind_of_printed(object);
        let guessed = printed.or_else(|| guess(object.get("Statement")));
        match guessed {
            Some((kind, is_certain)) => Self::Policy { document, kind, is_certain },
            None => Self::Foreign,
        }
    }
}

fn inside(source: &std::sync::Arc<Source>, text: String) -> std::sync::Arc<Source> {
    // Lines and columns count within the string.
    let name = source.name.strip_suffix('#').unwrap_or(&source.name);
    Source::new(format!("{name}#"), text)
}

/// The kind of a policy by what the AWS CLI prints around it, and whether that is certain.
///
/// Source: [get-key-policy](https://docs.aws.amazon.com/cli/latest/reference/kms/get-key-policy.html),
/// [describe-policy](https://docs.aws.amazon.com/cli/latest/reference/organizations/describe-policy.html)
fn kind_of_printed(object: Object<'_>) -> Option<(Kind, bool)> {
    if object.get("Statement").is_some() {
        return None;
    }
    let described = object.get("Policy").and_then(At::as_object);
    let summary = described.and_then(|it| it.get("PolicySummary")).and_then(At::as_object);
    let kind = summary.and_then(|it| it.get("Type")).and_then(At::as_str);
    match kind {
        Some("SERVICE_CONTROL_POLICY") => return Some((Kind::ServiceControl, true)),
        Some("RESOURCE_CONTROL_POLICY") => return Some((Kind::ResourceControl, true)),
        Some(_) | None => {}
    }
    let is_of_key = object.get("Policy").is_some();
    Some((if is_of_key { Kind::Key } else { Kind::Identity }, true))
}

/// The kind of a policy by its statements; none if it cannot be one that KMS looks at.
fn guess(statements: Option<At<'_>>) -> Option<(Kind, bool)> {
    let listed = statements.map(At::one_or_many).unwrap_or_default();
    let statements: Vec<Object<'_>> = listed.into_iter().filter_map(At::as_object).collect();
    let has_principal =
        |it: &&Object<'_>| it.get("Principal").is_some() || it.get("NotPrincipal").is_some();
    if !statements.iter().any(|it| has_principal(&it)) {
        return Some((Kind::Identity, false));
    }
    if !statements.iter().any(|it| concerns_kms(*it)) {
        return None;
    }
    let all = |test: fn(Object<'_>) -> bool| statements.iter().all(|it| test(*it));
    Some(match () {
        () if all(|it| is_everyones(it) && has(it, "Effect", "Deny")) => {
            (Kind::ResourceControl, false)
        }
        () if all(|it| is_everyones(it) && !is_of_key_policy(it)) => (Kind::VpcEndpoint, false),
        () => (Kind::Key, false),
    })
}

/// Whether a statement has an action of KMS, or leaves the actions out.
fn concerns_kms(statement: Object<'_>) -> bool {
    let Some(actions) = statement.get("Action") else { return true };
    actions.one_or_many().iter().any(|action| {
        let head = action.as_str().map(|text| text.split(':').next().unwrap_or(text));
        head.is_none_or(|service| service.eq_ignore_ascii_case("kms") || service.contains('*'))
    })
}

fn has(statement: Object<'_>, name: &str, value: &str) -> bool {
    statement.get(name).is_some_and(|it| it.as_str() == Some(value))
}

fn is_everyones(statement: Object<'_>) -> bool {
    let only = |at: At<'_>| at.one_or_many().iter().all(|it| it.as_str() == Some("*"));
    statement.get("Principal").is_some_and(|at| {
        only(at) || at.as_object().is_some_and(|it| it.get("AWS").is_some_and(only))
    })
}

/// A key policy speaks of actions of KMS, and of its key as `*`.
fn is_of_key_policy(statement: Object<'_>) -> bool {
    let only = |name: &str, test: fn(&str) -> bool| {
        let listed = statement.get(name).map(At::one_or_many).unwrap_or_default();
        listed.iter().all(|it| it.as_str().is_none_or(test))
    };
    only("Resource", |text| text == "*")
        && only("Action", |text| text.get(..4).is_some_and(|it| it.eq_ignore_ascii_case("kms:")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(text: &str) -> String {
        match Sorted::read(Source::new("policy.json", text)).unwrap() {
            Sorted::Policy { kind, is_certain, .. } => format!("{} {is_certain}", kind.as_str()),
            Sorted::Environment(_) => "environment".to_owned(),
            Sorted::Foreign => "foreign".to_owned(),
            Sorted::Other(_) => "other".to_owned(),
        }
    }

    #[test]
    fn a_policy_is_of_the_kind_that_its_statements_say() {
        let table = [
            (
                r#"{"Statement": [{"Effect": "Allow", "Action": "kms:*", "Resource": "*"}]}"#,
                "identity policy false",
            ),
            (
                r#"{"Statement": {"Effect": "Allow", "Principal": {"AWS": "123456789012"}, "Action": "kms:*", "Resource": "*"}}"#,
                "key policy false",
            ),
            (
                r#"{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}]}"#,
                "key policy false",
            ),
            (
                r#"{"Statement": [{"Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*"}]}"#,
                "resource control policy false",
            ),
            (
                r#"{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]}"#,
                "VPC endpoint policy false",
            ),
            (
                r#"{"Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]}"#,
                "foreign",
            ),
            (r#"{"Policy": "{\"Statement\": []}", "PolicyName": "default"}"#, "key policy true"),
            (
                r#"{"Policy": {"PolicySummary": {"Type": "SERVICE_CONTROL_POLICY"}, "Content": "{}"}}"#,
                "service control policy true",
            ),
            (
                r#"{"RoleName": "Web", "PolicyName": "kms", "PolicyDocument": {"Statement": []}}"#,
                "identity policy true",
            ),
            (r#"{"keys": {"k": {}}, "account": "123456789012"}"#, "environment"),
            (r#"{"name": "package"}"#, "other"),
            (r#""{\"Statement\": []}""#, "identity policy false"),
            ("%7B%22Statement%22%3A%5B%5D%7D", "identity policy false"),
            (r#""%7B%22Statement%22%3A%5B%5D%7D""#, "identity policy false"),
        ];
        for (text, expected) in table {
            assert_eq!(sorted(text), expected, "{text}");
        }
    }
}
