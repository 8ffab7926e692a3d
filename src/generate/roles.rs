//! Who does what with a key, checked before it is written down.

use std::collections::BTreeMap;

use super::statement::{self, Statement};
use super::{GenerateError, KeyType, Part, ServiceUser};
use crate::request::{Account, PrincipalName};
use crate::text::Quoted;

/// Who does what with a key.
#[derive(Clone, Debug)]
pub struct Roles {
    /// The account of the key.
    pub account: Account,
    /// The kind of the key.
    pub key_type: KeyType,
    /// How the work is divided.
    pub practice: Practice,
    /// Who manages the key.
    pub admins: Vec<PrincipalName>,
    /// Who uses it.
    pub users: Vec<PrincipalName>,
    /// Who lets AWS services use it for resources of theirs.
    pub grant_users: Vec<PrincipalName>,
    /// Services that use it as themselves.
    pub services: Vec<ServiceUser>,
    /// Whether the account keeps its access.
    pub account_statement: AccountStatement,
}

/// Whose division of work a policy follows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Practice {
    /// Role separation with few permissions: administrators see the key, change its policy,
    /// create grants and schedule its deletion; users use it.
    #[default]
    RoleSeparation,
    /// What the KMS console writes: administrators have every action that manages the key, and
    /// every user may also let AWS services use it.
    Console,
}

/// Whether the policy has the statement that leaves the key to the account: its IAM policies
/// and its root user.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AccountStatement {
    /// It is the safety net.
    #[default]
    Kept,
    /// Nobody but those who are named can ever change the policy.
    Refused,
}

/// The statements, and what is to be said of them.
pub(super) struct Written {
    pub(super) statements: Vec<Statement>,
    pub(super) notes: Vec<String>,
    pub(super) warnings: Vec<String>,
}

impl Roles {
    pub(super) fn write(&self) -> Result<Written, GenerateError> {
        self.check()?;
        let Self { account, key_type, practice, .. } = *self;
        let admins = unique(self.admins.iter());
        let users = unique(self.users.iter());
        let grant_users = match practice {
            Practice::RoleSeparation => unique(self.grant_users.iter()),
            Practice::Console => unique(self.users.iter().chain(&self.grant_users)),
        };
        let mut statements = Vec::new();
        if self.account_statement == AccountStatement::Kept {
            statements.push(statement::account(account));
        }
        if !admins.is_empty() {
            statements.push(statement::administrators(practice, key_type, &admins));
        }
        if !users.is_empty() {
            statements.push(statement::users(practice, key_type, &users));
        }
        if !grant_users.is_empty() {
            statements.push(statement::grant_users(&grant_users));
        }
        let services = unique(self.services.iter());
        for service in &services {
            statements.extend(service.statements(account, key_type)?);
        }
        number_same_sids(&mut statements);
        Ok(Written {
            statements,
            notes: self
                .notes()
                .into_iter()
                .chain(services.iter().filter_map(ServiceUser::note))
                .collect(),
            warnings: services.iter().filter_map(ServiceUser::warning).collect(),
        })
    }

    fn check(&self) -> Result<(), GenerateError> {
        self.key_type.check_partition(self.account.partition)?;
        self.check_lockout()?;
        for (part, names) in self.lists() {
            names.iter().try_for_each(|name| self.check_name(part, name))?;
        }
        self.check_same_names()?;
        // The console lets one principal be both.
        let is_separate = self.practice == Practice::RoleSeparation;
        let is_both = |admin: &&PrincipalName| is_separate && self.users.contains(admin);
        if let Some(both) = self.admins.iter().find(is_both) {
            return Err(GenerateError::new(
                Part::User,
                format!(
                    "expected administrators and users to be different principals, found {} as both",
                    Quoted(&both.to_string())
                ),
                "that is what role separation is for; `kms-sim policy default` leaves the whole key to IAM policies",
            ));
        }
        Ok(())
    }

    /// The names of the roles of an account are told apart by neither path nor letter case, and
    /// those of its users: of two such names one cannot exist, and KMS refuses the policy.
    ///
    /// Source: [IAM name requirements](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html#reference_iam-quotas-names)
    fn check_same_names(&self) -> Result<(), GenerateError> {
        let mut known: BTreeMap<(bool, Account, String), &PrincipalName> = BTreeMap::new();
        for (part, name) in self
            .lists()
            .into_iter()
            .flat_map(|(part, names)| names.iter().map(move |it| (part, it)))
        {
            let (is_role, account, path) = match name {
                PrincipalName::Role(account, path) => (true, *account, path),
                PrincipalName::User(account, path) => (false, *account, path),
                _ => continue,
            };
            let last = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
            let other = known.insert((is_role, account, last), name);
            if let Some(other) = other.filter(|other| *other != name) {
                let (name, other) = (name.to_string(), other.to_string());
                return Err(GenerateError::new(
                    part,
                    format!(
                        "expected names that differ in more than letter case and path, found {} and {}",
                        Quoted(&other),
                        Quoted(&name)
                    ),
                    "an account cannot have both, and KMS refuses a policy that names one that does not exist",
                ));
            }
        }
        Ok(())
    }

