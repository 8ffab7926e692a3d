//! The statements of key policies, one place for each.

use serde_json::{Map, Value, json};

use super::{KeyType, Practice, Regions};
use crate::kms::{Origin, Usage};
use crate::request::{Account, PrincipalName};

/// A statement that allows something on the key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Statement {
    pub(super) sid: String,
    pub(super) principal: Who,
    pub(super) actions: Vec<&'static str>,
    pub(super) condition: Option<Condition>,
}

/// Whom a statement concerns: at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Who {
    Aws(Vec<PrincipalName>),
    Service(String),
}

/// What must hold for a request, besides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Condition {
    pub(super) operator: &'static str,
    pub(super) key: &'static str,
    pub(super) value: String,
}

impl Who {
    /// The name of the member of `Principal`.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Aws(_) => "AWS",
            Self::Service(_) => "Service",
        }
    }

    pub(super) fn names(&self) -> Vec<String> {
        match self {
            Self::Aws(names) => names.iter().map(ToString::to_string).collect(),
            Self::Service(name) => vec![name.clone()],
        }
    }
}

impl Statement {
    /// As it stands in the policy.
    pub(super) fn value(&self) -> Value {
        let mut statement = Map::new();
        statement.insert("Sid".into(), json!(self.sid));
        statement.insert("Effect".into(), json!("Allow"));
        statement.insert(
            "Principal".into(),
            json!({self.principal.kind(): one_or_many(&self.principal.names())}),
        );
        statement.insert("Action".into(), one_or_many(&self.actions));
        statement.insert("Resource".into(), json!("*"));
        if let Some(Condition { operator, key, value }) = &self.condition {
            statement.insert("Condition".into(), json!({*operator: {*key: value}}));
        }
        Value::Object(statement)
    }
}

/// A list of one is written as the one.
fn one_or_many<T: AsRef<str>>(texts: &[T]) -> Value {
    match texts {
        [only] => json!(only.as_ref()),
        several => several.iter().map(|text| json!(text.as_ref())).collect(),
    }
}

/// Leaves every action to the IAM policies of the account, and to its root user: the way back
/// in when every other statement is wrong.
///
/// Source: [Account access](https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html#key-policy-default-allow-root-enable-iam)
pub(super) fn account(account: Account) -> Statement {
    Statement {
        sid: "Enable IAM User Permissions".into(),
        principal: Who::Aws(vec![PrincipalName::Root(account)]),
        actions: vec!["kms:*"],
        condition: None,
    }
}

/// Manage the key and cannot use it. With `kms:PutKeyPolicy` and `kms:CreateGrant` they can
/// give the use of it, to themselves too; such a change is in CloudTrail.
///
/// Source: [Key administrators](https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html#key-policy-default-allow-administrators)
pub(super) fn administrators(
    practice: Practice,
    key_type: KeyType,
    admins: &[PrincipalName],
) -> Statement {
    let (sid, general) = match practice {
        Practice::RoleSeparation => ("Allow Key Administrators", ROLE_SEPARATION),
        Practice::Console => ("Allow access for Key Administrators", CONSOLE),
    };
    let actions = general.iter().chain(by_type(practice, key_type)).copied().collect();
    Statement { sid: sid.into(), principal: Who::Aws(admins.to_vec()), actions, condition: None }
}

/// The article's list.
const ROLE_SEPARATION: &[&str] = &[
    "kms:Describe*",
    "kms:Get*",
    "kms:List*",
    "kms:PutKeyPolicy",
    "kms:CreateGrant",
    "kms:ScheduleKeyDeletion",
];

/// The console's list; AWS publishes it with wildcards, which cover `kms:PutKeyPolicy`.
const CONSOLE: &[&str] = &[
    "kms:Create*",
    "kms:Describe*",
    "kms:Enable*",
    "kms:List*",
    "kms:Put*",
    "kms:Update*",
    "kms:Revoke*",
    "kms:Disable*",
    "kms:Get*",
    "kms:Delete*",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:ScheduleKeyDeletion",
    "kms:CancelKeyDeletion",
];

