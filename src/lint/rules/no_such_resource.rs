//! A `Resource` is an ARN that no key and no alias has.
//!
//! The ARN of a key has a Region by AWS's name, an account, and `key/` before the id; that of an alias has `alias/`
//! before the name. Anything else certainly covers nothing, so this is an error, as it is to IAM
//! Access Analyzer.
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
//! [Resource types of KMS](https://docs.aws.amazon.com/service-authorization/latest/reference/list_awskeymanagementservice.html#awskeymanagementservice-resources-for-iam-policies),
//! [Policy checks](https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html)

use crate::arn;
use crate::lint::rule::{Check, Rule};
use crate::lint::{Finding, Found, Seat, Severity};
use crate::policy::{Element, Kind};
use crate::text::Quoted;

pub(super) const RULE: Rule = Rule {
    code: "KMS417",
    name: "no-such-resource",
    severity: Severity::Error,
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
            let Some((help, code)) = fault(text) else { continue };
            let place = seat.place(statement, &[&element, &number.to_string()]);
            let message = format!("no key and no alias has the ARN {}", Quoted(text));
            let finding = Finding::new(found.rule(), place, message);
            found.push(finding.with_help(help).with_issue_code(code));
        }
    }
}

/// Where in its part of the world a Region is.
const DIRECTIONS: [&str; 9] = [
    "central",
    "east",
    "north",
    "northeast",
    "northwest",
    "south",
    "southeast",
    "southwest",
    "west",
];

/// Whether a text is unlike the names of all Regions, also of those that may come.
///
/// Source: [Regions](https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html)
fn is_misspelt(region: &str) -> bool {
    let parts: Vec<&str> = region.split('-').collect();
    match parts.as_slice() {
        [_, .., direction, number] => {
            !DIRECTIONS.contains(direction)
                || number.is_empty()
                || !number.bytes().all(|it| it.is_ascii_digit())
        }
        _ => true,
    }
}

/// What is wrong with an ARN of KMS, and Access Analyzer's code of it where that is not the
/// rule's. A pattern is only looked at up to its first wildcard.
fn fault(text: &str) -> Option<(&'static str, Option<&'static str>)> {
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
        () if region.is_empty() => {
            Some(("write the Region, or `*` for all", Some("MISSING_ARN_REGION")))
        }
        () if !is_open(region) && is_misspelt(region) => Some((
            "write the Region as AWS names it, such as `us-east-1`, or `*` for all",
            Some("INVALID_ARN_REGION"),
        )),
        () if !is_account && !is_open(account) => Some((
            "write the twelve digits of the account, or `*` for all",
            Some("INVALID_ARN_ACCOUNT"),
        )),
        () if resource.starts_with("key/alias/") => {
            Some(("an alias is `alias/NAME`, and covers the alias alone", None))
        }
        () if !begins("key/") && !begins("alias/") => {
            Some(("write `key/` before the id, or `alias/` before the name", None))
        }
        () => None,
    }
}
