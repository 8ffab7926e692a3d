//! Policies of AWS Organizations and of VPC endpoints.

use std::collections::{BTreeMap, BTreeSet};

use super::invented;
use super::resource::Resource;
use super::scene::Scene;
use super::slot::Knowledge;
use super::wanted::Wanted;
use crate::document::{At, Document, Format, InputError};
use crate::import::{Estate, EstateMember, EstateOrganization, EstatePolicy, EstateVpcEndpoint};
use crate::policy::Kind;
use crate::text::Quoted;

/// The policy that AWS attaches everywhere at first.
const FULL_ACCESS: &str = "p-FullAWSAccess";

/// Policies by what they are attached to.
#[derive(Default)]
struct Controls {
    service: BTreeMap<String, Vec<EstatePolicy>>,
    resource: BTreeMap<String, Vec<EstatePolicy>>,
    /// Where `FullAWSAccess` is said to be attached.
    full: BTreeSet<String>,
}

impl<'a> Scene<'a> {
    /// Adds the VPC endpoints for KMS.
    ///
    /// Source: [aws_vpc_endpoint](https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/vpc_endpoint),
    /// [KMS endpoints](https://docs.aws.amazon.com/kms/latest/developerguide/kms-vpc-endpoint.html)
    pub(super) fn vpc_endpoints(&self, estate: &mut Estate) -> Result<(), InputError> {
        for it in self.world.of_kinds(&["aws_vpc_endpoint"]) {
            let service = self.scalar(it, "service_name").unwrap_or_default();
            let service = service.rsplit('.').next().unwrap_or_default();
            match self.slot(it, "service_name").knowledge() {
                Knowledge::Known(_) if matches!(service, "kms" | "kms-fips") => {}
                Knowledge::Known(_) | Knowledge::Absent => continue,
                Knowledge::Unknown => {
                    self.note(format!(
                        "{} is left out: which service it is for is known after apply",
                        Quoted(&it.address)
                    ));
                    continue;
                }
            }
            let id = self.scalar(it, "id").map(str::to_owned);
            let id = id.unwrap_or_else(|| {
                let id = invented::endpoint_id(&it.address);
                self.note(format!(
                    "{} is called {id} here: its id is known after apply",
                    Quoted(&it.address)
                ));
                id
            });
            let vpc = self.scalar(it, "vpc_id").map(str::to_owned);
            let policy = self.policy(it, "policy")?;
            estate.vpc_endpoints.insert(id, EstateVpcEndpoint { vpc, policy });
        }
        Ok(())
    }

    /// Adds the organization, as far as the document has its tree.
    ///
    /// Source: [aws_organizations_policy](https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/organizations_policy),
    /// [inheritance](https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html)
    pub(super) fn organization(&self, estate: &mut Estate) -> Result<(), InputError> {
        let controls = self.controls()?;
        let mut organization = EstateOrganization::default();
        let kinds = ["aws_organizations_organization", "data.aws_organizations_organization"];
        let mut ids = BTreeSet::new();
        if let Some(it) = self.world.of_kinds(&kinds).next() {
            organization.id = self.scalar(it, "id").map(str::to_owned);
            let management = self.scalar(it, "master_account_id");
            organization.management_account = management.and_then(|id| id.parse().ok());
        }
        for it in self.world.of_kinds(&["aws_organizations_account"]) {
            ids.extend(self.foreseen_id(it));
        }
        ids.extend(self.home.account.map(|account| account.id.to_string()));
        let mut used = BTreeSet::new();
        for id in ids {
            let Some(path) = self.path_to(&id) else { continue };
            let levels: Vec<&String> = path.iter().chain([&id]).collect();
            used.extend(levels.iter().map(|level| (*level).clone()));
            let member = EstateMember {
                service_control_policies: controls.service_levels(&levels),
                resource_control_policies: controls.resource_levels(&levels),
                ou_path: path,
            };
            organization.accounts.insert(id, member);
        }
        let unused = controls.service.keys().chain(controls.resource.keys());
        for target in unused.filter(|target| !used.contains(*target)) {
            self.note(format!(
                "the policies of AWS Organizations on {} are left out: the document does not say which accounts are below it",
                Quoted(target)
            ));
        }
        let is_said = !organization.accounts.is_empty() || organization.id.is_some();
        estate.organization = is_said.then_some(organization);
        Ok(())
    }

    fn foreseen_id(&self, it: &Resource<'a>) -> Option<String> {
        self.scalar(it, "id").map(str::to_owned)
    }

