//! `kms-sim test [PATH|GLOB]…`

mod find;
mod run;
mod told;

use std::io::Write as _;
use std::path::Path;

use kms_sim::text::Printable;

use self::run::report;
use super::{CliError, Color, Exit, OutputFormat, Streams, text};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Files, folders or glob patterns [default: scenarios/]
    #[arg(value_name = "PATH|GLOB")]
    paths: Vec<String>,
    /// How the results are printed
    #[arg(long, value_enum, default_value = "text")]
    format: OutputFormat,
    /// When to colour the output
    #[arg(long, value_enum, default_value = "auto")]
    pub(crate) color: Color,
    /// Print failures and the summary alone
    #[arg(long)]
    quiet: bool,
}

pub(crate) fn run(args: &Args, streams: &mut Streams) -> Result<Exit, CliError> {
    let default = ["scenarios".to_owned()];
    let paths = if args.paths.is_empty() { &default[..] } else { &args.paths };
    if args.paths.is_empty() && !Path::new("scenarios").is_dir() {
        return Err(CliError::usage_with_help(
            "expected a folder `scenarios` here, which is what is run if nothing is named, found none",
            "name files, folders or patterns: kms-sim test PATH…",
        ));
    }
    let report = report(paths)?;
    for warning in report.warnings.iter().filter(|_| !args.quiet) {
        streams.note(&format!("warning: {}", Printable(warning)));
    }
    let is_empty = report.files == 0 && report.errors == 0;
    match args.format {
        OutputFormat::Json => {
            let json = serde_json::to_string_pretty(&report);
            let json = json.map_err(|error| CliError::usage(error.to_string()))?;
            writeln!(streams.out, "{}", text::safe_json(&json))?;
        }
        OutputFormat::Text if is_empty => {}
        OutputFormat::Text => told::print(args, &report, streams)?,
    }
    streams.out.flush()?;
    if is_empty {
        return Err(CliError::usage_with_help(
            format!("expected scenario files, found none in {}", paths.join(", ")),
            "a scenario is a .yaml, .yml or .json file with `keys` and `cases`",
        ));
    }
    Ok(match (report.errors, report.failed) {
        (0, 0) => Exit::Done,
        (0, _) => Exit::Denied,
        _ => Exit::CouldNotRun,
    })
}
