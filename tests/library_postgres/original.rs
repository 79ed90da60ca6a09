//! A store in which everything has happened, in a database that nobody else has
//! open.

use std::sync::{Mutex, MutexGuard, PoisonError};

use data_encoding::HEXLOWER;
use keyctl::Registry;
use postgres::{Client, SimpleQueryMessage};

use super::history::{Found, at, audit, live};
use super::site::Site;

/// In how many rows every value is changed.
pub(crate) const TRIED_ROWS: usize = 2;

/// Those of the store, each before those that refer to it.
const TABLES: [&str; 6] = [
    "head",
    "keys",
    "key_datasets",
    "last_uses",
    "events",
    "policy",
];

pub(crate) struct Original {
    /// Of somebody who may do everything, and whom no reference holds back.
    client: Mutex<Client>,
    site: Site,
    pub(crate) events: i64,
}

impl Original {
    pub(crate) fn new() -> Original {
        let site = Site::new();
        let actor = "alice".parse().unwrap();
        let mut registry = Registry::create(&site.location(), actor, at(1)).unwrap();
        live(&mut registry);
        let events = registry.audit(None).unwrap().head.seq;
        let mut client = site.0.connect();
        let saved =
            TABLES.map(|table| format!("CREATE TABLE saved.{table} AS TABLE keyctl.{table};"));
        client
            .batch_execute(&format!(
                "SET search_path = keyctl; SET session_replication_role = replica;
                 CREATE SCHEMA saved; {}",
                saved.concat()
            ))
            .unwrap();
        Original {
            client: Mutex::new(client),
            site,
            events,
        }
    }

    fn client(&self) -> MutexGuard<'_, Client> {
        self.client.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What an audit says after this, or nothing if the database did not let
    /// itself be altered so, or no row was. Then all is as it was.
    pub(crate) fn altered(&self, sql: &str) -> Option<Found> {
        // As one message, and so as one transaction.
        let done = self.client().simple_query(sql).ok()?;
        let is_changed = done
            .iter()
            .any(|done| matches!(done, SimpleQueryMessage::CommandComplete(1..)));
        let found = is_changed.then(|| audit(&self.site.location(), None));
        let put_back = TABLES
            .map(|table| format!("DELETE FROM {table}; INSERT INTO {table} TABLE saved.{table};"));
        self.client().batch_execute(&put_back.concat()).unwrap();
        found
    }

    pub(crate) fn texts(&self, sql: &str) -> Vec<String> {
        let rows = self.client().query(sql, &[]).unwrap();
        rows.iter().map(|row| row.get(0)).collect()
    }

    pub(crate) fn columns(&self, table: &str) -> Vec<String> {
        self.texts(&format!(
            "SELECT attname::text FROM pg_attribute
             WHERE attrelid = '{table}'::regclass AND attnum > 0 AND NOT attisdropped
             ORDER BY attnum"
        ))
    }

    /// The values of a column, as they are written in SQL: a few of them, each
    /// once.
    pub(crate) fn literals(&self, table: &str, column: &str, which: &str) -> Vec<String> {
        self.texts(&format!(
            "SELECT DISTINCT quote_nullable({column}) FROM {table} WHERE {which} LIMIT 8"
        ))
    }

    /// How bytes are written in SQL.
    pub(crate) fn bytes(&self, bytes: &[u8]) -> String {
        format!("'\\x{}'", HEXLOWER.encode(bytes))
    }
}
