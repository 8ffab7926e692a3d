//! Policies and grants that the command line names, put into an environment.

use std::collections::BTreeSet;
use std::sync::Arc;

use kms_sim::document::Document;
use kms_sim::environment::{
    Attached, Environment, Key, Knowledge, Level, Member, Organization, Principal, Question,
    QuestionError, VpcEndpoint,
};
use kms_sim::policy::{Effect, Kind, Policy};
use kms_sim::request::{Account, PrincipalName};
use kms_sim::text::Quoted;

use super::CliError;
use super::input::Inputs;

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct PolicyArgs {
    /// The key policy, in place of the environment's
    #[arg(long, value_name = "FILE")]
    pub(super) key_policy: Option<String>,
    /// An identity policy of the principal, besides the environment's; may be repeated
    #[arg(long, value_name = "FILE")]
    identity_policy: Vec<String>,
    /// The permissions boundary of the principal, in place of the environment's
    #[arg(long, value_name = "FILE")]
    permissions_boundary: Option<String>,
    /// A policy that the session was opened with; may be repeated
    #[arg(long, value_name = "FILE")]
    session_policy: Vec<String>,
    /// A service control policy over the principal's account; each is a level of its own, and one
    /// that only denies stands beside `FullAWSAccess`
    #[arg(long, value_name = "FILE")]
    scp: Vec<String>,
    /// A resource control policy over the key's account; may be repeated
    #[arg(long, value_name = "FILE")]
    rcp: Vec<String>,
    /// The policy of the VPC endpoint that the call goes through
    #[arg(long, value_name = "FILE")]
    vpc_endpoint_policy: Option<String>,
    /// A grant on the key, a list of them, or what `aws kms list-grants` prints; may be repeated
    #[arg(long, value_name = "FILE")]
    grant: Vec<String>,
}

/// The policies and grants, read.
#[derive(Default)]
pub(super) struct Given {
    pub(super) key_policy: Option<Arc<Policy>>,
    pub(super) identity_policies: Vec<Attached>,
    pub(super) permissions_boundary: Option<Attached>,
    pub(super) session_policies: Vec<Attached>,
    service_control_policies: Vec<Arc<Policy>>,
    resource_control_policies: Vec<Attached>,
    vpc_endpoint_policy: Option<Attached>,
    pub(super) grants: Vec<Document>,
}

/// The name of the endpoint that `--vpc-endpoint-policy` makes; no file can have it.
const ENDPOINT: &str = "--vpc-endpoint-policy";

impl PolicyArgs {
    pub(super) fn is_empty(&self) -> bool {
        let one = [&self.key_policy, &self.permissions_boundary, &self.vpc_endpoint_policy];
        let several =
            [&self.identity_policy, &self.session_policy, &self.scp, &self.rcp, &self.grant];
        one.iter().all(|it| it.is_none()) && several.iter().all(|it| it.is_empty())
    }

    /// Refuses what belongs to one principal where not exactly one is named.
    pub(super) fn check_for(&self, principals: &[String]) -> Result<(), CliError> {
        let of_one = [
            ("--identity-policy", !self.identity_policy.is_empty()),
            ("--permissions-boundary", self.permissions_boundary.is_some()),
            ("--session-policy", !self.session_policy.is_empty()),
            ("--scp", !self.scp.is_empty()),
        ];
        match of_one.iter().find(|(_, is_given)| *is_given) {
            Some((option, _)) if principals.len() != 1 => Err(CliError::usage_with_help(
                format!("expected one `--principal` with `{option}`, found {}", principals.len()),
                "write an environment file that says what each principal has",
            )),
            _ => Ok(()),
        }
    }

