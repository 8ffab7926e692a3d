//! Services use the key as themselves, and for resources of the key's account only.

use std::collections::BTreeSet;

use kms_sim::arn::Partition;
use kms_sim::environment::{Environment, Question};
use kms_sim::evaluate::{Decision, decide};
use kms_sim::generate::{KeyPolicy, KeyType, KeyTypeNames, Practice, Roles, ServiceUser};
use kms_sim::kms::{Action, By, ServiceOperation};
use kms_sim::request::Entry;

use crate::support::{allowed, environment, parsed, roles};

const ACCOUNT: &str = "123456789012";
const STRANGER: &str = "444455556666";

fn policy(service: &str) -> KeyPolicy {
    let service = ServiceUser::parse(service, Some("us-east-1"), Partition::Aws).unwrap();
    let roles =
        Roles { services: vec![service], ..roles(KeyType::default(), Practice::RoleSeparation) };
    KeyPolicy::for_roles(&roles).unwrap()
}

fn filled(text: &str, account: &str) -> String {
    text.replace("{region}", "us-east-1")
        .replace("{account}", account)
        .replace("{partition}", "aws")
        .replace(['{', '}'], "")
}

/// A service's call for a resource of an account.
fn question(
    service: &str,
    action: &'static Action,
    operation: Option<&ServiceOperation>,
    account: &str,
) -> Question {
    let mut question = Question::new(service, action);
    let kind = if service.starts_with("cloudtrail") { "cloudtrail" } else { "sns" };
    let resource = if kind == "sns" { "topic" } else { "trail/audit" };
    let source = format!("arn:aws:{kind}:us-east-1:{account}:{resource}");
    question.context = vec![
        ("aws:SourceAccount".to_owned(), Entry::value(account)),
        ("aws:SourceArn".to_owned(), Entry::value(source)),
    ];
    question.encryption_context = operation.map(|operation| {
        let pairs = operation.context.iter();
        pairs.map(|(name, value)| ((*name).to_owned(), filled(value, account))).collect()
    });
    question
}

fn is_allowed(environment: &Environment, question: &Question) -> bool {
    decide(&environment.request(question).unwrap()).decision == Decision::Allowed
}

/// Every call that a service makes as itself, but by grants.
fn calls() -> Vec<(String, &'static Action, &'static ServiceOperation)> {
    let mut calls = Vec::new();
    for operation in ServiceOperation::all().iter().filter(|it| it.service != "ecr") {
        for call in operation.calls {
            if let By::Service(service) = call.by {
                calls.push((filled(service, ACCOUNT), call.action().unwrap(), operation));
            }
        }
    }
    calls
}

#[test]
fn each_call_that_a_service_makes_as_itself_is_allowed() {
    let calls = calls();
    assert!(calls.len() > 20, "only {} calls", calls.len());
    for (service, action, operation) in calls {
        let environment = environment(parsed(&policy(&service)), KeyType::default(), &[]);
        let question = question(&service, action, Some(operation), ACCOUNT);
        assert!(is_allowed(&environment, &question), "{service} {}", action.name);
    }
}

#[test]
fn not_for_resources_of_other_accounts_unless_a_warning_says_so() {
    let mut limited = BTreeSet::new();
    for (service, action, operation) in calls() {
        let policy = policy(&service);
        let environment = environment(parsed(&policy), KeyType::default(), &[]);
        let question = question(&service, action, Some(operation), STRANGER);
        let is_limited = policy.warnings().is_empty();
        let looks = action.short_name() == "DescribeKey";
        assert_eq!(is_allowed(&environment, &question), !is_limited || looks, "{service}");
        if is_limited {
            limited.insert(service);
        }
    }
    let expected = ["cloudtrail", "cloudwatch", "logs.us-east-1", "s3", "sns"];
    let expected = expected.map(|stem| format!("{stem}.amazonaws.com"));
    assert_eq!(limited, BTreeSet::from(expected));
}

#[test]
fn a_service_is_not_another_one() {
    let environment = environment(parsed(&policy("events")), KeyType::default(), &[]);
    let events = ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"];
    let allowed_events = allowed(&environment, "events.amazonaws.com", None);
    assert!(events.iter().all(|action| allowed_events.contains(action)));
    assert!(!allowed_events.contains("kms:PutKeyPolicy"));
    for other in
        ["sns.amazonaws.com", "events.us-east-1.amazonaws.com", "logs.us-east-1.amazonaws.com"]
    {
        assert!(allowed(&environment, other, None).is_empty(), "{other}");
    }
}

#[test]
fn a_service_that_is_not_known_uses_the_key_with_a_warning() {
    let policy = policy("cloudfront.amazonaws.com");
    assert!(policy.warnings()[0].contains("aws:SourceAccount is not known"));
    let environment = environment(parsed(&policy), KeyType::default(), &[]);
    assert!(allowed(&environment, "cloudfront.amazonaws.com", None).contains("kms:Decrypt"));
}

#[test]
fn route_53_signs_for_the_account_and_creates_grants_for_its_own_resources() {
    let names = KeyTypeNames {
        spec: Some("ECC_NIST_P256"),
        usage: Some("SIGN_VERIFY"),
        ..KeyTypeNames::default()
    };
    let key_type = KeyType::new(names).unwrap();
    let parse = |text| ServiceUser::parse(text, None, Partition::Aws);
    let services = vec![parse("dnssec-route53").unwrap()];
    let roles = Roles { services, ..roles(key_type, Practice::RoleSeparation) };
    let policy = KeyPolicy::for_roles(&roles).unwrap();
    let environment = environment(parsed(&policy), key_type, &[]);
    let ask = |action, context: &[(&str, &str)]| {
        let mut question =
            Question::new("dnssec-route53.amazonaws.com", Action::parse(action).unwrap());
        let entry = |(key, value): &(&str, &str)| ((*key).to_owned(), Entry::value(*value));
        question.context = context.iter().map(entry).collect();
        is_allowed(&environment, &question)
    };
    assert!(ask("kms:Sign", &[("aws:SourceAccount", ACCOUNT)]));
    assert!(!ask("kms:Sign", &[("aws:SourceAccount", STRANGER)]));
    assert!(!ask("kms:Verify", &[("aws:SourceAccount", ACCOUNT)]));
    assert!(ask("kms:CreateGrant", &[("kms:GrantIsForAWSResource", "true")]));
    assert!(!ask("kms:CreateGrant", &[("kms:GrantIsForAWSResource", "false")]));
    for caller_acts in ["ssm", "ssm.amazonaws.com", "dynamodb.us-east-1.amazonaws.com"] {
        assert!(parse(caller_acts).unwrap_err().help.unwrap().contains("--user"), "{caller_acts}");
    }
}
