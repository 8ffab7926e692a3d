//! Whatever text is read, it is read or refused, with a place that is in it.

use kms_sim::arn::{AccountId, Arn, Partition};
use kms_sim::document::{Document, Format, InputError, Source};
use kms_sim::environment::{Attached, Environment, Key, NoFiles};
use kms_sim::kms::{Action, ConditionKey, Service};
use kms_sim::policy::{Kind, Policy};
use kms_sim::request::{Account, ContextKey, PrincipalName, Rules};
use kms_sim::scenario::{Scenario, Sorted};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value, json};

use super::cases;
use super::generate::{OWN, Scene, scene};

/// What is special in JSON, in YAML, or in the files themselves.
#[rustfmt::skip]
const PIECES: &[&str] = &[
    "{", "}", "[", "]", "\"", "'", ":", ": ", ",", "- ", "? ", "\n", "\r", "\t", " ", "\n  ", "#",
    "|\n", ">-\n", "&a ", "*a", "<<: *a", "!!str ", "!x", "---\n", "...\n", "%YAML 1.2\n",
    "\\u0000", "\\ud800", "\\", "é", "\u{feff}", "\u{2028}", "🔑", "null", "~", "true", "1e999",
    "-0", "0x1", "${", "}", "${aws:username, '", "*", "?", "arn:", "::::::", "kms:", "ForAnyValue:",
    "unknown", "Statement", "PolicyVersion", "cases",
];

const SCENARIO: &str = r#"
title: A scenario
source: https://docs.aws.amazon.com/
account: "111122223333"
groups:
  devs: {identity_policies: [&all FullAWSAccess]}
principals:
  role/Web:
    tags: {team: web}
    identity_policies:
      - *all
      - Version: "2012-10-17"
        Statement:
          Effect: Deny
          Action: [kms:Decrypt, "kms:*Data*"]
          Resource: arn:aws:kms:*:*:key/${aws:PrincipalTag/team}
          Condition: {"ForAnyValue:StringLikeIfExists": {"kms:EncryptionContextKeys": [a*, 'b']}}
  user/deploy: {groups: [devs]}
keys:
  app: {policy: default-key-policy, aliases: [alias/app]}
cases:
  - name: >-
      a folded
      name
    principal: role/Web
    session: {name: s1, mfa: true, tags: {team: ops}}
    action: [kms:Decrypt, kms:Gen*]
    at: 2026-01-01T00:00:00Z
    context: {aws:SourceIp: 10.0.0.1, example:list: [1, true, x], aws:SourceVpc: null}
    encryption_context: {a: b}
    expect: {decision: explicitDeny, denied_by: identity-policy}
"#;

#[derive(Clone, Debug)]
enum Edit {
    Flip(u8),
    Insert(&'static str),
    Remove(usize),
    Repeat(usize),
    Truncate,
}

fn edits() -> impl Strategy<Value = Vec<(Index, Edit)>> {
    let edit = prop_oneof![
        3 => any::<u8>().prop_map(Edit::Flip),
        6 => select(PIECES).prop_map(Edit::Insert),
        3 => (1_usize..20).prop_map(Edit::Remove),
        1 => (1_usize..60).prop_map(Edit::Repeat),
        1 => Just(Edit::Truncate),
    ];
    vec((any::<Index>(), edit), 0..=4)
}

fn edited(text: &str, edits: &[(Index, Edit)]) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    for (at, edit) in edits {
        let at = at.index(bytes.len() + 1);
        let longest = bytes.len();
        let end = |length: &usize| (at + length).min(longest);
        match edit {
            Edit::Flip(bits) => bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= bits),
            Edit::Insert(piece) => drop(bytes.splice(at..at, piece.bytes())),
            Edit::Remove(length) => drop(bytes.drain(at..end(length))),
            Edit::Repeat(length) => {
                let part = bytes[at..end(length)].to_vec();
                drop(bytes.splice(at..at, part));
            }
            Edit::Truncate => bytes.truncate(at),
        }
    }
    bytes
}

