use serde::Serialize;
use serde_json::{Value, json};

use super::incident::{Call, Denial, Named, Resource};
use crate::environment::{Party, Reach};
use crate::evaluate::Side;
use crate::request::PrincipalName;

/// What would let the call pass on the side that is named.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Change {
    /// Where, and what, in a sentence.
    pub what: String,
    /// The statement to add, if that is what to do.
    pub statement: Option<Value>,
}

/// The change on the named side; the whole decision may need more.
pub(super) fn of(named: &Named, call: &Call) -> Option<Change> {
    let mut change = on_side(named, call)?;
    if let Some(note) = path_note(&change, call) {
        change.what = format!("{} ({note})", change.what);
    }
    Some(change)
}

fn on_side(named: &Named, call: &Call) -> Option<Change> {
    let action = call.action_name()?;
    let without = |what: String| Some(Change { what, statement: None });
    if let Some(what) = impossible(named, call, &action) {
        return without(what);
    }
    match named {
        Named::Nothing => None,
        Named::KeyOrItsPolicy => {
            in_key_policy(call, &action, "If the key is there, add to its policy, in its account")
        }
        Named::Side { denial: Denial::Explicit | Denial::Unsaid, side, .. } => without(format!(
            "Find the statement of the {} that denies, and narrow it: no Allow outweighs it.",
            spoken(*side)
        )),
        Named::Side { denial: Denial::Implicit, side, .. } => match side {
            Side::KeyPolicy | Side::Grant => in_key_policy(call, &action, "Add to the key policy"),
            Side::IdentityPolicy => in_identity_policy(call, &action),
            Side::PermissionsBoundary | Side::SessionPolicy => Some(Change {
                what: format!("Add to the {}", spoken(*side)),
                statement: Some(json!({"Effect": "Allow", "Action": action, "Resource": on(call)})),
            }),
            Side::ServiceControlPolicy | Side::ResourceControlPolicy => without(format!(
                "On every level from the organization's root to the account a {} must allow {action}.",
                spoken(*side)
            )),
            Side::VpcEndpointPolicy => Some(Change {
                what: "Add to the policy of the VPC endpoint".to_owned(),
                statement: Some(
                    json!({"Effect": "Allow", "Principal": "*", "Action": action, "Resource": on(call)}),
                ),
            }),
        },
    }
}

/// Why no statement on the named side would let the call pass, if none would.
fn impossible(named: &Named, call: &Call, action: &str) -> Option<String> {
    if *named == Named::Nothing {
        return None;
    }
    let is_of_key =
        matches!(named, Named::KeyOrItsPolicy | Named::Side { side: Side::KeyPolicy, .. });
    match call.reach() {
        Some(Reach::ForeignNotOffered) => Some(format!(
            "No policy helps: {action} does not work on a key of that other account. Call it with credentials of the key's account."
        )),
        Some(Reach::Foreign) if call.is_aws_managed() => Some(
            "No policy helps: the key is an AWS managed key, which no other account can use, and whose policy nobody can edit. Encrypt with a customer managed key instead.".to_owned(),
        ),
        _ if is_of_key && call.is_aws_managed() => Some(
            "The policy of an AWS managed key cannot be edited: use it through its service, or take a customer managed key.".to_owned(),
        ),
        _ if is_of_key && call.is_retire_grant() => Some(
            "kms:RetireGrant has no effect in a key policy: call as the retiring principal or the grantee of the grant, or allow it in an IAM policy of the account that created the grant.".to_owned(),
        ),
        _ => None,
    }
}

/// Whose identity policies cannot be written gets the permission from the key.
fn in_identity_policy(call: &Call, action: &str) -> Option<Change> {
    let is_root = call.party() == Some(Party::Root);
    if !is_root && !call.is_service_linked() {
        let statement = json!({"Effect": "Allow", "Action": action, "Resource": on(call)});
        let what = format!("Add to an identity policy of {}", holder(call));
        return Some(Change { what, statement: Some(statement) });
    }
    let why = if is_root {
        "A root user has no identity policies"
    } else {
        "The policies of a service-linked role cannot be changed"
    };
    if call.reach() == Some(Reach::NoKey) || call.is_alias_half() {
        let what = format!("{why}: make the call as another role.");
        return Some(Change { what, statement: None });
    }
    in_key_policy(call, action, &format!("{why}: add to the key policy, or create a grant"))
}

