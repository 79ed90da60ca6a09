//! Indexes held against the rows that they lead to.
//!
//! SQLite's own integrity_check looks up each row in each index: at a million keys
//! that took 11 s of 17, on pages all over the file. Here each index is walked once,
//! in its own order, and its entries are summed up; so are those that the rows call
//! for, as they are read. Both must be the same, and in the index each must stand
//! behind the one before it, or it would not be found.

use rusqlite::Connection;
use rusqlite::types::ValueRef;

use super::fault;
use super::made::made;
use crate::domain::{StoreError, StoreFault, Tally};

/// A tree in the file whose entries are called for by rows that stand elsewhere.
pub(super) struct Index {
    pub(super) name: String,
    table: String,
    pub(super) columns: Vec<String>,
    /// How many of the columns no two entries have in common.
    unique_count: usize,
    /// For which rows it has an entry, if not for all.
    pub(super) condition: Option<String>,
}

/// Which rows call for the entries of an index.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    Events,
    Keys,
    /// The datasets of keys, each of which calls for one.
    Datasets,
}

/// The indexes of a store, and the table that is but an index.
///
/// # Errors
/// The engine's faults.
pub(super) fn of(store: &Connection) -> Result<Vec<Index>, StoreError> {
    let mut statement = store
        .prepare(
            "SELECT i.name, m.name, i.\"unique\", s.sql
             FROM sqlite_schema m CROSS JOIN pragma_index_list(m.name) i
             LEFT JOIN sqlite_schema s ON s.name = i.name
             WHERE m.type = 'table' AND (i.origin <> 'pk' OR m.name = 'key_datasets')
             ORDER BY 1",
        )
        .map_err(fault)?;
    let indexes = statement.query_map([], |row| {
        let (name, table): (String, String) = (row.get(0)?, row.get(1)?);
        let sql: Option<String> = row.get(3)?;
        let (columns, key_count) = columns(store, &name)?;
        Ok(Index {
            unique_count: if row.get(2)? {
                key_count
            } else {
                columns.len()
            },
            // What has no SQL of its own is the table itself.
            name: if sql.is_some() { name } else { table.clone() },
            table,
            columns,
            condition: sql
                .as_deref()
                .and_then(|sql| sql.split_once(" WHERE "))
                .map(|(_, condition)| condition.to_owned()),
        })
    });
    indexes
        .map_err(fault)?
        .collect::<Result<_, _>>()
        .map_err(fault)
}

/// The columns of an index in their order, and how many of them it was made of: those
/// that tell rows apart stand behind them.
fn columns(store: &Connection, index: &str) -> rusqlite::Result<(Vec<String>, usize)> {
    // Without a name is the number of the row, which is called seq everywhere.
    let mut statement = store.prepare_cached(
        "SELECT coalesce(name, 'seq'), key FROM pragma_index_xinfo(?1) ORDER BY seqno",
    )?;
    let columns = statement.query_map([index], |row| Ok((row.get(0)?, row.get(1)?)));
    let columns: Vec<(String, bool)> = columns?.collect::<Result<_, _>>()?;
    let key_count = columns.iter().filter(|(_, is_key)| *is_key).count();
    Ok((
        columns.into_iter().map(|(name, _)| name).collect(),
        key_count,
    ))
}

impl Index {
    /// Which rows call for its entries.
    ///
    /// # Errors
    /// [`StoreFault::Other`] if no rows that are read do.
    pub(super) fn source(&self) -> Result<Source, StoreError> {
        match self.table.as_str() {
            "events" => Ok(Source::Events),
            "keys" => Ok(Source::Keys),
            "key_datasets" => Ok(Source::Datasets),
            table => Err(StoreError::caused(
                StoreFault::Other,
                format!("no rows are read for {} of {table}", self.name),
            )),
        }
    }

    /// Walks it from its first entry to its last, and adds up what is there.
    fn walk(&self, connection: &Connection, tally: &mut Tally) -> Result<(), StoreError> {
        let (sql, plan) = self.question();
        expect_plan(connection, &sql, &[&plan])?;
        let mut statement = connection.prepare(&sql).map_err(fault)?;
        let mut rows = statement.query([]).map_err(fault)?;
        let (mut before, mut entry) = (Vec::new(), Vec::new());
        let (mut unique_before, mut sum) = (0, 0u64);
        while let Some(row) = rows.next().map_err(fault)? {
            entry.clear();
            let mut unique = 0;
            for place in 0..self.columns.len() {
                put(&mut entry, row.get_ref(place).map_err(fault)?)?;
                if place + 1 == self.unique_count {
                    unique = entry.len();
                }
            }
            // The first has nothing before it, which is below everything.
            if entry[..unique] <= before[..unique_before] {
                let problem = format!("{} is not in its order", self.name);
                return Err(StoreError::caused(StoreFault::Corrupt, problem));
            }
            sum = sum.wrapping_add(tally.weight(&entry));
            std::mem::swap(&mut before, &mut entry);
            unique_before = unique;
        }
        tally.add(&self.name, sum);
        Ok(())
    }

