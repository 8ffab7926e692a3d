//! Makes a disagreement small enough to be read.

use serde_json::Value;

use crate::evaluator::{Answer, Reference, Seen};
use crate::library;

/// Fields that stay, because without them a name stands for something else.
const KEPT: [&str; 7] = ["id", "arn", "account", "principal", "action", "expect", "manager"];

/// An environment and a case on which the two answers differ.
#[derive(Clone, Debug)]
pub(crate) struct Disagreement {
    /// The environment without cases.
    pub(crate) environment: Value,
    /// The case.
    pub(crate) case: Value,
    /// The library's answer.
    pub(crate) library: Answer,
    /// The reference's answer.
    pub(crate) reference: Answer,
}

impl Disagreement {
    /// The disagreement of these answers.
    pub(crate) fn new(
        environment: &Value,
        case: &Value,
        library: Answer,
        reference: Answer,
    ) -> Self {
        Self { environment: environment.clone(), case: case.clone(), library, reference }
    }

    /// The disagreement on this environment and case, if there is one.
    fn on(environment: &Value, case: &Value) -> Option<Self> {
        let answers = library::answers(environment, std::slice::from_ref(case)).ok()?;
        let library = answers.into_iter().next()?.ok()?;
        let action = case["action"].as_str()?;
        let reference = Reference::new(environment).answer(case, action, &Seen::default());
        (library != reference).then(|| Self::new(environment, case, library, reference))
    }

    /// Leaves out whatever the disagreement does not need.
    pub(crate) fn minimise(mut self) -> Self {
        loop {
            let before = (self.environment.clone(), self.case.clone());
            for path in paths(&self.environment) {
                let smaller = without(&self.environment, &path);
                self = self.or_on(smaller, None);
            }
            for path in paths(&self.case) {
                let smaller = without(&self.case, &path);
                self = self.or_on(None, smaller);
            }
            if before == (self.environment.clone(), self.case.clone()) {
                return self;
            }
        }
    }

    /// The disagreement on the smaller parts if there is one, or this.
    fn or_on(self, environment: Option<Value>, case: Option<Value>) -> Self {
        if environment.is_none() && case.is_none() {
            return self;
        }
        let environment = environment.unwrap_or_else(|| self.environment.clone());
        let case = case.unwrap_or_else(|| self.case.clone());
        match Self::on(&environment, &case) {
            Some(other) if other.library == self.library && other.reference == self.reference => {
                other
            }
            _ => self,
        }
    }
}

impl std::fmt::Display for Disagreement {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "environment: {:#}", self.environment)?;
        writeln!(f, "case: {:#}", self.case)?;
        let action = self.case["action"].as_str().unwrap_or_default();
        for carried in Reference::new(&self.environment).contexts(&self.case, action) {
            writeln!(f, "asks: {carried}")?;
        }
        writeln!(f, "library:   {}", self.library)?;
        writeln!(f, "reference: {}", self.reference)
    }
}

/// Where a part of a JSON value is, as a JSON pointer.
type Path = Vec<String>;

/// Every part that could be left out: the last first, so that earlier paths stay good.
fn paths(value: &Value) -> Vec<Path> {
    let children: Vec<(String, &Value)> = match value {
        Value::Object(map) => map.iter().map(|(name, value)| (name.clone(), value)).collect(),
        Value::Array(items) => {
            items.iter().enumerate().map(|(index, item)| (index.to_string(), item)).collect()
        }
        _ => Vec::new(),
    };
    let mut found = Vec::new();
    for (name, child) in children.into_iter().rev() {
        if KEPT.contains(&name.as_str()) {
            continue;
        }
        found.push(vec![name.clone()]);
        let below = paths(child);
        found.extend(below.into_iter().map(|path| [vec![name.clone()], path].concat()));
    }
    found
}

/// The value without the part at the path; none if there is no such part any more.
fn without(value: &Value, path: &[String]) -> Option<Value> {
    let (name, rest) = path.split_first()?;
    let mut copy = value.clone();
    let index = name.parse::<usize>();
    if rest.is_empty() {
        match &mut copy {
            Value::Object(map) => drop(map.shift_remove(name)?),
            Value::Array(items) => {
                let index = index.ok().filter(|index| *index < items.len() && items.len() > 1)?;
                items.remove(index);
            }
            _ => return None,
        }
        return Some(copy);
    }
    let child = match &mut copy {
        Value::Object(map) => map.get_mut(name)?,
        Value::Array(items) => items.get_mut(index.ok()?)?,
        _ => return None,
    };
    *child = without(child, rest)?;
    Some(copy)
}
