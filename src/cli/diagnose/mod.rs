//! `kms-sim diagnose`

mod told;

use std::io::{self, IsTerminal, Write};
use std::path::Path;

use kms_sim::analysis::Fix;
use kms_sim::diagnose::{Counts, Diagnosis, Incident, Reading, read};
use kms_sim::environment::{Environment, Moment, Question, QuestionPart};
use kms_sim::kms::Asked;
use serde::Serialize;

use super::environment::{EnvironmentArgs, Origin};
use super::input::Inputs;
use super::request::RequestArgs;
use super::{CliError, Color, Exit, OutputFormat, Streams, fix, text};

const AFTER_HELP: &str = "\
The message may stand in whatever wrapping, the events in whatever CloudTrail, its tools or
EventBridge print. Without policies it is told which side AWS names, which others that rules out,
and what to fetch; with an environment, whether a simulation agrees.

Exit status: with an environment that of the simulation (0 allowed, 1 denied, 3 undetermined);
without one 1 for a denial, and 0 for whatever else is understood; 2 for a text that is not.

Examples:
  kms-sim diagnose 'User: arn:aws:sts::… is not authorized to perform: kms:Decrypt …'
  kms-sim diagnose error.txt --key-policy key.json --identity-policy web.json --via ssm
  aws cloudtrail lookup-events --lookup-attributes AttributeKey=EventName,AttributeValue=Decrypt |
    kms-sim diagnose --env kms-sim.yaml";

#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Args {
    /// The message, or a file with messages or events, or - [default: standard input]
    #[arg(value_name = "TEXT|FILE")]
    text: Vec<String>,
    #[command(flatten)]
    request: RequestArgs,
    #[command(flatten)]
    environment: EnvironmentArgs,
    /// How the diagnosis is printed
    #[arg(long, value_enum, default_value = "text")]
    format: OutputFormat,
    /// When to colour the output
    #[arg(long, value_enum, default_value = "auto")]
    pub(crate) color: Color,
    /// Print what happened and the cause alone
    #[arg(long)]
    quiet: bool,
}

/// Everything that a text tells, as it is printed in JSON.
#[derive(Serialize)]
struct Report {
    diagnoses: Vec<Diagnosis>,
    events: Option<Counts>,
}

pub(crate) fn run(args: &Args, streams: &mut Streams) -> Result<Exit, CliError> {
    let mut inputs = Inputs::default();
    let text = args.text(&mut inputs, streams)?;
    let Reading { incidents, events, .. } = read(&text).map_err(|error| CliError::Usage {
        message: error.to_string(),
        help: error.help().map(str::to_owned),
    })?;
    let is_given = args.environment.is_given();
    let mut report = Report { diagnoses: Vec::new(), events };
    let mut fixes: Vec<Vec<Fix>> = Vec::new();
    let mut exit = Exit::Done;
    if let Some(Counts { unreadable: 1.., .. }) = events {
        streams.note("warning: some events break off or cannot be read, and are not told");
    }
    if let Some(found) = args.environment.found().filter(|_| !args.quiet) {
        streams.note(&Origin::Found(found).note());
    }
    for (number, (incident, times)) in incidents.iter().enumerate() {
        let mut told = match args.question(incident)? {
            Ok(asked) if is_given => args.simulated(incident, asked, &mut inputs)?,
            Err(reason) if is_given => without(incident, Some(reason)),
            Ok(_) | Err(_) => without(incident, None),
        };
        told.diagnosis.times = *times;
        exit = exit.max(told.exit);
        let is_fixed = number < FIXED && !args.quiet;
        fixes.push(if is_fixed { told.fixes()? } else { Vec::new() });
        report.diagnoses.push(told.diagnosis);
    }
    print(args, &report, &fixes, streams)?;
    Ok(exit)
}

/// Whether an argument is a file, or the name of one that is not there: no message is one word
/// that ends as files do.
fn is_file(text: &str) -> bool {
    let path = Path::new(text);
    let extension = path.extension().and_then(|it| it.to_str()).unwrap_or_default();
    let is_name = ["gz", "json", "log", "txt"].contains(&extension);
    path.is_file() || (is_name && !text.contains(char::is_whitespace))
}

