//! The smallest changes that turn a denial into `allowed`.
//!
//! Each side that denies has its moves; a move is made in a copy of everything, with the
//! document read by the parser that read it first, and the question is asked again. What still
//! denies gets its moves in turn. What is offered has so been found allowed as a whole.

mod allow;
mod beside;
mod call;
mod deny;
mod draft;
mod edit;
mod grant;
mod json;
mod scene;

use std::collections::BTreeSet;

use self::beside::Survey;
use self::draft::{Draft, Move};
pub use self::edit::{AlsoAllowed, Change, Edit, Fix, PolicyEdit};
use self::scene::Scene;
use crate::environment::{Environment, Key, Manager, Question, QuestionError};
use crate::evaluate::{Decision, explain};
use crate::kms::Asked;
use crate::policy::Effect;
use crate::truth::Truth;

/// So many edits make one fix at most.
const DEPTH: usize = 6;
/// So many copies are asked at most.
const TRIED: usize = 250;
/// An environment of so many grants and principals takes a while to copy.
const LARGE: usize = 500;
/// Of so many statements each question takes a while.
const MANY: usize = 50;
/// So many statements are consulted of no caller: the quotas of AWS are far below.
const STORABLE: usize = 2_000;
/// More than these nobody compares.
const OFFERED: usize = 10;

/// Source: [AWS managed keys](https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#aws-managed-cmk)
const OF_AWS: &str = "no change of the key policy is offered: it is that of an AWS managed key, which only AWS changes; what its policy does not let you do takes a customer managed key";

impl Fix {
    /// The fixes of a denial, best first: what the caller can do, then what allows nothing
    /// else, and last what weakens a `Deny`. None where nothing is denied, or nothing helps.
    ///
    /// ```
    /// use kms_sim::analysis::Fix;
    /// use kms_sim::environment::{Question, example};
    /// use kms_sim::kms::{Action, Asked};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let environment = example::environment()?.environment;
    /// let action = Action::parse("kms:Verify")?;
    /// let question = Question::new("role/WebAppInstanceRole", action);
    /// let fixes = Fix::of(&environment, Asked::Permission(action), &question)?;
    /// assert!(fixes.iter().all(|fix| !fix.weakens_deny()));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Environment::permissions`] and [`Environment::request`].
    pub fn of(
        environment: &Environment,
        asked: Asked,
        question: &Question,
    ) -> Result<Vec<Self>, QuestionError> {
        let start = Draft::new(environment, question);
        let mut search = Search { asked, left: 1 };
        let statements = consulted(environment, asked, question)?;
        if statements > STORABLE {
            return Ok(Vec::new());
        }
        let weight = weight(environment, statements);
        let tried = TRIED / weight;
        let Some(first) = search.denial(&start)? else { return Ok(Vec::new()) };
        let mut found: Vec<Draft> = Vec::new();
        for made in &first.moves {
            // Each of the first moves gets its chance, whatever the others took.
            search.left = (tried / first.moves.len().max(1)).max(1);
            let helped = search.from(&start.with(made), DEPTH, first.state);
            found.extend(helped.map(|draft| search.smallest(&start, draft)));
        }
        let aims = Aims::of(environment, asked, question)?;
        let survey = Survey::of(environment, question, &aims.keys, weight);
        let before = if found.is_empty() { BTreeSet::new() } else { survey.allowed(&start) };
        let mut fixes: Vec<Self> = Vec::new();
        for draft in found {
            let edits = draft.edits();
            if fixes.iter().any(|known| known.edits == edits) {
                continue;
            }
            let after = survey.allowed(&draft);
            // What the caller could have sent all along is not allowed by the fix.
            let sent = Draft::new(environment, &draft.question);
            let before = if draft.says_more() { &survey.allowed(&sent) } else { &before };
            let also = after.difference(before).filter(|it| !aims.are_met_by(it)).cloned();
            fixes.push(Self { also_allows: also.collect(), edits });
        }
        fixes.sort_by_key(Self::rank);
        fixes.truncate(OFFERED);
        Ok(fixes)
    }

    /// What is to be known of the fixes of a denial: that not everybody was asked what else
    /// they would allow, and that a policy which denies is not the customer's to change.
    ///
    /// # Errors
    ///
    /// As [`Fix::of`].
    pub fn warnings(
        environment: &Environment,
        asked: Asked,
        question: &Question,
    ) -> Result<Vec<String>, QuestionError> {
        let statements = consulted(environment, asked, question)?;
        if statements > STORABLE {
            return Ok(vec![format!("no fix was looked for among {statements} statements")]);
        }
        let aims = Aims::of(environment, asked, question)?;
        let is_of_aws = |key: &Key| key.manager == Manager::Aws && aims.keys.contains(&key.arn());
        let of_aws = environment.keys().iter().any(is_of_aws).then(|| OF_AWS.to_owned());
        let weight = weight(environment, statements);
        let survey = Survey::of(environment, question, &aims.keys, weight);
        Ok(of_aws.into_iter().chain(survey.warning()).collect())
    }

