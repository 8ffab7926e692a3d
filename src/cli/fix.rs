//! `kms-sim fix`

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;

use kms_sim::analysis::{AlsoAllowed, Change, Edit, Fix};
use kms_sim::kms::Asked;
use kms_sim::report::{Answer, Detail, ask};
use kms_sim::text::{Printable, Quoted};
use serde_json::Value;

use super::apply::Written;
use super::environment::{EnvironmentArgs, Origin, Prepared};
use super::request::RequestArgs;
use super::text::{BOLD, DIM, RED, RESET, YELLOW};
use super::{CliError, Color, Exit, OutputFormat, Streams, text};

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Who calls: role/NAME, user/NAME, root, an ARN, or a service principal
    #[arg(long, value_name = "P")]
    principal: String,
    /// What is called: kms:Decrypt, decrypt, kms:ReEncrypt
    #[arg(long, value_name = "A")]
    action: Option<String>,
    #[command(flatten)]
    request: RequestArgs,
    #[command(flatten)]
    environment: EnvironmentArgs,
    /// Write a fix into its files, after showing the difference [default: the first that can be]
    #[arg(long, value_name = "N", num_args = 0..=1, default_missing_value = "0")]
    apply: Option<usize>,
    /// How the fixes are printed
    #[arg(long, value_enum, default_value = "text")]
    format: OutputFormat,
    /// When to colour the output
    #[arg(long, value_enum, default_value = "auto")]
    pub(crate) color: Color,
}

const EXAMPLES: &str = "\
Examples:
  kms-sim fix --principal role/Web --action kms:Decrypt --key-policy key.json
  kms-sim fix --env kms-sim.yaml --principal role/Web --via s3:multipart-upload --format json
  kms-sim fix --principal role/Web --action kms:Decrypt --key-policy key.json --apply

Every fix was made in a copy and asked again. What else it would allow is listed: all actions, for
everybody in the environment, a role of each account that nobody listed, and a foreign one.

Exit status: 0 allowed as it is; 1 denied; 2 could not run; 3 undetermined.";

pub(crate) fn run(args: &Args, streams: &mut Streams) -> Result<Exit, CliError> {
    let asked = args.asked()?;
    let mut question = args.request.question(&args.principal, asked)?;
    let Prepared { environment, source, warnings, .. } =
        args.environment.prepare(&mut question, &[])?;
    streams.note(&source.note());
    let reply = ask(&environment, asked, &question, Detail::Reasons)?;
    let fixes = Fix::of(&environment, asked, &question)?;
    if let (Some(number), Origin::Imported(name)) = (args.apply, &source) {
        return Err(not_written(name, number, &fixes, streams));
    }
    if let Some(number) = args.apply {
        return apply(number, &fixes, streams);
    }
    let told = match args.format {
        OutputFormat::Json => {
            let json = serde_json::to_string_pretty(&rows(&fixes));
            text::safe_json(&json.map_err(|error| CliError::usage(error.to_string()))?) + "\n"
        }
        OutputFormat::Text => all(&reply.answer, &fixes),
    };
    write!(streams.out, "{told}")?;
    streams.out.flush()?;
    let of_fixes = match reply.answer.allowed {
        Some(true) => Vec::new(),
        Some(false) => Fix::warnings(&environment, asked, &question)?,
        // They say what is not known, and where.
        None => reply.answer.warnings.clone(),
    };
    for warning in warnings.iter().chain(&of_fixes) {
        streams.note(&format!("warning: {}", Printable(warning)));
    }
    Ok(reply.decision.into())
}

/// Of the first fix that can be written into files, unless a number says which; a `Deny` is
/// weakened only by its number.
fn apply(number: usize, fixes: &[Fix], streams: &mut Streams) -> Result<Exit, CliError> {
    let (index, fix, written) = match number.checked_sub(1) {
        Some(index) => {
            let fix = fixes.get(index).ok_or_else(|| none_to_apply(fixes))?;
            let written = Written::of(fix).inspect_err(|_| paste(index, fix, streams))?;
            (index, fix, written)
        }
        None => first_to_write(fixes, streams)?,
    };
    writeln!(streams.out, "{BOLD}Fix {}{RESET}  {}\n", index + 1, summary(fix))?;
    for file in &written {
        write!(streams.out, "{}", file.diff())?;
    }
    streams.out.flush()?;
    Written::write_all(&written)?;
    Ok(Exit::Done)
}

