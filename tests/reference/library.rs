//! The library's own answers, by way of a scenario.

use kms_sim::document::{Document, Format, Source};
use kms_sim::environment::NoFiles;
use kms_sim::scenario::{CaseResult, Scenario, Sorted};
use serde_json::{Value, json};

use crate::evaluator::Answer;

/// Answers every case, of one action each; one that cannot be answered gives the reason.
///
/// # Errors
///
/// If the environment cannot be loaded.
pub(crate) fn answers(
    environment: &Value,
    cases: &[Value],
) -> Result<Vec<Result<Answer, String>>, String> {
    let mut scenario = environment.clone();
    scenario["cases"] = json!(cases);
    for case in scenario["cases"].as_array_mut().into_iter().flatten() {
        // A case must expect something; what it is does not matter here.
        case["expect"] = json!("allowed");
    }
    let source = Source::new("random.json", scenario.to_string());
    let document = Document::parse(source, Format::Json).map_err(|error| error.to_string())?;
    match Scenario::read(&document, &NoFiles).map_err(|error| error.to_string())? {
        Sorted::Scenario(scenario) => Ok(scenario.run().map(answer).collect()),
        sorted => Err(format!("{sorted:?} is no scenario")),
    }
}

fn answer(result: CaseResult) -> Result<Answer, String> {
    let Some(actual) = result.actual else { return Err(result.message.unwrap_or_default()) };
    Ok(Answer {
        decision: actual.decision.to_owned(),
        denied_by: actual.denied_by.iter().map(|side| (*side).to_owned()).collect(),
        allowed_by: actual.allowed_by.map(str::to_owned),
    })
}
