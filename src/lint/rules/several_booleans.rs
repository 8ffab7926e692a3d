//! A condition asks for `true` or `false`, and so for nothing.
//!
//! Of several values one must match. With both, `Bool` holds whenever the key is there, and `Null` always.
//! Access Analyzer calls it an error.
//!
//! # Example
//!
//! ```json
//! {"Condition": {"Bool": {"aws:SecureTransport": ["true", "false"]}}}
//! ```
//!
//! # Instead
//!
//! Write the one that is meant: `"Bool": {"aws:SecureTransport": "true"}`.
//!
//! Source: [Policy checks](https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html)

use crate::lint::rule::{Check, Rule};
use crate::lint::{Found, Seat, Severity};
use crate::policy::Condition;

pub(super) const RULE: Rule = Rule {
    code: "KMS520",
    name: "several-booleans",
    severity: Severity::Warning,
    issue_code: Some("INVALID_CONDITION_MULTIPLE_BOOLEAN"),
    file: include_str!("several_booleans.rs"),
    check: Check::Policy(check),
};

fn check(seat: &Seat<'_>, found: &mut Found) {
    for statement in seat.policy.statements() {
        for condition in statement.conditions().iter().filter(|it| has_both(it)) {
            found.with_help(
                seat.place(
                    statement,
                    &["Condition", condition.operator(), condition.key().as_str()],
                ),
                format!(
                    "`{}` of {} with both `true` and `false` limits nothing",
                    condition.operator(),
                    condition.key()
                ),
                "write the one that is meant",
            );
        }
    }
}

fn has_both(condition: &Condition) -> bool {
    let is_boolean = ["Bool", "BoolIfExists", "Null"].contains(&condition.operator());
    let has = |text: &str| condition.values().any(|it| it.eq_ignore_ascii_case(text));
    is_boolean && has("true") && has("false")
}
