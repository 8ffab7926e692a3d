use super::{Derived, Facts};
use crate::environment::{Question, QuestionError, QuestionPart, VpcEndpoint};
use crate::kms::Service;
use crate::request::{Account, Caller, Entry};
use crate::text::Quoted;
use crate::truth::Truth;

/// Where a service calls for somebody the address is the service's own, and not told. This
/// one stands for it: reserved, so that no policy lists it.
///
/// Source: [Using IP addresses in policies](https://docs.aws.amazon.com/kms/latest/developerguide/conditions-aws.html)
pub(crate) const ADDRESS_OF_A_SERVICE: &str = "240.0.0.1";

impl Facts<'_> {
    /// The account of what the permission is asked on; the caller's for operations without a
    /// resource, of which AWS does not say.
    fn owner(&self, question: &Question) -> Option<Account> {
        let of_key = self.target.map(|target| target.key.account);
        of_key.or_else(|| question.on.account_of_kms()).or(self.caller.account)
    }
}

impl Derived {
    pub(super) fn connection(
        &mut self,
        facts: &Facts<'_>,
        question: &Question,
        warnings: &mut Vec<String>,
    ) -> Result<(), QuestionError> {
        self.value("aws:SecureTransport", "true");
        self.value("aws:RequestedRegion", facts.region);
        let owner = facts.owner(question);
        if let Some(owner) = owner {
            self.value("aws:ResourceAccount", owner.id.as_str());
        }
        self.via_aws_service(facts.caller, question);
        if let Some(endpoint) = facts.endpoint {
            self.endpoint(endpoint);
        }
        let Some(service) = &question.via else {
            return Ok(());
        };
        let wrong = |message: String| QuestionError::new(QuestionPart::Via, message);
        if facts.caller.is_service() {
            return Err(wrong(format!(
                "expected no `via` for a service that calls by itself, found {}",
                Quoted(service)
            )));
        }
        let (value, warning) =
            Service::via(service, facts.region).map_err(|error| wrong(error.to_string()))?;
        warnings.extend(warning);
        self.value("kms:ViaService", value);
        self.value("aws:SourceIp", ADDRESS_OF_A_SERVICE);
        self.absent(&[
            "aws:VpcSourceIp",
            "aws:SourceVpc",
            "aws:SourceVpcArn",
            "aws:SourceVpce",
            "aws:VpceAccount",
            "aws:VpceOrgID",
            "aws:VpceOrgPaths",
        ]);
        Ok(())
    }

    /// Through an endpoint the address is private, and the endpoint and its VPC are told.
    ///
    /// Source: [VPC endpoints](https://docs.aws.amazon.com/kms/latest/developerguide/kms-vpc-endpoint.html)
    fn endpoint(&mut self, endpoint: &VpcEndpoint) {
        self.absent(&["aws:SourceIp"]);
        if let Some(id) = &endpoint.id {
            self.value("aws:SourceVpce", id.as_str());
        }
        if let Some(vpc) = &endpoint.vpc {
            self.value("aws:SourceVpc", vpc.as_str());
        }
    }

    /// The organization of the caller's account and of the key's; absent outside of it.
    ///
    /// Source: [aws:PrincipalOrgID](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalorgid)
    pub(super) fn organization(&mut self, facts: &Facts<'_>, question: &Question) {
        let Some(organization) = facts.organization else { return };
        let Some(organization_id) = &organization.id else { return };
        let owner = facts.owner(question);
        let sides = [
            (facts.caller.account, ["aws:PrincipalOrgID", "aws:PrincipalOrgPaths"]),
            (owner, ["aws:ResourceOrgID", "aws:ResourceOrgPaths"]),
        ];
        for (account, [id, paths]) in sides {
            match account {
                None => {}
                Some(account) if !organization.has(account) => self.absent(&[id, paths]),
                Some(account) => {
                    self.value(id, organization_id.as_str());
                    if let Some(path) = organization.path(account) {
                        self.value(paths, path);
                    }
                }
            }
        }
    }

    fn via_aws_service(&mut self, caller: &Caller, question: &Question) {
        match question.is_forwarded() {
            Truth::True => self.boolean("aws:ViaAWSService", true),
            _ if caller.is_service() => self.boolean("aws:ViaAWSService", false),
            Truth::Unknown => self.set("aws:ViaAWSService", Entry::Unknown),
            Truth::False => self.assume("aws:ViaAWSService", "false"),
        }
    }
}
