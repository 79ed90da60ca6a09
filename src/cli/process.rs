//! What this process lets the system do with it.

use std::panic;

use keyctl::store::PrivateFile;
use nix::sys::resource::{Resource, setrlimit};
use nix::sys::signal::{SigSet, Signal};

use super::ui;

/// What a program of Rust exits with after a panic.
const PANICKED: i32 = 101;

/// Keeps what is in memory from files and other processes, and what happens
/// from ending the program before it can say so. To be called before anything
/// is read, and before there is a second thread.
pub(crate) fn harden() {
    // Whoever can read a core file can read the tokens in it. Lowering a limit
    // cannot fail.
    let _ = setrlimit(Resource::RLIMIT_CORE, 0, 0);
    // The limit says nothing to a program that the kernel pipes cores into
    // (core(5)); and without this, any process of the user may read the memory
    // of this one (ptrace(2)).
    #[cfg(target_os = "linux")]
    let _ = nix::sys::prctl::set_dumpable(false);
    // A file that grows beyond its limit is an error to be told, and no reason
    // to die: blocked, the signal does nothing and the write fails with EFBIG
    // (setrlimit(2)). SIGPIPE is ignored by Rust itself.
    let too_large: SigSet = [Signal::SIGXFSZ].into_iter().collect();
    let _ = too_large.thread_block();
    panic::set_hook(Box::new(|panic| {
        // What a panic says may be anything, a token included.
        ui::panicked(panic.location());
        // Nothing is unwound: a build without what that takes is a twentieth smaller, and
        // a transaction that is open leaves nothing.
        PrivateFile::remove_unfinished();
        std::process::exit(PANICKED)
    }));
}
