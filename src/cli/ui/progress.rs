//! How far long work has come, for somebody at a terminal.

use std::env;
use std::io::{self, Write};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use keyctl::ops::Progress;
use terminal_size::terminal_size_of;

use super::table::DEFAULT_WIDTH;
use super::{Ui, grouped, size};

/// Work that is done sooner says nothing.
const PATIENCE: Duration = Duration::from_secs(1);

/// How often it is said how far work has come.
const PERIOD: Duration = Duration::from_millis(100);

/// A bar that is shorter than this shows nothing.
const MIN_BAR_WIDTH: usize = 8;

/// What goes back to the beginning of a line, and what clears the rest of it.
const BACK: &str = "\r";
const CLEAR: &str = "\x1b[K";

/// A bar on standard error that appears when work takes long, and goes when it
/// is dropped. It is drawn here: a library for it brought the C library's mathematics
/// along, which every process then loaded, and 30 KB of itself.
pub(crate) struct Bar {
    what: &'static str,
    are_bytes: bool,
    is_wanted: bool,
    is_shown: bool,
    /// Before this, nothing is said.
    due_at: Instant,
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
            is_shown: false,
            due_at: Instant::now() + PATIENCE,
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
        if !self.is_wanted || Instant::now() < self.due_at {
            return;
        }
        let width = terminal_size_of(io::stderr()).map_or(DEFAULT_WIDTH, |(width, _)| width.0);
        // In the last column, some terminals begin another line.
        let width = usize::from(width).saturating_sub(1);
        let line = line(self.what, self.are_bytes, progress, width);
        draw(&format!("{BACK}{line}{CLEAR}"));
        self.is_shown = true;
        self.due_at = Instant::now() + PERIOD;
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        if self.is_shown {
            draw(&format!("{BACK}{CLEAR}"));
        }
    }
}

fn draw(text: &str) {
    // Work goes on, whether anybody sees how far it has come or not.
    let _ = io::stderr().write_all(text.as_bytes());
}

/// `exporting [====>    ] 4,096 of 10,000`, in so many columns.
fn line(what: &str, are_bytes: bool, progress: Progress, width: usize) -> String {
    let said = |number| match are_bytes {
        true => size(number),
        false => grouped(number),
    };
    let Progress { done, total } = progress;
    let numbers = match total {
        0 => said(done),
        _ => format!("{} of {}", said(done), said(total)),
    };
    let bar_width = width.saturating_sub(what.len() + numbers.len() + " [] ".len());
    let mut line = match total {
        1.. if bar_width >= MIN_BAR_WIDTH => {
            let filled = done.min(total) as f64 / total as f64 * bar_width as f64;
            let bar = format!("{}>", "=".repeat(filled as usize));
            format!("{what} [{bar:bar_width$.bar_width$}] {numbers}")
        }
        _ => format!("{what} {numbers}"),
    };
    line.truncate(width);
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_how_far_work_has_come() {
        let cases = [
            (false, 0, 40, "exporting [>                ] 0 of 2,000"),
            (false, 1_000, 40, "exporting [======>      ] 1,000 of 2,000"),
            (false, 2_000, 40, "exporting [=============] 2,000 of 2,000"),
            // What is done can be more than was thought.
            (false, 3_000, 40, "exporting [=============] 3,000 of 2,000"),
            (true, 1_000, 40, "exporting [=====>    ] 1000 B of 2.0 KiB"),
            (false, 1_000, 35, "exporting [====>   ] 1,000 of 2,000"),
            (false, 1_000, 34, "exporting 1,000 of 2,000"),
            (false, 1_000, 12, "exporting 1,"),
            (false, 1_000, 0, ""),
        ];
        for (are_bytes, done, width, expected) in cases {
            let progress = Progress { done, total: 2_000 };
            let line = line("exporting", are_bytes, progress, width);
            assert_eq!(line, expected);
        }
        let unbounded = Progress {
            done: 1_000,
            total: 0,
        };
        assert_eq!(line("exporting", false, unbounded, 40), "exporting 1,000");
    }
}
