//! A second reading of the rules agrees with the library on random requests.
//!
//! The evaluator here shares no code with the library and is written to be read beside the
//! documentation, not to be fast. `REFERENCE_SEED` chooses other requests, and
//! `REFERENCE_REQUESTS` how many.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod coverage;
mod evaluator;
mod generator;
mod library;
mod minimise;

use std::collections::BTreeMap;
use std::thread;

use serde_json::Value;

use self::evaluator::{Reference, Seen};
use self::generator::Random;
use self::minimise::Disagreement;

/// How many requests are compared.
const REQUESTS: u64 = 100_000;

/// How many requests are made of one environment.
const CASES: u64 = 250;

/// How many kinds of disagreements are told of.
const TOLD: usize = 5;

/// A number that an environment variable may change.
fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap())
}

/// How many parts are compared at a time; the same on every machine, so that a seed stands for
/// the same requests.
const PARTS: u64 = 4;

#[test]
fn the_library_agrees_with_a_second_reading_of_the_rules() {
    let seed = setting("REFERENCE_SEED", 1) * PARTS;
    let requests = setting("REFERENCE_REQUESTS", REQUESTS);
    let environments = requests.div_ceil(CASES).div_ceil(PARTS);
    let part = |number| move || compared(Random::new(seed + number), environments);
    let (tried, disagreements) = thread::scope(|scope| {
        let parts: Vec<_> = (0..PARTS).map(|number| scope.spawn(part(number))).collect();
        parts.into_iter().fold((Seen::default(), Kinds::new()), |(tried, mut all), part| {
            let (more, kinds) = part.join().unwrap();
            tried.add(&more);
            for (kind, (count, first)) in kinds {
                all.entry(kind).or_insert((0, first)).0 += count;
            }
            (tried, all)
        })
    });
    let told: Vec<String> = disagreements
        .iter()
        .take(TOLD)
        .map(|(kind, (count, first))| {
            let first = first.clone().minimise();
            format!("{count} times {kind}, such as\n{first}")
        })
        .collect();
    assert!(told.is_empty(), "{} kinds:\n{}", disagreements.len(), told.join("\n"));
    let missing = coverage::missing(&tried);
    assert!(requests < REQUESTS || missing.is_empty(), "too rare: {missing:#?}");
}

/// Compares requests of so many environments: what came up, and where the answers differ.
fn compared(mut random: Random, environments: u64) -> (Seen, Kinds) {
    let seen = Seen::default();
    let mut disagreements = Kinds::new();
    for _ in 0..environments {
        let environment = generator::environment(&mut random);
        let cases: Vec<Value> =
            (0..CASES).map(|_| generator::case(&mut random, &environment)).collect();
        compare(&environment, &cases, &seen, &mut disagreements);
    }
    (seen, disagreements)
}

/// How often one kind of disagreement came up, and the first of them.
type Kinds = BTreeMap<String, (usize, Disagreement)>;

/// Answers every case twice, and keeps one disagreement of each kind.
fn compare(environment: &Value, cases: &[Value], seen: &Seen, disagreements: &mut Kinds) {
    let answers = library::answers(environment, cases)
        .unwrap_or_else(|error| panic!("the environment does not load: {error}"));
    assert_eq!(answers.len(), cases.len(), "one answer for each case");
    let reference = Reference::new(environment);
    for (case, library) in cases.iter().zip(answers) {
        let library = library.unwrap_or_else(|error| panic!("{error}\nin {case}"));
        let action = case["action"].as_str().unwrap();
        let answer = reference.answer(case, action, seen);
        coverage::note(&answer, seen);
        if answer != library {
            let kind = format!("`{library}` instead of `{answer}`");
            let (count, _) = disagreements
                .entry(kind)
                .or_insert_with(|| (0, Disagreement::new(environment, case, library, answer)));
            *count += 1;
        }
    }
}
