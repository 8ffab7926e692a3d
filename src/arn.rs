//! ARNs and what they are made of.

use std::fmt;
use std::str::FromStr;

use crate::text::Quoted;

/// An AWS partition: a group of Regions with its own accounts.
///
/// Account numbers of different partitions are different accounts.
///
/// Source: [ARNs](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html)
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Partition {
    /// `aws`: the commercial Regions.
    #[default]
    Aws,
    /// `aws-cn`: China.
    AwsCn,
    /// `aws-eusc`: the European Sovereign Cloud.
    AwsEusc,
    /// `aws-iso`: US Top Secret.
    AwsIso,
    /// `aws-iso-b`: US Secret.
    AwsIsoB,
    /// `aws-iso-e`: isolated Europe.
    AwsIsoE,
    /// `aws-iso-f`: isolated Regions for US intelligence partners.
    AwsIsoF,
    /// `aws-us-gov`: AWS `GovCloud` (US).
    AwsUsGov,
}

impl Partition {
    /// The partition that a Region is in, by its name.
    ///
    /// Source: [Partitions](https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html)
    #[must_use]
    pub fn of_region(region: &str) -> Self {
        let prefixes = [
            ("cn-", Self::AwsCn),
            ("eusc-", Self::AwsEusc),
            ("us-iso-", Self::AwsIso),
            ("us-isob-", Self::AwsIsoB),
            ("eu-isoe-", Self::AwsIsoE),
            ("us-isof-", Self::AwsIsoF),
            ("eu-isof-", Self::AwsIsoF),
            ("us-gov-", Self::AwsUsGov),
        ];
        let found = prefixes.iter().find(|(prefix, _)| region.starts_with(prefix));
        found.map_or(Self::Aws, |(_, partition)| *partition)
    }

    /// All there are.
    pub const ALL: [Self; 8] = [
        Self::Aws,
        Self::AwsCn,
        Self::AwsEusc,
        Self::AwsIso,
        Self::AwsIsoB,
        Self::AwsIsoE,
        Self::AwsIsoF,
        Self::AwsUsGov,
    ];

    /// The partition as it stands in an ARN.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Aws => "aws",
            Self::AwsCn => "aws-cn",
            Self::AwsEusc => "aws-eusc",
            Self::AwsIso => "aws-iso",
            Self::AwsIsoB => "aws-iso-b",
            Self::AwsIsoE => "aws-iso-e",
            Self::AwsIsoF => "aws-iso-f",
            Self::AwsUsGov => "aws-us-gov",
        }
    }
}

impl fmt::Display for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Partition {
    type Err = ParseArnError;

    fn from_str(text: &str) -> Result<Self, ParseArnError> {
        Self::ALL.into_iter().find(|partition| partition.as_str() == text).ok_or_else(|| {
            let known: Vec<&str> = Self::ALL.iter().map(|partition| partition.as_str()).collect();
            ParseArnError(format!(
                "expected a partition ({}), found {}",
                known.join(", "),
                Quoted(text)
            ))
        })
    }
}

/// A twelve-digit AWS account ID. Leading zeros count.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId([u8; 12]);

impl AccountId {
    /// The twelve digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for AccountId {
    type Err = ParseArnError;

    fn from_str(text: &str) -> Result<Self, ParseArnError> {
        match <[u8; 12]>::try_from(text.as_bytes()) {
            Ok(digits) if digits.iter().all(u8::is_ascii_digit) => Ok(Self(digits)),
            _ => Err(ParseArnError(format!(
                "expected a 12-digit account ID, found {}",
                Quoted(text)
            ))),
        }
    }
}

/// An ARN, or a part of one, is not what it should be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ParseArnError(pub(crate) String);

/// The six parts of an ARN, `arn:partition:service:region:account:resource`.
///
/// The resource may itself contain colons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arn<'a> {
    /// `aws`, `aws-cn`, …
    pub partition: Partition,
    /// `kms`, `iam`, `sts`, …
    pub service: &'a str,
    /// Empty for global services.
    pub region: &'a str,
    /// Empty for some resources of some services.
    pub account: &'a str,
    /// `key/…`, `role/…`, …
    pub resource: &'a str,
}

impl<'a> Arn<'a> {
    /// Splits an ARN into its parts.
    ///
    /// # Errors
    ///
    /// If there are fewer than six parts, the first is not `arn`, or the partition is unknown.
    pub fn parse(text: &'a str) -> Result<Self, ParseArnError> {
        let Some(["arn", partition, service, region, account, resource]) = split(text) else {
            return Err(ParseArnError(format!(
                "expected an ARN (`arn:partition:service:region:account:resource`), found {}",
                Quoted(text)
            )));
        };
        Ok(Self { partition: partition.parse()?, service, region, account, resource })
    }

    /// The account, which IAM, STS and KMS ARNs always have.
    ///
    /// # Errors
    ///
    /// If the part is not twelve digits.
    pub fn account_id(&self) -> Result<AccountId, ParseArnError> {
        self.account.parse()
    }
}

/// Whether a text can be the name of a Region: lower-case letters, digits and hyphens.
#[must_use]
pub fn is_region(text: &str) -> bool {
    let is_part = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    !text.is_empty() && text.chars().all(is_part)
}

/// The six colon-separated parts of a text, the sixth with all the colons that remain.
pub(crate) fn split(text: &str) -> Option<[&str; 6]> {
    let mut parts = text.splitn(6, ':');
    let six =
        [parts.next()?, parts.next()?, parts.next()?, parts.next()?, parts.next()?, parts.next()?];
    Some(six)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_has_six_parts_and_the_last_keeps_its_colons() {
        let arn = Arn::parse("arn:aws:logs:us-east-1:123456789012:log-group:x:*").unwrap();
        assert_eq!(arn.resource, "log-group:x:*");
        assert_eq!(arn.account_id().unwrap().as_str(), "123456789012");
    }

    #[test]
    fn what_is_not_an_arn_says_what_was_expected() {
        for text in ["", "arn", "arn:aws:kms:us-east-1:123456789012", "urn:aws:kms:r:a:key/x"] {
            assert!(
                Arn::parse(text).unwrap_err().to_string().starts_with("expected an ARN"),
                "{text}"
            );
        }
        let error = Arn::parse("arn:aws-mars:kms:r:123456789012:key/x").unwrap_err().to_string();
        assert!(error.contains("expected a partition") && error.contains("`aws-mars`"), "{error}");
    }

    #[test]
    fn account_ids_are_text_of_twelve_digits() {
        assert_eq!("001122223333".parse::<AccountId>().unwrap().as_str(), "001122223333");
        for text in ["", "1", "1234567890123", "12345678901a", "１23456789012"] {
            assert!(text.parse::<AccountId>().is_err(), "{text}");
        }
    }
}
