//! The condition keys that a request to AWS KMS can carry.
//!
//! Source: [AWS KMS condition keys](https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html),
//! [AWS global condition keys](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html)

use std::collections::HashMap;
use std::fmt;
use std::sync::LazyLock;

use self::Sent::{Always, Listed, When};
use self::ValueType::{Arn, Bool, Date, IpAddress, Number, Text};
use super::actions::{Action, On};

/// A condition key that AWS documents.
#[derive(Debug)]
#[non_exhaustive]
pub struct ConditionKey {
    /// Spelled as AWS does; `*` at the end stands for a tag key, the name of a pair of the
    /// encryption context, or a measurement.
    pub name: &'static str,
    /// What its values are.
    pub value_type: ValueType,
    /// Whether a request can carry several values at once.
    pub multivalued: bool,
    /// Whether a key policy may use it.
    ///
    /// Source: [ABAC for KMS](https://docs.aws.amazon.com/kms/latest/developerguide/abac.html)
    pub in_key_policies: bool,
    sent: Sent,
}

/// What the values of a condition key are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueType {
    /// An ARN.
    Arn,
    /// `true` or `false`.
    Bool,
    /// An instant.
    Date,
    /// An IPv4 or IPv6 address.
    IpAddress,
    /// A number.
    Number,
    /// Any text.
    Text,
}

impl fmt::Display for ValueType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Arn => "an ARN",
            Self::Bool => "`true` or `false`",
            Self::Date => "a date",
            Self::IpAddress => "an IP address",
            Self::Number => "a number",
            Self::Text => "a text",
        })
    }
}

/// The actions whose requests can carry a key.
#[derive(Debug)]
enum Sent {
    Always,
    Listed(&'static [&'static str]),
    When(fn(&Action) -> bool),
}

impl ConditionKey {
    /// All condition keys, by name, case aside.
    #[must_use]
    pub fn all() -> &'static [Self] {
        CONDITION_KEYS
    }

    /// The key of that name. Case does not count.
    ///
    /// Source: [Condition](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html)
    #[must_use]
    pub fn find(name: &str) -> Option<&'static Self> {
        static BY_NAME: LazyLock<HashMap<String, &ConditionKey>> = LazyLock::new(|| {
            CONDITION_KEYS.iter().map(|key| (key.name.to_ascii_lowercase(), key)).collect()
        });
        let begins = |key: &&Self| {
            key.prefix().is_some_and(|prefix| {
                let (head, rest) = name.split_at_checked(prefix.len()).unwrap_or_default();
                head.eq_ignore_ascii_case(prefix) && !rest.is_empty()
            })
        };
        let exact = BY_NAME.get(name.to_ascii_lowercase().as_str()).copied();
        exact.or_else(|| CONDITION_KEYS.iter().find(begins))
    }

    /// The fixed part of a key that ends in a name of the user's, with the separator.
    #[must_use]
    pub fn prefix(&self) -> Option<&'static str> {
        self.name.strip_suffix('*')
    }

    /// Whether requests for every action can carry the key.
    #[must_use]
    pub fn is_sent_always(&self) -> bool {
        matches!(self.sent, Always)
    }

    /// Whether a request for `action` can carry the key.
    #[must_use]
    pub fn is_sent_with(&self, action: &Action) -> bool {
        match self.sent {
            Always => true,
            Listed(names) => names.contains(&action.short_name()),
            When(applies) => applies(action),
        }
    }
}

/// An operation on a key, but for the internal one that has no condition keys.
fn is_authorized_for_a_key(action: &Action) -> bool {
    action.needs_key() && action.name != "kms:SynchronizeMultiRegionKey"
}

fn can_be_forwarded(action: &Action) -> bool {
    is_authorized_for_a_key(action) || action.name == "kms:CreateKey"
}

fn has_a_caller_account(action: &Action) -> bool {
    can_be_forwarded(action)
        || action.name.ends_with("CustomKeyStore")
        || action.name.ends_with("CustomKeyStores")
}

/// A property of the key, or of the key to be.
fn concerns_a_key(action: &Action) -> bool {
    action.needs_key() || action.name == "kms:CreateKey"
}

fn needs_key(action: &Action) -> bool {
    action.on != On::Nothing
}

fn takes_alias(action: &Action) -> bool {
    action.takes_alias
}

#[rustfmt::skip]
const ENCRYPTION: &[&str] = &[
    "Decrypt", "Encrypt", "GenerateDataKey", "GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext",
    "GenerateDataKeyWithoutPlaintext", "ReEncryptFrom", "ReEncryptTo",
];

