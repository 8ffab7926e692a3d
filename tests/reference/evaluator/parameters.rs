//! The condition keys that the parameters of the API call feed.

use serde_json::Value;

use super::Permission;
use super::catalogue;
use super::context::{Context, set, set_all};
use super::text;
use super::world::World;

/// Keys that single parameters feed: the key's name, the parameter's, and what it is by
/// default.
const PLAIN: [(&str, &str, &str); 15] = [
    ("BypassPolicyLockoutSafetyCheck", "BypassPolicyLockoutSafetyCheck", ""),
    ("DataKeyPairSpec", "KeyPairSpec", ""),
    ("ExpirationModel", "ExpirationModel", ""),
    ("KeyAgreementAlgorithm", "KeyAgreementAlgorithm", ""),
    ("MacAlgorithm", "MacAlgorithm", ""),
    ("MessageType", "MessageType", "RAW"),
    ("PolicyName", "PolicyName", "default"),
    ("PrimaryRegion", "PrimaryRegion", ""),
    ("ReplicaRegion", "ReplicaRegion", ""),
    ("RotationPeriodInDays", "RotationPeriodInDays", ""),
    ("ScheduleKeyDeletionPendingWindowInDays", "PendingWindowInDays", ""),
    ("SigningAlgorithm", "SigningAlgorithm", ""),
    ("ValidTo", "ValidTo", ""),
    ("WrappingAlgorithm", "WrappingAlgorithm", ""),
    ("WrappingKeySpec", "WrappingKeySpec", ""),
];

/// Adds the keys that the action takes from the call's parameters.
pub(crate) fn add(context: &mut Context, world: World<'_>, permission: &Permission<'_>) {
    let operation = catalogue::operation(&permission.action);
    let parameters = &world.case["parameters"];
    for (name, parameter, default) in PLAIN {
        if operation.has(name) {
            sent(context, &format!("kms:{name}"), &parameters[parameter], default);
        }
    }
    if operation.has("EncryptionAlgorithm") {
        encryption_algorithm(context, parameters, permission);
    }
    if operation.has("ReEncryptOnSameKey") {
        re_encrypt_on_same_key(context, permission);
    }
    if operation.has("EncryptionContext") {
        encryption_context(context, permission);
    }
    if operation.has("TagKeys") {
        tags(context, parameters);
    }
    if operation.has("CreateKey") {
        new_key(context, parameters, permission);
    }
    if operation.has("CreateGrant") {
        new_grant(context, parameters);
    }
}

/// Sets the key to the parameter; to the default if it is left out, and there is one.
fn sent(context: &mut Context, key: &str, parameter: &Value, default: &str) {
    match text::list(parameter).as_slice() {
        [] if default.is_empty() => {}
        [] => set(context, key, default),
        values => set_all(context, key, values.to_vec()),
    }
}

fn encryption_algorithm(context: &mut Context, parameters: &Value, permission: &Permission<'_>) {
    let parameter = match permission.action.as_str() {
        "kms:ReEncryptFrom" => "SourceEncryptionAlgorithm",
        "kms:ReEncryptTo" => "DestinationEncryptionAlgorithm",
        _ => "EncryptionAlgorithm",
    };
    let symmetric = permission
        .key
        .as_ref()
        .is_some_and(|key| key.property("spec", "SYMMETRIC_DEFAULT") == "SYMMETRIC_DEFAULT");
    let default = if symmetric { "SYMMETRIC_DEFAULT" } else { "" };
    sent(context, "kms:EncryptionAlgorithm", &parameters[parameter], default);
}

fn re_encrypt_on_same_key(context: &mut Context, permission: &Permission<'_>) {
    if let (Some(key), Some(other)) = (&permission.key, &permission.other_key) {
        set(context, "kms:ReEncryptOnSameKey", (key.arn == *other).to_string());
    }
}

fn encryption_context(context: &mut Context, permission: &Permission<'_>) {
    let pairs = &permission.encryption_context;
    let names = pairs.iter().map(|(name, _)| name.clone()).collect();
    set_all(context, "kms:EncryptionContextKeys", names);
    for (name, value) in pairs {
        set(context, &format!("kms:EncryptionContext:{name}"), value);
    }
}

/// `Tags` of new and tagged keys, `TagKeys` of those that lose tags.
fn tags(context: &mut Context, parameters: &Value) {
    let mut names = text::list(&parameters["TagKeys"]);
    for tag in text::items(&parameters["Tags"]) {
        let name = text::one(&tag["TagKey"]);
        set(context, &format!("aws:RequestTag/{name}"), text::one(&tag["TagValue"]));
        names.push(name);
    }
    set_all(context, "aws:TagKeys", names);
}

/// The properties of the key that `CreateKey` would create.
fn new_key(context: &mut Context, parameters: &Value, permission: &Permission<'_>) {
    if let Some(primary) = &permission.replica_of {
        for name in ["kms:KeySpec", "kms:CustomerMasterKeySpec"] {
            set(context, name, primary.property("spec", "SYMMETRIC_DEFAULT"));
        }
        for name in ["kms:KeyUsage", "kms:CustomerMasterKeyUsage"] {
            set(context, name, primary.property("usage", "ENCRYPT_DECRYPT"));
        }
        set(context, "kms:KeyOrigin", primary.property("origin", "AWS_KMS"));
        set(context, "kms:MultiRegion", "true");
        set(context, "kms:MultiRegionKeyType", "REPLICA");
        return;
    }
    for name in ["kms:KeySpec", "kms:CustomerMasterKeySpec"] {
        sent(context, name, &parameters["KeySpec"], "SYMMETRIC_DEFAULT");
    }
    for name in ["kms:KeyUsage", "kms:CustomerMasterKeyUsage"] {
        sent(context, name, &parameters["KeyUsage"], "ENCRYPT_DECRYPT");
    }
    sent(context, "kms:KeyOrigin", &parameters["Origin"], "AWS_KMS");
    sent(context, "kms:MultiRegion", &parameters["MultiRegion"], "false");
    if parameters["MultiRegion"] == true {
        set(context, "kms:MultiRegionKeyType", "PRIMARY");
    }
}

/// The grant that `CreateGrant` would create.
fn new_grant(context: &mut Context, parameters: &Value) {
    set_all(context, "kms:GrantOperations", text::list(&parameters["Operations"]));
    for name in [
        "GranteePrincipal",
        "GranteeServicePrincipal",
        "RetiringPrincipal",
        "RetiringServicePrincipal",
    ] {
        sent(context, &format!("kms:{name}"), &parameters[name], "");
    }
    let constraints = &parameters["Constraints"];
    sent(context, "kms:GrantConstraintSourceArn", &constraints["SourceArn"], "");
    for name in ["EncryptionContextEquals", "EncryptionContextSubset"] {
        if constraints[name].is_object() {
            set(context, "kms:GrantConstraintType", name);
        }
    }
}
