//! What a file says it is, how a connection to it behaves, and the steps that
//! bring it up to date.

use rusqlite::config::DbConfig;
use rusqlite::{Connection, TransactionBehavior, params};

use super::super::schema::{Step, missing_steps};
use super::fault;
use crate::domain::{Head, StoreError, StoreFault};

/// "KEYC": marks the file as ours in SQLite's header.
const APPLICATION_ID: i64 = 0x4b45_5943;

const STEPS: &[Step] = &[
    Step {
        number: 1,
        sql: include_str!("0001_keys_and_events.sql"),
    },
    Step {
        number: 2,
        sql: include_str!("0002_policy.sql"),
    },
    Step {
        number: 3,
        sql: include_str!("0003_rows_together.sql"),
    },
];

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Version {
    /// A file without anything in it: made, and not yet filled.
    Empty,
    /// A store that has taken the steps up to this one.
    Steps(i64),
}

impl Version {
    /// Whether there are steps that the store has not taken.
    ///
    /// # Errors
    /// [`StoreFault::Newer`] if it has taken more than this program knows.
    pub(super) fn is_outdated(self) -> Result<bool, StoreError> {
        Ok(missing_steps(STEPS, self.number())?.next().is_some())
    }

    fn number(self) -> i64 {
        match self {
            Version::Empty => 0,
            Version::Steps(number) => number,
        }
    }
}

/// Reads what the file says it is, without writing to it.
pub(super) fn identify(connection: &Connection) -> Result<Version, StoreError> {
    let mark = |name| {
        connection
            .pragma_query_value(None, name, |row| row.get(0))
            .map_err(fault)
    };
    // A file that was marked as a store stays one. Nearly all are, and two pragmas take
    // a tenth of what the question below does.
    match (mark("application_id")?, mark("user_version")?) {
        (APPLICATION_ID, version) if version > 0 => Ok(Version::Steps(version)),
        _ => identify_at_once(connection),
    }
}

/// As [`identify`], of a file that may be becoming a store: all of it is read at one
/// moment.
fn identify_at_once(connection: &Connection) -> Result<Version, StoreError> {
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

pub(super) fn configure(connection: &Connection) -> Result<(), StoreError> {
    connection
        .execute_batch(
            // A commit that was reported survives a loss of power: in WAL mode
            // EXTRA is FULL, and with a rollback journal it also syncs the
            // folder after the journal is deleted (SQLite's page on pragmas).
            "PRAGMA synchronous = EXTRA;
             PRAGMA secure_delete = ON;
             PRAGMA cell_size_check = ON;",
        )
        .map_err(fault)?;
    for (option, is_on) in [
        (DbConfig::SQLITE_DBCONFIG_ENABLE_FKEY, true),
        (DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false),
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
pub(super) fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    // A step may make a table anew that others refer to, and within a transaction
    // this setting cannot be changed (SQLite's page on ALTER TABLE).
    set_foreign_keys(connection, false)?;
    let migrated = take_all_steps(connection);
    set_foreign_keys(connection, true)?;
    migrated
}

fn set_foreign_keys(connection: &Connection, are_on: bool) -> Result<(), StoreError> {
    connection
        .set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_FKEY, are_on)
        .map_err(fault)?;
    Ok(())
}

fn take_all_steps(connection: &mut Connection) -> Result<(), StoreError> {
    let tx = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(fault)?;
    let version = identify(&tx)?;
    take_steps(&tx, version)?;
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

fn take_steps(connection: &Connection, version: Version) -> Result<(), StoreError> {
    for step in missing_steps(STEPS, version.number())? {
        connection.execute_batch(step.sql).map_err(fault)?;
        connection
            .pragma_update(None, "user_version", step.number)
            .map_err(fault)?;
    }
    Ok(())
}

/// The tables of a new store, in memory, with nothing in them.
pub(super) fn tables_in_memory() -> Result<Connection, StoreError> {
    let connection = Connection::open_in_memory().map_err(fault)?;
    set_foreign_keys(&connection, false)?;
    take_steps(&connection, Version::Empty)?;
    Ok(connection)
}
