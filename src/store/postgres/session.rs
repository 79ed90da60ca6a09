//! A transaction of PostgreSQL, and how statements are run in it.

use std::cell::{Cell, RefCell};
use std::ops::ControlFlow;

use postgres::types::{ToSql, Type};
use postgres::{Client, Row as PostgresRow};

use super::begin::roll_back;
use super::fault::fault;
use super::{Server, check, is_lost};
use crate::domain::{Digest, Head, StoreError, StoreFault, Tally};
use crate::store::Part;
use crate::store::sql::{
    Each, Found, Insert, Row, Session, Source, Value, WholeRow, by_function, log_columns,
};

/// How many rows of a long answer are in memory at a time.
const PORTION: u32 = 1_000;
/// How many rows of a table are added by one statement, if there are many: each has
/// up to 19 values, and a statement takes 65,535.
const MANY: usize = 500;

pub(super) struct PostgresSession<'a> {
    client: RefCell<&'a mut Client>,
    server: &'a Server,
    /// How many questions were asked row by row: each has a name of its own.
    cursors: Cell<u32>,
    /// A statement failed. The server then takes COMMIT for ROLLBACK, and
    /// reports that as done.
    has_failed: Cell<bool>,
    is_done: Cell<bool>,
    expects_many: bool,
    waiting: RefCell<Vec<Waiting>>,
}

/// Rows that are to be added to a table.
struct Waiting {
    into: &'static Insert,
    rows: Vec<Vec<Value<'static>>>,
}

impl<'a> PostgresSession<'a> {
    /// Of a transaction that has begun.
    pub(super) fn new(client: &'a mut Client, server: &'a Server) -> PostgresSession<'a> {
        PostgresSession {
            client: RefCell::new(client),
            server,
            cursors: Cell::new(0),
            has_failed: Cell::new(false),
            is_done: Cell::new(false),
            expects_many: false,
            waiting: RefCell::new(Vec::new()),
        }
    }

    /// Asks one question, in one message there and one back.
    pub(super) fn query_raw(
        &self,
        sql: &str,
        values: &[(&(dyn ToSql + Sync), Type)],
    ) -> Result<Vec<PostgresRow>, StoreError> {
        self.run(|client| client.query_typed(sql, values))
    }

    /// Commits what is not told of in the log.
    pub(super) fn finish(&self) -> Result<(), StoreError> {
        self.settle()?;
        if self.has_failed.get() {
            return Err(StoreError::caused(
                StoreFault::Other,
                "a statement of the transaction failed",
            ));
        }
        self.is_done.set(true);
        self.run(|client| client.batch_execute("COMMIT"))
    }

    pub(super) fn batch(&self, sql: &str) -> Result<(), StoreError> {
        self.run(|client| client.batch_execute(sql))
    }

    /// Runs something, after what waits for it.
    fn run<T>(
        &self,
        work: impl FnOnce(&mut Client) -> Result<T, postgres::Error>,
    ) -> Result<T, StoreError> {
        self.settle()?;
        self.run_now(work)
    }

    /// Adds what waits, in the order of the tables: rows come after those that they
    /// belong to. So a table keeps its place when it has nothing that waits: what
    /// belongs to a key may go on after the key itself was added.
    fn settle(&self) -> Result<(), StoreError> {
        for Waiting { into, rows } in self.waiting.borrow_mut().iter_mut() {
            for rows in std::mem::take(rows).chunks(MANY) {
                self.run_now(|client| {
                    client.execute_typed(&into.sql(rows.len()), &typed(rows.iter().flatten()))
                })?;
            }
        }
        Ok(())
    }

    fn run_now<T>(
        &self,
        work: impl FnOnce(&mut Client) -> Result<T, postgres::Error>,
    ) -> Result<T, StoreError> {
        work(&mut self.client.borrow_mut()).map_err(|error| {
            self.has_failed.set(true);
            fault(error)
        })
    }

    /// Reads a cursor to its end, unless told to stop.
    fn fetch(
        &self,
        fetch: &str,
        mut each: impl FnMut(&PostgresRow) -> Result<ControlFlow<()>, StoreError>,
    ) -> Result<(), StoreError> {
        loop {
            // Nothing is borrowed while `each` works: it may ask other questions.
            let rows = self.query_raw(fetch, &[])?;
            if rows.is_empty() {
                return Ok(());
            }
            for row in &rows {
                if each(row)?.is_break() {
                    return Ok(());
                }
            }
        }
    }
}

impl Drop for PostgresSession<'_> {
    fn drop(&mut self) {
        if !self.is_done.get() {
            roll_back(self.client.get_mut());
        }
    }
}

