//! The rules and their pages.

use std::io::Write as _;

use kms_sim::lint::{Rule, rules};

use crate::cli::{CliError, Exit, Streams};

pub(super) fn list(streams: &mut Streams) -> Result<Exit, CliError> {
    let width = rules().iter().map(|rule| rule.name.len()).max().unwrap_or_default();
    for rule in rules() {
        let severity = rule.severity.as_str();
        writeln!(
            streams.out,
            "{}  {severity:16}  {:width$}  {}",
            rule.code,
            rule.name,
            rule.summary()
        )?;
    }
    streams.out.flush()?;
    Ok(Exit::Done)
}

pub(super) fn explain(code: &str, streams: &mut Streams) -> Result<Exit, CliError> {
    let rule = Rule::find(code).map_err(|error| super::unknown(&error))?;
    writeln!(streams.out, "# {} {}\n\n{}\n\n{}", rule.code, rule.name, rule.severity, rule.page())?;
    streams.out.flush()?;
    Ok(Exit::Done)
}
