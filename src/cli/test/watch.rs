//! `kms-sim test --watch`: a run again on each change of a scenario file or of what it names.
//!
//! The files are looked at several times a second. Notifications of the system would be cheaper,
//! and do not come from shared folders and containers.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::sleep;
use std::time::{Duration, SystemTime};

use kms_sim::document::Source;
use kms_sim::environment::{Files, ReadError};
use kms_sim::scenario::Report;
use kms_sim::text::Printable;

use super::find::find;
use super::{Args, once};
use crate::cli::input::{self, Disk};
use crate::cli::{CliError, Exit, Streams, diagnostics};

const PAUSE: Duration = Duration::from_millis(250);

/// What tells one state of a file from another; none for a file that is not there.
type State = Option<(SystemTime, u64)>;

/// Files that are read are kept in mind, with the state in which they were found.
#[derive(Debug, Default)]
struct Watched {
    states: Mutex<BTreeMap<PathBuf, State>>,
}

impl Files for Watched {
    fn read(&self, from: &Source, path: &str) -> Result<Arc<Source>, ReadError> {
        self.look_at(&input::beside(from, path));
        Disk.read(from, path)
    }
}

impl Watched {
    fn look_at(&self, path: &Path) {
        let mut states = self.states.lock().unwrap_or_else(PoisonError::into_inner);
        states.entry(path.to_owned()).or_insert_with(|| state(path));
    }

    /// A file that is otherwise than it was.
    fn changed(&self) -> Option<PathBuf> {
        let states = self.states.lock().unwrap_or_else(PoisonError::into_inner);
        states.iter().find(|(path, before)| state(path) != **before).map(|(path, _)| path.clone())
    }
}

fn state(path: &Path) -> State {
    let metadata = path.metadata().ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}

/// Runs until it is ended from outside, or nobody reads the results.
pub(super) fn run(args: &Args, streams: &mut Streams) -> Result<Exit, CliError> {
    loop {
        let watched = Watched::default();
        let found = found(args)?;
        for path in &found {
            watched.look_at(path);
        }
        match once(args, &watched, streams) {
            Ok(_) => {}
            Err(CliError::Closed) => return Err(CliError::Closed),
            Err(error) => diagnostics::print(&error, streams),
        }
        streams.note("watching for changes; Ctrl-C ends it");
        let changed = wait(args, &watched, &found)?;
        streams.note(&format!("\nchanged: {}", Printable(&changed.display().to_string())));
    }
}

/// The scenario files, and what else stands in their folders.
fn found(args: &Args) -> Result<Vec<PathBuf>, CliError> {
    let files = find(&args.paths()?, &mut Report::default())?;
    Ok(files.into_iter().map(|(path, _)| path).collect())
}

/// Waits for a file that is changed, gone or new.
fn wait(args: &Args, watched: &Watched, before: &[PathBuf]) -> Result<PathBuf, CliError> {
    loop {
        sleep(PAUSE);
        if let Some(changed) = watched.changed() {
            return Ok(changed);
        }
        let now = found(args)?;
        let new = now.iter().find(|path| !before.contains(path));
        if let Some(changed) = new.or_else(|| before.iter().find(|path| !now.contains(path))) {
            return Ok(changed.clone());
        }
    }
}
