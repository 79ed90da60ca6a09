//! How far long work has come, for somebody at a terminal.

use std::env;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use keyctl::ops::Progress;

use super::Ui;

/// Work that is done sooner says nothing.
const PATIENCE: Duration = Duration::from_secs(1);

/// How often work is asked how far it has come.
const PERIOD: Duration = Duration::from_millis(100);

/// A bar on standard error that appears when work takes long, and goes when it
/// is dropped.
pub(crate) struct Bar {
    what: &'static str,
    are_bytes: bool,
    is_wanted: bool,
    begun_at: Instant,
    bar: Option<ProgressBar>,
}

impl Ui {
    /// A bar for work that is about to begin: nothing but an empty promise
    /// where standard error is no terminal, or remarks are not wanted.
    pub(crate) fn progress(&self, what: &'static str) -> Bar {
        let is_dumb = env::var_os("TERM").is_some_and(|term| term == "dumb");
        Bar {
            what,
            are_bytes: false,
            is_wanted: self.stderr_look.is_terminal && !self.quiet && !is_dumb,
            begun_at: Instant::now(),
            bar: None,
        }
    }
}

impl Bar {
    /// The same bar for an input that is read.
    pub(crate) fn of_bytes(mut self) -> Bar {
        self.are_bytes = true;
        self
    }

    /// Does work that does not say by itself how far it has come, and asks for
    /// that from time to time.
    pub(crate) fn watch<T>(
        mut self,
        progress: impl Fn() -> Progress + Send,
        work: impl FnOnce() -> T,
    ) -> T {
        if !self.is_wanted {
            return work();
        }
        let (done, is_done) = mpsc::channel::<()>();
        thread::scope(|scope| {
            scope.spawn(move || {
                while is_done.recv_timeout(PERIOD) == Err(RecvTimeoutError::Timeout) {
                    self.show(progress());
                }
            });
            let result = work();
            drop(done);
            result
        })
    }

    /// Shows how far the work has come, once it has taken long enough. Where
    /// nobody knows how much there is, the total is 0.
    pub(crate) fn show(&mut self, progress: Progress) {
        if !self.is_wanted || self.begun_at.elapsed() < PATIENCE {
            return;
        }
        let (what, are_bytes) = (self.what, self.are_bytes);
        let bar = self
            .bar
            .get_or_insert_with(|| new_bar(what, are_bytes, progress.total));
        bar.set_position(progress.done);
        bar.set_length(progress.total);
    }
}

fn new_bar(what: &'static str, are_bytes: bool, total: u64) -> ProgressBar {
    let template = match (are_bytes, total) {
        (false, 0) => "{msg} {human_pos}",
        (false, _) => "{msg} [{wide_bar}] {human_pos} of {human_len}",
        (true, 0) => "{msg} {bytes}",
        (true, _) => "{msg} [{wide_bar}] {bytes} of {total_bytes}",
    };
    let style = ProgressStyle::with_template(template)
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .progress_chars("=> ");
    ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr())
        .with_style(style)
        .with_message(what)
}

impl Drop for Bar {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
