//! From the resources of all stacks to an estate.

use std::collections::{BTreeMap, BTreeSet};

use super::declared::{Declared, Existence};
use super::scope::World;
use super::value::Reason;
use super::{iam, kms, loops, others};
use crate::document::InputError;
use crate::import::{Estate, EstatePolicy};
use crate::request::Account;
use crate::text::Quoted;

/// A user, role or group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Entity {
    Group,
    Role,
    User,
}

impl Entity {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Group => "group",
            Self::Role => "role",
            Self::User => "user",
        }
    }
}

/// The estate, and what is looked up in it while it is built.
#[derive(Debug)]
pub(super) struct Builder<'w, 'a> {
    pub(super) world: &'w World<'a>,
    pub(super) estate: Estate,
    /// The account that short names belong to.
    pub(super) account: Account,
    /// Managed policies by ARN; none for one that says nothing of KMS.
    pub(super) managed: BTreeMap<String, Option<EstatePolicy>>,
    /// The names of the keys, by ARN.
    pub(super) keys: BTreeMap<String, String>,
    /// The ARNs of the aliases.
    pub(super) aliases: BTreeSet<String>,
    /// Users, roles and groups by name, each with its name in the estate.
    pub(super) entities: BTreeMap<(Account, Entity, String), String>,
    /// Why users, roles, groups and managed policies may not be there, by name or ARN.
    pub(super) presumed: BTreeMap<String, Reason>,
}

type Step = fn(&mut Builder<'_, '_>, Declared<'_, '_>, &Existence) -> Result<(), InputError>;

/// What is read of a resource of a type, in the order in which one rests on another.
const STEPS: &[&[(&str, Step)]] = &[
    &[("AWS::KMS::Key", kms::key), ("AWS::IAM::ManagedPolicy", iam::managed_policy)],
    &[
        ("AWS::KMS::ReplicaKey", kms::replica_key),
        ("AWS::IAM::Group", iam::group),
        ("AWS::EC2::VPCEndpoint", others::vpc_endpoint),
    ],
    &[("AWS::IAM::Role", iam::role), ("AWS::IAM::User", iam::user)],
    &[("AWS::KMS::Alias", kms::alias), ("AWS::IAM::UserToGroupAddition", iam::membership)],
    &[
        ("AWS::IAM::Policy", iam::policy),
        ("AWS::IAM::ManagedPolicy", iam::attach_managed),
        ("AWS::IAM::RolePolicy", iam::role_policy),
        ("AWS::IAM::UserPolicy", iam::user_policy),
        ("AWS::IAM::GroupPolicy", iam::group_policy),
        ("AWS::Organizations::Policy", others::organization_policy),
    ],
];

impl Builder<'_, '_> {
    pub(super) fn build(mut self) -> Result<Estate, InputError> {
        for scope in self.world.scopes() {
            others::tell_expansions(&mut self, scope);
        }
        for steps in STEPS {
            for scope in self.world.scopes() {
                for resource in scope.stack.sections.resources.values() {
                    let declared = Declared { scope, resource: *resource };
                    self.take(steps, declared)?;
                }
            }
        }
        for scope in self.world.scopes() {
            loops::leave_open(&mut self, scope);
        }
        let unused: Vec<String> = self.world.unused().map(others::unused).collect();
        self.estate.notes.extend(unused);
        Ok(self.estate)
    }

    fn take(
        &mut self,
        steps: &[(&str, Step)],
        declared: Declared<'_, '_>,
    ) -> Result<(), InputError> {
        let steps = steps.iter().filter(|(kind, _)| *kind == declared.resource.kind);
        for (_, step) in steps {
            match declared.existence()? {
                Existence::Missing => {}
                existence => step(self, declared, &existence)?,
            }
        }
        Ok(())
    }

    /// Says that a resource is taken to exist where that is not known.
    pub(super) fn presume(&mut self, declared: Declared<'_, '_>, existence: &Existence) {
        if let Existence::Unknown(reason) = existence {
            self.estate.notes.push(declared.note(&format!("is taken to be there; {reason}")));
        }
    }
}

impl Existence {
    /// Why it is not known, if so.
    pub(super) fn doubt(&self) -> Option<&Reason> {
        match self {
            Self::Unknown(reason) => Some(reason),
            Self::Exists | Self::Missing => None,
        }
    }
}

impl Builder<'_, '_> {
    /// Why it is not known which of two declarations of a name is there, if it is not: under
    /// conditions that exclude each other both may have it.
    pub(super) fn either(&self, name: &str, existence: &Existence) -> Option<String> {
        let reason = existence.doubt().or_else(|| self.presumed.get(name))?;
        let name = Quoted(name);
        Some(format!("which of the declarations of {name} is there is not known: {reason}"))
    }

    /// Remembers that what has a name may not be there.
    pub(super) fn doubt(&mut self, name: &str, existence: &Existence) {
        if let Some(reason) = existence.doubt() {
            self.presumed.insert(name.to_owned(), reason.clone());
        }
    }
}

/// A policy of a resource that may not be there is not known.
pub(super) fn if_there(policy: EstatePolicy, existence: &Existence) -> EstatePolicy {
    match existence {
        Existence::Unknown(reason) => EstatePolicy::Unknown(reason.to_string()),
        Existence::Exists | Existence::Missing => policy,
    }
}
