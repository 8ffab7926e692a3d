//! The few names that everything draws from, so that things meet.

/// The account of short names.
pub(crate) const HOME: &str = "111122223333";
/// Another account of the organization.
pub(crate) const PARTNER: &str = "444455556666";
/// The management account.
pub(crate) const MANAGEMENT: &str = "999999999999";

/// Principals as the environment lists them.
pub(crate) const PRINCIPALS: [&str; 10] = [
    "role/Worker",
    "role/ops/Admin",
    "role/aws-service-role/ssm.amazonaws.com/AWSServiceRoleForSSM",
    "user/alice",
    "user/team/bob",
    "arn:aws:iam::444455556666:role/Partner",
    "arn:aws:iam::444455556666:user/carol",
    "arn:aws:iam::777788889999:role/Outsider",
    "arn:aws:iam::999999999999:role/Boss",
    "arn:aws:iam::999999999999:user/chief",
];

/// What a `Principal` element lists.
pub(crate) const LISTED: [&str; 20] = [
    "*",
    "111122223333",
    "arn:aws:iam::111122223333:root",
    "arn:aws:iam::111122223333:role/Worker",
    "arn:aws:sts::111122223333:assumed-role/Worker/night",
    "arn:aws:iam::111122223333:role/ops/Admin",
    "arn:aws:sts::111122223333:assumed-role/Admin/day",
    "arn:aws:iam::111122223333:role/aws-service-role/ssm.amazonaws.com/AWSServiceRoleForSSM",
    "arn:aws:iam::111122223333:user/alice",
    "arn:aws:iam::111122223333:user/team/bob",
    "arn:aws:sts::111122223333:federated-user/kiosk",
    "arn:aws:iam::444455556666:root",
    "444455556666",
    "arn:aws:iam::444455556666:role/Partner",
    "arn:aws:iam::444455556666:user/carol",
    "arn:aws:sts::444455556666:assumed-role/Partner/night",
    "arn:aws:iam::777788889999:role/Outsider",
    "arn:aws:iam::999999999999:root",
    "arn:aws:iam::111122223333:user/nobody",
    "AROADBQP57FF2AEXAMPLE",
];

/// Services that call by themselves.
pub(crate) const SERVICES: [&str; 3] =
    ["logs.us-east-1.amazonaws.com", "cloudtrail.amazonaws.com", "sns.amazonaws.com"];

/// Services that forward a caller's request.
pub(crate) const FORWARDING: [&str; 3] = ["ssm", "s3", "secretsmanager"];

/// Keys as the environment names them.
pub(crate) const KEYS: [&str; 9] =
    ["app", "multi", "replica", "managed", "rsa", "signing", "hmac", "partner", "boss"];

/// Actions that requests and statements favour.
pub(crate) const FAVOURITES: [&str; 8] = [
    "kms:Decrypt",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:DescribeKey",
    "kms:CreateGrant",
    "kms:PutKeyPolicy",
    "kms:CreateKey",
    "kms:ReEncryptFrom",
];
