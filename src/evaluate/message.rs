use super::decision::{Decision, Outcome};
use super::verdict::Side;
use crate::environment::{Reach, Request};

/// The message that AWS prints for a denied request.
///
/// AWS names one side even if several deny, and does not say which; taken to be the first
/// in the order in which it evaluates.
///
/// Source: [Access denied messages](https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html)
pub(super) fn error(request: &Request<'_>, outcome: Outcome) -> Option<String> {
    let side = outcome.denied_by.iter().next()?;
    let action = request.action.name;
    let caller = request.caller.printed_arn();
    let is_foreign = matches!(request.standing.reach, Reach::Foreign | Reach::ForeignNotOffered);
    // Across accounts KMS does not say which, so as not to tell whether the key is there.
    if is_foreign && side == Side::KeyPolicy {
        let resource = if request.names_key {
            "this resource"
        } else {
            "the resource associated with this ciphertext"
        };
        return Some(format!(
            "User: {caller} is not authorized to perform: {action} on {resource} because the \
             resource does not exist in this Region, no resource-based policies allow access, or a \
             resource-based policy explicitly denies access"
        ));
    }
    let because = match outcome.decision {
        Decision::ExplicitDeny => format!("with an explicit deny in {}", with_article(side)),
        _ => format!("because no {} allows the {action} action", name(side)),
    };
    // Nor does it name the key where only the ciphertext does.
    let resource = if is_foreign && !request.names_key {
        "the resource associated with this ciphertext".to_owned()
    } else {
        format!("resource: {}", request.resource)
    };
    Some(format!("User: {caller} is not authorized to perform: {action} on {resource} {because}"))
}

/// The side as AWS's messages name it.
fn name(side: Side) -> &'static str {
    match side {
        Side::ResourceControlPolicy => "resource control policy",
        Side::ServiceControlPolicy => "service control policy",
        Side::VpcEndpointPolicy => "VPC endpoint policy",
        // No message names grants: they only ever allow.
        Side::KeyPolicy | Side::Grant => "resource-based policy",
        Side::IdentityPolicy => "identity-based policy",
        Side::PermissionsBoundary => "permissions boundary",
        Side::SessionPolicy => "session policy",
    }
}

fn with_article(side: Side) -> String {
    let article = if side == Side::IdentityPolicy { "an" } else { "a" };
    format!("{article} {}", name(side))
}
