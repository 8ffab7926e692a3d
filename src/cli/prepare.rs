//! The environment of a `simulate`: a file, the policies on the command line, or the example.

use std::collections::BTreeSet;
use std::sync::Arc;

use kms_sim::arn::{AccountId, Arn};
use kms_sim::document::InputError;
use kms_sim::environment::{Attached, Environment, Key, Principal, default_key_policy, example};
use kms_sim::kms::Action;
use kms_sim::policy::{Kind, Policy};
use kms_sim::request::{Account, PrincipalName, Question};
use kms_sim::text::Quoted;

use super::CliError;
use super::input::{self, Disk, Inputs};
use super::simulate::Args;

/// An environment, and what is to be said about it.
pub(super) struct Prepared {
    pub(super) environment: Environment,
    pub(super) is_example: bool,
    pub(super) warnings: Vec<InputError>,
}

pub(super) fn environment(args: &Args) -> Result<Prepared, CliError> {
    let mut inputs = Inputs::default();
    let has_policies = args.key_policy.is_some() || !args.identity_policy.is_empty();
    let file = args.env.clone().or_else(input::find_environment);
    let (loaded, is_example) = match file {
        Some(file) => {
            let document = inputs.environment(&file)?;
            (Environment::load(&document, &Disk, args.account_id()?)?, false)
        }
        None if has_policies => return from_policies(args, &mut inputs),
        None => (example::environment()?, true),
    };
    let mut prepared =
        Prepared { environment: loaded.environment, is_example, warnings: loaded.warnings };
    if has_policies {
        let given = Given::read(args, &mut inputs)?;
        add_identity_policies(args, &mut prepared.environment, given.identity_policies)?;
        if let Some(policy) = given.key_policy {
            replace_key_policy(args, &mut prepared.environment, policy)?;
        }
    }
    Ok(prepared)
}

/// The policies that the command line names.
struct Given {
    key_policy: Option<Arc<Policy>>,
    identity_policies: Vec<Attached>,
}

impl Given {
    fn read(args: &Args, inputs: &mut Inputs) -> Result<Self, CliError> {
        let key_policy =
            args.key_policy.as_deref().map(|file| inputs.policy(file, Kind::Key)).transpose()?;
        let identity_policies = args
            .identity_policy
            .iter()
            .map(|file| Ok(Attached::Policy(Arc::new(inputs.policy(file, Kind::Identity)?))))
            .collect::<Result<_, CliError>>()?;
        Ok(Self { key_policy: key_policy.map(Arc::new), identity_policies })
    }
}

fn add_identity_policies(
    args: &Args,
    environment: &mut Environment,
    policies: Vec<Attached>,
) -> Result<(), CliError> {
    if policies.is_empty() {
        return Ok(());
    }
    let account = match args.account_id()? {
        Some(id) => Some(Account {
            partition: environment.account.map(|it| it.partition).unwrap_or_default(),
            id,
        }),
        None => environment.account,
    };
    let name = holder(args, account)?;
    let listed =
        environment.principals().map(|(name, _)| name.clone()).find(|listed| *listed == name);
    let listed = listed.or_else(|| same_role(environment, &name));
    match listed.and_then(|listed| environment.principal_mut(&listed)) {
        Some(principal) => principal.identity_policies.extend(policies),
        None if args.principal.starts_with("arn:") => {
            environment.add_principal(
                name,
                Principal { identity_policies: policies, ..Principal::default() },
            );
        }
        // The question itself will say that the principal is not there.
        None => {}
    }
    Ok(())
}

/// The listed role behind a session, whose ARN has no path.
fn same_role(environment: &Environment, name: &PrincipalName) -> Option<PrincipalName> {
    let PrincipalName::Role(account, role) = name else { return None };
    let is_same = |listed: &&PrincipalName| matches!(listed, PrincipalName::Role(of, path) if of == account && path.rsplit('/').next() == Some(role));
    environment.principals().map(|(name, _)| name).find(is_same).cloned()
}

/// The user or role whose identity policies count for the principal.
fn holder(args: &Args, account: Option<Account>) -> Result<PrincipalName, CliError> {
    let parse = |text: &str| {
        PrincipalName::parse(text, account).map_err(|error| CliError::usage(error.to_string()))
    };
    match parse(&args.principal)? {
        PrincipalName::Session { account, role, .. } => Ok(PrincipalName::Role(account, role)),
        name @ (PrincipalName::User(..) | PrincipalName::Role(..)) => Ok(name),
        PrincipalName::FederatedUser(..) => match &args.issued_by {
            Some(user) => parse(user),
            None => Err(CliError::usage_with_help(
                "expected the user behind the federated user, whose identity policies count, found none",
                "name the user with `--issued-by user/NAME`",
            )),
        },
        _ => Err(CliError::usage(format!(
            "expected no `--identity-policy` for {}, which has none, found one",
            Quoted(&args.principal)
        ))),
    }
}

