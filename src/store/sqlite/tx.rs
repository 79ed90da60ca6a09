//! The verbs of a transaction, as SQL.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::LazyLock;

use rusqlite::types::Value;
use rusqlite::{OptionalExtension, Params, Row, ToSql, Transaction, params, params_from_iter};

use super::super::{EventFilter, Filter, Page, Part, Tx};
use super::rows::{self, EVENT_COLUMNS, KEY_COLUMNS, WRITTEN_COLUMNS};
use super::select::{FROM_KEYS, select_events, select_keys, select_one_key};
use super::{ballast, check, fault};
use crate::domain::{
    Access, Action, Digest, Event, Head, Key, KeyId, Policy, Setting, StoreError, StoreFault,
    Target, Timestamp, Workspace,
};

/// How much of the file may stay in memory while very many rows are written:
/// digests and ids are random, so their indexes are written all over. With
/// SQLite's usual 2 MiB, 100,000 keys took nine times as many reads and writes.
const MANY_ROWS_KIB: u32 = 64 * 1024;

pub(super) struct SqliteTx<'a> {
    tx: Transaction<'a>,
    /// The store's file, if it has one.
    file: Option<&'a Path>,
}

impl Tx for SqliteTx<'_> {
    fn head(&self) -> Result<Head, StoreError> {
        let mut head = None;
        let sql = "SELECT store_id, seq, hash FROM head WHERE one = 1";
        self.for_each(sql, Vec::new(), |row| {
            head = Some(rows::head(row)?);
            Ok(ControlFlow::Continue(()))
        })?;
        head.ok_or_else(|| StoreError::caused(StoreFault::Corrupt, "the log has no head"))
    }

    fn key_by_digest(&self, digest: &Digest) -> Result<Option<Key>, StoreError> {
        static SQL: LazyLock<String> = LazyLock::new(|| select_one_key("digest = ?1"));
        self.one_key(&SQL, params![digest.as_bytes()])
    }

    fn key(&self, id: &KeyId) -> Result<Option<Key>, StoreError> {
        static SQL: LazyLock<String> = LazyLock::new(|| select_one_key("id = ?1"));
        let key = self.one_key(&SQL, params![id.as_str()])?;
        match key {
            Some(key) if key.id != *id => Err(StoreError::caused(
                StoreFault::Corrupt,
                format!("the index leads from {id} to another key"),
            )),
            key => Ok(key),
        }
    }

    fn keys(
        &self,
        filter: &Filter,
        page: &Page,
        each: &mut dyn FnMut(Key) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        let (sql, values) = select_keys(filter, page);
        self.for_each(&sql, values, |row| Ok(each(rows::key(row)?)))
    }

    fn rows(&self, each: &mut dyn FnMut(i64, Key) -> ControlFlow<()>) -> Result<(), StoreError> {
        // Behind the columns of a key, which are read by their place.
        let sql = format!("SELECT {KEY_COLUMNS}, k.seq {FROM_KEYS} ORDER BY k.seq");
        self.for_each(&sql, Vec::new(), |row| {
            let added_by = row.get("seq").map_err(fault)?;
            Ok(each(added_by, rows::key(row)?))
        })
    }

    fn count_live(
        &self,
        workspace: &Workspace,
        target: &Target,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let (bound, id) = match target {
            Target::Dataset(id) => (
                "k.id IN (SELECT key_id FROM key_datasets WHERE dataset = ?3)",
                Some(id.as_str()),
            ),
            Target::App(id) => ("k.app = ?3", Some(id.as_str())),
            Target::AllDatasets => ("k.access = 'all_datasets' AND ?3 IS NULL", None),
        };
        let sql = format!(
            "SELECT count(*) FROM keys k
             WHERE k.workspace = ?1 AND {bound}
               AND k.revoked_at IS NULL AND k.replaced_by IS NULL
               AND (k.disabled_at IS NOT NULL OR k.expires_at IS NULL OR k.expires_at > ?2)"
        );
        let count: i64 = self
            .tx
            .prepare_cached(&sql)
            .and_then(|mut statement| {
                statement.query_row(params![workspace.as_str(), now.as_unix(), id], |row| {
                    row.get(0)
                })
            })
            .map_err(fault)?;
        // count(*) is never negative.
        Ok(count.unsigned_abs())
    }

    fn insert_key(&mut self, key: &Key) -> Result<(), StoreError> {
        let next = self.head()?.seq + 1;
        self.restore_key(next, key)
    }

    fn restore_key(&mut self, added_by: i64, key: &Key) -> Result<(), StoreError> {
        static SQL: LazyLock<String> = LazyLock::new(|| {
            let columns = WRITTEN_COLUMNS.join(", ");
            let places = vec!["?"; WRITTEN_COLUMNS.len()].join(", ");
            format!("INSERT INTO keys (seq, {columns}) VALUES (?, {places})")
        });
        let seq: [Box<dyn ToSql + '_>; 1] = [Box::new(added_by)];
        let values = seq.into_iter().chain(rows::key_values(key));
        self.execute(&SQL, params_from_iter(values))?;
        self.insert_datasets(key)
    }

    fn record_use(&mut self, id: &KeyId, at: Timestamp) -> Result<(), StoreError> {
        // Of a key that is not there, the foreign key is violated.
        self.execute(
            "INSERT INTO last_uses (key_id, at) VALUES (?1, ?2)
             ON CONFLICT (key_id) DO UPDATE SET at = excluded.at WHERE excluded.at > last_uses.at",
            params![id.as_str(), at.as_unix()],
        )
        .map(|_| ())
    }

    fn expect_many(&mut self) -> Result<(), StoreError> {
        self.tx
            .execute_batch(&format!("PRAGMA cache_size = -{MANY_ROWS_KIB}"))
            .map_err(fault)
    }

    fn adopt(&mut self, store_id: &str) -> Result<(), StoreError> {
        let adopted = self.execute(
            "UPDATE head SET store_id = ?1, seq = 0, hash = NULL
             WHERE one = 1 AND seq <= 1
               AND NOT EXISTS (SELECT 1 FROM keys)
               AND NOT EXISTS (SELECT 1 FROM events WHERE action <> ?2)",
            params![store_id, Action::StoreCreated.as_str()],
        )?;
        expect_one_row(adopted)?;
        self.execute("DELETE FROM events", []).map(|_| ())
    }

    fn update_key(&mut self, key: &Key) -> Result<(), StoreError> {
        let assignments: Vec<String> = WRITTEN_COLUMNS
            .iter()
            .map(|column| format!("{column} = ?"))
            .collect();
        let sql = format!("UPDATE keys SET {} WHERE id = ?", assignments.join(", "));
        let id: Box<dyn ToSql + '_> = Box::new(key.id.as_str());
        let values = rows::key_values(key).into_iter().chain([id]);
        expect_one_row(self.execute(&sql, params_from_iter(values))?)?;
        self.execute(
            "DELETE FROM key_datasets WHERE key_id = ?1",
            params![key.id.as_str()],
        )?;
        self.insert_datasets(key)
    }

    fn delete_key(&mut self, id: &KeyId) -> Result<(), StoreError> {
        expect_one_row(self.execute("DELETE FROM keys WHERE id = ?1", params![id.as_str()])?)
    }

    fn append_event(&mut self, event: &Event) -> Result<(), StoreError> {
        let moved = self.execute(
            "UPDATE head SET seq = ?1, hash = ?2 WHERE one = 1 AND seq = ?1 - 1",
            params![event.seq, event.hash.as_bytes()],
        )?;
        expect_one_row(moved)?;
        let entry = &event.entry;
        self.execute(
            &format!(
                "INSERT INTO events ({EVENT_COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"
            ),
            params![
                event.seq,
                entry.at.as_unix(),
                entry.actor.as_str(),
                entry.action.as_str(),
                entry.workspace.as_ref().map(Workspace::as_str),
                entry.key_id.as_ref().map(KeyId::as_str),
                entry.row_digest.as_ref().map(|digest| *digest.as_bytes()),
                entry.detail,
                event.hash.as_bytes(),
            ],
        )
        .map(|_| ())
    }

    fn events(
        &self,
        filter: &EventFilter,
        each: &mut dyn FnMut(Event) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        let (sql, values) = select_events(filter);
        self.for_each(&sql, values, |row| Ok(each(rows::event(row)?)))
    }

    fn policy(&self) -> Result<Policy, StoreError> {
        let mut policy = Policy::default();
        self.for_each("SELECT setting, value FROM policy", Vec::new(), |row| {
            policy = rows::policy_with(&policy, row)?;
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(policy)
    }

    fn set_policy(&mut self, policy: &Policy) -> Result<(), StoreError> {
        self.execute("DELETE FROM policy", [])?;
        let default = Policy::default();
        for setting in Setting::ALL {
            let value = policy.value(setting);
            if value != default.value(setting) {
                self.execute(
                    "INSERT INTO policy (setting, value) VALUES (?1, ?2)",
                    params![setting.as_str(), value],
                )?;
            }
        }
        Ok(())
    }

    fn check(&self, part: Part) -> Result<(), StoreError> {
        check::check(&self.tx, part)
    }

    fn commit(self: Box<Self>) -> Result<(), StoreError> {
        self.tx.commit().map_err(fault)?;
        if let Some(file) = self.file {
            ballast::keep(file);
        }
        Ok(())
    }
}

impl<'a> SqliteTx<'a> {
    pub(super) fn new(tx: Transaction<'a>, file: Option<&'a Path>) -> SqliteTx<'a> {
        SqliteTx { tx, file }
    }

    fn one_key(&self, sql: &str, values: impl Params) -> Result<Option<Key>, StoreError> {
        self.tx
            .prepare_cached(sql)
            .and_then(|mut statement| {
                statement
                    .query_row(values, |row| Ok(rows::key(row)))
                    .optional()
            })
            .map_err(fault)?
            .transpose()
    }

    /// Hands over the rows of a query, until told to stop.
    fn for_each(
        &self,
        sql: &str,
        values: Vec<Value>,
        mut each: impl FnMut(&Row<'_>) -> Result<ControlFlow<()>, StoreError>,
    ) -> Result<(), StoreError> {
        let mut statement = self.tx.prepare_cached(sql).map_err(fault)?;
        let mut rows = statement.query(params_from_iter(values)).map_err(fault)?;
        while let Some(row) = rows.next().map_err(fault)? {
            if each(row)?.is_break() {
                break;
            }
        }
        Ok(())
    }

    fn insert_datasets(&self, key: &Key) -> Result<(), StoreError> {
        let Access::Datasets(bound) = &key.access else {
            return Ok(());
        };
        for dataset in bound.iter() {
            self.execute(
                "INSERT INTO key_datasets (key_id, dataset) VALUES (?1, ?2)",
                params![key.id.as_str(), dataset.as_str()],
            )?;
        }
        Ok(())
    }

    fn execute(&self, sql: &str, values: impl Params) -> Result<usize, StoreError> {
        self.tx
            .prepare_cached(sql)
            .and_then(|mut statement| statement.execute(values))
            .map_err(fault)
    }
}

fn expect_one_row(count: usize) -> Result<(), StoreError> {
    match count {
        1 => Ok(()),
        _ => Err(StoreError::caused(
            StoreFault::Corrupt,
            format!("{count} rows were there to change, not one"),
        )),
    }
}
