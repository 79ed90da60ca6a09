//! Putting a backup into the place of a store: into its file, not over it, so
//! that whoever has it open sees the new content and not a file that is gone.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, fcntl};
use nix::libc::{F_WRLCK, SEEK_SET, flock};
use rusqlite::Connection;

use super::super::{IfMissing, Present, PrivateFile, Tx};
use super::begun::Begun;
use super::copy::{Replacement, copy};
use super::place::{self, BESIDE, beside, file_len};
use super::session::{SqliteSession, SqliteTx};
use super::setup::{Version, configure, identify, migrate};
use super::{BUSY_TIMEOUT, ballast, connect, fault, journal, peek, snapshot};
use crate::domain::{Error, StoreError, StoreFault};

/// What decides about a restoration, and changes what is coming.
type Work<'w> = dyn FnMut(Present<'_>, &mut dyn Tx) -> Result<bool, Error> + 'w;

/// Has `work` look at the store in `path`, if there is one, and change what is
/// `coming`; that replaces the store then, unless `work` says no. What was there
/// is put into the new file `kept` first. Nobody else writes meanwhile.
pub(in crate::store) fn restore(
    path: &Path,
    Copied(coming): &Copied,
    kept: &Path,
    work: &mut Work<'_>,
) -> Result<bool, Error> {
    let file = match place::find(path) {
        Ok(file) if file_len(&file) > 0 => file,
        Err(error) if *error.fault() != StoreFault::Missing => return Err(error.into()),
        _ => return fill(path, coming, work),
    };
    let restored = restore_into(&file, coming, kept, work);
    match &restored {
        Ok(true) => ballast::keep(&file),
        Err(Error::Store(error)) if error.fault().may_want_room() && ballast::lacks_room(&file) => {
            return Err(StoreError::new(StoreFault::Full).into());
        }
        Ok(false) | Err(_) => {}
    }
    restored
}

fn restore_into(
    file: &Path,
    coming: &Connection,
    kept: &Path,
    work: &mut Work<'_>,
) -> Result<bool, Error> {
    let mut there = connect(file)?;
    let ruined = prepare(&there, file).err();
    if let Some(error) = ruined.filter(|error| !is_ruin(error)) {
        return Err(error.into());
    }
    let has_log = journal::mode(&there).is_ok_and(|mode| mode == "wal");
    match replace(coming, &mut there, has_log, (file, kept), work) {
        Err(Stopped::Ruin(error)) => {
            // Its locks would be in the way.
            drop(there);
            replace_ruin(coming, error, file, kept, work)
        }
        Err(Stopped::Failed(error)) => Err(error),
        Ok(is_agreed) => {
            settle(&there);
            Ok(is_agreed)
        }
    }
}

/// Why a store was not replaced.
enum Stopped {
    /// Not even its lock can be had.
    Ruin(StoreError),
    Failed(Error),
}

impl<E: Into<Error>> From<E> for Stopped {
    fn from(error: E) -> Stopped {
        Stopped::Failed(error.into())
    }
}

fn replace(
    coming: &Connection,
    there: &mut Connection,
    has_log: bool,
    (file, kept): (&Path, &Path),
    work: &mut Work<'_>,
) -> Result<bool, Stopped> {
    let replacement = Replacement::begin(coming, there).map_err(|error| {
        if is_ruin(&error) {
            Stopped::Ruin(error)
        } else {
            error.into()
        }
    })?;
    let present = open_present(file, has_log);
    let is_agreed = decide(coming, &present, work)?;
    if is_agreed {
        let read = keep_beside(file, present.as_ref().ok(), kept)?;
        if let Err(error) = replacement.finish() {
            // The store is as it was, and needs no copy.
            let _ = fs::remove_file(kept);
            let _ = fs::remove_file(beside(kept, "-wal"));
            return Err(error.into());
        }
        drop(read);
    }
    Ok(is_agreed)
}

