//! What a finding is known by when it is found again: rule, file, resource, and the statement by
//! what it says, so that another statement above it changes nothing.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::Value;

use super::{Located, located, paths};

/// The fingerprints of a run, none of which is given twice.
#[derive(Default)]
pub(super) struct Fingerprints {
    /// The values of the texts that findings count in, by address.
    texts: HashMap<usize, Option<Value>>,
    given: HashMap<String, usize>,
}

impl Fingerprints {
    pub(super) fn of(&mut self, located: &Located) -> String {
        let place = &located.finding.place;
        let text = self
            .texts
            .entry(Arc::as_ptr(&place.source) as usize)
            .or_insert_with(|| located::value(&place.source));
        let within = text.as_ref().map(|text| within(text, &place.pointer));
        let within = within.unwrap_or_else(|| place.pointer.clone());
        let resource = located.policy().unwrap_or_default();
        let resource = resource.strip_prefix(located.file()).unwrap_or(resource);
        let file = paths::from_here(located.file()).replace('\\', "/");
        let print = format!("{} {file}{resource} {within}", located.finding.rule.code);
        let given = self.given.entry(print.clone()).or_default();
        *given += 1;
        if *given == 1 { print } else { format!("{print} {given}") }
    }
}

/// A pointer whose numbers are told by what they lead to.
fn within(text: &Value, pointer: &str) -> String {
    let mut here = Some(text);
    let mut told = String::new();
    for step in pointer.split('/').skip(1) {
        let name = step.replace("~1", "/").replace("~0", "~");
        let list = here.and_then(Value::as_array);
        here = here.and_then(|value| match value {
            Value::Array(items) => items.get(name.parse::<usize>().ok()?),
            other => other.get(&name),
        });
        told.push('/');
        match (list, here) {
            (Some(list), Some(item)) => told.push_str(&item_of(list, item)),
            _ => told.push_str(step),
        }
    }
    told
}

/// An item of a list: a statement by its `Sid`, if no other has it, and all else by its content.
fn item_of(list: &[Value], item: &Value) -> String {
    let sid = |it: &Value| it.get("Sid").and_then(Value::as_str).map(str::to_owned);
    match sid(item) {
        Some(own) if list.iter().filter(|it| sid(it).as_deref() == Some(&own)).count() == 1 => own,
        _ => format!("{:016x}", hash(&item.to_string())),
    }
}

/// FNV-1a, which is the same with every version of the compiler.
fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
