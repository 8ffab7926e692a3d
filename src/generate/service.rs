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
use crate::request::{Account, PrincipalName};
use crate::text::{Quoted, did_you_mean};

/// A service that uses the key, as itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceUser {
    principal: String,
    /// What stands before `.amazonaws.com`.
    stem: String,
    known: Option<&'static Known>,
}

/// A service of which is known what it asks of KMS.
#[derive(Debug, PartialEq, Eq)]
struct Known {
    /// The first label of its principal.
    prefix: &'static str,
    scope: Scope,
    actions: &'static [&'static str],
    limit: Limit,
    /// Whether it describes the key too, in calls that the limit does not fit.
    describes: bool,
}

/// Whether a service has a principal in each Region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scope {
    Global,
    Regional,
}

/// What keeps a service to resources of the key's account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Limit {
    /// `aws:SourceAccount`
    SourceAccount,
    /// `aws:SourceArn`
    SourceArn(&'static str),
    /// A pair of the encryption context.
    EncryptionContext(&'static str, &'static str),
    /// Nothing, for this reason.
    None(&'static str),
}

const TO_ENCRYPTED_RESOURCES: &[&str] = &["kms:GenerateDataKey*", "kms:Decrypt"];

/// Source: of each row the page above it.
const KNOWN: &[Known] = &[
    // https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html
    Known {
        prefix: "cloudtrail",
        scope: Scope::Global,
        actions: &["kms:GenerateDataKey*"],
        limit: Limit::SourceArn("arn:{partition}:cloudtrail:*:{account}:trail/*"),
        describes: true,
    },
    // https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
    Known {
        prefix: "cloudwatch",
        scope: Scope::Global,
        actions: TO_ENCRYPTED_RESOURCES,
        limit: Limit::SourceAccount,
        describes: false,
    },
    // https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html: the condition is not
    // supported for EventBridge, whose requests without these keys were also observed.
    Known {
        prefix: "events",
        scope: Scope::Global,
        actions: &["kms:GenerateDataKey*", "kms:Decrypt", "kms:DescribeKey"],
        limit: Limit::None(
            "EventBridge sends neither aws:SourceAccount nor aws:SourceArn for encrypted topics and queues; for an event bus alone, add kms:EncryptionContext:aws:events:event-bus:arn",
        ),
        describes: false,
    },
    // https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
    Known {
        prefix: "logs",
        scope: Scope::Regional,
        actions: &["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*"],
        limit: Limit::EncryptionContext(
            "kms:EncryptionContext:aws:logs:arn",
            "arn:{partition}:logs:{region}:{account}:*",
        ),
        describes: true,
    },
    // https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
    Known {
        prefix: "s3",
        scope: Scope::Global,
        actions: TO_ENCRYPTED_RESOURCES,
        limit: Limit::SourceAccount,
        describes: false,
    },
    // https://docs.aws.amazon.com/kms/latest/developerguide/services-ses.html
    Known {
        prefix: "ses",
        scope: Scope::Global,
        actions: TO_ENCRYPTED_RESOURCES,
        limit: Limit::None(
            "SES documents none for notifications; for received mail alone, add kms:EncryptionContext:aws:ses:source-account",
        ),
        describes: false,
    },
    // https://docs.aws.amazon.com/sns/latest/dg/sns-enable-encryption-for-topic-sqs-queue-subscriptions.html
    Known {
        prefix: "sns",
        scope: Scope::Global,
        actions: TO_ENCRYPTED_RESOURCES,
        limit: Limit::SourceArn("arn:{partition}:sns:*:{account}:*"),
        describes: false,
    },
];

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
        let known = KNOWN.iter().find(|known| known.prefix == prefix);
        match known.map(|known| known.scope) {
            Some(Scope::Regional) if !is_region(rest) => Err(wrong(
                text,
                &format!(
                    "it has a principal in each Region, such as {prefix}.us-east-1.amazonaws.com"
                ),
            )),
            Some(Scope::Global) if !rest.is_empty() => Ok(Self { principal, stem, known: None }),
            Some(_) | None => Ok(Self { principal, stem, known }),
        }
    }

    fn by_prefix(
        text: &str,
        region: Option<&str>,
        partition: Partition,
    ) -> Result<Self, GenerateError> {
        let Some(known) = KNOWN.iter().find(|known| known.prefix == text) else {
            let help = did_you_mean(text, KNOWN.iter().map(|known| known.prefix));
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
            (Scope::Global, _) => known.prefix.to_owned(),
            (Scope::Regional, Some(region)) => format!("{}.{region}", known.prefix),
            (Scope::Regional, None) => {
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
        if !key_type.spec().is_symmetric_encryption() {
            return Err(GenerateError::new(
                Part::Service,
                format!(
                    "expected a symmetric encryption key for {}, found one of the spec `{}`",
                    Quoted(&self.principal),
                    key_type.spec().name
                ),
                "AWS services that encrypt data take only `SYMMETRIC_DEFAULT`",
            ));
        }
        let condition = self.condition(known.limit, account);
        let uses = self.statement("use", known.actions.to_vec(), condition);
        let describes =
            known.describes.then(|| self.statement("describe", vec!["kms:DescribeKey"], None));
        Ok(std::iter::once(uses).chain(describes).collect())
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
    fn services_are_sorted_and_unique() {
        assert!(KNOWN.is_sorted_by(|a, b| a.prefix < b.prefix));
    }

    #[test]
    fn a_service_is_named_in_full_or_by_its_first_label() {
        let table = [
            ("logs", Some("us-east-1"), Ok("logs.us-east-1.amazonaws.com")),
            ("logs", None, Err("say which, `--region us-east-1`")),
            ("logs.amazonaws.com", Some("us-east-1"), Err("logs.us-east-1.amazonaws.com")),
            ("logs.eu-west-1.amazonaws.com", None, Ok("logs.eu-west-1.amazonaws.com")),
            ("logs.cn-north-1.amazonaws.com.cn", None, Ok("logs.cn-north-1.amazonaws.com.cn")),
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
