use std::collections::BTreeSet;

use crate::document::{At, InputError};
use crate::evaluate::{Decision, Outcome, Side, SideSet};
use crate::report::Answer;
use crate::request::ContextKey;
use crate::text::{Printable, did_you_mean};

/// What a case expects; every part that is there must hold.
#[derive(Clone, Debug, Default)]
pub(super) struct Expectation {
    decision: Option<Expected>,
    denied_by: Option<SideSet>,
    by: Option<Side>,
    statement: Option<String>,
    depends_on: Option<BTreeSet<ContextKey>>,
    error: Option<String>,
}

/// A decision, or either of the two that deny.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expected {
    Allowed,
    Denied,
    ExplicitDeny,
    ImplicitDeny,
    Undetermined,
}

/// The fields of an expectation that says more than a decision.
pub(super) const FIELDS: &[&str] =
    &["decision", "denied_by", "by", "statement", "depends_on", "error", "allowed", "denied"];

pub(super) const DECISIONS: &[(&str, Expected)] = &[
    ("allowed", Expected::Allowed),
    ("denied", Expected::Denied),
    ("explicitDeny", Expected::ExplicitDeny),
    ("implicitDeny", Expected::ImplicitDeny),
    ("undetermined", Expected::Undetermined),
];

impl Expected {
    fn read(at: At<'_>) -> Result<Self, InputError> {
        let text = at.string()?;
        let names = DECISIONS.iter().map(|(name, _)| *name);
        DECISIONS.iter().find(|(name, _)| *name == text).map(|(_, expected)| *expected).ok_or_else(
            || {
                at.expected("`allowed`, `denied`, `explicitDeny`, `implicitDeny` or `undetermined`")
                    .with_help(did_you_mean(text, names))
            },
        )
    }

    fn holds(self, decision: Decision) -> bool {
        match self {
            Self::Allowed => decision == Decision::Allowed,
            Self::Denied => matches!(decision, Decision::ExplicitDeny | Decision::ImplicitDeny),
            Self::ExplicitDeny => decision == Decision::ExplicitDeny,
            Self::ImplicitDeny => decision == Decision::ImplicitDeny,
            Self::Undetermined => decision == Decision::Undetermined,
        }
    }
}

impl Expectation {
    pub(super) fn of(expected: Expected) -> Self {
        Self { decision: Some(expected), ..Self::default() }
    }

    pub(super) fn read(at: At<'_>) -> Result<Self, InputError> {
        if at.as_str().is_some() {
            return Expected::read(at).map(Self::of);
        }
        let map = at
            .as_object()
            .ok_or_else(|| at.expected("a decision, or a map such as `{decision: allowed}`"))?;
        let map = map.only(FIELDS)?;
        let text = |field| -> Result<Option<String>, InputError> {
            Ok(map.optional(field).map(At::string).transpose()?.map(str::to_owned))
        };
        let expectation = Self {
            decision: map.optional("decision").map(Expected::read).transpose()?,
            denied_by: map.optional("denied_by").map(sides).transpose()?,
            by: map.optional("by").map(side).transpose()?,
            statement: text("statement")?,
            depends_on: map.optional("depends_on").map(keys).transpose()?,
            error: text("error")?,
        };
        if let Some((name, null)) = map.members().find(|(_, value)| value.is_null()) {
            return Err(null.expected(&format!("a value for `{name}`")));
        }
        if map.len() == 0 {
            return Err(at.expected("at least one expectation"));
        }
        let silent = matches!(expectation.decision, Some(Expected::ImplicitDeny));
        if silent && expectation.statement.is_some() {
            return Err(map.error_at_name(
                "statement",
                "expected no `statement` with an implicit deny, which no statement decides",
            ));
        }
        Ok(expectation)
    }

    /// Whether an outcome has the decision and the sides that are expected, as far as they are.
    pub(super) fn is_met_by(&self, outcome: Outcome) -> bool {
        self.decision.is_none_or(|expected| expected.holds(outcome.decision))
            && self.denied_by.is_none_or(|expected| expected == outcome.denied_by)
            && self.by.is_none_or(|expected| Some(expected) == outcome.allowed_by)
    }

    /// Whether it expects a statement with this `Sid` to decide.
    pub(super) fn names(&self, sid: &str) -> bool {
        self.statement.as_deref() == Some(sid)
    }

    /// Whether it expects this message of AWS, or none in particular.
    pub(super) fn allows_error(&self, found: Option<&str>) -> bool {
        self.error.is_none() || self.error.as_deref() == found
    }

