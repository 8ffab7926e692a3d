use std::collections::BTreeMap;

use super::{Layers, Reader, fields};
use crate::arn::AccountId;
use crate::document::{At, InputError, Object};
use crate::environment::{Environment, Level, Member, Organization, VpcEndpoint};
use crate::policy::Kind;

impl<'a> Reader<'a> {
    pub(super) fn organization(
        &mut self,
        root: &Layers<'a>,
    ) -> Result<Option<Organization>, InputError> {
        let objects = root.objects("organization")?;
        objects.iter().try_for_each(|it| it.only(fields::ORGANIZATION).map(drop))?;
        if objects.iter().all(|it| it.len() == 0) {
            return Ok(None);
        }
        let object = Layers::of(objects);
        let management_account =
            object.optional("management_account").map(At::parse::<AccountId>).transpose()?;
        let mut accounts = BTreeMap::new();
        for (listed, name, at) in object.members("accounts")? {
            let account = name
                .parse::<AccountId>()
                .map_err(|error| listed.error_at_name(name, error.to_string()))?;
            accounts.insert(account, self.member(at)?);
        }
        let id = object.optional("id").map(At::string).transpose()?.map(str::to_owned);
        Ok(Some(Organization { id, management_account, accounts }))
    }

    fn member(&mut self, at: At<'a>) -> Result<Member, InputError> {
        if at.is_null() {
            return Ok(Member::default());
        }
        let object = at.object()?.only(fields::MEMBER)?;
        let ou_path = object.optional("ou_path").map(At::list).transpose()?;
        let ou_path = ou_path.into_iter().flatten().map(|at| at.string().map(str::to_owned));
        Ok(Member {
            ou_path: ou_path.collect::<Result<_, _>>()?,
            service_control_policies: self.levels(
                object,
                "service_control_policies",
                Kind::ServiceControl,
            )?,
            resource_control_policies: self.levels(
                object,
                "resource_control_policies",
                Kind::ResourceControl,
            )?,
        })
    }

    fn levels(
        &mut self,
        member: Object<'a>,
        field: &str,
        kind: Kind,
    ) -> Result<Vec<Level>, InputError> {
        let Some(at) = member.optional(field) else {
            return Ok(Vec::new());
        };
        let levels = at.list()?.map(|at| self.level(at, kind));
        levels.collect()
    }

    /// Each level has a service control policy at least: Organizations does not detach the last.
    ///
    /// Source: [Detaching policies](https://docs.aws.amazon.com/organizations/latest/userguide/orgs_policies_detach.html)
    fn level(&mut self, at: At<'a>, kind: Kind) -> Result<Level, InputError> {
        let listed = at.as_list().ok_or_else(|| {
            at.expected(
                "a level, which is a list of policies, as in `[[FullAWSAccess], [scp.json]]`",
            )
        })?;
        if listed.len() == 0 && kind == Kind::ServiceControl {
            return Err(at.expected("at least one policy, as every level has"));
        }
        let account = self.account;
        listed.map(|at| self.policies.read(at, kind, account)).collect()
    }

    pub(super) fn vpc_endpoints(
        &mut self,
        root: &Layers<'a>,
        environment: &mut Environment,
    ) -> Result<(), InputError> {
        for (_, name, at) in root.members("vpc_endpoints")? {
            let endpoint = self.vpc_endpoint(name, at)?;
            environment.vpc_endpoints.insert(name.to_owned(), endpoint);
        }
        Ok(())
    }

    fn vpc_endpoint(&mut self, name: &str, at: At<'a>) -> Result<VpcEndpoint, InputError> {
        let id = Some(name.to_owned());
        if at.is_null() {
            return Ok(VpcEndpoint { id, ..VpcEndpoint::default() });
        }
        let object = at.object()?.only(fields::VPC_ENDPOINT)?;
        let account = self.account;
        let policy = object.optional("policy");
        Ok(VpcEndpoint {
            id,
            vpc: object.optional("vpc").map(At::string).transpose()?.map(str::to_owned),
            policy: policy
                .map(|at| self.policies.read(at, Kind::VpcEndpoint, account))
                .transpose()?,
        })
    }
}
