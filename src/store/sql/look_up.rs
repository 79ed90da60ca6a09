//! Many keys at once, by the digests of their tokens.
//!
//! Digests are in another order than the rows that they lead to: looked up one by one,
//! each is on another page of the file. So the index is walked first, and then the rows
//! in their own order, and pages are read once for all that is on them.

use std::ops::ControlFlow;
use std::sync::LazyLock;

use super::rows::{self, KEY_COLUMNS, STANDING_COLUMNS};
use super::{Row, Session, Value};
use crate::domain::{Digest, Key, Standing, StoreError, StoreFault};

/// How many values one statement takes: a statement for each took a quarter to two
/// thirds longer, by table.
const PORTION: usize = 256;
/// Below this, walking is not worth its two statements.
const FEW: usize = 16;

/// What is told of a key that was found: the place of what it was asked for by, and it.
pub(in crate::store) type Each<'a> = &'a mut dyn FnMut(usize, Key);

/// Hands over the keys of these digests, one statement each.
fn one_by_one(
    session: &impl Session,
    digests: &[Digest],
    each: Each<'_>,
) -> Result<(), StoreError> {
    for (place, digest) in digests.iter().enumerate() {
        let value = Value::from(digest.as_bytes());
        session.query(session.key_by_digest(), &[value], |row| {
            each(place, rows::key(row)?);
            Ok(ControlFlow::Break(()))
        })?;
    }
    Ok(())
}

/// Hands over the keys of these digests by way of the function that answers for
/// one, many of them to a question.
#[cfg(feature = "postgres")]
pub(in crate::store) fn by_function(
    session: &impl Session,
    digests: &[Digest],
    each: Each<'_>,
) -> Result<(), StoreError> {
    for (start, portion) in portions(digests) {
        let sql = format!(
            "SELECT k.*, w.place FROM {} CROSS JOIN LATERAL key_by_digest(w.value) k",
            wanted(portion.len())
        );
        let values: Vec<Value<'_>> = portion
            .iter()
            .map(|digest| digest.as_bytes().into())
            .collect();
        session.query(&sql, &values, |row| {
            let (place, key) = rows::numbered_key(row)?;
            each(start + index(place)?, key);
            Ok(ControlFlow::Continue(()))
        })?;
    }
    Ok(())
}

/// Hands over the keys of these digests, table by table. They are best in order.
pub(in crate::store) fn by_tables(
    session: &impl Session,
    digests: &[Digest],
    each: Each<'_>,
) -> Result<(), StoreError> {
    if digests.len() < FEW {
        return one_by_one(session, digests, each);
    }
    let mut found = Vec::with_capacity(digests.len());
    numbers(session, digests, &mut |place, number| {
        found.push((number, place));
    })?;
    found.sort_unstable();
    let (numbers, places): (Vec<i64>, Vec<usize>) = found.into_iter().unzip();
    keys(session, &numbers, &mut |nth, key| each(places[nth], key))
}

/// Hands over under what numbers the index has keys of these digests.
pub(super) fn numbers(
    session: &impl Session,
    digests: &[Digest],
    each: &mut dyn FnMut(usize, i64),
) -> Result<(), StoreError> {
    static SQL: LazyLock<String> = LazyLock::new(|| {
        format!(
            "SELECT w.place, k.seq FROM {} CROSS JOIN keys k WHERE k.digest = w.value",
            wanted(PORTION)
        )
    });
    for (start, portion) in portions(digests) {
        let values = padded(portion.iter().map(|digest| digest.as_bytes().into()));
        session.query(&SQL, &values, |row| {
            let place = int(row, 0, "place")?;
            if let Some(place) = within(place, portion.len())? {
                each(start + place, int(row, 1, "seq")?);
            }
            Ok(ControlFlow::Continue(()))
        })?;
    }
    Ok(())
}

/// Hands over the keys of these numbers.
fn keys(session: &impl Session, numbers: &[i64], each: Each<'_>) -> Result<(), StoreError> {
    static SQL: LazyLock<String> = LazyLock::new(|| select_numbered(KEY_COLUMNS));
    read_rows(
        session,
        (&SQL, numbers),
        |row| rows::numbered_key(row),
        each,
    )
}

/// Hands over how the keys of these numbers stand.
pub(super) fn standings(
    session: &impl Session,
    numbers: &[i64],
    each: &mut dyn FnMut(usize, Standing),
) -> Result<(), StoreError> {
    static SQL: LazyLock<String> = LazyLock::new(|| select_numbered(STANDING_COLUMNS));
    read_rows(
        session,
        (&SQL, numbers),
        |row| rows::numbered_standing(row),
        each,
    )
}

/// Hands over what is read of the rows of these numbers: what an index says of a key can
/// be older than it.
fn read_rows<S: Session, T>(
    session: &S,
    (sql, numbers): (&str, &[i64]),
    read: impl Fn(&S::Row<'_>) -> Result<(i64, T), StoreError>,
    each: &mut dyn FnMut(usize, T),
) -> Result<(), StoreError> {
    for (start, portion) in portions(numbers) {
        let values = padded(portion.iter().map(|number| (*number).into()));
        session.query(sql, &values, |row| {
            let (place, item) = read(row)?;
            if let Some(place) = within(place, portion.len())? {
                each(start + place, item);
            }
            Ok(ControlFlow::Continue(()))
        })?;
    }
    Ok(())
}

fn select_numbered(columns: &str) -> String {
    format!(
        "SELECT {columns}, w.place FROM {} CROSS JOIN keys k
         LEFT JOIN last_uses u ON u.seq = k.seq WHERE k.seq = w.value",
        wanted(PORTION)
    )
}

/// So many values as a table `w` of `place` and `value`.
fn wanted(count: usize) -> String {
    // The first of them says of what type the places are.
    let places = (1..count).map(|place| format!(", ({place}, ${})", place + 1));
    let rest: String = places.collect();
    format!(
        "(SELECT column1 AS place, column2 AS value FROM (VALUES (CAST(0 AS BIGINT), $1){rest}) v) w"
    )
}

fn portions<T>(all: &[T]) -> impl Iterator<Item = (usize, &[T])> {
    (0..).step_by(PORTION).zip(all.chunks(PORTION))
}

/// As many values as a statement takes: the last of them again and again.
fn padded<'a>(values: impl Iterator<Item = Value<'a>>) -> Vec<Value<'a>> {
    let mut values: Vec<Value<'a>> = values.collect();
    if let Some(last) = values.last().cloned() {
        values.resize(PORTION, last);
    }
    values
}

/// The place of a value, unless that only pads.
fn within(place: i64, count: usize) -> Result<Option<usize>, StoreError> {
    let place = index(place)?;
    Ok((place < count).then_some(place))
}

fn index(place: i64) -> Result<usize, StoreError> {
    usize::try_from(place).map_err(|error| StoreError::caused(StoreFault::Corrupt, error))
}

fn int(row: &impl Row, index: usize, column: &'static str) -> Result<i64, StoreError> {
    let bad = || StoreFault::BadRow {
        table: "key",
        id: "?".to_owned(),
        column,
    };
    row.int(index)
        .map_err(|error| StoreError::caused(bad(), error))?
        .ok_or_else(|| StoreError::new(bad()))
}