/// A plan, template or account is written by others; what to change there is told.
fn not_written(name: &str, number: usize, fixes: &[Fix], streams: &mut Streams) -> CliError {
    let is_plain = |fix: &Fix| !fix.is_of_call() && !fix.weakens_deny();
    let index = number.checked_sub(1).or_else(|| fixes.iter().position(is_plain));
    let Some((index, fix)) = index.and_then(|index| Some((index, fixes.get(index)?))) else {
        return none_to_apply(fixes);
    };
    paste(index, fix, streams);
    CliError::usage_with_help(
        format!(
            "--apply: expected an environment or policy file to write into, found {}, which is imported",
            Quoted(name)
        ),
        "make the change where that comes from, such as the configuration or the template, and import again",
    )
}

fn none_to_apply(fixes: &[Fix]) -> CliError {
    CliError::usage_with_help(
        format!("expected a fix to apply, found none of {}", fixes.len()),
        "choose one with `--apply N`; `kms-sim fix` lists them",
    )
}

/// The first that can be written, having told why those before it are not; what else it allows
/// is told as well.
fn first_to_write<'f>(
    fixes: &'f [Fix],
    streams: &mut Streams,
) -> Result<(usize, &'f Fix, Vec<Written>), CliError> {
    let mut refusals = Vec::new();
    for (index, fix) in fixes.iter().enumerate() {
        if fix.is_of_call() || fix.weakens_deny() {
            continue;
        }
        match Written::of(fix) {
            Ok(written) => {
                for (number, refusal) in refusals {
                    streams.note(&format!("note: fix {number} is not written: {refusal}"));
                }
                return Ok((index, fix, written));
            }
            Err(refusal) => refusals.push((index + 1, refusal)),
        }
    }
    let Some((number, refusal)) = refusals.into_iter().next() else {
        return Err(none_to_apply(fixes));
    };
    if let Some(fix) = fixes.get(number - 1) {
        paste(number - 1, fix, streams);
    }
    Err(refusal)
}

/// What is to be pasted by hand, and where.
fn paste(index: usize, fix: &Fix, streams: &mut Streams) {
    let pasted: String = fix.edits.iter().map(|edit| pasted(edit, "  ")).collect();
    let told = format!("{BOLD}Fix {}{RESET}  {}\n{pasted}", index + 1, summary(fix));
    streams.note(told.trim_end());
}

impl Args {
    fn asked(&self) -> Result<Asked, CliError> {
        match (self.request.operation()?, &self.action) {
            (Some(operation), None) => Ok(Asked::Service(operation)),
            (Some(_), Some(_)) => Err(CliError::usage_with_help(
                "expected no `--action` with an operation in `--via`, which says what is called",
                "to ask about one action, name only the service: `--via s3`",
            )),
            (None, None) => Err(CliError::usage_with_help(
                "expected `--action`, found none",
                "name what is called, such as `--action kms:Decrypt`",
            )),
            (None, Some(text)) => Asked::parse(text).map_err(|error| CliError::Usage {
                message: error.to_string(),
                help: error.help(),
            }),
        }
    }
}

/// The fixes as an answer has them.
pub(super) fn rows(fixes: &[Fix]) -> Vec<Value> {
    let numbered = fixes.iter().enumerate();
    numbered.flat_map(|(index, fix)| fix.to_json(index + 1)).collect()
}

fn all(answer: &Answer, fixes: &[Fix]) -> String {
    let mut told = text::verdict(answer);
    let _ = writeln!(told, "  {}", Printable(&answer.reason));
    match (answer.allowed, fixes) {
        (Some(true), _) => told.push_str("\nNothing to fix.\n"),
        (Some(false), []) => {
            told.push_str("\nNo single change that was tried turns it into allowed.\n");
        }
        (None, []) => told.push_str(
            "\nWhat is to be changed cannot be told before that is known: see the warnings.\n",
        ),
        _ => {}
    }
    for (index, fix) in fixes.iter().enumerate() {
        let _ = writeln!(told, "\n{BOLD}Fix {}{RESET}  {}", index + 1, summary(fix));
        for edit in &fix.edits {
            told.push_str(&pasted(edit, "  "));
            let _ = writeln!(told, "  {DIM}{}{RESET}", edit.trade_off);
        }
        told.push_str(&also(fix, answer, "  "));
    }
    told
}

