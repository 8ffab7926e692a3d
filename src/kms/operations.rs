//! The operations of the KMS API, and the permissions that each needs.
//!
//! Source: [API reference](https://docs.aws.amazon.com/kms/latest/APIReference/API_Operations.html),
//! with the *Required permissions* of each operation.

use super::actions::{Action, UnknownAction};
use super::services::ServiceOperation;

/// What is asked for: one permission, or an operation that needs several.
#[derive(Clone, Copy, Debug)]
pub enum Asked {
    /// The permission, and what else its operation needs as far as the question says enough.
    Permission(&'static Action),
    /// `ReEncrypt`, which has no permission of its own name.
    ReEncrypt,
    /// What an operation of another service asks of KMS.
    Service(&'static ServiceOperation),
}

impl Asked {
    /// The action of that name, or `kms:ReEncrypt`.
    ///
    /// # Errors
    ///
    /// If it is neither.
    pub fn parse(text: &str) -> Result<Self, UnknownAction> {
        let prefixed = text.split_once(':').filter(|(it, _)| it.eq_ignore_ascii_case("kms"));
        if prefixed.map_or(text, |(_, bare)| bare).eq_ignore_ascii_case("ReEncrypt") {
            return Ok(Self::ReEncrypt);
        }
        Action::parse(text).map(Self::Permission)
    }

    /// The action of its first permission.
    #[must_use]
    pub fn action(self) -> Option<&'static Action> {
        match self {
            Self::Permission(action) => Some(action),
            Self::ReEncrypt => Action::parse("ReEncryptFrom").ok(),
            Self::Service(operation) => operation.calls.first()?.action(),
        }
    }

    /// In AWS's spelling; `SERVICE:OPERATION` for another service.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Self::Permission(action) => action.name.to_owned(),
            Self::ReEncrypt => "kms:ReEncrypt".to_owned(),
            Self::Service(operation) => format!("{}:{}", operation.service, operation.name),
        }
    }
}

/// An operation of the KMS API.
#[derive(Debug)]
#[non_exhaustive]
pub struct Operation {
    /// Spelled as AWS does: `GenerateDataKey`.
    pub name: &'static str,
    /// The parameters of its request.
    pub parameters: &'static [&'static str],
    /// The permissions that it needs, where these are more than the one of its name on its key.
    pub permissions: &'static [Needed],
}

/// One of several permissions that an operation needs.
#[derive(Debug)]
#[non_exhaustive]
pub struct Needed {
    /// The action.
    pub action: &'static str,
    /// What it is asked on.
    pub on: &'static str,
    /// The parameter without which it is not needed, or cannot be asked.
    pub parameter: Option<&'static str>,
}

impl Operation {
    /// All operations, by name.
    #[must_use]
    pub fn all() -> &'static [Self] {
        OPERATIONS
    }

    /// The operation of that name. Case does not count, and the prefix `kms:` may be left out.
    #[must_use]
    pub fn find(text: &str) -> Option<&'static Self> {
        let bare = text.split_once(':').map_or(text, |(_, bare)| bare);
        OPERATIONS.iter().find(|operation| operation.name.eq_ignore_ascii_case(bare))
    }

    /// The operation whose requests ask for a permission; none for an internal one.
    #[must_use]
    pub fn of(action: &Action) -> Option<&'static Self> {
        match action.short_name() {
            "ReEncryptFrom" | "ReEncryptTo" => Self::find("ReEncrypt"),
            name => Self::find(name),
        }
    }
}

