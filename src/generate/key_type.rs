use super::{GenerateError, Part};
use crate::arn::Partition;
use crate::kms::{KeySpec, Origin, Usage};
use crate::text::{Quoted, did_you_mean};

/// The kind of a key, on which depends what can be done with it.
///
/// Source: [Key type reference](https://docs.aws.amazon.com/kms/latest/developerguide/symm-asymm-compare.html)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyType {
    spec: &'static KeySpec,
    usage: Usage,
    origin: Origin,
    regions: Regions,
}

/// Whether a key can have replicas in other Regions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Regions {
    /// It stays in its Region.
    #[default]
    Single,
    /// It is a multi-Region key.
    Multi,
}

/// What the API calls the parts of a kind, each with its default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KeyTypeNames<'a> {
    /// `KeySpec`: `SYMMETRIC_DEFAULT` if left out.
    pub spec: Option<&'a str>,
    /// `KeyUsage`: the one that keys of the spec have, where they have only one.
    pub usage: Option<&'a str>,
    /// `Origin`: `AWS_KMS` if left out.
    pub origin: Option<&'a str>,
    /// Whether it is a multi-Region key.
    pub regions: Regions,
}

impl KeyType {
    /// The kind that has these names.
    ///
    /// # Errors
    ///
    /// If KMS has no such name, or makes no key of these together.
    ///
    /// Source: [CreateKey](https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html)
    pub fn new(names: KeyTypeNames<'_>) -> Result<Self, GenerateError> {
        let spec = spec(names.spec.unwrap_or("SYMMETRIC_DEFAULT"))?;
        let origin = origin(names.origin.unwrap_or("AWS_KMS"))?;
        let usage = usage(spec, names.usage)?;
        let kind = Self { spec, usage, origin, regions: names.regions };
        if origin.is_custom_key_store() && !spec.is_symmetric_encryption() {
            return Err(GenerateError::new(
                Part::KeySpec,
                format!(
                    "expected `SYMMETRIC_DEFAULT` for a key in a custom key store, found `{}`",
                    spec.name
                ),
                "custom key stores hold symmetric encryption keys only",
            ));
        }
        if origin.is_custom_key_store() && names.regions == Regions::Multi {
            return Err(GenerateError::new(
                Part::MultiRegion,
                format!(
                    "expected a single-Region key with the origin `{}`, found a multi-Region key",
                    origin.as_str()
                ),
                "keys in custom key stores have no replicas",
            ));
        }
        Ok(kind)
    }

    /// Its `KeySpec`.
    #[must_use]
    pub fn spec(self) -> &'static KeySpec {
        self.spec
    }

    /// Its `KeyUsage`.
    #[must_use]
    pub fn usage(self) -> Usage {
        self.usage
    }

    /// Its `Origin`.
    #[must_use]
    pub fn origin(self) -> Origin {
        self.origin
    }

    /// Whether it can have replicas.
    #[must_use]
    pub fn regions(self) -> Regions {
        self.regions
    }

    /// Whether KMS makes such keys in a partition: `SM2` keys are for China alone.
    pub(super) fn check_partition(self, partition: Partition) -> Result<(), GenerateError> {
        if self.spec.name != "SM2" || partition == Partition::AwsCn {
            return Ok(());
        }
        Err(GenerateError::new(
            Part::KeySpec,
            format!("expected a key spec of the partition `{partition}`, found `SM2`"),
            "KMS has SM2 keys in the Regions of China only: `--partition aws-cn`",
        ))
    }
}

/// A symmetric encryption key, as `CreateKey` makes it if nothing is said.
impl Default for KeyType {
    fn default() -> Self {
        Self {
            spec: &KeySpec::SYMMETRIC_DEFAULT,
            usage: Usage::EncryptDecrypt,
            origin: Origin::AwsKms,
            regions: Regions::Single,
        }
    }
}

fn spec(name: &str) -> Result<&'static KeySpec, GenerateError> {
    let names: Vec<&str> = KeySpec::all().iter().map(|spec| spec.name).collect();
    KeySpec::find(name).ok_or_else(|| unknown(Part::KeySpec, "a key spec", name, &names))
}

fn origin(name: &str) -> Result<Origin, GenerateError> {
    let names = Origin::ALL.map(Origin::as_str);
    let found = Origin::ALL.into_iter().find(|origin| origin.as_str() == name);
    found.ok_or_else(|| unknown(Part::Origin, "an origin", name, &names))
}

