//! What the caller could send instead, so that no policy has to change.

use super::draft::{Act, Move, Said};
use super::edit::Change;
use super::scene::{Scene, said};
use crate::environment::Party;
use crate::evaluate::Side;
use crate::policy::Condition;

const FREE: &str = "No policy changes.";
const OF_CIPHERTEXT: &str =
    "No policy changes; what was encrypted with another encryption context needs that one.";

/// Keys that the caller decides on, besides the service and the encryption context.
const CHOSEN: &[&str] = &[
    "kms:EncryptionAlgorithm",
    "kms:SigningAlgorithm",
    "kms:MacAlgorithm",
    "kms:MessageType",
    "aws:SecureTransport",
];

/// The word of an operator without quantifier and `IfExists`, in lower case.
fn bare(operator: &str) -> String {
    let lower = operator.to_ascii_lowercase();
    let bare = lower.rsplit(':').next().unwrap_or_default();
    bare.strip_suffix("ifexists").unwrap_or(bare).to_owned()
}

/// Whether a value more among its values lets more requests pass.
pub(super) fn is_positive(operator: &str) -> bool {
    matches!(
        bare(operator).as_str(),
        "stringequals" | "stringequalsignorecase" | "stringlike" | "arnequals" | "arnlike"
    )
}

/// A request that meets the condition of an `Allow`.
pub(super) fn meeting(scene: &Scene<'_, '_>, side: Side, condition: &Condition) -> Option<Move> {
    let value = match bare(condition.operator()).as_str() {
        "null" => condition.values().find(|it| it.eq_ignore_ascii_case("false")).map(|_| "VALUE"),
        "bool" => condition.values().next(),
        _ if is_positive(condition.operator()) => condition.values().next(),
        _ => None,
    };
    sending(scene, side, condition, value?)
}

/// A request that escapes the condition of a `Deny`.
pub(super) fn escaping(scene: &Scene<'_, '_>, side: Side, condition: &Condition) -> Option<Move> {
    let operator = bare(condition.operator());
    let value = match operator.as_str() {
        "null" => condition.values().find(|it| it.eq_ignore_ascii_case("true")).map(|_| "VALUE"),
        "bool" if condition.values().any(|it| it.eq_ignore_ascii_case("false")) => Some("true"),
        "bool" => Some("false"),
        _ if operator.contains("not") => condition.values().next(),
        _ => None,
    };
    sending(scene, side, condition, value?)
}

fn sending(scene: &Scene<'_, '_>, side: Side, condition: &Condition, value: &str) -> Option<Move> {
    let key = condition.key().as_str();
    let is = |name: &str| key.eq_ignore_ascii_case(name);
    let pair = strip_prefix(key, "kms:EncryptionContext:");
    let words = if value == "VALUE" { "any value" } else { value };
    let (sent, summary) = if is("kms:ViaService") {
        let (service, rest) = value.split_once('.')?;
        let is_through = !rest.is_empty() && !service.contains(['*', '?', '$']);
        let is_free = scene.request.standing.party != Party::Service && is_through;
        let service = Some(service).filter(|_| is_free)?;
        (Said::Via(service.to_owned()), format!("Let {service} make the call."))
    } else if value.contains(['*', '?']) || value.contains("${") {
        return None;
    } else if let Some(name) = pair {
        let summary = format!("Send the encryption context {name} with {words}.");
        (Said::Pair(name.to_owned(), value.to_owned()), summary)
    } else if is("aws:MultiFactorAuthPresent") {
        let is_session = scene.request.standing.party == Party::Session && value == "true";
        (Some(Said::Mfa).filter(|_| is_session)?, "Sign in with MFA before the call.".to_owned())
    } else if CHOSEN.iter().any(|chosen| is(chosen)) {
        (Said::Context(key.to_owned(), value.to_owned()), format!("Call with {key} = {value}."))
    } else {
        return None;
    };
    let trade_off = if pair.is_some() { OF_CIPHERTEXT } else { FREE };
    let change = Change::Call { option: sent.option() };
    Some(Move { edit: said(summary, trade_off).edit(side, change), act: Act::Say(sent) })
}

fn strip_prefix<'t>(text: &'t str, prefix: &str) -> Option<&'t str> {
    let (head, tail) = text.split_at_checked(prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then_some(tail)
}