/// What managing a key of the kind takes besides: its material, its replicas.
///
/// Source: [Key administrators](https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html#key-policy-default-allow-administrators),
/// [Importing key material](https://docs.aws.amazon.com/kms/latest/developerguide/importing-keys-create-cmk.html),
/// [Multi-Region keys](https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-auth.html)
fn by_type(practice: Practice, key_type: KeyType) -> impl Iterator<Item = &'static &'static str> {
    let rotates = key_type.spec().is_symmetric_encryption();
    let material: &[&str] = match (key_type.origin(), practice) {
        (Origin::External, Practice::RoleSeparation) => {
            &["kms:ImportKeyMaterial", "kms:DeleteImportedKeyMaterial"]
        }
        (Origin::External, Practice::Console) if rotates => {
            &["kms:ImportKeyMaterial", "kms:RotateKeyOnDemand"]
        }
        (Origin::External, Practice::Console) => &["kms:ImportKeyMaterial"],
        (Origin::AwsKms, Practice::Console) if rotates => &["kms:RotateKeyOnDemand"],
        (Origin::AwsCloudHsm | Origin::AwsKms | Origin::ExternalKeyStore, _) => &[],
    };
    let replicas: &[&str] = match key_type.regions() {
        Regions::Single => &[],
        Regions::Multi => &["kms:ReplicateKey", "kms:UpdatePrimaryRegion"],
    };
    material.iter().chain(replicas)
}

/// Use the key for what it is made for, and look at it.
///
/// Source: [Key users](https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html#key-policy-users-crypto)
pub(super) fn users(practice: Practice, key_type: KeyType, users: &[PrincipalName]) -> Statement {
    let sid = match practice {
        Practice::RoleSeparation => "Allow Key Users",
        Practice::Console => "Allow use of the key",
    };
    Statement {
        sid: sid.into(),
        principal: Who::Aws(users.to_vec()),
        actions: use_of(key_type).to_vec(),
        condition: None,
    }
}

/// The actions of who uses a key of the kind.
///
/// Source: [Key users](https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html#key-policy-users-crypto);
/// for key agreement and ML-KEM keys the cryptographic operations of their
/// [kind](https://docs.aws.amazon.com/kms/latest/developerguide/symm-asymm-compare.html)
pub(super) fn use_of(key_type: KeyType) -> &'static [&'static str] {
    match key_type.usage() {
        Usage::EncryptDecrypt if key_type.spec().has_public_key() => {
            &["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:DescribeKey", "kms:GetPublicKey"]
        }
        Usage::EncryptDecrypt => &[
            "kms:Encrypt",
            "kms:Decrypt",
            "kms:ReEncrypt*",
            "kms:GenerateDataKey*",
            "kms:DescribeKey",
        ],
        Usage::SignVerify => &["kms:DescribeKey", "kms:GetPublicKey", "kms:Sign", "kms:Verify"],
        Usage::GenerateVerifyMac => &["kms:DescribeKey", "kms:GenerateMac", "kms:VerifyMac"],
        Usage::KeyAgreement => &["kms:DescribeKey", "kms:GetPublicKey", "kms:DeriveSharedSecret"],
        Usage::EncapsulateDecapsulate => {
            &["kms:DescribeKey", "kms:GetPublicKey", "kms:Encapsulate", "kms:Decapsulate"]
        }
    }
}

/// Let AWS services use the key for resources of theirs, by grants that the services create
/// with the users' permission: volumes, databases, file systems.
///
/// Source: [Key users and AWS services](https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html#key-policy-service-integration)
pub(super) fn grant_users(users: &[PrincipalName]) -> Statement {
    Statement {
        sid: "Allow attachment of persistent resources".into(),
        principal: Who::Aws(users.to_vec()),
        actions: vec!["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"],
        condition: Some(Condition {
            operator: "Bool",
            key: "kms:GrantIsForAWSResource",
            value: "true".into(),
        }),
    }
}
