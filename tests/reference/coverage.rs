//! What random requests must have tried for their agreement to mean something.

use crate::evaluator::{self, Answer, Seen};
use crate::generator::{FULL, conditions};

/// How often each thing must have come up.
const LEAST: usize = 10;

const SIDES: [&str; 7] = [
    "resource-control-policy",
    "service-control-policy",
    "vpc-endpoint-policy",
    "key-policy",
    "identity-policy",
    "permissions-boundary",
    "session-policy",
];

/// What only comes up with the features that [`FULL`] stands for.
const OF_FULL: [&str; 18] = [
    "denied by resource-control-policy",
    "denied by service-control-policy",
    "denied by vpc-endpoint-policy",
    "denied by permissions-boundary",
    "allowed by grant",
    "grant Exactly",
    "grant Behind",
    "grant Account",
    "grant fresh",
    "grant equals",
    "grant subset",
    "grant source",
    "grant child equals",
    "grant child subset",
    "retires Exactly",
    "retires Behind",
    "retires by account",
    "several permissions",
];

const ALWAYS: [&str; 20] = [
    "allowed",
    "explicitDeny",
    "implicitDeny",
    "undetermined",
    "allowed by key-policy",
    "allowed by identity-policy",
    "allowed by nothing",
    "denied by key-policy",
    "denied by identity-policy",
    "denied by session-policy",
    "caller User",
    "caller Role",
    "caller Federated",
    "caller Root",
    "caller Service",
    "caller unnamed",
    "caller service-linked",
    "caller foreign",
    "NotPrincipal",
    "NotResource",
];

/// Notes an answer.
pub(crate) fn note(answer: &Answer, seen: &Seen) {
    seen.note(answer.decision.clone());
    for side in &answer.denied_by {
        seen.note(format!("denied by {side}"));
    }
    if answer.decision == "allowed" {
        seen.note(format!("allowed by {}", answer.allowed_by.as_deref().unwrap_or("nothing")));
    }
}

/// What came up too rarely, with how often it did.
pub(crate) fn missing(seen: &Seen) -> Vec<String> {
    let mut wanted: Vec<String> = ALWAYS.map(str::to_owned).to_vec();
    for action in evaluator::actions() {
        wanted.push(format!("asked {action}"));
        wanted.push(format!("matched {action}"));
    }
    wanted.extend(operators());
    wanted.push("NotAction".to_owned());
    if FULL {
        wanted.extend(OF_FULL.map(str::to_owned));
        wanted.push("asked kms:ReEncrypt".to_owned());
        wanted.push("matched iam:CreateServiceLinkedRole".to_owned());
    }
    for side in SIDES {
        if FULL || side == "key-policy" || side == "identity-policy" {
            wanted.push(format!("{side} Deny"));
            wanted.push(format!("{side} Allow"));
        }
    }
    // Only a `Deny` is legal in a resource control policy; the built-in one allows.
    let rare = wanted.iter().filter(|what| seen.count(what) < LEAST);
    rare.map(|what| format!("{what}: {}", seen.count(what))).collect()
}

/// Every operator in every form, in lower case.
fn operators() -> Vec<String> {
    let mut all = vec!["null".to_owned()];
    for operator in conditions::operators().iter().filter(|operator| **operator != "Null") {
        for quantifier in ["", "ForAllValues:", "ForAnyValue:"] {
            for suffix in ["", "IfExists"] {
                all.push(format!("{quantifier}{operator}{suffix}").to_lowercase());
            }
        }
    }
    all
}
