//! What sort of document it is: a policy of some kind, an environment, or a text around either.

use crate::arn::split;
use crate::document::{At, Document, Format, InputError, Object, Origin, Place, Source};
use crate::kms::Action;
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
        let is_json = source.text.trim_start().starts_with(['{', '[', '"']);
        let format = match source.name.rsplit_once('.') {
            // Standard input has no name that says it.
            None if !is_json => Format::Yaml,
            Some(_) | None => Format::of(&source.name),
        };
        let mut document = match percent_decoded(source.text.trim()) {
            Some(text) => Document::parse(inside(Place::start(source), text), Format::Json)?,
            None => Document::parse(source, format)?,
        };
        for _ in 0..WRAPPED {
            let Some(text) = document.root().as_str() else { break };
            let text = percent_decoded(text).unwrap_or_else(|| text.to_owned());
            document = Document::parse(inside(document.root().place(), text), Format::Json)?;
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
        let hint = Hint::of(&document.source().name);
        let guessed = printed.or_else(|| guess(object.get("Statement"), hint));
        match guessed {
            Some((kind, is_certain)) => Self::Policy { document, kind, is_certain },
            None => Self::Foreign,
        }
    }
}

/// The text in a string.
fn inside(string: Place, text: String) -> std::sync::Arc<Source> {
    let name = string.source.name.strip_suffix('#').unwrap_or(&string.source.name);
    Source::made(format!("{name}#"), text, Origin::String(string))
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

/// What the name of a file, or of a folder that it is in, says of the kind of a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hint {
    Key,
    ResourceControl,
    ServiceControl,
    VpcEndpoint,
}

impl Hint {
    /// By the last part of a path that says it, of those that are near.
    fn of(path: &str) -> Option<Self> {
        const NEAR: usize = 3;
        path.rsplit(['/', '\\']).take(NEAR).find_map(Self::of_part)
    }

    fn of_part(part: &str) -> Option<Self> {
        let lower = part.to_ascii_lowercase();
        let plain: String = lower.chars().filter(char::is_ascii_alphanumeric).collect();
        let words: Vec<&str> = lower.split(|c: char| !c.is_ascii_alphanumeric()).collect();
        let has = |names: &[&str]| words.iter().any(|word| names.contains(word));
        match () {
            () if has(&["scp", "scps"]) || plain.contains("servicecontrol") => {
                Some(Self::ServiceControl)
            }
            () if has(&["rcp", "rcps"]) || plain.contains("resourcecontrol") => {
                Some(Self::ResourceControl)
            }
            () if has(&["vpce", "endpoint", "endpoints"]) || plain.contains("vpcendpoint") => {
                Some(Self::VpcEndpoint)
            }
            () if plain.contains("keypolicy") => Some(Self::Key),
            () => None,
        }
    }
}