    /// The decision that is expected, if one is.
    pub(super) fn expected_decision(&self) -> Option<&'static str> {
        let expected = self.decision?;
        DECISIONS.iter().find(|(_, known)| *known == expected).map(|(name, _)| *name)
    }

    /// Whether the part of this name is there and does not hold.
    pub(super) fn fails(&self, part: &str, decision: Decision, answer: &Answer) -> bool {
        match part {
            "decision" => self.decision.is_some_and(|expected| !expected.holds(decision)),
            "denied_by" => self.denied_by.is_some_and(|expected| {
                !expected.iter().map(Side::as_str).eq(answer.denied_by.iter().copied())
            }),
            "by" => self.by.is_some_and(|side| Some(side.as_str()) != answer.allowed_by),
            "statement" => self.unmet_statement(answer).is_some(),
            "depends_on" => self.unmet_keys(answer).is_some(),
            "error" => self.unmet_error(answer).is_some(),
            _ => false,
        }
    }

    /// What does not hold, in sentences; none if the expectation is met.
    pub(super) fn unmet(&self, decision: Decision, answer: &Answer) -> Vec<String> {
        let decision = self.decision.filter(|expected| !expected.holds(decision)).map(|expected| {
            let name =
                DECISIONS.iter().find(|(_, known)| *known == expected).map_or("", |(name, _)| name);
            format!("expected {name}, found {decision}")
        });
        let expected = self.denied_by.map(|sides| sides.iter().map(Side::as_str).collect());
        let expected = expected.filter(|sides: &Vec<&str>| *sides != answer.denied_by);
        let denied_by = expected.map(|sides| {
            let [expected, found] = [&sides, &answer.denied_by].map(|sides| list_sides(sides));
            format!("expected it denied by {expected}, found {found}")
        });
        let by = self.by.map(Side::as_str).filter(|side| Some(*side) != answer.allowed_by);
        let by = by.map(|side| {
            let found = answer.allowed_by.unwrap_or("none");
            format!("expected it allowed by {side}, found {found}")
        });
        [
            decision,
            denied_by,
            by,
            self.unmet_statement(answer),
            self.unmet_keys(answer),
            self.unmet_error(answer),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    fn unmet_statement(&self, answer: &Answer) -> Option<String> {
        let expected = self.statement.as_deref()?;
        let rows = answer.sides.iter().flat_map(|side| &side.statements);
        let decisive: Vec<&str> =
            rows.filter(|row| row.decisive).filter_map(|row| row.sid.as_deref()).collect();
        (!decisive.contains(&expected)).then(|| {
            format!(
                "expected the statement \"{}\" to decide, found {}",
                Printable(expected),
                quoted(&decisive)
            )
        })
    }

    fn unmet_keys(&self, answer: &Answer) -> Option<String> {
        let expected = self.depends_on.as_ref()?;
        let found: BTreeSet<ContextKey> =
            answer.depends_on.iter().map(|key| ContextKey::new(key)).collect();
        let names = |keys: &BTreeSet<ContextKey>| {
            let names: Vec<&str> = keys.iter().map(ContextKey::as_str).collect();
            quoted(&names)
        };
        (*expected != found).then(|| {
            format!("expected it to depend on {}, found {}", names(expected), names(&found))
        })
    }

    fn unmet_error(&self, answer: &Answer) -> Option<String> {
        let expected = self.error.as_deref()?;
        let found = answer.error.as_deref();
        (found != Some(expected)).then(|| {
            format!(
                "expected AWS's message `{}`, found `{}`",
                Printable(expected),
                Printable(found.unwrap_or("none"))
            )
        })
    }
}

fn quoted(names: &[&str]) -> String {
    match names {
        [] => "none".into(),
        names => names
            .iter()
            .map(|name| format!("\"{}\"", Printable(name)))
            .collect::<Vec<_>>()
            .join(", "),
    }
}

fn list_sides(sides: &[&str]) -> String {
    if sides.is_empty() { "none".into() } else { sides.join(", ") }
}

fn side(at: At<'_>) -> Result<Side, InputError> {
    let text = at.string()?;
    Side::ALL.into_iter().find(|side| side.as_str() == text).ok_or_else(|| {
        at.expected("a side such as `key-policy`")
            .with_help(did_you_mean(text, Side::ALL.map(Side::as_str)))
    })
}

fn sides(at: At<'_>) -> Result<SideSet, InputError> {
    at.one_or_many()
        .into_iter()
        .map(side)
        .collect::<Result<Vec<_>, _>>()
        .map(|sides| sides.into_iter().collect())
}

fn keys(at: At<'_>) -> Result<BTreeSet<ContextKey>, InputError> {
    at.list()?.map(|at| at.string().map(ContextKey::new)).collect()
}
