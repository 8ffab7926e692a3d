//! The library's own answers, by way of a scenario.

use std::collections::BTreeSet;

use kms_sim::document::{Document, Format, Source};
use kms_sim::environment::NoFiles;
use kms_sim::scenario::{Scenario, Sorted};
use serde_json::{Value, json};

use crate::evaluator::Answer;

/// Answers one action of every case; a case that cannot be answered gives the reason.
pub(crate) fn answers(
    environment: &Value,
    cases: &[Value],
) -> Result<Vec<Result<Answer, String>>, String> {
    let mut scenario = environment.clone();
    scenario["cases"] = json!(cases);
    let source = Source::new("random.json", scenario.to_string());
    let document = Document::parse(source, Format::Json).map_err(|error| error.to_string())?;
    match Scenario::read(&document, &NoFiles).map_err(|error| error.to_string())? {
        Sorted::Scenario(scenario) => Ok(scenario
            .run()
            .map(|result| match result.actual {
                Some(actual) => Ok(Answer {
                    decision: actual.decision.to_owned(),
                    denied_by: actual.denied_by.iter().map(|side| (*side).to_owned()).collect::<BTreeSet<_>>(),
                    allowed_by: actual.allowed_by.map(str::to_owned),
                }),
                None => Err(result.message.unwrap_or_default()),
            })
            .collect()),
        sorted => Err(format!("{sorted:?} is no scenario")),
    }
}