/// Where SQLite cannot take its lock, the file is locked as it would: nobody may
/// have it open when it is emptied.
fn replace_ruin(
    coming: &Connection,
    error: StoreError,
    file: &Path,
    kept: &Path,
    work: &mut Work<'_>,
) -> Result<bool, Error> {
    let is_agreed = decide(coming, &Err(error), work)?;
    if is_agreed {
        // Locks are this process's, SQLite's own among them, until this is closed.
        let locked = lock(file)?;
        let read = keep_beside(file, None, kept)?;
        locked.set_len(0).map_err(place::unreadable)?;
        remove_beside(file)?;
        write_into(file, coming)?;
        drop((locked, read));
    }
    Ok(is_agreed)
}

/// The bytes that SQLite locks in a file: one for whoever waits to write, one for
/// whoever is about to, and 510 for readers (SQLite's page on its file format,
/// 1.6).
const LOCK_BYTES: (i64, i64) = (0x4000_0000, 512);

fn lock(file: &Path) -> Result<File, StoreError> {
    let opened = fs::OpenOptions::new().read(true).write(true).open(file);
    let opened = opened.map_err(place::unreadable)?;
    let range = flock {
        l_type: F_WRLCK as _,
        l_whence: SEEK_SET as _,
        l_start: LOCK_BYTES.0,
        l_len: LOCK_BYTES.1,
        l_pid: 0,
    };
    match fcntl(&opened, FcntlArg::F_SETLK(&range)) {
        Ok(_) => Ok(opened),
        Err(Errno::EACCES | Errno::EAGAIN) => Err(StoreError::new(StoreFault::Locked)),
        Err(error) => Err(place::unreadable(error.into())),
    }
}

/// A copy of a store that nobody else sees, brought up to date.
pub(in crate::store) struct Copied(Connection);

impl Copied {
    /// Of the store in `path`.
    pub(in crate::store) fn of(path: &Path) -> Result<Copied, StoreError> {
        // It is only read: links to it are the caller's own.
        let path = fs::canonicalize(path).map_err(place::missing_or_unreadable)?;
        if !fs::metadata(&path).is_ok_and(|found| found.is_file()) {
            let problem = "it is not a regular file";
            return Err(StoreError::new(StoreFault::Foreign(problem)));
        }
        let (from, _) = snapshot::connect(&path, BUSY_TIMEOUT)?;
        duplicate(&from).map(Copied)
    }

    pub(in crate::store) fn read(&self) -> Result<Box<dyn Tx + '_>, StoreError> {
        Ok(Box::new(read(&self.0)?))
    }
}

fn read(connection: &Connection) -> Result<SqliteTx<'_>, StoreError> {
    let tx = Begun::to_read(connection).map_err(fault)?;
    Ok(SqliteSession::transaction(tx, None))
}

fn duplicate(from: &Connection) -> Result<Connection, StoreError> {
    let version = identify(from)?;
    let is_outdated = version.is_outdated()?;
    if version == Version::Empty {
        return Err(StoreError::new(StoreFault::Missing));
    }
    let mut to = Connection::open("").map_err(fault)?;
    configure(&to)?;
    copy(from, &mut to)?;
    if is_outdated {
        migrate(&mut to)?;
    }
    Ok(to)
}

/// Where there is no store to be replaced.
fn fill(path: &Path, coming: &Connection, work: &mut Work<'_>) -> Result<bool, Error> {
    let is_agreed = change(coming, |coming| work(Present::Missing, coming))?;
    if is_agreed && let Some(file) = place::prepare(path, IfMissing::Create)? {
        write_into(&file, coming)?;
    }
    Ok(is_agreed)
}

/// Into an empty file.
fn write_into(file: &Path, coming: &Connection) -> Result<(), StoreError> {
    let mut there = connect(file)?;
    prepare(&there, file)?;
    if identify(&there)? != Version::Empty {
        // Somebody else was there first.
        return Err(StoreError::new(StoreFault::Locked));
    }
    Replacement::begin(coming, &mut there)?.finish()?;
    settle(&there);
    Ok(())
}

