//! The verbs of a transaction, as SQL.

use std::cell::{Cell, RefCell};
use std::ops::ControlFlow;
use std::sync::LazyLock;

use super::added::Added;
use super::log::read_log;
use super::look_up;
use super::relay::relay;
use super::rows::{self, EVENT_COLUMNS, KEY_COLUMNS, OUTLINE_COLUMNS};
use super::select::{
    select_events, select_every_key, select_keys, select_keys_beyond, select_one_key,
};
use super::values::{WRITTEN_COLUMNS, event_values, key_values};
use super::{Insert, Session, Value};
use crate::domain::{
    Access, Action, Digest, Event, Head, Key, KeyId, Outline, Policy, Setting, Standing,
    StoreError, StoreFault, Tally, Target, Timestamp, Workspace,
};
use crate::store::{EachEvent, EachKey, EventFilter, Filter, Page, Part, Tx};

/// A transaction of any engine.
pub(in crate::store) struct SqlTx<S> {
    session: S,
    /// The end of the log, once it was read. Whoever writes is alone, so that
    /// nobody else moves it.
    head: RefCell<Option<Head>>,
    /// Whether the log ends elsewhere than its row says.
    has_moved: Cell<bool>,
    added: Added,
}

impl<S: Session> SqlTx<S> {
    pub(in crate::store) fn new(session: S) -> SqlTx<S> {
        SqlTx {
            session,
            head: RefCell::new(None),
            has_moved: Cell::new(false),
            added: Added::default(),
        }
    }

    fn one_key(&self, sql: &str, value: Value<'_>) -> Result<Option<Key>, StoreError> {
        let mut found = None;
        self.session.query(sql, &[value], |row| {
            found = Some(rows::key(row)?);
            Ok(ControlFlow::Break(()))
        })?;
        Ok(found)
    }

    fn read_head(&self) -> Result<Head, StoreError> {
        let mut head = None;
        let sql = "SELECT store_id, seq, hash FROM head WHERE one = 1";
        self.session.query(sql, &[], |row| {
            head = Some(rows::head(row)?);
            Ok(ControlFlow::Continue(()))
        })?;
        head.ok_or_else(|| StoreError::caused(StoreFault::Corrupt, "the log has no head"))
    }

    fn is_empty(&self) -> Result<bool, StoreError> {
        let mut is_empty = true;
        let sql = "SELECT seq FROM keys UNION ALL SELECT seq FROM events WHERE seq > 1 LIMIT 1";
        self.session.query(sql, &[], |_| {
            is_empty = false;
            Ok(ControlFlow::Break(()))
        })?;
        Ok(is_empty)
    }

    fn insert_datasets(&self, seq: i64, key: &Key) -> Result<(), StoreError> {
        let Access::Datasets(bound) = &key.access else {
            return Ok(());
        };
        static INTO: LazyLock<Insert> =
            LazyLock::new(|| Insert::new("key_datasets", vec!["dataset", "seq"]));
        for dataset in bound.iter() {
            let row = vec![dataset.as_str().into(), seq.into()];
            self.session.insert(&INTO, row)?;
        }
        Ok(())
    }

    fn insert_last_use(&self, seq: i64, key: &Key) -> Result<(), StoreError> {
        static INTO: LazyLock<Insert> =
            LazyLock::new(|| Insert::new("last_uses", vec!["seq", "at"]));
        match key.last_used_at {
            Some(at) => self
                .session
                .insert(&INTO, vec![seq.into(), at.as_unix().into()]),
            None => Ok(()),
        }
    }

    /// Under what number the row of a key stands.
    fn seq(&self, id: &KeyId) -> Result<i64, StoreError> {
        let mut seq = None;
        let sql = "SELECT seq FROM keys WHERE id = $1";
        self.session.query(sql, &[id.as_str().into()], |row| {
            seq = Some(rows::seq(row)?);
            Ok(ControlFlow::Break(()))
        })?;
        seq.ok_or_else(|| {
            StoreError::caused(StoreFault::Corrupt, format!("the key {id} is not there"))
        })
    }

