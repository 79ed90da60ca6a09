//! What keyctl makes of an empty file, to hold others against.

use std::collections::BTreeSet;
use std::sync::{Mutex, OnceLock, PoisonError};

use rusqlite::Connection;

use super::fault;
use super::indexes::{self, Index};
use super::setup::tables_in_memory;
use crate::domain::StoreError;

pub(super) struct Made {
    pub(super) objects: BTreeSet<Object>,
    /// The indexes, and the table that is but an index.
    pub(super) indexes: Vec<Index>,
}

/// What keyctl makes, found out once: to make the tables of a store takes half of what
/// a short audit does.
///
/// # Errors
/// The engine's faults.
pub(super) fn made() -> Result<&'static Made, StoreError> {
    static MADE: OnceLock<Made> = OnceLock::new();
    static MAKING: Mutex<()> = Mutex::new(());
    if let Some(made) = MADE.get() {
        return Ok(made);
    }
    // The threads of an audit ask at the same time.
    let _making = MAKING.lock().unwrap_or_else(PoisonError::into_inner);
    match MADE.get() {
        Some(made) => Ok(made),
        None => make().map(|made| MADE.get_or_init(|| made)),
    }
}

fn make() -> Result<Made, StoreError> {
    let tables = tables_in_memory()?;
    Ok(Made {
        objects: objects(&tables)?,
        indexes: indexes::of(&tables)?,
    })
}

/// A table or an index, as the file says it is.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Object {
    pub(super) name: String,
    pub(super) kind: String,
    table: String,
    sql: Option<String>,
}

/// The tables and indexes of a file.
///
/// # Errors
/// The engine's faults.
pub(super) fn objects(connection: &Connection) -> Result<BTreeSet<Object>, StoreError> {
    // What ANALYZE leaves is statistics.
    let sql = "SELECT name, type, tbl_name, sql FROM sqlite_schema
               WHERE NOT (type = 'table' AND name IN
                   ('sqlite_stat1', 'sqlite_stat2', 'sqlite_stat3', 'sqlite_stat4'))";
    let mut statement = connection.prepare(sql).map_err(fault)?;
    let objects = statement.query_map([], |row| {
        Ok(Object {
            name: row.get(0)?,
            kind: row.get(1)?,
            table: row.get(2)?,
            sql: row.get(3)?,
        })
    });
    objects
        .map_err(fault)?
        .collect::<Result<_, _>>()
        .map_err(fault)
}
