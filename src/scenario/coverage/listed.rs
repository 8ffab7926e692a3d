//! The statements and grants of a scenario.

use super::super::Scenario;
use crate::environment::{Attached, is_of_aws};
use crate::evaluate::{Rule, Side};
use crate::kms::Action;
use crate::policy::{Policy, Statement};

/// Every statement of every policy that a file holds, and every grant; those of a policy that is
/// attached several times, several times. What AWS writes itself (`FullAWSAccess`, the default
/// key policy) is not the team's to cover, and what is for no action of KMS cannot be.
pub(in crate::scenario) fn rules(scenario: &Scenario) -> Vec<(Side, Rule<'_>)> {
    let known = policies(scenario)
        .into_iter()
        .filter_map(|(side, attached)| Some((side, attached.known()?)))
        .filter(|(_, policy)| !is_of_aws(policy));
    let statements = known.flat_map(|(side, policy): (Side, &Policy)| {
        let of_kms = policy.statements().iter().filter(|it| is_of_kms(it));
        of_kms.map(move |it| (side, Rule::Statement(policy, it)))
    });
    let grants = scenario.environment.keys().iter().flat_map(|key| key.grants.iter());
    statements.chain(grants.map(|grant| (Side::Grant, Rule::Grant(grant)))).collect()
}

fn is_of_kms(statement: &Statement) -> bool {
    Action::all().iter().any(|action| statement.is_for(action))
}

/// Every policy that a file holds, as often as it is attached.
pub(in crate::scenario) fn policies(scenario: &Scenario) -> Vec<(Side, &Attached)> {
    let environment = &scenario.environment;
    let mut policies = Vec::new();
    for member in environment.organization.iter().flat_map(|it| it.accounts.values()) {
        let levels = [
            (Side::ResourceControlPolicy, &member.resource_control_policies),
            (Side::ServiceControlPolicy, &member.service_control_policies),
        ];
        for (side, levels) in levels {
            policies.extend(levels.iter().flatten().map(|it| (side, it)));
        }
    }
    let endpoints = environment.vpc_endpoints.values().filter_map(|it| it.policy.as_ref());
    policies.extend(endpoints.map(|it| (Side::VpcEndpointPolicy, it)));
    policies.extend(environment.keys().iter().map(|key| (Side::KeyPolicy, &key.policy)));
    for (_, principal) in environment.principals() {
        policies.extend(principal.identity_policies.iter().map(|it| (Side::IdentityPolicy, it)));
        let boundary = principal.permissions_boundary.iter();
        policies.extend(boundary.map(|it| (Side::PermissionsBoundary, it)));
    }
    let sessions = scenario.cases.iter().filter_map(|it| it.question.session.policies.as_ref());
    policies.extend(sessions.flatten().map(|it| (Side::SessionPolicy, it)));
    policies
}
