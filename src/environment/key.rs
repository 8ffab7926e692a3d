use crate::arn::{Arn, is_region};
use crate::request::Account;
use crate::text::Quoted;

use super::{Attached, GrantList, Knowledge, Part};
use crate::kms::{Action, KeySpec, Usage, states};

/// A KMS key. Properties hold KMS's own values.
///
/// Source: [KeyMetadata](https://docs.aws.amazon.com/kms/latest/APIReference/API_KeyMetadata.html)
#[derive(Clone, Debug)]
pub struct Key {
    /// The name it has in the environment.
    pub name: String,
    /// The account that owns it.
    pub account: Account,
    /// Its Region.
    pub region: String,
    /// Whether nothing said the Region, so that the key may be in another.
    pub is_region_assumed: bool,
    /// Its id, the last part of its ARN.
    pub id: String,
    /// Its key policy.
    pub policy: Attached,
    /// Its aliases, each with the prefix `alias/`.
    pub aliases: Vec<String>,
    /// `KeySpec`: `SYMMETRIC_DEFAULT`, `RSA_2048`, …
    pub spec: String,
    /// `KeyUsage`: `ENCRYPT_DECRYPT`, `SIGN_VERIFY`, …
    pub usage: String,
    /// `Origin`: `AWS_KMS`, `EXTERNAL`, …
    pub origin: String,
    /// Who manages it.
    pub manager: Manager,
    /// Whether and how it is a multi-Region key.
    pub multi_region: Option<MultiRegion>,
    /// `KeyState`: `Enabled`, `Disabled`, …; it does not change who is authorized.
    pub state: String,
    /// Its tags.
    pub tags: Vec<(String, String)>,
    /// Its grants.
    pub grants: GrantList,
    /// Whether the properties, aliases and tags are known to be these.
    pub knowledge: Knowledge,
    /// What is known to be not known: the answer is undetermined if it rests on that.
    pub unknown: Vec<Part>,
}

/// Who manages a key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Manager {
    /// An AWS service: the key policy cannot be changed.
    Aws,
    /// The account's owner.
    #[default]
    Customer,
}

/// The kind of a multi-Region key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MultiRegion {
    /// The primary key.
    Primary,
    /// A replica of one.
    Replica,
}

/// A key cannot be what it is said to be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct KeyError(pub(super) String);

impl Key {
    /// A symmetric encryption key with KMS's defaults, named by its ARN.
    ///
    /// # Errors
    ///
    /// If the id is not made of letters, digits and hyphens.
    pub fn new(
        account: Account,
        region: &str,
        id: &str,
        policy: Attached,
    ) -> Result<Self, KeyError> {
        let is_id = !id.is_empty() && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        if !is_id {
            return Err(KeyError(format!(
                "expected a key id of letters, digits and hyphens, found {}",
                Quoted(id)
            )));
        }
        let mut key = Self {
            name: String::new(),
            account,
            region: region.to_owned(),
            is_region_assumed: false,
            id: id.to_owned(),
            policy,
            aliases: Vec::new(),
            spec: "SYMMETRIC_DEFAULT".to_owned(),
            usage: "ENCRYPT_DECRYPT".to_owned(),
            origin: "AWS_KMS".to_owned(),
            manager: Manager::Customer,
            multi_region: None,
            state: "Enabled".to_owned(),
            tags: Vec::new(),
            grants: GrantList::default(),
            knowledge: Knowledge::Described,
            unknown: Vec::new(),
        };
        key.name = key.arn();
        Ok(key)
    }

    /// Account, Region and id of a key ARN.
    ///
    /// # Errors
    ///
    /// If the text is not the ARN of a KMS key.
    pub fn parse_arn(text: &str) -> Result<(Account, String, String), KeyError> {
        let wrong = || {
            KeyError(format!(
                "expected a key ARN (`arn:aws:kms:REGION:ACCOUNT:key/ID`), found {}",
                Quoted(text)
            ))
        };
        let arn = Arn::parse(text).map_err(|error| KeyError(error.to_string()))?;
        let account = arn.account_id().map_err(|error| KeyError(error.to_string()))?;
        match (arn.service, arn.resource.strip_prefix("key/")) {
            ("kms", Some(id))
                if is_region(arn.region) && !id.contains(['/', '*', '?']) && !id.is_empty() =>
            {
                Ok((
                    Account { partition: arn.partition, id: account },
                    arn.region.to_owned(),
                    id.to_owned(),
                ))
            }
            _ => Err(wrong()),
        }
    }

    /// Whether a text is the name of an alias: `alias/` and letters, digits or `:/_-`.
    ///
    /// Source: [CreateAlias](https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html)
    #[must_use]
    pub fn is_alias(text: &str) -> bool {
        let is_part = |c: char| c.is_ascii_alphanumeric() || ":/_-".contains(c);
        text.strip_prefix("alias/")
            .is_some_and(|name| !name.is_empty() && name.chars().all(is_part))
    }

