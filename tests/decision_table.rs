//! The decision for every combination of what the sides can say, held against the procedure
//! that AWS documents, written out a second time: step by step, over what is known.
//!
//! The procedure knows only yes and no. What may be said where something is unknown follows from
//! asking it about every way in which that may turn out.

#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]
#![expect(clippy::indexing_slicing, reason = "a place that is not there fails the test")]

#[path = "decision_table/procedure.rs"]
mod procedure;
#[path = "decision_table/space.rs"]
mod space;

use kms_sim::Truth::{self, False, Unknown};
use kms_sim::environment::Party::{self};
use kms_sim::environment::Reach::{self};
use kms_sim::environment::Standing;
use kms_sim::evaluate::Decision::{Allowed, ExplicitDeny, ImplicitDeny, Undetermined};
use kms_sim::evaluate::Side::{
    IdentityPolicy, KeyPolicy, PermissionsBoundary, ResourceControlPolicy, ServiceControlPolicy,
    SessionPolicy, VpcEndpointPolicy,
};
use kms_sim::evaluate::{KeyPolicyVerdict, Named, Outcome, Side, SideSet, Sides, Verdict};
use kms_sim::request::Rules::{Aws, DualPermission};

use procedure::*;
use space::*;

/// Asks about some of the combinations of every space under both rules, and counts them.
fn survey<I: Iterator<Item = usize>>(
    space_of: impl Fn(Party, Reach) -> Space,
    indexes: impl Fn(usize) -> I,
    check: impl Fn(Question<'_>) -> Result<(), String>,
) -> usize {
    let mut tried = 0;
    let mut wrong = Vec::new();
    for (party, reach, _) in STANDINGS {
        let space = space_of(party, reach);
        for rules in [Aws, DualPermission] {
            let mut failures = indexes(space.len()).filter_map(|index| {
                tried += 1;
                check(Question { sides: &space.nth(index), party, reach, rules }).err()
            });
            if let Some(first) = failures.next() {
                wrong.push(format!("{} such as this: {first}", 1 + failures.count()));
            }
        }
    }
    assert!(wrong.is_empty(), "of {tried} combinations\n{}", wrong.join("\n"));
    tried
}

fn outcome(question: Question<'_>) -> Outcome {
    let Question { sides, party, reach, rules } = question;
    Outcome::of(sides, Standing { party, reach }, rules)
}

/// Exactly what the procedure says.
fn check_known(question: Question<'_>) -> Result<(), String> {
    let Outcome { decision, denied_by, allowed_by, is_open } = outcome(question);
    let expected = question.answer();
    let found = Expected { decision, denied_by, allowed_by };
    if found == expected && !is_open {
        return Ok(());
    }
    Err(format!("expected {expected:?}, found {found:?}, open: {is_open}, for {question:?}"))
}

/// Definite where it comes out the same whatever the unknown is, and nowhere else.
fn check_unknown(question: Question<'_>) -> Result<(), String> {
    let completions = completions(question.sides);
    let answers: Vec<Expected> =
        completions.iter().map(|sides| Question { sides, ..question }.answer()).collect();
    let some = |decision| answers.iter().any(|answer| answer.decision == decision);
    let (decision, is_open) = match (some(Allowed), some(ImplicitDeny), some(ExplicitDeny)) {
        (true, false, false) => (Allowed, false),
        // It is denied for certain, though not for certain by a statement.
        (false, true, maybe_explicit) => (ImplicitDeny, maybe_explicit),
        (false, false, _) => (ExplicitDeny, false),
        (true, ..) => (Undetermined, true),
    };
    // What suffices where nothing unknown is granted suffices always.
    let allowed_by = answers[0].allowed_by.filter(|_| decision == Allowed);
    let found = outcome(question);
    if (found.decision, found.is_open, found.allowed_by) == (decision, is_open, allowed_by)
        && blames_fairly(found, &answers, question.sides)
    {
        return Ok(());
    }
    Err(format!("expected {decision:?} by {allowed_by:?}, found {found:?}, for {question:?}"))
}

/// Listed are the sides that are responsible in any case, and besides, for an implicit deny, at
/// most those that are responsible in some and do not allow in any.
fn blames_fairly(found: Outcome, answers: &[Expected], sides: &Sides) -> bool {
    let denied = !matches!(found.decision, Allowed | Undetermined);
    let alike: Vec<&Expected> =
        answers.iter().filter(|answer| denied && answer.decision == found.decision).collect();
    let fairly = |side: Side| {
        let responsible = |answer: &&Expected| answer.denied_by.contains(side);
        let ever = alike.iter().any(responsible);
        let always = ever && alike.iter().all(responsible);
        let optional = found.decision == ImplicitDeny && ever && !may_allow(sides).contains(side);
        if found.denied_by.contains(side) { always || optional } else { !always }
    };
    found.denied_by.is_empty() != denied && Side::ALL.into_iter().all(fairly)
}

fn may_allow(sides: &Sides) -> SideSet {
    let may = |side: Option<Verdict>| side.is_some_and(|verdict| verdict.allow != False);
    let key_policy = sides.key_policy.is_some_and(|policy| policy.allow.any() != False);
    those([
        (may(sides.resource_control_policy), ResourceControlPolicy),
        (may(sides.service_control_policy), ServiceControlPolicy),
        (may(sides.vpc_endpoint_policy), VpcEndpointPolicy),
        (key_policy, KeyPolicy),
        (may(sides.identity_policy), IdentityPolicy),
        (may(sides.permissions_boundary), PermissionsBoundary),
        (may(sides.session_policy), SessionPolicy),
    ])
}

/// Every way in which what is unknown may turn out, the first with nothing granted or denied.
fn completions(sides: &Sides) -> Vec<Sides> {
    let open = truths(&mut { *sides }).filter(|truth| **truth == Unknown).count();
    let complete = |bits: usize| {
        let mut completed = *sides;
        let unknown = truths(&mut completed).filter(|truth| **truth == Unknown);
        for (position, truth) in unknown.enumerate() {
            *truth = Truth::from(bits >> position & 1 == 1);
        }
        completed
    };
    (0..1 << open).map(complete).collect()
}

fn truths(sides: &mut Sides) -> impl Iterator<Item = &mut Truth> {
    let verdicts = [
        &mut sides.resource_control_policy,
        &mut sides.service_control_policy,
        &mut sides.vpc_endpoint_policy,
        &mut sides.identity_policy,
        &mut sides.permissions_boundary,
        &mut sides.session_policy,
    ];
    let mut truths = Vec::with_capacity(21);
    for Verdict { deny, allow } in verdicts.into_iter().flatten() {
        truths.extend([deny, allow]);
    }
    let mut names = vec![&mut sides.grant];
    if let Some(KeyPolicyVerdict { deny, allow }) = &mut sides.key_policy {
        truths.push(deny);
        names.push(allow);
    }
    for Named { session, caller, account, everyone } in names {
        truths.extend([session, caller, account, everyone]);
    }
    truths.into_iter()
}

#[test]
fn what_is_known_is_decided_as_documented() {
    let space_of = |party, reach| Space::new(party, reach, KNOWN);
    let tried = survey(space_of, |len| 0..len, check_known);
    let combinations = STANDINGS.iter().map(|(.., combinations)| (1 + 3 * 4) * combinations);
    assert_eq!(tried, 2 * combinations.sum::<usize>());
    assert_eq!(tried, 2_147_392);
}

#[test]
fn ceilings_limit_together_as_documented() {
    let space_of = |party, reach| {
        let verdicts = pairs(KNOWN, KNOWN, |deny, allow| Some(Verdict { deny, allow }));
        let ceilings = any_together(&[&[None], &verdicts[..]].concat());
        Space { ceilings, ..Space::new(party, reach, KNOWN) }
    };
    let tried = survey(space_of, thinned, check_known);
    let combinations = STANDINGS.iter().map(|(.., known)| thinned(5 * 5 * 5 * known).count());
    assert_eq!(tried, 2 * combinations.sum::<usize>());
    assert_eq!(tried, 712_520);
}

#[test]
fn an_unknown_source_counts_only_where_the_decision_rests_on_it() {
    let undenied = |verdict: &Option<Verdict>| verdict.is_none_or(|verdict| verdict.deny == False);
    let space_of = |party, reach| {
        let mut space = Space::new(party, reach, ANY);
        space.ceilings.retain(|three| matches!(three, [None, None | Some(Verdict::NONE), None]));
        space.boundaries.retain(undenied);
        space.session_policies.retain(undenied);
        space.identity_policies.retain(undenied);
        space.key_policies.retain(|policy| policy.is_none_or(|policy| policy.deny == False));
        space
    };
    assert_eq!(survey(space_of, thinned, check_unknown), 77_546);
}

#[test]
fn an_unknown_side_of_any_kind_counts_only_where_the_decision_rests_on_it() {
    // A stride that shares no factor with any space, so that no combination comes twice.
    let spread = |len: usize| (0..len.min(1000)).map(move |n| n * 1_000_003 % len);
    let tried = survey(|party, reach| Space::new(party, reach, ANY), spread, check_unknown);
    assert_eq!(tried, 2 * (12 * 1000 + 2 * (1 + 3 * 9)));
}
