//! The policy does not say which version of the policy language it is in.
//!
//! It is then read as `2008-10-17`, in which `${aws:username}` and other variables are literal text.
//!
//! # Example
//!
//! ```json
//! {"Statement": [{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": "kms:*", "Resource": "*"}]}
//! ```
//!
//! # Instead
//!
//! Add `"Version": "2012-10-17"`. The fix is offered where no decision changes.
//!
//! Source: [Version](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html)

use serde_json::json;

use crate::lint::rule::{Check, Rule};
use crate::lint::{Finding, Fix, Found, Seat, Severity};

pub(super) const RULE: Rule = Rule {
    code: "KMS611",
    name: "missing-version",
    severity: Severity::Warning,
    issue_code: Some("MISSING_VERSION"),
    file: include_str!("missing_version.rs"),
    check: Check::Policy(check),
};

fn check(seat: &Seat<'_>, found: &mut Found) {
    let Ok(document) = seat.policy.to_json() else { return };
    if document.get("Version").is_some() {
        return;
    }
    let patch = vec![json!({"op": "add", "path": "/Version", "value": "2012-10-17"})];
    let message = "the policy has no `Version`, and so is read as 2008-10-17";
    let finding = Finding::new(found.rule(), seat.whole(), message)
        .with_help("add `\"Version\": \"2012-10-17\"`")
        .with_fix(Some(Fix::neutral("add the Version", patch)));
    found.push(finding);
}
