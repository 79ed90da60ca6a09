//! Which store a database holds, and the steps that bring it up to date.
//!
//! A step is not one transaction: not every server that speaks this protocol can
//! change tables in one. Instead each of its statements can be run again, and
//! the version moves on only from the one before: of programs that take a step at
//! once, all do the same, and each goes on from where it finds the store.

use postgres::Client;
use postgres::error::SqlState;
use postgres::types::Type;

use super::fault::fault;
use crate::domain::{Head, StoreError, StoreFault};
use crate::store::backoff::Backoff;
use crate::store::schema::{Step, missing_steps};

const STEPS: &[Step] = &[
    Step {
        number: 1,
        sql: include_str!("0001_keys_and_events.sql"),
    },
    Step {
        number: 2,
        sql: include_str!("0002_policy.sql"),
    },
];

/// The step that the store has taken last; `None` if there is no store.
pub(super) fn version(client: &mut Client) -> Result<Option<i64>, StoreError> {
    let answer = client.query_typed("SELECT version FROM keyctl.version WHERE one = 1", &[]);
    let rows = match answer {
        Err(error) if is_missing(&error) => return Ok(None),
        answer => answer.map_err(fault)?,
    };
    let version = rows.first().map(|row| row.try_get(0)).transpose();
    // A store whose first step was cut off is none yet.
    Ok(version.map_err(fault)?.filter(|version: &i64| *version > 0))
}

fn is_missing(error: &postgres::Error) -> bool {
    [SqlState::UNDEFINED_TABLE, SqlState::INVALID_SCHEMA_NAME]
        .iter()
        .any(|state| error.code() == Some(state))
}

/// Whether there are steps that the store has not taken.
///
/// # Errors
/// [`StoreFault::Newer`] if it has taken more than this program knows.
pub(super) fn is_outdated(version: Option<i64>) -> Result<bool, StoreError> {
    Ok(missing_steps(STEPS, version.unwrap_or(0))?.next().is_some())
}

/// Takes the steps that are missing, beside others who do the same.
pub(super) fn migrate(client: &mut Client) -> Result<(), StoreError> {
    let mut backoff = Backoff::new();
    loop {
        match take_steps(client) {
            Err(TakeError::Raced(_)) if backoff.wait() => {}
            Err(TakeError::Raced(error) | TakeError::Failed(error)) => return Err(error),
            Ok(()) => return Ok(()),
        }
    }
}

enum TakeError {
    /// Others made the same thing at the same moment.
    Raced(StoreError),
    Failed(StoreError),
}

impl From<postgres::Error> for TakeError {
    fn from(error: postgres::Error) -> TakeError {
        // CREATE … IF NOT EXISTS looks first and makes then: two at once collide
        // in the server's own catalogue.
        let raced = [
            "23505", "42P06", "42P07", "42710", "42723", "XX000", "40001", "40P01",
        ];
        let is_race = error
            .code()
            .is_some_and(|state| raced.contains(&state.code()));
        if is_race {
            TakeError::Raced(fault(error))
        } else {
            TakeError::Failed(fault(error))
        }
    }
}

impl From<StoreError> for TakeError {
    fn from(error: StoreError) -> TakeError {
        TakeError::Failed(error)
    }
}

fn take_steps(client: &mut Client) -> Result<(), TakeError> {
    make_version(client)?;
    let taken: i64 = client
        .query_one("SELECT version FROM keyctl.version WHERE one = 1", &[])?
        .try_get(0)?;
    for step in missing_steps(STEPS, taken)? {
        for statement in step.sql.split_inclusive(";\n") {
            client.batch_execute(statement)?;
        }
        if step.number == 1 {
            make_head(client)?;
        }
        client.execute_typed(
            "UPDATE keyctl.version SET version = $1 WHERE one = 1 AND version = $1 - 1",
            &[(&step.number, Type::INT8)],
        )?;
    }
    Ok(())
}

/// Makes the schema and the table that says which steps were taken.
fn make_version(client: &mut Client) -> Result<(), TakeError> {
    let tables = "SELECT c.relname FROM pg_namespace n
                  LEFT JOIN pg_class c ON c.relnamespace = n.oid
                  WHERE n.nspname = 'keyctl'";
    let found = client.query_typed(tables, &[])?;
    // Only if it is not there: who may use a schema need not be allowed to make one.
    if found.is_empty() {
        client.batch_execute("CREATE SCHEMA IF NOT EXISTS keyctl")?;
    }
    let names: Vec<Option<&str>> = found
        .iter()
        .map(|row| row.try_get(0))
        .collect::<Result<_, _>>()?;
    if names.iter().any(Option::is_some) && !names.contains(&Some("version")) {
        return Err(StoreError::new(StoreFault::Foreign(
            "the schema keyctl of this database is another program's",
        ))
        .into());
    }
    client.batch_execute(
        "CREATE TABLE IF NOT EXISTS keyctl.version (
             one     BIGINT NOT NULL PRIMARY KEY CHECK (one = 1),
             version BIGINT NOT NULL
         );
         INSERT INTO keyctl.version (one, version) VALUES (1, 0) ON CONFLICT (one) DO NOTHING",
    )?;
    Ok(())
}

/// Gives the log its beginning, unless somebody else has.
fn make_head(client: &mut Client) -> Result<(), TakeError> {
    let head =
        Head::of_new_store().map_err(|error| StoreError::caused(StoreFault::Other, error))?;
    client.execute_typed(
        "INSERT INTO keyctl.head (one, store_id, seq) VALUES (1, $1, $2)
         ON CONFLICT (one) DO NOTHING",
        &[(&head.store_id, Type::TEXT), (&head.seq, Type::INT8)],
    )?;
    Ok(())
}
