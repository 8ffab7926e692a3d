//! Everybody is allowed under conditions that anybody can meet.
//!
//! A principal of any AWS account chooses its user agent, the encryption context, the alias and the
//! service through which it calls, and gives itself tags. A condition on these limits nobody who wants
//! to get in. The rule asks the evaluator for a role of an account that nobody has heard of, with
//! everything that such a role can choose left open.
//!
//! Where an address range (`aws:SourceIp`) is the only other limit, the finding is a warning: addresses
//! are shared, and change hands.
//!
//! # Example
//!
//! ```json
//! {"Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*", "Condition": {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}}
//! ```
//!
//! # Instead
//!
//! Add a condition on whose principal it is: `kms:CallerAccount`, `aws:PrincipalOrgID`, or
//! `aws:PrincipalArn` with an account in it.
//!
//! Source: [kms:CallerAccount](https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-caller-account),
//! [Properties of the principal](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principal-properties)

use crate::arn;
use crate::environment::Key;
use crate::kms::Action;
use crate::lint::asked::Asked;
use crate::lint::open::{is_over, strange_arns};
use crate::lint::rule::{Check, Rule};
use crate::lint::subject::{label, listed};
use crate::lint::{Finding, Found, Seat, Severity};
use crate::policy::{Condition, Effect, Statement, StatementPrincipal};
use crate::request::{Context, ContextKey, Entry};

pub(super) const RULE: Rule = Rule {
    code: "KMS302",
    name: "weakly-limited",
    severity: Severity::SecurityWarning,
    issue_code: None,
    file: include_str!("weakly_limited.rs"),
    check: Check::Policy(check),
};

/// What a stranger cannot choose.
const STRONG: [&str; 13] = [
    "aws:Ec2InstanceSourcePrivateIPv4",
    "aws:Ec2InstanceSourceVpc",
    "aws:FederatedProvider",
    "aws:PrincipalOrgID",
    "aws:PrincipalOrgPaths",
    "aws:SourceVpc",
    "aws:SourceVpcArn",
    "aws:SourceVpce",
    "aws:VpceAccount",
    "aws:VpceOrgID",
    "aws:VpceOrgPaths",
    "aws:VpcSourceIp",
    "aws:userid",
];

fn check(seat: &Seat<'_>, found: &mut Found) {
    let Some(key) = seat.key() else { return };
    let of_everybody = |it: &&Statement| {
        it.effect() == Effect::Allow
            && !it.conditions().is_empty()
            && it.listed_principals().contains(&StatementPrincipal::Everyone)
            && !is_over(it)
    };
    let statements = seat.policy.statements().iter().filter(of_everybody);
    for statement in statements {
        let Some(asked) = seat.subject.with_stranger(key.account) else { return };
        // What admits everybody is the finding of another rule.
        let is_public = |action| asked.is_allowed_by(action, key, seat.policy, statement);
        if Action::all().iter().any(is_public) {
            continue;
        }
        let admitted = admitted(&asked, key, statement, false);
        let (names, severity, limit) = if admitted.is_empty() {
            let by_address = self::admitted(&asked, key, statement, true);
            (by_address, Severity::Warning, "from an address of its list")
        } else {
            (admitted, Severity::SecurityWarning, "under conditions that anybody can meet")
        };
        if names.is_empty() {
            continue;
        }
        let place = seat.place(statement, &["Condition"]);
        let message = format!(
            "{} lets principals of every AWS account call {} {limit}",
            label(statement),
            listed(&names)
        );
        let finding = Finding::new(found.rule(), place, message).with_severity(severity).with_help(
            "add a condition on kms:CallerAccount, aws:PrincipalOrgID or aws:PrincipalArn",
        );
        found.push(finding);
    }
}

/// The actions that a stranger can bring about to be allowed.
fn admitted(
    asked: &Asked,
    key: &Key,
    statement: &Statement,
    by_address: bool,
) -> Vec<&'static str> {
    let principal = ContextKey::new("aws:PrincipalArn");
    let patterns = statement.conditions().iter().filter(|it| *it.key() == principal);
    let mut arns = strange_arns(patterns.flat_map(Condition::values), key.account.partition);
    arns.retain(|it| is_of_principal(it, key));
    let admits = |action: &'static Action| {
        let with = |arn: Option<&String>| {
            let leave = |context: &mut Context| {
                leave(context, by_address);
                if let Some(arn) = arn {
                    context.set(principal.clone(), Entry::value(arn.as_str()));
                }
            };
            asked.may_be_allowed_by(action, key, statement, &leave)
        };
        with(None) || arns.iter().any(|arn| with(Some(arn)))
    };
    Action::all().iter().filter(|it| admits(it)).map(|action| action.name).collect()
}

/// Whether a principal can have the ARN under `aws:PrincipalArn`, which for a session is that of
/// its role, and call for the key.
fn is_of_principal(arn: &str, key: &Key) -> bool {
    let Some([_, partition, .., resource]) = arn::split(arn) else { return false };
    partition == key.account.partition.as_str() && !resource.starts_with("assumed-role/")
}

fn leave(context: &mut Context, by_address: bool) {
    for name in STRONG {
        context.set(ContextKey::new(name), Entry::Absent);
    }
    let address = if by_address { Entry::Unknown } else { Entry::Absent };
    context.set(ContextKey::new("aws:SourceIp"), address);
}
