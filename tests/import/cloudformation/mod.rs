//! Templates of CloudFormation.

mod conditions;
mod functions;
mod hostile;
mod iam;
mod kms;
mod loops;
mod manifest;
mod nested;
mod others;
mod stacks;

use kms_sim::document::{Document, InputError, Source};
use kms_sim::evaluate::Decision;
use kms_sim::import::cloudformation::{Stack, Template, import, parse};
use kms_sim::import::{Assumptions, Estate};

use crate::support;

/// What is true of the stack in most of these tests.
pub(crate) fn assumptions(values: &[(&str, &str)]) -> Assumptions {
    let values = values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Assumptions {
        account: "123456789012".parse().ok(),
        region: Some("eu-west-1".to_owned()),
        values: values.collect(),
        ..Assumptions::default()
    }
}

pub(crate) fn document(text: &str) -> Result<Document, InputError> {
    parse(Source::new("template.yaml", text))
}

pub(crate) fn estate_with(text: &str, assumptions: &Assumptions) -> Result<Estate, InputError> {
    let document = document(text)?;
    let stack = Stack { name: Some("App".to_owned()), ..Stack::default() };
    import(&[Template { document: &document, stack }], assumptions)
}

pub(crate) fn estate(text: &str) -> Estate {
    estate_with(text, &assumptions(&[])).unwrap()
}

pub(crate) fn error(text: &str) -> String {
    let estate = estate_with(text, &assumptions(&[]));
    estate.unwrap_err().to_string()
}

/// The decision on an action.
pub(crate) fn decision(estate: &Estate, principal: &str, action: &str, key: &str) -> Decision {
    support::decision(&estate.load().unwrap().environment, principal, action, key)
}
