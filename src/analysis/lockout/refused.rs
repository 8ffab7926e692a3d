//! The answer to a policy that AWS refuses before anything is asked about it.

use super::refusal::Refusal;
use super::{Call, LockoutCheck, Operation, Prediction, call, is_bypassed, scene};
use crate::analysis::AnalysisError;
use crate::analysis::rescue::Lockout;
use crate::document::InputError;
use crate::environment::{Environment, Question};

impl LockoutCheck {
    /// What AWS says to a policy that `error` says is none: none where it says that the text is
    /// no document at all, to which AWS answers nothing that can be told from other errors.
    ///
    /// `surroundings` are the environment and the question, where the policy itself is not
    /// needed to know who is meant.
    ///
    /// # Errors
    ///
    /// If key or principal of the question are not there.
    ///
    /// Source: [PutKeyPolicy](https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html#API_PutKeyPolicy_Errors)
    pub fn refused(
        surroundings: Option<&Environment>,
        question: &Question,
        operation: Operation,
        error: &InputError,
    ) -> Result<Option<Self>, AnalysisError> {
        let Some(refusal) = Refusal::of_error(error) else { return Ok(None) };
        let mut principal = question.principal.clone();
        let mut key = question.key.clone().unwrap_or_else(|| "*".to_owned());
        let mut called = None;
        if let Some(environment) = surroundings {
            let found = scene::key(environment, question, question, operation)?;
            let request = environment.request(question)?;
            key = found.arn();
            principal = request.caller.session_arn.unwrap_or(request.caller.arn);
            called = call(environment, question, operation)?;
        }
        let is_denied = |call: &Call| matches!(call.decision, "explicitDeny" | "implicitDeny");
        let denied = called.as_ref().filter(|call| is_denied(call));
        let printed = denied.and_then(|call| call.error.as_ref());
        Ok(Some(Self {
            prediction: if denied.is_some() { Prediction::Denied } else { Prediction::Rejected },
            passes: Some(false),
            operation,
            principal,
            key,
            reason: denied.map_or(refusal.reason, |call| call.reason.clone()),
            error: Some(match printed {
                Some(printed) => format!("AccessDeniedException: {printed}"),
                None => refusal.error,
            }),
            bypassed: is_bypassed(question),
            statements: Vec::new(),
            call: called,
            afterwards: Lockout::Undetermined,
            afterwards_summary: "no key has this policy".to_owned(),
            fix: None,
            warnings: Vec::new(),
        }))
    }
}
