//! `kms-sim schema`

use std::io::Write as _;

use super::{CliError, Exit, Streams};

/// Prints the JSON Schema of environment and scenario files.
pub(crate) fn run(streams: &mut Streams) -> Result<Exit, CliError> {
    let json = serde_json::to_string_pretty(&kms_sim::scenario::schema());
    let json = json.map_err(|error| CliError::usage(error.to_string()))?;
    writeln!(streams.out, "{json}")?;
    streams.out.flush()?;
    Ok(Exit::Done)
}
