//! `kms-sim policy default|roles|console`

use std::io::Write as _;

use clap::{Subcommand, ValueEnum};
use kms_sim::arn::{Arn, Partition, is_region};
use kms_sim::generate::{
    AccountStatement, GenerateError, KeyPolicy, KeyType, KeyTypeNames, Part, Practice, Regions,
    Roles, ServiceUser, Terraform,
};
use kms_sim::request::{Account, PrincipalName};
use kms_sim::text::{Printable, Quoted};

use super::{CliError, Color, Exit, Streams};

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(subcommand)]
    which: Which,
}

const EXAMPLES: &str = "\
Examples:
  kms-sim policy default --account 123456789012
  kms-sim policy roles --account 123456789012 --admin role/DevOpsAdminRole --user role/WebAppInstanceRole
  kms-sim policy roles --account 123456789012 --admin role/Admin --user role/Signer --key-spec RSA_2048 --key-usage SIGN_VERIFY --format terraform";

/// The policies there are.
#[derive(Debug, Subcommand)]
enum Which {
    /// The account statement alone: the account's IAM policies decide everything
    Default(DefaultArgs),
    /// Administrators manage the key, users use it, and the account statement is the safety net
    Roles(RolesArgs),
    /// What the KMS console writes: as roles, but administrators have every action that manages
    /// the key, and users may also let AWS services use it
    Console(RolesArgs),
}

#[derive(Debug, clap::Args)]
struct DefaultArgs {
    #[command(flatten)]
    key: KeyArgs,
}

#[derive(Debug, clap::Args)]
struct RolesArgs {
    /// Who manages the key and cannot use it, unless they give it to themselves by a grant or
    /// another key policy: role/NAME, user/NAME, an ARN; may be repeated
    #[arg(long, value_name = "P")]
    admin: Vec<String>,
    /// Who uses the key, also of another account by its ARN; may be repeated
    #[arg(long, value_name = "P")]
    user: Vec<String>,
    /// Who may let AWS services use the key for resources of theirs (volumes, databases), by
    /// grants that the services create; may be repeated
    #[arg(long, alias = "grant-users", value_name = "P")]
    grant_user: Vec<String>,
    /// A service that uses the key as itself: logs.us-east-1.amazonaws.com, sns; may be repeated
    #[arg(long, value_name = "S")]
    service: Vec<String>,
    /// The Region of services named in short
    #[arg(long, value_name = "R")]
    region: Option<String>,
    /// Leave out the account statement: nobody but the administrators can ever change the policy
    #[arg(long)]
    no_account_statement: bool,
    #[command(flatten)]
    key: KeyArgs,
}

#[derive(Debug, clap::Args)]
struct KeyArgs {
    /// The account of the key [default: that of an ARN in --admin]
    #[arg(long, value_name = "ID")]
    account: Option<String>,
    /// The partition of the key [default: that of an ARN in --admin, or aws]
    #[arg(long, value_name = "PARTITION")]
    partition: Option<String>,
    /// The kind of the key, as the API names it [default: `SYMMETRIC_DEFAULT`]
    #[arg(long, value_name = "SPEC")]
    key_spec: Option<String>,
    /// What the key is for, where keys of the spec differ
    #[arg(long, value_name = "USAGE")]
    key_usage: Option<String>,
    /// Where its material comes from [default: `AWS_KMS`]
    #[arg(long, value_name = "ORIGIN")]
    origin: Option<String>,
    /// It is a multi-Region key
    #[arg(long)]
    multi_region: bool,
    /// How the policy is written
    #[arg(long, value_enum, default_value = "json")]
    format: Format,
    /// For Terraform, write it as a data source `aws_iam_policy_document`
    #[arg(long)]
    document: bool,
    /// When to colour what is said besides
    #[arg(long, value_enum, default_value = "auto")]
    color: Color,
    /// Print the policy alone
    #[arg(long)]
    quiet: bool,
}

/// How a policy is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// The policy, for `aws kms put-key-policy`
    Json,
    /// A key with the policy
    Terraform,
    /// A template, in YAML, of a key with the policy
    Cloudformation,
}

impl Args {
    pub(crate) fn color(&self) -> Color {
        self.key().color
    }

    fn key(&self) -> &KeyArgs {
        match &self.which {
            Which::Default(args) => &args.key,
            Which::Roles(args) | Which::Console(args) => &args.key,
        }
    }
}