    /// The ids of the root and the organizational units above an account, from the root down.
    fn path_to(&self, account: &str) -> Option<Vec<String>> {
        let accounts = ["aws_organizations_account"];
        let mut path = Vec::new();
        let mut node =
            self.world.of_kinds(&accounts).find(|it| self.scalar(it, "id") == Some(account))?;
        loop {
            let parent = self.text(node, "parent_id", Wanted::Other("id")).ok().flatten()?;
            path.push(parent.clone());
            if parent.starts_with("r-") {
                path.reverse();
                return Some(path);
            }
            // A tree is at most five levels deep; more is a circle.
            if path.len() > 10 {
                return None;
            }
            let units = ["aws_organizations_organizational_unit"];
            node = self.world.of_kinds(&units).find(|it| self.scalar(it, "id") == Some(&parent))?;
        }
    }

    fn controls(&self) -> Result<Controls, InputError> {
        let mut controls = Controls::default();
        for it in self.world.of_kinds(&["aws_organizations_policy_attachment"]) {
            let target = self.text(it, "target_id", Wanted::Other("id")).ok().flatten();
            let policy = self.organization_policy(it)?;
            let (Some(target), Some((kind, policy))) = (target, policy) else {
                self.note(format!(
                    "{} is left out: what it attaches, or to what, is known after apply or not in the document",
                    Quoted(&it.address)
                ));
                continue;
            };
            match kind {
                None => {
                    controls.full.insert(target.clone());
                    controls.service.entry(target).or_default();
                }
                Some(Kind::ResourceControl) => {
                    controls.resource.entry(target).or_default().push(policy);
                }
                Some(_) => controls.service.entry(target).or_default().push(policy),
            }
        }
        Ok(controls)
    }

    /// The policy that an attachment attaches; without a kind it is `FullAWSAccess`.
    fn organization_policy(
        &self,
        attachment: &Resource<'a>,
    ) -> Result<Option<(Option<Kind>, EstatePolicy)>, InputError> {
        let id = self.scalar(attachment, "policy_id");
        if id == Some(FULL_ACCESS) {
            return Ok(Some((None, EstatePolicy::BuiltIn("FullAWSAccess"))));
        }
        let kinds = ["aws_organizations_policy"];
        let by_id = id.and_then(|id| {
            self.world.of_kinds(&kinds).find(|it| self.scalar(it, "id") == Some(id))
        });
        let it = by_id.or_else(|| {
            let candidates = self.candidates(attachment, "policy_id", &kinds);
            let [only] = candidates.as_slice() else { return None };
            self.world.at(only).filter(|_| id.is_none())
        });
        let Some(it) = it else { return Ok(None) };
        let kind = match self.scalar(it, "type") {
            Some("RESOURCE_CONTROL_POLICY") => Kind::ResourceControl,
            Some("SERVICE_CONTROL_POLICY") | None => Kind::ServiceControl,
            Some(_) => return Ok(None),
        };
        let policy = self.policy(it, "content")?;
        Ok(policy.map(|policy| (Some(kind), policy)))
    }
}

impl Controls {
    fn service_levels(&self, levels: &[&String]) -> Vec<Vec<EstatePolicy>> {
        let level = |target: &&String| {
            let mut level = self.service.get(*target).cloned().unwrap_or_default();
            if self.full.contains(*target) || level.iter().all(only_denies) {
                // What only denies would deny everything without it, and AWS attaches it to
                // every level at first.
                level.insert(0, EstatePolicy::BuiltIn("FullAWSAccess"));
            } else {
                level.push(EstatePolicy::Unknown(format!(
                    "whether FullAWSAccess is still attached to `{target}` is not in the document"
                )));
            }
            level
        };
        levels.iter().map(level).collect()
    }

    fn resource_levels(&self, levels: &[&String]) -> Vec<Vec<EstatePolicy>> {
        let level = |target: &&String| self.resource.get(*target).cloned().unwrap_or_default();
        levels.iter().map(level).collect()
    }
}

/// Whether a service control policy has no `Allow`.
fn only_denies(policy: &EstatePolicy) -> bool {
    let EstatePolicy::Document(source) = policy else { return false };
    let Ok(document) = Document::parse(source.clone(), Format::Json) else { return false };
    let policy = document.root().as_object().and_then(|it| it.get("Statement"));
    let statements = policy.map(At::one_or_many).unwrap_or_default();
    let effect = |at: At<'_>| at.as_object()?.get("Effect")?.as_str().map(str::to_owned);
    statements.into_iter().all(|at| effect(at).as_deref() == Some("Deny"))
}
