use std::collections::BTreeMap;

use super::text;
use crate::document::{At, InputError, Object};
use crate::import::{EstatePolicy, EstateVpcEndpoint};

/// The endpoints for KMS of `aws ec2 describe-vpc-endpoints`.
///
/// Source: [VpcEndpoint](https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpcEndpoint.html),
/// [KMS endpoints](https://docs.aws.amazon.com/kms/latest/developerguide/kms-vpc-endpoint.html)
pub(super) fn read(
    object: Object<'_>,
    endpoints: &mut BTreeMap<String, EstateVpcEndpoint>,
) -> Result<(), InputError> {
    for at in object.required("VpcEndpoints")?.list()? {
        let endpoint = at.object()?;
        let service = text(endpoint, "ServiceName")?;
        let service = service.rsplit('.').next().unwrap_or_default();
        let state = endpoint.optional("State").and_then(At::as_str).unwrap_or_default();
        let is_gone = ["deleted", "deleting"].contains(&state.to_ascii_lowercase().as_str());
        if !["kms", "kms-fips"].contains(&service) || is_gone {
            continue;
        }
        let id = text(endpoint, "VpcEndpointId")?;
        let policy = match endpoint.optional("PolicyDocument") {
            Some(at) => EstatePolicy::read(at, &format!("policy of `{id}`"))?,
            None => EstatePolicy::Unknown(format!("the policy of {id} was not printed")),
        };
        let vpc = endpoint.optional("VpcId").map(At::string).transpose()?.map(str::to_owned);
        endpoints.insert(id.to_owned(), EstateVpcEndpoint { vpc, policy: Some(policy) });
    }
    Ok(())
}
