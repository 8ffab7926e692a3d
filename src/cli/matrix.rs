//! `kms-sim matrix`

use std::collections::{BTreeSet, HashSet};
use std::fmt::Write as _;
use std::io::Write as _;

use clap::ValueEnum;
use kms_sim::environment::{Attached, Environment, Key};
use kms_sim::kms::{Action, Asked};
use kms_sim::report::{Cell, Matrix, Why, principals_of};
use kms_sim::request::PrincipalName;
use kms_sim::text::{Printable, Quoted};

use super::environment::{EnvironmentArgs, Prepared};
use super::request::RequestArgs;
use super::{CliError, Color, Exit, Streams, text};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A principal; may be repeated [default: those of the environment, the root user, and whom
    /// the key policy and the grants name]
    #[arg(long, value_name = "P")]
    principal: Vec<String>,
    /// An action, or a pattern such as kms:*Grant*; may be repeated [default: all]
    #[arg(long, value_name = "A")]
    action: Vec<String>,
    #[command(flatten)]
    request: RequestArgs,
    #[command(flatten)]
    environment: EnvironmentArgs,
    /// How the table is printed
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// Say why, in a sentence for each cell (csv: a line for each)
    #[arg(long)]
    why: bool,
    /// When to colour the output
    #[arg(long, value_enum, default_value = "auto")]
    pub(crate) color: Color,
    /// Print the table alone
    #[arg(long)]
    quiet: bool,
}

/// How a matrix is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// For programs
    Json,
    /// For spreadsheets
    Csv,
    /// For pull requests
    Markdown,
}

pub(crate) fn run(args: &Args, streams: &mut Streams) -> Result<Exit, CliError> {
    let actions = args.actions()?;
    let first = actions.first().ok_or_else(|| CliError::usage("expected an action"))?;
    if args.request.operation()?.is_some() {
        return Err(CliError::usage_with_help(
            "expected a service in `--via`, found one of its operations",
            "a matrix asks action by action; `kms-sim --principal P --via SERVICE:OPERATION` asks an operation",
        ));
    }
    let mut seen = HashSet::new();
    let named: Vec<String> =
        args.principal.iter().filter(|name| seen.insert(*name)).cloned().collect();
    args.environment.policies.check_for(&named)?;
    let principal = named.first().map_or("root", String::as_str);
    let mut question = args.request.question(principal, Asked::Permission(first))?;
    let Prepared { environment, source, warnings, assumed } =
        args.environment.prepare(&mut question, &named)?;
    if !args.quiet {
        streams.note(&source.note());
    }
    let principals = if named.is_empty() {
        principals_of(&environment, environment.key_of(&question)?)
    } else {
        named
    };
    let why = if args.why { Why::Said } else { Why::Unsaid };
    let matrix = Matrix::of(&environment, &principals, &actions, &question, why)?;
    let told = match args.format {
        Format::Text => told(&matrix),
        Format::Json => {
            let json = serde_json::to_string_pretty(&matrix);
            text::safe_json(&json.map_err(|error| CliError::usage(error.to_string()))?) + "\n"
        }
        Format::Csv => csv(&matrix, why),
        Format::Markdown => markdown(&matrix),
    };
    write!(streams.out, "{told}")?;
    streams.out.flush()?;
    if !args.quiet {
        let unknown = if matrix.cells.iter().any(|cell| mark(cell) == "?") {
            unknown(&environment, environment.key_of(&question)?, &matrix.principals)
        } else {
            Vec::new()
        };
        for warning in warnings.iter().chain(&assumed).chain(&unknown) {
            streams.note(&format!("warning: {}", Printable(warning)));
        }
    }
    Ok(Exit::Done)
}

/// The policies on which cells rest and that are not known, each with why.
fn unknown(environment: &Environment, key: &Key, principals: &[String]) -> Vec<String> {
    let told = |whose: &str, policy: &Attached| match policy {
        Attached::Unknown(reason) => Some(format!("{whose} is not known: {reason}")),
        Attached::Policy(_) => None,
    };
    let mut all: Vec<String> = told("the key policy", &key.policy).into_iter().collect();
    let account = environment.account;
    let named = principals.iter().filter_map(|name| PrincipalName::parse(name, account).ok());
    let named: BTreeSet<PrincipalName> = named.collect();
    for (name, principal) in environment.principals().filter(|(name, _)| named.contains(name)) {
        let identity = principal.identity_policies.iter();
        let identity = identity.filter_map(|it| told(&format!("an identity policy of {name}"), it));
        let boundary = principal.permissions_boundary.iter();
        all.extend(identity.chain(
            boundary.filter_map(|it| told(&format!("the permissions boundary of {name}"), it)),
        ));
    }
    all
}

impl Args {
    /// Without patterns all of them; each once, in the order of the catalogue.
    fn actions(&self) -> Result<Vec<&'static Action>, CliError> {
        if self.action.is_empty() {
            return Ok(Action::all().iter().collect());
        }
        let mut actions: Vec<&'static Action> = Vec::new();
        for text in &self.action {
            let matching = if text.contains(['*', '?']) {
                Action::matching(text)
            } else {
                let action = Action::parse(text).map_err(|error| CliError::Usage {
                    message: error.to_string(),
                    help: error.help(),
                })?;
                vec![action]
            };
            if matching.is_empty() {
                return Err(CliError::usage(format!(
                    "expected a pattern that matches an action of KMS, found {}",
                    Quoted(text)
                )));
            }
            for action in matching {
                if !actions.contains(&action) {
                    actions.push(action);
                }
            }
        }
        Ok(actions)
    }
}

