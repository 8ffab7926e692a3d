//! A bar for runs that take long enough to wonder.

use std::io::{IsTerminal as _, stderr};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

/// What is done sooner shows no bar.
const PATIENCE: Duration = Duration::from_millis(500);

/// How far a run over `what` is; shown on a terminal only, and not in CI.
#[derive(Debug)]
pub(super) struct Progress {
    start: Instant,
    done: AtomicUsize,
    total: usize,
    what: &'static str,
    is_shown: bool,
    bar: OnceLock<ProgressBar>,
}

impl Progress {
    pub(super) fn new(total: usize, what: &'static str, quiet: bool) -> Self {
        let is_ci = std::env::var_os("CI").is_some_and(|it| !it.is_empty() && it != "false");
        let is_dumb = std::env::var_os("TERM").is_some_and(|it| it == "dumb");
        let is_shown = !quiet && !is_ci && !is_dumb && stderr().is_terminal();
        let done = AtomicUsize::new(0);
        Self { start: Instant::now(), done, total, what, is_shown, bar: OnceLock::new() }
    }

    /// One more is done.
    pub(super) fn step(&self) {
        if !self.is_shown {
            return;
        }
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        if self.start.elapsed() >= PATIENCE {
            self.bar.get_or_init(|| bar(self.total, self.what)).set_position(done as u64);
        }
    }

    /// The bar goes away, before the results are printed.
    pub(super) fn finish(&self) {
        if let Some(bar) = self.bar.get() {
            bar.finish_and_clear();
        }
    }
}

fn bar(total: usize, what: &str) -> ProgressBar {
    let bar = ProgressBar::new(total as u64);
    match ProgressStyle::with_template(&format!(
        "{{wide_bar}} {{pos}} of {{len}} {what}, {{eta}} left"
    )) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