impl Session for PostgresSession<'_> {
    type Row<'a> = PostgresRow;
    type LogRow<'a> = PostgresRow;

    /// By a function, which a role may call that must not see the table.
    fn key_by_digest(&self) -> &'static str {
        "SELECT * FROM key_by_digest($1)"
    }

    fn keys_by_digests(&self, digests: &[Digest], each: Each<'_>) -> Result<(), StoreError> {
        by_function(self, digests, each)
    }

    fn execute(&self, sql: &str, values: &[Value<'_>]) -> Result<u64, StoreError> {
        self.run(|client| client.execute_typed(sql, &typed(values)))
    }

    fn insert(&self, into: &'static Insert, row: Vec<Value<'_>>) -> Result<(), StoreError> {
        if !self.expects_many {
            return self.execute(&into.one_row, &row).map(|_| ());
        }
        let row: Vec<Value<'static>> = row.into_iter().map(Value::into_owned).collect();
        let is_full = {
            let mut waiting = self.waiting.borrow_mut();
            let place = waiting
                .iter()
                .position(|other| std::ptr::eq(other.into, into));
            let place = place.unwrap_or_else(|| {
                let rows = Vec::new();
                waiting.push(Waiting { into, rows });
                waiting.len() - 1
            });
            waiting[place].rows.push(row);
            waiting[place].rows.len() >= MANY
        };
        if is_full { self.settle() } else { Ok(()) }
    }

    fn query(
        &self,
        sql: &str,
        values: &[Value<'_>],
        mut each: impl FnMut(&PostgresRow) -> Result<ControlFlow<()>, StoreError>,
    ) -> Result<(), StoreError> {
        for row in self.query_raw(sql, &typed(values))? {
            if each(&row)?.is_break() {
                break;
            }
        }
        Ok(())
    }

    fn query_many(
        &self,
        sql: &str,
        values: &[Value<'_>],
        each: impl FnMut(&PostgresRow) -> Result<ControlFlow<()>, StoreError>,
    ) -> Result<(), StoreError> {
        let cursor = self.cursors.replace(self.cursors.get() + 1);
        self.execute(
            &format!("DECLARE answer_{cursor} NO SCROLL CURSOR FOR {sql}"),
            values,
        )?;
        self.fetch(
            &format!("FETCH FORWARD {PORTION} FROM answer_{cursor}"),
            each,
        )?;
        self.batch(&format!("CLOSE answer_{cursor}"))
    }

    fn query_log(
        &self,
        _tally: Option<&mut Tally>,
        each: impl FnMut(&PostgresRow) -> Result<ControlFlow<()>, StoreError>,
    ) -> Result<(), StoreError> {
        let columns = log_columns();
        let sql = format!(
            "SELECT {columns} FROM events e LEFT JOIN keys k ON k.seq = e.seq
             LEFT JOIN last_uses u ON u.seq = k.seq ORDER BY e.seq"
        );
        self.query_many(&sql, &[], each)
    }

    fn expect_many(&mut self, _is_empty: bool) -> Result<(), StoreError> {
        self.expects_many = true;
        Ok(())
    }

    fn check(&self, part: Part) -> Result<(), StoreError> {
        check::check(self, part)
    }

    fn commit(self, end: Option<&Head>) -> Result<(), StoreError> {
        match (self.finish(), end) {
            (Err(error), Some(end)) if is_lost(&error) => {
                if self.server.is_committed(end)? {
                    Ok(())
                } else {
                    Err(error)
                }
            }
            (done, _) => done,
        }
    }
}

fn typed<'a, 'v: 'a>(
    values: impl IntoIterator<Item = &'a Value<'v>>,
) -> Vec<(&'a (dyn ToSql + Sync), Type)> {
    let typed = |value: &'a Value<'v>| -> (&'a (dyn ToSql + Sync), Type) {
        match value {
            Value::Text(text) => (text, Type::TEXT),
            Value::Int(number) => (number, Type::INT8),
            Value::Blob(bytes) => (bytes, Type::BYTEA),
        }
    };
    values.into_iter().map(typed).collect()
}

impl Row for PostgresRow {
    fn text(&self, index: usize) -> Result<Option<&str>, Source> {
        Ok(self.try_get(index)?)
    }

    fn int(&self, index: usize) -> Result<Option<i64>, Source> {
        Ok(self.try_get(index)?)
    }

    fn blob(&self, index: usize) -> Result<Option<&[u8]>, Source> {
        Ok(self.try_get(index)?)
    }
}

impl WholeRow for PostgresRow {
    fn width(&self) -> usize {
        self.len()
    }

    fn found(&self, index: usize) -> Found<'_> {
        let found = match *self.columns()[index].type_() {
            Type::TEXT => self
                .text(index)
                .map(|text| text.map(|text| Found::Text(text.as_bytes()))),
            Type::INT8 => self.int(index).map(|number| number.map(Found::Int)),
            Type::BYTEA => self.blob(index).map(|bytes| bytes.map(Found::Blob)),
            _ => Ok(Some(Found::Other)),
        };
        found.map_or(Found::Other, |found| found.unwrap_or(Found::Null))
    }
}
