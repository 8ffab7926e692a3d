//! What a change to the policies may do to a decision.

use kms_sim::evaluate::Decision;
use kms_sim::policy::Kind;
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::Value;

use super::cases;
use super::generate::{Scene, scene, statement_with};

/// A policy of the scene by its number, the key policy first, with its statements; none if it
/// is not known.
fn statements(scene: &mut Scene, policy: usize) -> Option<&mut Vec<Value>> {
    let policy = match policy {
        0 => &mut scene.key_policy,
        policy => &mut scene.identity_policies[policy - 1],
    };
    policy.get_mut("Statement")?.as_array_mut()
}

/// The scene with one statement more in one of its policies.
fn added(scene: &Scene, policy: Index, statements_of_kinds: &[Value; 2], at: Index) -> Scene {
    let mut more = scene.clone();
    let policy = policy.index(scene.identity_policies.len() + 1);
    if let Some(statements) = statements(&mut more, policy) {
        let [for_key, for_identity] = statements_of_kinds;
        let statement = if policy == 0 { for_key } else { for_identity };
        statements.insert(at.index(statements.len() + 1), statement.clone());
    }
    more
}

fn of_both_kinds(effect: &'static str) -> impl Strategy<Value = [Value; 2]> {
    [statement_with(Kind::Key, effect), statement_with(Kind::Identity, effect)]
}

/// Fisher and Yates, by the digits of `order`.
fn shuffle<T>(items: &mut [T], mut order: usize) {
    for end in (1..items.len()).rev() {
        items.swap(end, order % (end + 1));
        order /= end + 1;
    }
}

/// From what denies for certain to what allows for certain.
fn rank(decision: Decision) -> u8 {
    match decision {
        Decision::ExplicitDeny | Decision::ImplicitDeny => 0,
        Decision::Undetermined => 1,
        Decision::Allowed => 2,
    }
}

proptest! {
    #![proptest_config(cases(1))]

    #[test]
    fn a_further_deny_never_allows(
        scene in scene(),
        policy in any::<Index>(),
        deny in of_both_kinds("Deny"),
        at in any::<Index>(),
    ) {
        let (before, after) = (scene.outcome(), added(&scene, policy, &deny, at).outcome());
        prop_assert!(rank(after.decision) <= rank(before.decision), "{before:?} {after:?}");
    }

    #[test]
    fn a_further_allow_never_denies(
        scene in scene(),
        policy in any::<Index>(),
        allow in of_both_kinds("Allow"),
        at in any::<Index>(),
    ) {
        let (before, after) = (scene.outcome(), added(&scene, policy, &allow, at).outcome());
        prop_assert!(rank(after.decision) >= rank(before.decision), "{before:?} {after:?}");
        let explicit = |decision| decision == Decision::ExplicitDeny;
        prop_assert_eq!(explicit(before.decision), explicit(after.decision));
    }

    #[test]
    fn the_order_of_statements_and_policies_does_not_count(
        scene in scene(),
        orders in [any::<usize>(), any::<usize>(), any::<usize>(), any::<usize>()],
    ) {
        let mut other = scene.clone();
        shuffle(&mut other.identity_policies, orders[0]);
        for policy in 0..=scene.identity_policies.len() {
            if let Some(statements) = statements(&mut other, policy) {
                shuffle(statements, orders[policy + 1]);
            }
        }
        prop_assert_eq!(scene.outcome(), other.outcome());
    }

    #[test]
    fn a_statement_given_twice_counts_once(
        scene in scene(),
        policy in any::<Index>(),
        statement in any::<Index>(),
        at in any::<Index>(),
    ) {
        let mut twice = scene.clone();
        let policy = policy.index(scene.identity_policies.len() + 1);
        if let Some(statements) = statements(&mut twice, policy) {
            let copy = statement.get(statements).clone();
            statements.insert(at.index(statements.len() + 1), copy);
        }
        prop_assert_eq!(scene.outcome(), twice.outcome());
    }

    #[test]
    fn a_policy_given_twice_counts_once(scene in scene(), policy in any::<Index>()) {
        let mut twice = scene.clone();
        if !scene.identity_policies.is_empty() {
            twice.identity_policies.push(policy.get(&scene.identity_policies).clone());
        }
        prop_assert_eq!(scene.outcome(), twice.outcome());
    }
}
