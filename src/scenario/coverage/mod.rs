//! Which statements the cases exercise, and which could be removed without a case noticing.

mod exercise;
pub(super) mod listed;

use std::collections::BTreeMap;

use serde::Serialize;

pub use self::exercise::Exercise;
pub(super) use self::listed::rules;
use super::{Scenario, Suggestions};
use crate::document::Place;
use crate::evaluate::{Rule, Side};
use crate::text::Printable;

/// How far the cases cover the statements and grants of the policies that files hold.
#[derive(Clone, Debug, Default)]
pub struct Coverage {
    statements: BTreeMap<StatementId, Covered>,
}

/// A statement or grant, by where it stands: the same in every scenario that refers to its file,
/// and wherever an alias of YAML repeats it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct StatementId {
    pub(super) file: String,
    pub(super) start: usize,
}

impl StatementId {
    /// None for a grant that was read from no file.
    pub(super) fn of(rule: Rule<'_>) -> Option<(Self, Place)> {
        let place = rule.place()?.shown();
        Some((Self::at(&place), place))
    }

    fn at(place: &Place) -> Self {
        Self { file: place.source.name.clone(), start: place.span.start }
    }
}

/// Whether a case notices that a statement is gone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Noticed {
    /// No decision changes, nor the sides that make it.
    #[default]
    No,
    /// A decision changes, or its sides do; but no case would fail.
    Answer,
    /// A case would fail.
    Case,
}

/// A statement or grant, and what the cases have to do with it.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Covered {
    /// The sides that its policy is on.
    pub sides: Vec<&'static str>,
    /// `statement`, or `grant`.
    pub rule: &'static str,
    /// The file that it stands in.
    pub file: String,
    /// The file of its policy, with a JSON pointer if the policy is a part of it.
    pub policy: String,
    /// Its number in the policy, from 0.
    pub index: usize,
    /// Its `Sid`; the name or id of a grant.
    pub sid: Option<String>,
    /// `Allow` or `Deny`.
    pub effect: String,
    /// The line it begins on, from 1.
    pub line: usize,
    /// The column, from 1.
    pub column: usize,
    /// How many actions of cases it matches, or may match.
    pub matched: usize,
    /// Of how many the decision rests on it.
    pub decisive: usize,
    /// Whether a case notices that it is gone.
    pub noticed: Noticed,
    /// Where it stands.
    #[serde(skip)]
    pub place: Place,
}

/// Coverage as it is printed.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct CoverageReport {
    /// Of a hundred statements, how many are noticed when they are gone; rounded down, and 100
    /// where there are none.
    pub percent: usize,
    /// How many statements and grants there are.
    pub statements: usize,
    /// Without how many of them a decision, or the sides that make it, would be another.
    pub noticed: usize,
    /// How many of those no case would fail without.
    pub unexpected: usize,
    /// On how many a decision rests.
    pub decisive: usize,
    /// How many match a case.
    pub matched: usize,
    /// Each of them: first what nobody notices, a `Deny` before an `Allow`; then what no case
    /// would fail without; then the rest, by where they stand.
    pub rows: Vec<Covered>,
    /// Cases for what no case would fail without, if that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suggestions: Option<Suggestions>,
}

impl Coverage {
    /// Every statement and grant of a scenario, covered by nothing yet.
    #[must_use]
    pub fn of(scenario: &Scenario) -> Self {
        let mut coverage = Self::default();
        for (side, rule) in rules(scenario) {
            coverage.list(side, rule);
        }
        coverage
    }

    fn list(&mut self, side: Side, rule: Rule<'_>) {
        let Some((id, place)) = StatementId::of(rule) else { return };
        let covered = self.statements.entry(id).or_insert_with(|| Covered::new(rule, place));
        covered.add_side(side.as_str());
    }

