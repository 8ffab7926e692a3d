//! The environment of a `simulate`: a file, the policies on the command line, or the example.

use std::collections::BTreeSet;
use std::sync::Arc;

use kms_sim::arn::{AccountId, Arn, is_region};
use kms_sim::environment::{
    Attached, Environment, Key, Knowledge, Principal, Question, QuestionError, default_key_policy,
    example,
};
use kms_sim::policy::{Kind, Policy};
use kms_sim::request::{Account, PrincipalName};
use kms_sim::text::Quoted;

use super::CliError;
use super::input::{self, Disk, Inputs};
use super::simulate::Args;

/// An environment, and what is to be said about it.
pub(super) struct Prepared {
    pub(super) environment: Environment,
    pub(super) source: Origin,
    pub(super) warnings: Vec<String>,
}

/// Where an environment comes from.
pub(super) enum Origin {
    /// The built-in example.
    Example,
    /// A file that nobody named, here or in a parent folder.
    Found(String),
    /// What the command line names.
    Options,
}

/// The environment that the questions, which differ in the action alone, are asked of.
pub(super) fn environment(args: &Args, questions: &[Question]) -> Result<Prepared, CliError> {
    let mut inputs = Inputs::default();
    let has_policies = args.key_policy.is_some() || !args.identity_policy.is_empty();
    let found = if args.env.is_some() { None } else { input::find_environment() };
    let (loaded, source) = match args.env.as_ref().or(found.as_ref()) {
        Some(file) => {
            let document = inputs.environment(file)?;
            let source = found.as_ref().map_or(Origin::Options, |file| Origin::Found(file.clone()));
            (Environment::load(&document, &Disk, args.account_id()?)?, source)
        }
        None if has_policies => return from_policies(args, questions, &mut inputs),
        None => (example::environment()?, Origin::Example),
    };
    let mut environment = loaded.environment;
    if let Some(id) = args.account_id()? {
        let partition = environment.account.map(|account| account.partition).unwrap_or_default();
        environment.account = Some(Account { partition, id });
    }
    if let Some(region) = args.region()? {
        region.clone_into(&mut environment.region);
    }
    let given = Given::read(args, &mut inputs)?;
    add_identity_policies(&mut environment, questions, given.identity_policies)?;
    if let Some(policy) = given.key_policy {
        replace_key_policy(&mut environment, questions, &policy)?;
    }
    let warnings = loaded.warnings.iter().map(ToString::to_string).collect();
    Ok(Prepared { environment, source, warnings })
}

/// The policies that the command line names.
struct Given {
    key_policy: Option<Arc<Policy>>,
    identity_policies: Vec<Attached>,
}

impl Given {
    fn read(args: &Args, inputs: &mut Inputs) -> Result<Self, CliError> {
        let mut read = |file: &String, kind| inputs.policy(file, kind).map(Arc::new);
        let key_policy = args.key_policy.as_ref().map(|file| read(file, Kind::Key)).transpose()?;
        let identity_policies = args
            .identity_policy
            .iter()
            .map(|file| read(file, Kind::Identity).map(Attached::Policy))
            .collect::<Result<_, CliError>>()?;
        Ok(Self { key_policy, identity_policies })
    }
}

fn add_identity_policies(
    environment: &mut Environment,
    questions: &[Question],
    policies: Vec<Attached>,
) -> Result<(), CliError> {
    let Some(question) = questions.first().filter(|_| !policies.is_empty()) else {
        return Ok(());
    };
    let name = environment.holder(question).map_err(no_holder)?;
    if let Some(principal) = environment.principal_mut(&name) {
        principal.identity_policies.extend(policies);
    } else if question.session.issued_by.as_ref().unwrap_or(&question.principal).starts_with("arn:")
    {
        environment.add_principal(name, assumed(policies));
    }
    // A short name that is not there is what the question itself will stumble over.
    Ok(())
}

fn no_holder(error: QuestionError) -> CliError {
    CliError::Usage { message: format!("--identity-policy: {}", error.message), help: error.help }
}

/// A principal of which nobody said more than its policies.
fn assumed(identity_policies: Vec<Attached>) -> Principal {
    Principal { identity_policies, knowledge: Knowledge::Assumed, ..Principal::default() }
}

/// Puts the policy on the key that the questions are about.
fn replace_key_policy(
    environment: &mut Environment,
    questions: &[Question],
    policy: &Arc<Policy>,
) -> Result<(), CliError> {
    let mut targets = BTreeSet::new();
    for question in questions {
        targets.extend(environment.request(question)?.key.map(Key::arn));
    }
    for key in environment.keys_mut().iter_mut().filter(|key| targets.contains(&key.arn())) {
        key.policy = Attached::Policy(policy.clone());
    }
    Ok(())
}