pub(crate) fn run(args: &Args, streams: &mut Streams) -> Result<Exit, CliError> {
    let policy = match &args.which {
        Which::Default(DefaultArgs { key }) => {
            KeyPolicy::for_account(key.account(&[])?, key.key_type()?)
        }
        Which::Roles(args) => KeyPolicy::for_roles(&args.roles(Practice::RoleSeparation)?),
        Which::Console(args) => KeyPolicy::for_roles(&args.roles(Practice::Console)?),
    }?;
    let key = args.key();
    let written = key.written(&policy)?;
    // What AWS would not take is not written: the policy is too large.
    if let Some(refused) = policy.policy()?.warnings().first() {
        return Err(CliError::usage_with_help(
            refused.message(),
            "name fewer principals, or leave some to the account's IAM policies",
        ));
    }
    write!(streams.out, "{written}")?;
    streams.out.flush()?;
    if !key.quiet {
        policy.notes().iter().for_each(|it| streams.note(&format!("note: {}", Printable(it))));
        policy
            .warnings()
            .iter()
            .for_each(|it| streams.note(&format!("warning: {}", Printable(it))));
    }
    Ok(Exit::Done)
}

impl RolesArgs {
    fn roles(&self, practice: Practice) -> Result<Roles, CliError> {
        let account = self.key.account(&self.admin)?;
        if let Some(region) = self.region.as_deref().filter(|region| !is_region(region)) {
            return Err(CliError::usage(format!(
                "--region: expected a Region such as `us-east-1`, found {}",
                Quoted(region)
            )));
        }
        let services = self
            .service
            .iter()
            .map(|service| ServiceUser::parse(service, self.region.as_deref(), account.partition));
        Ok(Roles {
            account,
            key_type: self.key.key_type()?,
            practice,
            admins: principals("--admin", &self.admin, account)?,
            users: principals("--user", &self.user, account)?,
            grant_users: principals("--grant-user", &self.grant_user, account)?,
            services: services.collect::<Result<_, _>>()?,
            account_statement: if self.no_account_statement {
                AccountStatement::Refused
            } else {
                AccountStatement::Kept
            },
        })
    }
}

fn principals(
    option: &str,
    texts: &[String],
    account: Account,
) -> Result<Vec<PrincipalName>, CliError> {
    let parse = |text: &String| {
        PrincipalName::parse(text, Some(account)).map_err(|error| CliError::Usage {
            message: format!("{option}: {error}"),
            help: text.contains(['*', '?']).then(|| {
                "a wildcard names nobody in a key policy, and alone it would let everybody in: name each role or user"
                    .into()
            }),
        })
    };
    texts.iter().map(parse).collect()
}

impl KeyArgs {
    /// From `--account` and `--partition`, else from the first ARN of an administrator.
    fn account(&self, admins: &[String]) -> Result<Account, CliError> {
        let wrong = |option: &'static str| {
            move |error: kms_sim::arn::ParseArnError| CliError::usage(format!("{option}: {error}"))
        };
        let named = admins
            .iter()
            .filter_map(|text| Arn::parse(text).ok())
            .find_map(|arn| Some(Account { partition: arn.partition, id: arn.account_id().ok()? }));
        let partition: Partition = match (&self.partition, named) {
            (Some(text), _) => text.parse().map_err(wrong("--partition"))?,
            (None, Some(named)) => named.partition,
            (None, None) => Partition::default(),
        };
        let id = match (&self.account, named) {
            (Some(text), _) => text.parse().map_err(wrong("--account"))?,
            (None, Some(named)) => named.id,
            (None, None) => {
                return Err(CliError::usage_with_help(
                    "expected the account of the key, found none",
                    "say which with `--account 123456789012`",
                ));
            }
        };
        Ok(Account { partition, id })
    }

    fn key_type(&self) -> Result<KeyType, CliError> {
        Ok(KeyType::new(KeyTypeNames {
            spec: self.key_spec.as_deref(),
            usage: self.key_usage.as_deref(),
            origin: self.origin.as_deref(),
            regions: if self.multi_region { Regions::Multi } else { Regions::Single },
        })?)
    }

    fn written(&self, policy: &KeyPolicy) -> Result<String, CliError> {
        match (self.format, self.document) {
            (Format::Json | Format::Cloudformation, true) => Err(CliError::usage_with_help(
                "expected `--format terraform` with `--document`, found another format",
                "only Terraform has a data source for policies",
            )),
            (Format::Json, false) => Ok(policy.to_json()),
            (Format::Terraform, false) => Ok(policy.to_terraform(Terraform::Inline)?),
            (Format::Terraform, true) => Ok(policy.to_terraform(Terraform::PolicyDocument)?),
            (Format::Cloudformation, false) => Ok(policy.to_cloudformation()?),
        }
    }
}

impl From<GenerateError> for CliError {
    fn from(error: GenerateError) -> Self {
        let option = match error.part {
            Part::AccountStatement => "--no-account-statement",
            Part::Admin => "--admin",
            Part::Format => "--format",
            Part::GrantUser => "--grant-user",
            Part::KeySpec => "--key-spec",
            Part::KeyUsage => "--key-usage",
            Part::MultiRegion => "--multi-region",
            Part::Origin => "--origin",
            Part::Service => "--service",
            Part::User => "--user",
        };
        Self::Usage { message: format!("{option}: {}", error.message), help: error.help }
    }
}
