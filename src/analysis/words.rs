//! How it stands with a key, in sentences.

use std::collections::HashSet;

use super::candidates::{Candidates, Origin};
use super::proof::Unproven;
use super::rescue::{Can, Lockout, Position};
use crate::request::{PrincipalName, Rules};

/// What stands for all IAM policies of the account.
const EVERYBODY_ELSE: &str = "any other role or user with an IAM policy that allows it";

/// Names that a sentence holds.
const NAMES: usize = 3;

pub(super) fn summary(
    positions: &[Position],
    unproven: &Unproven,
    verdict: Lockout,
    rules: Rules,
) -> String {
    let of = |can| positions.iter().filter(move |position| position.can(rules) == can);
    match verdict {
        Lockout::LockedOut => "nobody can change the key policy".to_owned(),
        Lockout::OneStepFromLockout | Lockout::NotLockedOut => {
            let names = names(of(Can::Yes), rules);
            let only = if of(Can::Yes).count() == 1 || verdict == Lockout::OneStepFromLockout {
                "only "
            } else {
                ""
            };
            format!("{only}{names} can change the key policy")
        }
        Lockout::Undetermined
            if of(Can::No).count() == positions.len() && !unproven.by(rules).is_empty() =>
        {
            format!(
                "only a user or role with the right {} might change the key policy",
                unproven.by(rules).join(", ")
            )
        }
        Lockout::Undetermined if of(Can::Depends).count() == 0 => {
            "whether anybody can change the key policy rests on what is not known".to_owned()
        }
        Lockout::Undetermined => {
            let mut keys: Vec<&String> =
                of(Can::Depends).flat_map(|it| &it.reply(rules).answer.depends_on).collect();
            keys.sort();
            keys.dedup();
            let keys: Vec<&str> = keys.into_iter().map(String::as_str).collect();
            let names = names(of(Can::Depends), rules);
            format!(
                "{names} can change the key policy, but only in a call with the right {}",
                keys.join(", ")
            )
        }
    }
}

/// `role/A, role/B, the root user and the account's IAM policies`
fn names<'p>(positions: impl Iterator<Item = &'p Position>, rules: Rules) -> String {
    let (mut named, mut others) = (Vec::new(), Vec::new());
    for position in positions {
        let name = position.name(rules);
        match position.candidate.origin {
            Origin::Listed | Origin::Named => named.push(name),
            Origin::AnyOther if name == EVERYBODY_ELSE => {
                others.push("the account's IAM policies".to_owned());
            }
            Origin::RootUser | Origin::Like | Origin::GivenIamPolicy | Origin::AnyOther => {
                others.push(name);
            }
        }
    }
    let more = named.len().saturating_sub(NAMES);
    named.truncate(NAMES);
    let more = (more > 0).then(|| format!("{more} more"));
    let all: Vec<String> = named.into_iter().chain(more).chain(others).collect();
    match all.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
        None => String::new(),
    }
}

/// Why the first can who can; where nobody can, why the root user cannot.
pub(super) fn reason(positions: &[Position], rules: Rules) -> String {
    let is_root = |position: &&Position| position.candidate.origin == Origin::RootUser;
    let first = positions.iter().find(|position| position.can(rules) != Can::No);
    let kept_out = || positions.iter().find(|it| it.is_kept_out_by_organization(rules));
    let deciding = first.or_else(kept_out).or_else(|| positions.iter().find(is_root));
    deciding.map(|position| position.reply(rules).answer.reason.clone()).unwrap_or_default()
}

/// What was assumed of those that the verdict rests on, and what concerns the key.
pub(super) fn warnings(
    candidates: &Candidates,
    positions: &[Position],
    rules: Rules,
) -> Vec<String> {
    let mut warnings = candidates.warnings.clone();
    let best = positions.iter().map(|position| position.can(rules)).max().unwrap_or(Can::No);
    let deciding = || positions.iter().filter(move |position| position.can(rules) == best);
    if best == Can::Yes
        && deciding().all(|it| it.candidate.origin == Origin::Named && !is_session(it))
    {
        let names = names(deciding(), rules);
        warnings.push(format!(
            "nothing here says that {names} exists: a user or role that was deleted is out for good, and a new one of the same name has no access"
        ));
    }
    for answer in deciding().map(|position| &position.reply(rules).answer) {
        warnings.extend(answer.key_state.as_ref().and_then(|state| state.error.clone()));
        warnings.extend(answer.warnings.iter().cloned());
    }
    let mut told = HashSet::new();
    warnings.retain(|warning| told.insert(warning.clone()));
    warnings
}

/// Sessions end, and are not deleted.
fn is_session(position: &Position) -> bool {
    matches!(position.candidate.name, PrincipalName::Session { .. })
}
