//! In which formats the results are written.

use clap::ValueEnum;
use kms_sim::scenario::Report;

use super::{Args, told};
use crate::cli::{CliError, Exit, Streams, formats, text};

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

/// A format, and where it goes to.
pub(super) type Output = formats::Output<Format>;

/// Writes the results in every format that was asked for.
pub(super) fn write(
    outputs: &[Output],
    args: &Args,
    report: &Report,
    streams: &mut Streams,
) -> Result<Exit, CliError> {
    formats::write(outputs, streams, |format| told(format, args, report))
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
