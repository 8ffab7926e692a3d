use std::collections::HashMap;
use std::ops::Deref;

use super::Grant;
use crate::document::Place;
use crate::request::{Caller, Identity};

/// The grants of a key, found by whom they are for: a key can have 50,000.
///
/// Source: [Resource quotas](https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html)
#[derive(Clone, Debug, Default)]
pub struct GrantList {
    all: Vec<Grant>,
    /// Grants to users, roles and sessions, by the grantee's ARN.
    by_arn: HashMap<String, Vec<usize>>,
    /// All others.
    others: Vec<usize>,
}

impl GrantList {
    /// Adds a grant.
    pub fn push(&mut self, grant: Grant) {
        let index = self.all.len();
        match grant.grantee.arn() {
            Some(arn) => self.by_arn.entry(arn.to_owned()).or_default().push(index),
            None => self.others.push(index),
        }
        self.all.push(Grant { index, ..grant });
    }

    /// Puts each to another place, if there is one for it.
    pub(crate) fn relocate(&mut self, to: impl Fn(&Place) -> Option<Place>) {
        for place in self.all.iter_mut().filter_map(|grant| grant.place.as_mut()) {
            if let Some(moved) = to(place) {
                *place = moved;
            }
        }
    }

    /// The grants whose grantee may be the caller: all but some that it is not.
    pub(crate) fn for_caller(&self, caller: &Caller) -> impl Iterator<Item = &Grant> {
        let issued_by = match &caller.identity {
            Identity::FederatedUser { issued_by, .. } => issued_by.as_deref(),
            Identity::Root
            | Identity::User { .. }
            | Identity::RoleSession { .. }
            | Identity::Service => None,
        };
        let session = caller.session_arn.as_deref().filter(|arn| *arn != caller.arn);
        let arns = [Some(caller.arn.as_str()), session, issued_by].into_iter().flatten();
        let listed = arns.filter_map(|arn| self.by_arn.get(arn)).flatten();
        listed.chain(&self.others).filter_map(|index| self.all.get(*index))
    }
}

impl Deref for GrantList {
    type Target = [Grant];

    fn deref(&self) -> &[Grant] {
        &self.all
    }
}
