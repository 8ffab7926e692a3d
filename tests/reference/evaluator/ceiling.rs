//! Policies that only limit, and to whom they apply.

use serde_json::Value;

use super::Request;
use super::Target;
use super::caller::Kind;
use super::statement::{self, Marks};
use super::text;

/// What the service control policies say: one entry a level.
pub(crate) fn service_control(request: &Request<'_>) -> Vec<Marks> {
    let caller = request.caller;
    let organization = &request.world.environment["organization"];
    let exempt = caller.kind == Kind::Service
        || caller.is_service_linked()
        || organization["management_account"] == Value::String(caller.account.clone());
    if exempt {
        return Vec::new();
    }
    let levels = &organization["accounts"][&caller.account]["service_control_policies"];
    let read =
        |level: &Value| statement::read_all(&text::items(level), "service-control-policy", request);
    text::items(levels).into_iter().map(read).collect()
}

/// Whether some resource control policy denies.
pub(crate) fn resource_control_denies(request: &Request<'_>) -> bool {
    let permission = &request.permission;
    let organization = &request.world.environment["organization"];
    // An alias is a resource of its own, whoever manages the key that it names.
    let key = permission.key.as_ref().filter(|_| permission.target != Target::Alias);
    let exempt = permission.target == Target::Nothing
        || permission.action == "kms:RetireGrant"
        || request.caller.is_service_linked()
        || key.is_some_and(super::world::Key::is_aws_managed)
        || organization["management_account"] == Value::String(permission.account.clone());
    if exempt {
        return false;
    }
    let levels = &organization["accounts"][&permission.account]["resource_control_policies"];
    let denies = |level: &Value| {
        statement::read_all(&text::items(level), "resource-control-policy", request).deny
    };
    text::items(levels).into_iter().any(denies)
}

/// What the policy of the endpoint says, if the call goes through one that has a policy.
pub(crate) fn endpoint(request: &Request<'_>) -> Option<Marks> {
    let name = request.world.case["vpc_endpoint"].as_str()?;
    if request.permission.action.starts_with("iam:") {
        return None;
    }
    let policy = &request.world.environment["vpc_endpoints"][name]["policy"];
    (!policy.is_null()).then(|| statement::read(policy, "vpc-endpoint-policy", request))
}

/// What the permissions boundary says, if there is one.
pub(crate) fn boundary(request: &Request<'_>) -> Option<Marks> {
    let policy = request.caller.boundary?;
    Some(statement::read(policy, "permissions-boundary", request))
}

/// What the session policies say together, if some were passed.
///
/// A federated user without one is limited as by one that says nothing.
pub(crate) fn session(request: &Request<'_>) -> Option<Marks> {
    let policies = match &request.caller.session_policies {
        Some(policies) => policies.clone(),
        None if request.caller.kind == Kind::Federated => Vec::new(),
        None => return None,
    };
    Some(statement::read_all(&policies, "session-policy", request))
}
