//! Why a request is denied.

use super::{caller, named, spoken};
use crate::environment::{Attached, Party, Reach, Request};
use crate::evaluate::{Explanation, NearMiss, Rule, Side, Step};
use crate::policy::{Effect, Element, GrantElement, Outcome as StatementOutcome};
use crate::request::Rules;
use crate::text::Printable;
use crate::truth::Truth;

pub(super) fn explicit(explanation: &Explanation<'_>) -> String {
    let statements: Vec<String> = explanation
        .decisive()
        .map(|step| format!("statement {} of the {}", named(step), spoken(step.side)))
        .collect();
    let verb = if statements.len() == 1 { "denies" } else { "deny" };
    format!(
        "{} {verb} it, and an explicit deny outweighs every allow.",
        capitalized(&listed(&statements))
    )
}

pub(super) fn implicit(explanation: &Explanation<'_>, request: &Request<'_>) -> String {
    let generic = nothing_allows(explanation, request);
    let is_one_sided = explanation.outcome.denied_by.iter().count() == 1;
    let is_by_policies =
        request.rules == Rules::Aws && request.standing.reach != Reach::ForeignNotOffered;
    match explanation.near_misses.first() {
        None => generic,
        Some(miss) => {
            let near = near_miss(miss, explanation.near_misses.len());
            let is_of_side = explanation.outcome.denied_by.contains(miss.step.side);
            if is_one_sided && is_by_policies && is_of_side {
                near
            } else {
                format!("{generic} {near}")
            }
        }
    }
}

/// What comes nearest to allowing the request, and why it does not.
fn near_miss(miss: &NearMiss<'_>, misses: usize) -> String {
    let step = &miss.step;
    let rule = match step.rule {
        Rule::Statement(..) => format!("Statement {} of the {}", named(step), spoken(step.side)),
        Rule::Grant(_) => format!("Grant {}", named(step)),
    };
    let would = match (step.is_by_account_only(), miss.would_allow, step.side) {
        (true, ..) => "would leave it to the account's IAM policies".to_owned(),
        (false, true, _) => "would allow it".to_owned(),
        (false, false, side) => format!("would do for the {}", spoken(side)),
    };
    let others = match misses {
        0 | 1 => String::new(),
        2 => " (1 more is nearly there)".to_owned(),
        several => format!(" ({} more are nearly there)", several - 1),
    };
    format!("{rule} {would}, but {}{others}.", shortfall(step))
}

fn shortfall(step: &Step<'_>) -> String {
    let StatementOutcome::Mismatch(element) = step.outcome else { return String::new() };
    match element {
        Element::Principal => "it names somebody else".to_owned(),
        Element::Action => "it is for other actions".to_owned(),
        Element::Resource => "its Resource is another".to_owned(),
        Element::Condition(condition) => {
            format!("its condition {} {} does not hold", condition.operator(), condition.key())
        }
        Element::Grant(element) => match element {
            GrantElement::ChildConstraints => "the new grant has not constraints as strict".into(),
            GrantElement::ChildOperations => "the new grant has operations that it lacks".into(),
            GrantElement::EncryptionContextEquals | GrantElement::EncryptionContextSubset => {
                "its constraint on the encryption context does not hold".into()
            }
            GrantElement::GrantId => "it is another grant".into(),
            GrantElement::SourceArn => "its constraint SourceArn does not hold".into(),
            GrantElement::Token => "it is new, and the call does not send its grant token".into(),
        },
    }
}

fn nothing_allows(explanation: &Explanation<'_>, request: &Request<'_>) -> String {
    let action = request.action.name;
    let standing = request.standing;
    let sides = explanation.outcome.denied_by;
    let by_key = sides.contains(Side::KeyPolicy);
    let by_identity = sides.contains(Side::IdentityPolicy);
    let partitions = (request.caller.account, request.key.map(|key| key.account));
    if let (Some(of_caller), Some(of_key)) = partitions
        && of_caller.partition != of_key.partition
    {
        return format!(
            "The key is in the partition {}, and no principal of the partition {} can call it.",
            of_key.partition, of_caller.partition
        );
    }
    if standing.reach == Reach::ForeignNotOffered {
        return format!(
            "KMS does not offer {action} to callers of other accounts, whatever the policies say."
        );
    }
    if request.rules == Rules::DualPermission && (by_key || by_identity) {
        let missing: Vec<&str> = [(by_key, "the key policy"), (by_identity, "an identity policy")]
            .into_iter()
            .filter_map(|(missing, name)| missing.then_some(name))
            .collect();
        return format!(
            "Under dual-permission both policies must allow {action}; it lacks {}.",
            missing.join(" and ")
        );
    }
    let source = (by_key || by_identity).then(|| no_source(explanation, request));
    let ceilings = silent_ceilings(explanation, request);
    source.into_iter().chain(ceilings).collect::<Vec<_>>().join(" ")
}

