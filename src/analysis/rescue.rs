//! Who can still change the policy of a key, and administer it otherwise.

use std::cmp::Reverse;

use serde::Serialize;

use super::AnalysisError;
use super::candidates::{Candidate, Candidates, Origin, put_key_policy};
use super::proof::Unproven;
use super::repair::{self, Repair};
use super::single_points::{self, SinglePoint};
use super::ways::{self, Way};
use super::words;
use crate::environment::{Environment, Key, Question, QuestionError};
use crate::evaluate::{Decision, Side, decide, explain};
use crate::kms::Action;
use crate::report::{Answer, Reply, StatementRow};
use crate::request::{PrincipalName, Rules};

/// Who can change the policy of a key, what would lock it out, and the ways back in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Rescue {
    /// How it stands.
    pub verdict: Lockout,
    /// None if undetermined.
    pub locked_out: Option<bool>,
    /// Who can change the key policy, in one sentence without a full stop.
    pub summary: String,
    /// Why, in one sentence.
    pub reason: String,
    /// The rules that decided.
    pub rules: &'static str,
    /// The ARN of the key.
    pub key: String,
    /// Everybody who was considered; those first who can change the key policy.
    pub principals: Vec<Administrator>,
    /// Single deletions that would leave nobody who can change the key policy.
    pub single_points_of_failure: Vec<SinglePoint>,
    /// The ways back in, in the order in which to try them.
    pub ways_back: Vec<Way>,
    /// What to put into the key policy, where it does not leave itself to the account.
    pub repair: Option<Repair>,
    /// What the other rules say, where they say otherwise.
    pub otherwise: Option<OtherRules>,
    /// What was assumed, and what is likely not meant.
    pub warnings: Vec<String>,
}

/// Whether a key can still be administered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Lockout {
    /// Several principals, or one that cannot be deleted, can change the key policy.
    NotLockedOut,
    /// Only one user or role can.
    OneStepFromLockout,
    /// It rests on a policy that is not known, or on what a call would carry.
    Undetermined,
    /// Nobody can.
    LockedOut,
}

/// Whether a principal can change the key policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Can {
    /// Whatever the call carries.
    No,
    /// It rests on a policy or context key that is left open.
    Undetermined,
    /// If the call carries the right values under some context keys, which were not given.
    Depends,
    /// As it was asked.
    Yes,
}

/// A principal, and what it can do to the key besides using it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Administrator {
    /// The ARN; one that was made up for a principal that stands for others.
    pub principal: String,
    /// As a person speaks of it.
    pub name: String,
    /// How it comes to be considered.
    pub origin: Origin,
    /// Whether it can change the key policy.
    pub can: Can,
    /// The decision on `kms:PutKeyPolicy`.
    pub decision: &'static str,
    /// The sides responsible for a denial.
    pub denied_by: Vec<&'static str>,
    /// The source of permission that suffices.
    pub allowed_by: Option<&'static str>,
    /// Why, in one sentence.
    pub reason: String,
    /// Context keys, neither given nor derived, that could change the decision.
    pub depends_on: Vec<String>,
    /// The statements that the decision rests on.
    pub statements: Vec<StatementRow>,
    /// The rest of key administration.
    pub administration: Vec<Administration>,
}

/// The decision on one action of key administration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Administration {
    /// The action.
    pub action: &'static str,
    /// `allowed`, `explicitDeny`, `implicitDeny` or `undetermined`.
    pub decision: &'static str,
    /// The sides responsible for a denial.
    pub denied_by: Vec<&'static str>,
    /// The source of permission that suffices.
    pub allowed_by: Option<&'static str>,
    /// What allows it.
    pub statements: Vec<StatementRow>,
}

/// What the rules say that were not asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct OtherRules {
    /// The other rules.
    pub rules: &'static str,
    /// How it stands by them.
    pub verdict: Lockout,
    /// Who can change the key policy by them.
    pub summary: String,
}

impl Rescue {
    /// Decides `kms:PutKeyPolicy` for everybody who might have it: those of the environment,
    /// whom the key policy names, the root user, and any other role with an IAM policy.
    ///
    /// `question` names the key and says what the calls carry; its action does not matter. Its
    /// principal is considered too, if it can sign in.
    ///
    /// # Errors
    ///
    /// If key or principal of the question are not there, or AWS manages the key.
    pub fn of(environment: &Environment, question: &Question) -> Result<Self, AnalysisError> {
        let question = Question { action: put_key_policy()?, ..question.clone() };
        let rules = question.rules.unwrap_or(environment.rules);
        let candidates = Candidates::of(environment, &question)?;
        let mut positions = positions(&candidates)?;
        positions.sort_by_key(|position| (Reverse(position.can(rules)), position.candidate.origin));
        let unproven = Unproven::of(&candidates)?;
        let verdict = Lockout::of(&positions, &unproven, rules);
        let repair = repair::of(&candidates, &positions)?;
        let principals = positions
            .iter()
            .filter(|position| !position.is_moot(rules))
            .map(|position| administrator(&candidates, position, rules))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Self {
            verdict,
            locked_out: verdict.is_locked_out(),
            summary: words::summary(&positions, &unproven, verdict, rules),
            reason: words::reason(&positions, rules),
            rules: rules.as_str(),
            key: candidates.arn.clone(),
            principals,
            single_points_of_failure: single_points::of(&candidates, &positions, rules)?,
            ways_back: ways::of(&candidates, &positions, &unproven, rules, repair.as_ref())?,
            repair,
            otherwise: otherwise(&positions, &unproven, rules),
            warnings: words::warnings(&candidates, &positions, rules),
        })
    }
}

