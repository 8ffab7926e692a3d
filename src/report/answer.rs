use std::collections::BTreeMap;

use serde::Serialize;

use super::reason;
use crate::environment::{Reach, Request};
use crate::evaluate::{Decision, Explanation, Side, Step, Verdict};
use crate::policy::{Element, Outcome as StatementOutcome};
use crate::truth::Truth;

/// An answer with everything in it, as it is printed in JSON and told in text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Answer {
    /// `allowed`, `explicitDeny`, `implicitDeny` or `undetermined`.
    pub decision: &'static str,
    /// None if undetermined.
    pub allowed: Option<bool>,
    /// The sides responsible for a denial.
    pub denied_by: Vec<&'static str>,
    /// The source of permission that suffices.
    pub allowed_by: Option<&'static str>,
    /// The rules that decided.
    pub rules: &'static str,
    /// The request, as AWS sees it.
    pub request: AnsweredRequest,
    /// What each side says.
    pub sides: Vec<AnsweredSide>,
    /// Each permission of an operation that needs several.
    pub permissions: Vec<serde_json::Value>,
    /// Context keys, neither given nor derived, that could change the decision.
    pub depends_on: Vec<String>,
    /// Whether they could turn allowed into denied or the reverse, and not only one kind of
    /// denial into the other.
    pub could_flip: bool,
    /// The message that AWS prints for a denied request.
    pub error: Option<String>,
    /// What the key's state would do to the call.
    pub key_state: Option<serde_json::Value>,
    /// Changes that would flip the decision.
    pub fixes: Vec<serde_json::Value>,
    /// What was assumed, and what is likely not meant.
    pub warnings: Vec<String>,
    /// Why, in one sentence.
    pub reason: String,
    /// What the other rules decide, where they decide otherwise.
    pub otherwise: Option<Otherwise>,
    /// For a request that nothing allows: statements for this caller and action that fail
    /// on their resource or a condition.
    pub near_misses: Vec<TraceRow>,
    /// Every statement that was considered, if it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace: Option<Vec<TraceRow>>,
}

/// The request that was answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct AnsweredRequest {
    /// The ARN that AWS prints for the caller.
    pub principal: String,
    /// In AWS's spelling.
    pub action: &'static str,
    /// The key's ARN, or `*` for operations without a key.
    pub resource: String,
    /// The condition keys that the request carries, with their values.
    pub context: BTreeMap<String, Vec<String>>,
}

/// What one side says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct AnsweredSide {
    /// The side.
    pub side: &'static str,
    /// `allow`, `deny`, `none`, `unknown` or `not-applicable`.
    pub verdict: &'static str,
    /// For the key policy: whether it leaves the action to the IAM policies of the
    /// caller's account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delegates: Option<bool>,
    /// The statements that match.
    pub statements: Vec<StatementRow>,
}

/// A statement that matches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct StatementRow {
    /// The file of its policy, with a JSON pointer if the policy is a part of it.
    pub policy: String,
    /// Its number in the policy, from 0.
    pub index: usize,
    /// Its `Sid`.
    pub sid: Option<String>,
    /// `Allow` or `Deny`.
    pub effect: String,
    /// The line it begins on, from 1.
    pub line: usize,
    /// The column, from 1.
    pub column: usize,
    /// Whether the decision rests on it.
    pub decisive: bool,
    /// Its conditions, all of which hold.
    pub conditions: Vec<ConditionRow>,
    /// Whether it names the caller by its account alone, and so leaves the action to IAM
    /// policies.
    pub by_account_only: bool,
}

/// A condition of a statement, with what the request carries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ConditionRow {
    /// `Condition/StringEquals/kms:ViaService`
    pub element: String,
    /// What the policy has there.
    pub policy_values: Vec<String>,
    /// What the request has there; empty if it carries nothing.
    pub request_values: Vec<String>,
}

/// What the rules that were not asked for decide.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Otherwise {
    /// The other rules.
    pub rules: &'static str,
    /// Their decision.
    pub decision: &'static str,
}

/// A statement that was considered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct TraceRow {
    /// The side of its policy.
    pub side: &'static str,
    /// The statement.
    #[serde(flatten)]
    pub statement: StatementRow,
    /// `match`, `mismatch` or `unknown`.
    pub outcome: &'static str,
    /// The first element that failed, or that is unknown.
    pub element: Option<String>,
    /// What the policy has there.
    pub policy_values: Vec<String>,
    /// What the request has there; empty if it carries nothing.
    pub request_values: Vec<String>,
}

