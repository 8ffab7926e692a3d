//! A `Resource` is an ARN that no key and no alias has.
//!
//! The ARN of a key has a Region, an account, and `key/` before the id; that of an alias has `alias/`
//! before the name. Anything else covers nothing.
//!
//! # Example
//!
//! ```json
//! {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "arn:aws:kms:us-east-1:123456789012:1234abcd-12ab-34cd-56ef-1234567890ab"}
//! ```
//!
//! # Instead
//!
//! ```json
//! {"Resource": "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"}
//! ```
//!
//! Source: [KMS keys in IAM policies](https://docs.aws.amazon.com/kms/latest/developerguide/cmks-in-iam-policies.html),
//! [Resource types of KMS](https://docs.aws.amazon.com/service-authorization/latest/reference/list_awskeymanagementservice.html#awskeymanagementservice-resources-for-iam-policies)

use crate::arn;
use crate::lint::rule::{Check, Rule};
use crate::lint::{Found, Seat, Severity};
use crate::policy::{Element, Kind};
use crate::text::Quoted;

pub(super) const RULE: Rule = Rule {
    code: "KMS417",
    name: "no-such-resource",
    severity: Severity::Warning,
    issue_code: Some("INVALID_ARN_RESOURCE"),
    file: include_str!("no_such_resource.rs"),
    check: Check::Policy(check),
};

fn check(seat: &Seat<'_>, found: &mut Found) {
    if seat.policy.kind() == Kind::Key {
        return;
    }
    for statement in seat.policy.statements() {
        let (element, resources) = statement.written(Element::Resource);
        for (number, text) in resources.iter().enumerate() {
            let Some(help) = fault(text) else { continue };
            found.with_help(
                seat.place(statement, &[&element, &number.to_string()]),
                format!("no key and no alias has the ARN {}", Quoted(text)),
                help,
            );
        }
    }
}

/// What is wrong with an ARN of KMS. A pattern is only looked at up to its first wildcard.
fn fault(text: &str) -> Option<&'static str> {
    let [_, _, service, region, account, resource] = arn::split(text)?;
    // A variable before the resource is the finding of another rule.
    if service != "kms" || region.contains('$') || account.contains('$') {
        return None;
    }
    let is_open = |part: &str| part.contains(['*', '?', '$']);
    let begins = |kind: &str| {
        let fixed = resource.split(['*', '?', '$']).next().unwrap_or_default();
        resource.starts_with(kind) || (is_open(resource) && kind.starts_with(fixed))
    };
    let is_account = account.len() == 12 && account.bytes().all(|it| it.is_ascii_digit());
    match () {
        () if region.is_empty() => Some("write the Region, or `*` for all"),
        () if !is_account && !is_open(account) => {
            Some("write the twelve digits of the account, or `*` for all")
        }
        () if resource.starts_with("key/alias/") => {
            Some("an alias is `alias/NAME`, and covers the alias alone")
        }
        () if !begins("key/") && !begins("alias/") => {
            Some("write `key/` before the id, or `alias/` before the name")
        }
        () => None,
    }
}
