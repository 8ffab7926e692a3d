//! The decision in one sentence.

mod denied;

use crate::environment::{Party, Reach, Request};
use crate::evaluate::{Decision, Explanation, Side, Step};
use crate::request::{Entry, Identity, Rules};
use crate::text::Printable;
use crate::truth::Truth;

pub(super) fn of(explanation: &Explanation<'_>, request: &Request<'_>) -> String {
    match explanation.outcome.decision {
        Decision::Allowed => allowed(explanation, request),
        Decision::ExplicitDeny => denied::explicit(explanation),
        Decision::ImplicitDeny => denied::implicit(explanation, request),
        Decision::Undetermined => undetermined(explanation, request),
    }
}

fn undetermined(explanation: &Explanation<'_>, request: &Request<'_>) -> String {
    let unknown = request.stack.policies().filter(|(_, policy)| policy.known().is_none());
    let mut kinds: Vec<&str> = unknown.map(|(kind, _)| kind.as_str()).collect();
    kinds.dedup();
    let policies =
        kinds.into_iter().map(|kind| format!("a {kind}").replace("a identity", "an identity"));
    let grants = (explanation.sides.grant.any() == Truth::Unknown && request.stack.lacks_grants)
        .then(|| "the grants of the key".to_owned());
    let open = request.context.entries().filter(|(_, entry)| **entry == Entry::Unknown);
    let open = open.map(|(key, _)| key).filter(|key| !explanation.depends_on.contains(key));
    let keys = explanation.depends_on.iter().chain(open).map(ToString::to_string);
    let unknown: Vec<String> = policies.chain(grants).chain(keys).collect();
    format!("The answer rests on what is not known: {}.", unknown.join(", "))
}

fn allowed(explanation: &Explanation<'_>, request: &Request<'_>) -> String {
    let action = request.action.name;
    let caller = caller(request);
    let by = explanation.outcome.allowed_by;
    match (request.rules, by, request.standing.reach, request.standing.party) {
        (Rules::DualPermission, _, Reach::Own, Party::Root) => {
            "Under dual-permission nothing stops the root user of the key's account.".into()
        }
        (_, Some(Side::IdentityPolicy), Reach::Own | Reach::Foreign, _)
            if request.stack.key_policy.is_none() =>
        {
            format!(
                "An identity policy of {caller} allows {action}; key policies have no say in it."
            )
        }
        (_, Some(Side::Grant), ..) => by_grant(explanation, request),
        (_, None, ..) => format!("The root user may call {action}; no identity policy is needed."),
        (Rules::DualPermission, _, Reach::Own | Reach::Foreign, Party::Session | Party::User) => {
            format!("The key policy and an identity policy of {caller} both allow {action}.")
        }
        (_, Some(Side::KeyPolicy), Reach::Own, Party::Root) => {
            "The key policy allows the account, and with it the account's root user.".into()
        }
        (_, Some(Side::KeyPolicy), _, Party::Service) => {
            format!("The key policy allows {action} to the service itself.")
        }
        (_, Some(Side::KeyPolicy), Reach::Foreign, _) => {
            "The key policy admits the root user's account, and a root user needs nothing more."
                .into()
        }
        (_, Some(Side::KeyPolicy), ..) => {
            let named =
                explanation.sides.key_policy.map(|verdict| verdict.allow).unwrap_or_default();
            let how = if named.session | named.caller == Truth::True {
                "names the caller"
            } else {
                "allows everyone"
            };
            format!("The key policy {how}, which is enough in the key's own account.")
        }
        (_, Some(Side::IdentityPolicy), Reach::NoKey, _) => {
            format!("An identity policy of {caller} allows {action}, which has no key.")
        }
        (_, Some(Side::IdentityPolicy), Reach::Foreign, _) => {
            format!(
                "The key policy admits {caller}, and an identity policy there allows {action} too."
            )
        }
        (_, Some(_), ..) => format!(
            "The key policy leaves {action} to the account's IAM policies, and an identity policy of {caller} allows it."
        ),
    }
}

fn by_grant(explanation: &Explanation<'_>, request: &Request<'_>) -> String {
    let action = request.action.name;
    let caller = caller(request);
    let Some(grant) = explanation.decisive().find(|step| step.side == Side::Grant) else {
        return format!("A grant gives {action} to {caller}.");
    };
    let name = named(grant);
    match (action, grant.is_by_account_only()) {
        ("kms:RetireGrant", false) => format!("Grant {name} lets {caller} retire it."),
        (_, false) => {
            format!("Grant {name} gives {action} to {caller}; no policy has to allow it.")
        }
        (_, true) if request.standing.party == Party::Root => {
            format!("Grant {name} names the account, and with it the account's root user.")
        }
        (_, true) => format!(
            "Grant {name} leaves {action} to the IAM policies of the caller's account, and an identity policy of {caller} allows it."
        ),
    }
}

/// The caller by a name short enough for a sentence.
pub(super) fn caller(request: &Request<'_>) -> String {
    let arn = &request.caller.arn;
    match &request.caller.identity {
        Identity::Root => "the root user".into(),
        Identity::User { .. } | Identity::RoleSession { .. } | Identity::FederatedUser { .. } => {
            arn.rsplit(':').next().unwrap_or(arn).to_owned()
        }
        Identity::Service => arn.clone(),
    }
}

pub(super) fn spoken(side: Side) -> String {
    side.as_str().replace('-', " ").replace("vpc", "VPC")
}

/// A statement by its Sid, or a grant by its name or id; else by number.
pub(super) fn named(step: &Step<'_>) -> String {
    match step.rule.label() {
        Some(label) if !label.is_empty() => format!("\"{}\"", Printable(label)),
        _ => format!("number {}", step.rule.index() + 1),
    }
}