    fn rewrite_datasets(&self, key: &Key) -> Result<(), StoreError> {
        let seq = self.seq(&key.id)?;
        self.session
            .execute("DELETE FROM key_datasets WHERE seq = $1", &[seq.into()])?;
        self.insert_datasets(seq, key)
    }

    /// Writes where the log ends, which is put off until then: of a thousand
    /// events, the last is the end.
    fn settle_head(&self) -> Result<(), StoreError> {
        let head = self.head.borrow();
        let Some(head) = head.as_ref().filter(|_| self.has_moved.get()) else {
            return Ok(());
        };
        expect_one_row(self.session.execute_amid(
            "UPDATE head SET seq = $1, hash = $2 WHERE one = 1",
            &[
                head.seq.into(),
                head.hash.as_ref().map(|hash| hash.as_bytes()).into(),
            ],
        )?)
    }
}

impl<S: Session> Tx for SqlTx<S> {
    fn head(&self) -> Result<Head, StoreError> {
        if let Some(head) = self.head.borrow().as_ref() {
            return Ok(head.clone());
        }
        let head = self.read_head()?;
        Ok(self.head.borrow_mut().insert(head).clone())
    }

    fn key_by_digest(&self, digest: &Digest) -> Result<Option<Key>, StoreError> {
        if !self.added.may_have(digest) {
            return Ok(None);
        }
        self.one_key(self.session.key_by_digest(), digest.as_bytes().into())
    }

    fn keys_by_digests(
        &self,
        digests: &[Digest],
        each: &mut dyn FnMut(usize, Key),
    ) -> Result<(), StoreError> {
        self.session.keys_by_digests(digests, each)
    }

    fn numbers_of_digests(
        &self,
        digests: &[Digest],
        each: &mut dyn FnMut(usize, i64),
    ) -> Result<(), StoreError> {
        look_up::numbers(&self.session, digests, each)
    }

    fn standings_of_numbers(
        &self,
        numbers: &[i64],
        each: &mut dyn FnMut(usize, Standing),
    ) -> Result<(), StoreError> {
        look_up::standings(&self.session, numbers, each)
    }

    fn key(&self, id: &KeyId) -> Result<Option<Key>, StoreError> {
        static SQL: LazyLock<String> = LazyLock::new(|| select_one_key("id = $1"));
        let key = self.one_key(&SQL, id.as_str().into())?;
        match key {
            Some(key) if key.id != *id => Err(StoreError::caused(
                StoreFault::Corrupt,
                format!("the index leads from {id} to another key"),
            )),
            key => Ok(key),
        }
    }

    fn keys(&self, filter: &Filter, page: &Page, each: EachKey<'_>) -> Result<(), StoreError> {
        let (sql, values) = select_keys(KEY_COLUMNS, filter, page);
        relay(&self.session, (&sql, &values), |row| rows::key(row), each)
    }

    fn outlines(
        &self,
        filter: &Filter,
        page: &Page,
        each: EachKey<'_, Outline>,
    ) -> Result<(), StoreError> {
        let (sql, values) = select_keys(OUTLINE_COLUMNS, filter, page);
        relay(
            &self.session,
            (&sql, &values),
            |row| rows::outline(row),
            each,
        )
    }

    fn rows(&self, each: &mut dyn FnMut(i64, Key) -> ControlFlow<()>) -> Result<(), StoreError> {
        self.session.query_many(&select_every_key(), &[], |row| {
            let (added_by, key) = rows::numbered_key(row)?;
            Ok(each(added_by, key))
        })
    }

