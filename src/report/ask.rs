//! From a question to an answer: every permission that it asks for, and the whole.

use super::answer::{Answer, Otherwise, Permission};
use crate::environment::{
    Environment, Permissions, Question, QuestionError, QuestionPart, Request,
};
use crate::evaluate::{Decision, Explanation, explain};
use crate::kms::Asked;

/// How much an answer tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// What decides.
    Reasons,
    /// Besides, every statement and grant that was considered.
    Everything,
}

/// An answer, and what a program does with it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Reply {
    /// The decision on the whole.
    pub decision: Decision,
    /// The answer.
    pub answer: Answer,
    /// Whether a statement reads the date, and nothing says it.
    pub reads_date: bool,
}

/// Answers a question: each permission that it asks for, and the whole.
///
/// The whole is denied explicitly if one of them is, else implicitly if one is, else
/// undetermined if one is, else allowed; the first such permission stands for it.
///
/// # Errors
///
/// As [`Environment::permissions`] and [`Environment::request`].
pub fn ask(
    environment: &Environment,
    asked: Asked,
    question: &Question,
    detail: Detail,
) -> Result<Reply, QuestionError> {
    let Permissions { questions, warnings, .. } = environment.permissions(asked, question)?;
    let mut replies = Vec::with_capacity(questions.len());
    for question in &questions {
        replies.push(reply(&environment.request(question)?, detail));
    }
    let first = replies.iter().min_by_key(|reply| reply.decision.rank());
    let deciding = first.cloned().ok_or_else(|| {
        QuestionError::new(QuestionPart::Parameters, "expected at least one permission, found none")
    })?;
    let mut whole = match asked {
        Asked::Permission(_) if replies.len() == 1 => deciding,
        Asked::Permission(_) | Asked::ReEncrypt | Asked::Service(_) => {
            combine(asked, &replies, deciding)
        }
    };
    whole.answer.warnings.extend(warnings);
    Ok(whole)
}

fn reply(request: &Request<'_>, detail: Detail) -> Reply {
    let explanation: Explanation<'_> = explain(request);
    Reply {
        decision: explanation.outcome.decision,
        answer: match detail {
            Detail::Reasons => explanation.answer(request),
            Detail::Everything => explanation.answer_with_trace(request),
        },
        reads_date: explanation.reads_date,
    }
}

/// Puts the whole on top of the answer to the permission that decides.
fn combine(asked: Asked, replies: &[Reply], mut whole: Reply) -> Reply {
    let answers = || replies.iter().map(|reply| &reply.answer);
    let answer = &mut whole.answer;
    answer.permissions = answers().map(permission).collect();
    let Answer { request, reason, .. } = &*answer;
    let is_on_one = answers().all(|it| it.request.resource == request.resource);
    answer.reason = match (answer.allowed, is_on_one) {
        (Some(true), _) => "Every permission that the call needs is given.".to_owned(),
        (Some(false) | None, true) => format!("{}: {reason}", request.action),
        (Some(false) | None, false) => {
            format!("{} on {}: {reason}", request.action, request.resource)
        }
    };
    let states = || answers().filter_map(|answer| answer.key_state.clone());
    answer.key_state = states().find(|key| key.error.is_some()).or_else(|| states().next());
    answer.otherwise = otherwise(replies, answer);
    answer.could_flip = answers().any(|answer| answer.could_flip);
    let mut depends_on: Vec<String> =
        answers().flat_map(|answer| answer.depends_on.clone()).collect();
    depends_on.sort();
    depends_on.dedup();
    // An explicit deny that depends on nothing denies the whole, whatever the others say.
    if answer.decision == "explicitDeny" && answer.depends_on.is_empty() {
        depends_on.clear();
        answer.could_flip = false;
    }
    answer.depends_on = depends_on;
    let mut warnings: Vec<String> = Vec::new();
    for warning in answers().flat_map(|answer| &answer.warnings) {
        if !warnings.contains(warning) {
            warnings.push(warning.clone());
        }
    }
    answer.warnings = warnings;
    answer.trace = answer
        .trace
        .is_some()
        .then(|| answers().flat_map(|answer| answer.trace.clone().unwrap_or_default()).collect());
    answer.request.action = asked.name();
    whole.reads_date = replies.iter().any(|reply| reply.reads_date);
    whole
}

fn permission(answer: &Answer) -> Permission {
    Permission {
        principal: answer.request.principal.clone(),
        action: answer.request.action.clone(),
        resource: answer.request.resource.clone(),
        decision: answer.decision,
        denied_by: answer.denied_by.clone(),
        allowed_by: answer.allowed_by,
        reason: answer.reason.clone(),
    }
}

/// What the other rules decide on the whole, where they decide otherwise.
fn otherwise(replies: &[Reply], whole: &Answer) -> Option<Otherwise> {
    let order = ["explicitDeny", "implicitDeny", "undetermined", "allowed"];
    let rules = replies.iter().find_map(|reply| reply.answer.otherwise.as_ref())?.rules;
    let decisions = replies.iter().map(|reply| {
        reply.answer.otherwise.as_ref().map_or(reply.answer.decision, |other| other.decision)
    });
    let decision = decisions.min_by_key(|decision| order.iter().position(|it| it == decision))?;
    (decision != whole.decision).then_some(Otherwise { rules, decision })
}
