//! What an answer says of itself, and answers to the same question in other forms.

use std::collections::BTreeMap;

use kms_sim::Truth;
use kms_sim::document::{Document, Format, Source};
use kms_sim::environment::{Environment, NoFiles, Party, Reach, Request};
use kms_sim::evaluate::{Decision, Outcome, Side, SideSet, Sides, Trace, decide, explain, sides};
use kms_sim::request::Rules;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use super::cases;
use super::generate::{request, scene};

#[test]
fn generated_scenes_reach_every_decision() {
    const SCENES: u32 = 1_000;
    let mut runner = TestRunner::deterministic();
    let mut reached: BTreeMap<&str, u32> = BTreeMap::new();
    for _ in 0..SCENES {
        let scene = scene().new_tree(&mut runner).unwrap().current();
        *reached.entry(scene.outcome().decision.as_str()).or_default() += 1;
    }
    for decision in ["allowed", "explicitDeny", "implicitDeny"] {
        assert!(reached.get(decision).is_some_and(|count| *count > SCENES / 12), "{reached:?}");
    }
    assert!(reached.contains_key("undetermined"), "{reached:?}");
}

/// The sides with a verdict that denies.
fn denying(sides: &Sides) -> SideSet {
    let by_key_policy = sides.key_policy.is_some_and(|verdict| verdict.deny == Truth::True);
    let verdicts = [
        (Side::ResourceControlPolicy, sides.resource_control_policy),
        (Side::ServiceControlPolicy, sides.service_control_policy),
        (Side::VpcEndpointPolicy, sides.vpc_endpoint_policy),
        (Side::IdentityPolicy, sides.identity_policy),
        (Side::PermissionsBoundary, sides.permissions_boundary),
        (Side::SessionPolicy, sides.session_policy),
    ];
    let denying = verdicts
        .into_iter()
        .filter(|(_, verdict)| verdict.is_some_and(|verdict| verdict.deny == Truth::True))
        .map(|(side, _)| side);
    denying.chain(by_key_policy.then_some(Side::KeyPolicy)).collect()
}

/// Whether a side that an answer rests on could be it: a source that allows, or one that is
/// missing.
fn says(sides: &Sides, side: Side) -> Option<Truth> {
    match side {
        Side::KeyPolicy => sides.key_policy.map(|verdict| verdict.allow.any()),
        Side::IdentityPolicy => sides.identity_policy.map(|verdict| verdict.allow),
        Side::SessionPolicy => sides.session_policy.map(|verdict| verdict.allow),
        _ => None,
    }
}

