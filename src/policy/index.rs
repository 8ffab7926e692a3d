use std::collections::HashMap;

use super::principal::Principal;
use super::statement::{Scope, Statement};
use crate::request::{Caller, Identity};

/// A policy of this many statements or fewer is faster read than looked up.
const SMALL: usize = 16;

/// The statements that can concern a caller, by whom they name.
///
/// Only an index: a statement that it leaves out does not name the caller.
#[derive(Debug)]
pub(super) struct PrincipalIndex {
    /// Statements that name nothing but users, roles and sessions, by each of their ARNs.
    by_arn: HashMap<Box<str>, Vec<usize>>,
    /// All others.
    others: Vec<usize>,
}

impl PrincipalIndex {
    /// None for a policy that is too small to gain from it.
    pub(super) fn new(statements: &[Statement]) -> Option<Self> {
        if statements.len() <= SMALL {
            return None;
        }
        let mut index = Self { by_arn: HashMap::new(), others: Vec::new() };
        for statement in statements {
            match arns(statement) {
                None => index.others.push(statement.index()),
                Some(arns) => {
                    for arn in arns {
                        index.by_arn.entry(arn).or_default().push(statement.index());
                    }
                }
            }
        }
        Some(index)
    }

    /// Numbers of the statements that may name the caller; one may come twice.
    pub(super) fn candidates<'i>(&'i self, caller: &Caller) -> impl Iterator<Item = usize> + 'i {
        let issued_by = match &caller.identity {
            Identity::FederatedUser { issued_by, .. } => issued_by.as_deref(),
            Identity::Root
            | Identity::User { .. }
            | Identity::RoleSession { .. }
            | Identity::Service => None,
        };
        let listed = |arn: Option<&str>| {
            arn.and_then(|arn| self.by_arn.get(arn)).map_or(&[][..], Vec::as_slice)
        };
        let session = caller.session_arn.as_deref().filter(|arn| *arn != caller.arn);
        let [caller, session, issued_by] =
            [Some(caller.arn.as_str()), session, issued_by].map(listed);
        self.others.iter().chain(caller).chain(session).chain(issued_by).copied()
    }
}

/// The ARNs of a statement that names nothing else.
fn arns(statement: &Statement) -> Option<Vec<Box<str>>> {
    let Some(Scope::Only(principals)) = &statement.principal else {
        return None;
    };
    let arn = |principal: &Principal| match principal {
        Principal::UserOrRole(arn) | Principal::Session(arn) => Some(arn.clone()),
        Principal::Everyone
        | Principal::Account(_)
        | Principal::UniqueId(_)
        | Principal::Service(_)
        | Principal::Federated(_) => None,
    };
    principals.iter().map(arn).collect()
}