impl Lockout {
    fn of(positions: &[Position], unproven: &Unproven, rules: Rules) -> Self {
        match positions.iter().map(|position| position.can(rules)).max() {
            Some(Can::Yes) if single_points::only_principal(positions, rules).is_some() => {
                Self::OneStepFromLockout
            }
            Some(Can::Yes) => Self::NotLockedOut,
            Some(Can::Depends | Can::Undetermined) => Self::Undetermined,
            Some(Can::No) | None if !unproven.by(rules).is_empty() => Self::Undetermined,
            Some(Can::No) | None => Self::LockedOut,
        }
    }

    /// None if undetermined.
    #[must_use]
    pub fn is_locked_out(self) -> Option<bool> {
        match self {
            Self::NotLockedOut | Self::OneStepFromLockout => Some(false),
            Self::LockedOut => Some(true),
            Self::Undetermined => None,
        }
    }
}

impl Can {
    pub(super) fn of(reply: &Reply) -> Self {
        match reply.decision {
            Decision::Allowed => Self::Yes,
            Decision::Undetermined => Self::Undetermined,
            Decision::ExplicitDeny | Decision::ImplicitDeny if reply.answer.could_flip => {
                Self::Depends
            }
            Decision::ExplicitDeny | Decision::ImplicitDeny => Self::No,
        }
    }
}

/// A candidate, and what both rules say of its `kms:PutKeyPolicy`.
#[derive(Clone, Debug)]
pub(super) struct Position {
    pub(super) candidate: Candidate,
    aws: Reply,
    dual_permission: Reply,
    /// The rules by which it is no other than somebody else who is considered.
    moot: Vec<Rules>,
}

impl Position {
    pub(super) fn reply(&self, rules: Rules) -> &Reply {
        match rules {
            Rules::Aws => &self.aws,
            Rules::DualPermission => &self.dual_permission,
        }
    }

    pub(super) fn can(&self, rules: Rules) -> Can {
        if self.is_moot(rules) { Can::No } else { Can::of(self.reply(rules)) }
    }

    /// Whether it is the policies of the organization alone that deny it.
    pub(super) fn is_kept_out_by_organization(&self, rules: Rules) -> bool {
        let sides = &self.reply(rules).answer.denied_by;
        let is_ceiling =
            |side: &&str| matches!(*side, "service-control-policy" | "resource-control-policy");
        !sides.is_empty() && sides.iter().all(is_ceiling)
    }

    pub(super) fn is_moot(&self, rules: Rules) -> bool {
        self.moot.contains(&rules)
    }

    /// As a person speaks of it. Who is imagined has its IAM policy by assumption.
    pub(super) fn name(&self, rules: Rules) -> String {
        let needs_iam_policy = self.reply(rules).answer.allowed_by == Some("identity-policy");
        let shown = &self.candidate.shown;
        match self.candidate.origin {
            Origin::GivenIamPolicy => format!("{shown} with an IAM policy that allows it"),
            Origin::Like if needs_iam_policy => {
                format!("{shown} with an IAM policy that allows it")
            }
            Origin::AnyOther if !needs_iam_policy && self.can(rules) == Can::Yes => {
                shown.split(" with ").next().unwrap_or(shown).to_owned()
            }
            _ => shown.clone(),
        }
    }
}

pub(super) fn positions(candidates: &Candidates) -> Result<Vec<Position>, QuestionError> {
    let position = |candidate: &Candidate| {
        Ok(Position {
            candidate: candidate.clone(),
            aws: candidates.ask(candidate, Rules::Aws)?,
            dual_permission: candidates.ask(candidate, Rules::DualPermission)?,
            moot: Vec::new(),
        })
    };
    Ok(telling(candidates.all.iter().map(position).collect::<Result<_, _>>()?))
}

