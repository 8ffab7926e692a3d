//! `kms-sim --principal P --action A`

use std::collections::BTreeSet;
use std::io::Write;
use std::sync::Arc;

use kms_sim::arn::{AccountId, Arn};
use kms_sim::document::InputError;
use kms_sim::environment::{Attached, Environment, Key, Principal, default_key_policy, example};
use kms_sim::evaluate::{Answer, explain};
use kms_sim::kms::Action;
use kms_sim::policy::{Kind, Policy};
use kms_sim::request::{Account, Entry, Moment, PrincipalName, Question, Rules};
use kms_sim::text::Quoted;

use super::input::{self, Disk, Inputs};
use super::{CliError, Color, Exit, OutputFormat, Streams, text};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Who calls: role/NAME, user/NAME, root, an ARN, or a service principal
    #[arg(long, value_name = "P")]
    principal: String,
    /// What is called: kms:Decrypt, decrypt; may be repeated
    #[arg(long, value_name = "A", required = true)]
    action: Vec<String>,
    /// Key id, key ARN, alias/NAME, alias ARN, or a name in the environment file
    #[arg(long, value_name = "K")]
    key: Option<String>,
    /// Environment or scenario file [default: kms-sim.yaml|yml|json here or in a parent folder]
    #[arg(long, value_name = "FILE")]
    env: Option<String>,
    /// The key policy, in place of the environment's
    #[arg(long, value_name = "FILE")]
    key_policy: Option<String>,
    /// An identity policy of the principal, besides the environment's; may be repeated
    #[arg(long, value_name = "FILE")]
    identity_policy: Vec<String>,
    /// Ask as this session of the role
    #[arg(long, value_name = "NAME")]
    session_name: Option<String>,
    /// The IAM user behind a federated user
    #[arg(long, value_name = "P")]
    issued_by: Option<String>,
    /// A condition key of the request; repeat a key for several values
    #[arg(long, value_name = "KEY=VALUE")]
    context: Vec<String>,
    /// Leave this condition key open, even where it could be derived
    #[arg(long, value_name = "KEY")]
    unknown: Vec<String>,
    /// A pair of the encryption context
    #[arg(long, value_name = "K=V")]
    encryption_context: Vec<String>,
    /// The call is made by this AWS service for the principal (ssm, s3, secretsmanager, …)
    #[arg(long, value_name = "SERVICE")]
    via: Option<String>,
    /// When, as ISO 8601 [default: now]
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    /// The account of short names
    #[arg(long, value_name = "ID")]
    account: Option<String>,
    /// The Region of short names
    #[arg(long, value_name = "R")]
    region: Option<String>,
    /// aws, or the stricter dual-permission
    #[arg(long, value_name = "RULES")]
    rules: Option<String>,
    /// How the answer is printed
    #[arg(long, value_enum, default_value = "text")]
    format: OutputFormat,
    /// Show every statement, and why it did or did not match
    #[arg(long)]
    explain: bool,
    /// When to colour the output
    #[arg(long, value_enum, default_value = "auto")]
    pub(crate) color: Color,
    /// Print the verdict alone
    #[arg(long)]
    quiet: bool,
    #[command(flatten)]
    later: Later,
}

/// Options of policies and parameters that are not evaluated yet. Ignoring one could give a
/// wrong answer, so each is refused.
#[derive(Debug, clap::Args)]
struct Later {
    #[arg(long, value_name = "FILE", hide = true)]
    permissions_boundary: Option<String>,
    #[arg(long, value_name = "FILE", hide = true)]
    session_policy: Vec<String>,
    #[arg(long, value_name = "FILE", hide = true)]
    scp: Vec<String>,
    #[arg(long, value_name = "FILE", hide = true)]
    rcp: Vec<String>,
    #[arg(long, value_name = "FILE", hide = true)]
    vpc_endpoint_policy: Option<String>,
    #[arg(long, value_name = "FILE", hide = true)]
    grant: Vec<String>,
    #[arg(long, value_name = "NAME=VALUE", hide = true)]
    parameter: Vec<String>,
    #[arg(long, value_name = "K", hide = true)]
    destination_key: Option<String>,
}

impl Later {
    fn refuse(&self) -> Result<(), CliError> {
        let given = [
            ("--permissions-boundary", self.permissions_boundary.is_some()),
            ("--session-policy", !self.session_policy.is_empty()),
            ("--scp", !self.scp.is_empty()),
            ("--rcp", !self.rcp.is_empty()),
            ("--vpc-endpoint-policy", self.vpc_endpoint_policy.is_some()),
            ("--grant", !self.grant.is_empty()),
            ("--parameter", !self.parameter.is_empty()),
            ("--destination-key", self.destination_key.is_some()),
        ];
        match given.iter().find(|(_, given)| *given) {
            None => Ok(()),
            Some((option, _)) => Err(CliError::usage_with_help(
                format!("expected no `{option}`: it is not evaluated yet"),
                "an answer that ignored it could be wrong",
            )),
        }
    }
}

