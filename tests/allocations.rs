//! A decision that nobody watches allocates nothing.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use allocation_counter::measure;
use kms_sim::arn::Partition;
use kms_sim::document::{Document, Format, Source};
use kms_sim::environment::{Attached, Environment, Key, NoFiles, Principal, Question, example};
use kms_sim::evaluate::{Decision, decide};
use kms_sim::kms::Action;
use kms_sim::policy::{Kind, Policy};
use kms_sim::request::{Account, Entry, PrincipalName};
use serde_json::{Value, json};

const ACCOUNT: &str = "123456789012";

/// Decides once, and says what and with how many allocations.
fn allocations(environment: &Environment, question: &Question) -> (Decision, u64) {
    let request = environment.request(question).unwrap();
    let mut decision = None;
    let counted = measure(|| decision = Some(decide(&request).decision));
    (decision.unwrap(), counted.count_total)
}

/// An environment of one role and one key, with one policy each that has these statements.
fn environment(key_policy: &[Value], identity_policy: &[Value]) -> Environment {
    let account = Account { partition: Partition::Aws, id: ACCOUNT.parse().unwrap() };
    let policy = |statements: &[Value], kind| {
        let text = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
        Attached::Policy(Policy::from_json("policy.json", &text, kind).unwrap().into())
    };
    let mut environment = Environment::new(Some(account), "us-east-1");
    let role = PrincipalName::parse("role/Web", Some(account)).unwrap();
    let principal = Principal {
        identity_policies: vec![policy(identity_policy, Kind::Identity)],
        tags: vec![("team".to_owned(), "web".to_owned())],
        ..Principal::default()
    };
    environment.add_principal(role, principal);
    let key = Key::new(account, "us-east-1", "web", policy(key_policy, Kind::Key)).unwrap();
    environment.add_key(key).unwrap();
    environment
}

fn question() -> Question {
    Question::new("role/Web", Action::parse("kms:Decrypt").unwrap())
}

/// The question, with something said of `example:key`.
fn carrying(entry: Entry) -> Question {
    let mut question = question();
    question.context.push(("example:key".to_owned(), entry));
    question
}

fn for_everyone(condition: &Value) -> Value {
    json!({"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*", "Condition": condition})
}

#[test]
fn what_allocates_is_counted() {
    assert_eq!(measure(|| drop(std::hint::black_box(vec![1_u8]))).count_total, 1);
}

#[test]
fn a_decision_on_the_example_allocates_nothing() {
    let environment = example::environment().unwrap().environment;
    for principal in ["role/WebAppInstanceRole", "role/DevOpsAdminRole", "root"] {
        for action in Action::all() {
            let (decision, count) = allocations(&environment, &Question::new(principal, action));
            assert_eq!(count, 0, "{principal} {} {decision}", action.name);
        }
    }
}

fn for_anything() -> Value {
    json!({"Effect": "Allow", "Action": "kms:*", "Resource": "*"})
}

/// A value that fits, one that does not, and one that is not of the operator's type, for each
/// operator with a value of a policy.
#[rustfmt::skip]
const OPERATORS: &[(&str, &str, [&str; 3])] = &[
    ("ArnEquals",                 "arn:aws:s3:::a*",      ["arn:aws:s3:::ab", "arn:aws:s3:::b", "b"]),
    ("ArnLike",                   "arn:aws:s3:::?b",      ["arn:aws:s3:::ab", "arn:aws:s3:::b", "b"]),
    ("ArnNotLike",                "arn:aws:s3:::a",       ["arn:aws:s3:::b", "arn:aws:s3:::a", "b"]),
    ("BinaryEquals",              "d2Vi",                 ["d2Vi", "d2U=", "!"]),
    ("Bool",                      "true",                 ["true", "false", "yes"]),
    ("DateEquals",                "2026-11-23T02:00:00Z", ["1795399200", "2026-11", "soon"]),
    ("DateGreaterThan",           "2026-11-23",           ["2026-11-24", "2025", "tomorrow"]),
    ("DateLessThan",              "2026-11-23",           ["2025-01-01T00:00:00+02:00", "2027", "now"]),
    ("DateNotEquals",             "2026",                 ["2027", "2026", ""]),
    ("IpAddress",                 "10.0.0.0/8",           ["10.1.2.3", "192.0.2.1", "nowhere"]),
    ("NotIpAddress",              "2001:db8::/32",        ["2001:db9::1", "2001:db8::1", "nowhere"]),
    ("NumericEquals",             "10",                   ["1e1", "11", "ten"]),
    ("NumericGreaterThanEquals",  "-0.5",                 ["-0.50", "-1", "ten"]),
    ("NumericLessThan",           "5",                    ["4.9", "5", "ten"]),
    ("StringEquals",              "web",                  ["web", "WEB", ""]),
    ("StringEqualsIgnoreCase",    "web",                  ["WEB", "wed", ""]),
    ("StringLike",                "*e?",                  ["web", "ewb", ""]),
    ("StringNotEquals",           "web",                  ["WEB", "web", ""]),
    ("StringNotLike",             "a*b*c",                ["acb", "abc", ""]),
];

