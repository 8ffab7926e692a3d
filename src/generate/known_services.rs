//! What is known of the services that call KMS as themselves.

/// A service of which is known what it asks of KMS.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Known {
    /// The first label of its principal.
    pub(super) prefix: &'static str,
    pub(super) scope: Scope,
    pub(super) actions: &'static [&'static str],
    pub(super) limit: Limit,
    /// Whether it describes the key too, in calls that the limit does not fit.
    pub(super) describes: bool,
    /// The only spec of keys that it takes.
    pub(super) spec: &'static str,
    /// Whether it creates grants for itself.
    pub(super) grants: bool,
}

/// Whether a service has a principal in each Region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    Global,
    Regional,
}

/// What keeps a service to resources of the key's account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Limit {
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
const ENCRYPTS: Known = Known {
    prefix: "",
    scope: Scope::Global,
    actions: &[],
    limit: Limit::SourceAccount,
    describes: false,
    spec: "SYMMETRIC_DEFAULT",
    grants: false,
};

/// Source: of each row the page above it.
pub(super) const KNOWN: &[Known] = &[
    // https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html
    Known {
        prefix: "cloudtrail",
        scope: Scope::Global,
        actions: &["kms:GenerateDataKey*"],
        limit: Limit::SourceArn("arn:{partition}:cloudtrail:*:{account}:trail/*"),
        describes: true,
        ..ENCRYPTS
    },
    // https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
    Known {
        prefix: "cloudwatch",
        scope: Scope::Global,
        actions: TO_ENCRYPTED_RESOURCES,
        limit: Limit::SourceAccount,
        describes: false,
        ..ENCRYPTS
    },
    // https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/access-control-managing-permissions.html
    Known {
        prefix: "dnssec-route53",
        actions: &["kms:DescribeKey", "kms:GetPublicKey", "kms:Sign"],
        spec: "ECC_NIST_P256",
        grants: true,
        ..ENCRYPTS
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
        ..ENCRYPTS
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
        ..ENCRYPTS
    },
    // https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
    Known {
        prefix: "s3",
        scope: Scope::Global,
        actions: TO_ENCRYPTED_RESOURCES,
        limit: Limit::SourceAccount,
        describes: false,
        ..ENCRYPTS
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
        ..ENCRYPTS
    },
    // https://docs.aws.amazon.com/sns/latest/dg/sns-enable-encryption-for-topic-sqs-queue-subscriptions.html
    Known {
        prefix: "sns",
        scope: Scope::Global,
        actions: TO_ENCRYPTED_RESOURCES,
        limit: Limit::SourceArn("arn:{partition}:sns:*:{account}:*"),
        describes: false,
        ..ENCRYPTS
    },
];
