//! The embedded engine: one SQLite file, shared by all processes of a machine.
//!
//! This file opens it, to be written or only to be read. `place` makes its folder
//! and file, `setup` and `journal` prepare a connection, `peek` makes one that
//! leaves no trace, `snapshot` one that cannot write, `begun` begins a transaction,
//! `session` runs statements in it, of which `later` leaves some to its end, `check`
//! holds the file against itself and against what is `made` of an empty one, and for
//! that `log` reads all rows, `called` adds up what indexes should say of them, and
//! `indexes` what they say; `copy` and `replace` are for backups, `ballast` keeps room
//! for the day the disk is full.

mod ballast;
mod begun;
mod called;
mod check;
mod copy;
mod indexes;
mod journal;
mod later;
mod log;
mod made;
mod peek;
mod place;
#[cfg(test)]
mod plans;
mod replace;
mod session;
mod setup;
mod snapshot;

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags, params};

use super::{IfMissing, PrivateFile, Store, Tx, Upkeep, Weakness};

use crate::domain::{FileFacts, KeyId, StoreError, StoreFault, Timestamp};
use begun::Begun;
pub(in crate::store) use place::has_name_beside_a_store;
pub(in crate::store) use replace::{Copied, restore};
use session::SqliteSession;
use setup::{Version, configure, identify, migrate};
use snapshot::Stamp;

/// Older ones can lose committed writes when processes write and checkpoint at
/// once (SQLite's release notes, 3.51.3).
const MIN_SQLITE_VERSION: i32 = 3_051_003;
/// How long a transaction waits for others before it is refused.
const BUSY_TIMEOUT: Duration = Duration::from_secs(30);
/// How long recording a use waits: it is best effort, and its caller has a
/// verdict to give.
const TOUCH_TIMEOUT: Duration = Duration::from_millis(100);

pub(super) struct Sqlite {
    connection: Connection,
    /// Where it is, unless it is only pretended.
    file: Option<PathBuf>,
    /// How long it waits for others.
    patience: Duration,
    /// Why it cannot be written, if so.
    unwritable: Option<StoreFault>,
    /// Of what file the connection is a copy, if so.
    stamp: Option<Stamp>,
}

impl Sqlite {
    /// Opens the store in `path`. One that cannot be written can still be read.
    pub(super) fn open(path: &Path, if_missing: IfMissing) -> Result<Sqlite, StoreError> {
        if rusqlite::version_number() < MIN_SQLITE_VERSION {
            return Err(StoreError::caused(
                StoreFault::Other,
                format!("SQLite {} can lose writes", rusqlite::version()),
            ));
        }
        match place::prepare(path, if_missing)? {
            Some(file) => Sqlite::open_file(file, if_missing),
            None => Sqlite::pretended(),
        }
    }

    /// Opens the store in `path` without leaving anything behind.
    pub(super) fn peek(path: &Path) -> Result<Sqlite, StoreError> {
        let file = place::find(path)?;
        let connection = peek::connect(&file)?;
        connection.busy_timeout(Duration::ZERO).map_err(fault)?;
        Sqlite::only_read(connection, None, file, Duration::ZERO, StoreFault::ReadOnly)
    }

    fn open_file(file: PathBuf, if_missing: IfMissing) -> Result<Sqlite, StoreError> {
        if !place::is_writable(&file) {
            return Sqlite::for_reading(file, BUSY_TIMEOUT, StoreFault::ReadOnly);
        }
        match Sqlite::for_writing(&file, if_missing) {
            // Nothing can be made beside it, and it can be read without.
            Err(error) if error.fault().may_want_room() && ballast::lacks_room(&file) => {
                Sqlite::for_reading(file, BUSY_TIMEOUT, StoreFault::Full)
                    .map_err(|_| StoreError::caused(StoreFault::Full, error))
            }
            opened => opened,
        }
    }

