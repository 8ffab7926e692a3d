//! A statement adds nothing to another one.
//!
//! The other statement has the same effect, for at least the same principals, actions and
//! resources, under no further condition. Whoever edits the smaller one to take a permission away
//! will find that nothing changes.
//!
//! # Example
//!
//! ```json
//! [
//!   {"Sid": "Use", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:role/WebAppInstanceRole"}, "Action": ["kms:Encrypt", "kms:Decrypt"], "Resource": "*"},
//!   {"Sid": "Read", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:role/WebAppInstanceRole"}, "Action": "kms:Decrypt", "Resource": "*"}
//! ]
//! ```
//!
//! # Instead
//!
//! Remove the smaller one. The fix that is offered was tried: no decision changes.
//!
//! Where the other one allows everybody, nothing is found: it is the one to narrow, and then the
//! smaller one is needed.
//!
//! Source: [Statement](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_statement.html)

use serde_json::json;

use crate::lint::rule::{Check, Rule};
use crate::lint::subject::label;
use crate::lint::{Finding, Fix, Found, Seat, Severity};
use crate::policy::{Effect, Statement, StatementPrincipal};

pub(super) const RULE: Rule = Rule {
    code: "KMS410",
    name: "redundant-statement",
    severity: Severity::Suggestion,
    issue_code: Some("REDUNDANT_STATEMENT"),
    file: include_str!("redundant_statement.rs"),
    check: Check::Policy(check),
};

fn check(seat: &Seat<'_>, found: &mut Found) {
    let statements = seat.policy.statements();
    for (number, statement) in statements.iter().enumerate() {
        // Of two that say the same, the second is the one too many.
        let covers = |(other, it): &(usize, &Statement)| {
            *other != number
                && it.includes(statement)
                && (!allows_everyone(it) || allows_everyone(statement))
                && (*other < number || !statement.includes(it))
        };
        let Some((_, other)) = statements.iter().enumerate().find(covers) else { continue };
        let patch = vec![json!({"op": "remove", "path": statement.pointer()})];
        let message = format!("{} adds nothing to {}", label(statement), label(other));
        let finding = Finding::new(found.rule(), seat.place(statement, &[]), message)
            .with_help("remove it")
            .with_fix(Some(Fix::neutral("remove the statement", patch)));
        found.push(finding);
    }
}

fn allows_everyone(statement: &Statement) -> bool {
    statement.effect() == Effect::Allow
        && statement.listed_principals().contains(&StatementPrincipal::Everyone)
}
