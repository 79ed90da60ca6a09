//! Long answers about keys, and what belongs to them in other tables.
//!
//! Ids are random: looked up key by key in the order of issue, nearly every key
//! costs a page of `last_uses` and one of `key_datasets`, which was four fifths of
//! the time of a long list. So the ids of many keys are read ahead, what belongs to
//! them is looked up in the order of those ids, and only then are the rows read.
//! A transaction sees one state, so that both readings meet the same keys.

use std::ops::ControlFlow;

use rusqlite::types::ValueRef;
use rusqlite::{CachedStatement, Row as SqliteRow, Rows, Transaction, params_from_iter};

use super::fault;
use crate::domain::{KeyId, StoreError, StoreFault};
use crate::store::sql::{DATASETS, KeyQuestion, LAST_USED_AT, Row, Source};

/// How many keys are looked up at first: whoever asks may want a few.
const FIRST_PORTION: usize = 64;
/// How many keys are looked up at a time in a long answer. Of a million keys, that
/// many have several on each page.
const LARGEST_PORTION: usize = 32 * 1024;
/// How many bytes of ids of datasets are held, unless one key has more.
const MAX_TEXT_LEN: usize = 1024 * 1024;

/// A row of `keys`, with what belongs to the key.
pub(super) struct KeyRow<'a> {
    row: &'a SqliteRow<'a>,
    /// What is not in the row.
    ahead: Option<Belongings<'a>>,
}

/// What belongs to a key. What cannot be read is told of with its row.
#[derive(Clone, Copy)]
struct Belongings<'a> {
    datasets: Found<&'a str>,
    last_used_at: Found<i64>,
}

#[derive(Clone, Copy)]
enum Found<T> {
    Nothing,
    This(T),
    Unreadable,
}

impl<'a> KeyRow<'a> {
    /// A row that has all of it.
    pub(super) fn whole(row: &'a SqliteRow<'a>) -> KeyRow<'a> {
        KeyRow { row, ahead: None }
    }
}

impl Row for KeyRow<'_> {
    fn text(&self, index: usize) -> Result<Option<&str>, Source> {
        match &self.ahead {
            Some(ahead) if index == DATASETS => ahead.datasets.read(),
            _ => self.row.text(index),
        }
    }

    fn int(&self, index: usize) -> Result<Option<i64>, Source> {
        match &self.ahead {
            Some(ahead) if index == LAST_USED_AT => ahead.last_used_at.read(),
            _ => self.row.int(index),
        }
    }

    fn blob(&self, index: usize) -> Result<Option<&[u8]>, Source> {
        self.row.blob(index)
    }
}

impl<T: Copy> Found<T> {
    fn read(&self) -> Result<Option<T>, Source> {
        match self {
            Found::Nothing => Ok(None),
            Found::This(value) => Ok(Some(*value)),
            Found::Unreadable => Err("it has a value of another type".into()),
        }
    }
}

/// Hands over the keys of an answer that is read in its order.
pub(super) fn query_keys(
    tx: &Transaction<'_>,
    question: &KeyQuestion<'_>,
    mut each: impl FnMut(&KeyRow<'_>) -> Result<ControlFlow<()>, StoreError>,
) -> Result<(), StoreError> {
    let prepare = |sql: &str| tx.prepare_cached(sql).map_err(fault);
    let mut ids = prepare(&question.ids())?;
    let mut ids = ids
        .query(params_from_iter(&question.values))
        .map_err(fault)?;
    let mut rows = prepare(&question.lone_keys())?;
    let mut rows = rows
        .query(params_from_iter(&question.values))
        .map_err(fault)?;
    let mut ahead = Ahead::new(prepare(
        "SELECT u.at, d.dataset FROM (SELECT 1) LEFT JOIN last_uses u ON u.key_id = $1
         LEFT JOIN key_datasets d ON d.key_id = $1",
    )?);
    while let Some(row) = rows.next().map_err(fault)? {
        let ahead = Some(ahead.next(row, &mut ids)?);
        if each(&KeyRow { row, ahead })?.is_break() {
            break;
        }
    }
    Ok(())
}

/// What belongs to the next keys.
struct Ahead<'a> {
    belongings: CachedStatement<'a>,
    portion: usize,
    /// The keys in the order of the answer: `None` is the id of no key.
    ids: Vec<Option<KeyId>>,
    /// What belongs to as many of them as were looked up.
    found: Vec<Place>,
    /// How many of these were handed over.
    taken: usize,
    /// The datasets of all of these, each key's with blanks between.
    text: String,
}

