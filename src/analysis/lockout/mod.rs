//! AWS's lockout safety check: whether it would take a new key policy from a caller.

mod refusal;
mod refused;
mod scene;
mod words;

use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

use self::refusal::Refusal;
use self::scene::Scene;
use self::words::Check;
use super::AnalysisError;
use super::edit::{Draft, account_statement, patch};
use super::rescue::{Lockout, Rescue};
use crate::environment::{
    Attached, Environment, Question, QuestionError, QuestionPart, Reach, Request,
};
use crate::evaluate::explain;
use crate::kms::{Action, Asked};
use crate::policy::Policy;
use crate::report::{Answer, Detail, StatementRow, ask};
use crate::request::Rules;
use crate::text::{Quoted, did_you_mean};
use crate::truth::Truth;

/// What AWS answers to a policy that fails the check.
///
/// Source: [Lockout safety check](https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html)
const LOCKOUT: &str = "MalformedPolicyDocumentException: The new key policy will not allow you to update the key policy in the future.";

/// The parameter that skips the check.
const BYPASS: &str = "BypassPolicyLockoutSafetyCheck";

/// A call that gives a key a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Operation {
    /// `CreateKey`: the key is to be, in the caller's account.
    CreateKey,
    /// `PutKeyPolicy`
    PutKeyPolicy,
    /// `ReplicateKey`: the policy is that of the replica.
    ReplicateKey,
}

/// What would become of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Prediction {
    /// AWS takes the policy.
    Passes,
    /// AWS refuses the policy.
    Rejected,
    /// The caller may not make the call, whatever the policy.
    Denied,
    /// It rests on what is not known.
    Undetermined,
}

/// What AWS would say to a new key policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct LockoutCheck {
    /// What would become of the call.
    pub prediction: Prediction,
    /// None if undetermined.
    pub passes: Option<bool>,
    /// The call.
    pub operation: Operation,
    /// The ARN that AWS prints for the caller.
    pub principal: String,
    /// The ARN of the key.
    pub key: String,
    /// Why, in one sentence.
    pub reason: String,
    /// The error that AWS answers with.
    pub error: Option<String>,
    /// Whether the call skips the check.
    pub bypassed: bool,
    /// The statements of the new policy that the check rests on.
    pub statements: Vec<StatementRow>,
    /// Whether the caller may make the call at all; none where nothing is known of its policies.
    pub call: Option<Call>,
    /// How it stands with the key once it has the policy.
    pub afterwards: Lockout,
    /// Who can change the key policy then, in one sentence without a full stop.
    pub afterwards_summary: String,
    /// An edit of the new policy, by RFC 6902, with which it passes.
    pub fix: Option<Vec<Value>>,
    /// What AWS does not document and the prediction rests on, and what is likely not meant.
    pub warnings: Vec<String>,
}

/// The decision on the call by the policies of today.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Call {
    /// `allowed`, `explicitDeny`, `implicitDeny` or `undetermined`.
    pub decision: &'static str,
    /// The sides responsible for a denial.
    pub denied_by: Vec<&'static str>,
    /// The source of permission that suffices.
    pub allowed_by: Option<&'static str>,
    /// The message that AWS prints for a denied request.
    pub error: Option<String>,
    /// Why, in one sentence.
    pub reason: String,
}

impl Operation {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::CreateKey, Self::PutKeyPolicy, Self::ReplicateKey];

    /// As AWS spells it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CreateKey => "CreateKey",
            Self::PutKeyPolicy => "PutKeyPolicy",
            Self::ReplicateKey => "ReplicateKey",
        }
    }

    fn action(self) -> Result<&'static Action, QuestionError> {
        Action::parse(self.as_str())
            .map_err(|error| QuestionError::new(QuestionPart::Parameters, error.to_string()))
    }
}

