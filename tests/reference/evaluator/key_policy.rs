//! The policy of the key that is asked for.

use std::borrow::Cow;

use serde_json::{Value, json};

use super::statement::{self, Marks};
use super::text;
use super::world::Key;
use super::{Request, Target};

/// What the key policy says, where it is asked.
pub(crate) fn read(request: &Request<'_>) -> Marks {
    let permission = &request.permission;
    let Some(key) = permission.key.as_ref().filter(|_| permission.target == Target::Key) else {
        return Marks::default();
    };
    if permission.action == "kms:RetireGrant" {
        return Marks::default();
    }
    statement::read(&policy(key), "key-policy", request)
}

/// The key's policy, or the one it has when none is given.
fn policy<'a>(key: &Key<'a>) -> Cow<'a, Value> {
    match &key.row["policy"] {
        Value::Null if key.is_aws_managed() => Cow::Owned(managed(key)),
        Value::Null => Cow::Owned(statement::default_key_policy(&key.account)),
        policy => Cow::Borrowed(policy),
    }
}

/// The policy of the key that AWS manages for the service of the alias.
fn managed(key: &Key<'_>) -> Value {
    let aliases = text::list(&key.row["aliases"]);
    let service = aliases.iter().find_map(|alias| alias.strip_prefix("alias/aws/"));
    // EBS calls as EC2.
    let service = if service == Some("ebs") { Some("ec2") } else { service };
    let host = format!("{}.{}.amazonaws.com", service.unwrap_or_default(), key.region);
    json!({
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": "*"},
                "Action": [
                    "kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*",
                    "kms:CreateGrant", "kms:DescribeKey",
                ],
                "Resource": "*",
                "Condition": {"StringEquals": {
                    "kms:CallerAccount": key.account, "kms:ViaService": host,
                }},
            },
            {
                "Effect": "Allow",
                "Principal": {"AWS": key.account},
                "Action": ["kms:Describe*", "kms:Get*", "kms:List*", "kms:RevokeGrant"],
                "Resource": "*",
            },
        ],
    })
}
