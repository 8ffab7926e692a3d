//! From an explanation to an answer.

use super::answer::{
    Answer, AnsweredRequest, AnsweredSide, ConditionRow, KeyState, Otherwise, StatementRow,
    TraceRow,
};
use super::reason;
use crate::document::Place;
use crate::environment::{Reach, Request};
use crate::evaluate::{Decision, Explanation, Rule, Side, Step, Verdict};
use crate::policy::{Element, Outcome as StatementOutcome};
use crate::truth::Truth;

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
                action: request.action.name.to_owned(),
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
            key_state: key_state(request),
            fixes: Vec::new(),
            warnings: self.warnings.clone(),
            reason: reason::of(self, request),
            otherwise: self.otherwise.map(|(rules, decision)| Otherwise {
                rules: rules.as_str(),
                decision: decision.as_str(),
            }),
            near_misses: self
                .near_misses
                .iter()
                .map(|miss| self.trace_row(&miss.step, request))
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
        let place = step.rule.place().map(|place| place.shown());
        StatementRow {
            rule: match step.rule {
                Rule::Statement(..) => "statement",
                Rule::Grant(_) => "grant",
            },
            file: place.as_ref().map(|place| place.source.name.clone()),
            policy: step.rule.source(),
            index: step.rule.index(),
            sid: step.rule.label().map(str::to_owned),
            effect: step.rule.effect().to_string(),
            line: place.as_ref().map(Place::line),
            column: place.as_ref().map(Place::column),
            place,
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
                let (name, values) = step.rule.written(element);
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
                Some(Element::Grant(element)) => request.sent_to_grants(element),
            },
        }
    }
}

fn conditions(step: &Step<'_>, request: &Request<'_>) -> Vec<ConditionRow> {
    let row = |condition| {
        let (element, policy_values) = step.rule.written(Element::Condition(condition));
        let request_values = request.context.get(condition.key()).values().to_vec();
        ConditionRow { element, policy_values, request_values }
    };
    step.rule.conditions().iter().map(row).collect()
}

/// None where key and operation go together: the key is enabled, and of the right usage.
fn key_state(request: &Request<'_>) -> Option<KeyState> {
    let key = request.key?;
    let error = key.error_for(request.action);
    (error.is_some() || key.state != "Enabled").then(|| KeyState {
        state: key.state.clone(),
        usage: key.usage.clone(),
        error,
        or: key.other_exception_for(request.action),
    })
}
