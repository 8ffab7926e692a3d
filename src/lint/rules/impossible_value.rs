//! A condition asks for a value that its key never has.
//!
//! The condition never holds, or with a negated operator always does: an account without its twelve
//! digits, an alias without `alias/`, the ARN of a session for `aws:PrincipalArn` (which is that of the
//! role), a private address for `aws:SourceIp`, an operation that no grant gives.
//!
//! # Example
//!
//! ```json
//! {"Condition": {"StringEquals": {"kms:CallerAccount": "12345678901"}}}
//! ```
//!
//! # Instead
//!
//! Write the value as AWS sends it; the message says in which form.
//!
//! Source: [Condition keys of KMS](https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html),
//! [Global condition keys](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html),
//! [Policy checks](https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html)

use crate::arn::{AccountId, is_region};
use crate::kms::{Action, Feed};
use crate::lint::rule::{Check, Rule};
use crate::lint::{Finding, Found, Seat, Severity};
use crate::policy::{Condition, Statement};
use crate::text::Quoted;

pub(super) const RULE: Rule = Rule {
    code: "KMS512",
    name: "impossible-value",
    severity: Severity::Warning,
    issue_code: None,
    file: include_str!("impossible_value.rs"),
    check: Check::Policy(check),
};

fn check(seat: &Seat<'_>, found: &mut Found) {
    for statement in seat.policy.statements() {
        for condition in statement.conditions() {
            of_condition(seat, statement, condition, found);
        }
    }
}

fn of_condition(seat: &Seat<'_>, statement: &Statement, condition: &Condition, found: &mut Found) {
    let Some(key) = condition.key().documented() else { return };
    for (number, value) in condition.values().enumerate() {
        let Some(expected) = expected(key.name, condition.operator(), value) else { continue };
        let number = number.to_string();
        let steps = ["Condition", condition.operator(), condition.key().as_str(), &number];
        let message = format!("{} is never {}", condition.key(), Quoted(value));
        let finding = Finding::new(found.rule(), seat.place(statement, &steps), message)
            .with_help(format!("write {expected}"))
            .with_issue_code(issue_code(key.name, condition.operator()));
        found.push(finding);
    }
}

/// Access Analyzer's code of what is wrong with the values of a key, where it has one.
fn issue_code(key: &str, operator: &str) -> Option<&'static str> {
    match key {
        "aws:SourceIp" if operator.contains("NotIpAddress") => Some("PRIVATE_NOT_IP_ADDRESS"),
        "aws:SourceIp" => Some("PRIVATE_IP_ADDRESS"),
        "aws:SourceVpc" => Some("INVALID_VPC_FORMAT"),
        "aws:SourceVpce" => Some("INVALID_VPCE_FORMAT"),
        _ => None,
    }
}

/// What is expected in place of a value that the key never has.
fn expected(key: &str, operator: &str, value: &str) -> Option<String> {
    let compares_text = operator.contains("String");
    let is_open = value.contains(['*', '?']) || value.contains("${");
    let of_text = || {
        let is_other_case = operator.contains("IgnoreCase");
        if !compares_text || is_open || is_other_case { None } else { of_text(key, value) }
    };
    match key {
        "aws:PrincipalArn" if value.contains(":assumed-role/") => {
            Some("the ARN of the role, `arn:aws:iam::ACCOUNT:role/ROLE`, without a session".into())
        }
        "aws:SourceIp" if operator.contains("IpAddress") && is_private(value) => Some(
            "a public address, or test aws:VpcSourceIp: through a VPC endpoint there is no aws:SourceIp".into(),
        ),
        _ => of_text(),
    }
}

fn of_text(key: &str, value: &str) -> Option<String> {
    let starts = |prefix: &str| value.starts_with(prefix);
    let (is_good, expected) = match key {
        "aws:PrincipalAccount"
        | "aws:ResourceAccount"
        | "aws:SourceAccount"
        | "kms:CallerAccount"
        | "aws:VpceAccount" => {
            (value.parse::<AccountId>().is_ok(), "the twelve digits of an account")
        }
        "aws:PrincipalOrgID" | "aws:ResourceOrgID" | "aws:SourceOrgID" | "aws:VpceOrgID" => {
            (starts("o-"), "the id of an organization, `o-…`")
        }
        "aws:SourceVpc" => (starts("vpc-"), "the id of a VPC, `vpc-…`"),
        "aws:SourceVpce" => (starts("vpce-"), "the id of a VPC endpoint, `vpce-…`"),
        "aws:RequestedRegion" => (is_region(value), "a Region such as `us-east-1`"),
        "aws:PrincipalType" => {
            let types = ["Account", "AssumedRole", "Anonymous", "FederatedUser", "User"];
            (types.contains(&value), "one of Account, AssumedRole, FederatedUser and User")
        }
        "kms:RequestAlias" | "kms:ResourceAliases" => {
            (starts("alias/"), "the name of an alias, `alias/…`, and not its ARN")
        }
        "kms:GrantOperations" => (
            Action::all().iter().any(|it| it.grantable && it.short_name() == value),
            "an operation that grants give, such as `Decrypt`, without `kms:`",
        ),
        "kms:GrantConstraintType" => (
            ["EncryptionContextEquals", "EncryptionContextSubset"].contains(&value),
            "`EncryptionContextEquals` or `EncryptionContextSubset`",
        ),
        "kms:MultiRegionKeyType" => {
            (["PRIMARY", "REPLICA"].contains(&value), "`PRIMARY` or `REPLICA`")
        }
        _ => return of_parameter(key, value),
    };
    (!is_good).then(|| expected.to_owned())
}

/// What KMS takes for the parameter that the key carries.
fn of_parameter(key: &str, value: &str) -> Option<String> {
    let feeds = Action::all().iter().flat_map(Feed::of).filter(|feed| feed.keys.contains(&key));
    let mut refusals = feeds.map(|feed| feed.values.check(value).err());
    let first = refusals.next()??;
    refusals.all(|it| it.is_some()).then_some(first)
}

/// Whether every address of a range is private.
fn is_private(range: &str) -> bool {
    let network: Option<ipnet::IpNet> =
        range.parse().ok().or_else(|| range.parse::<std::net::IpAddr>().ok().map(Into::into));
    let private = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "fc00::/7"];
    network.is_some_and(|network| {
        private
            .iter()
            .filter_map(|it| it.parse().ok())
            .any(|it: ipnet::IpNet| it.contains(&network))
    })
}
