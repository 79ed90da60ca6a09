//! Rows of a table that was written out by a database: CSV with a header, or
//! JSON Lines. Some of their cells are tokens, so no message repeats one.

mod csv;
mod json;

use super::source::Source;
use crate::cli::exit::{Exit, Failure};
use csv::CsvRows;
use json::JsonRows;

/// The longest row, in bytes: far more than any that has a key in it.
const MAX_ROW_LEN: usize = 64 * 1024;

/// A column that is wanted.
pub(crate) struct Column {
    pub(crate) name: &'static str,
    /// Whether a table without it is another one.
    pub(crate) is_required: bool,
}

/// What a row has in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cell<'a> {
    /// There is no such column.
    Missing,
    /// No value, or an empty one: CSV does not tell them apart.
    Empty,
    /// This value.
    Text(&'a str),
    /// Something that is not text.
    Unreadable,
}

/// A row: where it begins, and its cells in the order of the wanted columns; or
/// why it has none.
pub(crate) struct Row<'a> {
    pub(crate) line: u64,
    pub(crate) cells: Result<Vec<Cell<'a>>, String>,
}

/// A table being read.
pub(crate) struct Table {
    source: Source,
    columns: &'static [Column],
    rows: Rows,
}

enum Rows {
    Csv(Box<CsvRows>),
    Json(JsonRows),
}

impl Rows {
    fn open(source: &mut Source, columns: &'static [Column]) -> Result<Rows, Failure> {
        let shown = source.peek()?;
        let form = match shown.trim_ascii_start() {
            [] => {
                return Err(Failure::usage(format!("{} is empty", source.name()))
                    .hint("it needs a header at least: export the table as CSV with one"));
            }
            [b'{', ..] => return Ok(Rows::Json(JsonRows::new(columns))),
            [b'[', ..] => "one JSON array: write an object a line, as jq -c '.[]' does",
            [0x1f, 0x8b, ..] => "packed with gzip: unpack it first",
            [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => "UTF-16: write it as UTF-8",
            _ => return Ok(Rows::Csv(Box::new(CsvRows::open(source, columns)?))),
        };
        let message = format!("{} is neither CSV nor JSON Lines", source.name());
        Err(Failure::usage(message).hint(format!("it is {form}")))
    }
}

impl Table {
    /// Begins to read. What begins with a brace is JSON.
    pub(crate) fn open(mut source: Source, columns: &'static [Column]) -> Result<Table, Failure> {
        let rows = Rows::open(&mut source, columns)?;
        Ok(Table {
            source,
            columns,
            rows,
        })
    }

    /// Back to its first row.
    pub(crate) fn rewind(&mut self) -> Result<(), Failure> {
        self.source.rewind()?;
        self.rows = Rows::open(&mut self.source, self.columns)?;
        Ok(())
    }

    /// Where it is read from.
    pub(crate) fn source(&mut self) -> &mut Source {
        &mut self.source
    }

    /// The next row.
    pub(crate) fn next_row(&mut self) -> Result<Option<Row<'_>>, Failure> {
        match &mut self.rows {
            Rows::Csv(rows) => rows.next_row(&mut self.source),
            Rows::Json(rows) => rows.next_row(&mut self.source),
        }
    }
}

/// A row that is too long to be one.
fn too_long(source: &Source, line: u64) -> Failure {
    let message = format!("line {line} of {} is too long for a row", source.name());
    Failure::new(Exit::Refused, "bad_input", message).hint("is a quotation mark missing before it?")
}

/// What the tests below want: `a`, and `b` if it is there.
#[cfg(test)]
const A_AND_B: &[Column] = &[
    Column {
        name: "a",
        is_required: true,
    },
    Column {
        name: "b",
        is_required: false,
    },
];