/// Why no source of permission is complete.
fn no_source(explanation: &Explanation<'_>, request: &Request<'_>) -> String {
    let action = request.action.name;
    let caller = caller(request);
    let standing = request.standing;
    let sides = explanation.outcome.denied_by;
    let by_key = sides.contains(Side::KeyPolicy);
    let by_identity = sides.contains(Side::IdentityPolicy);
    let identity_allows =
        explanation.sides.identity_policy.is_some_and(|verdict| verdict.allow == Truth::True);
    match (standing.reach, standing.party, by_key, by_identity) {
        _ if action == "kms:RetireGrant" => format!(
            "No grant names {caller} as the one to retire it, and no identity policy of {caller} allows {action}."
        ),
        (Reach::NoKey, ..) => {
            format!("No identity policy of {caller} allows {action} on {}.", subject(request))
        }
        (Reach::Own, Party::Root, ..) => {
            format!(
                "The key policy does not allow {action} to the account, and a root user has no access of its own."
            )
        }
        (Reach::Own, Party::Service, ..) => {
            format!(
                "No statement of the key policy allows {action} to the service; a statement for the account does not cover services."
            )
        }
        (Reach::Own, _, true, _) if identity_allows => format!(
            "The key policy neither names {caller} nor leaves {action} to the account's IAM policies, so the identity policy that allows it has no effect."
        ),
        (Reach::Own, _, true, _) => {
            format!(
                "The key policy neither names {caller} nor leaves {action} to the account's IAM policies."
            )
        }
        (Reach::Own, _, false, _) => {
            format!(
                "The key policy leaves {action} to the account's IAM policies, and no identity policy of {caller} allows it."
            )
        }
        (Reach::Foreign | Reach::ForeignNotOffered, _, true, true) => {
            format!(
                "The key is in another account: its key policy does not admit {caller}, and no identity policy of {caller} allows {action} either."
            )
        }
        (Reach::Foreign | Reach::ForeignNotOffered, _, true, false) => {
            format!("The key is in another account, and its key policy does not admit {caller}.")
        }
        (Reach::Foreign | Reach::ForeignNotOffered, _, false, _) => {
            format!(
                "The key policy admits {caller}, but across accounts an identity policy must allow {action} too, and none does."
            )
        }
    }
}

fn subject(request: &Request<'_>) -> String {
    match request.resource.as_str() {
        "*" => "`*`; the operation has no key".to_owned(),
        resource => Printable(resource).to_string(),
    }
}

/// A sentence for the ceilings, boundary and session policies that say nothing.
fn silent_ceilings(explanation: &Explanation<'_>, request: &Request<'_>) -> Option<String> {
    let action = request.action.name;
    let is_source = |side: &Side| matches!(side, Side::KeyPolicy | Side::IdentityPolicy);
    let silent: Vec<Side> =
        explanation.outcome.denied_by.iter().filter(|side| !is_source(side)).collect();
    let lacks_policy = request.stack.session_policies.is_some_and(<[_]>::is_empty);
    match silent.as_slice() {
        [] => None,
        [Side::SessionPolicy] if lacks_policy => Some(
            "A federated session that was opened without a session policy has no permissions of its user.".to_owned(),
        ),
        [Side::ServiceControlPolicy] => Some(silent_level(explanation, request)),
        [side] => Some(format!("The {} does not allow {action}.", with_files(*side, request))),
        several => {
            let sides: Vec<String> =
                several.iter().map(|side| format!("the {}", with_files(*side, request))).collect();
            Some(format!("{} do not allow {action}.", capitalized(&listed(&sides))))
        }
    }
}

/// A side with the files of its policies.
fn with_files(side: Side, request: &Request<'_>) -> String {
    let stack = &request.stack;
    let policies: Vec<&Attached> = match side {
        Side::VpcEndpointPolicy => stack.vpc_endpoint_policy.into_iter().collect(),
        Side::PermissionsBoundary => stack.permissions_boundary.into_iter().collect(),
        Side::SessionPolicy => stack.session_policies.unwrap_or_default().iter().collect(),
        Side::ServiceControlPolicy => {
            stack.service_control_policies.unwrap_or_default().iter().flatten().collect()
        }
        Side::ResourceControlPolicy | Side::KeyPolicy | Side::IdentityPolicy | Side::Grant => {
            Vec::new()
        }
    };
    format!("{}{}", spoken(side), files(&policies))
}

/// ` (boundary.json)`
fn files(policies: &[&Attached]) -> String {
    let mut names: Vec<String> = policies
        .iter()
        .filter_map(|attached| attached.known())
        .map(|policy| Printable(&policy.name()).to_string())
        .collect();
    names.dedup();
    if names.is_empty() { String::new() } else { format!(" ({})", names.join(", ")) }
}

/// The first level of service control policies on which nothing allows.
fn silent_level(explanation: &Explanation<'_>, request: &Request<'_>) -> String {
    let action = request.action.name;
    let levels = request.stack.service_control_policies.unwrap_or_default();
    let allows = |attached: &Attached| {
        explanation.matched(Side::ServiceControlPolicy).any(|step| match (step.rule, attached) {
            (Rule::Statement(policy, statement), Attached::Policy(of_level)) => {
                statement.effect() == Effect::Allow && std::ptr::eq(policy, of_level.as_ref())
            }
            _ => false,
        })
    };
    let is_silent = |level: &&Vec<Attached>| !level.iter().any(allows);
    let silent = levels.iter().enumerate().find(|(_, level)| is_silent(level));
    let (number, files) = silent.map_or((1, String::new()), |(index, level)| {
        (index + 1, files(&level.iter().collect::<Vec<_>>()))
    });
    match levels.len() {
        0 | 1 => format!("No service control policy of the account{files} allows {action}."),
        several => format!(
            "On level {number} of {several}, from the root down, no service control policy{files} allows {action}, and every level must."
        ),
    }
}

/// `a, b and c`
fn listed(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

fn capitalized(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
