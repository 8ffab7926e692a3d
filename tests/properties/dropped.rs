//! A statement that is taken not to be there is as one that is taken out of its document.

use std::sync::Arc;

use kms_sim::environment::{Attached, Environment, Question};
use kms_sim::evaluate::{Outcome, Rule, decide, decide_without};
use kms_sim::policy::Policy;
use proptest::prelude::*;

use super::cases;
use super::generate::scene;

/// The policy without one of its statements; none if it would have no other.
fn without(policy: &Policy, index: usize) -> Option<Attached> {
    let mut document = policy.to_json().unwrap();
    let statements = document["Statement"].as_array_mut().filter(|it| it.len() > 1)?;
    statements.remove(index);
    let text = document.to_string();
    Some(Attached::Policy(Arc::new(Policy::from_json("edited", &text, policy.kind()).unwrap())))
}

fn is_it(attached: &Attached, policy: &Policy) -> bool {
    attached.known().is_some_and(|it| std::ptr::eq(it, policy))
}

/// The environment with the policy replaced wherever it is attached to a key or a principal.
fn replaced(environment: &Environment, policy: &Policy, edited: &Attached) -> Environment {
    let mut after = environment.clone();
    for key in after.keys_mut() {
        if is_it(&key.policy, policy) {
            key.policy = edited.clone();
        }
    }
    let names: Vec<_> = after.principals().map(|(name, _)| name.clone()).collect();
    for name in names {
        let principal = after.principal_mut(&name).unwrap();
        let own = principal.identity_policies.iter_mut().chain(&mut principal.permissions_boundary);
        own.filter(|it| is_it(it, policy)).for_each(|it| *it = edited.clone());
    }
    after
}

/// What is decided without each statement, by both ways.
fn both(environment: &Environment, question: &Question) -> Vec<(Outcome, Outcome)> {
    let Ok(request) = environment.request(question) else { return Vec::new() };
    let stack = &request.stack;
    let attached = stack.key_policy.into_iter().chain(stack.permissions_boundary);
    let attached = attached.chain(stack.identity_policies.into_iter().flatten());
    let mut outcomes = Vec::new();
    for policy in attached.filter_map(Attached::known) {
        for statement in policy.statements() {
            let Some(edited) = without(policy, statement.index()) else { continue };
            let after = replaced(environment, policy, &edited);
            let taken_out = decide(&after.request(question).unwrap());
            let dropped = decide_without(&request, &[Rule::Statement(policy, statement)]);
            outcomes.push((dropped, taken_out));
        }
    }
    outcomes
}

proptest! {
    #![proptest_config(cases(1))]

    #[test]
    fn a_dropped_statement_is_as_one_that_is_taken_out(scene in scene()) {
        for (dropped, taken_out) in both(&scene.environment(), &scene.question) {
            prop_assert_eq!(dropped, taken_out);
        }
    }
}
