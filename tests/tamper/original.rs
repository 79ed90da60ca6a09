//! A store in which everything has happened, in one file that nobody has open.

use std::fs;
use std::path::PathBuf;

use data_encoding::HEXUPPER;
use keyctl::{Location, Registry};
use rusqlite::Connection;
use tempfile::TempDir;

use super::history::{Found, at, audit, live};

/// In how many rows every value is changed.
pub(crate) const TRIED_ROWS: usize = usize::MAX;

pub(crate) struct Original {
    folder: TempDir,
    pub(crate) events: i64,
}

impl Original {
    pub(crate) fn new() -> Original {
        let folder = TempDir::new().unwrap();
        let location = Location::File(folder.path().join("keys.db"));
        let mut registry = Registry::create(&location, "alice".parse().unwrap(), at(1)).unwrap();
        live(&mut registry);
        let checked = registry.audit(None).unwrap();
        Original {
            folder,
            events: checked.head.seq,
        }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("keys.db")
    }

    /// A copy that is altered by this; what an audit says of it, or nothing if
    /// the database did not let itself be altered so, or no row was.
    pub(crate) fn altered(&self, sql: &str) -> Option<Found> {
        let mut count = 0;
        let found = self.rebuilt(|connection| {
            let before = connection.total_changes();
            connection.execute_batch(sql)?;
            count = connection.total_changes() - before;
            Ok(())
        });
        found.filter(|_| count > 0)
    }

    /// The same of whatever this does.
    pub(crate) fn rebuilt(
        &self,
        alter: impl FnOnce(&Connection) -> rusqlite::Result<()>,
    ) -> Option<Found> {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("keys.db");
        fs::copy(self.path(), &path).unwrap();
        let connection = Connection::open(&path).unwrap();
        connection
            .execute_batch("PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON;")
            .unwrap();
        alter(&connection).ok()?;
        drop(connection);
        Some(audit(&Location::File(path), None))
    }

    pub(crate) fn texts(&self, sql: &str) -> Vec<String> {
        let connection = Connection::open(self.path()).unwrap();
        let mut statement = connection.prepare(sql).unwrap();
        let rows = statement.query_map([], |row| row.get(0)).unwrap();
        rows.collect::<Result<_, _>>().unwrap()
    }

    pub(crate) fn columns(&self, table: &str) -> Vec<String> {
        self.texts(&format!("SELECT name FROM pragma_table_info('{table}')"))
    }

    /// The values of a column, as they are written in SQL: a few of them, each
    /// once.
    pub(crate) fn literals(&self, table: &str, column: &str, which: &str) -> Vec<String> {
        self.texts(&format!(
            "SELECT DISTINCT quote({column}) FROM {table} WHERE {which} LIMIT 8"
        ))
    }

    /// How bytes are written in SQL.
    pub(crate) fn bytes(&self, bytes: &[u8]) -> String {
        format!("X'{}'", HEXUPPER.encode(bytes))
    }
}
