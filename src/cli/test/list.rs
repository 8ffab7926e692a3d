//! `kms-sim test --list`

use std::io::Write as _;

use kms_sim::scenario::{Listed, Single};
use kms_sim::text::Printable;

use super::output::{Format, Output};
use super::run::{Asked, Files};
use crate::cli::{CliError, Exit, Streams, diagnostics, formats, text};

/// Prints what would be run: a line, or an object, for each action of a case.
pub(super) fn print(
    files: &Files,
    asked: &Asked<'_>,
    outputs: &[Output],
    streams: &mut Streams,
) -> Result<Exit, CliError> {
    let listed: Vec<Listed> = asked.singles().map(|it: Single<'_>| it.listed()).collect();
    for output in outputs {
        let told = match output.format {
            Format::Text => lines(&listed),
            Format::Json => {
                let json = serde_json::to_string_pretty(&listed);
                text::safe_json(&json.map_err(|error| CliError::usage(error.to_string()))?) + "\n"
            }
            Format::Junit | Format::Tap | Format::Github | Format::Markdown => {
                return Err(CliError::usage("expected text or json with `--list`"));
            }
        };
        match &output.file {
            None => write!(streams.out, "{told}")?,
            Some(file) => formats::save(file, &told)?,
        }
    }
    streams.out.flush()?;
    let mut exit = Exit::Done;
    for broken in files.errors() {
        exit = Exit::CouldNotRun;
        if let Some(error) = &broken.error {
            streams.note(&diagnostics::excerpt(error));
        }
    }
    Ok(exit)
}

fn lines(listed: &[Listed]) -> String {
    let line =
        |it: &Listed| format!("{}:{}:{}: {}\n", Printable(&it.file), it.line, it.column, it.title);
    listed.iter().map(line).collect()
}
