//! A fix flips the decision, and what it weakens or also allows is said.

use kms_sim::analysis::Fix;
use kms_sim::evaluate::Decision;
use kms_sim::kms::Asked;
use kms_sim::report::{Detail, ask};
use proptest::prelude::*;
use proptest::test_runner::Config;

use super::by_hand::decision_after;
use super::cases;
use super::generate::{Scene, scene};

/// A fix is hundreds of decisions.
fn few() -> Config {
    let config = cases(1);
    Config { cases: config.cases.div_ceil(8), ..config }
}

fn fixes(scene: &Scene) -> (Decision, Vec<Fix>) {
    let (environment, asked) = (scene.environment(), Asked::Permission(scene.question.action));
    let Ok(reply) = ask(&environment, asked, &scene.question, Detail::Reasons) else {
        return (Decision::Undetermined, Vec::new());
    };
    (reply.decision, Fix::of(&environment, asked, &scene.question).unwrap())
}

proptest! {
    #![proptest_config(few())]

    #[test]
    fn a_fix_flips_the_decision_and_says_what_it_weakens(scene in scene()) {
        let (decision, fixes) = fixes(&scene);
        match decision {
            Decision::Allowed | Decision::Undetermined => prop_assert!(fixes.is_empty()),
            Decision::ImplicitDeny | Decision::ExplicitDeny => {}
        }
        for fix in &fixes {
            let (asked, environment) = (Asked::Permission(scene.question.action), scene.environment());
            let after = decision_after(fix, asked, &environment, &scene.question);
            prop_assert_eq!(after, "allowed", "{}", fix.summary());
            prop_assert!(!fix.edits.is_empty());
            for dropped in 0..fix.edits.len() {
                let mut less = fix.clone();
                less.edits.remove(dropped);
                let after = decision_after(&less, asked, &environment, &scene.question);
                prop_assert_ne!(after, "allowed", "{} without edit {}", fix.summary(), dropped);
            }
            let is_loud = fix.summary().starts_with("WEAKENS AN EXPLICIT DENY: ");
            prop_assert_eq!(fix.weakens_deny(), is_loud);
            for row in fix.to_json(1) {
                for field in ["side", "summary", "patch"] {
                    prop_assert!(row.get(field).is_some(), "{}", field);
                }
            }
        }
    }
}
