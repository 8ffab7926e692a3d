//! What the state of a key does to operations on it. It is checked apart from authorization.
//!
//! Source: [Key states](https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html).
//! Operations that the table does not have yet are taken to be like `Sign` if they are
//! cryptographic, and to work in every state otherwise.

use self::Effect::{
    Creating, Disabled, Fails, NotImported, NotPending, Pending, PendingDisabled, PendingImport,
    PendingImported, Rotation, Unavailable, Updating, Works,
};
use super::actions::Action;

/// What becomes of an operation on a key in a state, for an authorized caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Effect {
    Works,
    Creating,
    Disabled,
    /// KMS documents that it fails and not how.
    Fails,
    /// Only keys with imported key material have the operation.
    NotImported,
    NotPending,
    Pending,
    /// The same, for keys with imported key material alone: others do not have the operation.
    PendingImported,
    /// Pending deletion, told as a key that is disabled.
    PendingDisabled,
    PendingImport,
    /// KMS rotates no key with imported material or in a custom key store.
    Rotation,
    Unavailable,
    Updating,
}

/// The key that an operation meets.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Met<'k> {
    pub(crate) arn: &'k str,
    pub(crate) state: &'k str,
    pub(crate) origin: &'k str,
}

/// Whether the operation works on every key in that state.
pub(crate) fn always_works(action: &Action, state: &str) -> bool {
    effect(action, state) == Works
}

/// KMS's error for the operation on a key in its state; none if it works.
pub(crate) fn error(action: &Action, key: Met<'_>) -> Option<String> {
    let Met { arn, state, origin } = key;
    let pending = if state == "PendingReplicaDeletion" {
        "pending replica deletion"
    } else {
        "pending deletion"
    };
    let invalid = |what: &str| format!("KMSInvalidStateException: {arn} is {what}.");
    let unsupported = || {
        format!(
            "UnsupportedOperationException: {arn} origin is {origin} which is not valid for this operation."
        )
    };
    match effect(action, state) {
        Works => None,
        Creating => Some(invalid("creating")),
        Disabled => Some(format!("DisabledException: {arn} is disabled.")),
        Fails => Some(invalid("in a state that is not valid for this operation")),
        NotImported => (origin != "EXTERNAL").then(unsupported),
        NotPending => Some(invalid("not pending deletion")),
        Pending => Some(invalid(pending)),
        PendingImported if origin == "EXTERNAL" => Some(invalid(pending)),
        PendingImported => Some(unsupported()),
        PendingDisabled => Some(format!("DisabledException: {arn} is {pending}.")),
        PendingImport => Some(invalid("pending import")),
        Rotation => (origin != "AWS_KMS").then(unsupported),
        Unavailable => Some(invalid("unavailable")),
        Updating => Some(invalid("updating")),
    }
}

/// The other exception that KMS may answer with in its place: of a key that is pending deletion
/// AWS documents two, without saying when which.
pub(crate) fn other_exception(action: &Action, state: &str) -> Option<&'static str> {
    (effect(action, state) == PendingDisabled).then_some("KMSInvalidStateException")
}

fn effect(action: &Action, state: &str) -> Effect {
    let name = action.short_name();
    let listed = STATES.iter().find(|(names, _)| names.contains(&name)).map(|(_, effects)| effects);
    let [enabled, disabled, pending, pending_import, unavailable, creating, updating] = *listed
        .unwrap_or(if action.cryptographic && action.needs_key() {
            &CRYPTOGRAPHIC
        } else {
            &[Works; 7]
        });
    match state {
        "Disabled" => disabled,
        "PendingDeletion" | "PendingReplicaDeletion" => pending,
        "PendingImport" => pending_import,
        "Unavailable" => unavailable,
        "Creating" => creating,
        "Updating" => updating,
        _ => enabled,
    }
}

const CRYPTOGRAPHIC: [Effect; 7] =
    [Works, Disabled, PendingDisabled, PendingImport, Unavailable, Creating, Works];

