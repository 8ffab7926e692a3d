//! What is known of the services that call KMS as themselves.

use super::{By, ServiceOperation};

/// A service of which is known what it asks of KMS.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct KnownService {
    /// The first label of its principal.
    pub(crate) prefix: &'static str,
    pub(crate) scope: ServiceScope,
    pub(crate) actions: &'static [&'static str],
    pub(crate) limit: Limit,
    /// Whether it describes the key too, in calls that the limit does not fit.
    pub(crate) describes: bool,
    /// The only spec of keys that it takes.
    pub(crate) spec: &'static str,
    /// Whether it creates grants for itself.
    pub(crate) grants: bool,
}

impl KnownService {
    /// All of them, by prefix.
    pub(crate) fn all() -> &'static [Self] {
        KNOWN
    }

    /// The service of a principal such as `logs.us-east-1.amazonaws.com`.
    pub(crate) fn of_principal(principal: &str) -> Option<&'static Self> {
        let prefix = principal.split('.').next()?;
        KNOWN.iter().find(|known| known.prefix == prefix)
    }
}

/// Whether a service calls KMS only with the permissions of whoever uses it, and never as itself,
/// as far as its operations are known; by its prefix.
///
/// Source: [Forward access sessions](https://docs.aws.amazon.com/IAM/latest/UserGuide/access_forward_access_sessions.html)
pub(crate) fn calls_for_its_callers_alone(prefix: &str) -> bool {
    let mut calls = ServiceOperation::all()
        .iter()
        .filter(|operation| operation.service == prefix)
        .flat_map(|operation| operation.calls)
        .peekable();
    let is_known_otherwise = KNOWN.iter().any(|known| known.prefix == prefix);
    !is_known_otherwise && calls.peek().is_some() && calls.all(|call| call.by == By::Caller)
}

/// Whether a service has a principal in each Region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ServiceScope {
    Global,
    Regional,
}

/// What keeps a service to resources of the key's account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Limit {
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

/// A service that encrypts data with the key.
const ENCRYPTS: KnownService = KnownService {
    prefix: "",
    scope: ServiceScope::Global,
    actions: &[],
    limit: Limit::SourceAccount,
    describes: false,
    spec: "SYMMETRIC_DEFAULT",
    grants: false,
};

/// Source: of each row the page above it.
const KNOWN: &[KnownService] = &[
    // https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html
    KnownService {
        prefix: "cloudtrail",
        scope: ServiceScope::Global,
        actions: &["kms:GenerateDataKey*"],
        limit: Limit::SourceArn("arn:{partition}:cloudtrail:*:{account}:trail/*"),
        describes: true,
        ..ENCRYPTS
    },
    // https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
    KnownService {
        prefix: "cloudwatch",
        scope: ServiceScope::Global,
        actions: TO_ENCRYPTED_RESOURCES,
        limit: Limit::SourceAccount,
        describes: false,
        ..ENCRYPTS
    },
    // https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/access-control-managing-permissions.html
    KnownService {
        prefix: "dnssec-route53",
        actions: &["kms:DescribeKey", "kms:GetPublicKey", "kms:Sign"],
        spec: "ECC_NIST_P256",
        grants: true,
        ..ENCRYPTS
    },
    // https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html: the condition is not
    // supported for EventBridge, whose requests without these keys were also observed.
    KnownService {
        prefix: "events",
        scope: ServiceScope::Global,
        actions: &["kms:GenerateDataKey*", "kms:Decrypt", "kms:DescribeKey"],
        limit: Limit::None(
            "EventBridge sends neither aws:SourceAccount nor aws:SourceArn for encrypted topics and queues; for an event bus alone, add kms:EncryptionContext:aws:events:event-bus:arn",
        ),
        describes: false,
        ..ENCRYPTS
    },
    // https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
    KnownService {
        prefix: "logs",
        scope: ServiceScope::Regional,
        actions: &["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*"],
        limit: Limit::EncryptionContext(
            "kms:EncryptionContext:aws:logs:arn",
            "arn:{partition}:logs:{region}:{account}:*",
        ),
        describes: true,
        ..ENCRYPTS
    },
    // https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
    KnownService {
        prefix: "s3",
        scope: ServiceScope::Global,
        actions: TO_ENCRYPTED_RESOURCES,
        limit: Limit::SourceAccount,
        describes: false,
        ..ENCRYPTS
    },
    // https://docs.aws.amazon.com/kms/latest/developerguide/services-ses.html
    KnownService {
        prefix: "ses",
        scope: ServiceScope::Global,
        actions: TO_ENCRYPTED_RESOURCES,
        limit: Limit::None(
            "SES documents none for notifications; for received mail alone, add kms:EncryptionContext:aws:ses:source-account",
        ),
        describes: false,
        ..ENCRYPTS
    },
    // https://docs.aws.amazon.com/sns/latest/dg/sns-enable-encryption-for-topic-sqs-queue-subscriptions.html
    KnownService {
        prefix: "sns",
        scope: ServiceScope::Global,
        actions: TO_ENCRYPTED_RESOURCES,
        limit: Limit::SourceArn("arn:{partition}:sns:*:{account}:*"),
        describes: false,
        ..ENCRYPTS
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_are_sorted_and_unique() {
        assert!(KNOWN.is_sorted_by(|a, b| a.prefix < b.prefix));
    }

    #[test]
    fn a_service_calls_as_itself_or_for_its_callers() {
        let table = [("ssm", true), ("logs", false), ("s3", false), ("no-such-service", false)];
        for (prefix, expected) in table {
            assert_eq!(calls_for_its_callers_alone(prefix), expected, "{prefix}");
        }
    }
}
