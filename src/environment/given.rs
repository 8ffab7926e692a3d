//! What a question says of the context itself, which wins over what would follow.

use std::collections::BTreeSet;

use super::derive::date_keys;
use super::{Question, QuestionError, QuestionPart};
use crate::kms::ConditionKey;
use crate::policy::condition::{date, is_of_type};

use crate::request::{Context, ContextKey, Entry};
use crate::text::{Quoted, did_you_mean};

/// Sets every key that the question gives, and warns where AWS would send something else.
pub(super) fn set(
    context: &mut Context,
    question: &Question,
    warnings: &mut Vec<String>,
) -> Result<(), QuestionError> {
    let mut given: BTreeSet<ContextKey> = BTreeSet::new();
    for (name, entry) in &question.context {
        let key = ContextKey::new(name);
        if !given.insert(key.clone()) {
            let message = format!("expected {key} once, found it given twice");
            return Err(QuestionError::new(QuestionPart::Context, message));
        }
        warnings.extend(doubt(context, question, &key, entry));
        context.set(key, entry.clone());
    }
    set_other_date(context, &given);
    Ok(())
}

/// The two keys that say when tell the same time; one that is given, or left open, gives the other.
fn set_other_date(context: &mut Context, given: &BTreeSet<ContextKey>) {
    let keys = ["aws:CurrentTime", "aws:EpochTime"].map(ContextKey::new);
    let Some(known) = keys.iter().find(|key| given.contains(key)) else { return };
    let others: Vec<(ContextKey, Entry)> = match context.get(known) {
        Entry::Unknown => keys.iter().map(|key| (key.clone(), Entry::Unknown)).collect(),
        Entry::Values(values) if values.len() == 1 => {
            let instant = values.first().and_then(|value| date::parse(value));
            let entries = instant.map(date_keys).into_iter().flatten();
            entries.map(|(name, value)| (ContextKey::new(name), Entry::value(value))).collect()
        }
        Entry::Absent | Entry::Values(_) => Vec::new(),
    };
    for (key, entry) in others {
        if !given.contains(&key) {
            context.set(key, entry);
        }
    }
}

/// Why what is given may not be what is meant.
fn doubt(context: &Context, question: &Question, key: &ContextKey, entry: &Entry) -> Vec<String> {
    let Some(documented) = key.documented() else {
        return undocumented(key).into_iter().collect();
    };
    let action = question.action.name;
    let mut doubts = Vec::new();
    let values = entry.values();
    if !values.is_empty() && !documented.is_sent_with(question.action) {
        doubts.push(format!(
            "no request for {action} carries {key}; it is used because it was given"
        ));
    } else if *entry != Entry::Unknown && context.is_settled(key) && context.get(key) != entry {
        let would = match context.get(key).values() {
            [] => "none".to_owned(),
            values => values.iter().map(|it| Quoted(it).to_string()).collect::<Vec<_>>().join(", "),
        };
        doubts.push(format!(
            "{key} is used as it was given; from the rest of the question it would be {would}"
        ));
    }
    if values.len() > 1 && !documented.multivalued {
        doubts.push(format!("{key} has one value in a request, and {} were given", values.len()));
    }
    let odd = values.iter().filter(|value| !is_of_type(documented.value_type, value));
    doubts.extend(odd.map(|value| {
        format!(
            "{key} is given as {}, which is not {}: no condition of that type matches it",
            Quoted(value),
            documented.value_type
        )
    }));
    doubts
}

/// A key in a namespace of AWS that AWS does not document.
fn undocumented(key: &ContextKey) -> Option<String> {
    let name = key.as_str().to_ascii_lowercase();
    if !name.starts_with("aws:") && !name.starts_with("kms:") {
        return None;
    }
    let help = did_you_mean(key.as_str(), ConditionKey::all().iter().map(|known| known.name));
    let help = help.map(|help| format!("; {help}")).unwrap_or_default();
    Some(format!("AWS documents no condition key {} for KMS{help}", Quoted(key.as_str())))
}
