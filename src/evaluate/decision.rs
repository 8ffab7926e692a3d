use std::fmt;

use super::sides::Sides;
use super::trace::Step;
use super::verdict::{Side, SideSet};
use crate::environment::Standing;
use crate::policy::Effect;
use crate::request::Rules;
use crate::truth::Truth;

/// What becomes of a request; AWS's own words, and one for what cannot be known.
///
/// Source: [SimulatePrincipalPolicy](https://docs.aws.amazon.com/IAM/latest/APIReference/API_EvaluationResult.html)
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Decision {
    /// It is allowed.
    Allowed,
    /// A statement denies it.
    ExplicitDeny,
    /// Nothing allows it.
    ImplicitDeny,
    /// A policy or context key that the answer rests on is not known.
    Undetermined,
}

impl Decision {
    /// As it is spelled in files and JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::ExplicitDeny => "explicitDeny",
            Self::ImplicitDeny => "implicitDeny",
            Self::Undetermined => "undetermined",
        }
    }

    /// In the order in which one of several permissions decides the whole.
    pub(crate) fn rank(self) -> u8 {
        match self {
            Self::ExplicitDeny => 0,
            Self::ImplicitDeny => 1,
            Self::Undetermined => 2,
            Self::Allowed => 3,
        }
    }
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The decision on a request, and the sides that make it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// What becomes of it.
    pub decision: Decision,
    /// The sides that deny it.
    pub denied_by: SideSet,
    /// The source of permission that suffices.
    pub allowed_by: Option<Side>,
    /// Whether unknown parts could lead to another decision.
    pub is_open: bool,
}

impl Outcome {
    /// Decides by what the sides say.
    #[must_use]
    pub fn of(sides: &Sides, standing: Standing, rules: Rules) -> Self {
        let deny = sides.denied();
        let allow = sides.allowed_by_rules(standing, rules);
        let decision = match (deny, allow) {
            (Truth::True, _) => Decision::ExplicitDeny,
            // Denied in any case; only the explicit deny is not certain.
            (Truth::False | Truth::Unknown, Truth::False) => Decision::ImplicitDeny,
            (Truth::False, Truth::True) => Decision::Allowed,
            (Truth::Unknown, Truth::True) | (Truth::False | Truth::Unknown, Truth::Unknown) => {
                Decision::Undetermined
            }
        };
        Self {
            decision,
            denied_by: match decision {
                Decision::ExplicitDeny => sides.explicitly_denied_by(),
                Decision::ImplicitDeny => sides.implicitly_denied_by_rules(standing, rules),
                Decision::Allowed | Decision::Undetermined => SideSet::NONE,
            },
            allowed_by: match decision {
                Decision::Allowed => sides.allowed_by_under_rules(standing, rules),
                Decision::ExplicitDeny | Decision::ImplicitDeny | Decision::Undetermined => None,
            },
            is_open: deny == Truth::Unknown || (deny == Truth::False && allow == Truth::Unknown),
        }
    }
    /// Whether it rests on a statement or grant: one that denies on a side that denies, or allows
    /// on the side that suffices, or is the key policy's part of what the identity policies allow.
    #[must_use]
    pub fn rests_on(&self, step: &Step<'_>) -> bool {
        if step.outcome.truth() != Truth::True {
            return false;
        }
        match (self.decision, step.rule.effect()) {
            (Decision::ExplicitDeny, Effect::Deny) => self.denied_by.contains(step.side),
            (Decision::Allowed, Effect::Allow) => match self.allowed_by {
                Some(Side::IdentityPolicy) => {
                    matches!(step.side, Side::KeyPolicy | Side::IdentityPolicy)
                }
                by => by == Some(step.side),
            },
            _ => false,
        }
    }
}