#[test]
fn a_condition_of_any_operator_allocates_nothing() {
    for (operator, operand, values) in OPERATORS {
        for set in ["", "ForAnyValue:", "ForAllValues:"] {
            let condition = json!({format!("{set}{operator}"): {"example:key": [operand]}});
            let environment = environment(&[for_everyone(&condition)], &[for_anything()]);
            let listed = Entry::Values(values.map(str::to_owned).into());
            let [fits, fails, is_none] = values.map(Entry::value);
            for entry in [fits.clone(), fails, is_none, listed, Entry::Absent, Entry::Unknown] {
                let (decision, count) = allocations(&environment, &carrying(entry.clone()));
                assert_eq!(count, 0, "{set}{operator} {operand} {entry:?} {decision}");
            }
            let (decision, _) = allocations(&environment, &carrying(fits));
            assert_eq!(decision, Decision::Allowed, "{set}{operator} {operand}");
        }
    }
}

#[test]
fn whether_a_key_is_there_is_tested_without_allocating() {
    for (operand, entry) in [("true", Entry::Absent), ("false", Entry::value("x"))] {
        let condition = json!({"Null": {"example:key": operand}});
        let environment = environment(&[for_everyone(&condition)], &[for_anything()]);
        assert_eq!(
            allocations(&environment, &carrying(entry)),
            (Decision::Allowed, 0),
            "{operand}"
        );
    }
}

#[test]
fn variables_in_resources_and_conditions_allocate_nothing() {
    let account = json!({"AWS": ACCOUNT});
    let key_policy = json!({
        "Effect": "Allow", "Principal": account, "Action": "kms:*", "Resource": "*",
        "Condition": {
            "StringLike": {"aws:PrincipalTag/team": "${aws:PrincipalTag/team}*"},
            "ArnLike": {"aws:PrincipalArn": "arn:aws:iam::${aws:PrincipalAccount}:role/*"},
            "StringEqualsIgnoreCase": {"example:key": "${example:none, 'X'}"},
        },
    });
    let identity_policy = json!({
        "Effect": "Allow", "Action": "kms:*crypt",
        "Resource": ["arn:aws:kms:*:*:alias/${aws:username}", "arn:aws:kms:*:*:key/${aws:PrincipalTag/team}"],
    });
    let deny = json!({
        "Effect": "Deny", "NotAction": "kms:Describe*",
        "NotResource": "arn:aws:kms:us-*:*:key/${aws:PrincipalTag/team}",
    });
    let environment = environment(&[key_policy], &[identity_policy, deny]);
    let decisions = [
        (Entry::value("x"), Decision::Allowed),
        (Entry::value("y"), Decision::ImplicitDeny),
        (Entry::Unknown, Decision::Undetermined),
    ];
    for (entry, decision) in decisions {
        assert_eq!(allocations(&environment, &carrying(entry)), (decision, 0));
    }
}

#[test]
fn a_long_policy_allocates_nothing() {
    let statement = |number: usize| {
        let role = format!("arn:aws:iam::{ACCOUNT}:role/Other{number}");
        json!({"Effect": "Allow", "Principal": {"AWS": role}, "Action": "kms:*", "Resource": "*"})
    };
    let statements: Vec<Value> = (0..1_000).map(statement).collect();
    let environment = environment(&statements, &[for_anything()]);
    assert_eq!(allocations(&environment, &question()), (Decision::ImplicitDeny, 0));
}

/// A policy for everyone, or for whom it is attached to, with a condition to test.
fn all_of_kms(principal: &Value) -> Value {
    let condition = json!({"StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/W*"}});
    let members =
        json!({"Effect": "Allow", "Action": "kms:*", "Resource": "*", "Condition": condition});
    let members = principal.as_object().into_iter().chain(members.as_object()).flatten();
    let statement: serde_json::Map<_, _> =
        members.map(|(name, value)| (name.clone(), value.clone())).collect();
    json!({"Version": "2012-10-17", "Statement": [statement]})
}

#[test]
fn a_decision_with_every_ceiling_and_grants_allocates_nothing() {
    let deny = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*",
        "Condition": {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-exampleorgid"}},
    }]});
    let grant = |subset: Value, operations: &[&str]| {
        json!({
            "grantee": "role/Web", "operations": operations,
            "constraints": {"encryption_context_subset": subset},
        })
    };
    let file = json!({
        "account": ACCOUNT,
        "organization": {"id": "o-exampleorgid", "accounts": {ACCOUNT: {
            "ou_path": ["r-root", "ou-prod"],
            "service_control_policies": [["FullAWSAccess"], [all_of_kms(&json!({}))]],
            "resource_control_policies": [[deny]],
        }}},
        "vpc_endpoints": {"vpce-0abc": {"vpc": "vpc-0123", "policy": all_of_kms(&json!({"Principal": "*"}))}},
        "principals": {"role/Web": {"permissions_boundary": all_of_kms(&json!({}))}},
        "keys": {"app": {"grants": [
            grant(json!({"app": "batch"}), &["Decrypt"]),
            grant(json!({"app": "web"}), &["Decrypt", "CreateGrant"]),
        ]}},
    });
    let source = Source::from_bytes("env.json", file.to_string().into_bytes()).unwrap();
    let document = Document::parse(source, Format::Json).unwrap();
    let environment = Environment::load(&document, &NoFiles, None).unwrap().environment;
    let mut question = question();
    question.vpc_endpoint = Some("vpce-0abc".into());
    assert_eq!(allocations(&environment, &question), (Decision::ImplicitDeny, 0));
    question.encryption_context = Some(vec![("app".into(), "web".into())]);
    assert_eq!(allocations(&environment, &question), (Decision::Allowed, 0));
    for action in Action::all() {
        question.action = action;
        assert_eq!(allocations(&environment, &question).1, 0, "{}", action.name);
    }
}
