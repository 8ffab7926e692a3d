//! A second reading of the rules agrees with the library on random requests.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod evaluator;
mod generator;
mod library;
mod minimise;

use std::collections::BTreeMap;

use serde_json::json;

use self::evaluator::Reference;
use self::generator::Random;
use self::minimise::Disagreement;

#[test]
fn the_library_agrees_with_the_reference() {
    let mut random = Random::new(std::env::var("REFERENCE_SEED").map_or(1, |seed| seed.parse().unwrap()));
    let n: usize = std::env::var("N").map_or(100, |n| n.parse().unwrap());
    let show: usize = std::env::var("SHOW").map_or(12, |n| n.parse().unwrap());
    let mut bad = BTreeMap::new();
    let mut errors = BTreeMap::new();
    let mut total = BTreeMap::new();
    let mut shown = 0;
    let (mut lib_time, mut ref_time) = (std::time::Duration::ZERO, std::time::Duration::ZERO);
    for _ in 0..n {
        let environment = generator::environment(&mut random);
        let cases: Vec<_> = (0..100).map(|_| generator::case(&mut random)).map(|mut case| { case["expect"] = json!("allowed"); case }).collect();
        let reference = Reference::new(&environment);
        let t = std::time::Instant::now();
        let answers = match library::answers(&environment, &cases) {
            Ok(answers) => answers,
            Err(error) => {
                let error: String = error.split(", at `").next().unwrap().splitn(4, ':').last().unwrap().to_owned();
                *errors.entry(error).or_insert(0) += 1;
                continue;
            }
        };
        lib_time += t.elapsed();
        assert_eq!(answers.len(), cases.len());
        let t = std::time::Instant::now();
        let mines: Vec<_> = cases.iter().map(|case| reference.answer(case, case["action"].as_str().unwrap())).collect();
        ref_time += t.elapsed();
        for ((case, real), mine) in cases.iter().zip(answers).zip(mines) {
            match real {
                Err(error) => *errors.entry(format!("CASE {error}")).or_insert(0) += 1,
                Ok(real) if real != mine => {
                    let key = format!("{real} vs {mine}");
                    *bad.entry(key.clone()).or_insert(0) += 1;
                    if bad[&key] == 1 && shown < show {
                        shown += 1;
                        println!("{}\n", Disagreement::on(&environment, case).unwrap().minimise());
                    }
                }
                Ok(real) => *total.entry(real.to_string()).or_insert(0) += 1,
            }
        }
    }
    println!("library {lib_time:?} reference {ref_time:?}");
    println!("{total:#?}");
    println!("{errors:#?}");
    println!("{bad:#?}");
}
