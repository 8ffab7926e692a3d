//! The search for a case that notices one statement.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::super::case::Case;
use super::super::coverage::{Covered, Noticed, StatementId};
use super::super::{Scenario, Single, Status};
use super::draft::{self, Draft};
use super::vary::Scene;
use super::{Suggestion, bases, yaml};
use crate::document::{Document, Format, Source};
use crate::evaluate::{Rule, Side, Step, Trace, sides};
use crate::kms::Action;
use crate::policy::{Element, Outcome};
use crate::report::evidence::statement_line;
use crate::text::Printable;
use crate::truth::Truth;

/// So many cases are tried for a statement at most.
const TRIED: usize = 3_000;
/// So many changes of one case that the statement matches already.
const VARIED: usize = 60;
/// So often a case is changed until the statement matches it.
const MENDED: usize = 4;

pub(super) struct Search<'s> {
    scenario: &'s Scenario,
    target: StatementId,
    /// Names that cases have already.
    taken: BTreeSet<String>,
    tried: usize,
    /// How near it came.
    nearest: Nearest,
}

/// How near a search came, from far to near.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Nearest {
    /// No principal and key bring the statement into play.
    OutOfPlay,
    /// It is for somebody or something else.
    Elsewhere,
    /// A condition or constraint, by its name, does not hold.
    Fails(String),
    /// It matches, and others say the same.
    Redundant(Vec<String>),
}

/// What came of trying a case.
enum Probed {
    /// Not even a case, or the statement has no part in it.
    OutOfPlay,
    /// It does not match, and with these it may.
    Mismatch(Option<Draft>),
    /// It matches, and nobody would notice; with these they may.
    Unnoticed(Vec<Draft>),
    Noticed,
}

impl<'s> Search<'s> {
    pub(super) fn new(
        scenario: &'s Scenario,
        target: StatementId,
        taken: BTreeSet<String>,
    ) -> Self {
        Self { scenario, target, taken, tried: 0, nearest: Nearest::OutOfPlay }
    }

