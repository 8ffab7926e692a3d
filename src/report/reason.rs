//! The decision in one sentence.

use crate::environment::{Attached, Party, Reach, Request};
use crate::evaluate::{Decision, Explanation, Rule, Side, Step};
use crate::policy::{Effect, Element, GrantElement, Outcome as StatementOutcome};
use crate::request::{Entry, Identity, Rules};
use crate::text::Printable;
use crate::truth::Truth;

pub(super) fn of(explanation: &Explanation<'_>, request: &Request<'_>) -> String {
    match explanation.outcome.decision {
        Decision::Allowed => allowed(explanation, request),
        Decision::ExplicitDeny => explicit(explanation),
        Decision::ImplicitDeny => implicit(explanation, request),
        Decision::Undetermined => undetermined(explanation, request),
    }
}

fn undetermined(explanation: &Explanation<'_>, request: &Request<'_>) -> String {
    let unknown = request.stack.policies().filter(|(_, policy)| policy.known().is_none());
    let mut kinds: Vec<&str> = unknown.map(|(kind, _)| kind.as_str()).collect();
    kinds.dedup();
    let policies =
        kinds.into_iter().map(|kind| format!("a {kind}").replace("a identity", "an identity"));
    let open = request.context.entries().filter(|(_, entry)| **entry == Entry::Unknown);
    let open = open.map(|(key, _)| key).filter(|key| !explanation.depends_on.contains(key));
    let keys = explanation.depends_on.iter().chain(open).map(ToString::to_string);
    let unknown: Vec<String> = policies.chain(keys).collect();
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

fn explicit(explanation: &Explanation<'_>) -> String {
    let sides: Vec<String> = explanation.outcome.denied_by.iter().map(spoken).collect();
    let statements: Vec<String> = explanation.decisive().map(named).collect();
    let plural = if statements.len() == 1 { "Statement" } else { "Statements" };
    format!(
        "{plural} {} in the {} denies it, and an explicit deny outweighs every allow.",
        statements.join(" and "),
        sides.join(" and the ")
    )
}

/// What comes nearest to allowing the request, and why it does not.
fn near_miss(explanation: &Explanation<'_>, request: &Request<'_>) -> Option<String> {
    let step = explanation.near_misses(request).next()?;
    let StatementOutcome::Mismatch(element) = step.outcome else { return None };
    let rule = match step.rule {
        Rule::Statement(..) => format!("Statement {} of the {}", named(step), spoken(step.side)),
        Rule::Grant(_) => format!("Grant {}", named(step)),
    };
    let would = if step.is_by_account_only() {
        "would leave it to the account's IAM policies"
    } else {
        "would allow it"
    };
    let but = match element {
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
    };
    let others = match explanation.near_misses(request).count() {
        0 | 1 => String::new(),
        several => format!(" ({} more are nearly there)", several - 1),
    };
    Some(format!("{rule} {would}, but {but}{others}."))
}

/// A statement by its Sid, or a grant by its name or id; else by number.
fn named(step: &Step<'_>) -> String {
    match step.rule.label() {
        Some(label) if !label.is_empty() => format!("\"{}\"", Printable(label)),
        _ => format!("number {}", step.rule.index() + 1),
    }
}

fn implicit(explanation: &Explanation<'_>, request: &Request<'_>) -> String {
    let generic = nothing_allows(explanation, request);
    let is_one_sided = explanation.outcome.denied_by.iter().count() == 1;
    let is_by_policies =
        request.rules == Rules::Aws && request.standing.reach != Reach::ForeignNotOffered;
    let is_of_side = explanation
        .near_misses(request)
        .next()
        .is_some_and(|step| explanation.outcome.denied_by.contains(step.side));
    match near_miss(explanation, request) {
        Some(near) if is_one_sided && is_by_policies && is_of_side => near,
        Some(near) => format!("{generic} {near}"),
        None => generic,
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

/// A sentence for each ceiling, boundary or session policy that says nothing.
fn silent_ceilings(explanation: &Explanation<'_>, request: &Request<'_>) -> Vec<String> {
    let action = request.action.name;
    let is_source = |side: &Side| matches!(side, Side::KeyPolicy | Side::IdentityPolicy);
    let silent = explanation.outcome.denied_by.iter().filter(|side| !is_source(side));
    silent
        .map(|side| match side {
            Side::ServiceControlPolicy => silent_level(explanation, request),
            Side::SessionPolicy
                if request.stack.session_policies.is_some_and(<[_]>::is_empty) =>
            {
                "A federated session that was opened without a session policy has no permissions of its user.".to_owned()
            }
            side => format!("The {} does not allow {action}.", spoken(side)),
        })
        .collect()
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
    let silent = levels.iter().position(|level| !level.iter().any(allows));
    match (silent, levels.len()) {
        (Some(index), several) if several > 1 => format!(
            "On level {} of {several} (from the root down) no service control policy allows {action}, and every level must.",
            index + 1
        ),
        _ => format!("No service control policy of the account allows {action}."),
    }
}

/// The caller by a name short enough for a sentence.
fn caller(request: &Request<'_>) -> String {
    let arn = &request.caller.arn;
    match &request.caller.identity {
        Identity::Root => "the root user".into(),
        Identity::User { .. } | Identity::RoleSession { .. } | Identity::FederatedUser { .. } => {
            arn.rsplit(':').next().unwrap_or(arn).to_owned()
        }
        Identity::Service => arn.clone(),
    }
}

fn spoken(side: Side) -> String {
    side.as_str().replace('-', " ").replace("vpc", "VPC")
}
