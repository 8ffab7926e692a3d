//! Key policies, written from a description of who does what with a key.
//!
//! ```
//! use kms_sim::arn::Partition;
//! use kms_sim::generate::{AccountStatement, KeyPolicy, KeyType, Practice, Roles};
//! use kms_sim::request::{Account, PrincipalName};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let account = Account { partition: Partition::Aws, id: "123456789012".parse()? };
//! let policy = KeyPolicy::for_roles(&Roles {
//!     account,
//!     key_type: KeyType::default(),
//!     practice: Practice::RoleSeparation,
//!     admins: vec![PrincipalName::parse("role/DevOpsAdminRole", Some(account))?],
//!     users: vec![PrincipalName::parse("role/WebAppInstanceRole", Some(account))?],
//!     grant_users: vec![],
//!     services: vec![],
//!     account_statement: AccountStatement::Kept,
//! })?;
//! assert_eq!(policy.policy()?.statements().len(), 3);
//! assert!(policy.to_cloudformation()?.contains("Type: AWS::KMS::Key"));
//! # Ok(())
//! # }
//! ```

mod cloudformation;
mod error;
mod key_type;
mod roles;
mod service;
mod statement;
mod terraform;

use serde_json::{Map, Value, json};

pub use self::error::{GenerateError, Part};
pub use self::key_type::{KeyType, KeyTypeNames, Regions};
use self::roles::Written;
pub use self::roles::{AccountStatement, Practice, Roles};
pub use self::service::ServiceUser;
use self::statement::Statement;
pub use self::terraform::Terraform;
use crate::document::InputError;
use crate::policy::{Kind, Policy};
use crate::request::Account;

/// A key policy, ready to be written in any form.
#[derive(Clone, Debug)]
pub struct KeyPolicy {
    key_type: KeyType,
    id: Option<&'static str>,
    statements: Vec<Statement>,
    notes: Vec<String>,
    warnings: Vec<String>,
}

impl KeyPolicy {
    /// The account statement alone, which leaves everything to the account's IAM policies.
    ///
    /// # Errors
    ///
    /// If KMS has no such keys in the account's partition.
    ///
    /// Source: [Default key policy](https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html)
    pub fn for_account(account: Account, key_type: KeyType) -> Result<Self, GenerateError> {
        key_type.check_partition(account.partition)?;
        Ok(Self {
            key_type,
            id: Some("key-default-1"),
            statements: vec![statement::account(account)],
            notes: Vec::new(),
            warnings: Vec::new(),
        })
    }

    /// A statement for each role that somebody has.
    ///
    /// # Errors
    ///
    /// If nobody could change the policy, if administrators are also users, and if somebody is
    /// named who cannot have the role: another account as administrator, a session, a service.
    pub fn for_roles(roles: &Roles) -> Result<Self, GenerateError> {
        let Written { statements, notes, warnings } = roles.write()?;
        let id = match roles.practice {
            Practice::RoleSeparation => None,
            Practice::Console => Some("key-consolepolicy-3"),
        };
        Ok(Self { key_type: roles.key_type, id, statements, notes, warnings })
    }

    /// What else it takes for the policy to do what is meant, in sentences.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// What the policy lets in that one might not expect, in sentences.
    #[must_use]
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// The policy as a JSON value.
    #[must_use]
    pub fn document(&self) -> Value {
        let mut policy = Map::new();
        policy.insert("Version".into(), json!("2012-10-17"));
        if let Some(id) = self.id {
            policy.insert("Id".into(), json!(id));
        }
        let statements = self.statements.iter().map(Statement::value).collect();
        policy.insert("Statement".into(), statements);
        Value::Object(policy)
    }

    /// The policy in JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        format!("{:#}\n", self.document())
    }

    /// The policy as it is evaluated.
    ///
    /// # Errors
    ///
    /// None in practice: what is written is a policy. Its
    /// [warnings](Policy::warnings) say if it is larger than KMS takes.
    pub fn policy(&self) -> Result<Policy, InputError> {
        Policy::from_json("<generated>", &self.to_json(), Kind::Key)
    }

    /// A Terraform or `OpenTofu` configuration of a key with the policy.
    ///
    /// # Errors
    ///
    /// If the key is in a custom key store, or a name cannot stand in a policy data source.
    pub fn to_terraform(&self, style: Terraform) -> Result<String, GenerateError> {
        terraform::write(self, style)
    }

    /// A CloudFormation template, in YAML, of a key with the policy.
    ///
    /// # Errors
    ///
    /// If the key is in a custom key store, where CloudFormation creates none.
    pub fn to_cloudformation(&self) -> Result<String, GenerateError> {
        cloudformation::write(self)
    }

    /// Neither Terraform nor CloudFormation can tell from the policy which store it is.
    fn check_no_custom_key_store(&self) -> Result<(), GenerateError> {
        let origin = self.key_type.origin();
        if !origin.is_custom_key_store() {
            return Ok(());
        }
        Err(GenerateError::new(
            Part::Format,
            format!(
                "expected `json` for a key with the origin `{}`, found another format",
                origin.as_str()
            ),
            "a key in a custom key store is created with the store's id; write the policy in JSON and give it to that key",
        ))
    }
}