impl Explanation<'_> {
    /// Puts the explanation into a form that borrows nothing.
    #[must_use]
    pub fn answer(&self, request: &Request<'_>) -> Answer {
        let outcome = &self.outcome;
        Answer {
            decision: outcome.decision.as_str(),
            allowed: match outcome.decision {
                Decision::Allowed => Some(true),
                Decision::ExplicitDeny | Decision::ImplicitDeny => Some(false),
                Decision::Undetermined => None,
            },
            denied_by: outcome.denied_by.iter().map(Side::as_str).collect(),
            allowed_by: outcome.allowed_by.map(Side::as_str),
            rules: request.rules.as_str(),
            request: AnsweredRequest {
                principal: request.caller.printed_arn(),
                action: request.action.name,
                resource: request.resource.clone(),
                context: request
                    .context
                    .entries()
                    .filter(|(_, entry)| !entry.values().is_empty())
                    .map(|(key, entry)| (key.as_str().to_owned(), entry.values().to_vec()))
                    .collect(),
            },
            sides: Side::ALL.map(|side| self.side(side, request)).into(),
            permissions: Vec::new(),
            depends_on: self.depends_on.iter().map(|key| key.as_str().to_owned()).collect(),
            could_flip: self.could_flip && !self.depends_on.is_empty(),
            error: self.error.clone(),
            key_state: None,
            fixes: Vec::new(),
            warnings: self.warnings.clone(),
            reason: reason::of(self, request),
            otherwise: self.otherwise.map(|(rules, decision)| Otherwise {
                rules: rules.as_str(),
                decision: decision.as_str(),
            }),
            near_misses: self
                .near_misses(request)
                .map(|step| self.trace_row(step, request))
                .collect(),
            trace: None,
        }
    }

    /// The same, with every statement that was considered.
    #[must_use]
    pub fn answer_with_trace(&self, request: &Request<'_>) -> Answer {
        let trace = self.steps.iter().map(|step| self.trace_row(step, request)).collect();
        Answer { trace: Some(trace), ..self.answer(request) }
    }

    fn side(&self, side: Side, request: &Request<'_>) -> AnsweredSide {
        let sides = &self.sides;
        let said = |verdict: Option<Verdict>| verdict.map(|verdict| (verdict.deny, verdict.allow));
        let verdict = match side {
            Side::ResourceControlPolicy => said(sides.resource_control_policy),
            Side::ServiceControlPolicy => said(sides.service_control_policy),
            Side::VpcEndpointPolicy => said(sides.vpc_endpoint_policy),
            Side::KeyPolicy => sides.key_policy.map(|verdict| (verdict.deny, verdict.allow.any())),
            Side::IdentityPolicy => said(sides.identity_policy),
            Side::Grant => {
                (request.standing.reach != Reach::NoKey).then(|| (Truth::False, sides.grant.any()))
            }
            Side::PermissionsBoundary => said(sides.permissions_boundary),
            Side::SessionPolicy => said(sides.session_policy),
        };
        AnsweredSide {
            side: side.as_str(),
            verdict: match verdict {
                None => "not-applicable",
                Some((Truth::True, _)) => "deny",
                Some((Truth::Unknown, _) | (Truth::False, Truth::Unknown)) => "unknown",
                Some((Truth::False, Truth::True)) => "allow",
                Some((Truth::False, Truth::False)) => "none",
            },
            delegates: match side {
                Side::KeyPolicy => {
                    sides.key_policy.map(|verdict| verdict.allow.account == Truth::True)
                }
                _ => None,
            },
            statements: self
                .matched(side)
                .map(|step| StatementRow {
                    conditions: conditions(step, request),
                    ..self.row(step)
                })
                .collect(),
        }
    }

    fn row(&self, step: &Step<'_>) -> StatementRow {
        let place = step.policy.place(step.statement);
        StatementRow {
            policy: step.policy.name(),
            index: step.statement.index(),
            sid: step.statement.sid().map(str::to_owned),
            effect: step.statement.effect().to_string(),
            line: place.line(),
            column: place.column(),
            decisive: self.is_decisive(step),
            conditions: Vec::new(),
            by_account_only: step.is_by_account_only(),
        }
    }

    fn trace_row(&self, step: &Step<'_>, request: &Request<'_>) -> TraceRow {
        let (outcome, element) = match step.outcome {
            StatementOutcome::Match => ("match", None),
            StatementOutcome::Depends(element) => ("unknown", Some(element)),
            StatementOutcome::Mismatch(element) => ("mismatch", Some(element)),
        };
        let (element_name, policy_values) = match element {
            None => (None, Vec::new()),
            Some(element) => {
                let (name, values) = step.statement.written(element);
                (Some(name), values)
            }
        };
        TraceRow {
            side: step.side.as_str(),
            statement: self.row(step),
            outcome,
            element: element_name,
            policy_values,
            request_values: match element {
                None => Vec::new(),
                Some(Element::Principal) => {
                    let session = request.caller.session_arn.clone();
                    let session = session.filter(|arn| *arn != request.caller.arn);
                    std::iter::once(request.caller.arn.clone()).chain(session).collect()
                }
                Some(Element::Action) => vec![request.action.name.to_owned()],
                Some(Element::Resource) => vec![request.resource.clone()],
                Some(Element::Condition(condition)) => {
                    request.context.get(condition.key()).values().to_vec()
                }
            },
        }
    }
}

fn conditions(step: &Step<'_>, request: &Request<'_>) -> Vec<ConditionRow> {
    let row = |condition| {
        let (element, policy_values) = step.statement.written(Element::Condition(condition));
        let request_values = request.context.get(condition.key()).values().to_vec();
        ConditionRow { element, policy_values, request_values }
    };
    step.statement.conditions().iter().map(row).collect()
}
