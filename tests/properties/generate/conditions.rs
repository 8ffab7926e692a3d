//! Conditions of every operator family, and contexts that they may hold for.

use kms_sim::policy::Kind;
use kms_sim::request::Entry;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Map, Value, json};

/// Operators, what policies hold against them, and what requests carry.
#[derive(Debug)]
struct Family {
    operators: &'static [&'static str],
    policy_values: &'static [&'static str],
    request_values: &'static [&'static str],
}

const TEXT: Family = Family {
    operators: &[
        "StringEquals",
        "StringNotEquals",
        "StringEqualsIgnoreCase",
        "StringNotEqualsIgnoreCase",
        "StringLike",
        "StringNotLike",
    ],
    policy_values: &[
        "web",
        "WEB",
        "ops",
        "w*",
        "?eb",
        "",
        "*",
        "${*}",
        "${aws:username}",
        "${aws:PrincipalTag/team}",
        "${aws:PrincipalTag/team, 'ops'}*",
        "${aws:PrincipalTag/star}",
        "${example:text}",
        "app",
        "alias/app",
        "111122223333",
        "ssm.us-east-1.amazonaws.com",
    ],
    request_values: &["web", "WEB", "ops", "", "*", "app", "deploy", "ssm.us-east-1.amazonaws.com"],
};
const BOOL: Family = Family {
    operators: &["Bool"],
    policy_values: &["true", "false", "TRUE", "yes"],
    request_values: &["true", "false", "yes"],
};
const NUMBER: Family = Family {
    operators: &[
        "NumericEquals",
        "NumericNotEquals",
        "NumericLessThan",
        "NumericLessThanEquals",
        "NumericGreaterThan",
        "NumericGreaterThanEquals",
    ],
    policy_values: &["5", "1e1", "-0.5", "ten"],
    request_values: &["5", "10", "5.0", "ten"],
};
// IAM refuses an identity policy with a date that is none.
const DATE: Family = Family {
    operators: &[
        "DateEquals",
        "DateNotEquals",
        "DateLessThan",
        "DateLessThanEquals",
        "DateGreaterThan",
        "DateGreaterThanEquals",
    ],
    policy_values: &["2026-01-01T00:00:00Z", "2025", "1767225600"],
    request_values: &["2026-01-01T00:00:00Z", "2024-06-01", "soon"],
};
const ADDRESS: Family = Family {
    operators: &["IpAddress", "NotIpAddress"],
    policy_values: &["10.0.0.0/8", "10.1.2.3", "2001:db8::/32", "nowhere"],
    request_values: &["10.1.2.3", "192.0.2.1", "2001:db8::1", "nowhere"],
};
const ARN: Family = Family {
    operators: &["ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"],
    policy_values: &[
        "arn:aws:iam::111122223333:role/*",
        "arn:aws:iam::*:role/Web",
        "arn:aws:iam::${kms:CallerAccount}:*",
        "arn:*:*:*:*:*",
        "web",
    ],
    request_values: &["arn:aws:iam::111122223333:role/Web", "arn:aws:s3:::bucket/a:b", "web"],
};
const BINARY: Family = Family {
    operators: &["BinaryEquals"],
    policy_values: &["d2Vi", "d2U=", "!"],
    request_values: &["d2Vi", "d2U", "!"],
};
const NULL: Family =
    Family { operators: &["Null"], policy_values: &["true", "false"], request_values: &["web"] };
const FAMILIES: &[&Family] = &[&TEXT, &BOOL, &NUMBER, &DATE, &ADDRESS, &ARN, &BINARY, &NULL];

