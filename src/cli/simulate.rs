//! `kms-sim --principal P --action A`

use std::io::Write;

use kms_sim::analysis::Fix;
use kms_sim::kms::Asked;
use kms_sim::report::{Answer, Detail, Reply, ask};
use kms_sim::text::Printable;

use super::environment::{EnvironmentArgs, Prepared};
use super::request::RequestArgs;
use super::{CliError, Color, Exit, OutputFormat, Streams, fix, text};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Who calls: role/NAME, user/NAME, root, an ARN, or a service principal
    #[arg(long, value_name = "P")]
    principal: String,
    /// What is called: kms:Decrypt, decrypt, kms:ReEncrypt; may be repeated
    #[arg(long, value_name = "A")]
    action: Vec<String>,
    #[command(flatten)]
    request: RequestArgs,
    #[command(flatten)]
    environment: EnvironmentArgs,
    /// How the answer is printed
    #[arg(long, value_enum, default_value = "text")]
    format: OutputFormat,
    /// Show every statement and grant, and why it did or did not match
    #[arg(long)]
    explain: bool,
    /// When to colour the output
    #[arg(long, value_enum, default_value = "auto")]
    pub(crate) color: Color,
    /// Print the verdict alone
    #[arg(long)]
    quiet: bool,
}

pub(crate) fn run(args: &Args, streams: &mut Streams) -> Result<Exit, CliError> {
    let asked = args.asked()?;
    let first = asked.first().ok_or_else(|| CliError::usage("expected `--action`, found none"))?;
    let mut question = args.request.question(&args.principal, *first)?;
    let Prepared { environment, source, warnings, assumed } =
        args.environment.prepare(&mut question, &[])?;
    if !args.quiet {
        streams.note(&source.note());
    }
    let detail = if args.explain { Detail::Everything } else { Detail::Reasons };
    let answers = asked
        .iter()
        .map(|asked| {
            let Reply { decision, mut answer, .. } = ask(&environment, *asked, &question, detail)?;
            answer.warnings.extend(assumed.iter().cloned());
            // The verdict alone needs none.
            let is_told = args.format == OutputFormat::Json || !args.quiet;
            let fixes = if is_told && answer.allowed == Some(false) {
                answer.warnings.extend(Fix::warnings(&environment, *asked, &question)?);
                Fix::of(&environment, *asked, &question)?
            } else {
                Vec::new()
            };
            answer.fixes = fix::rows(&fixes);
            Ok(Told { exit: Exit::from(decision), answer, fixes })
        })
        .collect::<Result<Vec<Told>, CliError>>();
    // What the question names may be what an import left out.
    let answers = answers.inspect_err(|_| {
        if !args.quiet {
            notes(&warnings, &[], streams);
        }
    })?;
    print(args, &answers, streams)?;
    if !args.quiet {
        notes(&warnings, &answers, streams);
    }
    Ok(answers.iter().map(|told| told.exit).max().unwrap_or(Exit::Done))
}

impl Args {
    /// One question for each action, or one for an operation of a service.
    fn asked(&self) -> Result<Vec<Asked>, CliError> {
        match (self.request.operation()?, self.action.is_empty()) {
            (Some(operation), true) => Ok(vec![Asked::Service(operation)]),
            (Some(_), false) => Err(CliError::usage_with_help(
                "expected no `--action` with an operation in `--via`, which says what is called",
                "to ask about one action, name only the service: `--via s3`",
            )),
            (None, true) => Err(CliError::usage_with_help(
                "expected `--action`, found none",
                "name what is called, such as `--action kms:Decrypt`",
            )),
            (None, false) => {
                let parse = |text: &String| {
                    Asked::parse(text).map_err(|error| CliError::Usage {
                        message: error.to_string(),
                        help: error.help(),
                    })
                };
                self.action.iter().map(parse).collect()
            }
        }
    }
}

/// An answer, with what would fix it.
struct Told {
    exit: Exit,
    answer: Answer,
    fixes: Vec<Fix>,
}

fn print(args: &Args, answers: &[Told], streams: &mut Streams) -> Result<(), CliError> {
    match args.format {
        OutputFormat::Json => {
            let answers: Vec<&Answer> = answers.iter().map(|told| &told.answer).collect();
            let json = match answers.as_slice() {
                [only] => serde_json::to_string_pretty(only),
                several => serde_json::to_string_pretty(several),
            };
            let json = json.map_err(|error| CliError::usage(error.to_string()))?;
            writeln!(streams.out, "{}", text::safe_json(&json))?;
        }
        OutputFormat::Text => {
            for (index, Told { answer, fixes, .. }) in answers.iter().enumerate() {
                if index > 0 && !args.quiet {
                    writeln!(streams.out)?;
                }
                let told = if args.quiet {
                    text::verdict(answer)
                } else {
                    text::answer(answer, &fix::short(answer, fixes))
                };
                write!(streams.out, "{told}")?;
            }
        }
    }
    streams.out.flush()?;
    Ok(())
}

/// What is to be said of the environment, and is not said in an answer. After the answers:
/// it may concern what was not asked.
fn notes(warnings: &[String], answers: &[Told], streams: &mut Streams) {
    let is_told = |warning: &String| answers.iter().any(|it| it.answer.warnings.contains(warning));
    for warning in warnings.iter().filter(|warning| !is_told(warning)) {
        streams.note(&format!("warning: {}", Printable(warning)));
    }
}
