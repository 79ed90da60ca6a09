//! JSON Lines, as `row_to_json` and many programs write rows: one object a line.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use zeroize::Zeroizing;

use super::super::source::Source;
use super::{Cell, Column, MAX_ROW_LEN, Row, too_long};
use crate::cli::exit::Failure;

/// The rows, an object each.
pub(super) struct JsonRows {
    columns: &'static [Column],
    text: Zeroizing<Vec<u8>>,
    line: u64,
}

impl JsonRows {
    pub(super) fn new(columns: &'static [Column]) -> JsonRows {
        JsonRows {
            columns,
            text: Zeroizing::new(Vec::new()),
            line: 0,
        }
    }

    pub(super) fn next_row(&mut self, source: &mut Source) -> Result<Option<Row<'_>>, Failure> {
        loop {
            self.text.clear();
            source.read_line(&mut self.text, MAX_ROW_LEN)?;
            if self.text.is_empty() {
                return Ok(None);
            }
            self.line += 1;
            if self.text.len() == MAX_ROW_LEN {
                return Err(too_long(source, self.line));
            }
            if !self.text.trim_ascii().is_empty() {
                break;
            }
        }
        Ok(Some(Row {
            line: self.line,
            cells: cells(&self.text, self.columns),
        }))
    }
}

/// What serde_json says of a line it cannot read may repeat what is in it.
fn cells<'a>(text: &'a [u8], columns: &'static [Column]) -> Result<Vec<Cell<'a>>, String> {
    let mut json = serde_json::Deserializer::from_slice(text);
    let cells = json
        .deserialize_map(ObjectVisitor(columns))
        .and_then(|cells| json.end().map(|()| cells))
        .map_err(|_| "it is not a JSON object with each name once".to_owned())?;
    let mut missing = columns.iter().zip(&cells);
    match missing.find(|(column, cell)| column.is_required && **cell == Cell::Missing) {
        Some((column, _)) => Err(format!("it has no {}", column.name)),
        None => Ok(cells),
    }
}

struct ObjectVisitor(&'static [Column]);

impl<'de> Visitor<'de> for ObjectVisitor {
    type Value = Vec<Cell<'de>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut cells = vec![Cell::Missing; self.0.len()];
        while let Some(place) = map.next_key_seed(PlaceVisitor(self.0))? {
            let Some(place) = place else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            if cells[place] != Cell::Missing {
                return Err(serde::de::Error::custom("a name that was there before"));
            }
            cells[place] = map.next_value_seed(CellVisitor)?;
        }
        Ok(cells)
    }
}

/// Takes a name, and gives the place of its column, if it is wanted.
struct PlaceVisitor(&'static [Column]);

impl<'de> DeserializeSeed<'de> for PlaceVisitor {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for PlaceVisitor {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Option<usize>, E> {
        Ok(self.0.iter().position(|column| column.name == name))
    }
}

/// Takes text and nothing else. Text with escapes in it would be put together in
/// memory that nobody wipes, and no id, time or token needs any.
struct CellVisitor;

impl<'de> DeserializeSeed<'de> for CellVisitor {
    type Value = Cell<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Cell<'de>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for CellVisitor {
    type Value = Cell<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text or null")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Cell<'de>, E> {
        Ok(if text.is_empty() {
            Cell::Empty
        } else {
            Cell::Text(text)
        })
    }

    fn visit_str<E>(self, _: &str) -> Result<Cell<'de>, E> {
        Ok(Cell::Unreadable)
    }

    fn visit_unit<E>(self) -> Result<Cell<'de>, E> {
        Ok(Cell::Empty)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Cell<'de>, E> {
        Ok(Cell::Unreadable)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Cell<'de>, E> {
        Ok(Cell::Unreadable)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Cell<'de>, E> {
        Ok(Cell::Unreadable)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Cell<'de>, E> {
        Ok(Cell::Unreadable)
    }
}

#[cfg(test)]
mod tests {
    use super::super::A_AND_B;
    use super::*;

    #[test]
    fn rows_are_objects_of_texts() {
        let text = Cell::Text;
        let not_an_object = "it is not a JSON object with each name once";
        let cases = [
            (r#"{"a":"1","b":"2"}"#, Ok([text("1"), text("2")])),
            (
                r#" {"x":[{}],"b":null,"a":""} "#,
                Ok([Cell::Empty, Cell::Empty]),
            ),
            (r#"{"a":"1"}"#, Ok([text("1"), Cell::Missing])),
            (
                r#"{"a":1,"b":true}"#,
                Ok([Cell::Unreadable, Cell::Unreadable]),
            ),
            (r#"{"a":"\u0031"}"#, Ok([Cell::Unreadable, Cell::Missing])),
            (r#"{"b":"2"}"#, Err("it has no a")),
            (r#"{"a":"1","a":"2"}"#, Err(not_an_object)),
            (r#"{"a":{"b":"2"}}"#, Err(not_an_object)),
            (r#"{"a":"1"} x"#, Err(not_an_object)),
            (r#"{"a":"1""#, Err(not_an_object)),
            (r#"["1","2"]"#, Err(not_an_object)),
            ("secret", Err(not_an_object)),
        ];
        for (line, expected) in cases {
            let expected = expected.map(|cells| cells.to_vec()).map_err(str::to_owned);
            assert_eq!(cells(line.as_bytes(), A_AND_B), expected, "{line}");
        }
    }
}
