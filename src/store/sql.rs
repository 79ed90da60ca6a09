//! What the engines have in common: the SQL of the verbs, and how rows and keys
//! become each other. An engine brings a [`Session`]: how a statement is run.
//!
//! Parameters are `$1`, `$2`, …, in the order in which a statement first names
//! them: SQLite knows them by that order, PostgreSQL by the number.

mod added;
pub(super) mod bindings;
mod known;
mod log;
mod look_up;
mod portion;
mod relay;
mod rows;
mod select;
mod tx;
mod values;

use std::borrow::Cow;
use std::error::Error;
use std::ops::ControlFlow;

use super::Part;
use crate::domain::{Digest, Head, StoreError, Tally};

pub(super) use log::log_columns;
#[cfg(feature = "postgres")]
pub(super) use look_up::by_function;
pub(super) use look_up::{Each, by_tables};
#[cfg(test)]
pub(super) use rows::{KEY_COLUMNS, OUTLINE_COLUMNS};
#[cfg(test)]
pub(super) use select::select_keys;
pub(super) use select::select_one_key;
pub(super) use tx::SqlTx;

/// One transaction of some engine, and how statements are run in it.
pub(super) trait Session {
    /// A row of an answer.
    type Row<'a>: WholeRow;

    /// A row of the answer to [`query_log`](Self::query_log).
    type LogRow<'a>: Row;

    /// The question for the key of a digest, `$1`.
    fn key_by_digest(&self) -> &'static str;

    /// See [`Tx::keys_by_digests`](super::Tx::keys_by_digests).
    fn keys_by_digests(&self, digests: &[Digest], each: Each<'_>) -> Result<(), StoreError>;

    /// Runs a statement; how many rows it changed.
    fn execute(&self, sql: &str, values: &[Value<'_>]) -> Result<u64, StoreError>;

    /// As [`execute`](Self::execute), a statement that looks for no key: it may come
    /// before rows that wait for others, or while an index waits for its rows.
    fn execute_amid(&self, sql: &str, values: &[Value<'_>]) -> Result<u64, StoreError> {
        self.execute(sql, values)
    }

    /// Adds a row. After [`expect_many`](Self::expect_many) it may wait for others
    /// that are added with it, and fail as late as the commit.
    fn insert(&self, into: &'static Insert, row: Vec<Value<'_>>) -> Result<(), StoreError> {
        self.execute(&into.one_row, &row).map(|_| ())
    }

    /// Hands over the rows of a short answer, until told to stop.
    fn query(
        &self,
        sql: &str,
        values: &[Value<'_>],
        each: impl FnMut(&Self::Row<'_>) -> Result<ControlFlow<()>, StoreError>,
    ) -> Result<(), StoreError>;

    /// As [`query`](Self::query), an answer that may be longer than memory.
    fn query_many(
        &self,
        sql: &str,
        values: &[Value<'_>],
        each: impl FnMut(&Self::Row<'_>) -> Result<ControlFlow<()>, StoreError>,
    ) -> Result<(), StoreError> {
        self.query(sql, values, each)
    }

    /// See [`Tx::expect_many`](super::Tx::expect_many); `is_empty` is whether the
    /// store has no key, and nothing in its log but its making.
    fn expect_many(&mut self, is_empty: bool) -> Result<(), StoreError>;

    /// See [`Tx::check`](super::Tx::check).
    fn check(&self, part: Part) -> Result<(), StoreError>;

    /// Hands over events, with [`log_columns`], until told to stop. What indexes should
    /// say of these rows is added to `tally`, if that can be told of this engine.
    fn query_log(
        &self,
        tally: Option<&mut Tally>,
        each: impl FnMut(&Self::LogRow<'_>) -> Result<ControlFlow<()>, StoreError>,
    ) -> Result<(), StoreError>;

    /// See [`Tx::tally_indexes`](super::Tx::tally_indexes).
    fn tally_indexes(&self, _tally: &mut Tally) -> Result<(), StoreError> {
        Part::ALL.into_iter().try_for_each(|part| self.check(part))
    }

    /// Makes all of it durable; `end` is what the log ends in with it, if it
    /// added anything to the log.
    fn commit(self, end: Option<&Head>) -> Result<(), StoreError>;
}

/// Where rows are added.
pub(super) struct Insert {
    table: &'static str,
    columns: Vec<&'static str>,
    /// The statement for one row.
    pub(super) one_row: String,
}

impl Insert {
    fn new(table: &'static str, columns: Vec<&'static str>) -> Insert {
        let mut insert = Insert {
            table,
            columns,
            one_row: String::new(),
        };
        insert.one_row = insert.sql(1);
        insert
    }

    /// The statement for so many rows.
    pub(super) fn sql(&self, rows: usize) -> String {
        let width = self.columns.len();
        let row = |row: usize| {
            let places = (1..=width).map(|place| format!("${}", row * width + place));
            format!("({})", places.collect::<Vec<_>>().join(", "))
        };
        let rows: Vec<String> = (0..rows).map(row).collect();
        let (table, columns) = (self.table, self.columns.join(", "));
        format!("INSERT INTO {table} ({columns}) VALUES {}", rows.join(", "))
    }
}

/// A row, whose columns are read by their place.
pub(super) trait Row {
    /// A text.
    fn text(&self, index: usize) -> Result<Option<&str>, Source>;
    /// A whole number.
    fn int(&self, index: usize) -> Result<Option<i64>, Source>;
    /// Bytes.
    fn blob(&self, index: usize) -> Result<Option<&[u8]>, Source>;
}

/// A row that can be taken along as it stands.
pub(super) trait WholeRow: Row {
    /// How many columns it has.
    fn width(&self) -> usize;
    /// What a column has, whatever it should have.
    fn found(&self, index: usize) -> Found<'_>;
}

/// What a column has.
pub(super) enum Found<'a> {
    Null,
    Int(i64),
    /// What should be UTF-8.
    Text(&'a [u8]),
    Blob(&'a [u8]),
    /// What no column of a store has.
    Other,
}

/// Why the driver could not read a column.
pub(super) type Source = Box<dyn Error + Send + Sync>;

/// A value that a statement is given. The absent ones have a type too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value<'a> {
    Text(Option<Cow<'a, str>>),
    Int(Option<i64>),
    Blob(Option<Cow<'a, [u8]>>),
}

#[cfg(feature = "postgres")]
impl Value<'_> {
    /// The same value, which nobody else has.
    pub(super) fn into_owned(self) -> Value<'static> {
        match self {
            Value::Text(text) => Value::Text(text.map(|text| Cow::Owned(text.into_owned()))),
            Value::Int(number) => Value::Int(number),
            Value::Blob(bytes) => Value::Blob(bytes.map(|bytes| Cow::Owned(bytes.into_owned()))),
        }
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Value<'a> {
        Value::Text(Some(Cow::Borrowed(text)))
    }
}

impl From<i64> for Value<'_> {
    fn from(number: i64) -> Self {
        Value::Int(Some(number))
    }
}

impl<'a> From<&'a [u8; 32]> for Value<'a> {
    fn from(bytes: &'a [u8; 32]) -> Value<'a> {
        Some(bytes).into()
    }
}

impl<'a> From<Option<&'a [u8; 32]>> for Value<'a> {
    fn from(bytes: Option<&'a [u8; 32]>) -> Value<'a> {
        Value::Blob(bytes.map(|bytes| Cow::Borrowed(bytes.as_slice())))
    }
}