/// The kind of a policy by its statements, and by what its name says where they leave it open; none
/// if it cannot be one that KMS looks at.
fn guess(statements: Option<At<'_>>, hint: Option<Hint>) -> Option<(Kind, bool)> {
    let listed = statements.map(At::one_or_many).unwrap_or_default();
    let statements: Vec<Object<'_>> = listed.into_iter().filter_map(At::as_object).collect();
    let has_principal =
        |it: &&Object<'_>| it.get("Principal").is_some() || it.get("NotPrincipal").is_some();
    if !statements.iter().any(|it| has_principal(&it)) {
        let is_control = hint == Some(Hint::ServiceControl);
        return Some((if is_control { Kind::ServiceControl } else { Kind::Identity }, false));
    }
    if !statements.iter().any(|it| concerns_kms(*it)) {
        return None;
    }
    let all = |test: fn(Object<'_>) -> bool| statements.iter().all(|it| test(*it));
    let is_for_everyone = all(is_everyones);
    let kind = match hint {
        Some(Hint::Key) => Kind::Key,
        Some(Hint::VpcEndpoint) => Kind::VpcEndpoint,
        _ if is_for_everyone && all(|it| has(it, "Effect", "Deny")) => Kind::ResourceControl,
        _ if is_for_everyone && all(|it| !is_of_key_policy(it)) => Kind::VpcEndpoint,
        _ => Kind::Key,
    };
    Some((kind, false))
}

/// Whether a statement names actions of KMS, or may be about them: by its actions, and not only
/// on resources of other services.
fn concerns_kms(statement: Object<'_>) -> bool {
    let heads = |name: &str| {
        let listed = statement.get(name).map(At::one_or_many).unwrap_or_default();
        listed.into_iter().map(|it| it.as_str().map(|text| text.split(':').next().unwrap_or(text)))
    };
    let is_of_kms = |head: Option<&str>| head.is_none_or(|it| it.eq_ignore_ascii_case("kms"));
    let is_wide = statement.get("Action").is_none()
        || heads("Action").any(|head| head.is_some_and(|it| it.contains('*')));
    heads("Action").any(is_of_kms) || (is_wide && !is_elsewhere(statement))
}

/// Whether every `Resource` of a statement is the ARN of another service than KMS.
fn is_elsewhere(statement: Object<'_>) -> bool {
    let listed = statement.get("Resource").map(At::one_or_many).unwrap_or_default();
    let is_other = |it: &At<'_>| {
        let service = it.as_str().and_then(split).map(|[_, _, service, ..]| service);
        service.is_some_and(|it| it != "kms" && !it.contains(['*', '?', '$']))
    };
    !listed.is_empty() && listed.iter().all(is_other)
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

/// A key policy speaks of actions of KMS that are made with a key, and of its key as `*`.
fn is_of_key_policy(statement: Object<'_>) -> bool {
    let only = |name: &str, test: fn(&str) -> bool| {
        let listed = statement.get(name).map(At::one_or_many).unwrap_or_default();
        listed.iter().all(|it| it.as_str().is_none_or(test))
    };
    only("Resource", |text| text == "*")
        && only("Action", |text| {
            let covered = Action::matching(text);
            text.get(..4).is_some_and(|it| it.eq_ignore_ascii_case("kms:"))
                && (covered.is_empty() || covered.iter().any(|action| action.needs_key()))
        })
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
    fn what_is_about_resources_of_other_services_is_foreign() {
        let bucket = r#""Resource": ["arn:aws:s3:::b/*", "arn:aws:s3:::b"]"#;
        let table = [
            (format!(r#""Principal": {{"AWS": "123456789012"}}, "Action": "*", {bucket}"#), "foreign"),
            (format!(r#""Principal": "*", "NotAction": "s3:Get*", {bucket}"#), "foreign"),
            (
                r#""Principal": "*", "NotAction": "s3:Get*", "Resource": "*""#.to_owned(),
                "key policy false",
            ),
            (
                r#""Principal": "*", "Action": "*", "Resource": ["arn:aws:s3:::b", "arn:aws:kms:*:*:*"]"#
                    .to_owned(),
                "VPC endpoint policy false",
            ),
        ];
        for (members, expected) in table {
            let text = format!(r#"{{"Statement": {{"Effect": "Allow", {members}}}}}"#);
            assert_eq!(sorted(&text), expected, "{text}");
        }
    }

    #[test]
    fn a_name_tells_what_statements_leave_open() {
        let identity = r#"{"Statement": {"Effect": "Deny", "Action": "kms:*", "Resource": "*"}}"#;
        let everyone = r#"{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*"}}"#;
        let listing = everyone.replace("kms:Decrypt", "kms:ListKeys");
        let full = everyone.replace("kms:Decrypt", "*");
        let table = [
            ("a.json", identity, "identity policy"),
            ("deny_scp.json", identity, "service control policy"),
            ("org/ServiceControlPolicies/deny.json", identity, "service control policy"),
            ("scp/tests/identity/of/a.json", identity, "identity policy"),
            ("scp/role.json", everyone, "key policy"),
            ("a.json", everyone, "key policy"),
            ("a.json", &listing, "VPC endpoint policy"),
            ("vpce-kms.json", everyone, "VPC endpoint policy"),
            ("endpoint/kms.json", everyone, "VPC endpoint policy"),
            ("endpoint/key-policy.json", &full, "key policy"),
        ];
        for (name, text, expected) in table {
            let sorted = Sorted::read(Source::new(name, text)).unwrap();
            let Sorted::Policy { kind, is_certain: false, .. } = sorted else { panic!("{name}") };
            assert_eq!(kind.as_str(), expected, "{name}: {text}");
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
