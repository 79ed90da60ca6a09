//! A store to try things on, which is put back to what it was at the beginning.

use std::fs;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use ::postgres::Client;

use super::database::Database;
use super::operations::{OFFERED_FILE, Operation};
use super::support::{Run, Sandbox};

/// Every row of every table.
const ALL: &str = "
    SELECT coalesce(string_agg(line, chr(10) ORDER BY line COLLATE \"C\"), '') FROM (
        SELECT 'head ' || t::text AS line FROM keyctl.head t
        UNION ALL SELECT 'key ' || t::text FROM keyctl.keys t
        UNION ALL SELECT 'dataset ' || t::text FROM keyctl.key_datasets t
        UNION ALL SELECT 'use ' || t::text FROM keyctl.last_uses t
        UNION ALL SELECT 'event ' || t::text FROM keyctl.events t
        UNION ALL SELECT 'policy ' || t::text FROM keyctl.policy t) AS lines";

/// In an order in which each row has what it refers to.
const TABLES: [&str; 6] = [
    "head",
    "keys",
    "key_datasets",
    "last_uses",
    "events",
    "policy",
];

pub(crate) struct Ground {
    pub(crate) sandbox: Sandbox,
    pub(crate) database: Database,
    /// Beside keyctl, and never through a proxy.
    pub(crate) admin: Client,
    /// The token of `one`.
    pub(crate) one: String,
    /// Every row as it was at the beginning; of a store that is not there, nothing.
    before: String,
    actions: Vec<String>,
}

impl Ground {
    /// With what this operation begins with; `None` where there is no server.
    pub(crate) fn new(operation: &Operation) -> Option<Ground> {
        let database = Database::new()?;
        let mut ground = Ground {
            sandbox: Sandbox::new(),
            admin: database.connect(),
            database,
            one: String::new(),
            before: String::new(),
            actions: Vec::new(),
        };
        ground.make_offer();
        if !operation.is_first {
            ground.fill();
        }
        Some(ground)
    }

    /// Three live keys and two revoked ones.
    fn fill(&mut self) {
        let create = |name: &str| {
            let run = self.run(&["create", "--app", "web", "--name", name]);
            run.expect_code(0).stdout.trim_end().to_owned()
        };
        let [one, ..] = ["one", "two", "three", "four", "five"].map(create);
        self.one = one;
        self.run(&["revoke", "four", "five", "--yes"])
            .expect_code(0);
        self.admin.batch_execute("CREATE SCHEMA saved").unwrap();
        for table in TABLES {
            let sql = format!("CREATE TABLE saved.{table} AS TABLE keyctl.{table}");
            self.admin.batch_execute(&sql).unwrap();
        }
        self.before = self.rows();
        self.actions = self.logged();
    }

    /// The same file each time.
    fn make_offer(&self) {
        static OFFER: LazyLock<String> = LazyLock::new(|| {
            let sandbox = Sandbox::new();
            let run = |args: &[&str]| sandbox.run(args, "").expect_code(0).stdout;
            for app in ["a", "b", "c"] {
                run(&["create", "--app", app]);
            }
            run(&["export"])
        });
        fs::write(self.sandbox.home().join(OFFERED_FILE), &*OFFER).unwrap();
    }

    /// Runs keyctl without a proxy.
    pub(crate) fn run(&self, args: &[&str]) -> Run {
        self.run_at(&self.database.url(), args, "")
    }

    pub(crate) fn run_at(&self, url: &str, args: &[&str], stdin: &str) -> Run {
        let mut command = self.sandbox.command(env!("CARGO_BIN_EXE_keyctl"));
        command.args(args).env("KEYCTL_STORE", url);
        self.sandbox.finish(command, stdin.as_bytes())
    }

    /// What `verify` ends with.
    pub(crate) fn verify(&self, token: &str) -> i32 {
        let args = ["verify", "--app", "web", "--no-touch"];
        self.run_at(&self.database.url(), &args, token).code
    }

    fn rows(&mut self) -> String {
        self.admin.query_one(ALL, &[]).unwrap().get(0)
    }

    fn is_there(&mut self) -> bool {
        let sql = "SELECT to_regclass('keyctl.policy') IS NOT NULL";
        self.admin.query_one(sql, &[]).unwrap().get(0)
    }

    fn logged(&mut self) -> Vec<String> {
        let sql = "SELECT action FROM keyctl.events ORDER BY seq";
        let rows = self.admin.query(sql, &[]).unwrap();
        rows.iter().map(|row| row.get(0)).collect()
    }

    /// Whether the operation was done, once no connection is left that may still do
    /// it.
    ///
    /// # Errors
    /// What is there is neither what was nor what is to be.
    pub(crate) fn is_done(&mut self, operation: &Operation) -> Result<bool, String> {
        self.wait_until_alone();
        if operation.is_first && (!self.is_there() || self.logged().is_empty()) {
            return Ok(false);
        }
        if !operation.is_first && self.rows() == self.before {
            return Ok(false);
        }
        let log = self.logged();
        let gained = log.strip_prefix(self.actions.as_slice());
        // To make a store is a change of its own.
        if operation.gains.len() > 1 && log == ["store_created"] {
            return Ok(false);
        }
        if gained.is_none_or(|gained| gained != operation.gains) {
            return Err(format!("the log has {log:?}"));
        }
        let audited = self.run(&["audit", "verify"]);
        match audited.code {
            0 => Ok(true),
            _ => Err(audited.stderr),
        }
    }

    /// The server goes on for a moment with what a lost connection has asked.
    fn wait_until_alone(&mut self) {
        let count = "SELECT count(*) FROM pg_stat_activity
                     WHERE datname = current_database() AND pid <> pg_backend_pid()
                       AND backend_type = 'client backend'";
        let deadline = Instant::now() + Duration::from_secs(60);
        while self.admin.query_one(count, &[]).unwrap().get::<_, i64>(0) > 0 {
            assert!(Instant::now() < deadline, "a lost connection does not end");
        }
    }

    /// As it was at the beginning.
    pub(crate) fn reset(&mut self) {
        if self.before.is_empty() {
            let sql = "DROP SCHEMA IF EXISTS keyctl CASCADE";
            return self.admin.batch_execute(sql).unwrap();
        }
        let tables = TABLES.map(|table| format!("keyctl.{table}"));
        let mut sql = format!("BEGIN; TRUNCATE {};", tables.join(", "));
        for table in TABLES {
            sql += &format!("INSERT INTO keyctl.{table} SELECT * FROM saved.{table};");
        }
        self.admin.batch_execute(&(sql + "COMMIT")).unwrap();
    }
}