    fn count_live(
        &self,
        workspace: &Workspace,
        target: &Target,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        // SQLite reads the tables of a CROSS JOIN in their order. Left to itself it
        // went through all keys of the workspace, whatever they are bound to.
        let (from, bound, id) = match target {
            Target::Dataset(id) => (
                "key_datasets d CROSS JOIN keys k",
                "k.seq = d.seq AND d.dataset = $3",
                Some(id.as_str()),
            ),
            Target::App(id) => ("keys k", "k.app = $3", Some(id.as_str())),
            Target::AllDatasets => ("keys k", "k.access = 'all_datasets'", None),
        };
        let sql = format!(
            "SELECT count(*) FROM {from}
             WHERE k.workspace = $1
               AND k.revoked_at IS NULL AND k.replaced_by IS NULL
               AND (k.disabled_at IS NOT NULL OR k.expires_at IS NULL OR k.expires_at > $2)
               AND {bound}"
        );
        let mut values = vec![workspace.as_str().into(), now.as_unix().into()];
        values.extend(id.map(Value::from));
        let mut count = 0;
        self.session.query(&sql, &values, |row| {
            count = rows::count(row)?;
            Ok(ControlFlow::Break(()))
        })?;
        Ok(count)
    }

    fn log(&self, tally: Option<&mut Tally>, each: EachEvent<'_>) -> Result<(), StoreError> {
        read_log(&self.session, tally, each)
    }

    fn rows_beyond(
        &self,
        last: i64,
        each: &mut dyn FnMut(i64, Key) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        let values = [last.into()];
        self.session
            .query_many(&select_keys_beyond(), &values, |row| {
                let (added_by, key) = rows::numbered_key(row)?;
                Ok(each(added_by, key))
            })
    }

    fn tally_indexes(&self, tally: &mut Tally) -> Result<(), StoreError> {
        self.session.tally_indexes(tally)
    }

    fn insert_key(&mut self, key: &Key) -> Result<(), StoreError> {
        let next = self.head()?.seq + 1;
        self.restore_key(next, key)
    }

    fn restore_key(&mut self, added_by: i64, key: &Key) -> Result<(), StoreError> {
        static INTO: LazyLock<Insert> = LazyLock::new(|| {
            let columns = ["seq"].into_iter().chain(WRITTEN_COLUMNS);
            Insert::new("keys", columns.collect())
        });
        let row = std::iter::once(added_by.into()).chain(key_values(key));
        self.session.insert(&INTO, row.collect())?;
        self.added.add(&key.digest);
        self.insert_datasets(added_by, key)?;
        self.insert_last_use(added_by, key)
    }

    fn record_use(&mut self, id: &KeyId, at: Timestamp) -> Result<(), StoreError> {
        let changed = self.session.execute(
            "INSERT INTO last_uses (seq, at) SELECT seq, $1 FROM keys WHERE id = $2
             ON CONFLICT (seq) DO UPDATE SET at = excluded.at WHERE excluded.at > last_uses.at",
            &[at.as_unix().into(), id.as_str().into()],
        )?;
        match changed {
            // A later one is recorded, unless there is no such key.
            0 => self.seq(id).map(|_| ()),
            _ => Ok(()),
        }
    }

    fn expect_many(&mut self) -> Result<(), StoreError> {
        let is_empty = self.is_empty()?;
        if is_empty {
            self.added.begin();
        }
        self.session.expect_many(is_empty)
    }

    fn adopt(&mut self, store_id: &str) -> Result<(), StoreError> {
        let adopted = self.session.execute(
            "UPDATE head SET store_id = $1, seq = 0, hash = NULL
             WHERE one = 1 AND seq <= 1
               AND NOT EXISTS (SELECT 1 FROM keys)
               AND NOT EXISTS (SELECT 1 FROM events WHERE action <> $2)",
            &[store_id.into(), Action::StoreCreated.as_str().into()],
        )?;
        expect_one_row(adopted)?;
        self.head.take();
        self.session.execute("DELETE FROM events", &[]).map(|_| ())
    }

