//! The embedded engine: one SQLite file, shared by all processes of a machine.
//!
//! This file opens it, or has `peek` connect where no trace is to be left; `place`
//! makes its folder and file, `tx` holds the verbs and `select` their questions,
//! `rows` turns rows into keys and events, `check` holds the file against itself.

mod check;
mod peek;
mod place;
mod rows;
mod select;
mod tx;

use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags, Transaction, TransactionBehavior, params};

use super::schema::{Step, missing_steps};
use super::{IfMissing, Store, Tx};
use crate::domain::{Head, KeyId, StoreError, StoreFault, Timestamp};
use tx::SqliteTx;

/// "KEYC": marks the file as ours in SQLite's header.
const APPLICATION_ID: i64 = 0x4b45_5943;
/// Older ones can lose committed writes when processes write and checkpoint at
/// once (SQLite's release notes, 3.51.3).
const MIN_SQLITE_VERSION: i32 = 3_051_003;
/// How long a transaction waits for others before it is refused.
const BUSY_TIMEOUT: Duration = Duration::from_secs(30);
/// How long recording a use waits: it is best effort, and its caller has a
/// verdict to give.
const TOUCH_TIMEOUT: Duration = Duration::from_millis(100);

const STEPS: &[Step] = &[
    Step {
        number: 1,
        sql: include_str!("sqlite/0001_keys_and_events.sql"),
    },
    Step {
        number: 2,
        sql: include_str!("sqlite/0002_policy.sql"),
    },
];

pub(super) struct Sqlite {
    connection: Connection,
}

impl Sqlite {
    /// Opens the store in `path`. The order of what follows matters; each step
    /// says why it stands where it stands.
    pub(super) fn open(path: &Path, if_missing: IfMissing) -> Result<Sqlite, StoreError> {
        if rusqlite::version_number() < MIN_SQLITE_VERSION {
            return Err(StoreError::caused(
                StoreFault::Other,
                format!("SQLite {} can lose writes", rusqlite::version()),
            ));
        }
        let mut connection = match place::prepare(path, if_missing)? {
            Some(file) => connect(&file)?,
            None => pretended()?,
        };
        connection.busy_timeout(BUSY_TIMEOUT).map_err(fault)?;
        // Before anything is set: another program's database stays untouched.
        let version = identify(&connection)?;
        let is_outdated = missing_steps(STEPS, version.number())?.next().is_some();
        match (version, if_missing) {
            (Version::Empty, IfMissing::Fail) => {
                return Err(StoreError::new(StoreFault::Missing));
            }
            (Version::Empty, IfMissing::Pretend) => {
                connection = pretended()?;
            }
            _ => {}
        }
        let is_readonly = connection.is_readonly("main").map_err(fault)?;
        if !is_readonly && if_missing != IfMissing::Pretend {
            use_write_ahead_log(&connection)?;
        }
        configure(&connection)?;
        if is_outdated {
            migrate(&mut connection)?;
        }
        if version == Version::Empty {
            // The file is whole before anything large is written beside it: what
            // is given up then, the disk being full, leaves nothing there.
            empty_write_ahead_log(&connection)?;
        }
        Ok(Sqlite { connection })
    }

    /// Opens the store in `path` without leaving anything behind.
    pub(super) fn peek(path: &Path) -> Result<Sqlite, StoreError> {
        let connection = place::find(path).and_then(|file| peek::connect(&file))?;
        connection.busy_timeout(Duration::ZERO).map_err(fault)?;
        let version = match identify(&connection)? {
            Version::Empty => return Err(StoreError::new(StoreFault::Missing)),
            version => version.number(),
        };
        if missing_steps(STEPS, version)?.next().is_some() {
            return Err(StoreError::new(StoreFault::ReadOnly));
        }
        configure(&connection)?;
        Ok(Sqlite { connection })
    }

    fn begin(&mut self, behavior: TransactionBehavior) -> Result<Transaction<'_>, StoreError> {
        self.connection
            .transaction_with_behavior(behavior)
            .map_err(fault)
    }
}

impl Store for Sqlite {
    fn read(&mut self) -> Result<Box<dyn Tx + '_>, StoreError> {
        let tx = self.begin(TransactionBehavior::Deferred)?;
        Ok(Box::new(SqliteTx(tx)))
    }

    fn write(&mut self) -> Result<Box<dyn Tx + '_>, StoreError> {
        // A deferred transaction that turns to writing after reading can be
        // refused at once, whatever the timeout; an immediate one waits.
        let tx = self.begin(TransactionBehavior::Immediate)?;
        Ok(Box::new(SqliteTx(tx)))
    }

    fn touch(&mut self, uses: &[(KeyId, Timestamp)]) -> Result<(), StoreError> {
        self.connection.busy_timeout(TOUCH_TIMEOUT).map_err(fault)?;
        let touched = self
            .begin(TransactionBehavior::Immediate)
            .and_then(|tx| record_uses(tx, uses).map_err(fault));
        self.connection.busy_timeout(BUSY_TIMEOUT).map_err(fault)?;
        touched
    }
}

