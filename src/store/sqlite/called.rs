//! The entries that rows call for in indexes, added up as the rows are read.

use rusqlite::types::ValueRef;

use super::indexes::{Source, put};
use super::made::made;
use crate::domain::{StoreError, StoreFault, Tally};

/// The indexes that an audit answers for, and where their entries are found in the
/// rows of one question.
pub(super) struct Called {
    indexes: Vec<CalledIndex>,
    /// Where the number of the key is, and where its datasets are.
    key: usize,
    datasets: usize,
    /// Where it stands of which conditions hold.
    mask: usize,
    conditions: Vec<&'static str>,
}

struct CalledIndex {
    name: &'static str,
    source: Source,
    /// Its columns; absent is the dataset that calls for the entry.
    places: Vec<Option<usize>>,
    /// The bit that says whether there is an entry; none if there always is one.
    condition: i64,
    sum: u64,
    entry: Vec<u8>,
}

impl Called {
    /// In answers with these columns, each of them an `alias.name`.
    ///
    /// # Errors
    /// There is an index of something else.
    pub(super) fn by(columns: &str) -> Result<Called, StoreError> {
        let columns: Vec<&str> = columns.split(", ").collect();
        let place = |column: &str| {
            let found = columns.iter().position(|other| *other == column);
            found.ok_or_else(|| {
                let problem = format!("an index is of {column}, which is not read");
                StoreError::caused(StoreFault::Other, problem)
            })
        };
        let mut called = Called {
            indexes: Vec::new(),
            key: place("k.seq")?,
            datasets: place("k.datasets")?,
            mask: columns.len(),
            conditions: Vec::new(),
        };
        for index in &made()?.indexes {
            let source = index.source()?;
            let of = |column: &String| match (source, column.as_str()) {
                (Source::Datasets, "dataset") => Ok(None),
                (Source::Events, column) => place(&format!("e.{column}")).map(Some),
                (_, column) => place(&format!("k.{column}")).map(Some),
            };
            let places = index.columns.iter().map(of).collect::<Result<_, _>>()?;
            let bit = 1 << called.conditions.len();
            let condition = index.condition.as_deref().map_or(0, |condition| {
                called.conditions.push(condition);
                bit
            });
            called.indexes.push(CalledIndex {
                name: &index.name,
                source,
                places,
                condition,
                sum: 0,
                entry: Vec::new(),
            });
        }
        Ok(called)
    }

    /// What is to be asked for behind the columns: which conditions hold, as the bits
    /// of one number. For a row that is not there, whatever.
    pub(super) fn mask(&self) -> String {
        let bits = self.conditions.iter().enumerate();
        let bits = bits.map(|(place, condition)| format!("((({condition}) IS TRUE) << {place})"));
        bits.fold("0".to_owned(), |mask, bit| format!("{mask} | {bit}"))
    }

    /// Adds what this row calls for. Of what no index has, nothing is added: that is no
    /// row of a key or an event.
    pub(super) fn add(&mut self, row: &[ValueRef<'_>], tally: &Tally) {
        let has_key = row[self.key] != ValueRef::Null;
        let ValueRef::Integer(holding) = row[self.mask] else {
            return;
        };
        for index in &mut self.indexes {
            if index.condition & !holding != 0 || (index.source != Source::Events && !has_key) {
                continue;
            }
            match (index.source, row[self.datasets]) {
                (Source::Events | Source::Keys, _) => index.add(row, &[], tally),
                (Source::Datasets, ValueRef::Text(datasets)) => {
                    for dataset in datasets.split(|byte| *byte == b' ') {
                        index.add(row, dataset, tally);
                    }
                }
                (Source::Datasets, _) => {}
            }
        }
    }

    /// All that was called for.
    pub(super) fn tell(&self, tally: &mut Tally) {
        for index in &self.indexes {
            tally.add(index.name, index.sum);
        }
    }
}

impl CalledIndex {
    fn add(&mut self, row: &[ValueRef<'_>], dataset: &[u8], tally: &Tally) {
        self.entry.clear();
        for place in &self.places {
            let value = place.map_or(ValueRef::Text(dataset), |place| row[place]);
            if put(&mut self.entry, value).is_err() {
                return;
            }
        }
        self.sum = self.sum.wrapping_add(tally.weight(&self.entry));
    }
}
