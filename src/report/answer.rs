use std::collections::BTreeMap;

use serde::Serialize;

use crate::document::Place;

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
    pub permissions: Vec<Permission>,
    /// Context keys, neither given nor derived, that could change the decision.
    pub depends_on: Vec<String>,
    /// Whether they could turn allowed into denied or the reverse, and not only one kind of
    /// denial into the other.
    pub could_flip: bool,
    /// The message that AWS prints for a denied request.
    pub error: Option<String>,
    /// What the key's state would do to the call.
    pub key_state: Option<KeyState>,
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

impl Answer {
    /// The statements and grants that the decision rests on. Where the key policy names the
    /// caller, the statement for the account beside it is true and beside the point.
    #[must_use]
    pub fn decisive(&self) -> Vec<&StatementRow> {
        let all = self.sides.iter().flat_map(|side| &side.statements).filter(|row| row.decisive);
        let (by_account, direct): (Vec<_>, Vec<_>) = all.partition(|row| row.by_account_only);
        let is_by_name = self.allowed_by == Some("key-policy") && !direct.is_empty();
        if is_by_name { direct } else { by_account.into_iter().chain(direct).collect() }
    }
}

/// The request that was answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct AnsweredRequest {
    /// The ARN that AWS prints for the caller.
    pub principal: String,
    /// In AWS's spelling.
    pub action: String,
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

/// A statement or grant that matches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct StatementRow {
    /// `statement`, or `grant`.
    pub rule: &'static str,
    /// The file that it stands in; none for a grant that was read from no file.
    pub file: Option<String>,
    /// The file of its policy, with a JSON pointer if the policy is a part of it.
    pub policy: String,
    /// Its number in the policy, from 0.
    pub index: usize,
    /// Its `Sid`; the name or id of a grant.
    pub sid: Option<String>,
    /// `Allow` or `Deny`.
    pub effect: String,
    /// The line it begins on, from 1; none for a grant that was read from no file.
    pub line: Option<usize>,
    /// The column, from 1.
    pub column: Option<usize>,
    /// Where it stands, to show it; none for a grant that was read from no file.
    #[serde(skip)]
    pub place: Option<Place>,
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

/// One permission of an operation that needs several.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Permission {
    /// The ARN that AWS prints for the caller, which may be a service.
    pub principal: String,
    /// The action.
    pub action: String,
    /// What it is asked on.
    pub resource: String,
    /// The decision on it.
    pub decision: &'static str,
    /// The sides responsible for a denial.
    pub denied_by: Vec<&'static str>,
    /// The source of permission that suffices.
    pub allowed_by: Option<&'static str>,
    /// Why, in one sentence.
    pub reason: String,
}

/// What the state and usage of the key do to the call, beside the decision.
///
/// Source: [Key states](https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html)
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct KeyState {
    /// `Enabled`, `Disabled`, …
    pub state: String,
    /// `ENCRYPT_DECRYPT`, …
    pub usage: String,
    /// KMS's error for an authorized caller; none if the call works.
    pub error: Option<String>,
    /// The other exception that AWS documents for the same, if there are two.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub or: Option<&'static str>,
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
