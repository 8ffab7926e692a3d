//! A service may use the key on behalf of whoever asks it to.
//!
//! A service acts for all its customers. If a statement for it holds for the resources of every
//! account, somebody else's resource can make the service use this key (the *confused deputy*). A
//! condition on the resource is no limit if a wildcard stands where its account does, or if all that it
//! asks is that there is one.
//!
//! Only cryptographic operations are looked at. Of services of which AWS documents that they do not send
//! `aws:SourceAccount` or `aws:SourceArn` nothing is found, and of those of which it is not known here a
//! suggestion: if the service does not send the key, the condition denies all its calls.
//!
//! # Example
//!
//! ```json
//! {"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "kms:GenerateDataKey*", "Resource": "*"}
//! ```
//!
//! # Instead
//!
//! ```json
//! {"Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:cloudtrail:*:123456789012:trail/*"}}}
//! ```
//!
//! Source: [Confused deputy](https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html),
//! [Sensitive condition keys](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-sensitive),
//! [Permissions for AWS services](https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-services.html)

use serde_json::{Value, json};

use crate::arn::is_region;
use crate::environment::Key;
use crate::kms::{Action, KnownService, Limit, ServiceScope};
use crate::lint::open::Asker;
use crate::lint::rule::{Check, Rule};
use crate::lint::strange::Stranger;
use crate::lint::subject::{label, listed};
use crate::lint::{Finding, Fix, Found, Seat, Severity};
use crate::policy::{Condition, Effect, Statement, StatementPrincipal};
use crate::request::{Context, ContextKey, Entry};

pub(super) const RULE: Rule = Rule {
    code: "KMS303",
    name: "confused-deputy",
    severity: Severity::SecurityWarning,
    issue_code: Some("RESTRICT_ACCESS_TO_SERVICE_PRINCIPAL"),
    file: include_str!("confused_deputy.rs"),
    check: Check::Policy(check),
};

/// What only other callers than services have: a condition on it keeps the service out.
const OF_OTHERS: [&str; 5] = [
    "aws:PrincipalAccount",
    "aws:PrincipalArn",
    "aws:PrincipalOrgID",
    "kms:CallerAccount",
    "kms:ViaService",
];

fn check(seat: &Seat<'_>, found: &mut Found) {
    let Some(key) = seat.key() else { return };
    for statement in seat.policy.statements().iter().filter(|it| it.effect() == Effect::Allow) {
        let covered: Vec<&'static Action> = Action::all()
            .iter()
            .filter(|it| it.cryptographic && it.needs_key() && statement.covers_action(it))
            .collect();
        for (number, principal) in statement.listed_principals().iter().enumerate() {
            let StatementPrincipal::Service(name) = principal else { continue };
            let Some((severity, help)) = weight(name) else { continue };
            let Some(asker) = Asker::of(principal).pop() else { continue };
            let open = covered.iter().filter(|it| is_open(seat, key, statement, &asker, it));
            let open: Vec<&str> = open.map(|action| action.name).collect();
            if open.is_empty() {
                continue;
            }
            let message = format!(
                "{} lets {name} call {} for resources of every account",
                label(statement),
                listed(&open)
            );
            let place = seat.place_of_principal(statement, number);
            let finding = Finding::new(found.rule(), place, message)
                .with_severity(severity)
                .with_help(help)
                .with_fix(limited(seat, key, statement, name));
            found.push(finding);
        }
    }
}

/// How much it matters of a service, and what to do; none where nothing can be done.
pub(super) fn weight(service: &str) -> Option<(Severity, &'static str)> {
    // The principal without a Region of a service that has one in each never calls.
    let has_region = region_of(service).is_some();
    match KnownService::of_principal(service) {
        Some(known) if known.scope == ServiceScope::Regional && !has_region => None,
        Some(known) if matches!(known.limit, Limit::None(_)) => None,
        Some(_) => Some((
            Severity::SecurityWarning,
            "add a condition on aws:SourceAccount or aws:SourceArn, or on the encryption context that names the account",
        )),
        None => Some((
            Severity::Suggestion,
            "add a condition on aws:SourceAccount or aws:SourceArn, if the service sends it: see its documentation",
        )),
    }
}

/// The Region in `logs.us-east-1.amazonaws.com`.
fn region_of(service: &str) -> Option<&str> {
    let (_, rest) = service.split_once('.')?;
    let (region, _) = rest.split_once(".amazonaws.com")?;
    is_region(region).then_some(region)
}

/// Whether the service may be allowed a call on behalf of somebody else's resource, or of nothing,
/// with what the policies deny it.
fn is_open(
    seat: &Seat<'_>,
    key: &Key,
    statement: &Statement,
    asker: &Asker,
    action: &'static Action,
) -> bool {
    let service = Stranger::Service(key.account.partition);
    let conditions = seat.policy.statements().iter().flat_map(Statement::conditions);
    let pairs: Vec<&ContextKey> =
        conditions.map(Condition::key).filter(|it| it.is_of_encryption_context()).collect();
    service.guises(seat.policy, statement).iter().any(|guise| {
        let leave = |context: &mut Context| {
            let others = OF_OTHERS.iter().map(|name| ContextKey::new(name));
            for key in others.chain(pairs.iter().map(|key| (*key).clone())) {
                context.set(key, Entry::Absent);
            }
            // Whichever the account of the key is, it is not the stranger's.
            let own = Entry::value(key.account.id.as_str());
            context.set(ContextKey::new("aws:ResourceAccount"), own);
            service.put_on(guise, action, context);
        };
        asker.may_be_allowed_by(seat, key, action, statement, &leave)
    })
}

/// The condition that AWS documents for the service, where the statement is for it alone.
fn limited(seat: &Seat<'_>, key: &Key, statement: &Statement, service: &str) -> Option<Fix> {
    let known = KnownService::of_principal(service)?;
    let limit = known.limit;
    let region = region_of(service).unwrap_or("*");
    let filled = |pattern: &str| {
        pattern
            .replace("{partition}", key.account.partition.as_str())
            .replace("{region}", region)
            .replace("{account}", key.account.id.as_str())
    };
    let condition: Value = match limit {
        Limit::SourceAccount => {
            json!({"StringEquals": {"aws:SourceAccount": key.account.id.as_str()}})
        }
        Limit::SourceArn(pattern) => json!({"ArnLike": {"aws:SourceArn": filled(pattern)}}),
        Limit::EncryptionContext(key, pattern) => json!({"ArnLike": {key: filled(pattern)}}),
        Limit::None(_) => return None,
    };
    // Calls of DescribeKey do not fit the limit, and would be denied.
    let describes = known.describes
        && Action::parse("kms:DescribeKey").is_ok_and(|action| statement.covers_action(action));
    let is_simple = statement.conditions().is_empty()
        && !describes
        && statement.listed_principals().len() == 1
        && seat.subject.knows_account();
    let path = format!("{}/Condition", statement.pointer());
    let edit = json!({"op": "add", "path": path, "value": condition});
    is_simple
        .then(|| Fix::changing("limit the service to resources of the key's account", vec![edit]))
}
