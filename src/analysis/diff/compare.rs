//! What changes about one key, call by call.

use super::Access;
use super::askers::{Asker, Mode, Who};
use super::cause::{Cause, Reason};
use super::meaning::Meanings;
use super::seen::{Seen, Surroundings, access, unknown_of};
use super::world::World;
use crate::evaluate::Side;
use crate::kms::Action;
use crate::request::Account;

/// A call that somebody may make in one version and not in the other.
#[derive(Clone, Debug)]
pub(super) struct Change {
    /// Its number among those who are asked.
    pub(super) asker: usize,
    pub(super) mode: Mode,
    pub(super) action: &'static Action,
    pub(super) before: Access,
    pub(super) after: Access,
    pub(super) cause: Cause,
    /// Why the answer is not sure.
    pub(super) unknown: Vec<String>,
}

/// Two versions of one key, or of what has none.
#[derive(Debug)]
pub(super) struct Pair<'e> {
    pub(super) old: World<'e>,
    pub(super) new: World<'e>,
    pub(super) owner: Account,
    pub(super) has_key: bool,
}

/// Policies that are not known: the side of each, and why.
type Unknown = [Vec<(Side, String)>; 2];

impl Pair<'_> {
    pub(super) fn changes(&self, askers: &[Asker]) -> Vec<Change> {
        let mut meanings = Meanings::default();
        let mut changes = Vec::new();
        for (number, asker) in askers.iter().enumerate() {
            for mode in asker.modes(self.owner) {
                let found = self.of_asker(asker, *mode, &mut meanings);
                changes.extend(found.into_iter().map(|it| Change { asker: number, ..it }));
            }
        }
        changes
    }

    fn of_asker(&self, asker: &Asker, mode: Mode, meanings: &mut Meanings) -> Vec<Change> {
        let of_kind = |it: &&Action| it.needs_key() == self.has_key;
        let all = || Action::all().iter().filter(of_kind);
        let Some(first) = all().find(|it| it.across_accounts).or_else(|| all().next()) else {
            return Vec::new();
        };
        let [before, after] = [&self.old, &self.new].map(|it| it.question(asker, first));
        let old = Surroundings::of(self.old.least.of_mode(mode), &before);
        let new = Surroundings::of(self.new.least.of_mode(mode), &after);
        let (Some(old), Some(new)) = (old, new) else { return Vec::new() };
        let unknown: Unknown =
            [unknown_of(&self.old.ground, &before), unknown_of(&self.new.ground, &after)];
        let sides = |it: &[(Side, String)]| it.iter().map(|(side, _)| *side).collect::<Vec<_>>();
        let [of_old, of_new] = unknown.each_ref().map(|it| sides(it));
        let are_others = old.are_others(&new) || of_old != of_new;
        let may_change = |action: &&'static Action, meanings: &mut Meanings| {
            are_others || old.said(action, meanings) != new.said(action, meanings)
        };
        let mut changes = Vec::new();
        for action in all() {
            if may_change(&action, meanings) {
                changes.extend(self.of_call(asker, mode, action, &unknown, meanings));
            }
        }
        changes
    }

    fn of_call(
        &self,
        asker: &Asker,
        mode: Mode,
        action: &'static Action,
        unknown: &Unknown,
        meanings: &mut Meanings,
    ) -> Option<Change> {
        let [before, after] = [&self.old, &self.new].map(|it| it.question(asker, action));
        let was = Seen::of(self.old.least.of_mode(mode), &before, meanings)?;
        let is = Seen::of(self.new.least.of_mode(mode), &after, meanings)?;
        let most = |world: &World<'_>, question, least| match &world.most {
            Some(modes) => access(modes.of_mode(mode), question),
            None => Some(least),
        };
        let was_sure = most(&self.old, &before, was.access)? == was.access;
        let is_sure = most(&self.new, &after, is.access)? == is.access;
        let cause = was.cause_of(&is, meanings);
        let [of_old, of_new] = unknown;
        let cause = cause.filter(|it| (was_sure && is_sure) || is_by_what_is_known(it, unknown));
        let change = |before, after, cause, unknown: Vec<String>| {
            Some(Change { asker: 0, mode, action, before, after, cause, unknown })
        };
        if let Some(cause) = cause {
            return change(was.access, is.access, cause, reasons(of_new.iter().chain(of_old)));
        }
        // Of those who stand for others nothing is known in either version.
        let is_of_interest = matches!(asker.who, Who::Described | Who::Named | Who::Holder(_))
            && asker.modes(self.owner).first() == Some(&mode);
        let (before, after) = match (was_sure, is_sure) {
            (true, false) => (was.access, Access::NotKnown),
            (false, true) => (Access::NotKnown, is.access),
            (true, true) | (false, false) => return None,
        };
        let of_side = if was_sure { of_new } else { of_old };
        let side = of_side.first().map_or(Side::KeyPolicy, |(side, _)| *side);
        let reasons = reasons(of_side.iter().filter(|it| it.0 == side));
        let cause = Cause { reason: Reason::NotKnown, side: side.as_str(), statements: Vec::new() };
        is_of_interest.then(|| change(before, after, cause, reasons))?
    }
}

/// Whether what is known makes the difference, and not that something else became known or is no
/// more.
fn is_by_what_is_known(cause: &Cause, [old, new]: &Unknown) -> bool {
    let number = |of: &[(Side, String)]| of.iter().filter(|it| it.0.as_str() == cause.side).count();
    let is_same_side = number(old) == number(new);
    let of_key_policy = |of: &[(Side, String)]| of.iter().any(|it| it.0 == Side::KeyPolicy);
    !cause.statements.is_empty() && is_same_side && of_key_policy(old) == of_key_policy(new)
}

fn reasons<'r>(unknown: impl Iterator<Item = &'r (Side, String)>) -> Vec<String> {
    let mut reasons: Vec<String> = Vec::new();
    for (_, reason) in unknown {
        if !reasons.contains(reason) {
            reasons.push(reason.clone());
        }
    }
    reasons
}
