//! The command line: one file for each subcommand.

mod apply;
mod catalogue;
mod check;
mod diagnose;
mod diagnostics;
mod environment;
mod exit;
mod fix;
mod formats;
mod import;
mod init;
mod input;
mod matrix;
mod policies;
mod policy;
mod progress;
mod request;
mod rescue;
mod schema;
mod shell;
mod simulate;
mod spoken_of;
mod test;
mod text;
mod world;

use std::ffi::OsString;
use std::io::{self, Write};
use std::process::ExitCode;

use anstream::{AutoStream, ColorChoice};
use clap::{Parser, Subcommand, ValueEnum};
use kms_sim::text::Printable;

pub(crate) use self::exit::{CliError, Exit};

/// Would this AWS KMS call succeed, which side denies it, and why?
///
/// Answers on this machine, from policies, without credentials or network. Exit status: 0
/// allowed or all passed, 1 denied or a case failed, 2 could not run, 3 undetermined.
#[derive(Debug, Parser)]
#[command(name = "kms-sim", version, override_usage = USAGE, after_help = EXAMPLES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

const USAGE: &str = "kms-sim [OPTIONS] --principal <P> --action <A>\n       kms-sim <COMMAND>";

const EXAMPLES: &str = "\
Examples:
  kms-sim --principal role/WebAppInstanceRole --action kms:Decrypt
  kms-sim --principal role/Web --action kms:Decrypt --key-policy key.json --identity-policy web.json --explain
  kms-sim --principal role/Web --via s3:multipart-upload --key-policy key.json --identity-policy web.json
  kms-sim matrix --env kms-sim.yaml --action 'kms:*crypt*'
  kms-sim fix --principal role/Web --action kms:Decrypt --key-policy key.json
  kms-sim rescue --key-policy key.json
  kms-sim check policies/
  kms-sim test scenarios/
  kms-sim diagnose 'User: arn:aws:sts::… is not authorized to perform: kms:Decrypt …'

Options of the first form: kms-sim simulate --help";

#[derive(Debug, Subcommand)]
enum Command {
    /// Ask whether a principal may make a call (the same as without a subcommand)
    Simulate(Box<simulate::Args>),
    /// Run scenario files
    Test(test::Args),
    /// Decide every action for every principal of a key
    Matrix(Box<matrix::Args>),
    /// The smallest changes that turn a denial into allowed, and what else each would allow
    Fix(Box<fix::Args>),
    /// Find mistakes and holes in policies before they are applied
    Check(Box<check::Args>),
    /// Who can still change a key's policy, what would lock it out, and the ways back in
    Rescue(Box<rescue::Args>),
    /// List what KMS knows: actions, condition keys, operations, services
    Catalogue(catalogue::Args),
    /// Explain a denial: an error message of AWS, or an event of its trail
    Diagnose(Box<diagnose::Args>),
    /// Write a key policy, in JSON, for Terraform or for CloudFormation
    Policy(Box<policy::Args>),
    /// Write a first scenario from a key policy and identity policies
    Init(Box<init::Args>),
    /// Build an environment file from an AWS account, Terraform or CloudFormation
    Import(Box<import::Args>),
    /// Print the JSON Schema of environment and scenario files, for editors
    Schema,
    /// Print completions for a shell
    Completions(shell::CompletionsArgs),
    /// Print the manual, as `man` reads it
    Man,
}

/// When to colour the output; colour never carries meaning alone.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless `NO_COLOR` is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// How results are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum OutputFormat {
    /// For people
    Text,
    /// For programs
    Json,
}

/// Standard output for results, and standard error for everything else.
pub(crate) struct Streams {
    pub(crate) out: AutoStream<io::Stdout>,
    pub(crate) err: AutoStream<io::Stderr>,
}

impl Streams {
    pub(crate) fn new(color: Color) -> Self {
        let choice = match color {
            Color::Auto => ColorChoice::Auto,
            Color::Always => ColorChoice::Always,
            Color::Never => ColorChoice::Never,
        };
        Self {
            out: AutoStream::new(io::stdout(), choice),
            err: AutoStream::new(io::stderr(), choice),
        }
    }

    /// Notes that concern no single result; a closed stream is nobody's concern.
    pub(crate) fn note(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        let _ = writeln!(self.err, "{text}");
    }
}

pub(crate) fn main() -> ExitCode {
    let cli = match Cli::try_parse_from(arguments()) {
        Ok(cli) => cli,
        Err(error) => {
            print_usage(&error);
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    let (color, result) = match cli.command {
        Command::Simulate(args) => {
            (args.color, simulate::run(&args, &mut Streams::new(args.color)))
        }
        Command::Test(args) => (args.color, test::run(&args, &mut Streams::new(args.color))),
        Command::Matrix(args) => (args.color, matrix::run(&args, &mut Streams::new(args.color))),
        Command::Check(args) => (args.color, check::run(&args, &mut Streams::new(args.color))),
        Command::Fix(args) => (args.color, fix::run(&args, &mut Streams::new(args.color))),
        Command::Rescue(args) => (args.color, rescue::run(&args, &mut Streams::new(args.color))),
        Command::Catalogue(args) => {
            (args.color, catalogue::run(&args, &mut Streams::new(args.color)))
        }
        Command::Diagnose(args) => {
            (args.color, diagnose::run(&args, &mut Streams::new(args.color)))
        }
        Command::Policy(args) => {
            (args.color(), policy::run(&args, &mut Streams::new(args.color())))
        }
        Command::Completions(args) => {
            (Color::Never, shell::completions(&args, &mut Streams::new(Color::Never)))
        }
        Command::Man => (Color::Never, shell::man(&mut Streams::new(Color::Never))),
        Command::Init(args) => (args.color, init::run(&args, &mut Streams::new(args.color))),
        Command::Import(args) => {
            (args.color(), import::run(&args, &mut Streams::new(args.color())))
        }
        Command::Schema => (Color::Auto, schema::run(&mut Streams::new(Color::Never))),
    };
    match result {
        Ok(exit) => exit.into(),
        Err(CliError::Closed) => Exit::Done.into(),
        Err(error) => {
            diagnostics::print(&error, &mut Streams::new(color));
            Exit::CouldNotRun.into()
        }
    }
}

/// Help as `clap` prints it; an error without colours, since it repeats what was typed.
fn print_usage(error: &clap::Error) {
    if !error.use_stderr() {
        let _ = error.print();
        return;
    }
    let mut streams = Streams::new(Color::Auto);
    for line in error.to_string().lines() {
        streams.note(&Printable(line).to_string());
    }
}

/// The command line, with `simulate` put in where no subcommand is named.
fn arguments() -> Vec<OsString> {
    let mut arguments: Vec<OsString> = std::env::args_os().collect();
    let is_option = |argument: &OsString| argument.to_string_lossy().starts_with('-');
    let is_general = |argument: &OsString| {
        ["-h", "--help", "-V", "--version"]
            .iter()
            .any(|general| argument.to_string_lossy() == *general)
    };
    if arguments.get(1).is_some_and(|first| is_option(first) && !is_general(first)) {
        arguments.insert(1, "simulate".into());
    }
    arguments
}