proptest! {
    #![proptest_config(cases(1))]

    #[test]
    fn watching_changes_nothing(scene in scene()) {
        scene.ask(|request| {
            let mut trace = Trace::default();
            let watched = sides(request, &request.context, &mut trace);
            prop_assert_eq!(watched, sides(request, &request.context, &mut ()));
            let outcome = Outcome::of(&watched, request.standing, request.rules);
            prop_assert_eq!(outcome, decide(request));
            let explanation = explain(request);
            prop_assert_eq!(outcome, explanation.outcome);
            prop_assert_eq!(watched, explanation.sides);
            prop_assert_eq!(trace.steps.len(), explanation.steps.len());
            Ok(())
        })?;
    }

    #[test]
    fn an_explicit_deny_lists_exactly_the_sides_that_deny(scene in scene()) {
        scene.ask(|request| {
            let explanation = explain(request);
            let (outcome, denying) = (explanation.outcome, denying(&explanation.sides));
            prop_assert_eq!(outcome.decision == Decision::ExplicitDeny, !denying.is_empty());
            if outcome.decision == Decision::ExplicitDeny {
                prop_assert_eq!(outcome.denied_by, denying);
            }
            Ok(())
        })?;
    }

    #[test]
    fn only_a_denied_request_has_sides_that_deny_and_only_an_allowed_one_a_side_that_allows(
        scene in scene(),
    ) {
        let party_and_outcome = scene.ask(|request| (request.standing.party, decide(request)));
        let (party, Outcome { decision, denied_by, allowed_by, is_open }) = party_and_outcome;
        let denied = matches!(decision, Decision::ExplicitDeny | Decision::ImplicitDeny);
        prop_assert_eq!(denied, !denied_by.is_empty());
        prop_assert!(!denied_by.contains(Side::Grant));
        prop_assert!(allowed_by.is_none() || decision == Decision::Allowed);
        prop_assert!(allowed_by.is_some() || decision != Decision::Allowed || party == Party::Root);
        prop_assert!(is_open || decision != Decision::Undetermined);
        prop_assert!(!is_open || !matches!(decision, Decision::Allowed | Decision::ExplicitDeny));
    }

    #[test]
    fn the_side_that_allows_does_and_the_sides_that_deny_implicitly_do_not(scene in scene()) {
        scene.ask(|request| {
            let explanation = explain(request);
            let (outcome, sides) = (explanation.outcome, explanation.sides);
            // Operations that KMS does not offer across accounts are denied by the key's
            // account, whatever its policy says, and nobody need allow a root user.
            let on_policies_alone = request.standing.reach != Reach::ForeignNotOffered
                && request.standing.party != Party::Root;
            if let (Some(side), true) = (outcome.allowed_by, on_policies_alone) {
                prop_assert_eq!(says(&sides, side), Some(Truth::True));
            }
            if outcome.decision == Decision::ImplicitDeny && on_policies_alone {
                let is_missing = |side| match (request.standing.party, side) {
                    // A statement for the account covers neither a service nor, without the
                    // identity policies, a user or role.
                    (_, Side::KeyPolicy) => sides.key_policy.is_none_or(|verdict| {
                        request.standing.party == Party::Service
                            || verdict.allow.any() != Truth::True
                    }),
                    (_, side) => says(&sides, side) != Some(Truth::True),
                };
                prop_assert!(outcome.denied_by.iter().all(is_missing), "{:?}", outcome);
            }
            Ok(())
        })?;
    }

    #[test]
    fn some_statement_decides_unless_nobody_need_allow_a_root_user(scene in scene()) {
        scene.ask(|request| {
            let explanation = explain(request);
            let nobody_asked = request.standing.party == Party::Root
                && (request.stack.key_policy.is_none()
                    || request.rules == Rules::DualPermission && request.standing.reach == Reach::Own);
            let rests_on_statements = match explanation.outcome.decision {
                Decision::ExplicitDeny => true,
                Decision::Allowed => !nobody_asked,
                Decision::ImplicitDeny | Decision::Undetermined => false,
            };
            if rests_on_statements {
                prop_assert!(explanation.decisive().next().is_some(), "{:?}", explanation.outcome);
            }
            Ok(())
        })?;
    }

    #[test]
    fn every_answer_can_be_written_out(scene in scene()) {
        scene.ask(|request| {
            let explanation = explain(request);
            let answer = serde_json::to_value(explanation.answer(request)).unwrap();
            let decision = explanation.outcome.decision.as_str();
            prop_assert_eq!(answer.get("decision").and_then(|it| it.as_str()), Some(decision));
            Ok(())
        })?;
    }

    #[test]
    fn dual_permission_allows_only_what_aws_allows_except_to_the_root_user_of_the_account(
        scene in scene(),
    ) {
        let (standing, [aws, dual]) = scene.ask(|request| {
            (request.standing, under_both(request).map(|outcome| outcome.decision))
        });
        let is_own_root = standing.party == Party::Root && standing.reach == Reach::Own;
        if !is_own_root {
            prop_assert!(dual != Decision::Allowed || aws == Decision::Allowed, "{aws} {dual}");
            prop_assert!(aws != Decision::ImplicitDeny || dual == aws, "{aws} {dual}");
        }
    }

    #[test]
    fn an_explicit_deny_is_the_same_under_both_rules(scene in scene()) {
        let [aws, dual] = scene.ask(under_both).map(|outcome| {
            Some(outcome).filter(|outcome| outcome.decision == Decision::ExplicitDeny)
        });
        prop_assert_eq!(aws, dual);
    }

    #[test]
    fn white_space_line_ends_and_yaml_do_not_count(
        scene in scene(),
        is_pretty in any::<bool>(),
        line_end in select(&["\n", "\r\n"][..]),
        format in select(&[Format::Json, Format::Yaml][..]),
    ) {
        let text = if is_pretty {
            serde_json::to_string_pretty(&scene.file()).unwrap().replace('\n', line_end)
        } else {
            scene.file().to_string()
        };
        let source = Source::from_bytes("kms-sim", text.into_bytes()).unwrap();
        let document = Document::parse(source, format).unwrap();
        let loaded = Environment::load(&document, &NoFiles, None).unwrap();
        let outcome = decide(&request(&loaded.environment, &scene.question));
        prop_assert_eq!(outcome, scene.outcome());
    }
}

/// By AWS's rules and by the stricter ones.
fn under_both(request: &Request<'_>) -> [Outcome; 2] {
    let sides = sides(request, &request.context, &mut ());
    [Rules::Aws, Rules::DualPermission].map(|rules| Outcome::of(&sides, request.standing, rules))
}
