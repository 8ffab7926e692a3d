use crate::document::InputError;
use crate::policy::{Kind, Policy};
use crate::request::Account;
use crate::text::{Quoted, did_you_mean};

const FULL_ACCESS: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]
}"#;

/// What is attached to a VPC endpoint unless something else is, and what `RCPFullAWSAccess` says.
///
/// Source: [Endpoint policies](https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html),
/// [RCPs](https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html)
const FULL_ACCESS_FOR_EVERYONE: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]
}"#;

/// The policy that `CreateKey` gives a key if none is sent: the account, for everything.
///
/// Source: [Default key policy](https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html)
///
/// # Errors
///
/// None in practice: the text is a policy.
pub fn default_key_policy(account: Account) -> Result<Policy, InputError> {
    let Account { partition, id } = account;
    let text = format!(
        r#"{{
  "Version": "2012-10-17",
  "Statement": [
    {{
      "Sid": "Enable IAM policies",
      "Effect": "Allow",
      "Principal": {{"AWS": "arn:{partition}:iam::{id}:root"}},
      "Action": "kms:*",
      "Resource": "*"
    }}
  ]
}}"#
    );
    Policy::from_json("default-key-policy", &text, Kind::Key)
}

/// The policy of an AWS managed key: everybody in the account, through the service that
/// the alias `alias/aws/SERVICE` names.
///
/// Source: [DynamoDB](https://docs.aws.amazon.com/kms/latest/developerguide/services-dynamodb.html);
/// AWS publishes the policies of other services only in part, so they are taken to be alike.
pub(super) fn aws_managed_key_policy(
    account: Account,
    region: &str,
    service: &str,
) -> Result<Policy, InputError> {
    let Account { partition, id } = account;
    // The alias of the key for EBS is alias/aws/ebs, and the service that calls is ec2.
    let service = if service == "ebs" { "ec2" } else { service };
    let text = format!(
        r#"{{
  "Version": "2012-10-17",
  "Statement": [
    {{
      "Sid": "Allow access through the service for all principals in the account",
      "Effect": "Allow",
      "Principal": {{"AWS": "*"}},
      "Action": ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:CreateGrant", "kms:DescribeKey"],
      "Resource": "*",
      "Condition": {{"StringEquals": {{
        "kms:CallerAccount": "{id}",
        "kms:ViaService": "{service}.{region}.amazonaws.com"
      }}}}
    }},
    {{
      "Sid": "Allow direct access to key metadata to the account",
      "Effect": "Allow",
      "Principal": {{"AWS": "arn:{partition}:iam::{id}:root"}},
      "Action": ["kms:Describe*", "kms:Get*", "kms:List*", "kms:RevokeGrant"],
      "Resource": "*"
    }}
  ]
}}"#
    );
    Policy::from_json(AWS_MANAGED, &text, Kind::Key)
}

const AWS_MANAGED: &str = "aws-managed-key-policy";

/// Whether a policy is one that AWS writes and no file holds.
pub(crate) fn is_of_aws(policy: &Policy) -> bool {
    let name = policy.name();
    is_builtin(&name) || name == AWS_MANAGED
}

/// A policy that has a name in environment files.
///
/// # Errors
///
/// If the name is not that of a built-in policy of this kind, or there is no account for the one
/// that names it; the message says what was expected.
pub fn builtin_policy(name: &str, kind: Kind, account: Option<Account>) -> Result<Policy, String> {
    let known = match kind {
        Kind::Key => "default-key-policy",
        Kind::ResourceControl => "RCPFullAWSAccess",
        Kind::Identity
        | Kind::PermissionsBoundary
        | Kind::ServiceControl
        | Kind::Session
        | Kind::VpcEndpoint => "FullAWSAccess",
    };
    let policy = match kind {
        _ if name != known => return Err(not_builtin(name, known)),
        Kind::Key => default_key_policy(
            account.ok_or("expected `account` in the file for a built-in policy, found none")?,
        ),
        Kind::ResourceControl | Kind::VpcEndpoint => {
            Policy::from_json(name, FULL_ACCESS_FOR_EVERYONE, kind)
        }
        Kind::Identity | Kind::PermissionsBoundary | Kind::ServiceControl | Kind::Session => {
            Policy::from_json(name, FULL_ACCESS, kind)
        }
    };
    policy.map_err(|error| error.to_string())
}

fn not_builtin(name: &str, known: &str) -> String {
    let help = did_you_mean(name, [known]).unwrap_or_default();
    format!("expected a file or `{known}`, found {} {help}", Quoted(name)).trim_end().to_owned()
}

/// The names of the built-in policies.
pub(crate) const BUILTIN: [&str; 3] = ["FullAWSAccess", "RCPFullAWSAccess", "default-key-policy"];

/// Whether a text names a built-in policy, of whatever kind.
pub(super) fn is_builtin(name: &str) -> bool {
    BUILTIN.contains(&name)
}
