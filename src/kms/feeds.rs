//! The parameters of API requests that condition keys carry, and what KMS takes if they are not
//! sent.
//!
//! Source: [AWS KMS condition keys](https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html)

use self::Values::{Bool, Listed, Number, Region};
use super::actions::Action;
use super::{KeySpec, Origin, Usage};
use crate::arn::is_region;

/// A parameter of one value that condition keys carry.
#[derive(Debug)]
pub(crate) struct Feed {
    /// The actions whose requests have it, without prefix.
    actions: &'static [&'static str],
    pub(crate) parameter: &'static str,
    pub(crate) keys: &'static [&'static str],
    /// What a condition sees if the parameter is not sent.
    pub(crate) default: Option<&'static str>,
    /// What its values are.
    pub(crate) values: Values,
}

/// The values of a parameter.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Values {
    Any,
    Bool,
    /// A whole number from the first to the last.
    Number(u32, u32),
    /// One of these.
    Listed(&'static [&'static str]),
    Region,
}

impl Values {
    /// Whether a text can be a value, and if not, what was expected.
    pub(crate) fn check(self, text: &str) -> Result<(), String> {
        let expected = match self {
            Self::Any => return Ok(()),
            Self::Bool if matches!(text, "true" | "false") => return Ok(()),
            Self::Number(least, most)
                if text.parse().is_ok_and(|number: u32| (least..=most).contains(&number)) =>
            {
                return Ok(());
            }
            Self::Listed(values) if values.contains(&text) => return Ok(()),
            Self::Region if is_region(text) => return Ok(()),
            Self::Bool => "`true` or `false`".to_owned(),
            Self::Number(least, most) => format!("a whole number from {least} to {most}"),
            Self::Region => "a Region such as `us-east-1`".to_owned(),
            Self::Listed(values) => format!("one of {}", values.join(", ")),
        };
        Err(expected)
    }
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
    Feed { actions, parameter, keys, default: None, values: Values::Any }
}

impl Feed {
    const fn or(self, default: &'static str) -> Self {
        Self { default: Some(default), ..self }
    }

    const fn of_values(self, values: Values) -> Self {
        Self { values, ..self }
    }
}

const ENCRYPTION: &[&str] =
    &["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256", "SM2PKE", "SYMMETRIC_DEFAULT"];

#[rustfmt::skip]
const FEEDS: &[Feed] = &[
    feed(&["CreateKey"], "CustomerMasterKeySpec", &["kms:KeySpec", "kms:CustomerMasterKeySpec"]).or("SYMMETRIC_DEFAULT").of_values(Listed(&KeySpec::NAMES)),
    feed(&["CreateKey"], "KeySpec", &["kms:KeySpec", "kms:CustomerMasterKeySpec"]).or("SYMMETRIC_DEFAULT").of_values(Listed(&KeySpec::NAMES)),
    feed(&["CreateKey"], "KeyUsage", &["kms:KeyUsage", "kms:CustomerMasterKeyUsage"]).or("ENCRYPT_DECRYPT").of_values(Listed(&Usage::NAMES)),
    feed(&["CreateKey"], "MultiRegion", &["kms:MultiRegion"]).or("false").of_values(Bool),
    feed(&["CreateKey"], "Origin", &["kms:KeyOrigin"]).or("AWS_KMS").of_values(Listed(&Origin::NAMES)),
    feed(&["CreateKey", "PutKeyPolicy"], "BypassPolicyLockoutSafetyCheck", &["kms:BypassPolicyLockoutSafetyCheck"]).of_values(Bool),
    feed(&["CreateGrant"], "GranteePrincipal", &["kms:GranteePrincipal"]),
    feed(&["CreateGrant"], "GranteeServicePrincipal", &["kms:GranteeServicePrincipal"]),
    feed(&["CreateGrant"], "RetiringPrincipal", &["kms:RetiringPrincipal"]),
    feed(&["CreateGrant"], "RetiringServicePrincipal", &["kms:RetiringServicePrincipal"]),
    feed(&["Decrypt", "Encrypt"], "EncryptionAlgorithm", &["kms:EncryptionAlgorithm"]).of_values(Listed(ENCRYPTION)),
    feed(&["DeriveSharedSecret"], "KeyAgreementAlgorithm", &["kms:KeyAgreementAlgorithm"]).or("ECDH").of_values(Listed(&["ECDH"])),
    feed(&["EnableKeyRotation"], "RotationPeriodInDays", &["kms:RotationPeriodInDays"]).of_values(Number(90, 2_560)),
    feed(&["GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext"], "KeyPairSpec", &["kms:DataKeyPairSpec"]),
    // https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKey.html: no condition key carries it.
    feed(&["GenerateDataKey", "GenerateDataKeyWithoutPlaintext", "GenerateRandom"], "NumberOfBytes", &[]).of_values(Number(1, 1_024)),
    feed(&["GenerateMac", "VerifyMac"], "MacAlgorithm", &["kms:MacAlgorithm"]).of_values(Listed(&["HMAC_SHA_224", "HMAC_SHA_256", "HMAC_SHA_384", "HMAC_SHA_512"])),
    feed(&["GetKeyPolicy", "PutKeyPolicy"], "PolicyName", &["kms:PolicyName"]).or("default"),
    feed(&["GetParametersForImport"], "WrappingAlgorithm", &["kms:WrappingAlgorithm"]),
    feed(&["GetParametersForImport"], "WrappingKeySpec", &["kms:WrappingKeySpec"]),
    feed(&["ImportKeyMaterial"], "ExpirationModel", &["kms:ExpirationModel"]).of_values(Listed(&["KEY_MATERIAL_DOES_NOT_EXPIRE", "KEY_MATERIAL_EXPIRES"])),
    feed(&["ImportKeyMaterial"], "ValidTo", &["kms:ValidTo"]),
    feed(&["ReEncryptFrom"], "SourceEncryptionAlgorithm", &["kms:EncryptionAlgorithm"]).of_values(Listed(ENCRYPTION)),
    feed(&["ReEncryptTo"], "DestinationEncryptionAlgorithm", &["kms:EncryptionAlgorithm"]).of_values(Listed(ENCRYPTION)),
    feed(&["ReplicateKey"], "ReplicaRegion", &["kms:ReplicaRegion"]).of_values(Region),
    feed(&["ScheduleKeyDeletion"], "PendingWindowInDays", &["kms:ScheduleKeyDeletionPendingWindowInDays"]).of_values(Number(7, 30)),
    feed(&["Sign", "Verify"], "MessageType", &["kms:MessageType"]).or("RAW").of_values(Listed(&["DIGEST", "EXTERNAL_MU", "RAW"])),
    feed(&["Sign", "Verify"], "SigningAlgorithm", &["kms:SigningAlgorithm"]),
    feed(&["UpdatePrimaryRegion"], "PrimaryRegion", &["kms:PrimaryRegion"]).of_values(Region),
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
