//! Some rows of an answer, as they stand.

use super::{Found, Row, Source};

/// The values of some rows, one after the other. It is filled again and again, so that
/// no memory is asked for in between.
#[derive(Default)]
pub(super) struct Portion {
    values: Vec<Kept>,
    /// Texts and other bytes, one after the other.
    bytes: Vec<u8>,
    /// How many values a row has.
    width: usize,
}

/// A value, as [`Found`]; bytes are told by where they begin and end.
enum Kept {
    Null,
    Int(i64),
    Text(u32, u32),
    Blob(u32, u32),
    Other,
}

impl Portion {
    /// Adds a row, which is as wide as the others.
    pub(super) fn push(&mut self, row: &impl Row) {
        self.width = row.width();
        for index in 0..self.width {
            let value = match row.found(index) {
                Found::Null => Kept::Null,
                Found::Int(number) => Kept::Int(number),
                Found::Text(text) => self.keep(text, Kept::Text),
                Found::Blob(bytes) => self.keep(bytes, Kept::Blob),
                Found::Other => Kept::Other,
            };
            self.values.push(value);
        }
    }

    fn keep(&mut self, bytes: &[u8], kept: fn(u32, u32) -> Kept) -> Kept {
        let start = u32::try_from(self.bytes.len());
        self.bytes.extend_from_slice(bytes);
        match (start, u32::try_from(self.bytes.len())) {
            (Ok(start), Ok(end)) => kept(start, end),
            // No part of a key is as long as that.
            _ => Kept::Other,
        }
    }

    /// How many rows there are.
    pub(super) fn len(&self) -> usize {
        self.values.len().checked_div(self.width).unwrap_or(0)
    }

    pub(super) fn clear(&mut self) {
        self.values.clear();
        self.bytes.clear();
    }

    pub(super) fn rows(&self) -> impl Iterator<Item = PortionRow<'_>> {
        let rows = self.values.chunks(self.width.max(1));
        rows.map(|values| PortionRow {
            values,
            bytes: &self.bytes,
        })
    }
}

/// One of its rows.
pub(super) struct PortionRow<'a> {
    values: &'a [Kept],
    bytes: &'a [u8],
}

impl Row for PortionRow<'_> {
    fn width(&self) -> usize {
        self.values.len()
    }

    fn found(&self, index: usize) -> Found<'_> {
        let bytes = |start: u32, end: u32| &self.bytes[start as usize..end as usize];
        match self.values[index] {
            Kept::Null => Found::Null,
            Kept::Int(number) => Found::Int(number),
            Kept::Text(start, end) => Found::Text(bytes(start, end)),
            Kept::Blob(start, end) => Found::Blob(bytes(start, end)),
            Kept::Other => Found::Other,
        }
    }

    fn text(&self, index: usize) -> Result<Option<&str>, Source> {
        match self.found(index) {
            Found::Null => Ok(None),
            Found::Text(text) => Ok(Some(std::str::from_utf8(text)?)),
            _ => Err("it is no text".into()),
        }
    }

    fn int(&self, index: usize) -> Result<Option<i64>, Source> {
        match self.found(index) {
            Found::Null => Ok(None),
            Found::Int(number) => Ok(Some(number)),
            _ => Err("it is no whole number".into()),
        }
    }

    fn blob(&self, index: usize) -> Result<Option<&[u8]>, Source> {
        match self.found(index) {
            Found::Null => Ok(None),
            Found::Blob(bytes) => Ok(Some(bytes)),
            _ => Err("it is not bytes".into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::*;

    #[test]
    fn rows_are_kept_as_they_stand() {
        let store = Connection::open_in_memory().unwrap();
        let sql = "SELECT NULL, 'é', -7, x'00ff', '', 1.5, CAST(x'ff' AS TEXT)
                   UNION ALL SELECT 'a', NULL, 9223372036854775807, x'', 'b', 0, 'c'";
        let mut statement = store.prepare(sql).unwrap();
        let mut portion = Portion::default();
        // Filled again, it has nothing of what it was filled with before.
        for _ in 0..2 {
            portion.clear();
            let mut rows = statement.query([]).unwrap();
            while let Some(row) = rows.next().unwrap() {
                portion.push(row);
            }
            assert_eq!(portion.len(), 2);
            let rows: Vec<_> = portion.rows().collect();
            let [first, second] = rows.as_slice() else {
                panic!("there are two rows");
            };
            let text = |row: &PortionRow<'_>, index| {
                row.text(index).ok().map(|text| text.map(str::to_owned))
            };
            assert_eq!(text(first, 0), Some(None));
            assert_eq!(text(first, 1), Some(Some("é".to_owned())));
            assert_eq!(first.int(2).unwrap(), Some(-7));
            assert_eq!(first.blob(3).unwrap(), Some(&[0, 255][..]));
            assert_eq!(text(first, 4), Some(Some(String::new())));
            // Neither of another type, nor what is no text at all.
            assert!(first.int(1).is_err() && first.blob(1).is_err() && first.text(2).is_err());
            assert!(first.int(5).is_err() && first.text(6).is_err());
            assert_eq!(text(second, 0), Some(Some("a".to_owned())));
            assert_eq!(second.int(2).unwrap(), Some(i64::MAX));
            assert_eq!(second.blob(3).unwrap(), Some(&[][..]));
            assert_eq!(text(second, 6), Some(Some("c".to_owned())));
        }
    }
}