    /// The option whose policies go to the user or role, for messages.
    pub(super) fn option_of_principal(&self) -> &'static str {
        if self.identity_policy.is_empty() { "--permissions-boundary" } else { "--identity-policy" }
    }

    pub(super) fn read(&self, inputs: &mut Inputs) -> Result<Given, CliError> {
        let mut read = |file: &String, kind| inputs.policy(file, kind).map(Arc::new);
        let mut one =
            |file: &Option<String>, kind| file.as_ref().map(|file| read(file, kind)).transpose();
        let key_policy = one(&self.key_policy, Kind::Key)?;
        let boundary = one(&self.permissions_boundary, Kind::PermissionsBoundary)?;
        let endpoint = one(&self.vpc_endpoint_policy, Kind::VpcEndpoint)?;
        let mut several = |files: &[String], kind| -> Result<Vec<Arc<Policy>>, CliError> {
            files.iter().map(|file| inputs.policy(file, kind).map(Arc::new)).collect()
        };
        let attached = |policies: Vec<Arc<Policy>>| policies.into_iter().map(Attached::Policy);
        let identity = several(&self.identity_policy, Kind::Identity)?;
        let session = several(&self.session_policy, Kind::Session)?;
        let service_control_policies = several(&self.scp, Kind::ServiceControl)?;
        let resource_control = several(&self.rcp, Kind::ResourceControl)?;
        let grants = self.grant.iter().map(|file| inputs.environment(file));
        Ok(Given {
            key_policy,
            identity_policies: attached(identity).collect(),
            permissions_boundary: boundary.map(Attached::Policy),
            session_policies: attached(session).collect(),
            service_control_policies,
            resource_control_policies: attached(resource_control).collect(),
            vpc_endpoint_policy: endpoint.map(Attached::Policy),
            grants: grants.collect::<Result<_, _>>()?,
        })
    }
}

impl Given {
    /// Puts everything but key policy, identity policies and boundary where it belongs, and
    /// into the question. Returns what is to be told.
    pub(super) fn apply(
        self,
        environment: &mut Environment,
        question: &mut Question,
    ) -> Result<Vec<String>, CliError> {
        let mut warnings = Vec::new();
        if !self.session_policies.is_empty() {
            question.session.policies = Some(self.session_policies);
        }
        if let Some(policy) = self.vpc_endpoint_policy {
            if question.vpc_endpoint.is_some() {
                return Err(CliError::usage(
                    "expected `--vpc-endpoint` or `--vpc-endpoint-policy`, found both",
                ));
            }
            if let Some(service) = &question.via {
                return Err(CliError::usage(format!(
                    "--vpc-endpoint-policy: expected no VPC endpoint for a call that the service {} makes, found one",
                    Quoted(service)
                )));
            }
            let endpoint = VpcEndpoint { policy: Some(policy), ..VpcEndpoint::default() };
            environment.vpc_endpoints.insert(ENDPOINT.to_owned(), endpoint);
            question.vpc_endpoint = Some(ENDPOINT.to_owned());
        }
        let is_of_key = !self.grants.is_empty() || !self.resource_control_policies.is_empty();
        let targets = if is_of_key { targets(environment, question)? } else { BTreeSet::new() };
        let is_target = |key: &&mut Key| targets.contains(&key.arn());
        let account = environment.account;
        for key in environment.keys_mut().iter_mut().filter(is_target) {
            for document in &self.grants {
                let doubts = key.read_grants(document, account)?;
                warnings.extend(doubts.iter().map(ToString::to_string));
            }
        }
        let owner = environment.keys().iter().find(|key| targets.contains(&key.arn()));
        let owner = owner.map(|key| key.account);
        if let Some(owner) = owner.filter(|_| !self.resource_control_policies.is_empty()) {
            let member = member(environment, owner);
            replace_unknown(&mut member.resource_control_policies);
            member.resource_control_policies.push(self.resource_control_policies);
        }
        let caller = PrincipalName::parse(&question.principal, account).ok();
        let caller = caller.and_then(|name| name.account());
        if let Some(account) = caller.filter(|_| !self.service_control_policies.is_empty()) {
            replace_unknown(&mut member(environment, account).service_control_policies);
        }
        for policy in self.service_control_policies {
            let Some(account) = caller else {
                warnings.push(
                    "service control policies do not limit services; `--scp` is not used".into(),
                );
                break;
            };
            let mut level = vec![Attached::Policy(policy.clone())];
            if policy.statements().iter().all(|statement| statement.effect() == Effect::Deny) {
                warnings.push(format!(
                    "{} only denies: FullAWSAccess is taken to be attached beside it, as AWS does unless it is detached",
                    policy.name()
                ));
                let full = kms_sim::environment::builtin_policy(
                    "FullAWSAccess",
                    Kind::ServiceControl,
                    None,
                );
                let full = full.map_err(CliError::usage)?;
                level.push(Attached::Policy(Arc::new(full)));
            }
            member(environment, account).service_control_policies.push(level);
        }
        Ok(warnings)
    }
}