    /// The order of what follows matters; each step says why it stands where it
    /// stands.
    fn for_writing(file: &Path, if_missing: IfMissing) -> Result<Sqlite, StoreError> {
        let mut connection = connect(file)?;
        connection.busy_timeout(BUSY_TIMEOUT).map_err(fault)?;
        // Before anything is set: another program's database stays untouched.
        let version = identify(&connection)?;
        let is_outdated = version.is_outdated()?;
        match (version, if_missing) {
            (Version::Empty, IfMissing::Fail) => {
                return Err(StoreError::new(StoreFault::Missing));
            }
            (Version::Empty, IfMissing::Pretend) => return Sqlite::pretended(),
            _ => {}
        }
        if if_missing != IfMissing::Pretend {
            journal::choose(&connection, file)?;
        }
        configure(&connection)?;
        if is_outdated {
            migrate(&mut connection)?;
        }
        if version == Version::Empty {
            // The file is whole before anything large is written beside it: what
            // is given up then, the disk being full, leaves nothing there.
            journal::empty_write_ahead_log(&connection)?;
        }
        Ok(Sqlite {
            connection,
            file: Some(file.to_owned()),
            patience: BUSY_TIMEOUT,
            unwritable: None,
            stamp: None,
        })
    }

    /// Another connection to a file that is open already.
    fn beside(file: PathBuf) -> Result<Sqlite, StoreError> {
        let connection = connect(&file)?;
        connection.busy_timeout(BUSY_TIMEOUT).map_err(fault)?;
        Sqlite::only_read(connection, None, file, BUSY_TIMEOUT, StoreFault::ReadOnly)
    }

    fn for_reading(
        file: PathBuf,
        patience: Duration,
        unwritable: StoreFault,
    ) -> Result<Sqlite, StoreError> {
        let (connection, stamp) = snapshot::connect(&file, patience)?;
        Sqlite::only_read(connection, stamp, file, patience, unwritable)
    }

    fn only_read(
        connection: Connection,
        stamp: Option<Stamp>,
        file: PathBuf,
        patience: Duration,
        unwritable: StoreFault,
    ) -> Result<Sqlite, StoreError> {
        let version = identify(&connection)?;
        if version == Version::Empty {
            return Err(StoreError::new(StoreFault::Missing));
        }
        if version.is_outdated()? {
            return Err(StoreError::new(unwritable));
        }
        configure(&connection)?;
        Ok(Sqlite {
            connection,
            file: Some(file),
            patience,
            unwritable: Some(unwritable),
            stamp,
        })
    }

    /// A database that nobody else sees and that is gone afterwards. It is in
    /// memory as far as it fits into SQLite's cache, and beyond that in an
    /// unlinked file.
    pub(super) fn pretended() -> Result<Sqlite, StoreError> {
        let mut connection = Connection::open("").map_err(fault)?;
        configure(&connection)?;
        migrate(&mut connection)?;
        Ok(Sqlite {
            connection,
            file: None,
            patience: BUSY_TIMEOUT,
            unwritable: None,
            stamp: None,
        })
    }

    /// Refuses to write what can only be read, with the reason for that.
    fn check_writable(&self) -> Result<(), StoreError> {
        match &self.unwritable {
            Some(fault) => Err(StoreError::new(fault.clone())),
            None => Ok(()),
        }
    }
}

