//! The library over stores in PostgreSQL databases: the same tests as over files.

#![expect(clippy::unwrap_used, reason = "a failed test says enough")]

#[path = "../support/database.rs"]
mod database;
#[path = "../transfer/exports.rs"]
mod exports;
#[path = "../tamper/history.rs"]
mod history;
#[path = "../model/lives.rs"]
mod lives;
mod original;
mod planted;
#[expect(dead_code, reason = "one server is enough here, and never falls")]
#[path = "../support/postgres.rs"]
mod postgres;
#[path = "../registry/mod.rs"]
mod registry;
#[path = "../support/site_postgres.rs"]
mod site;
#[path = "../store/cases.rs"]
mod store;
#[path = "../tamper/cases.rs"]
mod tamper;

/// How many lives are tried, unless `PROPTEST_CASES` says otherwise. Each asks the
/// server some ten thousand questions.
const LIVES: u32 = 3;
