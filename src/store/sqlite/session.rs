//! A transaction of SQLite, and how statements are run in it.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::LazyLock;

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, ToSql, params_from_iter};

use super::begun::Begun;
use super::later::Later;
use super::log::{self, Columns};
use super::{ballast, check, fault};
use crate::domain::{Digest, Head, StoreError, Tally};
use crate::store::Part;
use crate::store::sql::{
    Each, Found, Insert, Row, Session, Source, SqlTx, Value, WholeRow, by_tables, select_one_key,
};

/// How much of the file may stay in memory while very many rows are written:
/// digests and ids are random, so their indexes are written all over. With
/// SQLite's usual 2 MiB, 100,000 keys took nine times as many reads and writes.
const MANY_ROWS_KIB: u32 = 64 * 1024;

pub(super) type SqliteTx<'a> = SqlTx<SqliteSession<'a>>;

pub(super) struct SqliteSession<'a> {
    tx: Begun<'a>,
    /// The store's file, if it has one.
    file: Option<&'a Path>,
    later: Later,
}

impl<'a> SqliteSession<'a> {
    pub(super) fn transaction(tx: Begun<'a>, file: Option<&'a Path>) -> SqliteTx<'a> {
        SqlTx::new(SqliteSession {
            tx,
            file,
            later: Later::default(),
        })
    }

    fn prepare(&self, sql: &str) -> rusqlite::Result<CachedStatement<'_>> {
        let statement = self.tx.prepare_cached(sql)?;
        debug_assert!(
            (1..=statement.parameter_count())
                .all(|place| { statement.parameter_name(place) == Some(&format!("${place}")) }),
            "parameters are numbered in their order: {sql}"
        );
        Ok(statement)
    }
}

impl Session for SqliteSession<'_> {
    type Row<'a> = rusqlite::Row<'a>;
    type LogRow<'a> = Columns<'a>;

    fn key_by_digest(&self) -> &'static str {
        static SQL: LazyLock<String> = LazyLock::new(|| select_one_key("digest = $1"));
        &SQL
    }

    fn keys_by_digests(&self, digests: &[Digest], each: Each<'_>) -> Result<(), StoreError> {
        by_tables(self, digests, each)
    }

    fn execute(&self, sql: &str, values: &[Value<'_>]) -> Result<u64, StoreError> {
        self.later.end(&self.tx)?;
        self.execute_amid(sql, values)
    }

    fn insert(&self, into: &'static Insert, row: Vec<Value<'_>>) -> Result<(), StoreError> {
        self.later.begin(&self.tx)?;
        self.execute_amid(&into.one_row, &row).map(|_| ())
    }

    fn execute_amid(&self, sql: &str, values: &[Value<'_>]) -> Result<u64, StoreError> {
        let changed = self
            .prepare(sql)
            .and_then(|mut statement| statement.execute(params_from_iter(values)))
            .map_err(fault)?;
        Ok(changed as u64)
    }

    fn query(
        &self,
        sql: &str,
        values: &[Value<'_>],
        mut each: impl FnMut(&rusqlite::Row<'_>) -> Result<ControlFlow<()>, StoreError>,
    ) -> Result<(), StoreError> {
        self.later.end(&self.tx)?;
        let mut statement = self.prepare(sql).map_err(fault)?;
        let mut rows = statement.query(params_from_iter(values)).map_err(fault)?;
        while let Some(row) = rows.next().map_err(fault)? {
            if each(row)?.is_break() {
                break;
            }
        }
        Ok(())
    }

    fn expect_many(&mut self, is_empty: bool) -> Result<(), StoreError> {
        if is_empty {
            self.later.expect();
            return Ok(());
        }
        self.tx
            .execute_batch(&format!("PRAGMA cache_size = -{MANY_ROWS_KIB}"))
            .map_err(fault)
    }

    fn check(&self, part: Part) -> Result<(), StoreError> {
        self.later.end(&self.tx)?;
        check::check(&self.tx, part)
    }

    fn query_log(
        &self,
        tally: Option<&mut Tally>,
        each: impl FnMut(&Columns<'_>) -> Result<ControlFlow<()>, StoreError>,
    ) -> Result<(), StoreError> {
        self.later.end(&self.tx)?;
        log::query(&self.tx, tally, each)
    }

    fn tally_indexes(&self, tally: &mut Tally) -> Result<(), StoreError> {
        self.later.end(&self.tx)?;
        check::tally_indexes(&self.tx, tally)
    }

    fn commit(self, _end: Option<&Head>) -> Result<(), StoreError> {
        self.later.end(&self.tx)?;
        self.tx.commit().map_err(fault)?;
        if let Some(file) = self.file {
            ballast::keep(file);
        }
        Ok(())
    }
}

impl Row for rusqlite::Row<'_> {
    fn text(&self, index: usize) -> Result<Option<&str>, Source> {
        Ok(self.get_ref(index)?.as_str_or_null()?)
    }

    fn int(&self, index: usize) -> Result<Option<i64>, Source> {
        Ok(self.get_ref(index)?.as_i64_or_null()?)
    }

    fn blob(&self, index: usize) -> Result<Option<&[u8]>, Source> {
        Ok(self.get_ref(index)?.as_blob_or_null()?)
    }
}

impl WholeRow for rusqlite::Row<'_> {
    fn width(&self) -> usize {
        self.as_ref().column_count()
    }

    fn found(&self, index: usize) -> Found<'_> {
        match self.get_ref(index) {
            Ok(ValueRef::Null) => Found::Null,
            Ok(ValueRef::Integer(number)) => Found::Int(number),
            Ok(ValueRef::Text(text)) => Found::Text(text),
            Ok(ValueRef::Blob(bytes)) => Found::Blob(bytes),
            Ok(ValueRef::Real(_)) | Err(_) => Found::Other,
        }
    }
}

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let value = match self {
            Value::Text(Some(text)) => ValueRef::Text(text.as_bytes()),
            Value::Int(Some(number)) => ValueRef::Integer(*number),
            Value::Blob(Some(bytes)) => ValueRef::Blob(bytes.as_ref()),
            Value::Text(None) | Value::Int(None) | Value::Blob(None) => ValueRef::Null,
        };
        Ok(ToSqlOutput::Borrowed(value))
    }
}
