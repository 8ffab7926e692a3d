//! The parameters of API requests that condition keys carry, and what KMS takes if they are not
//! sent.
//!
//! Source: [AWS KMS condition keys](https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html)

use super::actions::Action;

/// A parameter of one value that condition keys carry.
#[derive(Debug)]
pub(crate) struct Feed {
    /// The actions whose requests have it, without prefix.
    actions: &'static [&'static str],
    pub(crate) parameter: &'static str,
    pub(crate) keys: &'static [&'static str],
    /// What a condition sees if the parameter is not sent.
    pub(crate) default: Option<&'static str>,
}

impl Feed {
    /// The parameters of an action's request.
    pub(crate) fn of(action: &Action) -> impl Iterator<Item = &'static Self> {
        FEEDS.iter().filter(|feed| feed.actions.contains(&action.short_name()))
    }
}

const fn feed(
    actions: &'static [&'static str],
    parameter: &'static str,
    keys: &'static [&'static str],
) -> Feed {
    Feed { actions, parameter, keys, default: None }
}

impl Feed {
    const fn or(self, default: &'static str) -> Self {
        Self { default: Some(default), ..self }
    }
}

#[rustfmt::skip]
const FEEDS: &[Feed] = &[
    feed(&["CreateKey"], "CustomerMasterKeySpec", &["kms:KeySpec", "kms:CustomerMasterKeySpec"]).or("SYMMETRIC_DEFAULT"),
    feed(&["CreateKey"], "KeySpec", &["kms:KeySpec", "kms:CustomerMasterKeySpec"]).or("SYMMETRIC_DEFAULT"),
    feed(&["CreateKey"], "KeyUsage", &["kms:KeyUsage", "kms:CustomerMasterKeyUsage"]).or("ENCRYPT_DECRYPT"),
    feed(&["CreateKey"], "MultiRegion", &["kms:MultiRegion"]).or("false"),
    feed(&["CreateKey"], "Origin", &["kms:KeyOrigin"]).or("AWS_KMS"),
    feed(&["CreateKey", "PutKeyPolicy"], "BypassPolicyLockoutSafetyCheck", &["kms:BypassPolicyLockoutSafetyCheck"]),
    feed(&["CreateGrant"], "GranteePrincipal", &["kms:GranteePrincipal"]),
    feed(&["CreateGrant"], "GranteeServicePrincipal", &["kms:GranteeServicePrincipal"]),
    feed(&["CreateGrant"], "RetiringPrincipal", &["kms:RetiringPrincipal"]),
    feed(&["CreateGrant"], "RetiringServicePrincipal", &["kms:RetiringServicePrincipal"]),
    feed(&["Decrypt", "Encrypt"], "EncryptionAlgorithm", &["kms:EncryptionAlgorithm"]),
    feed(&["DeriveSharedSecret"], "KeyAgreementAlgorithm", &["kms:KeyAgreementAlgorithm"]).or("ECDH"),
    feed(&["EnableKeyRotation"], "RotationPeriodInDays", &["kms:RotationPeriodInDays"]),
    feed(&["GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext"], "KeyPairSpec", &["kms:DataKeyPairSpec"]),
    feed(&["GenerateMac", "VerifyMac"], "MacAlgorithm", &["kms:MacAlgorithm"]),
    feed(&["GetKeyPolicy", "PutKeyPolicy"], "PolicyName", &["kms:PolicyName"]).or("default"),
    feed(&["GetParametersForImport"], "WrappingAlgorithm", &["kms:WrappingAlgorithm"]),
    feed(&["GetParametersForImport"], "WrappingKeySpec", &["kms:WrappingKeySpec"]),
    feed(&["ImportKeyMaterial"], "ExpirationModel", &["kms:ExpirationModel"]),
    feed(&["ImportKeyMaterial"], "ValidTo", &["kms:ValidTo"]),
    feed(&["ReEncryptFrom"], "SourceEncryptionAlgorithm", &["kms:EncryptionAlgorithm"]),
    feed(&["ReEncryptTo"], "DestinationEncryptionAlgorithm", &["kms:EncryptionAlgorithm"]),
    feed(&["ReplicateKey"], "ReplicaRegion", &["kms:ReplicaRegion"]),
    feed(&["ScheduleKeyDeletion"], "PendingWindowInDays", &["kms:ScheduleKeyDeletionPendingWindowInDays"]),
    feed(&["Sign", "Verify"], "MessageType", &["kms:MessageType"]).or("RAW"),
    feed(&["Sign", "Verify"], "SigningAlgorithm", &["kms:SigningAlgorithm"]),
    feed(&["UpdatePrimaryRegion"], "PrimaryRegion", &["kms:PrimaryRegion"]),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kms::{ConditionKey, Operation};

    #[test]
    fn each_parameter_is_one_of_its_operation_and_feeds_keys_that_its_requests_carry() {
        for feed in FEEDS {
            for name in feed.actions {
                let action = Action::parse(name).unwrap();
                let operation = Operation::of(action).unwrap();
                assert!(operation.parameters.contains(&feed.parameter), "{}", feed.parameter);
                for key in feed.keys {
                    assert!(ConditionKey::find(key).unwrap().is_sent_with(action), "{name} {key}");
                }
            }
        }
    }
}
