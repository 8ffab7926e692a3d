//! The environment of a `simulate`: a file, the policies on the command line, or the example.

use std::collections::BTreeSet;
use std::sync::Arc;

use kms_sim::arn::{AccountId, Arn, is_region};
use kms_sim::environment::{
    Attached, Environment, Key, Knowledge, Loaded, Question, default_key_policy, example,
};
use kms_sim::import::Assumptions;
use kms_sim::policy::Policy;
use kms_sim::request::{Account, PrincipalName};
use kms_sim::text::Quoted;

use super::CliError;
use super::input::{self, Disk, Inputs};
use super::policies::{PolicyArgs, add_to_principal, assumed, no_holder, replace_key_policy};
use super::spoken_of::{SpokenOf, key_of_grants};
use super::world::{World, WorldArgs};

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct EnvironmentArgs {
    /// Environment or scenario file, or a plan, state, template or collected account [default:
    /// kms-sim.yaml|yml|json here or in a parent folder]
    #[arg(long, value_name = "FILE|DIR|-")]
    env: Option<String>,
    /// The account of short names
    #[arg(long, value_name = "ID")]
    account: Option<String>,
    /// The Region of short names
    #[arg(long, value_name = "R")]
    region: Option<String>,
    #[command(flatten)]
    world: WorldArgs,
    #[command(flatten)]
    pub(super) policies: PolicyArgs,
}

/// An environment, and what is to be said about it.
pub(super) struct Prepared {
    pub(super) environment: Environment,
    pub(super) source: Origin,
    /// What the files hold that is likely not meant; it may concern what was not asked.
    pub(super) warnings: Vec<String>,
    /// What was assumed of the options, on which answers rest.
    pub(super) assumed: Vec<String>,
}

/// Where an environment comes from.
pub(super) enum Origin {
    /// The built-in example.
    Example,
    /// A file that nobody named, here or in a parent folder.
    Found(String),
    /// What the command line names.
    Options,
    /// Made of what is no environment file.
    Imported(String),
}

impl Origin {
    /// What a person should know of it, unless the command line says so itself.
    pub(super) fn note(&self) -> String {
        match self {
            Self::Example => "note: no environment or policy was given, so this is the built-in example: a key whose policy \
                 separates administrators (role/DevOpsAdminRole) from users (role/WebAppInstanceRole).\n      \
                 Give your own with --key-policy and --identity-policy, or with --env.\n"
                .into(),
            Self::Found(file) => format!("note: the environment is {}", kms_sim::text::Printable(file)),
            Self::Options | Self::Imported(_) => String::new(),
        }
    }
}

impl EnvironmentArgs {
    /// Whether the command line, or an environment file in reach, says what the key's policy is.
    pub(super) fn has_key(&self) -> bool {
        self.env.is_some() || self.policies.key_policy.is_some() || self.found().is_some()
    }

    /// Whether there is an environment besides the example: named, found, or made of policies.
    pub(super) fn is_given(&self) -> bool {
        self.env.is_some() || !self.policies.is_empty() || self.found().is_some()
    }

    /// The environment file that nobody named.
    pub(super) fn found(&self) -> Option<String> {
        if self.env.is_some() { None } else { input::find_environment() }
    }

    /// The environment that the question is asked of. What the command line names of sessions
    /// and endpoints goes into the question.
    /// `others` are principals that are asked about besides.
    pub(super) fn prepare(
        &self,
        question: &mut Question,
        others: &[String],
    ) -> Result<Prepared, CliError> {
        self.prepare_with(question, others, &mut Inputs::default())
    }

    /// The same, where standard input may have been read already.
    pub(super) fn prepare_with(
        &self,
        question: &mut Question,
        others: &[String],
        inputs: &mut Inputs,
    ) -> Result<Prepared, CliError> {
        let found = self.found();
        let mut notes = Vec::new();
        let (loaded, source) = match self.env.as_ref().or(found.as_ref()) {
            Some(file) => {
                let (loaded, imported) = self.load(file, inputs, &mut notes)?;
                let source = match (imported, &found) {
                    (Some(name), _) => Origin::Imported(name),
                    (None, Some(file)) => Origin::Found(file.clone()),
                    (None, None) => Origin::Options,
                };
                (loaded, source)
            }
            None if !self.policies.is_empty() => {
                return self.without_file(question, others, inputs);
            }
            None => (example::environment()?, Origin::Example),
        };
        let mut environment = loaded.environment;
        if let Some(id) = self.account_id()? {
            let account = environment.account;
            let partition = account.map(|account| account.partition).unwrap_or_default();
            environment.account = Some(Account { partition, id });
        }
        if let Some(region) = self.region()? {
            region.clone_into(&mut environment.region);
        }
        let mut given = self.policies.read(inputs)?;
        add_to_principal(&mut environment, question, &mut given)?;
        if let Some(policy) = given.key_policy.take() {
            replace_key_policy(&mut environment, question, &policy)?;
        }
        let mut warnings: Vec<String> = loaded.warnings.iter().map(ToString::to_string).collect();
        warnings.extend(notes);
        let assumed = if self.policies.is_empty() {
            Vec::new()
        } else {
            given.apply(&mut environment, question)?
        };
        Ok(Prepared { environment, source, warnings, assumed })
    }

