//! Reading a store that this process cannot write, and others perhaps can: on
//! the other side of a read-only mount, or on a disk that is full.
//!
//! SQLite cannot be asked to lock a store with a write-ahead log when nothing can
//! be made beside it. Told that the file does not change, it reads pages of
//! before and after a change together. So the whole file is read, and read again
//! if it changed meanwhile.

use std::fs::{self, File};
use std::io::{self, Cursor, Read};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::{Connection, MAIN_DB};

use super::peek::{self, LOG_MARKS, has_write_ahead_log};
use super::place::{beside, is_open, unreadable};
use super::{fault, setup};
use crate::domain::{StoreError, StoreFault};

/// How long to wait before it is tried once more.
const PAUSE: Duration = Duration::from_millis(10);
/// How long others take to make what stands beside a file, or to remove it.
const HALF_MADE: Duration = Duration::from_secs(1);
/// A change that comes so soon after another can have the same time: kernels
/// take it from a clock that ticks every 10 ms at most (ktime_get_coarse).
const TICK: Duration = Duration::from_millis(50);

/// What shows that a file has changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stamp {
    inode: u64,
    len: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Stamp {
    /// The stamp of a file that nobody has open for writing as far as can be
    /// seen, and that did not change just now.
    fn of(file: &Path) -> Result<Option<Stamp>, StoreError> {
        let found = fs::metadata(file).map_err(unreadable)?;
        let modified = found.modified().map_err(unreadable)?;
        let is_fresh = modified.elapsed().is_ok_and(|age| age < TICK);
        Ok((!is_fresh && !is_open(file)).then(|| Stamp {
            inode: found.ino(),
            len: found.len(),
            modified: (found.mtime(), found.mtime_nsec()),
            changed: (found.ctime(), found.ctime_nsec()),
        }))
    }

    /// Whether the file is still as it was.
    pub(super) fn holds(&self, file: &Path) -> bool {
        Stamp::of(file).is_ok_and(|stamp| stamp.as_ref() == Some(self))
    }
}

/// A connection to the store as it is at one moment. With a stamp, it is to a
/// copy, which is as good as the file while the stamp holds.
pub(super) fn connect(
    file: &Path,
    patience: Duration,
) -> Result<(Connection, Option<Stamp>), StoreError> {
    let begun = Instant::now();
    loop {
        match try_to_connect(file, patience) {
            Ok(Some(connected)) => return Ok(connected),
            // What stood beside the file may be gone since, or half made.
            Err(error) if may_pass(&error) && begun.elapsed() < patience.min(HALF_MADE) => {}
            Err(error) if is_open(file) && !beside(file, "-shm").exists() => {
                let problem = "its -wal cannot be read without a -shm, and none can be made here";
                return Err(StoreError::caused(error.fault().clone(), problem));
            }
            Err(error) => return Err(error),
            Ok(None) if begun.elapsed() < patience => {}
            Ok(None) => return Err(StoreError::new(StoreFault::Locked)),
        }
        thread::sleep(PAUSE);
    }
}

fn try_to_connect(
    file: &Path,
    patience: Duration,
) -> Result<Option<(Connection, Option<Stamp>)>, StoreError> {
    if is_open(file) || !has_write_ahead_log(file)? {
        // Beside others, with their locks.
        let connection = peek::connect(file)?;
        connection.busy_timeout(patience).map_err(fault)?;
        setup::identify(&connection)?;
        return Ok(Some((connection, None)));
    }
    let Some(stamp) = Stamp::of(file)? else {
        return Ok(None);
    };
    let copy = copy_of(file, stamp.len)?;
    Ok(stamp.holds(file).then_some((copy, Some(stamp))))
}

/// A store in memory, in no mode that needs files. It takes as much as the file is
/// long.
fn copy_of(file: &Path, len: u64) -> Result<Connection, StoreError> {
    let mut from = File::open(file).map_err(unreadable)?;
    let mut header = [0; LOG_MARKS.end];
    from.read_exact(&mut header).map_err(unreadable)?;
    header[LOG_MARKS].fill(1);
    let len = usize::try_from(len).map_err(|error| StoreError::caused(StoreFault::Other, error))?;
    let mut copy = Connection::open_in_memory().map_err(fault)?;
    copy.deserialize_read_exact(MAIN_DB, Cursor::new(header).chain(from), len, true)
        .map_err(fault)?;
    Ok(copy)
}

/// Whether it may be otherwise in a moment.
fn may_pass(error: &StoreError) -> bool {
    match error.fault() {
        StoreFault::Locked | StoreFault::Unreadable => true,
        // The file was cut short while it was read.
        StoreFault::Other => std::error::Error::source(error)
            .and_then(|cause| cause.downcast_ref::<io::Error>())
            .is_some_and(|error| error.kind() == io::ErrorKind::UnexpectedEof),
        _ => false,
    }
}