/// As every store is opened that is to be written; another program's database is
/// not touched.
fn prepare(there: &Connection, file: &Path) -> Result<(), StoreError> {
    there.busy_timeout(BUSY_TIMEOUT).map_err(fault)?;
    identify(there)?.is_outdated()?;
    journal::choose(there, file)?;
    configure(there)
}

/// Whether it is the file itself that cannot be read.
fn is_ruin(error: &StoreError) -> bool {
    matches!(
        error.fault(),
        StoreFault::Corrupt | StoreFault::NotADatabase
    )
}

/// The store that is there, while nobody can change it.
fn open_present(file: &Path, has_log: bool) -> Result<Connection, StoreError> {
    let present = peek::connect_beside(file, has_log)?;
    if identify(&present)?.is_outdated()? {
        // What an older version cannot say, a copy can.
        return duplicate(&present);
    }
    configure(&present)?;
    Ok(present)
}

fn decide(
    coming: &Connection,
    present: &Result<Connection, StoreError>,
    work: &mut Work<'_>,
) -> Result<bool, Error> {
    match present {
        Ok(present) => {
            let present = read(present)?;
            change(coming, |coming| work(Present::Store(&present), coming))
        }
        Err(error) => change(coming, |coming| work(Present::Unreadable(error), coming)),
    }
}

/// In one transaction, so that its reads and writes belong together.
fn change(
    coming: &Connection,
    work: impl FnOnce(&mut dyn Tx) -> Result<bool, Error>,
) -> Result<bool, Error> {
    let tx = Begun::to_write(coming).map_err(fault)?;
    let mut tx = SqliteSession::transaction(tx, None);
    let is_agreed = work(&mut tx)?;
    if is_agreed {
        Box::new(tx).commit()?;
    }
    Ok(is_agreed)
}

/// Puts what is there into a file of its own: as one database if it can be read,
/// else as the bytes that they are. What it returns is to be closed when no lock
/// is needed any more: closing a file gives up all that this process has on it
/// (fcntl(2)).
fn keep_beside(
    file: &Path,
    present: Option<&Connection>,
    kept: &Path,
) -> Result<Option<File>, StoreError> {
    let made = PrivateFile::create_beside(kept).map_err(place::unreadable)?;
    let mut read = None;
    if present.is_none_or(|present| copy_into(present, &made).is_err()) {
        read = Some(copy_bytes(file, &made).map_err(place::unreadable)?);
        let log = beside(file, "-wal");
        if file_len(&log) > 0 {
            PrivateFile::create_beside(&beside(kept, "-wal"))
                .and_then(|made| copy_bytes(&log, &made).and_then(|_| made.keep()))
                .map_err(place::unreadable)?;
        }
    }
    made.keep().map_err(place::unreadable)?;
    Ok(read)
}

/// Copies a store into an empty file, which is not synced.
pub(super) fn copy_into(from: &Connection, file: &PrivateFile) -> Result<(), StoreError> {
    let path = fs::canonicalize(file.path()).map_err(place::unreadable)?;
    let mut to = connect(&path)?;
    // It is synced before it gets its name: until then there is nothing to lose.
    to.execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;")
        .map_err(fault)?;
    copy(from, &mut to)
}

fn copy_bytes(from: &Path, to: &PrivateFile) -> io::Result<File> {
    let mut from = File::open(from)?;
    let mut to = to.writer()?;
    to.set_len(0)?;
    io::copy(&mut from, &mut to)?;
    Ok(from)
}

/// What stands beside a file that is empty is of pages that are gone.
fn remove_beside(file: &Path) -> Result<(), StoreError> {
    for (suffix, _) in BESIDE {
        match fs::remove_file(beside(file, suffix)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(place::unreadable(error));
            }
            _ => {}
        }
    }
    Ok(())
}

/// What was written is durable; where it stands in the end is a matter of room.
fn settle(there: &Connection) {
    let _ = journal::empty_write_ahead_log(there);
}
