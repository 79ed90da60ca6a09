//! The log, and beside each event the row that has its number.

use super::known::Known;
use super::rows::{self, EVENT_COLUMNS, KEY_COLUMNS};
use super::{Row, Session, Source};
use crate::domain::{KeyMark, StoreError, Tally};
use crate::store::EachEvent;

/// The columns of such a row: those of the event, those of the key, and its number.
pub(in crate::store) fn log_columns() -> String {
    let of_event: Vec<String> = EVENT_COLUMNS
        .split(", ")
        .map(|column| format!("e.{column}"))
        .collect();
    format!("{}, {KEY_COLUMNS}, k.seq", of_event.join(", "))
}

/// Hands over the events in order.
pub(super) fn read_log(
    session: &impl Session,
    tally: Option<&mut Tally>,
    each: EachEvent<'_>,
) -> Result<(), StoreError> {
    let event_width = EVENT_COLUMNS.split(", ").count();
    let key_width = KEY_COLUMNS.split(", ").count();
    let mut known = Known::default();
    session.query_log(tally, |row| {
        let key = Beyond(row, event_width);
        let mark = match key.int(key_width) {
            Ok(None) => Ok(None),
            _ => match known.key(&key) {
                Some(mark) => Ok(Some(mark)),
                None => rows::key(&key).map(|key| Some(KeyMark::of(&key))),
            },
        };
        match known.event(row) {
            Some(event) => Ok(each(&event.as_row(), mark)),
            None => Ok(each(&rows::event(row)?.as_row(), mark)),
        }
    })
}

/// A row without so many columns that it begins with.
struct Beyond<'a, R>(&'a R, usize);

impl<R: Row> Row for Beyond<'_, R> {
    fn text(&self, index: usize) -> Result<Option<&str>, Source> {
        self.0.text(self.1 + index)
    }

    fn int(&self, index: usize) -> Result<Option<i64>, Source> {
        self.0.int(self.1 + index)
    }

    fn blob(&self, index: usize) -> Result<Option<&[u8]>, Source> {
        self.0.blob(self.1 + index)
    }
}