/// An environment with a case, as a file.
fn with_case(scene: &Scene) -> Value {
    let mut file = scene.file();
    let question = &scene.question;
    file["cases"] = json!([{
        "principal": question.principal,
        "action": question.action.name,
        "key": question.key,
        "expect": "allowed",
    }]);
    file
}

/// JSON of whatever shape, with names that mean something somewhere.
fn json() -> impl Strategy<Value = Value> {
    #[rustfmt::skip]
    const NAMES: &[&str] = &[
        "Version", "Statement", "Effect", "Principal", "NotPrincipal", "Action", "NotAction",
        "Resource", "Condition", "Sid", "AWS", "Service", "StringLike", "Null", "aws:SourceIp",
        "Policy", "PolicyVersion", "Document", "account", "region", "principals", "groups", "keys",
        "cases", "policy", "unknown", "app", "role/Web", "identity_policies", "tags", "aliases",
        "arn", "principal", "action", "expect", "context", "session", "at",
    ];
    #[rustfmt::skip]
    const TEXTS: &[&str] = &[
        "", "*", "Allow", "Deny", "2012-10-17", "kms:*", "111122223333",
        "arn:aws:iam::111122223333:root", "default-key-policy", "FullAWSAccess", "role/Web",
        "allowed", "é🔑", "alias/app", "true", "{\"Statement\": []}",
    ];
    let leaf = prop_oneof![
        1 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::from),
        1 => any::<f64>().prop_map(Value::from),
        6 => select(TEXTS).prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 40, 4, |inner| {
        prop_oneof![
            1 => vec(inner.clone(), 0..=3).prop_map(Value::from),
            3 => vec((select(NAMES), inner), 0..=4)
                .prop_map(|members| members.into_iter().map(|(name, it)| (name.to_owned(), it)).collect()),
        ]
    })
}

/// The place of an error, which can be shown: it is in the text, and between characters.
fn check(error: &InputError) {
    let place = error.place();
    assert!(place.source.text.get(place.span.clone()).is_some(), "{error} at {:?}", place.span);
    assert!(!error.to_string().is_empty() && place.line() > 0 && place.column() > 0);
}

fn checked<T>(result: Result<T, InputError>) -> Option<T> {
    result.inspect_err(check).ok()
}

/// Reads bytes as everything that a file can be, and runs the cases if it has some.
fn read(bytes: &[u8]) {
    let Some(source) = checked(Source::from_bytes("any", bytes.to_vec())) else {
        return;
    };
    for kind in [Kind::Key, Kind::Identity] {
        checked(Policy::from_json("any", &source.text, kind));
    }
    for format in [Format::Json, Format::Yaml] {
        let Some(document) = checked(Document::parse(source.clone(), format)) else {
            continue;
        };
        for kind in [Kind::Key, Kind::Identity] {
            let policy = checked(Policy::from_document(&document, kind));
            policy.iter().flat_map(Policy::warnings).for_each(check);
            for statement in policy.iter().flat_map(Policy::statements) {
                let place = policy.as_ref().unwrap().place(statement);
                assert!(place.source.text.get(place.span.clone()).is_some(), "{place}");
            }
        }
        checked(Environment::load(&document, &NoFiles, OWN.parse().ok()));
        if let Some(Sorted::Scenario(scenario)) = checked(Scenario::read(&document, &NoFiles)) {
            scenario.warnings().iter().for_each(check);
            for result in scenario.run() {
                result.error.iter().for_each(check);
                serde_json::to_string(&result).unwrap();
            }
        }
    }
}

proptest! {
    #![proptest_config(cases(4))]

    #[test]
    fn json_of_any_shape_is_read_or_refused(value in json()) {
        read(value.to_string().as_bytes());
    }

    #[test]
    fn a_damaged_scenario_is_read_or_refused(edits in edits()) {
        read(&edited(SCENARIO, &edits));
    }
}