/// Of so many incidents the fixes are looked for, which takes a while each.
const FIXED: usize = 5;

/// A diagnosis, and where it was simulated.
struct Told {
    exit: Exit,
    diagnosis: Diagnosis,
    simulated: Option<(Environment, Asked, Question)>,
}

impl Told {
    /// What turns the simulated denial into `allowed`, put into the answer as well.
    fn fixes(&mut self) -> Result<Vec<Fix>, CliError> {
        let (Some((environment, asked, question)), Some(simulation)) =
            (&self.simulated, &mut self.diagnosis.simulation)
        else {
            return Ok(Vec::new());
        };
        if simulation.agreement != "agrees" || simulation.answer.allowed != Some(false) {
            return Ok(Vec::new());
        }
        let fixes = Fix::of(environment, *asked, question)?;
        simulation.answer.warnings.extend(Fix::warnings(environment, *asked, question)?);
        simulation.answer.fixes = fix::rows(&fixes);
        Ok(fixes)
    }
}

/// What the message or event says by itself, and why there is no simulation.
fn without(incident: &Incident, not_simulated: Option<String>) -> Told {
    let mut diagnosis = incident.diagnosis();
    diagnosis.not_simulated = not_simulated;
    let exit = if diagnosis.said == "denied" { Exit::Denied } else { Exit::Done };
    Told { exit, diagnosis, simulated: None }
}

impl Args {
    /// A file's content, standard input, or the words themselves.
    fn text(&self, inputs: &mut Inputs, streams: &mut Streams) -> Result<String, CliError> {
        let mut of = |name: &str| -> Result<String, CliError> {
            let (source, is_marked) = inputs.loose_text(name).map_err(blank)?;
            if is_marked {
                streams.note("note: the text begins with a byte-order mark, which is left out");
            }
            Ok(source.text.clone())
        };
        match self.text.as_slice() {
            [] if io::stdin().is_terminal() => Err(CliError::usage_with_help(
                "expected a message or an event, found none",
                "give it in quotation marks, in a file, or through a pipe: kms-sim diagnose 'User: arn:aws:… is not authorized to perform: kms:Decrypt …'",
            )),
            [] => of("-"),
            [only] if only == "-" || is_file(only) => of(only),
            words => Ok(words.join(" ")),
        }
    }

    /// The call as a question, with what the command line says of it instead.
    fn question(&self, incident: &Incident) -> Result<Result<(Asked, Question), String>, CliError> {
        if self.request.operation()?.is_some() {
            return Err(CliError::usage_with_help(
                "expected a service in `--via`, found one of its operations",
                "a message is about one call of KMS; name the service alone: `--via s3`",
            ));
        }
        Ok(match incident.call.question() {
            Err(reason) => Err(reason),
            Ok((asked, told)) => {
                let given = self.request.question(&told.principal, asked)?;
                Ok((asked, overlaid(told, given)))
            }
        })
    }

    /// A simulation of the whole call, or of the half that AWS names where the environment
    /// has only the key of that.
    fn simulated(
        &self,
        incident: &Incident,
        (asked, question): (Asked, Question),
        inputs: &mut Inputs,
    ) -> Result<Told, CliError> {
        let half = incident.call.half().filter(|_| self.request.destination_key.is_none());
        match (self.attempt(incident, asked, question, inputs)?, half) {
            (Ok(diagnosed), _) => Ok(diagnosed),
            (Err(_), Some((asked, half))) => {
                let given = self.request.question(&half.principal, asked)?;
                let half = overlaid(half, given);
                let attempt = self.attempt(incident, asked, half, inputs)?;
                Ok(attempt.unwrap_or_else(|reason| without(incident, Some(reason))))
            }
            (Err(reason), None) => Ok(without(incident, Some(reason))),
        }
    }

