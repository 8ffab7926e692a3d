//! `kms-sim import aws|terraform|cloudformation …`

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use kms_sim::document::Format;
use kms_sim::import::{Assumptions, Estate, Family, Found, Placement, Written};
use kms_sim::text::{Printable, Quoted};

use super::input::Inputs;
use super::world::{Collected, WorldArgs};
use super::{CliError, Color, Exit, Streams};

/// What collects an account, with calls that read only.
const COLLECTOR: &str = include_str!("collect.sh");

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    from: From,
}

/// What is read.
#[derive(Debug, clap::Subcommand)]
enum From {
    /// What the AWS CLI printed of an account
    #[command(after_help = AWS)]
    Aws(Box<Aws>),
    /// A plan or state of Terraform or `OpenTofu`
    #[command(after_help = TERRAFORM)]
    Terraform(Box<Source>),
    /// Templates of CloudFormation, or the cdk.out of CDK
    #[command(after_help = CLOUDFORMATION)]
    Cloudformation(Box<Source>),
}

const AWS: &str = "\
Examples:
  kms-sim import aws --print-collector > collect.sh
  sh collect.sh collected us-east-1 eu-west-1
  kms-sim import aws collected -o kms-sim.yaml --policies policies
  kms-sim matrix";

const TERRAFORM: &str = "\
Examples:
  terraform show -json tfplan > plan.json
  kms-sim import terraform plan.json -o kms-sim.yaml
  terraform show -json | kms-sim import terraform - --account 123456789012";

const CLOUDFORMATION: &str = "\
Examples:
  kms-sim import cloudformation template.yaml --account 123456789012 --parameters Stage=prod
  kms-sim import cloudformation cdk.out -o kms-sim.yaml";

#[derive(Debug, clap::Args)]
struct Aws {
    /// Print a script for `sh` that collects an account with read-only calls, and do nothing else
    #[arg(long, conflicts_with = "paths")]
    print_collector: bool,
    #[command(flatten)]
    source: Source,
}

#[derive(Debug, clap::Args)]
struct Source {
    /// Files, folders or glob patterns; `-` for standard input
    #[arg(value_name = "PATH")]
    paths: Vec<String>,
    /// Write the environment file here, as JSON if it ends in .json [default: standard output]
    #[arg(long, short, value_name = "FILE")]
    output: Option<String>,
    /// Write each policy once into a file in this folder
    #[arg(long, value_name = "DIR")]
    policies: Option<String>,
    /// How the environment is written [default: yaml, or as the output file ends]
    #[arg(long, value_enum)]
    format: Option<FileFormat>,
    /// The account of short names
    #[arg(long, value_name = "ID")]
    account: Option<String>,
    /// The Region of short names
    #[arg(long, value_name = "R")]
    region: Option<String>,
    #[command(flatten)]
    world: WorldArgs,
    /// When to colour the output
    #[arg(long, value_enum, default_value = "auto")]
    color: Color,
    /// Leave out the notes
    #[arg(long)]
    quiet: bool,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum FileFormat {
    /// For people
    Yaml,
    /// For programs
    Json,
}

impl Args {
    pub(crate) fn color(&self) -> Color {
        match &self.from {
            From::Aws(aws) => aws.source.color,
            From::Terraform(source) | From::Cloudformation(source) => source.color,
        }
    }
}

pub(crate) fn run(args: &Args, streams: &mut Streams) -> Result<Exit, CliError> {
    match &args.from {
        From::Aws(aws) if aws.print_collector => {
            write!(streams.out, "{COLLECTOR}")?;
            Ok(Exit::Done)
        }
        From::Aws(aws) => aws.source.run(Family::Aws, streams),
        From::Terraform(source) => source.run(Family::Terraform, streams),
        From::Cloudformation(source) => source.run(Family::CloudFormation, streams),
    }
}

impl Source {
    fn run(&self, family: Family, streams: &mut Streams) -> Result<Exit, CliError> {
        if self.paths.is_empty() {
            return Err(CliError::usage_with_help(
                "expected files or folders to import, found none",
                "name them, or `-` for standard input",
            ));
        }
        let mut inputs = Inputs::default();
        let Collected { found, notes } = Collected::named(&self.paths, &mut inputs)?;
        let found = of_family(found, family)?;
        let mut estate = self.world.estate(&found, self.assumptions()?, &mut inputs)?;
        drop(found);
        estate.notes.extend(notes);
        // What nobody could load is not written.
        let loaded = estate.load()?;
        let format = self.format();
        let folder = self.folder();
        let placement = folder.as_deref().map_or(Placement::Inline, Placement::Folder);
        let written = estate.write(format, placement)?;
        self.write(&written, streams)?;
        if !self.quiet {
            for note in &estate.notes {
                streams.note(&format!("note: {}", Printable(note)));
            }
            for warning in &loaded.warnings {
                streams.note(&format!("warning: {}", Printable(&warning.to_string())));
            }
            streams.note(&counted(&estate));
        }
        Ok(Exit::Done)
    }

