//! What is left to the end while an empty store is filled. An index that is made of
//! all rows at once is sorted first and then written from end to end, where row by
//! row it would be written all over: ids and digests are random.

use std::cell::RefCell;

use rusqlite::Connection;

use super::fault;
use super::setup::tables_in_memory;
use crate::domain::StoreError;

/// What waits for the end of many rows.
#[derive(Default)]
pub(super) struct Later(RefCell<Stage>);

#[derive(Default)]
enum Stage {
    /// Nothing waits.
    #[default]
    Usual,
    /// Many rows are about to come.
    Expected,
    /// These indexes wait.
    Waiting(Vec<Index>),
}

/// An index, as the steps make it.
#[derive(PartialEq, Eq)]
struct Index {
    name: String,
    sql: String,
}

impl Later {
    /// Many rows are about to come, to tables without any.
    pub(super) fn expect(&self) {
        self.0.replace(Stage::Expected);
    }

    /// Before a row is added: the first of many takes the indexes away.
    pub(super) fn begin(&self, connection: &Connection) -> Result<(), StoreError> {
        let mut stage = self.0.borrow_mut();
        if matches!(*stage, Stage::Expected) {
            *stage = Stage::Waiting(put_off(connection)?);
        }
        Ok(())
    }

    /// Before anything is asked, and before the commit. Where it fails, what waits
    /// goes on waiting, so that nothing can be committed without it.
    pub(super) fn end(&self, connection: &Connection) -> Result<(), StoreError> {
        let mut stage = self.0.borrow_mut();
        if let Stage::Waiting(indexes) = &*stage {
            for index in indexes {
                connection.execute_batch(&index.sql).map_err(fault)?;
            }
            *stage = Stage::Usual;
        }
        Ok(())
    }
}

fn put_off(connection: &Connection) -> Result<Vec<Index>, StoreError> {
    let made = indexes(&tables_in_memory()?).map_err(fault)?;
    let found = indexes(connection).map_err(fault)?;
    // What somebody has altered stays as it is, for the audit to find.
    let mut indexes = Vec::new();
    for index in made {
        if found.contains(&index) {
            let sql = format!("DROP INDEX main.{}", index.name);
            connection.execute_batch(&sql).map_err(fault)?;
            indexes.push(index);
        }
    }
    Ok(indexes)
}

fn indexes(connection: &Connection) -> rusqlite::Result<Vec<Index>> {
    let sql = "SELECT name, sql FROM main.sqlite_schema
               WHERE type = 'index' AND sql IS NOT NULL ORDER BY rowid";
    let mut statement = connection.prepare(sql)?;
    let indexes = statement.query_map([], |row| {
        Ok(Index {
            name: row.get(0)?,
            sql: row.get(1)?,
        })
    })?;
    indexes.collect()
}