fn replace_key_policy(
    args: &Args,
    environment: &mut Environment,
    policy: Arc<Policy>,
) -> Result<(), CliError> {
    let target = if let (None, [only]) = (&args.key, environment.keys()) {
        only.arn()
    } else {
        let action =
            Action::parse("kms:DescribeKey").map_err(|error| CliError::usage(error.to_string()))?;
        let mut question = Question::new(&args.principal, action);
        question.key.clone_from(&args.key);
        question.session.name.clone_from(&args.session_name);
        environment.request(&question)?.resource
    };
    if let Some(key) = environment.keys_mut().iter_mut().find(|key| key.arn() == target) {
        key.policy = Attached::Policy(policy);
    }
    Ok(())
}

/// The environment of a run with policies and no environment file: one key, and the principal.
fn from_policies(args: &Args, inputs: &mut Inputs) -> Result<Prepared, CliError> {
    let given = Given::read(args, inputs)?;
    let account = args.guess_account(given.key_policy.as_deref())?;
    let key_arn = args.key.as_deref().filter(|key| key.starts_with("arn:"));
    let key_arn = key_arn
        .map(|text| Arn::parse(text).map_err(|error| CliError::usage(format!("--key: {error}"))));
    let key_arn = key_arn.transpose()?;
    let region = match (&args.region, key_arn) {
        (Some(region), _) => region.clone(),
        (None, Some(arn)) => arn.region.to_owned(),
        (None, None) => "us-east-1".to_owned(),
    };
    let key_account = match key_arn {
        None => account,
        Some(arn) => {
            let id =
                arn.account_id().map_err(|error| CliError::usage(format!("--key: {error}")))?;
            Account { partition: arn.partition, id }
        }
    };
    let mut environment = Environment::new(Some(account), region);
    let policy = match given.key_policy {
        Some(policy) => policy,
        None => Arc::new(default_key_policy(key_account)?),
    };
    let (id, alias) = args.key_id_and_alias(key_arn)?;
    let key_region = key_arn.map_or(environment.region.clone(), |arn| arn.region.to_owned());
    let mut key = Key::new(key_account, &key_region, &id, Attached::Policy(policy))
        .map_err(|error| CliError::usage(format!("--key: {error}")))?;
    key.aliases.extend(alias);
    environment.add_key(key).map_err(|error| CliError::usage(error.to_string()))?;
    let parsed = PrincipalName::parse(&args.principal, Some(account))
        .map_err(|error| CliError::usage(error.to_string()))?;
    let has_policies = !given.identity_policies.is_empty();
    if has_policies
        || matches!(
            parsed,
            PrincipalName::User(..) | PrincipalName::Role(..) | PrincipalName::Session { .. }
        )
    {
        let name = holder(args, Some(account))?;
        environment.add_principal(
            name,
            Principal { identity_policies: given.identity_policies, ..Principal::default() },
        );
    }
    Ok(Prepared { environment, is_example: false, warnings: Vec::new() })
}

/// The id of a key that nothing says more of.
const PLAIN_KEY_ID: &str = "1234abcd-12ab-34cd-56ef-1234567890ab";

impl Args {
    pub(super) fn account_id(&self) -> Result<Option<AccountId>, CliError> {
        let parse = |text: &str| {
            text.parse().map_err(|error| CliError::usage(format!("--account: {error}")))
        };
        self.account.as_deref().map(parse).transpose()
    }

    /// From `--account`; else from an ARN in `--principal` or `--key`; else the one that the
    /// key policy names.
    fn guess_account(&self, key_policy: Option<&Policy>) -> Result<Account, CliError> {
        let named: BTreeSet<Account> = key_policy.map(Policy::accounts).unwrap_or_default();
        let arns = [Some(self.principal.as_str()), self.key.as_deref()].into_iter().flatten();
        let arn = arns
            .filter_map(|text| Arn::parse(text).ok())
            .find_map(|arn| Some(Account { partition: arn.partition, id: arn.account_id().ok()? }));
        let mut named = named.into_iter();
        let only = match (named.next(), named.next()) {
            (Some(only), None) => Some(only),
            _ => None,
        };
        if let Some(id) = self.account_id()? {
            let partition = arn.or(only).map(|account| account.partition).unwrap_or_default();
            return Ok(Account { partition, id });
        }
        arn.or(only).ok_or_else(|| {
            CliError::usage_with_help(
                "expected an account, found none in `--principal`, `--key` or the key policy",
                "say which with `--account 123456789012`",
            )
        })
    }

    fn key_id_and_alias(&self, arn: Option<Arn<'_>>) -> Result<(String, Option<String>), CliError> {
        let text = self.key.as_deref().unwrap_or(PLAIN_KEY_ID);
        let name = arn.map_or(text, |arn| arn.resource);
        if name.starts_with("alias/") {
            return Ok((PLAIN_KEY_ID.to_owned(), Some(name.to_owned())));
        }
        if arn.is_none() {
            return Ok((text.to_owned(), None));
        }
        let (_, _, id) =
            Key::parse_arn(text).map_err(|error| CliError::usage(format!("--key: {error}")))?;
        Ok((id, None))
    }
}
