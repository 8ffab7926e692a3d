//! A resource policy names an identity provider.
//!
//! `Federated` is for the trust policies of roles. KMS documents no meaning for it: the statement
//! names nobody. What a federated user does, it does as the role that it assumed.
//!
//! # Example
//!
//! ```json
//! {"Principal": {"Federated": "cognito-identity.amazonaws.com"}}
//! ```
//!
//! # Instead
//!
//! Name the role that the identity provider lets assume.
//!
//! Source: [Principal](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html)

use crate::document::Notice;
use crate::lint::Severity;
use crate::lint::rule::{Check, Rule};

pub(super) const RULE: Rule = Rule {
    code: "KMS403",
    name: "federated-principal",
    severity: Severity::Warning,
    issue_code: Some("FEDERATED_PRINCIPAL_NOT_SUPPORTED"),
    file: include_str!("federated_principal.rs"),
    check: Check::Reading(&[Notice::FederatedPrincipal]),
};