/// Makes room for the levels that are given, if all that is known is that there are some.
fn replace_unknown(levels: &mut Vec<Level>) {
    if let [level] = levels.as_slice()
        && level.iter().all(|policy| matches!(policy, Attached::Unknown(_)))
    {
        levels.clear();
    }
}

fn member(environment: &mut Environment, account: Account) -> &mut Member {
    let organization = environment.organization.get_or_insert_with(Organization::default);
    organization.accounts.entry(account.id).or_default()
}

/// The ARN of the key that a question is about, whether its first action has one or not.
fn targets(environment: &Environment, question: &Question) -> Result<BTreeSet<String>, CliError> {
    let key = environment.key_of(question)?;
    Ok(std::iter::once(key.arn()).collect())
}

/// Puts the policy on the key that the question is about.
pub(super) fn replace_key_policy(
    environment: &mut Environment,
    question: &Question,
    policy: &Arc<Policy>,
) -> Result<(), CliError> {
    let targets = targets(environment, question)?;
    for key in environment.keys_mut().iter_mut().filter(|key| targets.contains(&key.arn())) {
        key.policy = Attached::Policy(policy.clone());
    }
    Ok(())
}

/// Gives the user or role behind the principal these policies, besides its own.
pub(super) fn add_to_principal(
    environment: &mut Environment,
    question: &Question,
    given: &mut Given,
) -> Result<(), CliError> {
    let policies = std::mem::take(&mut given.identity_policies);
    let boundary = given.permissions_boundary.take();
    if policies.is_empty() && boundary.is_none() {
        return Ok(());
    }
    let option = if policies.is_empty() { "--permissions-boundary" } else { "--identity-policy" };
    let name = environment
        .holder(question)
        .map_err(|error| no_holder(option, environment, question, error))?;
    let named = question.session.issued_by.as_ref().unwrap_or(&question.principal);
    if let Some(principal) = environment.principal_mut(&name) {
        principal.identity_policies.extend(policies);
        principal.permissions_boundary = boundary.or(principal.permissions_boundary.take());
    } else if named.starts_with("arn:") {
        let assumed = assumed(policies);
        environment.add_principal(name, Principal { permissions_boundary: boundary, ..assumed });
    }
    // A short name that is not there is what the question itself will stumble over.
    Ok(())
}

pub(super) fn no_holder(
    option: &str,
    environment: &Environment,
    question: &Question,
    error: QuestionError,
) -> CliError {
    // What names nobody is to be mended where it stands, not at the policy.
    if PrincipalName::parse(&question.principal, environment.account).is_err() {
        return error.into();
    }
    let message = match option {
        "--permissions-boundary" => {
            error.message.replace("identity policy", "permissions boundary")
        }
        _ => error.message,
    };
    CliError::Usage { message: format!("{option}: {message}"), help: error.help }
}

/// A principal of which nobody said more than its policies.
pub(super) fn assumed(identity_policies: Vec<Attached>) -> Principal {
    Principal { identity_policies, knowledge: Knowledge::Assumed, ..Principal::default() }
}
