//! `kms-sim --principal P --action A`

use std::io::Write;

use kms_sim::environment::{Moment, Question};
use kms_sim::evaluate::explain;
use kms_sim::kms::Action;
use kms_sim::report::Answer;
use kms_sim::request::{Entry, Rules};
use kms_sim::text::{Printable, Quoted};

use super::prepare::{Origin, Prepared, environment};
use super::{CliError, Color, Exit, OutputFormat, Streams, text};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Who calls: role/NAME, user/NAME, root, an ARN, or a service principal
    #[arg(long, value_name = "P")]
    pub(super) principal: String,
    /// What is called: kms:Decrypt, decrypt; may be repeated
    #[arg(long, value_name = "A", required = true)]
    action: Vec<String>,
    /// Key id, key ARN, alias/NAME, alias ARN, or a name in the environment file
    #[arg(long, value_name = "K")]
    pub(super) key: Option<String>,
    /// Environment or scenario file [default: kms-sim.yaml|yml|json here or in a parent folder]
    #[arg(long, value_name = "FILE")]
    pub(super) env: Option<String>,
    /// The key policy, in place of the environment's
    #[arg(long, value_name = "FILE")]
    pub(super) key_policy: Option<String>,
    /// An identity policy of the principal, besides the environment's; may be repeated
    #[arg(long, value_name = "FILE")]
    pub(super) identity_policy: Vec<String>,
    /// Ask as this session of the role
    #[arg(long, value_name = "NAME")]
    pub(super) session_name: Option<String>,
    /// The IAM user behind a federated user
    #[arg(long, value_name = "P")]
    pub(super) issued_by: Option<String>,
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
    pub(super) account: Option<String>,
    /// The Region of short names
    #[arg(long, value_name = "R")]
    pub(super) region: Option<String>,
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
    let Prepared { environment, source, warnings } = environment(args, &questions)?;
    if !args.quiet {
        streams.note(&origin(&source));
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
    if !args.quiet {
        notes(&warnings, &answers, streams);
    }
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
            writeln!(streams.out, "{}", text::safe_json(&json))?;
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

/// Where the environment comes from, unless the command line says so itself.
fn origin(source: &Origin) -> String {
    match source {
        Origin::Example => "note: no environment or policy was given, so this is the built-in example: a key whose policy \
             separates administrators (role/DevOpsAdminRole) from users (role/WebAppInstanceRole).\n      \
             Give your own with --key-policy and --identity-policy, or with --env.\n"
            .into(),
        Origin::Found(file) => format!("note: the environment is {}", Printable(file)),
        Origin::Options => String::new(),
    }
}

/// What is to be said of the environment, and is not said in an answer. After the answers:
/// it may concern what was not asked.
fn notes(warnings: &[String], answers: &[(Exit, Answer)], streams: &mut Streams) {
    let is_told = |warning: &String| answers.iter().any(|(_, it)| it.warnings.contains(warning));
    for warning in warnings.iter().filter(|warning| !is_told(warning)) {
        streams.note(&format!("warning: {}", Printable(warning)));
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
    if args.unknown.iter().any(String::is_empty) {
        return Err(CliError::usage("expected `--unknown KEY`, found an empty key"));
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