    fn assumptions(&self) -> Result<Assumptions, CliError> {
        let account = self.account.as_deref().map(str::parse).transpose();
        let account = account.map_err(|error| CliError::usage(format!("--account: {error}")))?;
        match self.region.as_deref() {
            Some(region) if !kms_sim::arn::is_region(region) => Err(CliError::usage(format!(
                "--region: expected a Region such as `us-east-1`, found {}",
                Quoted(region)
            ))),
            region => Ok(Assumptions {
                account,
                region: region.map(str::to_owned),
                ..Assumptions::default()
            }),
        }
    }

    fn format(&self) -> Format {
        let is_json = |file: &String| {
            Path::new(file).extension().is_some_and(|it| it.eq_ignore_ascii_case("json"))
        };
        match self.format {
            Some(FileFormat::Json) => Format::Json,
            None if self.output.as_ref().is_some_and(is_json) => Format::Json,
            Some(FileFormat::Yaml) | None => Format::Yaml,
        }
    }

    /// The folder of the policies as the environment file, which is beside or above it, names it.
    fn folder(&self) -> Option<String> {
        let folder = Path::new(self.policies.as_deref()?);
        let beside = self.output.as_deref().and_then(|file| Path::new(file).parent());
        let relative = match beside {
            Some(beside) => folder.strip_prefix(beside).map(Path::to_path_buf),
            None => Ok(folder.to_path_buf()),
        };
        let path = relative.unwrap_or_else(|_| absolute(folder));
        Some(path.display().to_string())
    }

    fn write(&self, written: &Written, streams: &mut Streams) -> Result<(), CliError> {
        let wrong = |path: &Path, error: &std::io::Error| {
            let name = path.display().to_string();
            CliError::usage(format!("cannot write {}: {error}", Quoted(&name)))
        };
        if let Some(folder) = &self.policies {
            let folder = Path::new(folder);
            fs::create_dir_all(folder).map_err(|error| wrong(folder, &error))?;
            for (name, text) in &written.policies {
                let path = folder.join(name);
                fs::write(&path, text).map_err(|error| wrong(&path, &error))?;
            }
        }
        if let Some(file) = &self.output {
            let path = Path::new(file);
            return fs::write(path, &written.text).map_err(|error| wrong(path, &error));
        }
        write!(streams.out, "{}", written.text)?;
        Ok(streams.out.flush()?)
    }
}

fn absolute(folder: &Path) -> PathBuf {
    std::path::absolute(folder).unwrap_or_else(|_| folder.to_path_buf())
}

/// The documents, all of which have to be of one sort; policies alone may stand beside them.
fn of_family(found: Vec<Found>, family: Family) -> Result<Vec<Found>, CliError> {
    let is_other = |found: &&Found| {
        let own = found.kind.family();
        own != family && !(own == Family::Policy && family == Family::Aws)
    };
    let Some(other) = found.iter().find(is_other) else { return Ok(found) };
    let command = match other.kind.family() {
        Family::Aws => "`kms-sim import aws` reads it",
        Family::Terraform => "`kms-sim import terraform` reads it",
        Family::CloudFormation => "`kms-sim import cloudformation` reads it",
        Family::Trail => "`kms-sim diagnose` reads it",
        Family::Policy => "give it with an option such as `--key-policy` or `--identity-policy`",
        Family::Environment => "it needs no import: give it with `--env`",
    };
    Err(other.unexpected(command).into())
}

/// What came of it, in a line.
fn counted(estate: &Estate) -> String {
    let count = |number: usize, one: &str| match number {
        1 => format!("1 {one}"),
        number => format!("{number} {one}s"),
    };
    format!(
        "imported {} and {} from {}",
        count(estate.keys.len(), "key"),
        count(estate.principals.len(), "principal"),
        Printable(&estate.name)
    )
}
