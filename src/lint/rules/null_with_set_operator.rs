//! `Null` stands under a set operator, and so does not depend on the request.
//!
//! `ForAllValues:Null` always holds, and `ForAnyValue:Null` never does.
//!
//! # Example
//!
//! ```json
//! {"Condition": {"ForAnyValue:Null": {"kms:EncryptionContextKeys": "false"}}}
//! ```
//!
//! # Instead
//!
//! Write `Null` alone, also for keys of several values.
//!
//! Source: [Policy checks](https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html)

use serde_json::json;

use crate::lint::rule::{Check, Rule};
use crate::lint::{Finding, Fix, Found, Seat, Severity};
use crate::policy::{Condition, Statement};

pub(super) const RULE: Rule = Rule {
    code: "KMS517",
    name: "null-with-set-operator",
    severity: Severity::Warning,
    issue_code: Some("NULL_WITH_QUALIFIER"),
    file: include_str!("null_with_set_operator.rs"),
    check: Check::Policy(check),
};

fn check(seat: &Seat<'_>, found: &mut Found) {
    for statement in seat.policy.statements() {
        for condition in statement.conditions().iter().filter(|it| it.operator().ends_with(":Null"))
        {
            let when = if condition.is_for_all_values() { "always holds" } else { "never holds" };
            let steps = ["Condition", condition.operator(), condition.key().as_str()];
            let message =
                format!("`{}` {when}, whatever {} is", condition.operator(), condition.key());
            let finding = Finding::new(found.rule(), seat.place(statement, &steps), message)
                .with_help("write `Null` alone")
                .with_fix(fix(statement, condition));
            found.push(finding);
        }
    }
}

fn fix(statement: &Statement, condition: &Condition) -> Option<Fix> {
    let nulls = statement.conditions().iter().filter(|it| it.operator().ends_with("Null")).count();
    let at = format!("{}/Condition", statement.pointer());
    let patch = vec![json!({
        "op": "move",
        "from": format!("{at}/{}", condition.operator()),
        "path": format!("{at}/Null"),
    })];
    (nulls == 1).then(|| Fix::changing("write `Null` alone", patch))
}
