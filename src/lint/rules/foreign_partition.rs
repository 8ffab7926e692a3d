//! A principal is of another partition than the key.
//!
//! Partitions (`aws`, `aws-cn`, `aws-us-gov`, …) know nothing of each other's accounts. KMS refuses such
//! a key policy: `Policy contains a statement with one or more invalid principals`.
//!
//! # Example
//!
//! ```json
//! [
//!   {"Effect": "Allow", "Principal": {"AWS": "arn:aws-cn:iam::123456789012:root"}, "Action": "kms:*", "Resource": "*"},
//!   {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:role/WebAppInstanceRole"}, "Action": "kms:Decrypt", "Resource": "*"}
//! ]
//! ```
//!
//! # Instead
//!
//! Write the ARN with the partition of the key; in a template, with what stands for it there, such as
//! `${AWS::Partition}`.
//!
//! Source: [ARNs](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html),
//! [Principal](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html)

use crate::lint::rule::{Check, Rule};
use crate::lint::subject::label;
use crate::lint::surroundings::guess;
use crate::lint::{Found, Seat, Severity};

pub(super) const RULE: Rule = Rule {
    code: "KMS106",
    name: "foreign-partition",
    severity: Severity::Error,
    issue_code: None,
    file: include_str!("foreign_partition.rs"),
    check: Check::Policy(check),
};

fn check(seat: &Seat<'_>, found: &mut Found) {
    let Some(key) = seat.key().filter(|_| seat.subject.knows_account()) else { return };
    // Where the Region was made up, so was the partition; then it is that of the administrators.
    let administrators = guess(seat.policy).filter(|_| key.is_region_assumed);
    let own = administrators.unwrap_or(key.account).partition;
    for statement in seat.policy.statements() {
        for (number, principal) in statement.listed_principals().iter().enumerate() {
            let text = principal.to_string();
            let account = principal.name().and_then(|name| name.account());
            // The bare digits of an account are of any partition.
            let is_foreign = account.is_some_and(|it| it.partition != own);
            if is_foreign && text.starts_with("arn:") {
                found.with_help(
                    seat.place_of_principal(statement, number),
                    format!(
                        "{} names {text}, and the key is in the partition {own}",
                        label(statement)
                    ),
                    format!("write an ARN that begins with `arn:{own}:`"),
                );
            }
        }
    }
}
