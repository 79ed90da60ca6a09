//! Rows that wait for what other tables say of their keys.

use super::rows::{DATASETS, LAST_USED_AT, WRITTEN_COLUMNS};
use super::{Row, Source};
use crate::domain::{StoreError, StoreFault};

const COLUMN_COUNT: usize = WRITTEN_COLUMNS.len();
/// Stands before a length that does not fit into a byte.
const LONG: u8 = u8::MAX;

/// Rows of `keys`, one behind the other: as keys, each with texts of its own, tens
/// of thousands take several times the memory.
pub(super) struct KeptRows {
    bytes: Vec<u8>,
    rows: Vec<Kept>,
}

struct Kept {
    /// What its id begins with, by which it is put in order.
    order: u64,
    start: u32,
    place: u32,
}

/// Of what type a column is.
#[derive(Clone, Copy)]
enum Kind {
    Text,
    Int,
    Blob,
}

fn kind(column: &str) -> Kind {
    match column {
        "digest" => Kind::Blob,
        column if column.ends_with("_at") => Kind::Int,
        _ => Kind::Text,
    }
}

impl KeptRows {
    /// With room for so many bytes.
    pub(super) fn with_room(len: usize) -> KeptRows {
        KeptRows {
            bytes: Vec::with_capacity(len),
            rows: Vec::new(),
        }
    }

    /// Adds a row, whose columns are [`WRITTEN_COLUMNS`].
    pub(super) fn push(&mut self, row: &impl Row, place: usize) -> Result<(), StoreError> {
        let start = self.bytes.len();
        for (index, column) in WRITTEN_COLUMNS.into_iter().enumerate() {
            self.push_column(row, index, kind(column))
                .map_err(|error| bad(row, column, error))?;
        }
        let too_many = |error| StoreError::caused(StoreFault::Other, error);
        self.rows.push(Kept {
            order: 0,
            start: u32::try_from(start).map_err(too_many)?,
            place: u32::try_from(place).map_err(too_many)?,
        });
        let order = beginning(self.id(self.rows.len() - 1));
        if let Some(last) = self.rows.last_mut() {
            last.order = order;
        }
        Ok(())
    }

    fn push_column(&mut self, row: &impl Row, index: usize, kind: Kind) -> Result<(), Source> {
        let number;
        let bytes = match kind {
            Kind::Text => row.text(index)?.map(str::as_bytes),
            Kind::Blob => row.blob(index)?,
            Kind::Int => {
                number = row.int(index)?.map(i64::to_ne_bytes);
                number.as_ref().map(<[u8; 8]>::as_slice)
            }
        };
        // Nothing is told from what is empty by its length.
        let len = bytes.map_or(0, |bytes| bytes.len() + 1);
        match u8::try_from(len) {
            Ok(short) if short < LONG => self.bytes.push(short),
            _ => {
                self.bytes.push(LONG);
                self.bytes.extend(u32::try_from(len)?.to_ne_bytes());
            }
        }
        self.bytes.extend_from_slice(bytes.unwrap_or_default());
        Ok(())
    }

    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    pub(super) fn count(&self) -> usize {
        self.rows.len()
    }

    pub(super) fn clear(&mut self) {
        self.bytes.clear();
        self.rows.clear();
    }

    /// Nearly in order is enough: it is what the tables are walked in.
    pub(super) fn sort_by_id(&mut self) {
        self.rows.sort_unstable_by_key(|row| row.order);
    }

    /// The id of the `nth` row; empty if it has none.
    pub(super) fn id(&self, nth: usize) -> &str {
        let mut rest = self.rest(nth);
        let id = next_column(&mut rest).unwrap_or_default();
        std::str::from_utf8(id).unwrap_or_default()
    }

    /// The place of the `nth` row, and the row with what `others` says: behind a
    /// column of no concern, the datasets and the last use.
    pub(super) fn row<'a, R: Row>(&'a self, nth: usize, others: &'a R) -> (usize, WholeRow<'a, R>) {
        let mut rest = self.rest(nth);
        let columns = std::array::from_fn(|_| next_column(&mut rest));
        let place = self.rows[nth].place as usize;
        (place, WholeRow { columns, others })
    }

    fn rest(&self, nth: usize) -> &[u8] {
        &self.bytes[self.rows[nth].start as usize..]
    }
}

fn next_column<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (len, behind) = match rest.split_first()? {
        (&LONG, behind) => {
            let (len, behind) = behind.split_first_chunk()?;
            (u32::from_ne_bytes(*len) as usize, behind)
        }
        (short, behind) => (usize::from(*short), behind),
    };
    let (column, behind) = behind.split_at_checked(len.saturating_sub(1))?;
    *rest = behind;
    (len > 0).then_some(column)
}

/// Eight characters of an id, behind what all ids begin with.
fn beginning(id: &str) -> u64 {
    let drawn = id.as_bytes().get(4..12);
    let drawn = drawn.and_then(|drawn| drawn.try_into().ok());
    drawn.map_or(0, u64::from_be_bytes)
}

fn bad(row: &impl Row, column: &'static str, error: Source) -> StoreError {
    let id = row.text(0).ok().flatten().unwrap_or("?").to_owned();
    let fault = StoreFault::BadRow {
        table: "key",
        id,
        column,
    };
    StoreError::caused(fault, error)
}

/// A row with all of the columns that a key is made of.
pub(super) struct WholeRow<'a, R> {
    columns: [Option<&'a [u8]>; COLUMN_COUNT],
    others: &'a R,
}

impl<R> WholeRow<'_, R> {
    /// What stands at this place of a key's columns.
    fn column(&self, index: usize) -> Option<&[u8]> {
        let before = usize::from(index > DATASETS) + usize::from(index > LAST_USED_AT);
        self.columns[index - before]
    }
}

impl<R: Row> Row for WholeRow<'_, R> {
    fn text(&self, index: usize) -> Result<Option<&str>, Source> {
        if index == DATASETS {
            return self.others.text(1);
        }
        let text = self.column(index).map(std::str::from_utf8);
        Ok(text.transpose()?)
    }

    fn int(&self, index: usize) -> Result<Option<i64>, Source> {
        if index == LAST_USED_AT {
            return self.others.int(2);
        }
        let number = self.column(index).map(<[u8; 8]>::try_from);
        Ok(number.transpose()?.map(i64::from_ne_bytes))
    }

    fn blob(&self, index: usize) -> Result<Option<&[u8]>, Source> {
        Ok(self.column(index))
    }
}