pub(crate) fn run(args: &Args, streams: &mut Streams) -> Result<Exit, CliError> {
    args.later.refuse()?;
    let questions = questions(args)?;
    let Prepared { mut environment, is_example, warnings } = environment(args)?;
    if let Some(account) = args.account_id()? {
        let partition = environment.account.map(|account| account.partition).unwrap_or_default();
        environment.account = Some(Account { partition, id: account });
    }
    if let Some(region) = &args.region {
        environment.region.clone_from(region);
    }
    if !args.quiet {
        notes(is_example, &warnings, streams);
    }
    let answers = questions
        .iter()
        .map(|question| {
            let request = environment.request(question)?;
            let explanation = explain(&request);
            let answer = if args.explain {
                explanation.answer_with_trace(&request)
            } else {
                explanation.answer(&request)
            };
            Ok((Exit::from(explanation.outcome.decision), answer))
        })
        .collect::<Result<Vec<(Exit, Answer)>, CliError>>()?;
    print(args, &answers, streams)?;
    Ok(answers.iter().map(|(exit, _)| *exit).max().unwrap_or(Exit::Done))
}

fn print(args: &Args, answers: &[(Exit, Answer)], streams: &mut Streams) -> Result<(), CliError> {
    match args.format {
        OutputFormat::Json => {
            let answers: Vec<&Answer> = answers.iter().map(|(_, answer)| answer).collect();
            let json = match answers.as_slice() {
                [only] => serde_json::to_string_pretty(only),
                several => serde_json::to_string_pretty(several),
            };
            let json = json.map_err(|error| CliError::usage(error.to_string()))?;
            writeln!(streams.out, "{json}")?;
        }
        OutputFormat::Text => {
            for (index, (_, answer)) in answers.iter().enumerate() {
                if index > 0 && !args.quiet {
                    writeln!(streams.out)?;
                }
                let told = if args.quiet { text::verdict(answer) } else { text::answer(answer) };
                write!(streams.out, "{told}")?;
            }
        }
    }
    streams.out.flush()?;
    Ok(())
}

fn notes(is_example: bool, warnings: &[InputError], streams: &mut Streams) {
    if is_example {
        streams.note(
            "note: no environment or policy was given, so this is the built-in example: a key whose policy \
             separates administrators (role/DevOpsAdminRole) from users (role/WebAppInstanceRole).\n      \
             Give your own with --key-policy and --identity-policy, or with --env.\n",
        );
    }
    for warning in warnings {
        streams.note(&format!("warning: {warning}"));
    }
}

/// One question for each action.
fn questions(args: &Args) -> Result<Vec<Question>, CliError> {
    let actions = args.action.iter().map(|text| {
        Action::parse(text)
            .map_err(|error| CliError::Usage { message: error.to_string(), help: error.help() })
    });
    let actions = actions.collect::<Result<Vec<_>, _>>()?;
    let first = actions
        .first()
        .copied()
        .ok_or_else(|| CliError::usage("expected `--action`, found none"))?;
    let mut question = Question::new(&args.principal, first);
    question.key.clone_from(&args.key);
    question.session.name.clone_from(&args.session_name);
    question.session.issued_by.clone_from(&args.issued_by);
    question.via.clone_from(&args.via);
    question.at = match &args.at {
        Some(at) => Moment::Given(at.clone()),
        None => Moment::Clock(jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()),
    };
    question.rules = args
        .rules
        .as_deref()
        .map(str::parse::<Rules>)
        .transpose()
        .map_err(|error| CliError::usage(format!("--rules: {error}")))?;
    if !args.encryption_context.is_empty() {
        let pairs =
            args.encryption_context.iter().map(|pair| key_value("--encryption-context", pair));
        question.encryption_context = Some(pairs.collect::<Result<_, _>>()?);
    }
    question.context = context(args)?;
    Ok(actions.into_iter().map(|action| Question { action, ..question.clone() }).collect())
}

/// A repeated key is multivalued; `--unknown` leaves one open.
fn context(args: &Args) -> Result<Vec<(String, Entry)>, CliError> {
    let mut context: Vec<(String, Entry)> = Vec::new();
    for pair in &args.context {
        let (key, value) = key_value("--context", pair)?;
        match context.iter_mut().find(|(known, _)| known.eq_ignore_ascii_case(&key)) {
            Some((_, Entry::Values(values))) => values.push(value),
            _ => context.push((key, Entry::value(value))),
        }
    }
    context.extend(args.unknown.iter().map(|key| (key.clone(), Entry::Unknown)));
    Ok(context)
}

fn key_value(option: &str, text: &str) -> Result<(String, String), CliError> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err(CliError::usage(format!("expected `{option} KEY=VALUE`, found {}", Quoted(text)))),
    }
}

struct Prepared {
    environment: Environment,
    is_example: bool,
    warnings: Vec<InputError>,
}

fn environment(args: &Args) -> Result<Prepared, CliError> {
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
    let target = match (&args.key, environment.keys()) {
        (None, [only]) => only.arn(),
        _ => {
            let action = Action::parse("kms:DescribeKey")
                .map_err(|error| CliError::usage(error.to_string()))?;
            let mut question = Question::new(&args.principal, action);
            question.key.clone_from(&args.key);
            question.session.name.clone_from(&args.session_name);
            environment.request(&question)?.resource
        }
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
    fn account_id(&self) -> Result<Option<AccountId>, CliError> {
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
        match arn {
            None => Ok((text.to_owned(), None)),
            Some(_) => {
                let (_, _, id) = Key::parse_arn(text)
                    .map_err(|error| CliError::usage(format!("--key: {error}")))?;
                Ok((id, None))
            }
        }
    }
}