/// The most alternatives that are told beside the first fix.
const ALTERNATIVES: usize = 2;

/// The fixes under an answer: the first that changes something in full, others in a sentence.
pub(super) fn short(answer: &Answer, fixes: &[Fix]) -> String {
    let mut told = String::new();
    let mut is_told = false;
    for (index, fix) in fixes.iter().take(ALTERNATIVES + 1).enumerate() {
        let label = if index == 0 { format!("\n  {BOLD}Fix{RESET}") } else { "  or ".to_owned() };
        let _ = writeln!(told, "{label}        {}", summary(fix));
        if is_told {
            continue;
        }
        for edit in &fix.edits {
            told.push_str(&pasted(edit, "    "));
        }
        is_told = !fix.is_of_call();
        if !fix.also_allows.is_empty() {
            told.push_str(&also(fix, answer, "    "));
        }
    }
    if fixes.len() > 1 {
        let _ = writeln!(told, "  {DIM}(with what else each would allow: kms-sim fix){RESET}");
    }
    told
}

fn summary(fix: &Fix) -> String {
    let summary = Printable(&fix.summary()).to_string();
    if fix.weakens_deny() { format!("{RED}{summary}{RESET}") } else { summary }
}

/// What is to be pasted or typed.
fn pasted(edit: &Edit, indent: &str) -> String {
    let mut told = String::new();
    match &edit.change {
        Change::Grant { command } => {
            let _ = writeln!(told, "{indent}{}", Printable(command));
        }
        Change::Call { option } => {
            let _ = writeln!(told, "{indent}{DIM}asked with{RESET} {}", Printable(option));
        }
        Change::Policy(policy) => {
            let document = policy.document.as_deref().unwrap_or("new document");
            let _ = writeln!(told, "{indent}{DIM}{}{RESET}", Printable(document));
            for statement in &policy.statements {
                let json = serde_json::to_string_pretty(statement).unwrap_or_default();
                for line in text::safe_json(&json).lines() {
                    let _ = writeln!(told, "{indent}{line}");
                }
            }
        }
    }
    told
}

/// The most that anybody reads.
const ALSO: usize = 3;

/// For each principal and key what else it may do, on a line.
fn also(fix: &Fix, answer: &Answer, indent: &str) -> String {
    if fix.is_of_call() {
        return String::new();
    }
    if fix.also_allows.is_empty() {
        return format!("{indent}also allows nothing else\n");
    }
    let mut groups: BTreeMap<(bool, &str, Option<&str>), Vec<&str>> = BTreeMap::new();
    for AlsoAllowed { principal, action, key, once_iam_allows, .. } in &fix.also_allows {
        groups.entry((*once_iam_allows, principal, key.as_deref())).or_default().push(action);
    }
    let mut told = String::new();
    for ((once_iam_allows, principal, key), actions) in groups.iter().take(ALSO) {
        let on = key.filter(|key| *key != answer.request.resource);
        let on = on.map(|key| format!(" on {}", Printable(key))).unwrap_or_default();
        let (could, by) = match once_iam_allows {
            true => ("could then allow", ", once IAM of that account allows it too"),
            false => ("also allows", ""),
        };
        let (named, principal) = (named(actions), Printable(principal));
        let _ = writeln!(told, "{indent}{YELLOW}{could}{RESET} {named}{on} to {principal}{by}");
    }
    let more = groups.len().saturating_sub(ALSO);
    if more > 0 {
        let _ = writeln!(told, "{indent}and {more} more, which --format json lists");
    }
    told
}

fn named(actions: &[&str]) -> String {
    let told = actions.get(..ALSO).unwrap_or(actions).join(", ");
    let more = actions.len().saturating_sub(ALSO);
    if more > 0 { format!("{told} and {more} more") } else { told }
}
