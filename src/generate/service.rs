//! Services that call KMS as themselves, and how a key policy keeps them to the own account.
//!
//! A service acts for all its customers. A statement for it should hold only for resources of
//! the key's account, or somebody else's could use the key through it (the *confused deputy*).
//! The condition must be one that the service's calls of KMS satisfy: where AWS documents none,
//! the statement has none and a warning says so, since a key that is never sent denies
//! everything.
//!
//! Source: [Confused deputy](https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html),
//! [Permissions for AWS services](https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-services.html)

use super::statement::{Condition, Statement, Who, use_of};
use super::{GenerateError, KeyType, Part};
use crate::arn::{Partition, is_region};
use crate::kms::{KnownService, Limit, ServiceScope, calls_for_its_callers_alone};
use crate::request::{Account, PrincipalName};
use crate::text::{Quoted, did_you_mean};

/// A service that uses the key, as itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceUser {
    principal: String,
    /// What stands before `.amazonaws.com`.
    stem: String,
    known: Option<&'static KnownService>,
}

impl ServiceUser {
    /// A service by its principal (`logs.us-east-1.amazonaws.com`), or a known one by its first
    /// label (`logs`), with the Region where it has a principal in each.
    ///
    /// # Errors
    ///
    /// If it is no service principal, not a known label, or one that the service does not have.
    pub fn parse(
        text: &str,
        region: Option<&str>,
        partition: Partition,
    ) -> Result<Self, GenerateError> {
        if !text.contains('.') {
            return Self::by_prefix(text, region, partition);
        }
        let Ok(PrincipalName::Service(principal)) = PrincipalName::parse(text, None) else {
            return Err(wrong(
                text,
                "a service principal ends in .amazonaws.com; roles and users go into --user",
            ));
        };
        let stem = principal.strip_suffix(".cn").unwrap_or(&principal);
        let stem = stem.strip_suffix(".amazonaws.com").unwrap_or(stem).to_owned();
        let (prefix, rest) = stem.split_once('.').unwrap_or((&stem, ""));
        if text.chars().any(|c| c.is_ascii_uppercase()) {
            return Err(wrong(text, "service principals are in lower case"));
        }
        check_partition(text, &principal, rest, partition)?;
        check_calls_itself(text, prefix)?;
        let known = KnownService::all().iter().find(|known| known.prefix == prefix);
        match known.map(|known| known.scope) {
            Some(ServiceScope::Regional) if !is_region(rest) => Err(wrong(
                text,
                &format!(
                    "it has a principal in each Region, such as {prefix}.us-east-1.amazonaws.com"
                ),
            )),
            Some(_) | None => Ok(Self { principal, stem, known }),
        }
    }

    fn by_prefix(
        text: &str,
        region: Option<&str>,
        partition: Partition,
    ) -> Result<Self, GenerateError> {
        check_calls_itself(text, text)?;
        let Some(known) = KnownService::all().iter().find(|known| known.prefix == text) else {
            let help = did_you_mean(text, KnownService::all().iter().map(|known| known.prefix));
            let help = help.unwrap_or_else(|| "write it in full: SERVICE.amazonaws.com".into());
            return Err(wrong(text, &help));
        };
        if !matches!(partition, Partition::Aws | Partition::AwsUsGov) {
            return Err(wrong(
                text,
                &format!("write it in full, as the service's pages for `{partition}` have it"),
            ));
        }
        let stem = match (known.scope, region) {
            (ServiceScope::Global, _) => known.prefix.to_owned(),
            (ServiceScope::Regional, Some(region)) => {
                check_partition(text, "", region, partition)?;
                format!("{}.{region}", known.prefix)
            }
            (ServiceScope::Regional, None) => {
                return Err(wrong(
                    text,
                    "it has a principal in each Region: say which, `--region us-east-1`",
                ));
            }
        };
        Ok(Self { principal: format!("{stem}.amazonaws.com"), stem, known: Some(known) })
    }

    /// The name that the service calls by.
    #[must_use]
    pub fn principal(&self) -> &str {
        &self.principal
    }

    /// Its statements, for resources of the account.
    pub(super) fn statements(
        &self,
        account: Account,
        key_type: KeyType,
    ) -> Result<Vec<Statement>, GenerateError> {
        let Some(known) = self.known else {
            return Ok(vec![self.statement("use", use_of(key_type).to_vec(), None)]);
        };
        if key_type.spec().name != known.spec {
            return Err(GenerateError::new(
                Part::Service,
                format!(
                    "expected a key of the spec `{}` for {}, found one of the spec `{}`",
                    known.spec,
                    Quoted(&self.principal),
                    key_type.spec().name
                ),
                "AWS services that encrypt data take only `SYMMETRIC_DEFAULT`, and Route 53 signs with `ECC_NIST_P256`",
            ));
        }
        let condition = self.condition(known.limit, account);
        let uses = self.statement("use", known.actions.to_vec(), condition);
        let describes =
            known.describes.then(|| self.statement("describe", vec!["kms:DescribeKey"], None));
        // The grants are for its own resources, as with whatever a service does for a user.
        let grants = known.grants.then(|| {
            let condition = Condition {
                operator: "Bool",
                key: "kms:GrantIsForAWSResource",
                value: "true".into(),
            };
            self.statement("create grants of", vec!["kms:CreateGrant"], Some(condition))
        });
        Ok(std::iter::once(uses).chain(describes).chain(grants).collect())
    }

