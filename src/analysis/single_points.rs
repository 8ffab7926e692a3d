//! What, if it were deleted, would leave nobody who can change the key policy.

use std::collections::BTreeSet;

use serde::Serialize;

use super::candidates::{Candidates, Origin, put_key_policy};
use super::edit::Draft;
use super::rescue::{Can, Position};
use super::{AnalysisError, proof};
use crate::environment::QuestionError;
use crate::evaluate::{Decision, decide};
use crate::report::StatementRow;
use crate::request::{PrincipalName, Rules};

/// One deletion that leaves nobody who can change the key policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SinglePoint {
    /// What would be deleted.
    pub kind: PointKind,
    /// The user or role.
    pub principal: Option<String>,
    /// The statement of the key policy.
    pub statement: Option<StatementRow>,
}

/// What is deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PointKind {
    /// A user or role. A new one of the same name is not the one that the key policy names.
    ///
    /// Source: [Principal](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html)
    Principal,
    /// A statement of the key policy.
    Statement,
}

/// The only user or role that can change the key policy, if there is just one.
pub(super) fn only_principal(positions: &[Position], rules: Rules) -> Option<&Position> {
    let (able, others): (Vec<_>, Vec<_>) =
        positions.iter().partition(|position| position.can(rules) == Can::Yes);
    let is_deletable = |position: &&&Position| match position.candidate.origin {
        Origin::Listed | Origin::Named => true,
        Origin::RootUser | Origin::Like | Origin::GivenIamPolicy | Origin::AnyOther => false,
    };
    let takes_all = |position: &&&Position| {
        able.iter().all(|other| is_deleted_with(&other.candidate.name, &position.candidate.name))
    };
    let is_certain = others.iter().all(|position| position.can(rules) == Can::No);
    able.iter().filter(|_| is_certain).filter(is_deletable).find(takes_all).copied()
}

/// A role takes its sessions along.
fn is_deleted_with(name: &PrincipalName, deleted: &PrincipalName) -> bool {
    let is_its_session = match (name, deleted) {
        (PrincipalName::Session { account, role, .. }, PrincipalName::Role(of, path)) => {
            account == of && path.rsplit('/').next() == Some(role.as_str())
        }
        _ => false,
    };
    name == deleted || is_its_session
}

/// Every single point of failure, each tried out.
pub(super) fn of(
    candidates: &Candidates,
    positions: &[Position],
    rules: Rules,
) -> Result<Vec<SinglePoint>, AnalysisError> {
    let mut points: Vec<SinglePoint> = only_principal(positions, rules)
        .map(|only| SinglePoint {
            kind: PointKind::Principal,
            principal: Some(only.candidate.name.to_string()),
            statement: None,
        })
        .into_iter()
        .collect();
    let Some(policy) = candidates.policy() else { return Ok(points) };
    let needed = needed_statements(positions, rules);
    if needed.is_empty() {
        return Ok(points);
    }
    let draft = Draft::of(policy)?;
    for statement in needed {
        let without = candidates.with_policy(draft.without(&[statement.index]).policy()?);
        if is_nobody_able(&without, rules)? {
            points.push(SinglePoint {
                kind: PointKind::Statement,
                principal: None,
                statement: Some(statement),
            });
        }
    }
    Ok(points)
}

/// The statements of the key policy that everybody who can change it relies on.
fn needed_statements(positions: &[Position], rules: Rules) -> Vec<StatementRow> {
    let rows = |position: &Position| -> Vec<StatementRow> {
        let sides = position.reply(rules).answer.sides.iter();
        let of_key_policy = sides.filter(|side| side.side == "key-policy");
        let statements = of_key_policy.flat_map(|side| &side.statements);
        statements.filter(|row| row.decisive).cloned().collect()
    };
    let mut able = positions.iter().filter(|position| position.can(rules) == Can::Yes).map(rows);
    let first = able.next().unwrap_or_default();
    able.fold(first, |needed, rows| {
        let numbers: BTreeSet<usize> = rows.iter().map(|row| row.index).collect();
        needed.into_iter().filter(|row| numbers.contains(&row.index)).collect()
    })
}

/// Whether none of them can change the key policy, in whatever call.
fn is_nobody_able(candidates: &Candidates, rules: Rules) -> Result<bool, QuestionError> {
    let put = put_key_policy()?;
    for candidate in &candidates.all {
        let question = candidates.question(candidate, put, rules);
        let decision = decide(&candidates.environment_of(candidate).request(&question)?).decision;
        if matches!(decision, Decision::Allowed | Decision::Undetermined)
            || Can::of(&candidates.ask(candidate, rules)?) != Can::No
        {
            return Ok(false);
        }
    }
    Ok(proof::unproven(candidates, rules)?.is_empty())
}
