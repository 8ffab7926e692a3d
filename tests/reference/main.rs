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

use serde_json::json;

use self::evaluator::Reference;
use self::generator::Random;

#[test]
fn the_library_agrees_with_the_reference() {
    let mut random = Random::new(1);
    let mut bad = std::collections::BTreeMap::new();
    let mut total = std::collections::BTreeMap::new();
    let mut shown = 0;
    let start = std::time::Instant::now();
    for _ in 0..40 {
        let environment = generator::environment(&mut random);
        let cases: Vec<_> = (0..100).map(|_| generator::case(&mut random)).collect();
        let cases: Vec<_> = cases
            .into_iter()
            .map(|mut case| {
                case["expect"] = json!("allowed");
                case
            })
            .collect();
        let reference = Reference::new(&environment);
        let answers = match library::answers(&environment, &cases) {
            Ok(answers) => answers,
            Err(error) => {
                *bad.entry(error).or_insert(0) += 1;
                continue;
            }
        };
        assert_eq!(answers.len(), cases.len());
        for (case, real) in cases.iter().zip(answers) {
            let mine = reference.answer(case, case["action"].as_str().unwrap());
            match real {
                Err(error) => *bad.entry(error).or_insert(0) += 1,
                Ok(real) if real != mine => {
                    let key = format!("{:?} {:?}/{} vs {:?} {:?}/{}", real.denied_by, real.allowed_by, real.decision, mine.denied_by, mine.allowed_by, mine.decision);
                    *bad.entry(key.clone()).or_insert(0) += 1;
                    if bad[&key] == 1 && shown < 5 {
                        shown += 1;
                        println!("CASE {case}\n lib  {real:?}\n mine {mine:?}\n{}", serde_json::to_string(&reference.contexts(case, case["action"].as_str().unwrap())).unwrap());
                    }
                }
                Ok(real) => *total.entry(format!("{} {:?} {:?}", real.decision, real.denied_by, real.allowed_by)).or_insert(0) += 1,
            }
        }
    }
    println!("{:?}", start.elapsed());
    println!("{total:#?}");
    println!("{bad:#?}");
}