    /// Tries wherever the statement stands. A session policy that a case holds itself is of that
    /// case alone.
    pub(super) fn run(
        mut self,
        rules: &[(Side, Rule<'s>)],
        covered: &Covered,
    ) -> Result<Suggestion, String> {
        for (side, rule) in rules {
            let actions = bases::actions(*rule);
            if let Some(advice) = self.of_one_case(*side, *rule, &actions) {
                return Err(advice);
            }
            for base in bases::of(self.scenario, *side, *rule) {
                for action in &actions {
                    if self.tried >= TRIED {
                        return Err(self.why_not());
                    }
                    if let Some(found) = self.attempt(base.with_action(action), covered) {
                        return Ok(found);
                    }
                }
            }
        }
        Err(self.why_not())
    }

    /// What to do about a session policy that is written in a case.
    fn of_one_case(&self, side: Side, rule: Rule<'_>, actions: &[&Action]) -> Option<String> {
        let Rule::Statement(policy, _) = rule else { return None };
        let is_inline =
            draft::source(policy).is_some_and(|it| it.name == self.scenario.source.name);
        let action = actions.first()?.name;
        (side == Side::SessionPolicy && is_inline).then(|| {
            format!(
                "its policy is written in a case, and no other case has it: ask there for {action} too, or move the policy to a file"
            )
        })
    }

    fn why_not(&self) -> String {
        let tried = format!("of {} cases that were tried", self.tried);
        match &self.nearest {
            Nearest::OutOfPlay => {
                "no principal of the file, on no key, brings its policy into play".to_owned()
            }
            Nearest::Elsewhere => {
                format!("{tried}, none is one that its principal, action and resource match")
            }
            Nearest::Fails(element) => {
                format!("{tried}, none fulfils {}", Printable(element))
            }
            Nearest::Redundant(others) if others.is_empty() => format!(
                "{tried}, those that it matches are decided the same way by the same sides without it"
            ),
            Nearest::Redundant(others) => format!(
                "{tried}, those that it matches are decided the same way without it, by {}",
                others.join(" and ")
            ),
        }
    }

    /// A case that is mended until the statement matches, and varied until it is noticed.
    fn attempt(&mut self, mut draft: Draft, covered: &Covered) -> Option<Suggestion> {
        for _ in 0..MENDED {
            match self.probe(&draft) {
                Probed::OutOfPlay | Probed::Mismatch(None) => return None,
                Probed::Mismatch(Some(mended)) => draft = mended,
                Probed::Noticed => return self.finish(&self.least(draft), covered),
                Probed::Unnoticed(variations) => return self.vary(variations, covered),
            }
        }
        None
    }

    /// Changes once, and then once more.
    fn vary(&mut self, variations: Vec<Draft>, covered: &Covered) -> Option<Suggestion> {
        let mut queue = std::collections::VecDeque::from(variations);
        let first = queue.len();
        for turn in 0..VARIED {
            let draft = queue.pop_front()?;
            match self.probe(&draft) {
                Probed::Noticed => {
                    if let Some(found) = self.finish(&self.least(draft), covered) {
                        return Some(found);
                    }
                }
                Probed::Unnoticed(further) if turn < first => queue.extend(further),
                Probed::Unnoticed(_) | Probed::OutOfPlay | Probed::Mismatch(_) => {}
            }
        }
        None
    }

    fn probe(&mut self, draft: &Draft) -> Probed {
        self.tried += 1;
        let Ok(case) = draft.read(self.scenario) else { return Probed::OutOfPlay };
        let Some(check) = case.checks.first() else { return Probed::OutOfPlay };
        let environment = &self.scenario.environment;
        let Ok(permissions) = environment.permissions(check.asked, &case.question) else {
            return Probed::OutOfPlay;
        };
        for question in &permissions.questions {
            let Ok(request) = environment.request(question) else { return Probed::OutOfPlay };
            let mut trace = Trace::default();
            sides(&request, &request.context, &mut trace);
            let is_it =
                |it: &&Step<'_>| StatementId::of(it.rule).is_some_and(|(id, _)| id == self.target);
            let Some(step) = trace.steps.iter().find(is_it) else { continue };
            let scene = Scene { scenario: self.scenario, draft, request: &request };
            if step.outcome.truth() == Truth::True {
                if self.notices(&case).contains(&self.target) {
                    return Probed::Noticed;
                }
                let others = self.others(&case);
                self.came(Nearest::Redundant(others));
                return Probed::Unnoticed(scene.variations(&trace.steps));
            }
            return match step.outcome {
                Outcome::Mismatch(element @ (Element::Condition(_) | Element::Grant(_)))
                | Outcome::Depends(element) => {
                    self.came(Nearest::Fails(step.rule.written(element).0));
                    Probed::Mismatch(scene.fulfilling(step.rule))
                }
                Outcome::Mismatch(_) | Outcome::Match => {
                    self.came(Nearest::Elsewhere);
                    Probed::Mismatch(None)
                }
            };
        }
        Probed::OutOfPlay
    }

    fn came(&mut self, near: Nearest) {
        if std::mem::discriminant(&near) != std::mem::discriminant(&self.nearest) {
            self.nearest = near.max(self.nearest.clone());
        }
    }

    fn single<'c>(&'c self, case: &'c Case) -> Option<Single<'c>> {
        Some(Single { scenario: self.scenario, case, check: case.checks.first()? })
    }

    fn notices(&self, case: &Case) -> Vec<StatementId> {
        let exercises = self.single(case).and_then(|it| it.exercises().ok()).unwrap_or_default();
        let noticed = exercises.into_iter().filter(|it| it.noticed > Noticed::No);
        noticed.map(|it| it.statement).collect()
    }

    /// The statements that decide a case, but for the one that is searched for.
    fn others(&self, case: &Case) -> Vec<String> {
        let actual = self.single(case).and_then(|it| it.run().actual);
        let rows = actual.iter().flat_map(|it| it.decisive());
        let is_target = |place: &crate::document::Place| {
            place.span.start == self.target.start && place.source.name == self.target.file
        };
        rows.filter(|row| !row.place.as_ref().is_some_and(is_target))
            .take(2)
            .map(statement_line)
            .collect()
    }

    /// The draft without what it took from another case and does not need.
    fn least(&self, draft: Draft) -> Draft {
        draft::OPTIONAL.iter().fold(draft, |draft, field| {
            let less = draft.without(field);
            let is_enough = draft.has(field)
                && less
                    .read(self.scenario)
                    .is_ok_and(|it| self.notices(&it).contains(&self.target));
            if is_enough { less } else { draft }
        })
    }

    /// The case with its expectation, written, read again and run.
    fn finish(&self, draft: &Draft, covered: &Covered) -> Option<Suggestion> {
        let case = draft.read(self.scenario).ok()?;
        let result = self.single(&case)?.run();
        let Some(answer) = result.actual.as_ref() else {
            // It reads the date and has none.
            let dated = draft.clone().with("at", "2026-01-01T00:00:00Z".into());
            let is_mended = !draft.has("at")
                && self.notices(&dated.read(self.scenario).ok()?).contains(&self.target);
            return if is_mended { self.finish(&dated, covered) } else { None };
        };
        let mut expect = Map::from_iter([("decision".to_owned(), Value::from(answer.decision))]);
        if !answer.denied_by.is_empty() {
            expect.insert("denied_by".into(), json!(answer.denied_by));
        }
        expect.extend(answer.allowed_by.map(|side| ("by".to_owned(), side.into())));
        let decides = self.single(&case)?.exercises().ok()?;
        let decides = decides.iter().any(|it| it.statement == self.target && it.is_decisive);
        if let (true, Some(sid)) = (decides, covered.sid.as_deref().filter(|sid| !sid.is_empty()))
            && covered.rule == "statement"
        {
            expect.insert("statement".into(), sid.into());
        }
        let draft = draft
            .clone()
            .with("name", self.name(draft, answer.allowed == Some(true), covered).into())
            .with("expect", Value::Object(expect));
        let written = yaml::item(&draft.to_json());
        let notices = self.proven(&draft, &written)?;
        Some(Suggestion {
            file: self.scenario.source.name.clone(),
            statement_file: covered.file.clone(),
            statement_line: covered.line,
            yaml: written,
            case: Value::Object(draft.to_json()),
            notices,
        })
    }

    /// What the case notices, if it passes as it is written, and the statement is among that.
    fn proven(&self, draft: &Draft, written: &str) -> Option<Vec<StatementId>> {
        let document = Document::parse(Source::new("suggestion", written), Format::Yaml).ok()?;
        let case = draft.read_item(&document, self.scenario).ok()?;
        let single = self.single(&case)?;
        (single.run().status == Status::Passed).then_some(())?;
        let failing = single.exercises().ok()?.into_iter();
        let failing: Vec<StatementId> =
            failing.filter(|it| it.noticed == Noticed::Case).map(|it| it.statement).collect();
        failing.contains(&self.target).then_some(failing)
    }

    /// `role/Web may not kms:Decrypt (NoDecryption)`
    fn name(&self, draft: &Draft, is_allowed: bool, covered: &Covered) -> String {
        let may = if is_allowed { "may" } else { "may not" };
        let which = match covered.sid.as_deref().filter(|sid| !sid.is_empty()) {
            Some(sid) => sid.to_owned(),
            None => format!("{} {} of {}", covered.rule, covered.index + 1, covered.policy),
        };
        let name = format!("{} {may} {} ({which})", draft.text("principal"), draft.text("action"));
        let numbered = (2..).map(|number| format!("{name} ({number})"));
        let mut names = std::iter::once(name.clone()).chain(numbered);
        names.find(|it| !self.taken.contains(it)).unwrap_or(name)
    }
}
