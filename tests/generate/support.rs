//! Descriptions, the forms read back, and decisions under a policy.

use std::collections::BTreeSet;

use kms_sim::arn::Partition;
use kms_sim::document::{Document, Format, Source};
use kms_sim::environment::{Attached, Environment, Key, MultiRegion, Principal, Question};
use kms_sim::evaluate::{Decision, decide};
use kms_sim::generate::{
    AccountStatement, KeyPolicy, KeyType, KeyTypeNames, Practice, Regions, Roles,
};
use kms_sim::kms::{Action, KeySpec, Origin};
use kms_sim::policy::{Kind, Policy};
use kms_sim::request::{Account, PrincipalName};

pub(crate) const ADMIN: &str = "role/DevOpsAdminRole";
pub(crate) const USER: &str = "role/WebAppInstanceRole";
pub(crate) const GRANT_USER: &str = "user/ops/deployer";
pub(crate) const ROOT: &str = "arn:aws:iam::123456789012:root";

pub(crate) fn account() -> Account {
    Account { partition: Partition::Aws, id: "123456789012".parse().unwrap() }
}

pub(crate) fn name(text: &str) -> PrincipalName {
    PrincipalName::parse(text, Some(account())).unwrap()
}

/// The article's division of work, and somebody who creates grants.
pub(crate) fn roles(key_type: KeyType, practice: Practice) -> Roles {
    Roles {
        account: account(),
        key_type,
        practice,
        admins: vec![name(ADMIN)],
        users: vec![name(USER)],
        grant_users: vec![name(GRANT_USER)],
        services: vec![],
        account_statement: AccountStatement::Kept,
    }
}

/// Every kind of key that KMS makes outside of China, but for the length of a key.
pub(crate) fn key_types() -> Vec<KeyType> {
    let mut types = Vec::new();
    for spec in KeySpec::all().iter().filter(|spec| spec.name != "SM2") {
        for usage in spec.usages {
            for origin in Origin::ALL {
                for regions in [Regions::Single, Regions::Multi] {
                    types.extend(KeyType::new(KeyTypeNames {
                        spec: Some(spec.name),
                        usage: Some(usage.as_str()),
                        origin: Some(origin.as_str()),
                        regions,
                    }));
                }
            }
        }
    }
    types
}

/// The policy, which must be one that AWS takes without a word.
pub(crate) fn parsed(policy: &KeyPolicy) -> Policy {
    let policy = policy.policy().unwrap();
    assert!(policy.warnings().is_empty(), "{:?}", policy.warnings());
    policy
}

/// The policy in a template, read as YAML.
pub(crate) fn from_template(template: &str) -> Policy {
    let (_, policy) = template.split_once("      KeyPolicy:\n").unwrap();
    let lines: Vec<&str> =
        policy.lines().map(|line| line.strip_prefix("        ").unwrap()).collect();
    let source = Source::new("policy.yaml", lines.join("\n"));
    let document = Document::parse(source, Format::Yaml).unwrap();
    let policy = Policy::from_document(&document, Kind::Key).unwrap();
    assert!(policy.warnings().is_empty(), "{:?}", policy.warnings());
    policy
}

/// A key of the kind with the policy, and principals without policies of their own.
pub(crate) fn environment(
    policy: Policy,
    key_type: KeyType,
    principals: &[PrincipalName],
) -> Environment {
    let mut environment = Environment::new(Some(account()), "us-east-1");
    let id = "1234abcd-12ab-34cd-56ef-1234567890ab";
    let mut key = Key::new(account(), "us-east-1", id, Attached::Policy(policy.into())).unwrap();
    key_type.spec().name.clone_into(&mut key.spec);
    key_type.usage().as_str().clone_into(&mut key.usage);
    key_type.origin().as_str().clone_into(&mut key.origin);
    key.multi_region = (key_type.regions() == Regions::Multi).then_some(MultiRegion::Primary);
    environment.add_key(key).unwrap();
    for principal in principals {
        environment.add_principal(principal.clone(), Principal::default());
    }
    environment
}

/// The actions on the key that a principal is allowed, called directly or through a service.
pub(crate) fn allowed(
    environment: &Environment,
    principal: &str,
    via: Option<&str>,
) -> BTreeSet<&'static str> {
    let is_allowed = |action: &&'static Action| {
        let mut question = Question::new(principal, action);
        question.key = Some(environment.keys()[0].arn());
        question.via = via.map(str::to_owned);
        decide(&environment.request(&question).unwrap()).decision == Decision::Allowed
    };
    let actions = Action::all().iter().filter(|action| action.needs_key());
    actions.filter(is_allowed).map(|action| action.name).collect()
}

/// What using the key is: its cryptographic operations, and looking at it.
pub(crate) fn use_of(environment: &Environment) -> BTreeSet<&'static str> {
    let key = &environment.keys()[0];
    let actions = Action::all().iter().filter(|action| action.needs_key());
    let is_use = |action: &&'static Action| {
        let looks = ["DescribeKey", "GetPublicKey"].contains(&action.short_name());
        (action.cryptographic || looks) && key.supports(action)
    };
    actions.filter(is_use).map(|action| action.name).collect()
}

pub(crate) fn cryptographic() -> BTreeSet<&'static str> {
    let actions = Action::all().iter().filter(|action| action.needs_key());
    actions.filter(|action| action.cryptographic).map(|action| action.name).collect()
}