    /// The environment in a file, or made of what is there, which is named.
    fn load(
        &self,
        name: &str,
        inputs: &mut Inputs,
        notes: &mut Vec<String>,
    ) -> Result<(Loaded, Option<String>), CliError> {
        let assumptions = Assumptions {
            account: self.account_id()?,
            region: self.region()?.map(str::to_owned),
            ..Assumptions::default()
        };
        let account = assumptions.account;
        match self.world.read(name, assumptions, inputs)? {
            World::File(document) => Ok((Environment::load(&document, &Disk, account)?, None)),
            World::Imported(estate) => {
                let loaded = estate.load()?;
                notes.extend(estate.notes);
                Ok((loaded, Some(estate.name)))
            }
        }
    }

    /// The environment of a run with policies and no environment file: one key, and the
    /// principal.
    fn without_file(
        &self,
        question: &mut Question,
        others: &[String],
        inputs: &mut Inputs,
    ) -> Result<Prepared, CliError> {
        let mut given = self.policies.read(inputs)?;
        let spoken_of = SpokenOf::by(&given);
        let of_grants = key_of_grants(&given).filter(|_| question.key.is_none());
        let key_policy = given.key_policy.take();
        let account = self.guess_account(question, key_policy.as_deref())?;
        let named = named_key(question)?;
        let region = match (self.region()?, &named.arn) {
            (Some(region), _) => region.to_owned(),
            (None, Some((_, region))) => region.clone(),
            (None, None) => "us-east-1".to_owned(),
        };
        let (key_account, key_region) = named.arn.unwrap_or_else(|| (account, region.clone()));
        let doubt = key_policy.as_deref().and_then(|it| doubt_of_account(it, key_account));
        let stands_in = key_policy.is_none() && question.action.needs_key();
        let policy = match key_policy {
            Some(policy) => policy,
            None => Arc::new(default_key_policy(key_account)?),
        };
        let mut key = Key::new(key_account, &key_region, &named.id, Attached::Policy(policy))
            .map_err(|error| CliError::usage(format!("--key: {error}")))?;
        key.aliases.extend(named.alias);
        key.knowledge = Knowledge::Assumed;
        let says_region =
            self.region.is_some() || question.key.as_ref().is_some_and(|it| it.starts_with("arn:"));
        let made_up = spoken_of.doubt(&key, question, says_region);
        let unusual = (question.key.is_some() && !key.has_usual_id())
            .then(|| format!("the key id {} has a shape that KMS never issues", Quoted(&named.id)));
        let mut environment = Environment::new(Some(account), region);
        environment.add_key(key).map_err(|error| CliError::usage(error.to_string()))?;
        let has_some = !given.identity_policies.is_empty() || given.permissions_boundary.is_some();
        match environment.holder(question) {
            Ok(name) => environment.add_principal(name, assumed(Vec::new())),
            // Root users and services have no identity policies, and none were given.
            Err(_) if !has_some => {}
            Err(error) => {
                return Err(no_holder(
                    self.policies.option_of_principal(),
                    &environment,
                    question,
                    error,
                ));
            }
        }
        for other in others {
            if let Ok(name) = PrincipalName::parse(other, Some(account))
                && matches!(name, PrincipalName::User(..) | PrincipalName::Role(..))
                && !environment.has_principal(&name)
            {
                environment.add_principal(name, assumed(Vec::new()));
            }
        }
        add_to_principal(&mut environment, question, &mut given)?;
        let mut assumed = given.apply(&mut environment, question).map_err(|error| match error {
            CliError::Input(error) if error.message().contains("a grant of the key") => {
                let key = of_grants.map(|arn| format!("ask about that key with `--key {arn}`"));
                error.with_help(key).into()
            }
            other => other,
        })?;
        assumed.extend(doubt);
        assumed.extend(made_up.filter(|_| question.action.needs_key()));
        if stands_in {
            assumed.push(
                "no key policy was given: the key is taken to have the default one, which leaves everything to the IAM policies of its account; give its own with `--key-policy`".to_owned(),
            );
        }
        let warnings = unusual.into_iter().collect();
        Ok(Prepared { environment, source: Origin::Options, warnings, assumed })
    }
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

impl EnvironmentArgs {
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
    fn guess_account(
        &self,
        question: &Question,
        key_policy: Option<&Policy>,
    ) -> Result<Account, CliError> {
        let arns =
            [Some(question.principal.as_str()), question.key.as_deref()].into_iter().flatten();
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
}

fn named_key(question: &Question) -> Result<NamedKey, CliError> {
    let wrong = |error: String| CliError::usage(format!("--key: {error}"));
    let Some(text) = question.key.as_deref() else {
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
    let (account, region, id) = Key::parse_arn(text).map_err(|error| wrong(error.to_string()))?;
    Ok(NamedKey { id, alias: None, arn: Some((account, region)) })
}

fn alias(text: &str, arn: Option<(Account, String)>) -> Result<NamedKey, String> {
    if Key::is_alias(text) {
        Ok(NamedKey { id: PLAIN_KEY_ID.into(), alias: Some(text.into()), arn })
    } else {
        Err(format!("expected an alias such as `alias/app`, found {}", Quoted(text)))
    }
}
