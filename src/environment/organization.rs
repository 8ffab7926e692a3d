use std::collections::BTreeMap;

use super::Attached;
use crate::arn::AccountId;
use crate::request::Account;

/// The policies attached to one level: the organization's root, a unit, or the account.
pub type Level = Vec<Attached>;

/// An organization, as far as its policies and paths are known.
///
/// Source: [AWS Organizations](https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies.html)
#[derive(Clone, Debug, Default)]
pub struct Organization {
    /// `o-…`, if it is known.
    pub id: Option<String>,
    /// The account that its control policies never limit.
    pub management_account: Option<AccountId>,
    /// Its accounts; others are outside.
    pub accounts: BTreeMap<AccountId, Member>,
}

/// An account of an organization.
#[derive(Clone, Debug, Default)]
pub struct Member {
    /// The root and the units down to the account: `r-…`, `ou-…`.
    pub ou_path: Vec<String>,
    /// The service control policies of every level, from the root down.
    pub service_control_policies: Vec<Level>,
    /// The resource control policies of every level, but for `RCPFullAWSAccess`, which is
    /// attached to each.
    pub resource_control_policies: Vec<Level>,
}

impl Organization {
    /// Whether an account belongs to it.
    #[must_use]
    pub fn has(&self, account: Account) -> bool {
        self.is_management(account) || self.accounts.contains_key(&account.id)
    }

    /// Whether an account is the one that manages the organization.
    #[must_use]
    pub fn is_management(&self, account: Account) -> bool {
        self.management_account == Some(account.id)
    }

    /// An account that control policies may limit: any but the management account.
    ///
    /// Source: [SCPs](https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html),
    /// [RCPs](https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html)
    pub(super) fn limited(&self, account: Account) -> Option<&Member> {
        self.accounts.get(&account.id).filter(|_| !self.is_management(account))
    }

    /// The value of `aws:PrincipalOrgPaths` for an account: `o-…/r-…/ou-…/`.
    ///
    /// Source: [aws:PrincipalOrgPaths](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalorgpaths)
    pub(super) fn path(&self, account: Account) -> Option<String> {
        let member = self.accounts.get(&account.id).filter(|member| !member.ou_path.is_empty())?;
        let id = self.id.as_ref()?;
        Some(format!("{id}/{}/", member.ou_path.join("/")))
    }
}

/// A VPC endpoint for KMS.
#[derive(Clone, Debug, Default)]
pub struct VpcEndpoint {
    /// Its id, if that is known: `vpce-…`.
    pub id: Option<String>,
    /// The VPC that it is in: `vpc-…`.
    pub vpc: Option<String>,
    /// Its policy; none for the one that lets everything pass.
    pub policy: Option<Attached>,
}
