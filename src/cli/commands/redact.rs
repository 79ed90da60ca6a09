use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::os::fd::AsFd;
use std::os::unix::fs::FileTypeExt;

use keyctl::leak::Redactor;
use nix::sys::signal::{SigSet, Signal};

use crate::cli::args::Format;
use crate::cli::exit::{Exit, Failure};
use crate::cli::input::STDIN;
use crate::cli::ui::Ui;

/// Mask tokens in text on its way from standard input to standard output
///
/// Put it between a program and its log. Every token becomes its prefix, stars and its last four
/// characters, at the same length; all else passes unchanged, whatever its encoding, as soon as it
/// cannot be part of a token. No store is needed.
///
/// A token is app-, dataset- or ds- and 24 letters and digits; if more of them follow, they are
/// masked too. app and 24 letters and digits without a hyphen are masked where they stand alone and
/// have a digit, an upper-case and a lower-case letter among them. Tokens that are encoded (base64,
/// a hyphen written as %2D) are not found.
///
/// On Ctrl-C it goes on until what writes to it ends, whose last lines would be lost otherwise. The
/// exit code is 0 whether there were tokens or not.
#[derive(clap::Args)]
pub(crate) struct Args {}

pub(crate) fn run(_: &Args, ui: &mut Ui) -> Result<Exit, Failure> {
    ui.require_format("redact", &[Format::Table])?;
    if is_pipe() {
        outlive_the_writer();
    }
    let mut stdin = io::stdin().lock();
    let mut redactor = Redactor::new();
    loop {
        let count = match stdin.read(redactor.room()) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            // What is held back may be most of a token, and stays unwritten.
            Err(error) => return Err(Failure::input(STDIN, &error)),
        };
        ui.raw(redactor.redact(count))?;
        // Somebody may wait for it.
        ui.flush()?;
    }
    ui.raw(redactor.finish())?;
    ui.flush().map(|()| Exit::Done)
}

/// Whether there is somebody at the other end, who gets the same signals.
fn is_pipe() -> bool {
    let duplicate = io::stdin().as_fd().try_clone_to_owned().map(File::from);
    let kind = duplicate.and_then(|file| Ok(file.metadata()?.file_type()));
    kind.is_ok_and(|kind| kind.is_fifo() || kind.is_socket())
}

/// A terminal sends SIGINT to the whole pipeline: the writer still has its last
/// words then, and ends the input with them. All other signals are heard.
fn outlive_the_writer() {
    let interrupt: SigSet = [Signal::SIGINT].into_iter().collect();
    // Where it cannot be done, only those words are at stake.
    let _ = interrupt.thread_block();
}