fn record_uses(tx: Transaction<'_>, uses: &[(KeyId, Timestamp)]) -> rusqlite::Result<()> {
    {
        // A key pruned in the meantime has no row to speak of.
        let mut statement = tx.prepare_cached(
            "INSERT INTO last_uses (key_id, at) SELECT id, ?2 FROM keys WHERE id = ?1
             ON CONFLICT (key_id) DO UPDATE SET at = excluded.at WHERE excluded.at > last_uses.at",
        )?;
        for (id, at) in uses {
            statement.execute(params![id.as_str(), at.as_unix()])?;
        }
    }
    tx.commit()
}

/// A database that nobody else sees and that is gone afterwards. It is in memory
/// as far as it fits into SQLite's cache, and beyond that in an unlinked file.
fn pretended() -> Result<Connection, StoreError> {
    Connection::open("").map_err(fault)
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

#[derive(Clone, Copy, PartialEq, Eq)]
enum Version {
    /// A file without anything in it: made, and not yet filled.
    Empty,
    /// A store that has taken the steps up to this one.
    Steps(i64),
}

impl Version {
    fn number(self) -> i64 {
        match self {
            Version::Empty => 0,
            Version::Steps(number) => number,
        }
    }
}

/// Reads what the file says it is, without writing to it.
fn identify(connection: &Connection) -> Result<Version, StoreError> {
    let (application_id, version, objects): (i64, i64, i64) = connection
        .query_row(
            "SELECT (SELECT application_id FROM pragma_application_id),
                    (SELECT user_version FROM pragma_user_version),
                    (SELECT count(*) FROM sqlite_schema)",
            [],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )
        .map_err(fault)?;
    match (application_id, version, objects) {
        (APPLICATION_ID, version, _) if version > 0 => Ok(Version::Steps(version)),
        (0, 0, 0) => Ok(Version::Empty),
        _ => Err(StoreError::new(StoreFault::Foreign(
            "it is another program's SQLite database",
        ))),
    }
}

/// Readers and the writer do not wait for each other in this mode.
fn use_write_ahead_log(connection: &Connection) -> Result<(), StoreError> {
    let deadline = Instant::now() + BUSY_TIMEOUT;
    loop {
        // Setting the mode takes a lock even where it changes nothing.
        let mode: String = connection
            .pragma_query_value(None, "journal_mode", |row| row.get(0))
            .map_err(fault)?;
        if mode == "wal" {
            return Ok(());
        }
        let set = connection
            .pragma_update_and_check(None, "journal_mode", "wal", |row| row.get::<_, String>(0));
        match set {
            // Where this file system cannot have it, SQLite keeps a rollback
            // journal: slower, and as durable under synchronous=EXTRA.
            Ok(_) => return Ok(()),
            // The busy handler is not asked for this lock (SQLite's
            // documentation of sqlite3_busy_handler), so we wait here.
            Err(error) if is_busy(&error) && Instant::now() < deadline => {
                thread::sleep(Duration::from_millis(5));
            }
            Err(error) => return Err(fault(error)),
        }
    }
}

/// Moves what the log holds into the file, if nobody else is at it.
fn empty_write_ahead_log(connection: &Connection) -> Result<(), StoreError> {
    connection
        .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
        .map_err(fault)
}

fn configure(connection: &Connection) -> Result<(), StoreError> {
    connection
        .execute_batch(
            // A commit that was reported survives a loss of power: in WAL mode
            // EXTRA is FULL, and with a rollback journal it also syncs the
            // folder after the journal is deleted (SQLite's page on pragmas).
            "PRAGMA synchronous = EXTRA;
             PRAGMA foreign_keys = ON;
             PRAGMA secure_delete = ON;
             PRAGMA trusted_schema = OFF;
             PRAGMA cell_size_check = ON;",
        )
        .map_err(fault)?;
    for (option, is_on) in [
        (DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true),
        // The store has none: one that somebody planted could undo each
        // revocation as it is made.
        (DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false),
        // Plans do not depend on the values bound. Without it SQLite prepares a
        // cached statement again for each use, since rusqlite clears bindings
        // in between (sqlite3_clear_bindings expires such plans): three
        // quarters of the instructions of a batch of look-ups.
        (DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true),
    ] {
        connection.set_db_config(option, is_on).map_err(fault)?;
    }
    Ok(())
}

/// Takes the steps that are missing, all in one transaction. The version is
/// read again inside it: another process may have been first.
fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    let tx = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(fault)?;
    let version = identify(&tx)?;
    for step in missing_steps(STEPS, version.number())? {
        tx.execute_batch(step.sql).map_err(fault)?;
        tx.pragma_update(None, "user_version", step.number)
            .map_err(fault)?;
    }
    if version == Version::Empty {
        tx.pragma_update(None, "application_id", APPLICATION_ID)
            .map_err(fault)?;
        let head =
            Head::of_new_store().map_err(|error| StoreError::caused(StoreFault::Other, error))?;
        tx.execute(
            "INSERT INTO head (one, store_id, seq) VALUES (1, ?1, ?2)",
            params![head.store_id, head.seq],
        )
        .map_err(fault)?;
    }
    tx.commit().map_err(fault)
}

/// The tables of a new store, in memory.
fn new_in_memory() -> Result<Connection, StoreError> {
    let mut connection = Connection::open_in_memory().map_err(fault)?;
    migrate(&mut connection)?;
    Ok(connection)
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
        Some(ErrorCode::NotADatabase) => StoreFault::Foreign("it is not an SQLite database"),
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