impl Store for Sqlite {
    fn read(&mut self) -> Result<Box<dyn Tx + '_>, StoreError> {
        // What could not change when this was opened, others may have changed
        // since: on the other side of a read-only mount, say.
        if let (Some(stamp), Some(unwritable), Some(file)) =
            (&self.stamp, &self.unwritable, &self.file)
            && !stamp.holds(file)
        {
            *self = Sqlite::for_reading(file.clone(), self.patience, unwritable.clone())?;
        }
        let tx = Begun::to_read(&self.connection).map_err(fault)?;
        let file = self.file.as_deref();
        Ok(Box::new(SqliteSession::transaction(tx, file)))
    }

    fn write(&mut self) -> Result<Box<dyn Tx + '_>, StoreError> {
        self.check_writable()?;
        let tx = Begun::to_write(&self.connection).map_err(fault)?;
        let file = self.file.as_deref();
        Ok(Box::new(SqliteSession::transaction(tx, file)))
    }

    fn beside(&self) -> Option<Box<dyn Store>> {
        match (&self.file, &self.unwritable) {
            (Some(file), None) => Some(Box::new(Sqlite::beside(file.clone()).ok()?)),
            // It may be a copy.
            _ => None,
        }
    }

    fn touch(&mut self, uses: &[(KeyId, Timestamp)]) -> Result<(), StoreError> {
        self.check_writable()?;
        self.connection.busy_timeout(TOUCH_TIMEOUT).map_err(fault)?;
        let touched = Begun::to_write(&self.connection)
            .and_then(|tx| record_uses(tx, uses))
            .map_err(fault);
        self.connection.busy_timeout(self.patience).map_err(fault)?;
        touched
    }

    fn upkeep(&mut self) -> Result<Upkeep, StoreError> {
        let journal = journal::mode(&self.connection)?;
        let file = self.file.as_deref();
        Ok(Upkeep {
            engine: format!("SQLite {}", rusqlite::version()),
            weakness: (journal != "wal").then_some(Weakness::ReadersWait),
            journal,
            len: file.map_or(0, place::file_len),
            log_len: Some(file.map_or(0, |file| place::file_len(&place::beside(file, "-wal")))),
            free_len: file.and_then(ballast::free_bytes),
            ballast_len: file.map_or(0, ballast::len),
            max_ballast_len: ballast::LEN,
            unwritable: self.unwritable.clone(),
        })
    }

    fn copy_into(&mut self, file: &PrivateFile) -> Result<(), StoreError> {
        replace::copy_into(&self.connection, file)
    }

    fn give_up_ballast(&mut self, fault: &StoreFault) -> Result<bool, StoreError> {
        let Some(file) = self.file.clone() else {
            return Ok(false);
        };
        if *fault != StoreFault::Full && !ballast::lacks_room(&file) {
            return Ok(false);
        }
        let is_given_up = ballast::give_up(&file)?;
        if is_given_up && self.unwritable.is_some() {
            *self = Sqlite::open_file(file, IfMissing::Fail)?;
        }
        Ok(is_given_up)
    }
}

fn record_uses(tx: Begun<'_>, uses: &[(KeyId, Timestamp)]) -> rusqlite::Result<()> {
    {
        // A key pruned in the meantime has no row to speak of.
        let mut statement = tx.prepare_cached(
            "INSERT INTO last_uses (seq, at) SELECT seq, ?2 FROM keys WHERE id = ?1
             ON CONFLICT (seq) DO UPDATE SET at = excluded.at WHERE excluded.at > last_uses.at",
        )?;
        for (id, at) in uses {
            statement.execute(params![id.as_str(), at.as_unix()])?;
        }
    }
    tx.commit()
}

/// The files of the store in `path`, and what they stand in.
pub(super) fn survey(path: &Path) -> Result<Vec<FileFacts>, StoreError> {
    place::survey(&place::find(path)?)
}

/// Of those, the file and the folder.
pub(super) fn survey_place(path: &Path) -> Result<Vec<FileFacts>, StoreError> {
    place::survey_place(&place::find(path)?)
}

/// By an absolute path and without URI, so that no part of a file's name is
/// taken for an option.
fn connect(file: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_NOFOLLOW
        | OpenFlags::SQLITE_OPEN_EXRESCODE;
    Connection::open_with_flags(file, flags).map_err(fault)
}

fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)
    )
}

/// What the driver's error means to us.
fn fault(error: rusqlite::Error) -> StoreError {
    let meaning = match error.sqlite_error_code() {
        Some(
            ErrorCode::DatabaseBusy
            | ErrorCode::DatabaseLocked
            | ErrorCode::FileLockingProtocolFailed,
        ) => StoreFault::Locked,
        Some(ErrorCode::NotADatabase) => StoreFault::NotADatabase,
        Some(ErrorCode::DatabaseCorrupt) => StoreFault::Corrupt,
        Some(ErrorCode::DiskFull) => StoreFault::Full,
        Some(ErrorCode::ReadOnly) => StoreFault::ReadOnly,
        Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => StoreFault::Unreadable,
        // A table, a column or a row that every store has is not there.
        _ if matches!(
            error,
            rusqlite::Error::SqlInputError { .. } | rusqlite::Error::QueryReturnedNoRows
        ) =>
        {
            StoreFault::Corrupt
        }
        _ => StoreFault::Other,
    };
    StoreError::caused(meaning, error)
}