/// What was found of a key; its datasets are a part of a text.
#[derive(Clone, Copy)]
struct Place {
    datasets: Found<(usize, usize)>,
    last_used_at: Found<i64>,
}

const NOTHING: Place = Place {
    datasets: Found::Nothing,
    last_used_at: Found::Nothing,
};

impl<'a> Ahead<'a> {
    fn new(belongings: CachedStatement<'a>) -> Ahead<'a> {
        Ahead {
            belongings,
            portion: FIRST_PORTION,
            ids: Vec::new(),
            found: Vec::new(),
            taken: 0,
            text: String::new(),
        }
    }

    /// What belongs to the key of the next row.
    fn next(
        &mut self,
        row: &SqliteRow<'_>,
        ids: &mut Rows<'_>,
    ) -> Result<Belongings<'_>, StoreError> {
        if self.taken == self.found.len() {
            self.look_up(ids)?;
        }
        let (Some(id), Some(place)) = (self.ids.get(self.taken), self.found.get(self.taken)) else {
            return Err(differs());
        };
        let is_same = match id {
            Some(id) => row.text(0).is_ok_and(|text| text == Some(id.as_str())),
            None => key_id(row).is_none(),
        };
        if !is_same {
            return Err(differs());
        }
        self.taken += 1;
        Ok(Belongings {
            datasets: match place.datasets {
                Found::This((start, end)) => Found::This(&self.text[start..end]),
                Found::Nothing => Found::Nothing,
                Found::Unreadable => Found::Unreadable,
            },
            last_used_at: place.last_used_at,
        })
    }

    /// Reads ids on, and looks up what belongs to as many of them as there is room
    /// for.
    fn look_up(&mut self, ids: &mut Rows<'_>) -> Result<(), StoreError> {
        self.ids.drain(..self.taken);
        self.taken = 0;
        while self.ids.len() < self.portion {
            let Some(row) = ids.next().map_err(fault)? else {
                break;
            };
            self.ids.push(key_id(row));
        }
        let mut count = self.ids.len();
        while !self.look_up_first(count)? {
            count = count.div_ceil(2);
        }
        self.portion = (self.portion * 4).min(LARGEST_PORTION);
        Ok(())
    }

    /// Looks up what belongs to so many keys, and says whether there was room.
    fn look_up_first(&mut self, count: usize) -> Result<bool, StoreError> {
        self.text.clear();
        self.found.clear();
        self.found.resize(count, NOTHING);
        for (_, place) in self.in_order_of_ids(count) {
            self.found[place] = self.look_up_one(place).map_err(fault)?;
            if self.text.len() > MAX_TEXT_LEN && count > 1 {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The first of the ids, sorted, and where each stands.
    fn in_order_of_ids(&self, count: usize) -> Vec<(u128, usize)> {
        // Compared as one number, ids are sorted in a tenth of the instructions.
        let number = |id: &KeyId| {
            let (_, random) = id.as_str().as_bytes().split_last_chunk()?;
            Some(u128::from_be_bytes(*random))
        };
        let ids = self.ids[..count].iter().enumerate();
        let mut order: Vec<(u128, usize)> = ids
            .map(|(place, id)| (id.as_ref().and_then(number).unwrap_or_default(), place))
            .collect();
        order.sort_unstable();
        order
    }

    fn look_up_one(&mut self, place: usize) -> rusqlite::Result<Place> {
        let mut found = NOTHING;
        let Some(id) = &self.ids[place] else {
            return Ok(found);
        };
        let start = self.text.len();
        let mut rows = self.belongings.query([id.as_str()])?;
        while let Some(row) = rows.next()? {
            found.last_used_at = match row.get_ref(0)? {
                ValueRef::Null => Found::Nothing,
                ValueRef::Integer(at) => Found::This(at),
                _ => Found::Unreadable,
            };
            // One with a blank in it would pass for two.
            match row.get_ref(1)?.as_str_or_null() {
                Ok(None) => {}
                Ok(Some(dataset)) if !dataset.is_empty() && !dataset.contains(' ') => {
                    if self.text.len() > start {
                        self.text.push(' ');
                    }
                    self.text.push_str(dataset);
                    found.datasets = Found::This((start, self.text.len()));
                }
                _ => {
                    found.datasets = Found::Unreadable;
                    break;
                }
            }
        }
        Ok(found)
    }
}

fn differs() -> StoreError {
    StoreError::caused(StoreFault::Corrupt, "the same question had two answers")
}

/// The id in the first column, if it is one.
fn key_id(row: &SqliteRow<'_>) -> Option<KeyId> {
    row.text(0).ok()??.parse().ok()
}
