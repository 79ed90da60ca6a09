//! The log and the rows that it added, read side by side, and told to whoever adds up
//! what indexes should say.

use std::ops::ControlFlow;

use rusqlite::Connection;
use rusqlite::types::ValueRef;

use super::called::Called;
use super::fault;
use super::indexes::expect_plan;
use crate::domain::{StoreError, Tally};
use crate::store::sql::{Row, Source, log_columns};

/// More than there are columns.
const MOST: usize = 32;

/// Hands over the rows, until told to stop, and adds what they call for to `tally`.
pub(super) fn query(
    connection: &Connection,
    tally: Option<&mut Tally>,
    mut each: impl FnMut(&Columns<'_>) -> Result<ControlFlow<()>, StoreError>,
) -> Result<(), StoreError> {
    // Last uses are read apart.
    let columns = log_columns().replace("u.at", "NULL");
    let mut called = Called::by(&columns)?;
    let mask = called.mask();
    // Whatever an index says, rows are read.
    let sql = format!(
        "SELECT {columns}, {mask} FROM events e NOT INDEXED
         LEFT JOIN keys k NOT INDEXED ON k.seq = e.seq ORDER BY e.seq"
    );
    let beside = "SEARCH k USING INTEGER PRIMARY KEY (rowid=?) LEFT-JOIN";
    expect_plan(connection, &sql, &["SCAN e", beside])?;
    let mut statement = connection.prepare(&sql).map_err(fault)?;
    let count = statement.column_count();
    let mut rows = statement.query([]).map_err(fault)?;
    while let Some(row) = rows.next().map_err(fault)? {
        let mut columns = Columns([ValueRef::Null; MOST]);
        for (place, value) in columns.0[..count].iter_mut().enumerate() {
            *value = row.get_ref(place).map_err(fault)?;
        }
        if let Some(tally) = &tally {
            called.add(&columns.0, tally);
        }
        if each(&columns)?.is_break() {
            break;
        }
    }
    if let Some(tally) = tally {
        called.tell(tally);
    }
    Ok(())
}

/// The columns of a row, each fetched once: what is hashed, and what is summed up.
pub(super) struct Columns<'a>([ValueRef<'a>; MOST]);

impl Row for Columns<'_> {
    fn text(&self, index: usize) -> Result<Option<&str>, Source> {
        Ok(self.0[index].as_str_or_null()?)
    }

    fn int(&self, index: usize) -> Result<Option<i64>, Source> {
        Ok(self.0[index].as_i64_or_null()?)
    }

    fn blob(&self, index: usize) -> Result<Option<&[u8]>, Source> {
        Ok(self.0[index].as_blob_or_null()?)
    }
}
