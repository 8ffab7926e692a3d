//! A grant lets somebody of another account create further grants.
//!
//! With `CreateGrant` among its operations the grantee passes on the others to whomever it likes, also
//! outside of its account. Only the encryption-context constraints bind the new grants, too.
//!
//! # Example
//!
//! ```yaml
//! grants:
//!   - grantee: arn:aws:iam::111122223333:role/Partner
//!     operations: [Decrypt, CreateGrant]
//! ```
//!
//! # Instead
//!
//! Leave `CreateGrant` out, and create the grants that the other account needs in the key's own; or
//! give the grant a constraint.
//!
//! Source: [Granting CreateGrant](https://docs.aws.amazon.com/kms/latest/developerguide/create-grant-overview.html#grant-creategrant)

use crate::lint::rule::{Check, Rule};
use crate::lint::{Found, Seat, Severity};
use crate::text::Quoted;

pub(super) const RULE: Rule = Rule {
    code: "KMS309",
    name: "grant-passes-on",
    severity: Severity::Warning,
    issue_code: None,
    file: include_str!("grant_passes_on.rs"),
    check: Check::Policy(check),
};

fn check(seat: &Seat<'_>, found: &mut Found) {
    let Some(key) = seat.key() else { return };
    for grant in key.grants.iter() {
        let account = grant.grantee.account();
        let is_foreign = account.is_some_and(|account| account != key.account);
        let passes_on = grant.operations().iter().any(|it| it.name == "kms:CreateGrant");
        let others = grant.operations().iter().any(|it| it.cryptographic);
        if !(is_foreign && passes_on && others) || grant.constraint.is_some() {
            continue;
        }
        let which = grant.label().map(|it| format!(" {}", Quoted(it))).unwrap_or_default();
        let place = grant.place.clone().unwrap_or_else(|| seat.whole());
        found.with_help(
            place,
            format!("the grant{which} lets its grantee of another account create further grants"),
            "leave CreateGrant out, or constrain the grant by an encryption context",
        );
    }
}
