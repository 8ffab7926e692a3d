//! What is known of an answer when not everything is known of the question.

use kms_sim::environment::{Environment, Question};
use kms_sim::evaluate::{Decision, Outcome, decide, explain};
use kms_sim::kms::Action;
use kms_sim::policy::Kind;
use kms_sim::request::{ContextKey, Entry};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};

use super::cases;
use super::generate::{Scene, any_key, entry, give, keys_read, policy, request, scene};

/// How many ways of filling in what is open are tried.
const COMPLETIONS: usize = 4;

/// A scene, and up to three keys, those that its policies read first among them.
fn scene_and_keys() -> impl Strategy<Value = (Scene, Vec<&'static str>)> {
    (scene(), vec(any::<Index>(), 1..=3), any_key()).prop_map(|(scene, picks, other)| {
        let policies: Vec<&Value> =
            scene.identity_policies.iter().chain([&scene.key_policy]).collect();
        let mut read = keys_read(&policies);
        read.extend([other, "example:text"]);
        let mut keys: Vec<&str> = picks.iter().map(|pick| *pick.get(&read)).collect();
        keys.sort_unstable();
        keys.dedup();
        (scene, keys)
    })
}

/// The same, with what the request may carry under each of the keys, several times over.
fn scene_and_completions() -> impl Strategy<Value = (Scene, Vec<&'static str>, Vec<Vec<Entry>>)> {
    scene_and_keys().prop_flat_map(|(scene, keys)| {
        let entries: Vec<_> = keys.iter().map(|key| entry(key)).collect();
        (Just(scene), Just(keys), vec(entries, COMPLETIONS))
    })
}

/// The answer to the question with further entries in its context.
fn completed(
    environment: &Environment,
    question: &Question,
    entries: impl Iterator<Item = (&'static str, Entry)>,
) -> Outcome {
    let mut question = question.clone();
    entries.for_each(|(key, entry)| give(&mut question, key, entry));
    decide(&request(environment, &question))
}

/// Whether what is decided with something open is consistent with what is decided in the end.
fn refines(open: Outcome, complete: Outcome) -> bool {
    let denies = |decision| matches!(decision, Decision::ExplicitDeny | Decision::ImplicitDeny);
    match open.decision {
        Decision::Undetermined => true,
        // Denied in any case, and by a statement in some.
        Decision::ImplicitDeny if open.is_open => denies(complete.decision),
        Decision::Allowed | Decision::ExplicitDeny | Decision::ImplicitDeny => {
            complete.decision == open.decision
        }
    }
}

#[test]
fn an_allow_with_not_resource_is_open_while_its_variable_is() {
    let everyone = json!({"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"});
    let all_but =
        json!({"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:s3:::${example:text}"});
    let scene = Scene {
        key_policy: json!({"Statement": [everyone]}),
        identity_policies: vec![json!({"Version": "2012-10-17", "Statement": [all_but]})],
        has_foreign_key: false,
        question: Question::new("role/Web", Action::parse("kms:ListKeys").unwrap()),
    };
    let environment = scene.environment();
    let decision = |entry| {
        let entries = [("example:text", entry)].into_iter();
        completed(&environment, &scene.question, entries).decision
    };
    assert_eq!(decision(Entry::value("web")), Decision::Allowed);
    assert_eq!(decision(Entry::Absent), Decision::ImplicitDeny);
    assert_eq!(decision(Entry::Unknown), Decision::Undetermined);
}

#[test]
fn a_key_that_follows_from_an_open_one_is_open_too() {
    let statement = |key: &str, value: &str| {
        json!({"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*",
            "Condition": {"StringEquals": {key: value}}})
    };
    let table = [
        ("kms:ViaService", "aws:ViaAWSService", "true"),
        ("aws:EpochTime", "aws:CurrentTime", "2026-11-23T02:00:00Z"),
    ];
    for (open, follows, value) in table {
        let scene = Scene {
            key_policy: json!({"Statement": [statement(follows, value)]}),
            identity_policies: Vec::new(),
            has_foreign_key: false,
            question: Question::new("role/Web", Action::parse("kms:Decrypt").unwrap()),
        };
        let entries = [(open, Entry::Unknown)].into_iter();
        let outcome = completed(&scene.environment(), &scene.question, entries);
        assert_eq!(outcome.decision, Decision::Undetermined, "{open}");
    }
}

proptest! {
    #![proptest_config(cases(4))]

    #[test]
    fn an_answer_that_leaves_keys_open_is_the_same_however_they_are_filled_in(
        (scene, keys, completions) in scene_and_completions(),
    ) {
        let environment = scene.environment();
        let with = |entries: Vec<Entry>| {
            completed(&environment, &scene.question, keys.iter().copied().zip(entries))
        };
        let open = with(vec![Entry::Unknown; keys.len()]);
        for entries in completions {
            let complete = with(entries.clone());
            prop_assert!(refines(open, complete), "{keys:?} {entries:?} {open:?} {complete:?}");
        }
    }

    #[test]
    fn an_answer_that_depends_on_no_further_key_is_the_same_with_any(
        (scene, keys, completions) in scene_and_completions(),
    ) {
        let environment = scene.environment();
        let request = request(&environment, &scene.question);
        let explanation = explain(&request);
        let free = |key: &&str| !request.context.is_settled(&ContextKey::new(key));
        for entries in completions.iter().filter(|_| explanation.depends_on.is_empty()) {
            let entries = keys.iter().copied().zip(entries.clone());
            let entries = entries.filter(|(key, _)| free(key));
            let complete = completed(&environment, &scene.question, entries);
            prop_assert_eq!(complete.decision, explanation.outcome.decision, "{:?}", completions);
        }
    }

    #[test]
    fn a_key_that_is_depended_on_is_neither_given_nor_derived(scene in scene()) {
        scene.ask(|request| {
            for key in explain(request).depends_on {
                prop_assert!(!request.context.is_settled(&key), "{key}");
            }
            Ok(())
        })?;
    }
}

proptest! {
    #![proptest_config(cases(2))]

    #[test]
    fn an_answer_without_the_key_policy_is_the_same_with_any(
        scene in scene(),
        policies in vec(policy(Kind::Key), COMPLETIONS),
    ) {
        let with = |policy| Scene { key_policy: policy, ..scene.clone() }.outcome();
        let open = with(json!({"unknown": "not exported"}));
        for policy in policies {
            let complete = with(policy.clone());
            prop_assert!(refines(open, complete), "{policy} {open:?} {complete:?}");
        }
    }

    #[test]
    fn an_answer_without_an_identity_policy_is_the_same_with_any(
        scene in scene(),
        policies in vec(policy(Kind::Identity), COMPLETIONS),
    ) {
        let with = |policy| {
            let mut scene = scene.clone();
            scene.identity_policies.push(policy);
            scene.outcome()
        };
        let open = with(json!({"unknown": "not exported"}));
        for policy in policies {
            let complete = with(policy.clone());
            prop_assert!(refines(open, complete), "{policy} {open:?} {complete:?}");
        }
    }
}
