//! What is put right when a signal ends the program.
//!
//! The store needs nothing: a transaction that is open leaves nothing, as if the
//! program had been killed.

use std::io;
use std::sync::{Mutex, Once};

use dialoguer::console::Term;
use keyctl::store::PrivateFile;
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