    fn statement(
        &self,
        verb: &str,
        actions: Vec<&'static str>,
        condition: Option<Condition>,
    ) -> Statement {
        let sid = format!("Allow {} to {verb} the key", self.stem.replace('.', " "));
        Statement { sid, principal: Who::Service(self.principal.clone()), actions, condition }
    }

    fn condition(&self, limit: Limit, account: Account) -> Option<Condition> {
        let region = self.stem.split_once('.').map_or("*", |(_, region)| region);
        let filled = |pattern: &str| {
            pattern
                .replace("{partition}", account.partition.as_str())
                .replace("{region}", region)
                .replace("{account}", account.id.as_str())
        };
        let (operator, key, value) = match limit {
            Limit::SourceAccount => ("StringEquals", "aws:SourceAccount", account.id.to_string()),
            Limit::SourceArn(pattern) => ("ArnLike", "aws:SourceArn", filled(pattern)),
            Limit::EncryptionContext(key, pattern) => ("ArnLike", key, filled(pattern)),
            Limit::None(_) => return None,
        };
        Some(Condition { operator, key, value })
    }

    /// What else the service can need, which is not written unasked.
    ///
    /// Source: [Key policies for CloudTrail](https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html)
    pub(super) fn note(&self) -> Option<String> {
        let is_trail = self.known.is_some_and(|known| known.prefix == "cloudtrail");
        is_trail.then(|| {
            "to create or update a trail to an existing bucket with an S3 Bucket Key, AWS asks for kms:Decrypt as well; who reads the logs needs it in any case".to_owned()
        })
    }

    /// What to know of a statement that does not keep the service to the account.
    pub(super) fn warning(&self) -> Option<String> {
        let reason = match self.known.map(|known| known.limit) {
            Some(Limit::None(reason)) => reason,
            Some(Limit::SourceAccount | Limit::SourceArn(_) | Limit::EncryptionContext(..)) => {
                return None;
            }
            None => {
                "whether it sends aws:SourceAccount is not known here, and if it does not, a condition would deny all its calls"
            }
        };
        Some(format!(
            "the statement for {} has no condition that keeps it to resources of this account: {reason}",
            self.principal
        ))
    }
}

/// A principal of another partition never calls.
fn check_partition(
    text: &str,
    principal: &str,
    rest: &str,
    partition: Partition,
) -> Result<(), GenerateError> {
    let is_of_china = principal.strip_suffix(".cn").is_some() && partition != Partition::AwsCn;
    let is_elsewhere = !rest.is_empty() && Partition::of_region(rest) != partition;
    if !is_of_china && !is_elsewhere {
        return Ok(());
    }
    let help =
        format!("a key of the partition `{partition}` is used by services of its own Regions");
    Err(wrong(text, &help))
}

/// Many services call KMS with the permissions of whoever uses them, never as themselves.
fn check_calls_itself(text: &str, prefix: &str) -> Result<(), GenerateError> {
    if !calls_for_its_callers_alone(prefix) {
        return Ok(());
    }
    Err(wrong(
        text,
        "this service calls KMS with the permissions of its callers: name them with --user, and with --grant-user for what it goes on to do by grants",
    ))
}

fn wrong(text: &str, help: &str) -> GenerateError {
    GenerateError::new(
        Part::Service,
        format!("expected a service principal, found {}", Quoted(text)),
        help,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_is_named_in_full_or_by_its_first_label() {
        let table = [
            ("logs", Some("us-east-1"), Ok("logs.us-east-1.amazonaws.com")),
            ("logs", None, Err("say which, `--region us-east-1`")),
            ("logs.amazonaws.com", Some("us-east-1"), Err("logs.us-east-1.amazonaws.com")),
            ("logs.eu-west-1.amazonaws.com", None, Ok("logs.eu-west-1.amazonaws.com")),
            ("logs.cn-north-1.amazonaws.com.cn", None, Err("of its own Regions")),
            ("logs.us-gov-west-1.amazonaws.com", None, Err("of its own Regions")),
            ("logs", Some("cn-north-1"), Err("of its own Regions")),
            ("ssm", None, Err("--user")),
            ("ssm.amazonaws.com", None, Err("--user")),
            ("SNS.amazonaws.com", None, Err("lower case")),
            ("sns", None, Ok("sns.amazonaws.com")),
            ("dnssec-route53.amazonaws.com", None, Ok("dnssec-route53.amazonaws.com")),
            ("s33", None, Err("did you mean `s3`?")),
            ("role/Web", None, Err("write it in full")),
            ("*.amazonaws.com", None, Err("ends in .amazonaws.com")),
            ("logs.example.com", None, Err("ends in .amazonaws.com")),
        ];
        for (text, region, expected) in table {
            match (ServiceUser::parse(text, region, Partition::Aws), expected) {
                (Ok(service), Ok(expected)) => assert_eq!(service.principal(), expected),
                (Err(error), Err(expected)) => {
                    assert!(error.help.unwrap().contains(expected), "{text}");
                }
                (found, _) => panic!("{text}: {found:?}"),
            }
        }
    }
}
