//! VPC endpoints for KMS and their policies.

use std::collections::BTreeMap;

use super::attachments::Attached;
use super::invented;
use super::keys::the_only;
use super::scene::Scene;
use super::slot::Knowledge;
use super::wanted::Wanted;
use super::whose::Unclear;
use crate::document::InputError;
use crate::import::{Estate, EstatePolicy, EstateVpcEndpoint};
use crate::text::Quoted;

impl Scene<'_> {
    /// Adds the VPC endpoints for KMS.
    ///
    /// Source: [aws_vpc_endpoint](https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/vpc_endpoint),
    /// [KMS endpoints](https://docs.aws.amazon.com/kms/latest/developerguide/kms-vpc-endpoint.html)
    pub(super) fn vpc_endpoints(
        &self,
        earlier: &Attached,
        estate: &mut Estate,
    ) -> Result<(), InputError> {
        let mut ids = BTreeMap::new();
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
            // With the resource of its policy goes what the endpoint shows of it.
            let is_lost = earlier.endpoints.contains(&id) && !self.slot(it, "policy").is_set();
            let policy = if is_lost { None } else { self.policy(it, "policy")? };
            ids.insert(it.address.clone(), id.clone());
            estate.vpc_endpoints.insert(id, EstateVpcEndpoint { vpc, policy });
        }
        self.endpoint_policies(&ids, estate)
    }

    /// `aws_vpc_endpoint_policy` counts in place of what the endpoint itself holds.
    ///
    /// Source: [aws_vpc_endpoint_policy](https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/vpc_endpoint_policy)
    fn endpoint_policies(
        &self,
        ids: &BTreeMap<String, String>,
        estate: &mut Estate,
    ) -> Result<(), InputError> {
        let mut given: BTreeMap<String, Vec<_>> = BTreeMap::new();
        let mut unclear = Unclear::default();
        for it in self.world.of_kinds(&["aws_vpc_endpoint_policy"]) {
            let policy = self.policy(it, "policy")?;
            match self.text(it, "vpc_endpoint_id", Wanted::Id) {
                Ok(Some(id)) if estate.vpc_endpoints.contains_key(&id) => {
                    given.entry(id).or_default().push((&it.address, policy));
                }
                Ok(_) => self.note(format!(
                    "{} is left out: its endpoint is not in the document, or not for KMS",
                    Quoted(&it.address)
                )),
                Err(lacking) => {
                    let references = lacking.references()?;
                    let kinds = ["aws_vpc_endpoint"];
                    let candidates = self.candidates(it, "vpc_endpoint_id", &kinds);
                    unclear.add(it, "vpc_endpoint_id", (candidates, references));
                }
            }
        }
        for (id, policies) in given {
            let policy = the_only(policies);
            estate.vpc_endpoints.entry(id).and_modify(|it| it.policy = policy);
        }
        for open in unclear.into_all() {
            let reason = open.reason("; it may be this endpoint");
            for id in open.candidates.iter().filter_map(|address| ids.get(address)) {
                if let Some(endpoint) = estate.vpc_endpoints.get_mut(id) {
                    endpoint.policy = Some(EstatePolicy::Unknown(reason.clone()));
                }
            }
        }
        Ok(())
    }
}
