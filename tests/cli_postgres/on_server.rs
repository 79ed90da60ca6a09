//! A sandbox whose store is in a database of its own.

use std::io::Write;
use std::ops::Deref;
use std::process;
use std::sync::{LazyLock, OnceLock};

use data_encoding::HEXLOWER;
use postgres::Client;

use super::database::{Database, Shared};
use super::support;

/// All that a store keeps.
const TABLES: [&str; 6] = [
    "head",
    "keys",
    "key_datasets",
    "last_uses",
    "events",
    "policy",
];

/// What `store check` looks at.
pub(crate) const CHECKS: [&str; 10] = [
    "tables",
    "indexes",
    "references",
    "log",
    "journal",
    "space",
    "program",
    "never-used",
    "full-scope",
    "expiring",
];

pub(crate) struct Sandbox {
    base: support::Sandbox,
    database: Database,
    /// Made for those who ask for it.
    other: OnceLock<Database>,
}

impl Deref for Sandbox {
    type Target = support::Sandbox;

    fn deref(&self) -> &support::Sandbox {
        &self.base
    }
}

impl Sandbox {
    /// A sandbox without a store.
    pub(crate) fn new() -> Sandbox {
        Sandbox::over(database())
    }

    /// One whose store is kept as well as one can be.
    pub(crate) fn durable() -> Sandbox {
        static DURABLE: LazyLock<Option<Shared>> =
            LazyLock::new(|| Shared::start(&[("fsync", "on")]));
        Sandbox::over(DURABLE.as_ref().map_or_else(database, Database::on))
    }

    fn over(database: Database) -> Sandbox {
        let mut base = support::Sandbox::new();
        base.store = Some(database.url());
        Sandbox {
            base,
            database,
            other: OnceLock::new(),
        }
    }

    /// What names its store where it is not the one that is used anyway.
    pub(crate) fn store(&self) -> String {
        self.database.url()
    }

    /// Another place, which has no store yet.
    pub(crate) fn other_store(&self) -> String {
        self.other.get_or_init(database).url()
    }

    pub(crate) fn has_store(&self) -> bool {
        let sql = "SELECT count(*) FROM pg_namespace WHERE nspname = 'keyctl'";
        let row = self.database.connect().query_one(sql, &[]);
        row.expect("anybody may ask").get::<_, i64>(0) == 1
    }

    fn connect(&self) -> Client {
        let mut client = self.database.connect();
        let set = client.batch_execute("SET search_path = keyctl");
        set.expect("anybody may set it");
        client
    }

    /// Changes the store behind keyctl's back.
    pub(crate) fn alter(&self, sql: &str) {
        let altered = self.connect().batch_execute(sql);
        altered.expect("it can be changed");
    }

    /// The same, and no reference between the tables is held to.
    pub(crate) fn alter_unchecked(&self, sql: &str) {
        self.alter(&format!("SET session_replication_role = replica; {sql}"));
    }

    /// How bytes are written in SQL.
    pub(crate) fn bytes(&self, bytes: &[u8]) -> String {
        format!("'\\x{}'::bytea", HEXLOWER.encode(bytes))
    }

    /// Makes it a store of a version that nobody knows yet.
    pub(crate) fn set_version(&self, version: u32) {
        self.alter(&format!("UPDATE version SET version = {version}"));
    }

    /// Somebody who writes to the store until this is dropped.
    pub(crate) fn keep_busy(&self) -> Client {
        let mut writer = self.connect();
        let begun = writer.batch_execute("BEGIN; SELECT FROM head FOR UPDATE");
        begun.expect("nobody else writes");
        writer
    }

    /// All that is kept, in some form that is the same for the same.
    pub(crate) fn stored(&self) -> Vec<u8> {
        let mut client = self.connect();
        let mut stored = Vec::new();
        for table in TABLES {
            let sql = format!("SELECT t::text FROM {table} t ORDER BY 1");
            for row in client.query(&sql, &[]).expect("the store is there") {
                let row: String = row.get(0);
                writeln!(stored, "{table} {row}").expect("memory can be written");
            }
        }
        stored
    }
}

/// A new one. Where there is no server, nothing here can be tried: the process
/// ends, which was said.
fn database() -> Database {
    Database::new().unwrap_or_else(|| process::exit(0))
}