/// Those from the second list on may stand in an identity policy only.
const KEYS: &[(&str, &Family)] = &[
    ("aws:PrincipalTag/team", &TEXT),
    ("aws:PrincipalTag/none", &TEXT),
    ("AWS:username", &TEXT),
    ("aws:SourceVpc", &TEXT),
    ("kms:ViaService", &TEXT),
    ("kms:CallerAccount", &TEXT),
    ("kms:EncryptionContext:app", &TEXT),
    ("kms:EncryptionContextKeys", &TEXT),
    ("kms:GrantOperations", &TEXT),
    ("kms:RequestAlias", &TEXT),
    ("kms:KeySpec", &TEXT),
    ("example:text", &TEXT),
    ("aws:MultiFactorAuthPresent", &BOOL),
    ("kms:GrantIsForAWSResource", &BOOL),
    ("aws:ViaAWSService", &BOOL),
    ("aws:MultiFactorAuthAge", &NUMBER),
    ("aws:CurrentTime", &DATE),
    ("aws:TokenIssueTime", &DATE),
    ("aws:SourceIp", &ADDRESS),
    ("aws:PrincipalArn", &ARN),
    ("aws:SourceArn", &ARN),
    ("example:binary", &BINARY),
    ("aws:ResourceTag/team", &TEXT),
    ("kms:ResourceAliases", &TEXT),
];
const IN_KEY_POLICIES: usize = 22;

/// A `Condition` of one or two keys.
pub(super) fn conditions(kind: Kind) -> impl Strategy<Value = Value> {
    vec(condition(kind), 1..=2).prop_map(|conditions| {
        let mut block = Map::new();
        for (operator, key, values) in conditions {
            let keys = block.entry(operator).or_insert_with(|| json!({}));
            keys[key] = values;
        }
        Value::Object(block)
    })
}

fn condition(kind: Kind) -> impl Strategy<Value = (String, &'static str, Value)> {
    let keys = match kind {
        Kind::Key => &KEYS[..IN_KEY_POLICIES],
        _ => KEYS,
    };
    let any_family = prop_oneof![1 => Just(&NULL), 1 => select(FAMILIES)];
    let family = option::weighted(0.3, any_family);
    let quantifier =
        prop_oneof![4 => Just(""), 1 => Just("ForAllValues:"), 1 => Just("ForAnyValue:")];
    let suffix = prop_oneof![3 => Just(""), 1 => Just("IfExists")];
    let values = vec(any::<Index>(), 1..=3);
    (select(keys), family, any::<Index>(), quantifier, suffix, values).prop_map(
        |((key, usual), family, operator, mut quantifier, suffix, values)| {
            let family = family.unwrap_or(usual);
            let operator = operator.get(family.operators);
            let suffix = if *operator == "Null" { "" } else { suffix };
            // KMS refuses it in key policies.
            if key.starts_with("kms:EncryptionContext:") && quantifier == "ForAllValues:" {
                quantifier = "";
            }
            let values: Vec<&str> =
                values.iter().map(|value| *value.get(family.policy_values)).collect();
            let values = if let [value] = values[..] { json!(value) } else { json!(values) };
            (format!("{quantifier}{operator}{suffix}"), key, values)
        },
    )
}

/// A condition key with what a question says of it.
pub(super) fn given() -> impl Strategy<Value = (String, Entry)> {
    any_key().prop_flat_map(|key| {
        let said = prop_oneof![9 => entry(key), 1 => Just(Entry::Unknown)];
        (Just(key.to_owned()), said)
    })
}

pub(crate) fn any_key() -> impl Strategy<Value = &'static str> {
    select(KEYS).prop_map(|(key, _)| key)
}

/// What a request may carry under a key.
pub(crate) fn entry(key: &str) -> BoxedStrategy<Entry> {
    let family = KEYS.iter().find(|(name, _)| *name == key).map_or(&TEXT, |(_, family)| *family);
    let values = vec(select(family.request_values), 1..=2)
        .prop_map(|values| Entry::Values(values.into_iter().map(str::to_owned).collect()));
    prop_oneof![4 => values, 1 => Just(Entry::Absent)].boxed()
}

/// Those of the generated keys that a policy reads, in its conditions or its variables.
pub(crate) fn keys_read(policies: &[&Value]) -> Vec<&'static str> {
    let texts: Vec<String> = policies.iter().map(ToString::to_string).collect();
    let is_read = |key: &&str| texts.iter().any(|text| text.contains(*key));
    let more = ["aws:PrincipalTag/star", "aws:username"];
    KEYS.iter().map(|(key, _)| *key).chain(more).filter(is_read).collect()
}
