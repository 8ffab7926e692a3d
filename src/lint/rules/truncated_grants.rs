//! A list of grants is not whole.
//!
//! Whoever has access by a grant that is not listed is not seen.
//!
//! # Example
//!
//! ```json
//! {"Grants": [], "Truncated": true, "NextMarker": "…"}
//! ```
//!
//! # Instead
//!
//! Fetch all pages: `aws kms list-grants` without `--max-items`.
//!
//! Source: [ListGrants](https://docs.aws.amazon.com/kms/latest/APIReference/API_ListGrants.html)

use crate::document::Notice;
use crate::lint::Severity;
use crate::lint::rule::{Check, Rule};

pub(super) const RULE: Rule = Rule {
    code: "KMS603",
    name: "truncated-grants",
    severity: Severity::Warning,
    issue_code: None,
    file: include_str!("truncated_grants.rs"),
    check: Check::Reading(&[Notice::TruncatedGrants]),
};