impl std::str::FromStr for Operation {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let bare = text.strip_prefix("kms:").unwrap_or(text);
        let found = Self::ALL.into_iter().find(|it| it.as_str().eq_ignore_ascii_case(bare));
        found.ok_or_else(|| {
            let help = did_you_mean(text, Self::ALL.map(Self::as_str)).unwrap_or_default();
            format!(
                "expected `PutKeyPolicy`, `CreateKey` or `ReplicateKey`, found {} {help}",
                Quoted(text)
            )
            .trim_end()
            .to_owned()
        })
    }
}

impl LockoutCheck {
    /// Predicts what AWS says when the principal of `question` sends a new key policy.
    ///
    /// The check passes if the new policy lets the caller change the key policy later: by a
    /// statement for the caller, for everyone or for the key's account, with conditions that
    /// hold for this call, and without a `Deny`. `BypassPolicyLockoutSafetyCheck` among the
    /// parameters of the question skips it. What AWS refuses in any new key policy is refused
    /// first.
    ///
    /// # Errors
    ///
    /// If key or principal of the question are not there, or the policy cannot be edited.
    ///
    /// Source: [PutKeyPolicy](https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html),
    /// [CreateKey](https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html),
    /// [ReplicateKey](https://docs.aws.amazon.com/kms/latest/APIReference/API_ReplicateKey.html)
    pub fn of(
        environment: &Environment,
        question: &Question,
        operation: Operation,
        policy: &Arc<Policy>,
    ) -> Result<Self, AnalysisError> {
        let scene = Scene::of(environment, question, operation, policy)?;
        let mut request = scene.environment.request(&scene.question)?;
        // The check is taken not to consult them, so it does not matter that they are missing.
        request.stack.lacks_identity_policies = false;
        let explanation = explain(&request);
        let answer = explanation.answer(&request);
        let allows = allows(&request);
        let statements = rows(&answer, allows);
        let check = Check {
            allows,
            bypassed: is_bypassed(question),
            explanation: &explanation,
            answer: &answer,
            statements: &statements,
            scene: &scene,
        };
        let refusal = Refusal::of(policy);
        let call = call(environment, question, operation)?;
        let prediction = Prediction::of(refusal.as_ref(), &check, call.as_ref());
        let after = Rescue::of(&scene.environment, &scene.question)?;
        Ok(Self {
            prediction,
            passes: prediction.passes(),
            operation,
            principal: answer.request.principal.clone(),
            key: scene.key.arn(),
            reason: reason(prediction, refusal.as_ref(), call.as_ref(), &check),
            error: error(prediction, refusal.as_ref(), call.as_ref()),
            bypassed: check.bypassed,
            fix: match (prediction, &refusal) {
                (Prediction::Rejected, None) => fix(&scene, policy, &answer)?,
                _ => None,
            },
            warnings: check.warnings(policy),
            call,
            afterwards: after.verdict,
            afterwards_summary: after.summary,
            statements,
        })
    }
}

impl Prediction {
    /// AWS refuses a malformed policy, then one that fails the check; but first who may not
    /// make the call.
    fn of(refusal: Option<&Refusal>, check: &Check<'_>, call: Option<&Call>) -> Self {
        let of_policy = match (refusal, check.bypassed, check.allows) {
            (Some(_), ..) | (None, false, Truth::False) => Self::Rejected,
            (None, true, _) | (None, false, Truth::True) => Self::Passes,
            (None, false, Truth::Unknown) => Self::Undetermined,
        };
        match (of_policy, call.map(|call| call.decision)) {
            (_, Some("explicitDeny" | "implicitDeny")) => Self::Denied,
            (Self::Passes, Some("undetermined")) => Self::Undetermined,
            (of_policy, _) => of_policy,
        }
    }

    fn passes(self) -> Option<bool> {
        match self {
            Self::Passes => Some(true),
            Self::Rejected | Self::Denied => Some(false),
            Self::Undetermined => None,
        }
    }
}

