//! A rescue says of a key what the evaluator says of each principal, and of each deletion what
//! follows from it.

use std::collections::BTreeMap;

use kms_sim::analysis::{Can, Origin, PointKind, Rescue};
use kms_sim::environment::{Attached, Environment, Principal, Question, Session, builtin_policy};
use kms_sim::evaluate::{Decision, decide};
use kms_sim::kms::Action;
use kms_sim::policy::Kind;
use kms_sim::request::PrincipalName;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};
use serde_json::Value;

use super::cases;
use super::generate::{Scene, scene};

fn question(scene: &Scene) -> Question {
    let mut question = scene.question.clone();
    question.action = Action::parse("kms:PutKeyPolicy").unwrap();
    question
}

fn rescue(scene: &Scene) -> Option<Rescue> {
    Rescue::of(&scene.environment(), &question(scene)).ok()
}

/// What the evaluator alone says of one of the principals.
fn decision(environment: &Environment, asked: &Question, principal: &str) -> Decision {
    let mut question = asked.clone();
    let name = |text: &str| PrincipalName::parse(text, environment.account).unwrap();
    if name(&asked.principal) != name(principal) {
        question.session = Session::default();
    }
    principal.clone_into(&mut question.principal);
    decide(&environment.request(&question).unwrap()).decision
}

fn with_everything(environment: &mut Environment, principal: &str) {
    let policy = builtin_policy("FullAWSAccess", Kind::Identity, None).unwrap();
    let everything = vec![Attached::Policy(policy.into())];
    environment.add_principal(
        PrincipalName::parse(principal, None).unwrap(),
        Principal { identity_policies: everything, ..Principal::default() },
    );
}

/// With a policy besides those that it has.
fn give_everything(environment: &mut Environment, principal: &str) {
    let policy = builtin_policy("FullAWSAccess", Kind::Identity, None).unwrap();
    let name = PrincipalName::parse(principal, None).unwrap();
    let listed = environment.principals().find(|(known, _)| **known == name);
    let mut known = listed.map(|(_, principal)| principal.clone()).unwrap_or_default();
    known.identity_policies.push(Attached::Policy(policy.into()));
    environment.add_principal(name, known);
}

/// The key policy without one statement; one that is inert where none is left.
fn without(policy: &Value, number: usize) -> Value {
    let mut policy = policy.clone();
    let statements = policy["Statement"].as_array_mut().unwrap();
    statements.remove(number);
    if statements.is_empty() {
        let nobody = "arn:aws:iam::999999999999:role/Nobody";
        statements.push(serde_json::json!({"Effect": "Allow", "Principal": {"AWS": nobody}, "Action": "kms:Verify", "Resource": "*"}));
    }
    policy
}

/// A rescue is hundreds of decisions.
fn few() -> Config {
    let config = cases(1);
    Config { cases: config.cases.div_ceil(4), ..config }
}

#[test]
fn generated_scenes_reach_every_verdict() {
    let mut runner = TestRunner::deterministic();
    let mut reached: BTreeMap<String, u32> = BTreeMap::new();
    for _ in 0..100 {
        let scene = scene().new_tree(&mut runner).unwrap().current();
        let verdict = rescue(&scene).map(|it| (it.verdict, it.repair.is_some()));
        *reached.entry(format!("{verdict:?}")).or_default() += 1;
    }
    for verdict in ["NotLockedOut", "OneStepFromLockout", "Undetermined", "LockedOut"] {
        assert!(reached.keys().any(|it| it.contains(&format!("({verdict}"))), "{reached:?}");
    }
    assert!(reached.get("None").is_none_or(|count| *count < 30), "{reached:?}");
}

proptest! {
    #![proptest_config(few())]

    #[test]
    fn somebody_can_if_and_only_if_somebody_is_allowed(scene in scene()) {
        let Some(rescue) = rescue(&scene) else { return Ok(()) };
        let mut environment = scene.environment();
        let made_up = |origin| matches!(origin, Origin::Like | Origin::AnyOther);
        let mut given = scene.environment();
        for it in rescue.principals.iter().filter(|it| it.origin == Origin::GivenIamPolicy) {
            give_everything(&mut given, &it.principal);
        }
        for it in rescue.principals.iter().filter(|it| made_up(it.origin)) {
            with_everything(&mut environment, &it.principal);
        }
        let asked = question(&scene);
        let mut somebody = false;
        for it in &rescue.principals {
            let is_given = it.origin == Origin::GivenIamPolicy;
            let environment = if is_given { &given } else { &environment };
            let decision = decision(environment, &asked, &it.principal);
            prop_assert_eq!(decision.as_str(), it.decision, "{}", it.principal);
            prop_assert_eq!(decision == Decision::Allowed, it.can == Can::Yes);
            somebody |= decision == Decision::Allowed;
        }
        prop_assert_eq!(somebody, rescue.locked_out == Some(false));
        let listed = scene.environment();
        for (name, _) in listed.principals() {
            prop_assert!(rescue.principals.iter().any(|it| it.principal == name.to_string()));
        }
    }

    #[test]
    fn a_single_point_of_failure_is_one_and_there_is_no_other(scene in scene()) {
        let Some(rescue) = rescue(&scene).filter(|it| it.locked_out == Some(false)) else {
            return Ok(());
        };
        let points = rescue.single_points_of_failure.iter();
        let points: Vec<usize> =
            points.filter_map(|point| Some(point.statement.as_ref()?.index)).collect();
        let statements = scene.key_policy["Statement"].as_array().map_or(0, Vec::len);
        for number in 0..statements {
            let key_policy = without(&scene.key_policy, number);
            let edited = self::rescue(&Scene { key_policy, ..scene.clone() }).unwrap();
            prop_assert_eq!(edited.locked_out == Some(true), points.contains(&number), "{}", number);
        }
    }

    #[test]
    fn the_only_principal_is_the_only_one(scene in scene()) {
        let Some(rescue) = rescue(&scene) else { return Ok(()) };
        let points = rescue.single_points_of_failure.iter();
        let of_principals: Vec<_> = points.filter(|it| it.kind == PointKind::Principal).collect();
        let able = rescue.principals.iter().filter(|it| it.can == Can::Yes).count();
        prop_assert!(of_principals.len() <= 1);
        if able == 0 {
            prop_assert!(of_principals.is_empty());
        }
    }

    #[test]
    fn a_repair_lets_the_account_in(scene in scene()) {
        let Some(repair) = rescue(&scene).and_then(|it| it.repair) else { return Ok(()) };
        let edited = rescue(&Scene { key_policy: repair.policy, ..scene }).unwrap();
        let is_account = |origin| matches!(origin, Origin::RootUser | Origin::AnyOther);
        prop_assert!(edited.principals.iter().any(|it| is_account(it.origin) && it.can != Can::No));
    }
}