    /// `arn:PARTITION:kms:REGION:ACCOUNT:key/ID`
    #[must_use]
    pub fn arn(&self) -> String {
        self.arn_of(&format!("key/{}", self.id))
    }

    /// The ARN of one of its aliases.
    #[must_use]
    pub fn alias_arn(&self, alias: &str) -> String {
        self.arn_of(alias)
    }

    fn arn_of(&self, resource: &str) -> String {
        let Account { partition, id } = self.account;
        format!("arn:{partition}:kms:{}:{id}:{resource}", self.region)
    }

    /// Whether a key of this kind has the operation at all: by its usage, and data keys for
    /// symmetric keys only, public keys for asymmetric ones.
    ///
    /// Source: [Key type reference](https://docs.aws.amazon.com/kms/latest/developerguide/symm-asymm-compare.html)
    #[must_use]
    pub fn supports(&self, action: &Action) -> bool {
        let is_symmetric = self.spec == "SYMMETRIC_DEFAULT";
        let has_public_key = !is_symmetric && !self.spec.starts_with("HMAC_");
        match (action.short_name(), action.usage) {
            ("GetPublicKey", _) => has_public_key,
            (name, Some(Usage::EncryptDecrypt)) if name.starts_with("GenerateDataKey") => {
                is_symmetric && self.usage == Usage::EncryptDecrypt.as_str()
            }
            (_, Some(usage)) => self.usage == usage.as_str(),
            (_, None) => true,
        }
    }

    /// KMS's error for an authorized caller of the action: the key is of another usage, or in
    /// a state that does not let it; none if the call works.
    ///
    /// Source: [Key states](https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html),
    /// [Encrypt, errors](https://docs.aws.amazon.com/kms/latest/APIReference/API_Encrypt.html#API_Encrypt_Errors)
    #[must_use]
    pub fn error_for(&self, action: &Action) -> Option<String> {
        if states::always_works(action, &self.state) && self.supports(action) {
            return None;
        }
        let arn = self.arn();
        let key = states::Met { arn: &arn, state: &self.state, origin: &self.origin };
        states::error(action, key).or_else(|| {
            (!self.supports(action)).then(|| match action.short_name() {
                "GetPublicKey" => format!(
                    "UnsupportedOperationException: {arn} is a {} key and has no public key.",
                    self.spec
                ),
                _ => format!(
                    "InvalidKeyUsageException: {arn} key usage is {} which is not valid for {}.",
                    self.usage,
                    action.short_name()
                ),
            })
        })
    }

    /// The other exception by which KMS may fail the call for the same reason.
    pub(crate) fn other_exception_for(&self, action: &Action) -> Option<&'static str> {
        states::other_exception(action, &self.state)
    }

    /// Whether KMS makes keys of its spec for its usage.
    ///
    /// Source: [CreateKey](https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html#KMS-CreateKey-request-KeyUsage)
    #[must_use]
    pub fn has_usual_usage(&self) -> bool {
        let is_its = |usage: &Usage| usage.as_str() == self.usage;
        KeySpec::find(&self.spec).is_none_or(|spec| spec.usages.iter().any(is_its))
    }

    /// Whether KMS could have issued the id: a UUID, or `mrk-` and 32 hexadecimal digits.
    ///
    /// Source: [Key identifiers](https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#key-id)
    #[must_use]
    pub fn has_usual_id(&self) -> bool {
        let is_hex = |text: &str, length| {
            text.len() == length && text.bytes().all(|byte| byte.is_ascii_hexdigit())
        };
        if let Some(rest) = self.id.strip_prefix("mrk-") {
            return is_hex(rest, 32);
        }
        let groups: Vec<&str> = self.id.split('-').collect();
        groups.len() == 5
            && groups.iter().zip([8, 4, 4, 4, 12]).all(|(group, length)| is_hex(group, length))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_arn_is_taken_apart_and_put_together() {
        let text =
            "arn:aws-cn:kms:cn-north-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";
        let (account, region, id) = Key::parse_arn(text).unwrap();
        let key = Key::new(account, &region, &id, Attached::Unknown("test".into())).unwrap();
        assert_eq!(key.arn(), text);
        assert!(key.has_usual_id());
        for text in [
            "arn:aws:kms:us-east-1:123456789012:alias/x",
            "arn:aws:kms:us-east-1:123456789012:key/*",
            "arn:aws:kms:us-east-1:123456789012:key/",
            "arn:aws:kms::123456789012:key/x",
            "arn:aws:iam::123456789012:role/x",
            "arn:aws:kms:us-east-1:1234:key/x",
            "key/x",
        ] {
            assert!(Key::parse_arn(text).is_err(), "{text}");
        }
    }
}