fn usage(spec: &KeySpec, name: Option<&str>) -> Result<Usage, GenerateError> {
    let names: Vec<String> =
        spec.usages.iter().map(|usage| format!("`{}`", usage.as_str())).collect();
    let expected = format!("{} for a key of the spec `{}`", names.join(" or "), spec.name);
    let Some(name) = name else {
        return match spec.usages {
            [only] => Ok(*only),
            _ => Err(GenerateError::new(
                Part::KeyUsage,
                format!("expected {expected}, found none"),
                "a key has one usage, for good: say which",
            )),
        };
    };
    let found = Usage::ALL.into_iter().find(|usage| usage.as_str() == name);
    let found = found.ok_or_else(|| {
        unknown(Part::KeyUsage, "a key usage", name, &Usage::ALL.map(Usage::as_str))
    })?;
    if spec.usages.contains(&found) {
        return Ok(found);
    }
    let other = KeySpec::all().iter().filter(|spec| spec.usages.contains(&found));
    let other: Vec<&str> = other.map(|spec| spec.name).collect();
    Err(GenerateError::new(
        Part::KeyUsage,
        format!("expected {expected}, found `{name}`"),
        format!("keys for {name} have one of the specs {}", other.join(", ")),
    ))
}

fn unknown(part: Part, what: &str, found: &str, known: &[&str]) -> GenerateError {
    let help = did_you_mean(found, known.iter().copied());
    GenerateError::new(
        part,
        format!("expected {what}, found {}", Quoted(found)),
        help.unwrap_or_else(|| format!("KMS has {}", known.join(", "))),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(text: &str) -> Result<String, String> {
        let mut words = text.split(' ').map(|word| (word != "-").then_some(word));
        let mut next = || words.next().unwrap();
        let names = KeyTypeNames {
            spec: next(),
            usage: next(),
            origin: next(),
            regions: if next().is_some() { Regions::Multi } else { Regions::Single },
        };
        let kind = KeyType::new(names).map_err(|error| error.message)?;
        Ok(format!("{} {} {}", kind.spec.name, kind.usage.as_str(), kind.origin.as_str()))
    }

    #[test]
    fn what_is_left_out_is_as_kms_has_it() {
        let table = [
            ("- - - -", "SYMMETRIC_DEFAULT ENCRYPT_DECRYPT AWS_KMS"),
            ("HMAC_256 - - -", "HMAC_256 GENERATE_VERIFY_MAC AWS_KMS"),
            ("ML_KEM_768 - EXTERNAL multi", "ML_KEM_768 ENCAPSULATE_DECAPSULATE EXTERNAL"),
            ("RSA_2048 SIGN_VERIFY - -", "RSA_2048 SIGN_VERIFY AWS_KMS"),
            ("- - AWS_CLOUDHSM -", "SYMMETRIC_DEFAULT ENCRYPT_DECRYPT AWS_CLOUDHSM"),
        ];
        for (text, expected) in table {
            assert_eq!(made(text).as_deref(), Ok(expected), "{text}");
        }
        assert_eq!(KeyType::new(KeyTypeNames::default()), Ok(KeyType::default()));
    }

    #[test]
    fn what_does_not_go_together_is_refused() {
        let table = [
            ("RSA_2048 - - -", "expected `ENCRYPT_DECRYPT` or `SIGN_VERIFY`"),
            ("RSA_2048 KEY_AGREEMENT - -", "found `KEY_AGREEMENT`"),
            (
                "- SIGN_VERIFY - -",
                "expected `ENCRYPT_DECRYPT` for a key of the spec `SYMMETRIC_DEFAULT`",
            ),
            ("RSA_1024 - - -", "expected a key spec, found `RSA_1024`"),
            ("- ENCRYPT - -", "expected a key usage, found `ENCRYPT`"),
            ("- - KMS -", "expected an origin, found `KMS`"),
            ("HMAC_256 - AWS_CLOUDHSM -", "expected `SYMMETRIC_DEFAULT`"),
            ("- - EXTERNAL_KEY_STORE multi", "expected a single-Region key"),
        ];
        for (text, expected) in table {
            let message = made(text).unwrap_err();
            assert!(message.contains(expected), "{text}: {message}");
        }
    }
}
