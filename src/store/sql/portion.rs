//! Some rows of an answer, as they stand.

use super::{Found, Row, Source, WholeRow};

/// The values of some rows, one after the other. It is filled again and again, so that
/// no memory is asked for in between.
#[derive(Default)]
pub(super) struct Portion {
    values: Vec<Kept>,
    /// Texts, one after the other.
    texts: Vec<u8>,
    /// Other bytes.
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
    pub(super) fn push(&mut self, row: &impl WholeRow) {
        self.width = row.width();
        for index in 0..self.width {
            let value = match row.found(index) {
                Found::Null => Kept::Null,
                Found::Int(number) => Kept::Int(number),
                Found::Text(text) => keep(&mut self.texts, text, Kept::Text),
                Found::Blob(bytes) => keep(&mut self.bytes, bytes, Kept::Blob),
                Found::Other => Kept::Other,
            };
            self.values.push(value);
        }
    }

    /// How many rows there are.
    pub(super) fn len(&self) -> usize {
        self.values.len().checked_div(self.width).unwrap_or(0)
    }

    pub(super) fn clear(&mut self) {
        self.values.clear();
        self.texts.clear();
        self.bytes.clear();
    }

    pub(super) fn rows(&self) -> impl Iterator<Item = PortionRow<'_>> {
        // All at once, since one by one that was a third of the work of making a key. If
        // all of them together are UTF-8, so is each that ends where a character does.
        let as_one = std::str::from_utf8(&self.texts).ok();
        let rows = self.values.chunks(self.width.max(1));
        rows.map(move |values| PortionRow {
            values,
            portion: self,
            as_one,
        })
    }
}

fn keep(all: &mut Vec<u8>, bytes: &[u8], kept: fn(u32, u32) -> Kept) -> Kept {
    let start = u32::try_from(all.len());
    all.extend_from_slice(bytes);
    match (start, u32::try_from(all.len())) {
        (Ok(start), Ok(end)) => kept(start, end),
        // No part of a key is as long as that.
        _ => Kept::Other,
    }
}

/// One of its rows.
pub(super) struct PortionRow<'a> {
    values: &'a [Kept],
    portion: &'a Portion,
    /// All texts of the portion, if all are UTF-8.
    as_one: Option<&'a str>,
}

impl Row for PortionRow<'_> {
    fn text(&self, index: usize) -> Result<Option<&str>, Source> {
        let (start, end) = match self.values[index] {
            Kept::Null => return Ok(None),
            Kept::Text(start, end) => (start as usize, end as usize),
            _ => return Err("it is no text".into()),
        };
        match self.as_one {
            Some(texts) => texts
                .get(start..end)
                .ok_or_else(|| "it is no UTF-8".into())
                .map(Some),
            None => Ok(Some(std::str::from_utf8(&self.portion.texts[start..end])?)),
        }
    }

    fn int(&self, index: usize) -> Result<Option<i64>, Source> {
        match self.values[index] {
            Kept::Null => Ok(None),
            Kept::Int(number) => Ok(Some(number)),
            _ => Err("it is no whole number".into()),
        }
    }

    fn blob(&self, index: usize) -> Result<Option<&[u8]>, Source> {
        match self.values[index] {
            Kept::Null => Ok(None),
            Kept::Blob(start, end) => Ok(Some(&self.portion.bytes[start as usize..end as usize])),
            _ => Err("it is not bytes".into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::*;

    #[test]
    fn halves_of_a_character_are_no_texts() {
        let store = Connection::open_in_memory().unwrap();
        let sql = "SELECT CAST(x'c3' AS TEXT), CAST(x'a9' AS TEXT), 'a'";
        let mut portion = Portion::default();
        let push = |row: &rusqlite::Row<'_>| {
            portion.push(row);
            Ok(())
        };
        store.query_row(sql, [], push).unwrap();
        let row = portion.rows().next().unwrap();
        assert!(row.text(0).is_err() && row.text(1).is_err());
        assert_eq!(row.text(2).unwrap(), Some("a"));
    }

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
