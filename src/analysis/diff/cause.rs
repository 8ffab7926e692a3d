use std::cmp::Ordering;
use std::collections::BTreeSet;

use serde::Serialize;

use super::Access;
use super::meaning::Meanings;
use super::seen::{Heard, Seen};
use crate::environment::is_of_aws;
use crate::evaluate::{Decision, Rule, Side};
use crate::policy::Effect;
use crate::text::Printable;

/// What makes a difference.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[non_exhaustive]
pub struct Cause {
    /// What happened to what decides.
    pub reason: Reason,
    /// The side that it is on; of several that deny together, the first.
    pub side: &'static str,
    /// The statements, each by its `Sid` or number and where it stands; none where what matters
    /// is that there is none.
    pub statements: Vec<String>,
}

/// What happened to what decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Reason {
    /// A statement allows it, which did not before.
    NowAllows,
    /// What allowed it does no more.
    NoLongerAllows,
    /// A statement denies it, which did not before.
    NowDenies,
    /// What denied it does no more.
    NoLongerDenies,
    /// It is allowed under other conditions.
    OtherConditions,
    /// A policy is not known.
    NotKnown,
}

impl<'e> Seen<'e> {
    /// Why it is otherwise in another version; none if it is not.
    pub(super) fn cause_of(&self, after: &Self, meanings: &Meanings) -> Option<Cause> {
        match self.access.cmp(&after.access) {
            Ordering::Less => Some(self.gained(after)),
            Ordering::Greater => Some(self.lost(after)),
            Ordering::Equal if self.is_conditional() || after.is_conditional() => {
                self.otherwise(after, meanings)
            }
            Ordering::Equal => None,
        }
    }

    /// Whether it rests on what a call carries.
    fn is_conditional(&self) -> bool {
        match self.access {
            Access::Depends => true,
            Access::Allowed => self.open != Decision::Allowed,
            Access::Denied | Access::NotKnown => false,
        }
    }

    fn gained(&self, after: &Self) -> Cause {
        let new = after.direct(after.allowing.iter().filter(|it| self.lacks(it)));
        let gone = self.denying.iter().filter(|it| after.lacks(it)).collect::<Vec<_>>();
        let limit = self.denied_by.filter(|side| Some(*side) != after.denied_by);
        match (new.is_empty(), gone.is_empty(), limit) {
            (true, false, _) => cause(Reason::NoLongerDenies, &gone, Side::KeyPolicy),
            (false, ..) => cause(Reason::NowAllows, &new, Side::KeyPolicy),
            (true, true, Some(side)) if is_limit(side) => cause(Reason::NoLongerDenies, &[], side),
            (true, true, _) => {
                let decisive: Vec<_> = after.decisive.iter().chain(&after.allowing).collect();
                cause(Reason::NowAllows, &decisive, Side::KeyPolicy)
            }
        }
    }

    fn lost(&self, after: &Self) -> Cause {
        let new = after.denying.iter().filter(|it| self.lacks(it)).collect::<Vec<_>>();
        let gone = self.direct(self.allowing.iter().filter(|it| after.lacks(it)));
        let side = after.denied_by.unwrap_or(Side::KeyPolicy);
        match (after.decision, new.is_empty()) {
            (Decision::ExplicitDeny, _) => {
                cause(Reason::NowDenies, &after.decisive.iter().collect::<Vec<_>>(), side)
            }
            (_, false) if gone.is_empty() => cause(Reason::NowDenies, &new, side),
            _ => cause(Reason::NoLongerAllows, &gone, side),
        }
    }

    fn otherwise(&self, after: &Self, meanings: &Meanings) -> Option<Cause> {
        let (was, is) = (meanings.reduced(&self.said), meanings.reduced(&after.said));
        let says = |it: &&Heard<'e>, all: &BTreeSet<_>, others: &BTreeSet<_>| {
            it.said.iter().any(|said| all.contains(said) && !others.contains(said))
        };
        let of_new = || after.allowing.iter().chain(&after.denying);
        let of_old = || self.allowing.iter().chain(&self.denying);
        let new: Vec<_> = of_new().filter(|it| says(it, &is, &was)).collect();
        let gone: Vec<_> = of_old().filter(|it| says(it, &was, &is)).collect();
        let is_deny = |of: &[&Heard<'e>]| of.iter().all(|it| it.rule.effect() == Effect::Deny);
        let is_allowed = self.access == Access::Allowed;
        match (new.as_slice(), gone.as_slice()) {
            ([], []) => None,
            (new, []) if is_allowed && is_deny(new) => {
                Some(cause(Reason::NowDenies, new, Side::KeyPolicy))
            }
            ([], gone) if is_allowed && is_deny(gone) => {
                Some(cause(Reason::NoLongerDenies, gone, Side::KeyPolicy))
            }
            ([], told) | (told, _) => Some(cause(Reason::OtherConditions, told, Side::KeyPolicy)),
        }
    }

    /// Without what leaves it to IAM policies, where something else allows it to the caller.
    fn direct<'h>(&self, heard: impl Iterator<Item = &'h Heard<'e>>) -> Vec<&'h Heard<'e>>
    where
        'e: 'h,
    {
        let all: Vec<_> = heard.collect();
        let is_direct = |it: &&Heard<'_>| it.said.iter().any(|it| !it.is_by_account());
        if self.is_root || !all.iter().any(is_direct) {
            return all;
        }
        all.into_iter().filter(is_direct).collect()
    }

    /// Whether it says something that is not said here.
    fn lacks(&self, heard: &Heard<'_>) -> bool {
        heard.said.iter().any(|it| !self.said.contains(it))
    }
}

/// Whether a side can only limit what others allow.
fn is_limit(side: Side) -> bool {
    !matches!(side, Side::KeyPolicy | Side::IdentityPolicy | Side::Grant)
}

/// The statements decide which side it is, where there are any. One that AWS wrote is told only
/// where there is no other.
fn cause(reason: Reason, heard: &[&Heard<'_>], side: Side) -> Cause {
    let is_written = |it: &&&Heard<'_>| match it.rule {
        Rule::Statement(policy, _) => !is_of_aws(policy),
        Rule::Grant(_) => true,
    };
    let first = heard.iter().find(is_written).or(heard.first());
    let side = first.map_or(side, |it| it.side);
    let of_side = heard.iter().filter(|it| it.side == side);
    let is_told =
        |it: &&&Heard<'_>| is_written(it) || first.is_some_and(|first| !is_written(&first));
    let mut seen = BTreeSet::new();
    let statements = of_side.filter(is_told).map(|it| words(it.rule));
    let statements = statements.filter(|it| seen.insert(it.clone())).collect();
    Cause { reason, side: side.as_str(), statements }
}

fn words(rule: Rule<'_>) -> String {
    let label = match rule.label().filter(|label| !label.is_empty()) {
        Some(label) => format!("\"{}\"", Printable(label)),
        None => (rule.index() + 1).to_string(),
    };
    let kind = match rule {
        Rule::Statement(..) => "statement",
        Rule::Grant(_) => "grant",
    };
    let at = rule.place().map(|place| format!(" ({place})")).unwrap_or_default();
    format!("{kind} {label}{at}")
}
