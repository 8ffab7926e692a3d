//! Whom to ask about, and how: what a search begins with.

use super::super::Scenario;
use super::draft::Draft;
use crate::environment::Key;
use crate::evaluate::{Rule, Side};
use crate::kms::Action;
use crate::policy::Policy;
use crate::report::principals_of;
use crate::request::{Account, PrincipalName};

/// Accounts of AWS's documentation, for callers from outside.
const STRANGERS: [&str; 2] = ["111122223333", "444455556666"];
/// More cases of a file teach nothing.
const CASES: usize = 40;

/// The cases of the file, then each principal plainly, each on every key that the statement can
/// have to do with.
pub(super) fn of(scenario: &Scenario, side: Side, rule: Rule<'_>) -> Vec<Draft> {
    let mut askers: Vec<Draft> = Vec::new();
    for case in &scenario.cases {
        let draft = Draft::of_question(&case.question, scenario);
        let draft = match side {
            Side::SessionPolicy => draft,
            _ => draft.without_session_policies(),
        };
        let is_of_session = side != Side::SessionPolicy || holds_session(case, rule);
        if is_of_session && askers.len() < CASES && !askers.iter().any(|it| it.is_like(&draft)) {
            askers.push(draft);
        }
    }
    if side != Side::SessionPolicy {
        for principal in principals(scenario, rule) {
            let draft = Draft::of_principal(&principal);
            if !askers.iter().any(|it| it.is_like(&draft)) {
                askers.push(draft);
            }
        }
    }
    let askers = askers.into_iter().flat_map(|draft| through(scenario, side, rule, draft));
    let keys: Vec<&Key> = keys(scenario, side, rule);
    let on_keys = |draft: Draft| -> Vec<Draft> {
        // The key of the case first.
        let own = draft.has("key").then(|| draft.clone());
        let own = own.filter(|draft| keys.iter().any(|key| key.name == draft.text("key")));
        let others = keys.iter().map(|key| draft.clone().with("key", key.name.as_str().into()));
        own.into_iter().chain(others).collect()
    };
    askers.flat_map(on_keys).collect()
}

/// The actions that the statement is for: first the one that is asked most, then in the order
/// of the catalogue.
pub(super) fn actions(rule: Rule<'_>) -> Vec<&'static Action> {
    let covers = |action: &&'static Action| match rule {
        Rule::Statement(_, statement) => statement.is_for(action),
        Rule::Grant(grant) => grant.operations().iter().any(|it| it.name == action.name),
    };
    let mut actions: Vec<&'static Action> = Action::all().iter().filter(covers).collect();
    actions.sort_by_key(|action| action.name != "kms:Decrypt");
    actions
}

fn holds_session(case: &super::super::case::Case, rule: Rule<'_>) -> bool {
    let Rule::Statement(policy, _) = rule else { return false };
    let policies = case.question.session.policies.iter().flatten();
    policies.filter_map(|it| it.known()).any(|it| std::ptr::eq(it, policy))
}

fn is_it(policy: Option<&Policy>, rule: Rule<'_>) -> bool {
    match (policy, rule) {
        (Some(policy), Rule::Statement(known, _)) => std::ptr::eq(policy, known),
        (None, _) | (_, Rule::Grant(_)) => false,
    }
}

/// The keys that a key policy or grant is of; any key for the others.
fn keys<'s>(scenario: &'s Scenario, side: Side, rule: Rule<'_>) -> Vec<&'s Key> {
    let has = |key: &&Key| match (side, rule) {
        (Side::KeyPolicy, _) => is_it(key.policy.known(), rule),
        (_, Rule::Grant(grant)) => key.grants.iter().any(|it| std::ptr::eq(it, grant)),
        _ => true,
    };
    scenario.environment.keys().iter().filter(has).collect()
}

/// Through the endpoints whose policy it is; as it is for other policies.
fn through(scenario: &Scenario, side: Side, rule: Rule<'_>, draft: Draft) -> Vec<Draft> {
    if side != Side::VpcEndpointPolicy {
        return vec![draft];
    }
    let endpoints = scenario.environment.vpc_endpoints.iter();
    let its = endpoints.filter(|(_, it)| is_it(it.policy.as_ref().and_then(|it| it.known()), rule));
    its.map(|(name, _)| draft.clone().with("vpc_endpoint", name.as_str().into())).collect()
}

/// Those of the file and of its policies, and a role that none of them names.
fn principals(scenario: &Scenario, rule: Rule<'_>) -> Vec<String> {
    let environment = &scenario.environment;
    let keys = environment.keys();
    let mut principals: Vec<String> =
        keys.iter().flat_map(|key| principals_of(environment, key)).collect();
    if let Rule::Statement(policy, _) = rule {
        principals.extend(policy.principals().map(|it| it.to_string()));
    }
    let account = environment.account.or_else(|| keys.first().map(|key| key.account));
    let mut accounts: Vec<_> = account.into_iter().collect();
    let named = keys.iter().filter_map(|key| key.policy.known());
    accounts.extend(named.flat_map(Policy::accounts));
    let others = environment.organization.iter().flat_map(|it| it.accounts.keys());
    let partition = account.map(|it| it.partition).unwrap_or_default();
    let strangers = STRANGERS.iter().filter_map(|id| id.parse().ok());
    accounts.extend(others.copied().chain(strangers).map(|id| Account { partition, id }));
    principals.extend(
        accounts
            .into_iter()
            .map(|account| PrincipalName::Role(account, "SomebodyElse".to_owned()).to_string()),
    );
    let mut seen = std::collections::BTreeSet::new();
    principals.retain(|it| seen.insert(it.clone()));
    principals
}