    /// The question for all of its entries as they stand, and how SQLite is to go
    /// about it: were they read from rows, or sorted, nothing would be held against
    /// anything.
    fn question(&self) -> (String, String) {
        let Index { name, table, .. } = self;
        let columns = self.columns.join(", ");
        if name == table {
            // Else another index of it would do, which is smaller.
            let sql = format!("SELECT {columns} FROM {table} ORDER BY {columns}");
            return (sql, format!("SCAN {table}"));
        }
        let sql = format!("SELECT {columns} FROM {table} INDEXED BY {name}");
        let Some(condition) = &self.condition else {
            return (sql, format!("SCAN {table} USING COVERING INDEX {name}"));
        };
        let first = &self.columns[0];
        let plan = match *condition == format!("{first} IS NOT NULL") {
            // What stands before these, nobody comes to.
            true => format!("SEARCH {table} USING COVERING INDEX {name} ({first}>?)"),
            false => format!("SCAN {table} USING COVERING INDEX {name}"),
        };
        (format!("{sql} WHERE {condition}"), plan)
    }
}

/// Walks all indexes, and adds up their entries.
///
/// # Errors
/// [`StoreFault::Corrupt`] if one is not in its order.
pub(super) fn walk_all(connection: &Connection, tally: &mut Tally) -> Result<(), StoreError> {
    for index in &made()?.indexes {
        index.walk(connection, tally)?;
    }
    Ok(())
}

/// Sees to it that SQLite goes about a question in this way. It may be led to another
/// by statistics, which anybody who can write the file can plant.
pub(super) fn expect_plan(
    connection: &Connection,
    sql: &str,
    expected: &[&str],
) -> Result<(), StoreError> {
    let plan = || -> rusqlite::Result<Vec<String>> {
        let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}"))?;
        statement.query_map([], |row| row.get(3))?.collect()
    };
    let plan = plan().map_err(fault)?;
    if plan == expected {
        return Ok(());
    }
    let problem = format!("it is read by another plan: {}", plan.join("; "));
    Err(StoreError::caused(StoreFault::Corrupt, problem))
}

/// Adds to an entry, so that no two lists of values give the same bytes, and those of
/// one index are in the order in which SQLite has them.
pub(super) fn put(entry: &mut Vec<u8>, value: ValueRef<'_>) -> Result<(), StoreError> {
    match value {
        ValueRef::Null => entry.push(0),
        ValueRef::Integer(number) => {
            entry.push(1);
            // Negative ones come first.
            entry.extend_from_slice(&(number.cast_unsigned() ^ (1 << 63)).to_be_bytes());
        }
        ValueRef::Text(text) if !text.contains(&0) => {
            entry.push(2);
            entry.extend_from_slice(text);
            entry.push(0);
        }
        // All of one column are of one length, or they are not those of the rows.
        ValueRef::Blob(bytes) => {
            entry.push(3);
            entry.extend_from_slice(&(bytes.len() as u64).to_be_bytes());
            entry.extend_from_slice(bytes);
        }
        ValueRef::Text(_) | ValueRef::Real(_) => {
            let problem = "there is something in an index that no row of a key or an event has";
            return Err(StoreError::caused(StoreFault::Corrupt, problem));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::setup::tables_in_memory;
    use super::*;

    #[test]
    fn every_index_is_walked_by_itself_and_in_its_own_order() {
        let store = tables_in_memory().unwrap();
        let mut statement = store
            .prepare("SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL")
            .unwrap();
        let names = statement.query_map([], |row| row.get(0)).unwrap();
        let mut names: Vec<String> = names.collect::<Result<_, _>>().unwrap();
        names.push("key_datasets".to_owned());
        names.sort();
        let made = &made().unwrap().indexes;
        let mut walked: Vec<String> = made.iter().map(|index| index.name.clone()).collect();
        walked.sort();
        assert_eq!(walked, names);
        for index in made {
            let (sql, plan) = index.question();
            expect_plan(&store, &sql, &[&plan]).unwrap();
            index.source().unwrap();
            let sorted = format!("{sql} ORDER BY random()");
            assert!(expect_plan(&store, &sorted, &[&plan]).is_err(), "{sql}");
        }
    }

    #[test]
    fn entries_stand_in_the_order_of_their_bytes_and_never_run_together() {
        use ValueRef::{Blob, Integer, Null, Text};
        let entry = |values: &[ValueRef<'_>]| {
            let mut entry = Vec::new();
            values
                .iter()
                .try_for_each(|value| put(&mut entry, *value))
                .map(|()| entry)
        };
        let in_order: [&[ValueRef<'_>]; 12] = [
            &[Null, Integer(9)],
            &[Integer(i64::MIN)],
            &[Integer(-1)],
            &[Integer(0)],
            &[Integer(i64::MAX)],
            &[Text(b""), Text(b"b")],
            &[Text(b"a"), Integer(1)],
            &[Text(b"a"), Integer(2)],
            &[Text(b"a"), Text(b"b")],
            &[Text(b"ab"), Text(b"")],
            &[Text(b"b"), Text(b"a")],
            &[Blob(&[0, 1])],
        ];
        let entries: Vec<Vec<u8>> = in_order
            .iter()
            .map(|values| entry(values).unwrap())
            .collect();
        assert!(entries.is_sorted_by(|one, two| one < two));
        assert!(entry(&[Text(b"a\0")]).is_err());
        assert!(entry(&[ValueRef::Real(1.0)]).is_err());
    }

    #[test]
    fn tables_with_conditions_are_read_whole_or_looked_at_by_themselves() {
        let store = tables_in_memory().unwrap();
        let sql = "SELECT name FROM sqlite_schema WHERE sql LIKE '%CHECK%' ORDER BY 1";
        let mut statement = store.prepare(sql).unwrap();
        let tables = statement.query_map([], |row| row.get(0)).unwrap();
        let tables: Vec<String> = tables.collect::<Result<_, _>>().unwrap();
        assert_eq!(tables, ["events", "head", "keys"]);
    }
}