fn key(matrix: &Matrix) -> String {
    matrix.key.as_deref().map_or_else(|| "no key".to_owned(), shown)
}

/// Columns beyond this width go into a further table.
const WIDTH: usize = 100;

/// The shorter of the two lists across, in as many tables as fit.
fn told(matrix: &Matrix) -> String {
    let mut text = format!("{}  (rules: {})\n", key(matrix), matrix.rules);
    let principals: Vec<&str> = matrix.principals.iter().map(String::as_str).collect();
    let is_turned = matrix.actions.len() < principals.len();
    let (down, across) =
        if is_turned { (&principals, &matrix.actions) } else { (&matrix.actions, &principals) };
    let cell = |row: usize, column: usize| {
        let (principal, action) = if is_turned { (row, column) } else { (column, row) };
        matrix.row(principal).get(action)
    };
    let first = down.iter().map(|name| shown(name).chars().count()).max().unwrap_or_default();
    let mut start = 0;
    while start < across.len() {
        let end = fitting(across, start, first);
        text.push('\n');
        let _ = write!(text, "{:first$}", "");
        let columns = || across.iter().enumerate().take(end).skip(start);
        for (_, name) in columns() {
            let _ = write!(text, "  {}", shown(name));
        }
        text.push('\n');
        for (row, name) in down.iter().enumerate() {
            let mut line = format!("{:first$}", shown(name));
            for (column, name) in columns() {
                let width = shown(name).chars().count();
                let _ = write!(line, "  {:width$}", cell(row, column).map_or("", mark));
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
        start = end;
    }
    text.push_str("\nyes allowed   - implicit deny   DENY explicit deny   ? undetermined\n");
    if matrix.cells.iter().any(|cell| cell.decision == "not-applicable") {
        text.push_str("n/a the principal does not call so\n");
    }
    if matrix.cells.iter().any(|cell| mark(cell) == "yes*") {
        text.push_str("yes* authorized, but the state or usage of the key fails the call\n");
    }
    text.push_str(&reasons(matrix));
    text
}

/// How far the columns from `start` fit; one always does.
fn fitting(across: &[&str], start: usize, first: usize) -> usize {
    let mut width = first;
    let mut end = start;
    for name in across.iter().skip(start) {
        width += 2 + shown(name).chars().count();
        if width > WIDTH && end > start {
            break;
        }
        end += 1;
    }
    end
}

fn shown(name: &str) -> String {
    Printable(name).to_string()
}

fn mark(cell: &Cell) -> &'static str {
    match cell.decision {
        "allowed" if cell.key_error.is_some() => "yes*",
        "allowed" => "yes",
        "explicitDeny" => "DENY",
        "implicitDeny" => "-",
        "not-applicable" => "n/a",
        _ => "?",
    }
}

fn reasons(matrix: &Matrix) -> String {
    let mut text = String::new();
    for cell in matrix.cells.iter().filter(|cell| cell.reason.is_some()) {
        let _ = writeln!(
            text,
            "\n{} {}: {}{}\n  {}",
            Printable(&cell.principal),
            cell.action,
            text::word(cell.decision),
            text::sides(cell.decision, &cell.denied_by, cell.allowed_by),
            Printable(cell.reason.as_deref().unwrap_or_default())
        );
    }
    text
}

/// A line for each principal and a column for each action; with reasons a line for each cell.
fn csv(matrix: &Matrix, why: Why) -> String {
    if why == Why::Said {
        let head = "principal,action,decision,denied_by,allowed_by,reason\n".to_owned();
        return matrix.cells.iter().fold(head, |text, cell| {
            let fields = [
                cell.principal.as_str(),
                cell.action,
                cell.decision,
                &cell.denied_by.join(" "),
                cell.allowed_by.unwrap_or_default(),
                cell.reason.as_deref().unwrap_or_default(),
            ];
            text + &fields.map(csv_field).join(",") + "\n"
        });
    }
    let mut text = format!("principal,{}\n", matrix.actions.join(","));
    for (number, principal) in matrix.principals.iter().enumerate() {
        let decisions = matrix.row(number).iter().map(|cell| cell.decision.to_owned());
        let fields: Vec<String> = std::iter::once(csv_field(principal)).chain(decisions).collect();
        text.push_str(&fields.join(","));
        text.push('\n');
    }
    text
}

/// Quoted where it has to be, by RFC 4180.
fn csv_field(text: &str) -> String {
    let text = shown(text);
    if text.contains([',', '"']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

fn markdown(matrix: &Matrix) -> String {
    let cell = |text: &str| shown(text).replace('|', "\\|");
    let mut text = format!("| principal | {} |\n|---|", matrix.actions.join(" | "));
    text.push_str(&"---|".repeat(matrix.actions.len()));
    text.push('\n');
    for (number, principal) in matrix.principals.iter().enumerate() {
        let marks: Vec<&str> = matrix.row(number).iter().map(mark).collect();
        let _ = writeln!(text, "| {} | {} |", cell(principal), marks.join(" | "));
    }
    let _ = writeln!(
        text,
        "\n`{}`, rules `{}`: yes allowed (* and the state or usage of the key fails the call), - implicit deny, DENY explicit deny, ? undetermined",
        cell(&key(matrix)),
        matrix.rules
    );
    for line in matrix.cells.iter().filter_map(|it| Some((it, it.reason.as_deref()?))) {
        let (it, reason) = line;
        let _ = writeln!(
            text,
            "- `{}` `{}` {}: {}",
            cell(&it.principal),
            it.action,
            it.decision,
            cell(reason)
        );
    }
    text
}