#[rustfmt::skip]
const ENCRYPTION_CONTEXT: &[&str] = &[
    "CreateGrant", "Decrypt", "Encrypt", "GenerateDataKey", "GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext",
    "GenerateDataKeyWithoutPlaintext", "ReEncryptFrom", "ReEncryptTo", "RetireGrant",
];

const fn key(name: &'static str, value_type: ValueType, sent: Sent) -> ConditionKey {
    ConditionKey { name, value_type, multivalued: false, in_key_policies: true, sent }
}

impl ConditionKey {
    const fn multivalued(self) -> Self {
        Self { multivalued: true, ..self }
    }

    const fn not_in_key_policies(self) -> Self {
        Self { in_key_policies: false, ..self }
    }
}

#[rustfmt::skip]
const CONDITION_KEYS: &[ConditionKey] = &[
    key("aws:AssumedRoot", Bool, Always),
    key("aws:CalledVia", Text, Always).multivalued(),
    key("aws:CalledViaFirst", Text, Always),
    key("aws:CalledViaLast", Text, Always),
    // Sent only in sessions of chat applications.
    // Source: [SCPs of chat applications](https://docs.aws.amazon.com/chatbot/latest/adminguide/scp.html),
    // [Properties of role sessions](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-role-session-properties)
    key("aws:ChatbotSourceArn", Arn, Always),
    key("aws:CurrentTime", Date, Always),
    key("aws:Ec2InstanceSourcePrivateIPv4", IpAddress, Always),
    key("aws:Ec2InstanceSourceVpc", Text, Always),
    key("aws:EpochTime", Date, Always),
    key("aws:FederatedProvider", Text, Always),
    key("aws:MultiFactorAuthAge", Number, Always),
    key("aws:MultiFactorAuthPresent", Bool, Always),
    key("aws:PrincipalAccount", Text, Always),
    key("aws:PrincipalArn", Arn, Always),
    key("aws:PrincipalIsAWSService", Bool, Always),
    key("aws:PrincipalOrgID", Text, Always),
    key("aws:PrincipalOrgPaths", Text, Always).multivalued(),
    key("aws:PrincipalServiceName", Text, Always),
    key("aws:PrincipalServiceNamesList", Text, Always).multivalued(),
    key("aws:PrincipalTag/*", Text, Always),
    key("aws:PrincipalType", Text, Always),
    key("aws:referer", Text, Always),
    key("aws:RequestedRegion", Text, Always),
    key("aws:RequestTag/*", Text, Listed(&["CreateKey", "TagResource"])),
    key("aws:ResourceAccount", Text, Always),
    key("aws:ResourceOrgID", Text, Always),
    key("aws:ResourceOrgPaths", Text, Always).multivalued(),
    key("aws:ResourceTag/*", Text, When(concerns_a_key)).not_in_key_policies(),
    key("aws:SecureTransport", Bool, Always),
    key("aws:SourceAccount", Text, Always),
    key("aws:SourceArn", Arn, Always),
    key("aws:SourceIdentity", Text, Always),
    key("aws:SourceIp", IpAddress, Always),
    key("aws:SourceOrgID", Text, Always),
    key("aws:SourceOrgPaths", Text, Always).multivalued(),
    key("aws:SourceVpc", Text, Always),
    key("aws:SourceVpcArn", Arn, Always),
    key("aws:SourceVpce", Text, Always),
    key("aws:TagKeys", Text, Listed(&["CreateKey", "TagResource", "UntagResource"])).multivalued(),
    key("aws:TokenIssueTime", Date, Always),
    key("aws:UserAgent", Text, Always),
    key("aws:userid", Text, Always),
    key("aws:username", Text, Always),
    key("aws:ViaAWSService", Bool, Always),
    key("aws:VpceAccount", Text, Always),
    key("aws:VpceOrgID", Text, Always),
    key("aws:VpceOrgPaths", Text, Always).multivalued(),
    key("aws:VpcSourceIp", IpAddress, Always),
    key("kms:BypassPolicyLockoutSafetyCheck", Bool, Listed(&["CreateKey", "PutKeyPolicy"])),
    key("kms:CallerAccount", Text, When(has_a_caller_account)),
    key("kms:CustomerMasterKeySpec", Text, When(concerns_a_key)),
    key("kms:CustomerMasterKeyUsage", Text, When(concerns_a_key)),
    key("kms:DataKeyPairSpec", Text, Listed(&["GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext"])),
    key("kms:EncryptionAlgorithm", Text, Listed(ENCRYPTION)),
    key("kms:EncryptionContext:*", Text, Listed(ENCRYPTION_CONTEXT)),
    key("kms:EncryptionContextKeys", Text, Listed(ENCRYPTION_CONTEXT)).multivalued(),
    key("kms:ExpirationModel", Text, Listed(&["ImportKeyMaterial"])),
    key("kms:GrantConstraintSourceArn", Arn, Listed(&["CreateGrant"])),
    key("kms:GrantConstraintType", Text, Listed(&["CreateGrant", "RetireGrant"])),
    key("kms:GranteePrincipal", Text, Listed(&["CreateGrant"])),
    key("kms:GranteeServicePrincipal", Text, Listed(&["CreateGrant"])),
    key("kms:GrantIsForAWSResource", Bool, Listed(&["CreateGrant", "ListGrants", "RevokeGrant"])),
    key("kms:GrantOperations", Text, Listed(&["CreateGrant"])).multivalued(),
    key("kms:KeyAgreementAlgorithm", Text, Listed(&["DeriveSharedSecret"])),
    key("kms:KeyOrigin", Text, When(concerns_a_key)),
    key("kms:KeySpec", Text, When(concerns_a_key)),
    key("kms:KeyUsage", Text, When(concerns_a_key)),
    key("kms:MacAlgorithm", Text, Listed(&["GenerateMac", "VerifyMac"])),
    key("kms:MessageType", Text, Listed(&["Sign", "Verify"])),
    key("kms:MultiRegion", Bool, When(concerns_a_key)),
    key("kms:MultiRegionKeyType", Text, When(concerns_a_key)),
    key("kms:PolicyName", Text, Listed(&["GetKeyPolicy", "PutKeyPolicy"])),
    key("kms:PrimaryRegion", Text, Listed(&["UpdatePrimaryRegion"])),
    key("kms:RecipientAttestation:*", Text, Listed(&["Decapsulate", "Decrypt", "DeriveSharedSecret", "GenerateDataKey", "GenerateDataKeyPair", "GenerateRandom"])),
    key("kms:ReEncryptOnSameKey", Bool, Listed(&["ReEncryptFrom", "ReEncryptTo"])),
    key("kms:ReplicaRegion", Text, Listed(&["ReplicateKey"])),
    key("kms:RequestAlias", Text, When(takes_alias)),
    key("kms:ResourceAliases", Text, When(needs_key)).multivalued().not_in_key_policies(),
    key("kms:RetiringPrincipal", Text, Listed(&["CreateGrant"])),
    key("kms:RetiringServicePrincipal", Text, Listed(&["CreateGrant"])),
    key("kms:RotationPeriodInDays", Number, Listed(&["EnableKeyRotation"])),
    key("kms:ScheduleKeyDeletionPendingWindowInDays", Number, Listed(&["ScheduleKeyDeletion"])),
    key("kms:SigningAlgorithm", Text, Listed(&["Sign", "Verify"])),
    key("kms:TrailingDaysWithoutKeyUsage", Number, Listed(&["DisableKey", "ScheduleKeyDeletion"])),
    key("kms:ValidTo", Date, Listed(&["ImportKeyMaterial"])),
    key("kms:ViaService", Text, When(can_be_forwarded)),
    key("kms:WrappingAlgorithm", Text, Listed(&["GetParametersForImport"])),
    key("kms:WrappingKeySpec", Text, Listed(&["GetParametersForImport"])),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn condition_keys_are_sorted_and_unique() {
        assert_eq!(CONDITION_KEYS.len(), 88);
        assert!(CONDITION_KEYS.is_sorted_by_key(|key| key.name.to_ascii_lowercase()));
    }

    #[test]
    fn listed_actions_exist() {
        for key in CONDITION_KEYS {
            if let Listed(names) = key.sent {
                assert!(names.iter().all(|name| Action::parse(name).is_ok()), "{}", key.name);
            }
        }
    }

    #[test]
    fn a_key_is_found_in_any_case_and_the_name_after_its_prefix_may_hold_anything() {
        let table = [
            ("KMS:viaservice", Some("kms:ViaService")),
            ("kms:encryptioncontext:aws:s3:arn", Some("kms:EncryptionContext:*")),
            ("kms:EncryptionContext:", None),
            ("aws:PrincipalTag/a/b:c", Some("aws:PrincipalTag/*")),
            ("kms:ViaServices", None),
            ("é", None),
        ];
        for (text, expected) in table {
            assert_eq!(ConditionKey::find(text).map(|key| key.name), expected, "{text}");
        }
    }
}
