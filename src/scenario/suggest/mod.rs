//! Cases that notice what no case has noticed so far.

mod bases;
mod draft;
mod search;
mod vary;
mod yaml;

use serde::Serialize;

use self::search::Search;
use super::Scenario;
use super::coverage::{Covered, Noticed, StatementId, rules};

/// A case to add to a scenario file. It was run: it passes, and fails without the statement.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Suggestion {
    /// The scenario file.
    pub file: String,
    /// The file of the statement that the case notices.
    pub statement_file: String,
    /// The line on which the statement begins, from 1.
    pub statement_line: usize,
    /// The case, as an item of `cases`.
    pub yaml: String,
    /// The case.
    pub case: serde_json::Value,
    /// Everything that the case notices.
    #[serde(skip)]
    pub(super) notices: Vec<StatementId>,
}

/// A statement for which no case was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Unsuggested {
    /// The file of the statement.
    pub statement_file: String,
    /// The line on which it begins, from 1.
    pub statement_line: usize,
    /// Which statement.
    pub statement: String,
    /// Why there is no case, in one sentence.
    pub reason: String,
}

/// Cases for what no case of some scenarios would fail without.
#[derive(Clone, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct Suggestions {
    /// The cases, in the order of the statements that they are for.
    pub cases: Vec<Suggestion>,
    /// The statements for which there is none.
    pub none: Vec<Unsuggested>,
}

impl Suggestions {
    /// Cases for a statement that are not there yet, for the first scenario that has any.
    pub fn add<'s>(&mut self, covered: &Covered, scenarios: impl Iterator<Item = &'s Scenario>) {
        if covered.noticed == Noticed::Case || self.cases.iter().any(|it| it.notices(covered)) {
            return;
        }
        let mut reason = None;
        for scenario in scenarios.filter(|it| it.holds(covered)) {
            match scenario.suggest(covered, &self.cases) {
                Ok(found) => {
                    self.cases.push(found);
                    return;
                }
                Err(why) => reason = reason.or(Some(why)),
            }
        }
        self.none.push(Unsuggested {
            statement_file: covered.file.clone(),
            statement_line: covered.line,
            statement: covered.title(),
            reason: reason.unwrap_or_else(|| "no scenario has its policy".to_owned()),
        });
    }
}

impl Suggestion {
    /// Whether the case notices when a statement is gone.
    #[must_use]
    pub fn notices(&self, covered: &Covered) -> bool {
        self.notices.contains(&covered.id())
    }
}

impl Scenario {
    /// Whether the statement is in a policy of this scenario.
    #[must_use]
    pub fn holds(&self, covered: &Covered) -> bool {
        let id = covered.id();
        rules(self).iter().any(|(_, rule)| StatementId::of(*rule).is_some_and(|(it, _)| it == id))
    }

    /// A case that notices when the statement is gone, beside those that are there and those
    /// that were suggested already.
    ///
    /// # Errors
    ///
    /// Why none was found, in one sentence.
    pub fn suggest(
        &self,
        covered: &Covered,
        suggested: &[Suggestion],
    ) -> Result<Suggestion, String> {
        let id = covered.id();
        let names = self.cases.iter().map(|it| it.name.as_str());
        let others = suggested.iter().filter(|it| it.file == self.source.name);
        let others = others.filter_map(|it| it.case.get("name")?.as_str());
        let taken = names.chain(others).map(str::to_owned).collect();
        let is_it = |rule| StatementId::of(rule).is_some_and(|(it, _)| it == id);
        let found = rules(self).into_iter().filter(|(_, rule)| is_it(*rule));
        Search::new(self, id.clone(), taken).run(&found.collect::<Vec<_>>(), covered)
    }
}
