//! `kms-sim test --bless`: expectations filled in or brought up to date, after showing what
//! changes.

use std::fs;
use std::io::{self, IsTerminal as _, Write as _};
use std::path::Path;

use kms_sim::document::{Document, Format, InputError};
use kms_sim::scenario::{Blessing, Report, Scenario};
use kms_sim::text::{Printable, Quoted};

use super::find::{Named, find};
use super::run::no_scenario;
use super::{Args, told};
use crate::cli::apply::Written;
use crate::cli::input::{self, Disk};
use crate::cli::text::{RED, RESET};
use crate::cli::{CliError, Exit, Streams, diagnostics};

pub(super) fn run(args: &Args, streams: &mut Streams) -> Result<Exit, CliError> {
    let mut missing = Report::default();
    let files = find(&args.paths()?, &mut missing)?;
    let mut exit = Exit::Done;
    for error in missing.cases.iter().filter_map(|result| result.error.as_ref()) {
        streams.note(&diagnostics::excerpt(error));
        exit = Exit::CouldNotRun;
    }
    let (mut written, mut scenarios, mut cases) = (Vec::new(), 0, 0);
    for (path, named) in files {
        match blessed(&path, named, args) {
            Ok(None) => {}
            Ok(Some((old, blessing))) => {
                scenarios += 1;
                cases += blessing.cases;
                exit = exit.max(show(&path, &blessing, streams)?);
                if blessing.text != old {
                    let new = Written::new(path.display().to_string(), old, blessing.text);
                    write!(streams.out, "{}", new.diff())?;
                    written.push(new);
                }
            }
            Err(error) => {
                streams.note(&diagnostics::excerpt(&error));
                exit = Exit::CouldNotRun;
            }
        }
    }
    match (exit, scenarios, cases) {
        (Exit::Done, 0, _) => return Err(args.no_file()),
        (Exit::Done, _, 0) if !args.filter.is_empty() => return Err(args.no_case()),
        _ => {}
    }
    if written.is_empty() {
        streams.note("no expectation is to be changed");
        return Ok(exit);
    }
    streams.out.flush()?;
    Ok(exit.max(write(args, &written, streams)?))
}

/// The text of a file, and how it is to be; none for a document without cases.
fn blessed(
    path: &Path,
    named: Named,
    args: &Args,
) -> Result<Option<(String, Blessing)>, InputError> {
    let source = input::scenario(path)?;
    let document = Document::parse(source.clone(), Format::of(&source.name))?;
    let blessing = Scenario::bless(&document, &Disk, |single| args.is_meant(single))?;
    if blessing.is_none() && named == Named::Itself {
        return Err(no_scenario(source, "a document without cases"));
    }
    Ok(blessing.map(|blessing| (source.text.clone(), blessing)))
}

/// What changes, decisions first and loudest.
fn show(path: &Path, blessing: &Blessing, streams: &mut Streams) -> Result<Exit, CliError> {
    let place = |line: usize| format!("{}:{line}", Printable(&path.display().to_string()));
    for change in &blessing.changes {
        let name = Printable(&change.name);
        let place = place(change.place.line());
        for decision in &change.decisions {
            writeln!(
                streams.out,
                "{RED}DECISION CHANGED{RESET}  {place}: {name}: {}",
                Printable(decision)
            )?;
        }
        if change.decisions.is_empty() {
            let what = if change.is_new { "filled in" } else { "updated  " };
            writeln!(streams.out, "{what}         {place}: {name}")?;
        }
    }
    for error in &blessing.refused {
        streams.note(&diagnostics::excerpt(error));
    }
    Ok(if blessing.refused.is_empty() { Exit::Done } else { Exit::CouldNotRun })
}

/// Writes if somebody says so, on a terminal or by `--yes`; else a change is left to be made.
fn write(args: &Args, written: &[Written], streams: &mut Streams) -> Result<Exit, CliError> {
    let files = told::count(written.len(), "file");
    let may_ask = io::stdin().is_terminal() && io::stdout().is_terminal();
    let is_agreed = !args.dry_run && (args.yes || (may_ask && ask(&files, streams)?));
    if !is_agreed {
        streams.note(&format!("nothing was written; `--bless --yes` writes {files}"));
        return Ok(Exit::Denied);
    }
    for it in written {
        let now = fs::read_to_string(it.file()).ok();
        if now.as_deref() != Some(it.old()) {
            return Err(CliError::usage(format!(
                "expected {} as it was read, found it changed meanwhile",
                Quoted(it.file())
            )));
        }
    }
    Written::write_all(written)?;
    streams.note(&format!("wrote {files}"));
    Ok(Exit::Done)
}

fn ask(files: &str, streams: &mut Streams) -> Result<bool, CliError> {
    write!(streams.err, "write {files}? [y/N] ")?;
    streams.err.flush()?;
    let mut line = String::new();
    io::stdin().read_line(&mut line)?;
    Ok(matches!(line.trim(), "y" | "Y" | "yes"))
}