    fn update_key(&mut self, key: &Key) -> Result<(), StoreError> {
        static SQL: LazyLock<String> = LazyLock::new(|| {
            let assignments: Vec<String> = (1..)
                .zip(WRITTEN_COLUMNS)
                .map(|(place, column)| format!("{column} = ${place}"))
                .collect();
            // The id is the first of them.
            format!("UPDATE keys SET {} WHERE id = $1", assignments.join(", "))
        });
        expect_one_row(self.session.execute(&SQL, &key_values(key))?)?;
        self.rewrite_datasets(key)
    }

    fn change_key(&mut self, before: &Key, after: &Key) -> Result<(), StoreError> {
        let (was, is) = (key_values(before), key_values(after));
        let mut assignments = Vec::new();
        let mut values = Vec::new();
        for ((column, was), is) in WRITTEN_COLUMNS.into_iter().zip(was).zip(is) {
            if was != is {
                values.push(is);
                assignments.push(format!("{column} = ${}", values.len()));
            }
        }
        if assignments.is_empty() || before.id != after.id {
            return self.update_key(after);
        }
        values.push(before.id.as_str().into());
        let (assignments, place) = (assignments.join(", "), values.len());
        let sql = format!("UPDATE keys SET {assignments} WHERE id = ${place}");
        expect_one_row(self.session.execute(&sql, &values)?)?;
        if before.access == after.access {
            return Ok(());
        }
        self.rewrite_datasets(after)
    }

    fn delete_key(&mut self, id: &KeyId) -> Result<(), StoreError> {
        let sql = "DELETE FROM keys WHERE id = $1";
        expect_one_row(self.session.execute(sql, &[id.as_str().into()])?)
    }

    fn append_event(&mut self, event: &Event) -> Result<(), StoreError> {
        let head = self.head()?;
        if event.seq != head.seq + 1 {
            return Err(StoreError::caused(
                StoreFault::Corrupt,
                format!("event {} does not follow event {}", event.seq, head.seq),
            ));
        }
        static INTO: LazyLock<Insert> =
            LazyLock::new(|| Insert::new("events", EVENT_COLUMNS.split(", ").collect()));
        self.session.insert(&INTO, event_values(event).into())?;
        self.has_moved.set(true);
        self.head.replace(Some(Head {
            seq: event.seq,
            hash: Some(event.hash.clone()),
            ..head
        }));
        Ok(())
    }

    fn events(
        &self,
        filter: &EventFilter,
        each: &mut (dyn FnMut(Event) -> ControlFlow<()> + Send),
    ) -> Result<(), StoreError> {
        let (sql, values) = select_events(filter);
        relay(&self.session, (&sql, &values), |row| rows::event(row), each)
    }

    fn policy(&self) -> Result<Policy, StoreError> {
        let mut policy = Policy::default();
        self.session
            .query("SELECT setting, value FROM policy", &[], |row| {
                policy = rows::policy_with(&policy, row)?;
                Ok(ControlFlow::Continue(()))
            })?;
        Ok(policy)
    }

    fn set_policy(&mut self, policy: &Policy) -> Result<(), StoreError> {
        self.session.execute_amid("DELETE FROM policy", &[])?;
        let default = Policy::default();
        for setting in Setting::ALL {
            let value = policy.value(setting);
            if value != default.value(setting) {
                self.session.execute_amid(
                    "INSERT INTO policy (setting, value) VALUES ($1, $2)",
                    &[setting.as_str().into(), value.as_str().into()],
                )?;
            }
        }
        Ok(())
    }

    fn check(&self, part: Part) -> Result<(), StoreError> {
        self.session.check(part)
    }

    fn commit(self: Box<Self>) -> Result<(), StoreError> {
        self.settle_head()?;
        let end = self.head.take().filter(|_| self.has_moved.get());
        self.session.commit(end.as_ref())
    }
}

fn expect_one_row(count: u64) -> Result<(), StoreError> {
    match count {
        1 => Ok(()),
        _ => Err(StoreError::caused(
            StoreFault::Corrupt,
            format!("{count} rows were there to change, not one"),
        )),
    }
}
