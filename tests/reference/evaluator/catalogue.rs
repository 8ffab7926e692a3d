//! What KMS knows of each action, as a table.

use std::collections::BTreeMap;
use std::sync::OnceLock;

/// Name, whether it is asked for a key, accounts it is offered to, and what feeds its
/// condition keys besides the key's own properties.
const ACTIONS: &str = "
CancelKeyDeletion | key | own | CallerAccount ViaService
ConnectCustomKeyStore | none | own | CallerAccount
CreateAlias | key | own | CallerAccount ViaService
CreateCustomKeyStore | none | own | CallerAccount
CreateGrant | key | any | CallerAccount ViaService EncryptionContext GrantIsForAWSResource CreateGrant
CreateKey | none | own | CallerAccount ViaService CreateKey TagKeys BypassPolicyLockoutSafetyCheck
Decapsulate | key | any | CallerAccount ViaService RequestAlias
Decrypt | key | any | CallerAccount ViaService EncryptionAlgorithm EncryptionContext RequestAlias
DeleteAlias | key | own | CallerAccount ViaService
DeleteCustomKeyStore | none | own | CallerAccount
DeleteImportedKeyMaterial | key | own | CallerAccount ViaService
DeriveSharedSecret | key | any | CallerAccount ViaService KeyAgreementAlgorithm RequestAlias
DescribeCustomKeyStores | none | own | CallerAccount
DescribeKey | key | any | CallerAccount ViaService RequestAlias
DisableKey | key | own | CallerAccount ViaService TrailingDaysWithoutKeyUsage
DisableKeyRotation | key | own | CallerAccount ViaService
DisconnectCustomKeyStore | none | own | CallerAccount
EnableKey | key | own | CallerAccount ViaService
EnableKeyRotation | key | own | CallerAccount ViaService RotationPeriodInDays
Encapsulate | key | any | CallerAccount ViaService RequestAlias
Encrypt | key | any | CallerAccount ViaService EncryptionAlgorithm EncryptionContext RequestAlias
GenerateDataKey | key | any | CallerAccount ViaService EncryptionAlgorithm EncryptionContext RequestAlias
GenerateDataKeyPair | key | any | CallerAccount ViaService DataKeyPairSpec EncryptionAlgorithm EncryptionContext RequestAlias
GenerateDataKeyPairWithoutPlaintext | key | any | CallerAccount ViaService DataKeyPairSpec EncryptionAlgorithm EncryptionContext RequestAlias
GenerateDataKeyWithoutPlaintext | key | any | CallerAccount ViaService EncryptionAlgorithm EncryptionContext RequestAlias
GenerateMac | key | any | CallerAccount ViaService MacAlgorithm RequestAlias
GenerateRandom | none | own |
GetKeyLastUsage | key | own | CallerAccount ViaService
GetKeyPolicy | key | own | CallerAccount ViaService PolicyName
GetKeyRotationStatus | key | any | CallerAccount ViaService
GetParametersForImport | key | own | CallerAccount ViaService WrappingAlgorithm WrappingKeySpec
GetPublicKey | key | any | CallerAccount ViaService RequestAlias
ImportKeyMaterial | key | own | CallerAccount ViaService ExpirationModel ValidTo
ListAliases | none | own |
ListGrants | key | any | CallerAccount ViaService GrantIsForAWSResource
ListKeyPolicies | key | own | CallerAccount ViaService
ListKeyRotations | key | own | CallerAccount ViaService
ListKeys | none | own |
ListResourceTags | key | own | CallerAccount ViaService
ListRetirableGrants | none | own |
PutKeyPolicy | key | own | CallerAccount ViaService BypassPolicyLockoutSafetyCheck PolicyName
ReEncryptFrom | key | any | CallerAccount ViaService EncryptionAlgorithm EncryptionContext ReEncryptOnSameKey RequestAlias
ReEncryptTo | key | any | CallerAccount ViaService EncryptionAlgorithm EncryptionContext ReEncryptOnSameKey RequestAlias
ReplicateKey | key | own | CallerAccount ViaService ReplicaRegion
RetireGrant | key | any | CallerAccount ViaService EncryptionContext GrantConstraintType
RevokeGrant | key | any | CallerAccount ViaService GrantIsForAWSResource
RotateKeyOnDemand | key | own | CallerAccount ViaService
ScheduleKeyDeletion | key | own | CallerAccount ViaService ScheduleKeyDeletionPendingWindowInDays TrailingDaysWithoutKeyUsage
Sign | key | any | CallerAccount ViaService MessageType RequestAlias SigningAlgorithm
SynchronizeMultiRegionKey | key | own |
TagResource | key | own | CallerAccount ViaService TagKeys
UntagResource | key | own | CallerAccount ViaService TagKeys
UpdateAlias | key | own | CallerAccount ViaService
UpdateCustomKeyStore | none | own | CallerAccount
UpdateKeyDescription | key | own | CallerAccount ViaService
UpdatePrimaryRegion | key | own | CallerAccount ViaService PrimaryRegion
Verify | key | any | CallerAccount ViaService MessageType RequestAlias SigningAlgorithm
VerifyMac | key | any | CallerAccount ViaService MacAlgorithm RequestAlias
";

/// Keys that may have several values.
const MULTIVALUED: [&str; 10] = [
    "aws:calledvia",
    "aws:principalorgpaths",
    "aws:principalservicenameslist",
    "aws:resourceorgpaths",
    "aws:sourceorgpaths",
    "aws:tagkeys",
    "aws:vpceorgpaths",
    "kms:encryptioncontextkeys",
    "kms:grantoperations",
    "kms:resourcealiases",
];

/// One row of the table.
#[derive(Clone, Debug, Default)]
pub(crate) struct Operation {
    /// Whether the permission is asked for a key.
    pub(crate) of_key: bool,
    /// Whether callers of other accounts may be allowed.
    pub(crate) across_accounts: bool,
    /// What feeds its condition keys.
    pub(crate) feeds: Vec<&'static str>,
}

impl Operation {
    /// Whether requests for it carry what `feed` stands for.
    pub(crate) fn has(&self, feed: &str) -> bool {
        self.feeds.contains(&feed)
    }
}

fn table() -> &'static BTreeMap<&'static str, Operation> {
    static TABLE: OnceLock<BTreeMap<&'static str, Operation>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let rows = ACTIONS.lines().filter(|line| !line.is_empty());
        rows.map(|row| {
            let cells: Vec<&str> = row.split('|').map(str::trim).collect();
            let operation = Operation {
                of_key: cells[1] == "key",
                across_accounts: cells[2] == "any",
                feeds: cells[3].split(' ').collect(),
            };
            (cells[0], operation)
        })
        .collect()
    })
}

/// The row of `kms:NAME`; an empty one for an action of another service.
pub(crate) fn operation(action: &str) -> Operation {
    let name = action.strip_prefix("kms:").unwrap_or_default();
    table().get(name).cloned().unwrap_or_default()
}

/// Every action of KMS, as `kms:NAME`.
pub(crate) fn actions() -> Vec<String> {
    table().keys().map(|name| format!("kms:{name}")).collect()
}

/// Whether the context key, in lower case, may have several values.
pub(crate) fn multivalued(key: &str) -> bool {
    MULTIVALUED.contains(&key)
}