/// The environment of a run with policies and no environment file: one key, and the principal.
fn from_policies(
    args: &Args,
    questions: &[Question],
    inputs: &mut Inputs,
) -> Result<Prepared, CliError> {
    let given = Given::read(args, inputs)?;
    let account = args.guess_account(given.key_policy.as_deref())?;
    let named = args.named_key()?;
    let region = match (args.region()?, &named.arn) {
        (Some(region), _) => region.to_owned(),
        (None, Some((_, region))) => region.clone(),
        (None, None) => "us-east-1".to_owned(),
    };
    let (key_account, key_region) = named.arn.unwrap_or_else(|| (account, region.clone()));
    let doubt = given.key_policy.as_deref().and_then(|it| doubt_of_account(it, key_account));
    let policy = match given.key_policy {
        Some(policy) => policy,
        None => Arc::new(default_key_policy(key_account)?),
    };
    let mut key = Key::new(key_account, &key_region, &named.id, Attached::Policy(policy))
        .map_err(|error| CliError::usage(format!("--key: {error}")))?;
    key.aliases.extend(named.alias);
    key.knowledge = Knowledge::Assumed;
    let mut environment = Environment::new(Some(account), region);
    environment.add_key(key).map_err(|error| CliError::usage(error.to_string()))?;
    if let Some(question) = questions.first() {
        match (environment.holder(question), given.identity_policies) {
            (Ok(name), policies) => environment.add_principal(name, assumed(policies)),
            // Root users and services have no identity policies, and none were given.
            (Err(_), policies) if policies.is_empty() => {}
            (Err(error), _) => return Err(no_holder(error)),
        }
    }
    let unusual = (args.key.is_some() && environment.keys().iter().any(|key| !key.has_usual_id()))
        .then(|| format!("the key id {} has a shape that KMS never issues", Quoted(&named.id)));
    Ok(Prepared {
        environment,
        source: Origin::Options,
        warnings: doubt.into_iter().chain(unusual).collect(),
    })
}

/// A key policy names the root of its own account, as a rule.
fn doubt_of_account(key_policy: &Policy, account: Account) -> Option<String> {
    let is_root = |name: &PrincipalName| matches!(name, PrincipalName::Root(_));
    let roots = key_policy.principals().filter(is_root).filter_map(|root| root.account());
    let roots: BTreeSet<Account> = roots.collect();
    let other = roots.first().filter(|_| !roots.contains(&account))?;
    Some(format!(
        "the key is taken to be in account {}, and its policy names the account {}: if it is there, name the key by its ARN with `--key`",
        account.id, other.id
    ))
}

/// The id of a key that nothing says more of.
const PLAIN_KEY_ID: &str = "1234abcd-12ab-34cd-56ef-1234567890ab";

/// The key as the command line names it.
struct NamedKey {
    id: String,
    alias: Option<String>,
    /// Account and Region, where an ARN says them.
    arn: Option<(Account, String)>,
}

impl Args {
    fn account_id(&self) -> Result<Option<AccountId>, CliError> {
        let parse = |text: &str| {
            text.parse().map_err(|error| CliError::usage(format!("--account: {error}")))
        };
        self.account.as_deref().map(parse).transpose()
    }

    fn region(&self) -> Result<Option<&str>, CliError> {
        match self.region.as_deref() {
            Some(region) if !is_region(region) => Err(CliError::usage(format!(
                "--region: expected a Region such as `us-east-1`, found {}",
                Quoted(region)
            ))),
            region => Ok(region),
        }
    }

    /// From `--account`; else from an ARN in `--principal` or `--key`; else the one that the
    /// key policy names.
    fn guess_account(&self, key_policy: Option<&Policy>) -> Result<Account, CliError> {
        let arns = [Some(self.principal.as_str()), self.key.as_deref()].into_iter().flatten();
        let arn = arns
            .filter_map(|text| Arn::parse(text).ok())
            .find_map(|arn| Some(Account { partition: arn.partition, id: arn.account_id().ok()? }));
        let mut named = key_policy.map(Policy::accounts).unwrap_or_default().into_iter();
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
                "expected an account, found none in `--principal` or `--key`, and not exactly one in the key policy",
                "say which with `--account 123456789012`",
            )
        })
    }

    fn named_key(&self) -> Result<NamedKey, CliError> {
        let wrong = |error: String| CliError::usage(format!("--key: {error}"));
        let Some(text) = self.key.as_deref() else {
            return Ok(NamedKey { id: PLAIN_KEY_ID.into(), alias: None, arn: None });
        };
        if !text.starts_with("arn:") {
            return match text.strip_prefix("alias/") {
                None => Ok(NamedKey { id: text.into(), alias: None, arn: None }),
                Some(_) => alias(text, None).map_err(wrong),
            };
        }
        let arn = Arn::parse(text).map_err(|error| wrong(error.to_string()))?;
        if arn.resource.starts_with("alias/") && arn.service == "kms" && is_region(arn.region) {
            let id = arn.account_id().map_err(|error| wrong(error.to_string()))?;
            let account = Account { partition: arn.partition, id };
            return alias(arn.resource, Some((account, arn.region.to_owned()))).map_err(wrong);
        }
        let (account, region, id) =
            Key::parse_arn(text).map_err(|error| wrong(error.to_string()))?;
        Ok(NamedKey { id, alias: None, arn: Some((account, region)) })
    }
}

fn alias(text: &str, arn: Option<(Account, String)>) -> Result<NamedKey, String> {
    if Key::is_alias(text) {
        Ok(NamedKey { id: PLAIN_KEY_ID.into(), alias: Some(text.into()), arn })
    } else {
        Err(format!("expected an alias such as `alias/app`, found {}", Quoted(text)))
    }
}