    fn rank(&self) -> (bool, bool, usize, usize, usize) {
        // Of several that allow something else, the one that allows least. What a Deny forbids
        // is not only what somebody is allowed today: there the narrower exemption comes first.
        let also = if self.weakens_deny() { 0 } else { self.also_allows.len() };
        // A statement of its own is narrower than one that is there and covers more.
        let widened = self.edits.iter().filter(|edit| edit.trade_off == allow::WIDENS).count();
        (self.weakens_deny(), !self.is_of_call(), also, widened, self.edits.len())
    }
}

/// How many statements one of the permissions is held against.
fn consulted(
    environment: &Environment,
    asked: Asked,
    question: &Question,
) -> Result<usize, QuestionError> {
    let mut most = 0;
    for question in &environment.permissions(asked, question)?.questions {
        let request = environment.request(question)?;
        let known = request.stack.policies().filter_map(|(_, attached)| attached.known());
        most = most.max(known.map(|policy| policy.statements().len()).sum());
    }
    Ok(most)
}

/// How many times as long as in a small environment a question takes.
fn weight(environment: &Environment, statements: usize) -> usize {
    let grants: usize = environment.keys().iter().map(|key| key.grants.len()).sum();
    1 + (grants + environment.principals().count()) / LARGE + statements / MANY
}

/// What is to be allowed.
struct Aims {
    principals: BTreeSet<String>,
    actions: BTreeSet<&'static str>,
    keys: BTreeSet<String>,
}

impl Aims {
    fn of(
        environment: &Environment,
        asked: Asked,
        question: &Question,
    ) -> Result<Self, QuestionError> {
        let (mut principals, mut actions, mut keys) =
            <(BTreeSet<_>, BTreeSet<_>, BTreeSet<_>)>::default();
        for question in &environment.permissions(asked, question)?.questions {
            let request = environment.request(question)?;
            principals.extend(request.caller.session_arn.clone());
            principals.insert(request.caller.arn.clone());
            actions.insert(request.action.name);
            keys.extend(request.key.map(Key::arn));
        }
        Ok(Self { principals, actions, keys })
    }

    fn are_met_by(&self, allowed: &AlsoAllowed) -> bool {
        self.principals.contains(&allowed.principal)
            && self.actions.contains(allowed.action)
            && allowed.key.as_ref().is_none_or(|key| self.keys.contains(key))
    }
}

/// How far a draft is from allowed; a move that changes nothing of it leads nowhere.
type State = (usize, usize, u64);

struct Denial {
    moves: Vec<Move>,
    state: State,
}

struct Search {
    asked: Asked,
    left: usize,
}

impl Search {
    /// A draft in which everything is allowed, by as few moves as the first that help.
    fn from(&mut self, draft: &Draft, depth: usize, before: State) -> Option<Draft> {
        self.left = self.left.checked_sub(1)?;
        // What can no longer be asked is no fix.
        let Some(denial) = self.denial(draft).ok()? else { return Some(draft.clone()) };
        if depth == 0 || denial.state == before {
            return None;
        }
        denial.moves.iter().find_map(|made| self.from(&draft.with(made), depth - 1, denial.state))
    }

    /// The same without the edits that the others do without.
    fn smallest(&self, start: &Draft, draft: Draft) -> Draft {
        let less =
            draft.with_one_edit_less(start).find(|less| matches!(self.denial(less), Ok(None)));
        // One edit less each time, and of one there is none less.
        less.map_or(draft, |less| self.smallest(start, less))
    }

    /// The first permission that is not allowed, with what may help; none if all are.
    fn denial(&self, draft: &Draft) -> Result<Option<Denial>, QuestionError> {
        let permissions = draft.environment.permissions(self.asked, &draft.question)?;
        for (number, question) in permissions.questions.iter().enumerate() {
            let request = draft.environment.request(question)?;
            let explanation = explain(&request);
            let scene = Scene { draft, request: &request, explanation: &explanation };
            let moves = match explanation.outcome.decision {
                Decision::Allowed => continue,
                Decision::Undetermined => Vec::new(),
                Decision::ExplicitDeny => scene.undenying(),
                Decision::ImplicitDeny => scene.allowing(),
            };
            let matched = |effect| {
                let of = |it: &&crate::evaluate::Step<'_>| {
                    it.rule.effect() == effect && it.outcome.truth() == Truth::True
                };
                explanation.steps.iter().filter(of).count()
            };
            let sides = explanation.outcome.denied_by.iter().map(|side| 1 << side as u64);
            let allows = u64::try_from(matched(Effect::Allow)).unwrap_or_default() << 8;
            let state = (number, matched(Effect::Deny), sides.sum::<u64>() | allows);
            return Ok(Some(Denial { moves, state }));
        }
        Ok(None)
    }
}
