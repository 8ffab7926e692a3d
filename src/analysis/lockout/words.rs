//! A prediction in sentences.

use super::scene::Scene;
use crate::analysis::candidates::shown;
use crate::environment::Knowledge;
use crate::evaluate::{Explanation, Side};
use crate::policy::{Element, Outcome, Policy};
use crate::report::{Answer, StatementRow};
use crate::request::PrincipalName;
use crate::text::Printable;
use crate::truth::Truth;

/// What the check says, whether or not it is skipped.
pub(super) struct Check<'a> {
    pub(super) allows: Truth,
    pub(super) bypassed: bool,
    pub(super) explanation: &'a Explanation<'a>,
    pub(super) answer: &'a Answer,
    pub(super) statements: &'a [StatementRow],
    pub(super) scene: &'a Scene,
}

impl Check<'_> {
    pub(super) fn reason(&self) -> String {
        let found = self.finding();
        match (self.bypassed, self.allows) {
            (false, _) | (true, Truth::True) => found,
            (true, Truth::False | Truth::Unknown) => format!(
                "The call skips the check, which asks for a later kms:PutKeyPolicy. {found}"
            ),
        }
    }

    fn finding(&self) -> String {
        let caller = self.caller();
        match (self.allows, self.statements.first()) {
            (Truth::True, Some(row)) => {
                format!("{} of the new key policy {}.", label(row), self.how(&caller))
            }
            (Truth::False, Some(row)) => {
                format!(
                    "{} of the new key policy denies {caller} a later kms:PutKeyPolicy.",
                    label(row)
                )
            }
            (Truth::Unknown, _) => format!(
                "Whether the new key policy lets {caller} change it later rests on what was left open."
            ),
            (Truth::True | Truth::False, None) => {
                let near = self.answer.near_misses.first().map(|near| {
                    let element = near.element.as_deref().unwrap_or("Principal");
                    format!(
                        " {} nearly does, but for its {}.",
                        label(&near.statement),
                        Printable(element)
                    )
                });
                format!(
                    "No statement of the new key policy allows kms:PutKeyPolicy to {caller} or to the key's account.{}",
                    near.unwrap_or_default()
                )
            }
        }
    }

    fn how(&self, caller: &str) -> String {
        let named = self.explanation.sides.key_policy.map(|it| it.allow).unwrap_or_default();
        if named.session | named.caller == Truth::True {
            format!("lets {caller} change it later")
        } else if named.everyone == Truth::True {
            "lets everybody change it later".to_owned()
        } else {
            format!("lets the account of {caller} change it later")
        }
    }

    fn caller(&self) -> String {
        let arn = &self.answer.request.principal;
        let account = self.scene.environment.account.or(Some(self.scene.key.account));
        let name = PrincipalName::parse(&self.scene.question.principal, account);
        name.map_or_else(|_| arn.clone(), |name| shown(&name, self.scene.key.account))
    }

    /// What AWS does not document and the check rests on, and what is likely not meant.
    pub(super) fn warnings(&self, policy: &Policy) -> Vec<String> {
        let named = self.explanation.sides.key_policy.map(|it| it.allow).unwrap_or_default();
        let by_account = self.allows == Truth::True
            && named.account == Truth::True
            && (named.session | named.caller | named.everyone) != Truth::True;
        let has_conditions = self.explanation.steps.iter().any(|step| {
            step.side == Side::KeyPolicy
                && !step.rule.conditions().is_empty()
                && matches!(
                    step.outcome,
                    Outcome::Match | Outcome::Depends(_) | Outcome::Mismatch(Element::Condition(_))
                )
        });
        let mut warnings = Vec::new();
        if by_account && !is_root(&self.scene.question.principal) {
            warnings.push(
                "AWS does not say whether the check consults the caller's IAM policies, where the new key policy names the account alone; it is taken not to".to_owned(),
            );
        }
        if has_conditions {
            warnings.push(
                "AWS does not say how the check treats conditions; they are held against this call"
                    .to_owned(),
            );
        }
        let keys = &self.answer.depends_on;
        if !keys.is_empty() && self.answer.could_flip {
            warnings
                .push(format!("it could be otherwise for a call with another {}", keys.join(", ")));
        }
        warnings.extend(self.unlisted(policy));
        warnings.extend(self.answer.warnings.iter().cloned());
        warnings
    }

    /// AWS refuses a policy that names who is not there; an environment need not list everybody.
    fn unlisted(&self, policy: &Policy) -> Option<String> {
        let environment = &self.scene.environment;
        let is_described =
            environment.principals().any(|(_, it)| it.knowledge == Knowledge::Described);
        let is_unlisted = |name: &PrincipalName| {
            matches!(name, PrincipalName::User(of, _) | PrincipalName::Role(of, _) if *of == self.scene.key.account)
                && !environment.principals().any(|(listed, _)| listed == name)
        };
        let unlisted = policy.principals().find(is_unlisted)?;
        if !is_described {
            let is_taken = self.bypassed || self.allows != Truth::False;
            return is_taken.then(|| "AWS refuses a principal that does not exist; whether those do that the new key policy names was not checked".to_owned());
        }
        Some(format!(
            "the new key policy names {unlisted}, which the environment does not list: if it does not exist, AWS refuses the policy"
        ))
    }
}

fn is_root(principal: &str) -> bool {
    principal == "root" || principal.ends_with(":root")
}

/// A statement by its Sid, else by its number.
fn label(row: &StatementRow) -> String {
    match row.sid.as_deref() {
        Some(sid) if !sid.is_empty() => format!("Statement \"{}\"", Printable(sid)),
        _ => format!("Statement {}", row.index + 1),
    }
}
