//! The edit of a key policy that gives the key back to its account.

use serde::Serialize;
use serde_json::Value;

use super::AnalysisError;
use super::candidates::{Candidates, Origin};
use super::edit::{Draft, account_statement, patch};
use super::rescue::{Can, Position};
use crate::environment::QuestionError;
use crate::request::Rules;

/// An edit of the key policy after which the account can change it; tried out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Repair {
    /// What it does, in one sentence.
    pub summary: String,
    /// The edit, by [RFC 6902](https://www.rfc-editor.org/rfc/rfc6902).
    pub patch: Vec<Value>,
    /// The statement that it adds, if it adds one.
    pub statement: Option<Value>,
    /// The key policy after it.
    pub policy: Value,
}

/// None where the account can already change the key policy, where that is not known, and where
/// no edit of the key policy would help.
///
/// Source: [Default key policy](https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html#key-policy-default-allow-root-enable-iam)
pub(super) fn of(
    candidates: &Candidates,
    positions: &[Position],
) -> Result<Option<Repair>, AnalysisError> {
    let is_open = |it: &Position| is_account(it.candidate.origin) && it.can(Rules::Aws) != Can::No;
    let Some(policy) = candidates.policy().filter(|_| !positions.iter().any(is_open)) else {
        return Ok(None);
    };
    let draft = Draft::of(policy)?;
    // What denies may be all that is in the way.
    let denying_today = denying(candidates)?.unwrap_or_default();
    let rest = draft.without(&denying_today);
    if !denying_today.is_empty() && denying(&candidates.with_policy(rest.policy()?))?.is_none() {
        return Ok(Some(repair(&draft, &denying_today, None)));
    }
    let statement = account_statement(candidates.account);
    let with_account = candidates.with_policy(draft.with(statement.clone()).policy()?);
    let denying = match denying(&with_account)? {
        None => Vec::new(),
        Some(denying) => {
            let edited = draft.without(&denying).with(statement.clone());
            if self::denying(&candidates.with_policy(edited.policy()?))?.is_some() {
                return Ok(None);
            }
            denying
        }
    };
    Ok(Some(repair(&draft, &denying, Some(statement))))
}

fn repair(draft: &Draft, removed: &[usize], added: Option<Value>) -> Repair {
    let rest = draft.without(removed);
    let edited = added.clone().map_or_else(|| rest.clone(), |added| rest.with(added));
    Repair {
        summary: summary(removed, added.as_ref()),
        patch: patch(draft, removed, added.as_ref()),
        policy: edited.to_json(),
        statement: added,
    }
}

fn is_account(origin: Origin) -> bool {
    matches!(origin, Origin::RootUser | Origin::AnyOther)
}

/// Nothing if the account can change the key policy; else the numbers of the statements of
/// the key policy that deny it.
fn denying(candidates: &Candidates) -> Result<Option<Vec<usize>>, QuestionError> {
    let mut numbers = Vec::new();
    for candidate in candidates.all.iter().filter(|it| is_account(it.origin)) {
        let reply = candidates.ask(candidate, Rules::Aws)?;
        if Can::of(&reply) == Can::Yes {
            return Ok(None);
        }
        let sides = reply.answer.sides.iter().filter(|side| side.side == "key-policy");
        let rows = sides.flat_map(|side| &side.statements).filter(|row| row.effect == "Deny");
        numbers.extend(rows.map(|row| row.index));
    }
    numbers.sort_unstable();
    numbers.dedup();
    Ok(Some(numbers))
}

fn summary(removed: &[usize], added: Option<&Value>) -> String {
    let numbers: Vec<String> = removed.iter().map(|it| (it + 1).to_string()).collect();
    let plural = if numbers.len() == 1 { "statement" } else { "statements" };
    let out = (!removed.is_empty()).then(|| format!("take out {plural} {}", numbers.join(" and ")));
    let add = "add the statement of the default key policy, which leaves the key to the account";
    let parts: Vec<String> = out.into_iter().chain(added.map(|_| add.to_owned())).collect();
    parts.join(", and ")
}