    /// A simulation, or why the environment has none for the call.
    fn attempt(
        &self,
        incident: &Incident,
        asked: Asked,
        mut question: Question,
        inputs: &mut Inputs,
    ) -> Result<Result<Told, String>, CliError> {
        let prepared = match self.environment.prepare_with(&mut question, &[], inputs) {
            Ok(prepared) => prepared,
            Err(error) => return self.unfit(error).map(Err),
        };
        Ok(match incident.diagnosis_in(&prepared.environment, asked, &question) {
            Ok((decision, mut diagnosis)) => {
                diagnosis.notes.extend(prepared.warnings.into_iter().chain(prepared.assumed));
                let simulated = Some((prepared.environment, asked, question));
                Ok(Told { exit: Exit::from(decision), diagnosis, simulated })
            }
            Err(error) if error.part == QuestionPart::Key && question.key.is_none() => {
                let reason = with_help(&error.message, error.help.as_deref());
                Err(with_help(&reason, Some("say which with --key")))
            }
            Err(error) => Err(with_help(&error.message, error.help.as_deref())),
        })
    }

    /// That the environment has not what the call is about, and the command line did not say
    /// so, is no reason to say nothing; everything else is an error.
    fn unfit(&self, error: CliError) -> Result<String, CliError> {
        let CliError::Usage { message, help } = &error else { return Err(error) };
        let parts = [
            ("--key: ", self.request.key.is_none()),
            ("--destination-key: ", self.request.destination_key.is_none()),
            ("--principal: ", true),
        ];
        let told = parts.into_iter().filter(|(_, is_told)| *is_told);
        let reason = told.into_iter().find_map(|(part, _)| message.strip_prefix(part));
        reason.map(|reason| with_help(reason, help.as_deref())).ok_or(error)
    }
}

fn with_help(reason: &str, help: Option<&str>) -> String {
    help.map_or_else(|| reason.to_owned(), |help| format!("{reason}; {help}"))
}

/// Standard input without anything in it is no document that lacks something.
fn blank(error: CliError) -> CliError {
    match error {
        CliError::Input(error) if error.message().contains("found an empty file") => {
            CliError::usage("expected a message or an event, found nothing")
        }
        error => error,
    }
}

/// What the command line says wins; the rest is what the message or event tells.
fn overlaid(told: Question, given: Question) -> Question {
    let mut question = told;
    question.key = given.key.or(question.key);
    question.destination_key = given.destination_key.or(question.destination_key);
    question.session.name = given.session.name.or(question.session.name);
    question.session.issued_by = given.session.issued_by.or(question.session.issued_by);
    question.vpc_endpoint = given.vpc_endpoint.or(question.vpc_endpoint);
    question.encryption_context = given.encryption_context.or(question.encryption_context);
    question.rules = given.rules.or(question.rules);
    let is_given = |name: &str| given.context.iter().any(|(key, _)| key.eq_ignore_ascii_case(name));
    question.context.retain(|(name, _)| !is_given(name));
    if given.via.is_some() {
        // A service that is named ends the doubt about which it is.
        question.context.retain(|(name, _)| name != "kms:ViaService");
    }
    question.context.extend(given.context);
    question.via = given.via.or(question.via);
    for (name, value) in given.parameters.iter() {
        question.parameters.set(name, value.clone());
    }
    question.at = match (given.at, question.at) {
        (Moment::Clock(_), Moment::Given(at)) => Moment::Given(at),
        (at, _) => at,
    };
    question
}

fn print(
    args: &Args,
    report: &Report,
    fixes: &[Vec<Fix>],
    streams: &mut Streams,
) -> Result<(), CliError> {
    match args.format {
        OutputFormat::Json => {
            let json = serde_json::to_string_pretty(report);
            let json = json.map_err(|error| CliError::usage(error.to_string()))?;
            writeln!(streams.out, "{}", text::safe_json(&json))?;
        }
        OutputFormat::Text => {
            for (index, (diagnosis, fixes)) in report.diagnoses.iter().zip(fixes).enumerate() {
                if index > 0 {
                    writeln!(streams.out)?;
                }
                let told =
                    if args.quiet { told::brief(diagnosis) } else { told::whole(diagnosis, fixes) };
                write!(streams.out, "{told}")?;
            }
            if let Some(counts) = &report.events {
                write!(streams.out, "{}", told::counts(counts, report.diagnoses.len()))?;
            }
        }
    }
    streams.out.flush()?;
    Ok(())
}
