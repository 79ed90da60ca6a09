//! A connection that reads and leaves no trace.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::ops::Range;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use super::fault;
use super::place::{is_open, unreadable};
use crate::domain::StoreError;

/// A connection that only reads would still make a `-wal` and a `-shm` file
/// where there are none, and leave them (SQLite's page on write-ahead logs,
/// section 5). So a store with such a log that nobody has open is taken for one
/// that cannot change; one that is open is read beside its writers, whose `-shm`
/// is left unwritten. With a rollback journal, locks are all it takes.
pub(super) fn connect(file: &Path) -> Result<Connection, StoreError> {
    connect_as(file, has_write_ahead_log(file)?, false)
}

/// As [`connect`], to a store that the caller keeps all others from writing, with
/// a connection of its own that knows how commits are kept.
///
/// The file is not opened to look: closing it again would give up every lock
/// that this process has on it (fcntl(2)).
pub(super) fn connect_beside(file: &Path, has_log: bool) -> Result<Connection, StoreError> {
    connect_as(file, has_log, true)
}

fn connect_as(file: &Path, has_log: bool, is_held: bool) -> Result<Connection, StoreError> {
    let mode = match (has_log, is_open(file)) {
        (true, true) => "mode=ro&readonly_shm=1",
        (true, false) => "mode=ro&immutable=1",
        (false, _) if is_held => "mode=ro&immutable=1",
        (false, _) => "mode=ro",
    };
    let path: String = file.as_os_str().as_bytes().iter().map(uri_part).collect();
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_NOFOLLOW
        | OpenFlags::SQLITE_OPEN_EXRESCODE
        | OpenFlags::SQLITE_OPEN_URI;
    Connection::open_with_flags(format!("file:{path}?{mode}"), flags).map_err(fault)
}

/// Where the header of a file says how commits are kept: 1 is a rollback journal,
/// 2 a write-ahead log (SQLite's page on its file format, 1.3.3).
pub(super) const LOG_MARKS: Range<usize> = 18..20;

/// By the header of the file.
pub(super) fn has_write_ahead_log(file: &Path) -> Result<bool, StoreError> {
    let mut header = [0; LOG_MARKS.end];
    let read = File::open(file).and_then(|mut file| file.read_exact(&mut header));
    match read {
        Ok(()) => Ok(header[LOG_MARKS.start] == 2),
        // An empty file, or none of SQLite's.
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(unreadable(error)),
    }
}

/// A byte of a path in a URI (RFC 3986, section 2.3), so that none is taken for
/// the beginning of an option.
fn uri_part(byte: &u8) -> String {
    match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'.' | b'_' | b'~' => {
            char::from(*byte).to_string()
        }
        byte => format!("%{byte:02X}"),
    }
}