proptest! {
    #![proptest_config(cases(2))]

    #[test]
    fn a_damaged_environment_is_read_or_refused(scene in scene(), edits in edits()) {
        let text = serde_json::to_string_pretty(&with_case(&scene)).unwrap();
        read(&edited(&text, &edits));
    }

    #[test]
    fn a_damaged_policy_is_read_or_refused(
        scene in scene(), edits in edits(), is_wrapped in any::<bool>(),
    ) {
        let text = if is_wrapped {
            json!({"Policy": scene.key_policy.to_string()}).to_string()
        } else {
            scene.key_policy.to_string()
        };
        read(&edited(&text, &edits));
    }
}

proptest! {
    #![proptest_config(cases(16))]

    #[test]
    fn bytes_are_read_or_refused(bytes in vec(any::<u8>(), 0..64)) {
        read(&bytes);
        read(String::from_utf8_lossy(&bytes).as_bytes());
    }

    #[test]
    fn pieces_of_syntax_are_read_or_refused(pieces in vec(select(PIECES), 0..16)) {
        read(pieces.concat().as_bytes());
    }

    #[test]
    fn names_are_read_or_refused(text in any::<String>()) {
        names(&text);
    }

    #[test]
    fn names_of_known_pieces_are_read_or_refused(
        pieces in vec(select(NAME_PIECES), 0..10),
    ) {
        names(&pieces.concat());
    }
}

#[rustfmt::skip]
const NAME_PIECES: &[&str] = &[
    "arn:", "aws", "aws-cn", ":", "::", "iam", "sts", "kms", "us-east-1", OWN, "root", "/", "role/",
    "user/", "assumed-role/", "federated-user/", "key/", "alias/", "Web", "*", "é", "s1", ".",
    "amazonaws.com", "AROA", "EXAMPLE12", "Decrypt", "ssm", "aws:PrincipalTag/", " ",
];

/// Reads a text as everything that a name can be; what is read is written the same way.
fn names(text: &str) {
    let account = Account { partition: Partition::Aws, id: OWN.parse().unwrap() };
    if let Ok(name) = PrincipalName::parse(text, None) {
        assert_eq!(name.to_string(), text);
    }
    if let Ok(name) = PrincipalName::parse(text, Some(account)) {
        assert_eq!(PrincipalName::parse(&name.to_string(), None).as_ref(), Ok(&name));
    }
    if let Ok((account, region, id)) = Key::parse_arn(text) {
        let policy = Attached::Unknown("not needed".to_owned());
        if let Ok(key) = Key::new(account, &region, &id, policy) {
            assert_eq!(key.arn(), text);
        }
    }
    if let Ok(arn) = Arn::parse(text) {
        assert!(text.ends_with(arn.resource));
    }
    if let Ok(id) = text.parse::<AccountId>() {
        assert_eq!(id.as_str(), text);
    }
    if let Ok(partition) = text.parse::<Partition>() {
        assert_eq!(partition.as_str(), text);
    }
    if let Ok(rules) = text.parse::<Rules>() {
        assert_eq!(rules.as_str(), text);
    }
    match Action::parse(text) {
        Ok(action) => {
            assert!(action.name.to_ascii_lowercase().ends_with(&text.to_ascii_lowercase()));
        }
        Err(error) => assert!(error.help().is_none_or(|help| !help.is_empty())),
    }
    assert!(ContextKey::new(text).as_str().eq_ignore_ascii_case(text));
    assert!(ConditionKey::find(text).is_none() || text.contains(':'));
    assert!(Action::matching(text).len() <= Action::all().len());
    if let Ok((value, _)) = Service::via(text, "us-east-1") {
        assert!(value.ends_with(".us-east-1.amazonaws.com"));
    }
}
