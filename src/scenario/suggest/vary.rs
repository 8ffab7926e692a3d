//! What to change of a case so that more statements match it, or fewer.

use serde_json::json;

use super::super::Scenario;
use super::draft::Draft;
use crate::environment::Request;
use crate::evaluate::{Rule, Step};
use crate::policy::Condition;
use crate::request::{ContextKey, Entry};
use crate::truth::Truth;

/// A request with the draft that it is of.
pub(super) struct Scene<'a, 'e> {
    pub(super) scenario: &'a Scenario,
    pub(super) draft: &'a Draft,
    pub(super) request: &'a Request<'e>,
}

impl Scene<'_, '_> {
    /// The draft with which every condition or constraint of a statement or grant holds, as far
    /// as values for them are found.
    pub(super) fn fulfilling(&self, rule: Rule<'_>) -> Option<Draft> {
        match rule {
            Rule::Grant(grant) => {
                let draft = match grant.token() {
                    Some(token) => self.draft.clone().with("grant_tokens", json!([token])),
                    None => self.draft.clone(),
                };
                let mut wanted = grant.reads().map(|(key, value)| (key, Entry::value(value)));
                let put = |draft: Draft, (key, entry): (&ContextKey, Entry)| {
                    draft.put(key, &entry, self.request, self.scenario)
                };
                wanted.try_fold(draft, put).filter(|it| !it.is_like(self.draft))
            }
            Rule::Statement(_, statement) => {
                let conditions = statement.conditions();
                let failing =
                    conditions.iter().filter(|it| it.test(&self.request.context) != Truth::True);
                let mut draft: Option<Draft> = None;
                for condition in failing {
                    let key = condition.key();
                    let of_key: Vec<&Condition> =
                        conditions.iter().filter(|it| it.key() == key).collect();
                    let entry = self.satisfying(&of_key)?;
                    let from = draft.as_ref().unwrap_or(self.draft);
                    draft = Some(from.put(key, &entry, self.request, self.scenario)?);
                }
                draft
            }
        }
    }

    /// Something that all the conditions on a key hold for.
    fn satisfying(&self, conditions: &[&Condition]) -> Option<Entry> {
        let key = conditions.first()?.key();
        self.entries(conditions).into_iter().find(|entry| {
            let mut context = self.request.context.clone();
            context.set(key.clone(), entry.clone());
            conditions.iter().all(|it| it.test(&context) == Truth::True)
        })
    }

    /// What to try under the key of the conditions.
    fn entries(&self, conditions: &[&Condition]) -> Vec<Entry> {
        let examples = conditions.iter().flat_map(|it| it.examples());
        let mut examples: Vec<String> = examples.filter_map(|it| self.substituted(&it)).collect();
        let mut seen = std::collections::BTreeSet::new();
        examples.retain(|it| seen.insert(it.clone()));
        let singles = examples.iter().map(Entry::value);
        let several = Entry::Values(examples.clone());
        singles.chain([Entry::Absent, several]).collect()
    }

    /// The text with the values of its variables; none if one has no single value.
    fn substituted(&self, text: &str) -> Option<String> {
        let mut parts = text.split("${");
        let mut whole = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (name, rest) = part.split_once('}')?;
            let name = name.split(',').next().unwrap_or(name).trim();
            match self.request.context.get(&ContextKey::new(name)).values() {
                [only] => whole.push_str(only),
                _ => return None,
            }
            whole.push_str(rest);
        }
        Some(whole)
    }

    /// Drafts that change one context key that a statement for this caller and action reads.
    pub(super) fn variations(&self, steps: &[Step<'_>]) -> Vec<Draft> {
        let mut variations: Vec<Draft> = Vec::new();
        for step in steps.iter().filter(|step| step.concerns_request()) {
            if step.outcome.truth() != Truth::True {
                variations.extend(self.fulfilling(step.rule));
            }
            let Rule::Statement(_, statement) = step.rule else { continue };
            for condition in statement.conditions() {
                let entries = self.entries(&[condition]);
                variations.extend(entries.iter().filter_map(|entry| {
                    self.draft.put(condition.key(), entry, self.request, self.scenario)
                }));
            }
        }
        let mut distinct: Vec<Draft> = Vec::new();
        for it in variations {
            if !it.is_like(self.draft) && !distinct.iter().any(|known| known.is_like(&it)) {
                distinct.push(it);
            }
        }
        distinct
    }
}
