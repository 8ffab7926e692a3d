//! What a lockout cannot be proved without: who a principal is, where nobody who was tried
//! meets a condition on it.

use std::collections::BTreeSet;

use super::candidates::{Candidate, Candidates, Origin, put_key_policy};
use crate::environment::{Attached, QuestionError, Request};
use crate::evaluate::{Decision, Outcome, Rule, Trace, sides};
use crate::policy::{Condition, Statement};
use crate::request::{ContextKey, Entry, Rules};
use crate::truth::Truth;

/// The keys that tell one user or role of an account from another.
///
/// Source: [Properties of the principal](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principal-properties)
const OF_IDENTITY: [&str; 4] =
    ["aws:principalarn", "aws:principaltype", "aws:userid", "aws:username"];
const TAGS: &str = "aws:principaltag/";

/// For either rules, the keys that leave open whether somebody else can change the key policy.
#[derive(Clone, Debug)]
pub(super) struct Unproven {
    aws: Vec<String>,
    dual_permission: Vec<String>,
}

impl Unproven {
    pub(super) fn of(candidates: &Candidates) -> Result<Self, QuestionError> {
        Ok(Self {
            aws: unproven(candidates, Rules::Aws)?,
            dual_permission: unproven(candidates, Rules::DualPermission)?,
        })
    }

    pub(super) fn by(&self, rules: Rules) -> &[String] {
        match rules {
            Rules::Aws => &self.aws,
            Rules::DualPermission => &self.dual_permission,
        }
    }
}

/// The keys on which a principal with the right values might be allowed; nothing if none is.
pub(super) fn unproven(
    candidates: &Candidates,
    rules: Rules,
) -> Result<Vec<String>, QuestionError> {
    let put = put_key_policy()?;
    let mut keys = BTreeSet::new();
    for candidate in &candidates.all {
        let question = candidates.question(candidate, put, rules);
        let request = candidates.environment_of(candidate).request(&question)?;
        keys.extend(open(candidate, &request));
    }
    Ok(keys.into_iter().collect())
}

fn open(candidate: &Candidate, request: &Request<'_>) -> Vec<String> {
    let is_open = |key: &ContextKey| is_open(candidate.origin, key);
    let statements = || {
        let policies = request.stack.policies().filter_map(|(_, policy)| Attached::known(policy));
        policies.flat_map(crate::policy::Policy::statements)
    };
    let mut context = request.context.opened();
    for key in statements().flat_map(Statement::reads).filter(|key| is_open(key)) {
        context.set(key.clone(), Entry::Unknown);
    }
    let mut trace = Trace::default();
    let sides = sides(request, &context, &mut trace);
    match Outcome::of(&sides, request.standing, request.rules).decision {
        Decision::ExplicitDeny | Decision::ImplicitDeny => return Vec::new(),
        Decision::Allowed | Decision::Undetermined => {}
    }
    let depending = trace.steps.iter().filter(|step| step.outcome.truth() == Truth::Unknown);
    let depending: Vec<&Statement> = depending
        .filter_map(|step| match step.rule {
            Rule::Statement(_, statement) => Some(statement),
            Rule::Grant(_) => None,
        })
        .collect();
    let reads = depending.iter().flat_map(|it| it.reads()).filter(|key| is_open(key));
    let keys: BTreeSet<&ContextKey> = reads.collect();
    if keys.iter().all(|key| is_principal_arn(key)) && depending.iter().all(|it| is_tried(it)) {
        return Vec::new();
    }
    keys.into_iter().map(ToString::to_string).collect()
}

/// Whether a key may have any value for one of those that a candidate stands for.
fn is_open(origin: Origin, key: &ContextKey) -> bool {
    let name = key.as_str().to_ascii_lowercase();
    let is_tag = name.starts_with(TAGS);
    match origin {
        Origin::AnyOther => is_tag || OF_IDENTITY.contains(&name.as_str()),
        Origin::Like | Origin::Named => is_tag || name == "aws:userid",
        Origin::Listed | Origin::GivenIamPolicy | Origin::RootUser => false,
    }
}

fn is_principal_arn(key: &ContextKey) -> bool {
    *key == ContextKey::new("aws:PrincipalArn")
}

/// Whether everybody whom its conditions on `aws:PrincipalArn` tell from others was tried:
/// whole ARNs are, each by itself.
fn is_tried(statement: &Statement) -> bool {
    let of_arn = |it: &&Condition| it.reads().any(is_principal_arn);
    let is_whole = |value: &str| !value.contains(['*', '?', '$']) && !value.contains("federated");
    statement.conditions().iter().filter(of_arn).all(|it| it.values().all(is_whole))
        && !statement.resource_variables().any(is_principal_arn)
}