/// By operation: the effect of Enabled, Disabled, `PendingDeletion`, `PendingImport`, Unavailable,
/// Creating, Updating.
#[rustfmt::skip]
const STATES: &[(&[&str], [Effect; 7])] = &[
    (&["Decrypt", "Encrypt", "GenerateDataKey", "GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext",
       "GenerateDataKeyWithoutPlaintext", "ReEncryptFrom", "ReEncryptTo"], CRYPTOGRAPHIC),
    (&["GenerateMac", "GetPublicKey", "Sign", "Verify", "VerifyMac"],
        [Works, Disabled, PendingDisabled, Fails, Fails, Creating, Works]),
    (&["CancelKeyDeletion"], [NotPending, NotPending, Works, NotPending, NotPending, NotPending, NotPending]),
    (&["CreateAlias", "TagResource", "UntagResource", "UpdateKeyDescription"], [Works, Works, Pending, Works, Works, Works, Works]),
    (&["CreateGrant"], [Works, Disabled, PendingDisabled, PendingImport, Works, Creating, Works]),
    (&["DeleteImportedKeyMaterial"], [NotImported, NotImported, NotImported, Works, Fails, Creating, Updating]),
    (&["DisableKey", "EnableKey"], [Works, Works, Pending, PendingImport, Works, Creating, Updating]),
    (&["DisableKeyRotation", "EnableKeyRotation"], [Rotation, Disabled, Pending, Rotation, Rotation, Creating, Rotation]),
    (&["GetKeyRotationStatus"], [Rotation; 7]),
    (&["GetParametersForImport"], [NotImported, NotImported, PendingImported, Works, NotImported, Creating, Updating]),
    (&["ImportKeyMaterial"], [NotImported, NotImported, PendingImported, Works, NotImported, Creating, Works]),
    (&["ReplicateKey"], [Works, Disabled, PendingDisabled, PendingImport, Fails, Creating, Updating]),
    (&["ScheduleKeyDeletion"], [Works, Works, Pending, Works, Works, Works, Updating]),
    (&["UpdatePrimaryRegion"], [Works, Disabled, PendingDisabled, PendingImport, Fails, Creating, Works]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_of_the_table_is_one_of_kms() {
        for name in STATES.iter().flat_map(|(names, _)| *names) {
            assert!(Action::parse(name).is_ok(), "{name}");
        }
    }

    #[test]
    fn states_are_told_as_kms_tells_them() {
        let error = |name, state, origin| {
            let key = Met { arn: "K", state, origin };
            super::error(Action::parse(name).unwrap(), key)
        };
        let table = [
            ("Decrypt", "Enabled", "AWS_KMS", None),
            ("Decrypt", "Disabled", "AWS_KMS", Some("DisabledException: K is disabled.")),
            (
                "Decrypt",
                "PendingDeletion",
                "AWS_KMS",
                Some("DisabledException: K is pending deletion."),
            ),
            (
                "Decrypt",
                "PendingImport",
                "EXTERNAL",
                Some("KMSInvalidStateException: K is pending import."),
            ),
            ("DescribeKey", "PendingDeletion", "AWS_KMS", None),
            (
                "TagResource",
                "PendingReplicaDeletion",
                "AWS_KMS",
                Some("KMSInvalidStateException: K is pending replica deletion."),
            ),
            (
                "CancelKeyDeletion",
                "Enabled",
                "AWS_KMS",
                Some("KMSInvalidStateException: K is not pending deletion."),
            ),
            (
                "EnableKeyRotation",
                "Enabled",
                "EXTERNAL",
                Some(
                    "UnsupportedOperationException: K origin is EXTERNAL which is not valid for this operation.",
                ),
            ),
            (
                "ImportKeyMaterial",
                "Enabled",
                "AWS_KMS",
                Some(
                    "UnsupportedOperationException: K origin is AWS_KMS which is not valid for this operation.",
                ),
            ),
            (
                "DeriveSharedSecret",
                "Disabled",
                "AWS_KMS",
                Some("DisabledException: K is disabled."),
            ),
            ("RotateKeyOnDemand", "Creating", "AWS_KMS", None),
        ];
        for (name, state, origin, expected) in table {
            assert_eq!(error(name, state, origin).as_deref(), expected, "{name} {state}");
        }
    }
}