    /// KMS refuses such a policy, too, unless its check is bypassed.
    ///
    /// Source: [PutKeyPolicy](https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html)
    fn check_lockout(&self) -> Result<(), GenerateError> {
        if self.account_statement == AccountStatement::Refused && self.admins.is_empty() {
            return Err(GenerateError::new(
                Part::AccountStatement,
                "expected an administrator or the account statement, found neither",
                "nobody could ever change this key policy again, and KMS refuses it: name an administrator with --admin, or leave out --no-account-statement",
            ));
        }
        let is_alone = self.lists().iter().all(|(_, names)| names.is_empty());
        if is_alone && self.services.is_empty() {
            return Err(GenerateError::new(
                Part::Admin,
                "expected somebody who manages or uses the key, found nobody",
                "name them with --admin and --user; `kms-sim policy default` writes the account statement alone",
            ));
        }
        Ok(())
    }

    fn lists(&self) -> [(Part, &[PrincipalName]); 3] {
        [
            (Part::Admin, &self.admins),
            (Part::User, &self.users),
            (Part::GrantUser, &self.grant_users),
        ]
    }

    fn check_name(&self, part: Part, name: &PrincipalName) -> Result<(), GenerateError> {
        let refuse = |expected: &str, help: &str| {
            let found = Quoted(&name.to_string()).to_string();
            Err(GenerateError::new(part, format!("expected {expected}, found {found}"), help))
        };
        let account = match name {
            PrincipalName::Root(account)
            | PrincipalName::User(account, _)
            | PrincipalName::Role(account, _) => *account,
            PrincipalName::Session { role, .. } => {
                return refuse(
                    "a role, a user or an account",
                    &format!("a session ends; name its role, `role/{role}`"),
                );
            }
            PrincipalName::FederatedUser(..) => {
                return refuse("a role, a user or an account", "a session ends; name its IAM user");
            }
            PrincipalName::Service(_) => {
                return refuse("a role, a user or an account", "services go into --service");
            }
        };
        if account.partition != self.account.partition {
            return refuse(
                &format!("a principal of the partition `{}`", self.account.partition),
                "accounts of other partitions cannot use a key of this one",
            );
        }
        if part == Part::Admin
            && matches!(name, PrincipalName::Role(_, path) if path.starts_with("aws-service-role/"))
        {
            return refuse(
                "an administrator who can sign in",
                "a service-linked role is assumed by its service alone",
            );
        }
        // Source: https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html
        if part == Part::Admin && account != self.account {
            return refuse(
                &format!("an administrator of the account {}", self.account.id),
                "KMS does not let other accounts manage a key, whatever its policy says",
            );
        }
        Ok(())
    }

    fn notes(&self) -> Vec<String> {
        let names = unique(self.lists().into_iter().flat_map(|(_, names)| names));
        let mut notes: Vec<String> = names.iter().filter_map(|name| self.note(name)).collect();
        let is_own_root = |name: &PrincipalName| *name == PrincipalName::Root(self.account);
        if self.account_statement == AccountStatement::Refused
            && !self.admins.iter().any(is_own_root)
        {
            notes.push(
                "without the account statement nobody but the administrators can change this policy, not even the root user; \
                 KMS takes it only from one of them (Terraform or CloudFormation must run as one), and if they are all deleted only AWS Support can help"
                    .into(),
            );
        }
        notes
    }

    fn note(&self, name: &PrincipalName) -> Option<String> {
        let account = name.account()?;
        match name {
            _ if account != self.account => Some(format!(
                "{name} is of another account: an IAM policy there must allow these actions on the key's ARN, too"
            )),
            PrincipalName::Root(_) => Some(format!(
                "{name} is the whole account, and not its root user alone: its IAM policies decide who may"
            )),
            _ => None,
        }
    }
}

/// In the order given, each once.
fn unique<'a, T: Clone + PartialEq + 'a>(all: impl Iterator<Item = &'a T>) -> Vec<T> {
    let mut unique: Vec<T> = Vec::new();
    for item in all {
        if !unique.contains(item) {
            unique.push(item.clone());
        }
    }
    unique
}

/// A service has a principal in each partition, and each Sid is to be there once.
///
/// Source: [Sid](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_sid.html)
fn number_same_sids(statements: &mut [Statement]) {
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    for statement in statements {
        let count = times.entry(statement.sid.clone()).or_default();
        *count += 1;
        if *count > 1 {
            statement.sid = format!("{} {count}", statement.sid);
        }
    }
}
