//! A file held against itself: its tables, its indexes, and what its rows refer
//! to.

use rusqlite::{Connection, OptionalExtension};

use super::super::Part;
use super::made::{made, objects};
use super::{fault, indexes};
use crate::domain::{StoreError, StoreFault, Tally, Timestamp};
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

/// Holds the file against itself, save for what its indexes say, which is added up.
///
/// What columns must be by themselves is left to whoever reads each event and each
/// key, and asks for more: it took two fifths of the time.
///
/// # Errors
/// [`StoreFault::Corrupt`], whose source names the first thing that is not so.
pub(super) fn tally_indexes(connection: &Connection, tally: &mut Tally) -> Result<(), StoreError> {
    check_schema(connection)?;
    for table in READ_IN_PART {
        expect_no_problem(connection, &format!("PRAGMA quick_check({table})"))?;
    }
    let ignore = |is_ignored| {
        connection
            .pragma_update(None, "ignore_check_constraints", is_ignored)
            .map_err(fault)
    };
    ignore(true)?;
    let checked = expect_no_problem(connection, "PRAGMA quick_check(1)");
    ignore(false)?;
    checked?;
    indexes::walk_all(connection, tally)?;
    expect_no_lost_row(connection, "pragma_foreign_key_check('last_uses')")?;
    check_last_uses(connection)
}

/// Sees to it that each last use is a time: if the first and the last are, all are.
fn check_last_uses(connection: &Connection) -> Result<(), StoreError> {
    let ends = "SELECT min(at), max(at) FROM last_uses";
    let ends: [Option<i64>; 2] = connection
        .query_row(ends, [], |row| Ok([row.get(0)?, row.get(1)?]))
        .map_err(fault)?;
    let is_time = |at| Timestamp::from_unix(at).is_some();
    if ends.into_iter().flatten().all(is_time) {
        return Ok(());
    }
    let problem = "last_uses has what is no time";
    Err(StoreError::caused(StoreFault::Corrupt, problem))
}

/// The tables that have conditions, and of which an audit does not read every row and
/// column.
const READ_IN_PART: [&str; 1] = ["head"];

fn expect_no_lost_row(connection: &Connection, check: &str) -> Result<(), StoreError> {
    let sql = format!("SELECT 'a row of ' || \"table\" || ' belongs to no key' FROM {check}");
    expect_no_problem(connection, &sql)
}

fn check_references(connection: &Connection) -> Result<(), StoreError> {
    expect_no_lost_row(connection, "pragma_foreign_key_check")?;
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
    let found = objects(connection)?;
    match found.symmetric_difference(&made()?.objects).next() {
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
