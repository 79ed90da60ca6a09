//! What is put right when a signal ends the program.
//!
//! The store needs nothing: a transaction that is open leaves nothing, as if the
//! program had been killed.

use std::fs;
use std::io;
use std::sync::{Mutex, Once};

use dialoguer::console::Term;
use keyctl::store::PrivateFile;
use nix::sys::signal::Signal;
use nix::sys::termios::{SetArg, Termios, tcgetattr, tcsetattr};

use super::exit::Exit;

/// From now on, SIGINT, SIGTERM and SIGHUP leave the terminal as it is now and
/// no file that is not whole. Before it, they do what they always do.
///
/// dialoguer leaves the cursor hidden, and the echo off, when a signal ends the
/// program between two keys.
pub(crate) fn watch() {
    static ATTRIBUTES: Mutex<Option<Termios>> = Mutex::new(None);
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        if has_ignored() {
            return;
        }
        if let (Ok(attributes), Ok(mut kept)) = (tcgetattr(io::stdin()), ATTRIBUTES.lock()) {
            *kept = Some(attributes);
        }
        // Without the handler, the cursor is at stake, and a file's name.
        let _ = ctrlc::set_handler(|| {
            PrivateFile::remove_unfinished();
            if let Ok(Some(attributes)) = ATTRIBUTES.lock().as_deref() {
                let _ = tcsetattr(io::stdin(), SetArg::TCSANOW, attributes);
            }
            let term = Term::stderr();
            if term.is_term() {
                let _ = term.show_cursor();
                let _ = term.write_line("");
            }
            // The main thread may be waiting for a key.
            std::process::exit(Exit::Interrupted.code().into());
        });
    });
}

/// Whether whoever started this program had it ignore one of these signals, as
/// nohup does: then it is to go on.
fn has_ignored() -> bool {
    const SIGNALS: [Signal; 3] = [Signal::SIGHUP, Signal::SIGINT, Signal::SIGTERM];
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    let bit = |signal| 1_u64 << (signal as u32 - 1);
    mask.is_some_and(|mask| SIGNALS.iter().any(|signal| mask & bit(*signal) != 0))
}
