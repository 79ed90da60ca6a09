//! Tables held against themselves, and how the server keeps them.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use super::begin::ITS_OWN;
use super::fault::fault;
use super::session::PostgresSession;
use crate::domain::{StoreError, StoreFault};
use crate::store::sql::{Row, Session, bindings};
use crate::store::{Part, Upkeep, Weakness};

/// What the steps make, as [`SCHEMA`] lists it.
const MADE: &str = include_str!("schema.txt");

/// What there is.
const SCHEMA: &str = include_str!("schema.sql");

/// The indexes that look-ups go by: a table, and what is in order there.
const INDEXES: [(&str, &str); 7] = [
    ("keys", "digest"),
    ("keys", "id"),
    ("keys", "seq"),
    ("events", "seq"),
    ("key_datasets", "(seq, dataset)"),
    ("key_datasets", "(dataset, seq)"),
    ("last_uses", "seq"),
];

/// How the server is to look: at the rows themselves, or by an index.
const BY_ROWS: &str = "SET LOCAL enable_seqscan = on; SET LOCAL enable_indexscan = off;
    SET LOCAL enable_indexonlyscan = off; SET LOCAL enable_bitmapscan = off";
const BY_INDEX: &str = "SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off;
    SET LOCAL enable_indexscan = on; SET LOCAL enable_indexonlyscan = on";

/// Holds a part of the store against the rest of it.
///
/// # Errors
/// [`StoreFault::Corrupt`], whose source names the first thing that is not so.
pub(super) fn check(session: &PostgresSession<'_>, part: Part) -> Result<(), StoreError> {
    session.batch(&format!("SAVEPOINT check_of_part; {ITS_OWN}"))?;
    let checked = match part {
        Part::Schema => check_schema(session),
        Part::Indexes => check_indexes(session),
        Part::References => check_references(session),
    };
    // What was set is as it was, and what failed is forgotten: the next is checked too.
    session.batch("ROLLBACK TO SAVEPOINT check_of_part; RELEASE SAVEPOINT check_of_part")?;
    checked
}

fn check_schema(session: &PostgresSession<'_>) -> Result<(), StoreError> {
    let mut found = BTreeSet::new();
    session.query(SCHEMA, &[], |row| {
        found.extend(text(row)?);
        Ok(ControlFlow::Continue(()))
    })?;
    let made = MADE.lines().map(str::to_owned).collect();
    match found.symmetric_difference(&made).next() {
        None => Ok(()),
        Some(line) => {
            let thing: Vec<&str> = line.split(' ').take(2).collect();
            let problem = format!("its {} is not as keyctl made it", thing.join(" "));
            Err(StoreError::caused(StoreFault::Corrupt, problem))
        }
    }
}

/// An index that is whole gives as many rows as its table has, each of them after
/// the one before.
fn check_indexes(session: &PostgresSession<'_>) -> Result<(), StoreError> {
    for (table, order) in INDEXES {
        session.batch(BY_ROWS)?;
        let in_table = number(session, &format!("SELECT count(*) FROM keyctl.{table}"))?;
        session.batch(BY_INDEX)?;
        let columns = order.trim_matches(['(', ')']);
        let in_order = number(
            session,
            &format!(
                "SELECT count(*) FROM (
                     SELECT {order} AS place, lag({order}) OVER (ORDER BY {columns}) AS before
                     FROM keyctl.{table}
                 ) rows WHERE before IS NULL OR before < place"
            ),
        )?;
        if in_table != in_order {
            let problem = format!("an index of {table} leads to {in_order} of {in_table} rows");
            return Err(StoreError::caused(StoreFault::Corrupt, problem));
        }
    }
    Ok(())
}

fn check_references(session: &PostgresSession<'_>) -> Result<(), StoreError> {
    for table in ["key_datasets", "last_uses"] {
        let lost = number(
            session,
            &format!(
                "SELECT count(*) FROM keyctl.{table} r
                 WHERE NOT EXISTS (SELECT 1 FROM keyctl.keys k WHERE k.seq = r.seq)"
            ),
        )?;
        if lost > 0 {
            let problem = format!("a row of {table} belongs to no key");
            return Err(StoreError::caused(StoreFault::Corrupt, problem));
        }
    }
    match number(session, &bindings::differing("keyctl"))? {
        0 => Ok(()),
        _ => Err(StoreError::caused(StoreFault::Corrupt, bindings::PROBLEM)),
    }
}

fn number(session: &PostgresSession<'_>, sql: &str) -> Result<i64, StoreError> {
    let mut number = None;
    session.query(sql, &[], |row| {
        number = row.int(0).map_err(unread)?;
        Ok(ControlFlow::Break(()))
    })?;
    Ok(number.unwrap_or_default())
}

fn text(row: &impl Row) -> Result<Option<String>, StoreError> {
    Ok(row.text(0).map_err(unread)?.map(str::to_owned))
}

fn unread(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> StoreError {
    StoreError::caused(StoreFault::Other, error)
}

/// How the server keeps the store.
pub(super) fn upkeep(session: &PostgresSession<'_>) -> Result<Upkeep, StoreError> {
    let rows = session.query_raw(
        "SELECT current_setting('server_version'), current_setting('synchronous_commit', true),
                current_setting('fsync', true), pg_is_in_recovery(),
                (SELECT coalesce(sum(pg_total_relation_size(c.oid::regclass)), 0)::BIGINT
                 FROM pg_class c
                 WHERE c.relnamespace = 'keyctl'::regnamespace AND c.relkind = 'r')",
        &[],
    )?;
    let row = rows.first().ok_or_else(|| {
        StoreError::caused(StoreFault::Other, "the server says nothing of itself")
    })?;
    let setting = |index| row.try_get::<_, Option<&str>>(index).map_err(fault);
    let (version, commit, fsync) = (setting(0)?, setting(1)?, setting(2)?);
    let is_replica: bool = row.try_get(3).map_err(fault)?;
    let len: i64 = row.try_get(4).map_err(fault)?;
    // What counts is the version itself, and not who packaged it.
    let version = version.and_then(|text| text.split(' ').next());
    Ok(Upkeep {
        engine: format!("PostgreSQL {}", version.unwrap_or("?")),
        journal: format!("synchronous_commit {}", commit.unwrap_or("?")),
        weakness: match (fsync, commit) {
            (Some("off"), _) => Some(Weakness::NeverSynced),
            (_, Some("off")) => Some(Weakness::CommitsLate),
            _ => None,
        },
        len: len.unsigned_abs(),
        log_len: None,
        free_len: None,
        ballast_len: 0,
        max_ballast_len: 0,
        unwritable: is_replica.then_some(StoreFault::ReadOnly),
    })
}