/// Service-linked roles, and the services in whose path they are.
const SERVICE_LINKED: &[(&str, &str)] = &[
    ("AWSServiceRoleForAutoScaling", "autoscaling.amazonaws.com"),
    ("AWSServiceRoleForBackup", "backup.amazonaws.com"),
    ("AWSServiceRoleForEC2Spot", "spot.amazonaws.com"),
    ("AWSServiceRoleForEC2SpotFleet", "spotfleet.amazonaws.com"),
    ("AWSServiceRoleForKeyManagementServiceCustomKeyStores", "cks.kms.amazonaws.com"),
    ("AWSServiceRoleForKeyManagementServiceMultiRegionKeys", "mrk.kms.amazonaws.com"),
    ("AWSServiceRoleForRDS", "rds.amazonaws.com"),
];

/// The path of a role that only the session names, which does not have it, and which always
/// has one; if nothing tells it, words in its place.
fn path(role: &str) -> Option<String> {
    let base = role.split('_').next().unwrap_or(role);
    if role.starts_with("AWSReservedSSO_") {
        return Some("ROLE-PATH/".to_owned());
    }
    let known = SERVICE_LINKED.iter().find(|(name, _)| *name == base);
    let of_service = |service: &str| format!("aws-service-role/{service}/");
    role.starts_with("AWSServiceRoleFor")
        .then(|| known.map_or("ROLE-PATH/".to_owned(), |(_, service)| of_service(service)))
}

/// What to look up before a statement names a role that only the session names: KMS refuses
/// principals that are not there.
fn path_note(change: &Change, call: &Call) -> Option<String> {
    let principal = change.statement.as_ref()?.get("Principal")?.get("AWS")?.as_str()?;
    let role = principal.split_once(":role/")?.1;
    if call.role.is_some() || role.starts_with("aws-service-role/") {
        return None;
    }
    let option = super::fetch::named("role", role.rsplit('/').next()?);
    let must = if role.starts_with("ROLE-PATH/") {
        "fill in the path of the role for ROLE-PATH, or KMS refuses the policy"
    } else {
        "with any path"
    };
    Some(format!("{must}: aws iam get-role {option} --query Role.Arn"))
}

fn in_key_policy(call: &Call, action: &str, what: &str) -> Option<Change> {
    let principal = match call.holder()? {
        PrincipalName::Service(name) => json!({"Service": name}),
        PrincipalName::Role(account, role) if call.role.is_none() => {
            let path = path(&role).unwrap_or_default();
            json!({"AWS": PrincipalName::Role(account, path + &role).to_string()})
        }
        other => json!({"AWS": other.to_string()}),
    };
    let statement =
        json!({"Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*"});
    Some(Change { what: what.to_owned(), statement: Some(statement) })
}

/// What an IAM policy names.
fn on(call: &Call) -> String {
    if call.reach() == Some(Reach::NoKey) {
        return "*".to_owned();
    }
    if let (true, Resource::Arn(alias)) = (call.is_alias_half(), &call.resource) {
        return alias.clone();
    }
    call.key_arn().map_or_else(|| "arn:aws:kms:REGION:ACCOUNT:key/KEY-ID".to_owned(), str::to_owned)
}

/// The caller by a name short enough for a sentence.
pub(super) fn holder(call: &Call) -> String {
    match (call.party(), call.holder()) {
        (Some(Party::Root), _) => "the root user".to_owned(),
        (_, Some(name)) => {
            let name = name.to_string();
            name.rsplit(':').next().unwrap_or(&name).to_owned()
        }
        (_, None) => match &call.caller {
            Some(caller) => caller.rsplit(':').next().unwrap_or(caller).to_owned(),
            None => "the caller".to_owned(),
        },
    }
}

pub(super) fn spoken(side: Side) -> String {
    side.as_str().replace('-', " ").replace("vpc", "VPC")
}
