//! A `Principal` names nobody.
//!
//! The statement never applies; under `NotPrincipal` it exempts nobody.
//!
//! # Example
//!
//! ```json
//! {"Effect": "Allow", "Principal": {"AWS": []}, "Action": "kms:Decrypt", "Resource": "*"}
//! ```
//!
//! # Instead
//!
//! Name somebody, or remove the statement.
//!
//! Source: [Policy checks](https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html)

use crate::document::Notice;
use crate::lint::Severity;
use crate::lint::rule::{Check, Rule};

pub(super) const RULE: Rule = Rule {
    code: "KMS404",
    name: "vacant-principal",
    severity: Severity::Warning,
    issue_code: Some("EMPTY_OBJECT_PRINCIPAL"),
    file: include_str!("vacant_principal.rs"),
    check: Check::Reading(&[Notice::VacantPrincipal]),
};
