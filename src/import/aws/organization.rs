use std::cell::RefCell;
use std::collections::HashMap;

use super::owners::Owners;
use super::{path, text};
use crate::arn::AccountId;
use crate::document::{At, InputError, Object};
use crate::import::sniff::{Found, Kind};
use crate::import::{EstateMember, EstateOrganization, EstatePolicy};
use crate::request::Account;
use crate::text::Quoted;

/// The organization, of the tree in a file of its own and the policies that
/// `aws organizations describe-policy` prints:
///
/// ```yaml
/// id: o-exampleorgid
/// management_account: "999999999999"
/// accounts:
///   "123456789012":
///     ou_path: [r-root, ou-prod]
///     service_control_policies: [[p-FullAWSAccess], [p-FullAWSAccess, p-12abcdef]]
///     resource_control_policies: [[p-RCPFullAWSAccess, policies/rcp.json]]
/// ```
///
/// A policy is named by its id or by the path of a file; each inner list is a level, from the
/// root down. Besides come the files that it names.
///
/// Source: [describe-policy](https://docs.aws.amazon.com/cli/latest/reference/organizations/describe-policy.html)
pub(super) fn read(
    found: &[Found],
    account: Option<Account>,
    owners: &Owners,
    notes: &mut Vec<String>,
) -> Result<(Option<EstateOrganization>, Vec<String>), InputError> {
    let described = described(found, account, owners)?;
    let of_kind = |kind: Kind| found.iter().filter(move |it| it.kind == kind);
    let mut policies = HashMap::new();
    for found in of_kind(Kind::OrganizationsPolicy) {
        let policy = found.at().object()?.required("Policy")?.object()?;
        let id = text(policy.required("PolicySummary")?.object()?, "Id")?;
        let document = EstatePolicy::read(policy.required("Content")?, &format!("policy `{id}`"))?;
        policies.insert(id.to_owned(), document.clone());
        policies.insert(found.source().name.clone(), document);
    }
    for found in of_kind(Kind::Policy) {
        let file = &found.source().name;
        let stem = path::names(file).next_back().unwrap_or(file);
        let document = EstatePolicy::read(found.at(), &format!("control policy `{stem}`"))?;
        policies.insert(file.clone(), document);
    }
    let mut trees = of_kind(Kind::OrganizationTree);
    let Some(tree) = trees.next() else {
        if described.is_some() {
            return Ok((described, Vec::new()));
        }
        let unattached = unattached(of_kind(Kind::OrganizationsPolicy), account)?;
        if unattached.is_some() {
            notes.push("there are policies of an organization, and no file organization.yaml that says where they are attached: what they limit is not known".into());
        }
        return Ok((unattached, Vec::new()));
    };
    if let Some(second) = trees.next() {
        let message = format!(
            "expected one tree of an organization, found a second (first {})",
            tree.place()
        );
        return Err(second.at().error(message));
    }
    let folder = path::folder(&tree.source().name);
    let reader = Reader { policies, folder, used: RefCell::default() };
    let mut organization = reader.organization(tree.at().object()?)?;
    for (account, member) in described.into_iter().flat_map(|it| it.accounts) {
        organization.accounts.entry(account).or_insert(member);
    }
    Ok((Some(organization), reader.used.into_inner()))
}

/// What `describe-organization` says: that the caller's account is in an organization, which may
/// limit all of its accounts but the management account, if it has all features.
///
/// Source: [describe-organization](https://docs.aws.amazon.com/cli/latest/reference/organizations/describe-organization.html),
/// [SCPs](https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html),
/// [RCPs](https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html),
/// [feature sets](https://docs.aws.amazon.com/organizations/latest/userguide/orgs_getting-started_concepts.html#feature-set-cb-only)
fn described(
    found: &[Found],
    account: Option<Account>,
    owners: &Owners,
) -> Result<Option<EstateOrganization>, InputError> {
    let mut organization = None;
    for found in found.iter().filter(|it| it.kind == Kind::Organization) {
        let object = found.at().object()?.required("Organization")?.object()?;
        let id = text(object, "Id")?;
        let management = object.optional("MasterAccountId").map(At::parse::<AccountId>);
        let management = management.transpose()?;
        let owner = owners.of(&found.source().name, account).account();
        let organization = organization.get_or_insert_with(|| EstateOrganization {
            id: Some(id.to_owned()),
            management_account: management,
            ..EstateOrganization::default()
        });
        let is_limited =
            object.get("FeatureSet").and_then(At::as_str) != Some("CONSOLIDATED_BILLING");
        if let Some(owner) = owner.filter(|it| Some(it.id) != management && is_limited) {
            organization.accounts.insert(owner.id.to_string(), unknown_member(id, owner.id));
        }
    }
    Ok(organization)
}

/// A member of which nothing says what limits it.
fn unknown_member(id: &str, account: AccountId) -> EstateMember {
    let level = |what: &str, option: &str| {
        vec![vec![EstatePolicy::Unknown(format!(
            "the {what} policies that the organization {id} sets for {account} were not collected: let its management account or a delegated administrator run the script of `kms-sim import aws --print-collector`, or give them with `{option}`"
        ))]]
    };
    EstateMember {
        service_control_policies: level("service control", "--scp"),
        resource_control_policies: level("resource control", "--rcp"),
        ..EstateMember::default()
    }
}

