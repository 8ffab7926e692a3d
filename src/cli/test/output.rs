//! In which formats the results are written, and where to.

use std::io::Write as _;
use std::path::Path;

use clap::ValueEnum;
use kms_sim::scenario::Report;
use kms_sim::text::Quoted;

use super::{Args, told};
use crate::cli::{CliError, Exit, Streams, diagnostics, text};

/// How results are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people
    Text,
    /// For programs
    Json,
    /// `JUnit` XML, for GitLab, Jenkins and others
    Junit,
    /// The Test Anything Protocol
    Tap,
    /// Annotations of GitHub Actions
    Github,
    /// A summary for a pull request
    Markdown,
}

/// A format, and the file that it goes to; standard output without one.
#[derive(Clone, Debug)]
pub(super) struct Output {
    pub(super) format: Format,
    pub(super) file: Option<String>,
}

impl Output {
    /// `FORMAT`, `FORMAT=FILE`, or `FORMAT=-` for standard output.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let (name, file) = match text.split_once('=') {
            Some((name, file)) => (name, Some(file)),
            None => (text, None),
        };
        let format = Format::from_str(name, false).map_err(|_| {
            let names = Format::value_variants().iter().filter_map(Format::to_possible_value);
            let names: Vec<String> = names.map(|it| it.get_name().to_owned()).collect();
            let help = kms_sim::text::did_you_mean(name, names.iter().map(String::as_str));
            let help = help.map(|help| format!("; {help}")).unwrap_or_default();
            format!("expected one of {}, found {}{help}", names.join(", "), Quoted(name))
        })?;
        if file == Some("") {
            return Err(format!("expected a file after `{name}=`, found none"));
        }
        Ok(Self { format, file: file.filter(|it| *it != "-").map(str::to_owned) })
    }
}

/// What is written: where nothing else goes to standard output, the text does.
pub(super) fn targets(asked: &[Output]) -> Result<Vec<Output>, CliError> {
    let mut outputs = asked.to_vec();
    match asked.iter().filter(|it| it.file.is_none()).count() {
        0 => outputs.insert(0, Output { format: Format::Text, file: None }),
        1 => {}
        many => {
            return Err(CliError::usage_with_help(
                format!("expected one format on standard output, found {many}"),
                "give the others a file: --format text --format junit=report.xml",
            ));
        }
    }
    let mut files: Vec<&Path> = Vec::new();
    for file in asked.iter().filter_map(|it| it.file.as_deref()) {
        if files.contains(&Path::new(file)) {
            return Err(CliError::usage(format!(
                "expected one format in each file, found two in {}",
                Quoted(file)
            )));
        }
        files.push(Path::new(file));
    }
    Ok(outputs)
}

/// Writes the results; a file that cannot be written does not keep the others from being.
pub(super) fn write(
    outputs: &[Output],
    args: &Args,
    report: &Report,
    streams: &mut Streams,
) -> Result<Exit, CliError> {
    let mut exit = Exit::Done;
    for Output { format, file } in outputs {
        match file {
            None => {
                write!(streams.out, "{}", told(*format, args, report)?)?;
                streams.out.flush()?;
            }
            Some(file) => {
                let plain = anstream::adapter::strip_str(&told(*format, args, report)?).to_string();
                if let Err(error) = save(file, &plain) {
                    diagnostics::print(&error, streams);
                    exit = Exit::CouldNotRun;
                }
            }
        }
    }
    Ok(exit)
}

fn told(format: Format, args: &Args, report: &Report) -> Result<String, CliError> {
    Ok(match format {
        Format::Text => told::report(report, args.quiet),
        Format::Json => {
            let json = serde_json::to_string_pretty(report);
            text::safe_json(&json.map_err(|error| CliError::usage(error.to_string()))?) + "\n"
        }
        Format::Junit => report.junit()?,
        Format::Tap => report.tap(),
        Format::Github => report.github(),
        Format::Markdown => report.markdown(),
    })
}

/// Writes a file.
pub(super) fn save(file: &str, text: &str) -> Result<(), CliError> {
    std::fs::write(file, text).map_err(|error| {
        let reason = error.to_string();
        let reason = reason.split(" (os error").next().unwrap_or(&reason).to_lowercase();
        CliError::usage(format!("cannot write {}: {reason}", Quoted(file)))
    })
}