/// Without those that were made up and tell nothing: a user where it stands as a role does,
/// and whom an IAM policy helps no more than anybody else.
fn telling(mut positions: Vec<Position>) -> Vec<Position> {
    let both = |it: &Position| [Rules::Aws, Rules::DualPermission].map(|rules| it.can(rules));
    let others: Vec<[Can; 2]> =
        positions.iter().filter(|it| it.candidate.origin == Origin::AnyOther).map(both).collect();
    let differ = others.windows(2).any(|pair| pair.first() != pair.last());
    let known: Vec<(PrincipalName, [Can; 2])> = positions
        .iter()
        .filter(|it| !it.candidate.origin.is_made_up())
        .map(|it| (it.candidate.name.clone(), both(it)))
        .collect();
    let is_moot = |it: &Position, (number, rules): (usize, Rules)| {
        let itself = known.iter().filter(|(name, _)| *name == it.candidate.name);
        let cans = others.iter().chain(itself.map(|(_, can)| can));
        let best = cans.filter_map(|can| can.get(number)).max();
        best.is_some_and(|best| it.can(rules) <= *best)
    };
    let given = |it: &&mut Position| it.candidate.origin == Origin::GivenIamPolicy;
    for it in positions.iter_mut().filter(given) {
        let both = [Rules::Aws, Rules::DualPermission].into_iter().enumerate();
        it.moot = both.filter(|rules| is_moot(it, *rules)).map(|(_, rules)| rules).collect();
    }
    positions.retain(|it| match it.candidate.origin {
        Origin::AnyOther => differ || !it.candidate.is_user(),
        Origin::GivenIamPolicy | Origin::Like => both(it) != [Can::No; 2],
        Origin::Listed | Origin::Named | Origin::RootUser => true,
    });
    for it in positions.iter_mut().filter(|it| differ && it.candidate.origin == Origin::AnyOther) {
        let kind = if it.candidate.is_user() { "user" } else { "role" };
        it.candidate.shown = format!("any other {kind} with an IAM policy that allows it");
    }
    positions
}

fn administrator(
    candidates: &Candidates,
    position: &Position,
    rules: Rules,
) -> Result<Administrator, QuestionError> {
    let Position { candidate, .. } = position;
    let answer = &position.reply(rules).answer;
    let rest = |action| administration(candidates, candidate, action, rules);
    Ok(Administrator {
        principal: candidate.name.to_string(),
        name: position.name(rules),
        origin: candidate.origin,
        can: position.can(rules),
        decision: answer.decision,
        denied_by: answer.denied_by.clone(),
        allowed_by: answer.allowed_by,
        reason: answer.reason.clone(),
        depends_on: answer.depends_on.clone(),
        statements: written(candidate, answer),
        administration: candidates
            .key()
            .map(further_administration)
            .unwrap_or_default()
            .into_iter()
            .map(rest)
            .collect::<Result<_, _>>()?,
    })
}

/// What a decision rests on, but for the IAM policy of who was made up.
fn written(candidate: &Candidate, answer: &Answer) -> Vec<StatementRow> {
    let is_written =
        |row: &&&StatementRow| !candidate.origin.is_made_up() || row.policy != "FullAWSAccess";
    answer.decisive().iter().filter(is_written).copied().cloned().collect()
}

/// What key administrators do besides changing the key policy: all that is done to a key and
/// is no use of it, `kms:GetKeyPolicy` first. What a grant gives by itself, and what only KMS
/// does, is not among it.
///
/// Source: [Key administrators](https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html#key-policy-default-allow-administrators)
fn further_administration(key: &Key) -> Vec<&'static Action> {
    const OTHERS: [&str; 3] =
        ["kms:PutKeyPolicy", "kms:RetireGrant", "kms:SynchronizeMultiRegionKey"];
    let is_administration = |action: &&Action| {
        action.needs_key()
            && !action.cryptographic
            && key.supports(action)
            && !OTHERS.contains(&action.name)
    };
    let (first, rest): (Vec<_>, Vec<_>) = Action::all()
        .iter()
        .filter(is_administration)
        .partition(|action| action.name == "kms:GetKeyPolicy");
    first.into_iter().chain(rest).collect()
}

fn administration(
    candidates: &Candidates,
    candidate: &Candidate,
    action: &'static Action,
    rules: Rules,
) -> Result<Administration, QuestionError> {
    let question = candidates.question(candidate, action, rules);
    let request = candidates.environment_of(candidate).request(&question)?;
    let outcome = decide(&request);
    let statements = match outcome.decision {
        Decision::Allowed => written(candidate, &explain(&request).answer(&request)),
        Decision::ExplicitDeny | Decision::ImplicitDeny | Decision::Undetermined => Vec::new(),
    };
    Ok(Administration {
        action: action.name,
        decision: outcome.decision.as_str(),
        denied_by: outcome.denied_by.iter().map(Side::as_str).collect(),
        allowed_by: outcome.allowed_by.map(Side::as_str),
        statements,
    })
}

fn otherwise(positions: &[Position], unproven: &Unproven, rules: Rules) -> Option<OtherRules> {
    let other = match rules {
        Rules::Aws => Rules::DualPermission,
        Rules::DualPermission => Rules::Aws,
    };
    let verdict = Lockout::of(positions, unproven, other);
    (verdict != Lockout::of(positions, unproven, rules)).then(|| OtherRules {
        rules: other.as_str(),
        verdict,
        summary: words::summary(positions, unproven, verdict, other),
    })
}
