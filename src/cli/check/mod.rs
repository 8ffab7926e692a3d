//! `kms-sim check PATH…`

mod files;
mod json;
mod lockout;
mod read;
mod rules;
mod text;

use clap::ValueEnum;
use kms_sim::arn::AccountId;
use kms_sim::document::InputError;
use kms_sim::lint::{Finding, Selection, Severity, UnknownRule, check};
use kms_sim::policy::Kind;

use self::read::{Options, Readings};
use super::formats::{self, Output};
use super::{CliError, Color, Exit, Streams};

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Files and folders: policies of every kind, environment and scenario files
    #[arg(value_name = "PATH", required_unless_present_any = ["list", "explain"])]
    paths: Vec<String>,
    /// What the policies are [default: by what stands in them]
    #[arg(long, value_enum, value_name = "KIND")]
    kind: Option<PolicyKind>,
    /// The account that policies by themselves belong to [default: the one that a key policy lets
    /// administer the key]
    #[arg(long, value_name = "ID")]
    account: Option<String>,
    /// Only these rules, by code, name, or the beginning of a code; may be repeated
    #[arg(long, value_name = "CODE", value_delimiter = ',')]
    select: Vec<String>,
    /// Not these rules; may be repeated
    #[arg(long, value_name = "CODE", value_delimiter = ',')]
    ignore: Vec<String>,
    /// The least severity that fails the run: error, security-warning, warning or suggestion
    #[arg(long, value_name = "SEVERITY", default_value = "warning")]
    fail_on: Severity,
    /// How findings are printed, and where to: FORMAT, or FORMAT=FILE; may be repeated [default: text]
    #[arg(long, value_name = "FORMAT[=FILE]", value_parser = Output::<Format>::parse)]
    format: Vec<Output<Format>>,
    /// List the rules
    #[arg(long)]
    list: bool,
    /// Print the page of a rule, by its code or name
    #[arg(long, value_name = "CODE")]
    explain: Option<String>,
    /// When to colour the output
    #[arg(long, value_enum, default_value = "auto")]
    pub(crate) color: Color,
    /// Print findings and the summary alone
    #[arg(long)]
    quiet: bool,
}

const EXAMPLES: &str = "\
Examples:
  kms-sim check key-policy.json
  kms-sim check policies/ kms-sim.yaml --fail-on security-warning
  kms-sim check --explain KMS301

Exit status: 0 nothing found that fails the run; 1 findings; 2 could not run, or a file could not be
read (the others are checked all the same).";

/// The kinds of policy, as options name them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum PolicyKind {
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

/// How findings are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// For programs
    Json,
}

/// What a run found.
#[derive(Debug, Default)]
struct Report {
    findings: Vec<Finding>,
    /// Files that could not be read.
    errors: Vec<InputError>,
    /// What was guessed and what was passed over.
    notes: Vec<String>,
    /// How many files were checked.
    files: usize,
}

pub(crate) fn run(args: &Args, streams: &mut Streams) -> Result<Exit, CliError> {
    if args.list {
        return rules::list(streams);
    }
    if let Some(code) = &args.explain {
        return rules::explain(code, streams);
    }
    let selection = Selection::new(&args.select, &args.ignore).map_err(|it| unknown(&it))?;
    let outputs = formats::targets(&args.format, Format::Text)?;
    let report = args.report(&selection)?;
    for note in report.notes.iter().filter(|_| !args.quiet) {
        streams.note(&format!("note: {}", kms_sim::text::Printable(note)));
    }
    for error in &report.errors {
        streams.note(&super::diagnostics::excerpt(error));
    }
    let written = formats::write(&outputs, streams, |format| told(format, &report))?;
    let fails = report.findings.iter().any(|finding| finding.severity >= args.fail_on);
    let exit = match (report.errors.is_empty(), fails) {
        (false, _) => Exit::CouldNotRun,
        (true, true) => Exit::Denied,
        (true, false) => Exit::Done,
    };
    Ok(exit.max(written))
}

fn told(format: Format, report: &Report) -> Result<String, CliError> {
    match format {
        Format::Text => Ok(text::told(report)),
        Format::Json => json::told(report),
    }
}

impl Args {
    fn report(&self, selection: &Selection) -> Result<Report, CliError> {
        let mut report = Report::default();
        let files = files::find(&self.paths, &mut report.errors);
        let options = Options { kind: self.kind.map(Kind::from), account: self.account_id()? };
        for file in files {
            match read::file(&file, options) {
                Err(error) => report.errors.push(error),
                Ok(Readings { subjects, findings, notes, is_checked }) => {
                    report.files += usize::from(is_checked);
                    report.notes.extend(notes);
                    report
                        .findings
                        .extend(findings.into_iter().filter(|it| selection.has(it.rule)));
                    for subject in &subjects {
                        report.findings.extend(check(subject, selection));
                        report.findings.extend(lockout::check(subject, selection));
                    }
                }
            }
        }
        report.findings.sort_by(Finding::by_place);
        report.findings.dedup();
        if report.files == 0 && report.errors.is_empty() {
            return Err(CliError::usage_with_help(
                format!(
                    "expected policies or environments, found none in {}",
                    self.paths.join(", ")
                ),
                "a policy is a JSON or YAML document with `Statement`, an environment one with `keys`",
            ));
        }
        Ok(report)
    }

    fn account_id(&self) -> Result<Option<AccountId>, CliError> {
        let parse = |text: &str| {
            text.parse().map_err(|error| CliError::usage(format!("--account: {error}")))
        };
        self.account.as_deref().map(parse).transpose()
    }
}

fn unknown(error: &UnknownRule) -> CliError {
    CliError::Usage {
        message: error.to_string(),
        help: error.help().or_else(|| Some("`kms-sim check --list` lists the rules".to_owned())),
    }
}
