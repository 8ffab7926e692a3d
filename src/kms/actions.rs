//! The actions of AWS KMS.
//!
//! Source: [Actions, resources, and condition keys for AWS KMS](https://docs.aws.amazon.com/service-authorization/latest/reference/list_awskeymanagementservice.html)
//! and the *Cross-account use* and *Required permissions* lines of the
//! [API reference](https://docs.aws.amazon.com/kms/latest/APIReference/API_Operations.html).

use self::AccessLevel::{List, PermissionsManagement, Read, Tagging, Write};
use crate::text::{Quoted, did_you_mean};
use crate::wildcard::{Case, Token, matches};

/// An action of KMS: a permission that a policy can allow or deny.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
#[expect(clippy::struct_excessive_bools, reason = "each is a column of AWS's tables")]
pub struct Action {
    /// Spelled as AWS does, with the prefix: `kms:GenerateDataKey`.
    pub name: &'static str,
    /// The access level that AWS gives it.
    pub access: AccessLevel,
    /// What it is authorized for.
    pub on: On,
    /// Whether KMS offers it to callers of other accounts. For any other operation the
    /// permission is ineffective whatever the policies say.
    ///
    /// Source: [Allowing users in other accounts](https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html)
    pub across_accounts: bool,
    /// Whether it is a cryptographic operation.
    pub cryptographic: bool,
    /// The key usage that the operation needs, if it needs one.
    pub usage: Option<Usage>,
    /// Whether a grant can give it.
    pub grantable: bool,
    /// Whether the request may name its key by an alias.
    pub takes_alias: bool,
    index: u8,
}

/// An access level of the service authorization reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccessLevel {
    /// Lists resources.
    List,
    /// Changes who may do what.
    PermissionsManagement,
    /// Reads, without changing anything.
    Read,
    /// Changes tags.
    Tagging,
    /// Everything else, `kms:Decrypt` included.
    Write,
}

/// The resource that an action is authorized for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum On {
    /// An alias (by an IAM policy only) and the key that it names.
    AliasAndKey,
    /// A KMS key.
    Key,
    /// No resource: an IAM policy must allow it on `*`, and no key policy is consulted.
    Nothing,
}

/// A key usage, as in the `KeyUsage` of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Usage {
    /// `ENCAPSULATE_DECAPSULATE`
    EncapsulateDecapsulate,
    /// `ENCRYPT_DECRYPT`
    EncryptDecrypt,
    /// `GENERATE_VERIFY_MAC`
    GenerateVerifyMac,
    /// `KEY_AGREEMENT`
    KeyAgreement,
    /// `SIGN_VERIFY`
    SignVerify,
}

impl Usage {
    /// As KMS spells it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::EncapsulateDecapsulate => "ENCAPSULATE_DECAPSULATE",
            Self::EncryptDecrypt => "ENCRYPT_DECRYPT",
            Self::GenerateVerifyMac => "GENERATE_VERIFY_MAC",
            Self::KeyAgreement => "KEY_AGREEMENT",
            Self::SignVerify => "SIGN_VERIFY",
        }
    }
}

impl Action {
    /// What IAM asks of who creates the first multi-Region key of an account.
    ///
    /// Source: [Multi-Region keys](https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-auth-slr.html)
    pub(crate) const CREATE_SERVICE_LINKED_ROLE: Self =
        action(58, "iam:CreateServiceLinkedRole", Write, On::Nothing);

