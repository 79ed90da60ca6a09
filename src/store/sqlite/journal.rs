//! How commits are kept until they are in the file: in a write-ahead log, where
//! readers and the writer do not wait for each other, else in a rollback journal.

use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::{BUSY_TIMEOUT, fault, is_busy};
use crate::domain::StoreError;

/// How long to wait before the mode is set once more.
const PAUSE: Duration = Duration::from_millis(5);

/// Keeps commits in the best way that the file system can have.
pub(super) fn choose(connection: &Connection, file: &Path) -> Result<(), StoreError> {
    if can_share_memory(file) && set_mode(connection, "wal")? == "wal" {
        return Ok(());
    }
    // Emptying a journal is one write fewer than deleting it, and under
    // synchronous=EXTRA as durable.
    set_mode(connection, "truncate").map(|_| ())
}

/// The processes that use a write-ahead log share memory, and so have to be on
/// one machine (SQLite's page on write-ahead logs); that a server or another
/// program stands behind a file, SQLite does not see.
#[cfg(target_os = "linux")]
fn can_share_memory(file: &Path) -> bool {
    let kind = nix::sys::statfs::statfs(file).map(|system| system.filesystem_type().0);
    // Their numbers have 32 bits; where the type has more, it may be signed.
    kind.is_ok_and(|kind| can_share_memory_on((i128::from(kind) & 0xffff_ffff) as u32))
}

/// By the number of the file system (linux/magic.h).
#[cfg(target_os = "linux")]
fn can_share_memory_on(magic: u32) -> bool {
    const NFS: u32 = 0x6969;
    const SMB: u32 = 0x517b;
    const CIFS: u32 = 0xff53_4d42;
    const SMB2: u32 = 0xfe53_4d42;
    const PLAN9: u32 = 0x0102_1997;
    const FUSE: u32 = 0x6573_5546;
    ![NFS, SMB, CIFS, SMB2, PLAN9, FUSE].contains(&magic)
}

#[cfg(not(target_os = "linux"))]
fn can_share_memory(file: &Path) -> bool {
    let system = nix::sys::statfs::statfs(file);
    system.is_ok_and(|system| {
        !["nfs", "smbfs", "macfuse", "osxfuse", "fusefs"].contains(&system.filesystem_type_name())
    })
}

/// How commits are kept.
pub(super) fn mode(connection: &Connection) -> Result<String, StoreError> {
    connection
        .pragma_query_value(None, "journal_mode", |row| row.get(0))
        .map_err(fault)
}

/// Sets the mode, and says which it is then.
fn set_mode(connection: &Connection, wanted: &str) -> Result<String, StoreError> {
    let deadline = Instant::now() + BUSY_TIMEOUT;
    loop {
        // Setting the mode takes a lock even where it changes nothing.
        let mode = mode(connection)?;
        if mode == wanted {
            return Ok(mode);
        }
        match connection.pragma_update_and_check(None, "journal_mode", wanted, |row| row.get(0)) {
            Ok(mode) => return Ok(mode),
            // The busy handler is not asked for this lock (SQLite's
            // documentation of sqlite3_busy_handler), so we wait here.
            Err(error) if is_busy(&error) && Instant::now() < deadline => thread::sleep(PAUSE),
            Err(error) => return Err(fault(error)),
        }
    }
}

/// Moves what the log holds into the file, if nobody else is at it.
pub(super) fn empty_write_ahead_log(connection: &Connection) -> Result<(), StoreError> {
    connection
        .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
        .map_err(fault)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_log_is_for_file_systems_of_this_machine() {
        // ext4, xfs, btrfs, tmpfs, overlayfs; then those with a server.
        for magic in [0xef53, 0x5846_5342, 0x9123_683e, 0x0102_1994, 0x794c_7630] {
            assert!(can_share_memory_on(magic), "{magic:x}");
        }
        for magic in [
            0x6969,
            0x517b,
            0xff53_4d42,
            0xfe53_4d42,
            0x0102_1997,
            0x6573_5546,
        ] {
            assert!(!can_share_memory_on(magic), "{magic:x}");
        }
    }
}