fn reason(
    prediction: Prediction,
    refusal: Option<&Refusal>,
    call: Option<&Call>,
    check: &Check<'_>,
) -> String {
    match (prediction, refusal, call) {
        (Prediction::Denied, _, Some(call)) => call.reason.clone(),
        (_, Some(refusal), _) => refusal.reason.clone(),
        (Prediction::Undetermined, None, Some(call)) if check.allows != Truth::Unknown => {
            format!("{} May the call be made at all? {}", check.reason(), call.reason)
        }
        (_, None, _) => check.reason(),
    }
}

fn error(prediction: Prediction, refusal: Option<&Refusal>, call: Option<&Call>) -> Option<String> {
    match prediction {
        Prediction::Passes | Prediction::Undetermined => None,
        Prediction::Denied => {
            let printed = call.and_then(|call| call.error.as_ref())?;
            Some(format!("AccessDeniedException: {printed}"))
        }
        Prediction::Rejected => {
            Some(refusal.map_or_else(|| LOCKOUT.to_owned(), |it| it.error.clone()))
        }
    }
}

fn is_bypassed(question: &Question) -> bool {
    match question.parameters.get(BYPASS) {
        Some(Value::Bool(value)) => *value,
        Some(Value::String(text)) => text == "true",
        _ => false,
    }
}

/// Whether the key policy by itself lets the caller, or its account, change it. AWS does not
/// say whether it consults the caller's IAM policies too; it is taken not to.
fn allows(request: &Request<'_>) -> Truth {
    let verdict = explain(request).sides.key_policy;
    match request.standing.reach {
        Reach::Own => verdict.map_or(Truth::False, |verdict| verdict.allow.any() & !verdict.deny),
        Reach::Foreign | Reach::ForeignNotOffered | Reach::NoKey => Truth::False,
    }
}

/// The statements of the key policy that allow it, or those that deny it.
fn rows(answer: &Answer, allows: Truth) -> Vec<StatementRow> {
    let of_key_policy = answer.sides.iter().filter(|side| side.side == "key-policy");
    let rows = of_key_policy.flat_map(|side| &side.statements);
    let counts = |row: &&StatementRow| match allows {
        Truth::True => row.effect == "Allow",
        Truth::False => row.effect == "Deny",
        Truth::Unknown => true,
    };
    rows.filter(counts).cloned().collect()
}

/// The statement of the default key policy, and without those that deny: if that passes.
fn fix(
    scene: &Scene,
    policy: &Policy,
    answer: &Answer,
) -> Result<Option<Vec<Value>>, AnalysisError> {
    let draft = Draft::of(policy)?;
    let statement = account_statement(scene.key.account);
    let removed: Vec<usize> = rows(answer, Truth::False).iter().map(|row| row.index).collect();
    let edited = draft.without(&removed).with(statement.clone()).policy()?;
    let mut environment = scene.environment.clone();
    let attached = Attached::Policy(Arc::new(edited));
    let arn = scene.key.arn();
    for key in environment.keys_mut().iter_mut().filter(|key| key.arn() == arn) {
        key.policy = attached.clone();
    }
    let passes = allows(&environment.request(&scene.question)?) == Truth::True;
    Ok(passes.then(|| patch(&draft, &removed, Some(&statement))))
}

/// The decision on the call by the policies of today, unless it is denied for want of policies
/// that nobody gave.
fn call(
    environment: &Environment,
    question: &Question,
    operation: Operation,
) -> Result<Option<Call>, QuestionError> {
    let action = operation.action()?;
    let question = Question { action, rules: Some(Rules::Aws), ..question.clone() };
    let request = environment.request(&question)?;
    let answer = ask(environment, Asked::Permission(action), &question, Detail::Reasons)?.answer;
    let lacks =
        request.stack.lacks_identity_policies && answer.denied_by.contains(&"identity-policy");
    Ok((!lacks).then_some(Call {
        decision: answer.decision,
        denied_by: answer.denied_by,
        allowed_by: answer.allowed_by,
        error: answer.error,
        reason: answer.reason,
    }))
}