    /// All actions of KMS, by name.
    #[must_use]
    pub fn all() -> &'static [Self] {
        ACTIONS
    }

    /// The action of that name. Case does not count, and the prefix `kms:` may be left out.
    ///
    /// # Errors
    ///
    /// If KMS has no such action; the message names the nearest that it has.
    ///
    /// Source: [Action](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html)
    pub fn parse(text: &str) -> Result<&'static Self, UnknownAction> {
        let bare = match text.split_once(':') {
            Some((prefix, bare)) if prefix.eq_ignore_ascii_case("kms") => bare,
            Some(_) => return Err(UnknownAction::new(text)),
            None => text,
        };
        ACTIONS
            .iter()
            .find(|action| action.short_name().eq_ignore_ascii_case(bare))
            .ok_or_else(|| UnknownAction::new(text))
    }

    /// The actions whose names fit a pattern of `*` and `?`. Case does not count, and the
    /// prefix may be left out.
    #[must_use]
    pub fn matching(pattern: &str) -> Vec<&'static Self> {
        let is_bare = !pattern.contains(':') && pattern != "*";
        let pattern = if is_bare { format!("kms:{pattern}") } else { pattern.to_owned() };
        fitting(&pattern).filter(|action| action.name.starts_with("kms:")).collect()
    }

    /// The name without its prefix, which is also the name of the API operation
    /// (but for `ReEncryptFrom` and `ReEncryptTo`).
    #[must_use]
    pub fn short_name(&self) -> &'static str {
        self.name.strip_prefix("kms:").unwrap_or(self.name)
    }

    /// Whether the action is authorized for a key, and so by a key policy.
    #[must_use]
    pub fn needs_key(&self) -> bool {
        match self.on {
            On::AliasAndKey | On::Key => true,
            On::Nothing => false,
        }
    }
}

/// The actions whose names fit a pattern of a policy's `Action` element. Case does not count.
fn fitting(pattern: &str) -> impl Iterator<Item = &'static Action> + '_ {
    static FURTHER: Action = Action::CREATE_SERVICE_LINKED_ROLE;
    // A pattern is a name or a prefix but for rare ones, and those compare quickly.
    let wildcard = pattern.find(['*', '?']);
    let all = ACTIONS.iter().chain([&FURTHER]);
    let is_prefix = wildcard.is_some_and(|at| at + 1 == pattern.len() && pattern.ends_with('*'));
    all.filter(move |action| match (wildcard, is_prefix) {
        (None, _) => pattern.eq_ignore_ascii_case(action.name),
        (Some(at), true) => action
            .name
            .get(..at)
            .zip(pattern.get(..at))
            .is_some_and(|(head, prefix)| head.eq_ignore_ascii_case(prefix)),
        (Some(_), false) => matches(pattern.chars().map(Token::of), action.name, Case::Insensitive),
    })
}

/// KMS has no action of that name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected an action of KMS, found {}", Quoted(.text))]
pub struct UnknownAction {
    text: String,
}

impl UnknownAction {
    fn new(text: &str) -> Self {
        Self { text: text.to_owned() }
    }

    /// What may have been meant.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        let bare = self.text.rsplit(':').next().unwrap_or(&self.text);
        match bare.to_ascii_lowercase().as_str() {
            "reencrypt" => Some(
                "the operation ReEncrypt needs two permissions: `kms:ReEncryptFrom` on the source \
                 key and `kms:ReEncryptTo` on the destination key"
                    .into(),
            ),
            _ if self.text.contains(['*', '?']) => {
                Some("name one action; several questions are several actions".into())
            }
            _ if self.text.contains(':') && !self.text.to_ascii_lowercase().starts_with("kms:") => {
                Some(
                    "only actions of KMS are decided here, such as `kms:Decrypt`; what another \
                     service calls for you is asked with `--via`, such as `--via s3:multipart-upload`"
                        .into(),
                )
            }
            _ => did_you_mean(&format!("kms:{bare}"), ACTIONS.iter().map(|action| action.name)),
        }
    }
}

/// A set of actions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ActionSet(u64);

impl ActionSet {
    pub(crate) fn contains(self, action: &Action) -> bool {
        self.0 >> action.index & 1 == 1
    }

    pub(crate) fn of(action: &Action) -> Self {
        Self(1 << action.index)
    }

    /// Every action of KMS that is not in the set.
    pub(crate) fn complement(self) -> Self {
        Self(!self.0)
    }

    /// The actions that a pattern of a policy's `Action` element covers.
    pub(crate) fn covered_by(pattern: &str) -> Self {
        Self(fitting(pattern).fold(0, |bits, action| bits | 1 << action.index))
    }

