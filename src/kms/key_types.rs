//! The kinds of keys that KMS makes.
//!
//! Source: [Key type reference](https://docs.aws.amazon.com/kms/latest/developerguide/symm-asymm-compare.html),
//! [CreateKey](https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html)

use super::Usage;

/// A `KeySpec`, and what keys of it can be made for.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct KeySpec {
    /// As KMS spells it: `RSA_2048`.
    pub name: &'static str,
    /// Of these a key has one, for good.
    pub usages: &'static [Usage],
}

impl KeySpec {
    /// That of symmetric encryption keys, the default.
    pub const SYMMETRIC_DEFAULT: Self = spec("SYMMETRIC_DEFAULT", &[Usage::EncryptDecrypt]);

    /// The names of all specs.
    #[expect(clippy::indexing_slicing, reason = "the compiler evaluates it")]
    pub(crate) const NAMES: [&'static str; SPECS.len()] = {
        let mut names = [""; SPECS.len()];
        let mut at = 0;
        while at < SPECS.len() {
            names[at] = SPECS[at].name;
            at += 1;
        }
        names
    };

    /// All specs, by name.
    #[must_use]
    pub fn all() -> &'static [Self] {
        SPECS
    }

    /// The spec of that name.
    #[must_use]
    pub fn find(name: &str) -> Option<&'static Self> {
        SPECS.iter().find(|spec| spec.name == name)
    }

    /// Whether it is that of symmetric encryption keys, which AWS services use.
    #[must_use]
    pub fn is_symmetric_encryption(&self) -> bool {
        *self == Self::SYMMETRIC_DEFAULT
    }

    /// Whether keys of it have a public half.
    #[must_use]
    pub fn has_public_key(&self) -> bool {
        !self.is_symmetric_encryption() && !self.name.starts_with("HMAC_")
    }
}

impl Usage {
    /// All usages, by name.
    pub const ALL: [Self; 5] = [
        Self::EncapsulateDecapsulate,
        Self::EncryptDecrypt,
        Self::GenerateVerifyMac,
        Self::KeyAgreement,
        Self::SignVerify,
    ];

    /// The names of all usages.
    pub(crate) const NAMES: [&'static str; 5] = {
        let [a, b, c, d, e] = Self::ALL;
        [a.as_str(), b.as_str(), c.as_str(), d.as_str(), e.as_str()]
    };
}

/// Where the material of a key comes from, as in its `Origin`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Origin {
    /// `AWS_CLOUDHSM`: a key store in `CloudHSM`.
    AwsCloudHsm,
    /// `AWS_KMS`
    #[default]
    AwsKms,
    /// `EXTERNAL`: it is imported.
    External,
    /// `EXTERNAL_KEY_STORE`: a key manager outside of AWS.
    ExternalKeyStore,
}

impl Origin {
    /// All origins, by name.
    pub const ALL: [Self; 4] =
        [Self::AwsCloudHsm, Self::AwsKms, Self::External, Self::ExternalKeyStore];

    /// The names of all origins.
    pub(crate) const NAMES: [&'static str; 4] = {
        let [a, b, c, d] = Self::ALL;
        [a.as_str(), b.as_str(), c.as_str(), d.as_str()]
    };

    /// As KMS spells it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AwsCloudHsm => "AWS_CLOUDHSM",
            Self::AwsKms => "AWS_KMS",
            Self::External => "EXTERNAL",
            Self::ExternalKeyStore => "EXTERNAL_KEY_STORE",
        }
    }

    /// Whether the material stays in a custom key store.
    #[must_use]
    pub fn is_custom_key_store(self) -> bool {
        match self {
            Self::AwsCloudHsm | Self::ExternalKeyStore => true,
            Self::AwsKms | Self::External => false,
        }
    }
}

const fn spec(name: &'static str, usages: &'static [Usage]) -> KeySpec {
    KeySpec { name, usages }
}

#[rustfmt::skip]
const SPECS: &[KeySpec] = &[
    spec("ECC_NIST_EDWARDS25519", &[Usage::SignVerify]),
    spec("ECC_NIST_P256", &[Usage::SignVerify, Usage::KeyAgreement]),
    spec("ECC_NIST_P384", &[Usage::SignVerify, Usage::KeyAgreement]),
    spec("ECC_NIST_P521", &[Usage::SignVerify, Usage::KeyAgreement]),
    spec("ECC_SECG_P256K1", &[Usage::SignVerify]),
    spec("HMAC_224", &[Usage::GenerateVerifyMac]),
    spec("HMAC_256", &[Usage::GenerateVerifyMac]),
    spec("HMAC_384", &[Usage::GenerateVerifyMac]),
    spec("HMAC_512", &[Usage::GenerateVerifyMac]),
    spec("ML_DSA_44", &[Usage::SignVerify]),
    spec("ML_DSA_65", &[Usage::SignVerify]),
    spec("ML_DSA_87", &[Usage::SignVerify]),
    spec("ML_KEM_1024", &[Usage::EncapsulateDecapsulate]),
    spec("ML_KEM_512", &[Usage::EncapsulateDecapsulate]),
    spec("ML_KEM_768", &[Usage::EncapsulateDecapsulate]),
    spec("RSA_2048", &[Usage::EncryptDecrypt, Usage::SignVerify]),
    spec("RSA_3072", &[Usage::EncryptDecrypt, Usage::SignVerify]),
    spec("RSA_4096", &[Usage::EncryptDecrypt, Usage::SignVerify]),
    spec("SM2", &[Usage::EncryptDecrypt, Usage::SignVerify, Usage::KeyAgreement]),
    KeySpec::SYMMETRIC_DEFAULT,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_sorted_and_unique() {
        assert!(SPECS.is_sorted_by(|a, b| a.name < b.name));
        assert!(Usage::ALL.is_sorted_by(|a, b| a.as_str() < b.as_str()));
        assert!(Origin::ALL.is_sorted_by(|a, b| a.as_str() < b.as_str()));
    }

    #[test]
    fn each_usage_is_one_of_a_spec() {
        for usage in Usage::ALL {
            assert!(SPECS.iter().any(|spec| spec.usages.contains(&usage)), "{usage:?}");
        }
    }
}
