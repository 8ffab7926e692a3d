//! A suppression does not say why.
//!
//! A finding that is silenced stays silent for everybody who comes after. The reason tells them
//! whether it still holds.
//!
//! # Example
//!
//! ```yaml
//! # kms-sim: ignore KMS301
//! ```
//!
//! # Instead
//!
//! Say why after the code: `# kms-sim: ignore KMS301 the key of a public example, nothing secret`.
//! In `kms-sim.toml` it is the field `reason`.

use crate::lint::Severity;
use crate::lint::rule::{Check, Rule};

pub(super) const RULE: Rule = Rule {
    code: "KMS001",
    name: "suppression-without-reason",
    severity: Severity::Warning,
    issue_code: None,
    file: include_str!("suppression_without_reason.rs"),
    check: Check::Run,
};