/// An organization of which nothing says where its policies are attached: any may limit the
/// account.
fn unattached<'a>(
    policies: impl Iterator<Item = &'a Found>,
    account: Option<Account>,
) -> Result<Option<EstateOrganization>, InputError> {
    let mut member = EstateMember::default();
    for found in policies {
        let summary = found.at().object()?.required("Policy")?.object()?;
        let summary = summary.required("PolicySummary")?.object()?;
        let id = text(summary, "Id")?;
        let levels = match summary.get("Type").and_then(At::as_str) {
            Some("SERVICE_CONTROL_POLICY") => &mut member.service_control_policies,
            Some("RESOURCE_CONTROL_POLICY") => &mut member.resource_control_policies,
            _ => continue,
        };
        if !["p-FullAWSAccess", "p-RCPFullAWSAccess"].contains(&id) {
            levels.push(vec![EstatePolicy::Unknown(format!(
                "whether {id} is attached above the account is not said: list the levels in a file organization.yaml"
            ))]);
        }
    }
    let is_limited =
        !member.service_control_policies.is_empty() || !member.resource_control_policies.is_empty();
    Ok(account.filter(|_| is_limited).map(|account| EstateOrganization {
        accounts: [(account.id.to_string(), member)].into(),
        ..EstateOrganization::default()
    }))
}

struct Reader<'a> {
    /// By id and by file.
    policies: HashMap<String, EstatePolicy>,
    /// Where the tree is.
    folder: &'a str,
    /// The files that were named.
    used: RefCell<Vec<String>>,
}

impl Reader<'_> {
    fn organization(&self, object: Object<'_>) -> Result<EstateOrganization, InputError> {
        let mut organization = EstateOrganization {
            id: object.optional("id").map(At::string).transpose()?.map(str::to_owned),
            management_account: object
                .optional("management_account")
                .map(At::parse::<AccountId>)
                .transpose()?,
            ..EstateOrganization::default()
        };
        let accounts = object.required("accounts")?.object()?;
        for (name, at) in accounts.members() {
            name.parse::<AccountId>()
                .map_err(|error| accounts.error_at_name(name, error.to_string()))?;
            organization.accounts.insert(name.to_owned(), self.member(at)?);
        }
        Ok(organization)
    }

    fn member(&self, at: At<'_>) -> Result<EstateMember, InputError> {
        if at.is_null() {
            return Ok(EstateMember::default());
        }
        let fields = ["ou_path", "service_control_policies", "resource_control_policies"];
        let object = at.object()?.only(&fields)?;
        let path = object.optional("ou_path").map(At::list).transpose()?;
        let path = path.into_iter().flatten().map(|at| at.string().map(str::to_owned));
        Ok(EstateMember {
            ou_path: path.collect::<Result<_, _>>()?,
            service_control_policies: self.levels(object, "service_control_policies")?,
            resource_control_policies: self.levels(object, "resource_control_policies")?,
        })
    }

    fn levels(
        &self,
        object: Object<'_>,
        field: &str,
    ) -> Result<Vec<Vec<EstatePolicy>>, InputError> {
        let Some(at) = object.optional(field) else { return Ok(Vec::new()) };
        let level = |at: At<'_>| at.list()?.map(|at| self.policy(at)).collect();
        at.list()?.map(level).collect()
    }

    /// By id or path; the policies of AWS itself need no document.
    ///
    /// Source: [Organizations managed policies](https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html)
    fn policy(&self, at: At<'_>) -> Result<EstatePolicy, InputError> {
        if let Some(object) = at.as_object() {
            return match object.get("unknown") {
                Some(reason) => Ok(EstatePolicy::Unknown(reason.string()?.to_owned())),
                None => EstatePolicy::read(at, "control policy"),
            };
        }
        let name = at.string()?;
        match name {
            "FullAWSAccess" | "p-FullAWSAccess" => {
                return Ok(EstatePolicy::BuiltIn("FullAWSAccess"));
            }
            "RCPFullAWSAccess" | "p-RCPFullAWSAccess" => {
                return Ok(EstatePolicy::BuiltIn("RCPFullAWSAccess"));
            }
            _ => {}
        }
        let beside = if self.folder.is_empty() {
            name.to_owned()
        } else {
            format!("{}/{name}", self.folder)
        };
        let known = self.policies.get(name).or_else(|| self.policies.get(&beside));
        match known {
            Some(policy) => {
                self.used.borrow_mut().push(beside);
                Ok(policy.clone())
            }
            None if name.starts_with("p-") => Ok(EstatePolicy::Unknown(format!(
                "the policy {name} was not collected: `aws organizations describe-policy --policy-id {name}`"
            ))),
            None => Err(at.error(format!(
                "expected the id of a policy, or the path of one that is imported with this file, found {}",
                Quoted(name)
            ))),
        }
    }
}
