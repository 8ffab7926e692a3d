//! In which formats results are written, and where to: `--format FORMAT[=FILE]`, repeatable.

use std::io::Write as _;
use std::path::Path;

use clap::ValueEnum;
use kms_sim::text::Quoted;

use super::{CliError, Exit, Streams, diagnostics};

/// A format, and the file that it goes to; standard output without one.
#[derive(Clone, Debug)]
pub(crate) struct Output<F> {
    pub(crate) format: F,
    pub(crate) file: Option<String>,
}

impl<F: ValueEnum> Output<F> {
    /// `FORMAT`, `FORMAT=FILE`, or `FORMAT=-` for standard output.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let (name, file) = match text.split_once('=') {
            Some((name, file)) => (name, Some(file)),
            None => (text, None),
        };
        let format = F::from_str(name, false).map_err(|_| {
            let names = F::value_variants().iter().filter_map(F::to_possible_value);
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

/// What is written: where nothing else goes to standard output, the usual format does.
pub(crate) fn targets<F: Copy>(asked: &[Output<F>], usual: F) -> Result<Vec<Output<F>>, CliError>
where
    Output<F>: Clone,
{
    let mut outputs = asked.to_vec();
    match asked.iter().filter(|it| it.file.is_none()).count() {
        0 => outputs.insert(0, Output { format: usual, file: None }),
        1 => {}
        many => {
            return Err(CliError::usage_with_help(
                format!("expected one format on standard output, found {many}"),
                "give the others a file: --format text --format json=report.json",
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
pub(crate) fn write<F: Copy>(
    outputs: &[Output<F>],
    streams: &mut Streams,
    told: impl Fn(F) -> Result<String, CliError>,
) -> Result<Exit, CliError> {
    let mut exit = Exit::Done;
    for Output { format, file } in outputs {
        let text = told(*format)?;
        match file {
            None => {
                write!(streams.out, "{text}")?;
                streams.out.flush()?;
            }
            Some(file) => {
                let plain = anstream::adapter::strip_str(&text).to_string();
                if let Err(error) = save(file, &plain) {
                    diagnostics::print(&error, streams);
                    exit = Exit::CouldNotRun;
                }
            }
        }
    }
    Ok(exit)
}

/// Writes a file.
pub(crate) fn save(file: &str, text: &str) -> Result<(), CliError> {
    std::fs::write(file, text).map_err(|error| {
        let reason = error.to_string();
        let reason = reason.split(" (os error").next().unwrap_or(&reason).to_lowercase();
        CliError::usage(format!("cannot write {}: {reason}", Quoted(file)))
    })
}
