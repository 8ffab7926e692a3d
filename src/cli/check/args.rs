use clap::ValueEnum;
use kms_sim::arn::is_region;
use kms_sim::import::Assumptions;
use kms_sim::lint::{Selection, Severity};
use kms_sim::policy::Kind;
use kms_sim::text::Quoted;

use super::config::Config;
use crate::cli::formats::Output;
use crate::cli::input::Inputs;
use crate::cli::world::AssumeArgs;
use crate::cli::{CliError, Color};

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Files, folders, patterns, or `-`: policies of every kind, environment and scenario files, Terraform plans
    /// and state (`terraform show -json`), CloudFormation templates, what the AWS CLI prints
    #[arg(value_name = "PATH", required_unless_present_any = ["list", "explain"])]
    pub(super) paths: Vec<String>,
    /// What the policies are [default: by what stands in them]
    #[arg(long, value_enum, value_name = "KIND")]
    pub(super) kind: Option<PolicyKind>,
    /// The account that policies by themselves belong to [default: the one that a key policy lets
    /// administer the key]
    #[arg(long, value_name = "ID")]
    account: Option<String>,
    /// The Region that plans and templates are deployed to, and that keys are in which do not say theirs
    /// [default: none is taken for sure]
    #[arg(long, value_name = "R")]
    region: Option<String>,
    #[command(flatten)]
    open: AssumeArgs,
    /// Only these rules, by code, name, or the beginning of a code; may be repeated
    #[arg(long, value_name = "CODE", value_delimiter = ',')]
    select: Vec<String>,
    /// Not these rules; may be repeated
    #[arg(long, value_name = "CODE", value_delimiter = ',')]
    ignore: Vec<String>,
    /// The least severity that fails the run: error, security-warning, warning or suggestion
    /// [default: warning]
    #[arg(long, value_name = "SEVERITY")]
    fail_on: Option<Severity>,
    /// The configuration [default: kms-sim.toml here or in a parent folder]
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<String>,
    /// How findings are printed, and where to: text, json, sarif, github, markdown or
    /// access-analyzer; may be repeated [default: text]
    #[arg(long, value_name = "FORMAT[=FILE]", value_parser = Output::<Format>::parse)]
    pub(super) format: Vec<Output<Format>>,
    /// Besides, who gains or loses what against this older version: a file, or a folder whose files
    /// have the same names
    #[arg(long, value_name = "OLD")]
    pub(super) against: Option<String>,
    /// List the rules
    #[arg(long)]
    pub(super) list: bool,
    /// Print the page of a rule, by its code or name
    #[arg(long, value_name = "CODE")]
    pub(super) explain: Option<String>,
    /// When to colour the output
    #[arg(long, value_enum, default_value = "auto")]
    pub(crate) color: Color,
    /// Print findings and the summary alone
    #[arg(long)]
    pub(super) quiet: bool,
}

const EXAMPLES: &str = "\
Examples:
  kms-sim check key-policy.json
  kms-sim check policies/ kms-sim.yaml --fail-on security-warning
  kms-sim check policies/ --format text --format sarif=findings.sarif
  kms-sim check key-policy.json --against deployed.json
  kms-sim check --explain KMS301

A finding is silenced with a reason: in YAML by a comment `# kms-sim: ignore CODE REASON`, at the end
of its line or alone above what it is in, also in templates; for JSON in kms-sim.toml:
  [[check.suppress]]
  code = \"KMS301\"
  file = \"policies/public.json\"
  sid = \"PublicExample\"           # and/or resource = \"AppKey\", pointer = \"/Statement/0\"
  reason = \"the key of a public example\"

Exit status: 0 nothing found that fails the run; 1 findings; 2 could not run, or a file could not be
read (the others are checked all the same).";

/// How findings are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people
    Text,
    /// For programs
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Annotations of GitHub Actions
    Github,
    /// A comment on a pull request
    Markdown,
    /// As `aws accessanalyzer validate-policy` prints them
    AccessAnalyzer,
}

/// The kinds of policy, as options name them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum PolicyKind {
    IdentityPolicy,
    KeyPolicy,
    PermissionsBoundary,
    Rcp,
    Scp,
    SessionPolicy,
    VpcEndpointPolicy,
}

impl From<PolicyKind> for Kind {
    fn from(kind: PolicyKind) -> Self {
        match kind {
            PolicyKind::IdentityPolicy => Self::Identity,
            PolicyKind::KeyPolicy => Self::Key,
            PolicyKind::PermissionsBoundary => Self::PermissionsBoundary,
            PolicyKind::Rcp => Self::ResourceControl,
            PolicyKind::Scp => Self::ServiceControl,
            PolicyKind::SessionPolicy => Self::Session,
            PolicyKind::VpcEndpointPolicy => Self::VpcEndpoint,
        }
    }
}

impl Args {
    /// What the command line says that documents leave open.
    pub(super) fn assumptions(&self) -> Result<Assumptions, CliError> {
        let account = self.account.as_deref().map(|text| {
            text.parse().map_err(|error| CliError::usage(format!("--account: {error}")))
        });
        if let Some(region) = self.region.as_deref().filter(|it| !is_region(it)) {
            return Err(CliError::usage(format!(
                "--region: expected a Region such as `us-east-1`, found {}",
                Quoted(region)
            )));
        }
        let mut assumptions = Assumptions {
            account: account.transpose()?,
            region: self.region.clone(),
            ..Assumptions::default()
        };
        self.open.assume(&mut assumptions, &mut Inputs::default())?;
        Ok(assumptions)
    }

    /// The rules of the command line, else those of the configuration.
    pub(super) fn selection(&self, config: &Config) -> Result<Selection, CliError> {
        let one = |text: &str| Selection::new(&[text.to_owned()], &[]).map(|_| text.to_owned());
        let written = |listed: &[toml::Spanned<String>]| {
            listed.iter().map(|it| config.parse(it, one)).collect::<Result<Vec<_>, _>>()
        };
        let select = if self.select.is_empty() {
            written(&config.check.select)?
        } else {
            self.select.clone()
        };
        let ignore = [written(&config.check.ignore)?, self.ignore.clone()].concat();
        Selection::new(&select, &ignore).map_err(|error| super::unknown(&error))
    }

    pub(super) fn fail_on(&self, config: &Config) -> Result<Severity, CliError> {
        let written = config.check.fail_on.as_ref();
        match (self.fail_on, written) {
            (Some(severity), _) => Ok(severity),
            (None, Some(text)) => config.parse(text, str::parse),
            (None, None) => Ok(Severity::Warning),
        }
    }
}