    /// Counts what a case exercises.
    pub fn count(&mut self, exercises: Vec<Exercise>) {
        for Exercise { statement, is_decisive, noticed } in exercises {
            if let Some(covered) = self.statements.get_mut(&statement) {
                covered.matched += 1;
                covered.decisive += usize::from(is_decisive);
                covered.noticed = covered.noticed.max(noticed);
            }
        }
    }

    /// Adds what another scenario covers; what both refer to is the same.
    pub fn merge(&mut self, other: Self) {
        for (id, other) in other.statements {
            match self.statements.entry(id) {
                std::collections::btree_map::Entry::Vacant(slot) => {
                    slot.insert(other);
                }
                std::collections::btree_map::Entry::Occupied(mut slot) => {
                    let covered = slot.get_mut();
                    covered.matched += other.matched;
                    covered.decisive += other.decisive;
                    covered.noticed = covered.noticed.max(other.noticed);
                    other.sides.iter().for_each(|side| covered.add_side(side));
                }
            }
        }
    }

    fn noticed(&self) -> usize {
        self.statements.values().filter(|it| it.noticed > Noticed::No).count()
    }

    /// The coverage as it is printed.
    #[must_use]
    pub fn report(&self) -> CoverageReport {
        let mut rows: Vec<Covered> = self.statements.values().cloned().collect();
        rows.sort_by_key(|it| (it.noticed, it.noticed < Noticed::Case && it.effect != "Deny"));
        let count = |is: fn(&Covered) -> bool| rows.iter().filter(|it| is(it)).count();
        let noticed = self.noticed();
        CoverageReport {
            percent: (noticed * 100).checked_div(rows.len()).unwrap_or(100),
            statements: rows.len(),
            noticed,
            unexpected: count(|it| it.noticed == Noticed::Answer),
            decisive: count(|it| it.decisive > 0),
            matched: count(|it| it.matched > 0),
            rows,
            suggestions: None,
        }
    }
}

impl Covered {
    fn new(rule: Rule<'_>, place: Place) -> Self {
        Self {
            sides: Vec::new(),
            rule: match rule {
                Rule::Statement(..) => "statement",
                Rule::Grant(_) => "grant",
            },
            file: place.source.name.clone(),
            policy: rule.source(),
            index: rule.index(),
            sid: rule.label().map(str::to_owned),
            effect: rule.effect().to_string(),
            line: place.line(),
            column: place.column(),
            matched: 0,
            decisive: 0,
            noticed: Noticed::No,
            place,
        }
    }

    /// Why nobody notices when it is gone, or only an answer changes.
    #[must_use]
    pub fn why(&self) -> String {
        let cases = |count| if count == 1 { "1 case".to_owned() } else { format!("{count} cases") };
        match (self.noticed, self.matched, self.decisive) {
            (Noticed::Case, _, _) => "a case would fail without it".to_owned(),
            (Noticed::Answer, _, _) => {
                "an answer would change without it, and no case expects that".to_owned()
            }
            (Noticed::No, 0, _) => "no case matches it".to_owned(),
            (Noticed::No, matched, 0) => {
                format!("it matches {}, and no decision rests on it", cases(matched))
            }
            (Noticed::No, _, decisive) => {
                format!("it decides {}, and another statement does as well", cases(decisive))
            }
        }
    }

    /// `statement 2 "NoDeletion" (Deny)`
    #[must_use]
    pub fn title(&self) -> String {
        let sid = self.sid.as_deref().filter(|sid| !sid.is_empty());
        let sid = sid.map(|sid| format!(" \"{}\"", Printable(sid))).unwrap_or_default();
        format!("{} {}{sid} ({})", self.rule, self.index + 1, self.effect)
    }

    /// Which statement, and why nobody notices when it is gone.
    #[must_use]
    pub fn sentence(&self) -> String {
        format!("{}: {}", self.title(), self.why())
    }

    pub(super) fn id(&self) -> StatementId {
        StatementId::at(&self.place)
    }

    fn add_side(&mut self, side: &'static str) {
        if !self.sides.contains(&side) {
            self.sides.push(side);
        }
    }
}
