//! A `Deny` that is meant to keep to a network also denies AWS services that call for a principal.
//!
//! When a service such as S3 or Secrets Manager calls KMS with the permissions of whoever uses it, the
//! call comes from an address of the service and through no VPC endpoint of the caller. A `Deny` for all
//! but some addresses, VPCs or endpoints takes these calls too.
//!
//! # Example
//!
//! ```json
//! {"Effect": "Deny", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*", "Condition": {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}}
//! ```
//!
//! # Instead
//!
//! Add `"Bool": {"aws:ViaAWSService": "false"}` to the condition; for services that call as themselves
//! also `"aws:PrincipalIsAWSService": "false"`.
//!
//! Source: [Global condition keys for KMS](https://docs.aws.amazon.com/kms/latest/developerguide/conditions-aws.html),
//! [aws:ViaAWSService](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-viaawsservice)

use serde_json::{Value, json};

use crate::Truth;
use crate::environment::ADDRESS_OF_A_SERVICE;
use crate::kms::Action;
use crate::lint::open::call_of;
use crate::lint::rule::{Check, Rule};
use crate::lint::subject::{label, listed};
use crate::lint::{Finding, Fix, Found, Seat, Severity};
use crate::policy::{Condition, Effect, Statement};
use crate::request::{ContextKey, Entry};

pub(super) const RULE: Rule = Rule {
    code: "KMS514",
    name: "network-denies-services",
    severity: Severity::Warning,
    issue_code: None,
    file: include_str!("network_denies_services.rs"),
    check: Check::Policy(check),
};

/// What tells the network of a call; through a service, none of them.
const NETWORK: [&str; 4] =
    ["aws:SourceVpc", "aws:SourceVpcArn", "aws:SourceVpce", "aws:VpcSourceIp"];

fn check(seat: &Seat<'_>, found: &mut Found) {
    for statement in seat.policy.statements().iter().filter(|it| it.effect() == Effect::Deny) {
        let Some(condition) = statement.conditions().iter().find(|it| is_of_network(it)) else {
            continue;
        };
        let denied = Action::all().iter().filter(|action| {
            action.cryptographic
                && action.needs_key()
                && statement.covers_action(action)
                && denies_services(statement, action)
        });
        let names: Vec<&str> = denied.map(|action| action.name).collect();
        if names.is_empty() {
            continue;
        }
        let steps = ["Condition", condition.operator(), condition.key().as_str()];
        let message = format!(
            "{} also denies {} when an AWS service calls for a principal",
            label(statement),
            listed(&names)
        );
        let finding = Finding::new(found.rule(), seat.place(statement, &steps), message)
            .with_help("add the condition Bool aws:ViaAWSService false")
            .with_fix(exempt(statement));
        found.push(finding);
    }
}

fn is_of_network(condition: &Condition) -> bool {
    let key = condition.key();
    NETWORK.iter().chain(&["aws:SourceIp"]).any(|name| *key == ContextKey::new(name))
}

/// Whether the conditions hold for every call that a service makes for somebody.
fn denies_services(statement: &Statement, action: &'static Action) -> bool {
    let mut context = call_of(action);
    for name in NETWORK {
        context.set(ContextKey::new(name), Entry::Absent);
    }
    context.set(ContextKey::new("aws:SourceIp"), Entry::value(ADDRESS_OF_A_SERVICE));
    context.set(ContextKey::new("aws:ViaAWSService"), Entry::value("true"));
    Truth::all(statement.conditions().iter().map(|it| it.test(&context))) == Truth::True
}

fn exempt(statement: &Statement) -> Option<Fix> {
    let has_bool = statement.conditions().iter().any(|it| it.operator() == "Bool");
    let at = format!("{}/Condition/Bool", statement.pointer());
    let value: Value = json!({"aws:ViaAWSService": "false"});
    let patch = vec![json!({"op": "add", "path": at, "value": value})];
    (!has_bool).then(|| Fix::changing("exempt calls that AWS services make for principals", patch))
}