    pub(crate) fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(crate) fn difference(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    pub(crate) fn is_empty(self) -> bool {
        self.0 == 0
    }
}

const fn action(index: u8, name: &'static str, access: AccessLevel, on: On) -> Action {
    Action {
        name,
        access,
        on,
        across_accounts: false,
        cryptographic: false,
        usage: None,
        grantable: false,
        takes_alias: false,
        index,
    }
}

impl Action {
    const fn across_accounts(self) -> Self {
        Self { across_accounts: true, ..self }
    }

    const fn cryptographic(self, usage: Option<Usage>) -> Self {
        Self { cryptographic: true, usage, ..self }
    }

    const fn grantable(self) -> Self {
        Self { grantable: true, ..self }
    }

    const fn takes_alias(self) -> Self {
        Self { takes_alias: true, ..self }
    }
}

#[rustfmt::skip]
const ACTIONS: &[Action] = &[
    action(0, "kms:CancelKeyDeletion", Write, On::Key),
    action(1, "kms:ConnectCustomKeyStore", Write, On::Nothing),
    action(2, "kms:CreateAlias", Write, On::AliasAndKey),
    action(3, "kms:CreateCustomKeyStore", Write, On::Nothing),
    action(4, "kms:CreateGrant", PermissionsManagement, On::Key).across_accounts().grantable(),
    action(5, "kms:CreateKey", Write, On::Nothing),
    action(6, "kms:Decapsulate", Write, On::Key).across_accounts().cryptographic(Some(Usage::EncapsulateDecapsulate)).grantable().takes_alias(),
    action(7, "kms:Decrypt", Write, On::Key).across_accounts().cryptographic(Some(Usage::EncryptDecrypt)).grantable().takes_alias(),
    action(8, "kms:DeleteAlias", Write, On::AliasAndKey),
    action(9, "kms:DeleteCustomKeyStore", Write, On::Nothing),
    action(10, "kms:DeleteImportedKeyMaterial", Write, On::Key),
    action(11, "kms:DeriveSharedSecret", Write, On::Key).across_accounts().cryptographic(Some(Usage::KeyAgreement)).grantable().takes_alias(),
    action(12, "kms:DescribeCustomKeyStores", Read, On::Nothing),
    action(13, "kms:DescribeKey", Read, On::Key).across_accounts().grantable().takes_alias(),
    action(14, "kms:DisableKey", Write, On::Key),
    action(15, "kms:DisableKeyRotation", Write, On::Key),
    action(16, "kms:DisconnectCustomKeyStore", Write, On::Nothing),
    action(17, "kms:EnableKey", Write, On::Key),
    action(18, "kms:EnableKeyRotation", Write, On::Key),
    action(19, "kms:Encapsulate", Write, On::Key).across_accounts().cryptographic(Some(Usage::EncapsulateDecapsulate)).grantable().takes_alias(),
    action(20, "kms:Encrypt", Write, On::Key).across_accounts().cryptographic(Some(Usage::EncryptDecrypt)).grantable().takes_alias(),
    action(21, "kms:GenerateDataKey", Write, On::Key).across_accounts().cryptographic(Some(Usage::EncryptDecrypt)).grantable().takes_alias(),
    action(22, "kms:GenerateDataKeyPair", Write, On::Key).across_accounts().cryptographic(Some(Usage::EncryptDecrypt)).grantable().takes_alias(),
    action(23, "kms:GenerateDataKeyPairWithoutPlaintext", Write, On::Key).across_accounts().cryptographic(Some(Usage::EncryptDecrypt)).grantable().takes_alias(),
    action(24, "kms:GenerateDataKeyWithoutPlaintext", Write, On::Key).across_accounts().cryptographic(Some(Usage::EncryptDecrypt)).grantable().takes_alias(),
    action(25, "kms:GenerateMac", Write, On::Key).across_accounts().cryptographic(Some(Usage::GenerateVerifyMac)).grantable().takes_alias(),
    action(26, "kms:GenerateRandom", Write, On::Nothing).cryptographic(None),
    action(27, "kms:GetKeyLastUsage", Read, On::Key),
    action(28, "kms:GetKeyPolicy", Read, On::Key),
    action(29, "kms:GetKeyRotationStatus", Read, On::Key).across_accounts(),
    action(30, "kms:GetParametersForImport", Read, On::Key),
    action(31, "kms:GetPublicKey", Read, On::Key).across_accounts().grantable().takes_alias(),
    action(32, "kms:ImportKeyMaterial", Write, On::Key),
    action(33, "kms:ListAliases", List, On::Nothing),
    action(34, "kms:ListGrants", List, On::Key).across_accounts(),
    action(35, "kms:ListKeyPolicies", List, On::Key),
    action(36, "kms:ListKeyRotations", List, On::Key),
    action(37, "kms:ListKeys", List, On::Nothing),
    action(38, "kms:ListResourceTags", List, On::Key),
    action(39, "kms:ListRetirableGrants", List, On::Nothing),
    action(40, "kms:PutKeyPolicy", PermissionsManagement, On::Key),
    action(41, "kms:ReEncryptFrom", Write, On::Key).across_accounts().cryptographic(Some(Usage::EncryptDecrypt)).grantable().takes_alias(),
    action(42, "kms:ReEncryptTo", Write, On::Key).across_accounts().cryptographic(Some(Usage::EncryptDecrypt)).grantable().takes_alias(),
    action(43, "kms:ReplicateKey", Write, On::Key),
    action(44, "kms:RetireGrant", PermissionsManagement, On::Key).across_accounts().grantable(),
    action(45, "kms:RevokeGrant", PermissionsManagement, On::Key).across_accounts(),
    action(46, "kms:RotateKeyOnDemand", Write, On::Key),
    action(47, "kms:ScheduleKeyDeletion", Write, On::Key),
    action(48, "kms:Sign", Write, On::Key).across_accounts().cryptographic(Some(Usage::SignVerify)).grantable().takes_alias(),
    action(49, "kms:SynchronizeMultiRegionKey", Write, On::Key),
    action(50, "kms:TagResource", Tagging, On::Key),
    action(51, "kms:UntagResource", Tagging, On::Key),
    action(52, "kms:UpdateAlias", Write, On::AliasAndKey),
    action(53, "kms:UpdateCustomKeyStore", Write, On::Nothing),
    action(54, "kms:UpdateKeyDescription", Write, On::Key),
    action(55, "kms:UpdatePrimaryRegion", Write, On::Key),
    action(56, "kms:Verify", Write, On::Key).across_accounts().cryptographic(Some(Usage::SignVerify)).grantable().takes_alias(),
    action(57, "kms:VerifyMac", Write, On::Key).across_accounts().cryptographic(Some(Usage::GenerateVerifyMac)).grantable().takes_alias(),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_are_sorted_unique_and_numbered() {
        assert_eq!(ACTIONS.len(), 58);
        assert!(ACTIONS.is_sorted_by(|a, b| a.name < b.name));
        assert!(
            ACTIONS.iter().enumerate().all(|(index, action)| usize::from(action.index) == index)
        );
    }

    #[test]
    fn an_action_is_found_in_any_case_with_or_without_prefix() {
        for text in ["kms:Decrypt", "KMS:decrypt", "decrypt", "Decrypt"] {
            assert_eq!(Action::parse(text).map(|action| action.name), Ok("kms:Decrypt"));
        }
    }

    #[test]
    fn an_unknown_action_suggests_a_known_one() {
        let help = |text| Action::parse(text).unwrap_err().help().unwrap_or_default();
        assert_eq!(help("kms:Decript"), "did you mean `kms:Decrypt` or `kms:Encrypt`?");
        assert!(help("s3:GetObject").contains("only actions of KMS"));
        assert!(help("kms:*").contains("one action"));
        assert!(help("kms:ReEncrypt").contains("kms:ReEncryptTo"));
    }

    #[test]
    fn grant_operations_and_cross_account_operations_have_their_documented_number() {
        assert_eq!(ACTIONS.iter().filter(|action| action.grantable).count(), 19);
        assert_eq!(ACTIONS.iter().filter(|action| action.across_accounts).count(), 22);
    }
}
