//! Everything AWS knows besides the request: principals, keys and their policies.

mod applicable;
mod builtin;
mod caller;
mod derive;
mod doubts;
pub mod example;
mod file;
mod given;
mod grant;
mod grantee;
mod key;
mod operation;
mod organization;
mod parameters;
mod part;
mod question;
mod target;

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

pub use self::applicable::{Party, Reach, Request, Stack, Standing};
pub(crate) use self::builtin::{BUILTIN, is_of_aws};
pub use self::builtin::{builtin_policy, default_key_policy};
pub(crate) use self::derive::ADDRESS_OF_A_SERVICE;
pub use self::file::{Files, Loaded, NoFiles, ReadError};
pub(crate) use self::file::{Policies, fields, pairs, read};
pub(crate) use self::grant::GrantFacts;
pub use self::grant::{ConstraintKind, ContextConstraint, Freshness, Grant, GrantList, SourceArn};
pub use self::grantee::Grantee;
pub use self::key::{Key, KeyError, Manager, MultiRegion};
pub use self::operation::Permissions;
pub use self::organization::{Level, Member, Organization, VpcEndpoint};
pub use self::parameters::Parameters;
pub use self::part::Part;
pub(crate) use self::question::Subject;
pub use self::question::{Moment, Question, QuestionError, QuestionPart, Session};
use crate::arn::AccountId;
use crate::document::{Document, InputError};
use crate::policy::Policy;

use crate::request::{Account, PrincipalName, Rules};

/// A policy that is consulted: known, or known to exist.
#[derive(Clone, Debug)]
pub enum Attached {
    /// The policy.
    Policy(Arc<Policy>),
    /// There is a policy whose content is not known, and why.
    Unknown(String),
}

impl Attached {
    /// The policy, if it is known.
    #[must_use]
    pub fn known(&self) -> Option<&Policy> {
        match self {
            Self::Policy(policy) => Some(policy),
            Self::Unknown(_) => None,
        }
    }
}

/// Whether something was described, or is only assumed to be as most are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Knowledge {
    /// What is not said of it is not there: it has no other tags.
    #[default]
    Described,
    /// Nobody said: it may have tags and aliases, and be of another kind.
    Assumed,
}

/// What is known of a user or role.
#[derive(Clone, Debug, Default)]
pub struct Principal {
    /// The unique id: `AIDA…` for a user, `AROA…` for a role.
    pub id: Option<String>,
    /// Inline and managed policies, its own and its groups'.
    pub identity_policies: Vec<Attached>,
    /// The most that its identity policies can allow.
    pub permissions_boundary: Option<Attached>,
    /// Its tags.
    pub tags: Vec<(String, String)>,
    /// Whether these are all its tags.
    pub knowledge: Knowledge,
    /// What is known to be not known: the answer is undetermined if it rests on that.
    pub unknown: Vec<Part>,
}

/// Principals, keys, and the account that short names belong to.
#[derive(Clone, Debug)]
pub struct Environment {
    /// The account of short names.
    pub account: Option<Account>,
    /// The Region of keys and aliases that do not say theirs.
    pub region: String,
    /// The rules of questions that do not say theirs.
    pub rules: Rules,
    /// The organization that accounts belong to, if anything is said of one.
    pub organization: Option<Organization>,
    /// VPC endpoints for KMS, by the names that questions use.
    pub vpc_endpoints: BTreeMap<String, VpcEndpoint>,
    principals: BTreeMap<PrincipalName, Principal>,
    keys: Vec<Key>,
    /// The ARNs, names and aliases of the keys, each with what it is.
    taken: HashSet<String>,
}

impl Environment {
    /// An environment with nothing in it.
    #[must_use]
    pub fn new(account: Option<Account>, region: impl Into<String>) -> Self {
        Self {
            account,
            region: region.into(),
            rules: Rules::Aws,
            organization: None,
            vpc_endpoints: BTreeMap::new(),
            principals: BTreeMap::new(),
            keys: Vec::new(),
            taken: HashSet::new(),
        }
    }

    /// Reads an environment or scenario file; its cases are checked for nothing here.
    ///
    /// `files` finds the policies that it refers to, and `account` stands in where the file
    /// does not say whose its short names are.
    ///
    /// # Errors
    ///
    /// If a field is unknown, missing or of the wrong type, or a policy is not one, with the
    /// place.
    pub fn load(
        document: &Document,
        files: &dyn Files,
        account: Option<AccountId>,
    ) -> Result<Loaded, InputError> {
        read(document.root(), files, account)
    }

    /// Adds a user or role, or replaces what was known of it.
    pub fn add_principal(&mut self, name: PrincipalName, principal: Principal) {
        self.principals.insert(name, principal);
    }

    /// Adds a key.
    ///
    /// # Errors
    ///
    /// If there is a key of the same ARN or name, or one of its aliases names another key.
    pub fn add_key(&mut self, key: Key) -> Result<(), KeyError> {
        let by_alias = |alias: &String| format!("alias of {}", key.alias_arn(alias));
        let arn = key.arn();
        if self.taken.contains(&arn) || self.taken.contains(&format!("name {}", key.name)) {
            return Err(KeyError(format!("expected each key once, found `{arn}` again")));
        }
        let is_taken = |alias: &&String| self.taken.contains(&by_alias(alias));
        if let Some(alias) = key.aliases.iter().find(is_taken) {
            return Err(KeyError(format!(
                "expected each alias on one key, found `{alias}` on two"
            )));
        }
        let aliases: Vec<String> = key.aliases.iter().map(by_alias).collect();
        self.taken.extend(aliases.into_iter().chain([format!("name {}", key.name), arn]));
        self.keys.push(key);
        Ok(())
    }

    /// The users and roles.
    pub fn principals(&self) -> impl Iterator<Item = (&PrincipalName, &Principal)> {
        self.principals.iter()
    }

    /// Whether a user or role is among them.
    #[must_use]
    pub fn has_principal(&self, name: &PrincipalName) -> bool {
        self.principals.contains_key(name)
    }

    /// What is known of a user or role, to change it.
    pub fn principal_mut(&mut self, name: &PrincipalName) -> Option<&mut Principal> {
        self.principals.get_mut(name)
    }

    /// The keys.
    #[must_use]
    pub fn keys(&self) -> &[Key] {
        &self.keys
    }

    /// The keys, to change them.
    pub fn keys_mut(&mut self) -> &mut [Key] {
        &mut self.keys
    }

    /// The user or role whose identity policies count for the principal of a question: the
    /// role behind a session, the user behind a federated user.
    ///
    /// # Errors
    ///
    /// If the principal is none, has no identity policies, or is a session of one of several
    /// roles.
    pub fn holder(&self, question: &Question) -> Result<PrincipalName, QuestionError> {
        caller::holder(self, question)
    }
}
