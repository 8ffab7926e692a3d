//! What is likely not meant in a request, or has no effect.

use super::target::Target;
use super::{Environment, Key, Manager, Party, Question, Reach, Standing};
use crate::request::Caller;
use crate::text::Quoted;

pub(super) fn of_request(
    question: &Question,
    target: Option<&Target<'_>>,
    standing: Standing,
    warnings: &mut Vec<String>,
) {
    let name = question.action.name;
    if standing.reach == Reach::ForeignNotOffered && !question.action.across_accounts {
        warnings
            .push(format!("KMS does not offer {name} across accounts, whatever the policies say"));
    }
    let is_on_two = name.starts_with("kms:ReEncrypt") || name == "kms:UpdateAlias";
    if question.destination_key.is_some() && !is_on_two {
        warnings.push(format!("{name} has no second key; the one that was given is not used"));
    }
    if standing == (Standing { party: Party::Root, reach: Reach::Foreign }) {
        warnings.push(
            "AWS does not say whether a root user needs more than the key policy across accounts; it is taken not to"
                .into(),
        );
    }
    if target.is_some_and(|target| target.alias.is_some()) && !question.action.takes_alias {
        warnings.push(format!(
            "{name} takes no alias for its key; decided as if the key's ARN were sent"
        ));
    }
    if target.is_some_and(|target| target.key.manager == Manager::Aws) && name == "kms:PutKeyPolicy"
    {
        warnings.push(
            "the policy of an AWS managed key cannot be changed, whatever the policies say".into(),
        );
    }
}

/// Control policies that are there and do not limit this request.
pub(super) fn of_exemptions(
    environment: &Environment,
    question: &Question,
    caller: &Caller,
    key: Option<&Key>,
    warnings: &mut Vec<String>,
) {
    let given =
        question.context.iter().filter(|(key, _)| key.eq_ignore_ascii_case("aws:SourceVpce"));
    let endpoints = given.flat_map(|(_, entry)| entry.values());
    let known = endpoints.filter(|id| environment.vpc_endpoints.contains_key(id.as_str()));
    if question.vpc_endpoint.is_none() {
        warnings.extend(known.map(|id| format!(
            "the policy of the VPC endpoint {} is not consulted: name it as the endpoint of the call for that",
            Quoted(id)
        )));
    }
    let Some(organization) = &environment.organization else { return };
    let member = |account| organization.accounts.get(&account);
    let of_caller = caller.account.and_then(|account| Some((account, member(account.id)?)));
    if let Some((account, member)) = of_caller
        && !member.service_control_policies.is_empty()
    {
        if organization.is_management(account) {
            warnings.push(
                "service control policies never limit the management account; those listed for it are not used".into(),
            );
        } else if caller.is_service_linked() {
            warnings.push("service control policies never limit service-linked roles".into());
        }
    }
    let of_key = key.and_then(|key| Some((key, member(key.account.id)?)));
    if let Some((key, member)) = of_key
        && !member.resource_control_policies.is_empty()
    {
        if organization.is_management(key.account) {
            warnings.push(
                "resource control policies never limit keys of the management account; those listed for it are not used".into(),
            );
        } else if caller.is_service_linked() {
            warnings.push("resource control policies never limit service-linked roles".into());
        } else if key.manager == Manager::Aws {
            warnings.push("resource control policies never limit keys that AWS manages".into());
        }
    }
}