const fn operation(name: &'static str, parameters: &'static [&'static str]) -> Operation {
    Operation { name, parameters, permissions: &[] }
}

impl Operation {
    const fn needs(self, permissions: &'static [Needed]) -> Self {
        Self { permissions, ..self }
    }
}

const fn needed(action: &'static str, on: &'static str) -> Needed {
    Needed { action, on, parameter: None }
}

impl Needed {
    const fn with(self, parameter: &'static str) -> Self {
        Self { parameter: Some(parameter), ..self }
    }
}

#[rustfmt::skip]
const OPERATIONS: &[Operation] = &[
    operation("CancelKeyDeletion", &["KeyId"]),
    operation("ConnectCustomKeyStore", &["CustomKeyStoreId"]),
    operation("CreateAlias", &["AliasName", "TargetKeyId"]).needs(&[needed("kms:CreateAlias", "the alias, by IAM policies").with("AliasName"), needed("kms:CreateAlias", "the key")]),
    operation("CreateCustomKeyStore", &["CloudHsmClusterId", "CustomKeyStoreName", "CustomKeyStoreType", "KeyStorePassword", "TrustAnchorCertificate", "XksProxyAuthenticationCredential", "XksProxyConnectivity", "XksProxyUriEndpoint", "XksProxyUriPath", "XksProxyVpcEndpointServiceName", "XksProxyVpcEndpointServiceOwner"]),
    operation("CreateGrant", &["Constraints", "DryRun", "GrantTokens", "GranteePrincipal", "GranteeServicePrincipal", "KeyId", "Name", "Operations", "RetiringPrincipal", "RetiringServicePrincipal"]),
    operation("CreateKey", &["BypassPolicyLockoutSafetyCheck", "CustomKeyStoreId", "CustomerMasterKeySpec", "Description", "KeySpec", "KeyUsage", "MultiRegion", "Origin", "Policy", "Tags", "XksKeyId"]).needs(&[needed("kms:CreateKey", "*"), needed("kms:TagResource", "the new key, by IAM policies").with("Tags"), needed("iam:CreateServiceLinkedRole", "the role for multi-Region keys").with("MultiRegion")]),
    operation("Decapsulate", &["DryRun", "EncapsulationAlgorithm", "GrantTokens", "KeyId", "SharedSecretCiphertextBlob"]),
    operation("Decrypt", &["CiphertextBlob", "DryRun", "DryRunModifiers", "EncryptionAlgorithm", "EncryptionContext", "GrantTokens", "KeyId", "Recipient"]),
    operation("DeleteAlias", &["AliasName"]).needs(&[needed("kms:DeleteAlias", "the alias, by IAM policies").with("AliasName"), needed("kms:DeleteAlias", "the key")]),
    operation("DeleteCustomKeyStore", &["CustomKeyStoreId"]),
    operation("DeleteImportedKeyMaterial", &["KeyId", "KeyMaterialId"]),
    operation("DeriveSharedSecret", &["DryRun", "GrantTokens", "KeyAgreementAlgorithm", "KeyId", "PublicKey", "Recipient"]),
    operation("DescribeCustomKeyStores", &["CustomKeyStoreId", "CustomKeyStoreName", "Limit", "Marker"]),
    operation("DescribeKey", &["GrantTokens", "KeyId"]),
    operation("DisableKey", &["KeyId"]),
    operation("DisableKeyRotation", &["KeyId"]),
    operation("DisconnectCustomKeyStore", &["CustomKeyStoreId"]),
    operation("EnableKey", &["KeyId"]),
    operation("EnableKeyRotation", &["KeyId", "RotationPeriodInDays"]),
    operation("Encapsulate", &["DryRun", "EncapsulationAlgorithm", "GrantTokens", "KeyId"]),
    operation("Encrypt", &["DryRun", "EncryptionAlgorithm", "EncryptionContext", "GrantTokens", "KeyId", "Plaintext"]),
    operation("GenerateDataKey", &["DryRun", "EncryptionContext", "GrantTokens", "KeyId", "KeySpec", "NumberOfBytes", "Recipient"]),
    operation("GenerateDataKeyPair", &["DryRun", "EncryptionContext", "GrantTokens", "KeyId", "KeyPairSpec", "Recipient"]),
    operation("GenerateDataKeyPairWithoutPlaintext", &["DryRun", "EncryptionContext", "GrantTokens", "KeyId", "KeyPairSpec"]),
    operation("GenerateDataKeyWithoutPlaintext", &["DryRun", "EncryptionContext", "GrantTokens", "KeyId", "KeySpec", "NumberOfBytes"]),
    operation("GenerateMac", &["DryRun", "GrantTokens", "KeyId", "MacAlgorithm", "Message"]),
    operation("GenerateRandom", &["CustomKeyStoreId", "NumberOfBytes", "Recipient"]),
    operation("GetKeyLastUsage", &["KeyId"]),
    operation("GetKeyPolicy", &["KeyId", "PolicyName"]),
    operation("GetKeyRotationStatus", &["KeyId"]),
    operation("GetParametersForImport", &["KeyId", "WrappingAlgorithm", "WrappingKeySpec"]),
    operation("GetPublicKey", &["GrantTokens", "KeyId"]),
    operation("ImportKeyMaterial", &["EncryptedKeyMaterial", "ExpirationModel", "ImportToken", "ImportType", "KeyId", "KeyMaterialDescription", "KeyMaterialId", "ValidTo"]),
    operation("ListAliases", &["KeyId", "Limit", "Marker"]),
    operation("ListGrants", &["GrantId", "GranteePrincipal", "GranteeServicePrincipal", "KeyId", "Limit", "Marker"]),
    operation("ListKeyPolicies", &["KeyId", "Limit", "Marker"]),
    operation("ListKeyRotations", &["IncludeKeyMaterial", "KeyId", "Limit", "Marker"]),
    operation("ListKeys", &["Limit", "Marker", "ResourceOwners"]),
    operation("ListResourceTags", &["KeyId", "Limit", "Marker"]),
    operation("ListRetirableGrants", &["Limit", "Marker", "RetiringPrincipal", "RetiringServicePrincipal"]),
    operation("PutKeyPolicy", &["BypassPolicyLockoutSafetyCheck", "KeyId", "Policy", "PolicyName"]),
    operation("ReEncrypt", &["CiphertextBlob", "DestinationEncryptionAlgorithm", "DestinationEncryptionContext", "DestinationKeyId", "DryRun", "DryRunModifiers", "GrantTokens", "SourceEncryptionAlgorithm", "SourceEncryptionContext", "SourceKeyId"]).needs(&[needed("kms:ReEncryptFrom", "the source key"), needed("kms:ReEncryptTo", "the destination key")]),
    operation("ReplicateKey", &["BypassPolicyLockoutSafetyCheck", "Description", "KeyId", "Policy", "ReplicaRegion", "Tags"]).needs(&[needed("kms:ReplicateKey", "the primary key"), needed("kms:CreateKey", "* in the Region of the replica").with("ReplicaRegion"), needed("kms:TagResource", "the replica, by IAM policies").with("Tags")]),
    operation("RetireGrant", &["DryRun", "GrantId", "GrantToken", "KeyId"]),
    operation("RevokeGrant", &["DryRun", "GrantId", "KeyId"]),
    operation("RotateKeyOnDemand", &["KeyId"]),
    operation("ScheduleKeyDeletion", &["KeyId", "PendingWindowInDays"]),
    operation("Sign", &["DryRun", "GrantTokens", "KeyId", "Message", "MessageType", "SigningAlgorithm"]),
    operation("TagResource", &["KeyId", "Tags"]),
    operation("UntagResource", &["KeyId", "TagKeys"]),
    operation("UpdateAlias", &["AliasName", "TargetKeyId"]).needs(&[needed("kms:UpdateAlias", "the alias, by IAM policies").with("AliasName"), needed("kms:UpdateAlias", "the key that it names now"), needed("kms:UpdateAlias", "the key that it is to name").with("TargetKeyId")]),
    operation("UpdateCustomKeyStore", &["CloudHsmClusterId", "CustomKeyStoreId", "KeyStorePassword", "NewCustomKeyStoreName", "XksProxyAuthenticationCredential", "XksProxyConnectivity", "XksProxyUriEndpoint", "XksProxyUriPath", "XksProxyVpcEndpointServiceName", "XksProxyVpcEndpointServiceOwner"]),
    operation("UpdateKeyDescription", &["Description", "KeyId"]),
    operation("UpdatePrimaryRegion", &["KeyId", "PrimaryRegion"]).needs(&[needed("kms:UpdatePrimaryRegion", "the primary key"), needed("kms:UpdatePrimaryRegion", "the replica key").with("PrimaryRegion")]),
    operation("Verify", &["DryRun", "GrantTokens", "KeyId", "Message", "MessageType", "Signature", "SigningAlgorithm"]),
    operation("VerifyMac", &["DryRun", "GrantTokens", "KeyId", "Mac", "MacAlgorithm", "Message"]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_are_sorted_and_each_action_belongs_to_one() {
        assert_eq!(OPERATIONS.len(), 56);
        assert!(OPERATIONS.is_sorted_by(|a, b| a.name < b.name));
        let internal = |action: &&Action| Operation::of(action).is_none();
        let internal: Vec<&str> = Action::all().iter().filter(internal).map(|it| it.name).collect();
        assert_eq!(internal, ["kms:SynchronizeMultiRegionKey"]);
    }
}
