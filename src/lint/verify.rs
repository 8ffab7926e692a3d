//! Whether a fix does what it says: made in a copy, the finding is gone, nothing that AWS
//! refuses is new, and no decision changes that should not.

use std::sync::Arc;

use serde_json::{Value, json};

use super::open::in_each_region;
use super::{Finding, Fix, Subject, found};
use crate::environment::{Attached, Environment, Key, Principal, Question, builtin_policy};
use crate::evaluate::{Decision, Outcome, decide, sides};
use crate::kms::Action;
use crate::policy::{Kind, Policy};
use crate::report::principals_of;
use crate::request::{Account, PrincipalName};

/// So many fixes of one rule are tried; who has more findings of it does not mend them one by one.
const TRIED: usize = 200;

/// The findings, without the fixes that do not hold.
pub(super) fn proven(findings: Vec<Finding>, subject: &Subject) -> Vec<Finding> {
    let mut tried = 0;
    let keep = |mut finding: Finding| {
        let fix = finding.fix.take();
        tried += usize::from(fix.is_some());
        let fix = fix.filter(|_| tried <= TRIED);
        finding.fix = fix.and_then(|fix| held(fix, &finding, subject));
        finding
    };
    findings.into_iter().map(keep).collect()
}

/// The fix, guarded, if it does what it says.
fn held(fix: Fix, finding: &Finding, subject: &Subject) -> Option<Fix> {
    let seat = subject.seats().find(|seat| is_in(finding, seat.policy))?;
    let near = subject.around(seat.policy)?;
    let fix = guarded(fix, seat.policy)?;
    let fixed = Arc::new(patched(seat.policy, &fix.patch)?);
    let after = near.with(seat.policy, &fixed);
    let fewer = found(&after, finding.rule).len() < found(&near, finding.rule).len();
    let is_sound = fixed.warnings().len() <= seat.policy.warnings().len();
    let keeps = || {
        let askers = askers(near.environment());
        decisions(near.environment(), &askers) == decisions(after.environment(), &askers)
    };
    (fewer && is_sound && (!fix.keeps_decisions || keeps())).then_some(fix)
}

/// The edit with a test before each operation that what it is about still stands there: after
/// another edit has moved it, this one fails, and changes nothing else.
///
/// Source: [RFC 6902, test](https://www.rfc-editor.org/rfc/rfc6902#section-4.6)
fn guarded(fix: Fix, policy: &Policy) -> Option<Fix> {
    let mut document = policy.to_json().ok()?;
    let mut patch: Vec<Value> = Vec::new();
    let mut seen = Vec::new();
    for operation in fix.patch {
        if let Some(path) = touched(&operation).filter(|it| !seen.contains(it)) {
            let value = document.pointer(&path)?.clone();
            patch.push(json!({"op": "test", "path": path, "value": value}));
            seen.push(path);
        }
        let step: json_patch::Patch = serde_json::from_value(json!([operation])).ok()?;
        json_patch::patch(&mut document, &step).ok()?;
        patch.push(operation);
    }
    Some(Fix { patch, ..fix })
}

/// What an operation is about: what it takes away, or the statement that it adds to.
fn touched(operation: &Value) -> Option<String> {
    let text = |name: &str| operation.get(name).and_then(Value::as_str);
    match text("op")? {
        "remove" | "replace" => text("path").map(str::to_owned),
        "move" => text("from").map(str::to_owned),
        "add" => {
            let (number, _) = text("path")?.strip_prefix("/Statement/")?.split_once('/')?;
            let is_number = number.bytes().all(|it| it.is_ascii_digit());
            is_number.then(|| format!("/Statement/{number}"))
        }
        _ => None,
    }
}

fn is_in(finding: &Finding, policy: &Policy) -> bool {
    Arc::ptr_eq(&finding.place.source, policy.source())
        && finding.place.pointer.starts_with(policy.pointer())
}

/// The policy after an edit, read by the parser that read it first.
fn patched(policy: &Policy, patch: &[Value]) -> Option<Policy> {
    let mut document = policy.to_json().ok()?;
    let patch: json_patch::Patch = serde_json::from_value(patch.to_vec().into()).ok()?;
    json_patch::patch(&mut document, &patch).ok()?;
    Policy::from_json(&policy.name(), &document.to_string(), policy.kind()).ok()
}

/// A role that nobody listed, whose IAM policy allows everything.
const UNLISTED: &str = "AnyOtherRole";
const FOREIGN: &str = "999988887777";
/// So many principals of one key are asked about at most.
const ASKED: usize = 50;

/// Who is asked about, of each key: whom it knows before anything is changed, and strangers.
fn askers(environment: &Environment) -> Vec<(String, Vec<String>)> {
    let strangers: Vec<String> = strangers(environment).iter().map(ToString::to_string).collect();
    let of = |key: &Key| {
        let named = principals_of(environment, key).into_iter().take(ASKED);
        (key.arn(), named.chain(strangers.iter().cloned()).collect())
    };
    environment.keys().iter().map(of).collect()
}

/// What they may do with every key, as it is asked and with all left open that may be.
fn decisions(environment: &Environment, askers: &[(String, Vec<String>)]) -> Vec<[Decision; 2]> {
    let mut environment = environment.clone();
    let everything = builtin_policy("FullAWSAccess", Kind::Identity, None).map(Arc::new);
    for name in strangers(&environment) {
        let identity_policies = everything.iter().cloned().map(Attached::Policy).collect();
        let principal = Principal { identity_policies, ..Principal::default() };
        environment.add_principal(name, principal);
    }
    let endpoints = environment.vpc_endpoints.keys().cloned().map(Some);
    let endpoints: Vec<Option<String>> = std::iter::once(None).chain(endpoints).collect();
    let mut decided = Vec::new();
    for (key, principals) in askers {
        let Some(known) = environment.keys().iter().find(|it| it.arn() == *key) else { continue };
        for principal in principals {
            for action in Action::all() {
                for endpoint in &endpoints {
                    let mut question = Question::new(principal, action);
                    question.key = Some(key.clone());
                    question.vpc_endpoint.clone_from(endpoint);
                    for question in in_each_region(question, known) {
                        let Ok(request) = environment.request(&question) else { continue };
                        let open = sides(&request, &request.context.opened(), &mut ());
                        let open = Outcome::of(&open, request.standing, request.rules).decision;
                        decided.push([decide(&request).decision, open]);
                    }
                }
            }
        }
    }
    decided
}

fn strangers(environment: &Environment) -> Vec<PrincipalName> {
    let foreign = |account: Account| {
        FOREIGN.parse().ok().map(|id| Account { partition: account.partition, id })
    };
    let mut accounts: Vec<Account> = environment.keys().iter().map(|key| key.account).collect();
    accounts.extend(environment.account.and_then(foreign));
    accounts.sort_unstable();
    accounts.dedup();
    accounts.into_iter().map(|of| PrincipalName::Role(of, UNLISTED.to_owned())).collect()
}
