//! A file held against itself: its tables, its indexes, and what its rows refer
//! to.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension};

use super::super::Part;
use super::fault;
use super::setup::tables_in_memory;
use crate::domain::{StoreError, StoreFault};
use crate::store::sql::bindings;

/// Holds a part of the file against the rest of it.
///
/// # Errors
/// [`StoreFault::Corrupt`], whose source names the first thing that is not so.
pub(super) fn check(connection: &Connection, part: Part) -> Result<(), StoreError> {
    match part {
        Part::Schema => check_schema(connection),
        Part::Indexes => expect_no_problem(connection, "PRAGMA integrity_check(1)"),
        Part::References => check_references(connection),
    }
}

fn check_references(connection: &Connection) -> Result<(), StoreError> {
    expect_no_problem(
        connection,
        "SELECT 'a row of ' || \"table\" || ' belongs to no key' FROM pragma_foreign_key_check",
    )?;
    let differing: i64 = connection
        .query_row(&bindings::differing("main"), [], |row| row.get(0))
        .map_err(fault)?;
    match differing {
        0 => Ok(()),
        _ => Err(StoreError::caused(StoreFault::Corrupt, bindings::PROBLEM)),
    }
}

/// The first line of the answer is a problem, unless it is "ok".
fn expect_no_problem(connection: &Connection, sql: &str) -> Result<(), StoreError> {
    let line: Option<String> = connection
        .query_row(sql, [], |row| row.get(0))
        .optional()
        .map_err(fault)?;
    match line.filter(|line| line != "ok") {
        Some(problem) => Err(StoreError::caused(StoreFault::Corrupt, problem)),
        None => Ok(()),
    }
}

fn check_schema(connection: &Connection) -> Result<(), StoreError> {
    let (found, made) = (schema(connection)?, schema(&tables_in_memory()?)?);
    match found.symmetric_difference(&made).next() {
        None => Ok(()),
        Some(object) => Err(StoreError::caused(
            StoreFault::Corrupt,
            format!(
                "its {} {} is not as keyctl made it",
                object.kind, object.name
            ),
        )),
    }
}

/// A table or an index, as the file says it is.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct SchemaObject {
    name: String,
    kind: String,
    table: String,
    sql: Option<String>,
}

fn schema(connection: &Connection) -> Result<BTreeSet<SchemaObject>, StoreError> {
    // What ANALYZE leaves is statistics.
    let sql = "SELECT name, type, tbl_name, sql FROM sqlite_schema
               WHERE NOT (type = 'table' AND name IN
                   ('sqlite_stat1', 'sqlite_stat2', 'sqlite_stat3', 'sqlite_stat4'))";
    let mut statement = connection.prepare(sql).map_err(fault)?;
    let objects = statement.query_map([], |row| {
        Ok(SchemaObject {
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
