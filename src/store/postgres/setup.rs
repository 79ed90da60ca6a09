//! Which store a database holds, and the steps that bring it up to date.
//!
//! A step is not one transaction: not every server that speaks this protocol can
//! change tables in one. Instead each of its statements can be run again, and
//! the version moves on only from the one before: of programs that take a step at
//! once, all do the same, and each goes on from where it finds the store.

use postgres::error::SqlState;
use postgres::types::Type;
use postgres::{Client, SimpleQueryMessage};

use super::begin::{Begin, roll_back};
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
    Step {
        number: 3,
        sql: include_str!("0003_rows_together.sql"),
    },
];

/// The step that the store has taken last; `None` if there is no store.
pub(super) fn version(client: &mut Client) -> Result<Option<i64>, StoreError> {
    let look = Begin::Look.sql();
    let answer = client.simple_query(&format!(
        "{look}; SELECT version FROM keyctl.version WHERE one = 1; COMMIT"
    ));
    let messages = match answer {
        Ok(messages) => messages,
        Err(error) => {
            roll_back(client);
            return absent(client, error).map(|()| None);
        }
    };
    let text = messages.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => row.get(0),
        _ => None,
    });
    let version = text.map(str::parse::<i64>).transpose();
    let version = version.map_err(|_| foreign())?;
    // A store whose first step was cut off is none yet.
    Ok(version.filter(|version| *version > 0))
}

/// Whether it failed for want of a store, and nothing of somebody else's is there.
///
/// # Errors
/// [`StoreFault::Foreign`], and whatever else it failed for.
fn absent(client: &mut Client, error: postgres::Error) -> Result<(), StoreError> {
    match error.code().map(SqlState::code) {
        Some("42P01" | "3F000") => {}
        // The column is missing, or of a type that is held against no number.
        Some("42703" | "42883") => return Err(foreign()),
        _ => return Err(fault(error)),
    }
    let look = Begin::Look.sql();
    let answer = client.simple_query(&format!(
        "{look};
         SELECT 1 FROM pg_class WHERE relnamespace = to_regnamespace('keyctl')
         HAVING count(*) > 0 AND NOT bool_or(relname = 'version');
         COMMIT"
    ));
    if answer.is_err() {
        roll_back(client);
    }
    let is_row = |message: &SimpleQueryMessage| matches!(message, SimpleQueryMessage::Row(_));
    match answer.map_err(fault)?.iter().any(is_row) {
        true => Err(foreign()),
        false => Ok(()),
    }
}

fn foreign() -> StoreError {
    let what = "the schema keyctl of this database is another program's";
    StoreError::new(StoreFault::Foreign(what))
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
        // And a column that a statement speaks of is gone once they are some steps on.
        let raced = [
            "23505", "42P06", "42P07", "42710", "42723", "XX000", "40001", "40P01", "42703",
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

/// In a transaction of its own.
fn alone<T>(
    client: &mut Client,
    work: impl FnOnce(&mut Client) -> Result<T, postgres::Error>,
) -> Result<T, postgres::Error> {
    let begun = client.batch_execute(&Begin::Make.sql());
    let done = begun.and_then(|()| work(client)).and_then(|result| {
        client.batch_execute("COMMIT")?;
        Ok(result)
    });
    if done.is_err() {
        roll_back(client);
    }
    done
}

fn take_steps(client: &mut Client) -> Result<(), TakeError> {
    check_encoding(client)?;
    while !has_schema(client)? {
        // Only if it is not there: who may use a schema need not be allowed to make one.
        alone(client, |client| {
            client.batch_execute("CREATE SCHEMA keyctl")
        })?;
    }
    let taken = make_version(client)?;
    for step in missing_steps(STEPS, taken)? {
        for statement in step.sql.split_inclusive(";\n") {
            alone(client, |client| client.batch_execute(statement))?;
        }
        if step.number == 1 {
            make_head(client)?;
        }
        alone(client, |client| {
            client.execute_typed(
                "UPDATE keyctl.version SET version = $1 WHERE one = 1 AND version = $1 - 1",
                &[(&step.number, Type::INT8)],
            )
        })?;
    }
    Ok(())
}

/// Texts are any that Unicode has.
fn check_encoding(client: &mut Client) -> Result<(), TakeError> {
    let encoding: String = alone(client, |client| {
        client.query_one("SHOW server_encoding", &[])?.try_get(0)
    })?;
    if encoding == "UTF8" {
        return Ok(());
    }
    Err(StoreError::new(StoreFault::Foreign(
        "the encoding of its database is not UTF8",
    ))
    .into())
}

/// Whether there is the schema, with nothing in it that somebody else put there: what
/// is there already is not made again, and whoever owns it can do with it what they
/// like.
fn has_schema(client: &mut Client) -> Result<bool, TakeError> {
    let rows = alone(client, |client| {
        client.query_typed(
            "SELECT n.nspowner = r.oid, o.name, o.owner = r.oid
             FROM pg_namespace n JOIN pg_roles r ON r.rolname = current_user
             LEFT JOIN (SELECT relname AS name, relowner AS owner, relnamespace AS place
                        FROM pg_class
                        UNION ALL SELECT proname, proowner, pronamespace FROM pg_proc) o
             ON o.place = n.oid
             WHERE n.nspname = 'keyctl'",
            &[],
        )
    })?;
    let mut names: Vec<&str> = Vec::new();
    for row in &rows {
        let (name, is_own): (Option<&str>, Option<bool>) = (row.try_get(1)?, row.try_get(2)?);
        if !row.try_get::<_, bool>(0)? || is_own == Some(false) {
            return Err(StoreError::new(StoreFault::Foreign(
                "the schema keyctl of this database is another role's",
            ))
            .into());
        }
        names.extend(name);
    }
    if !names.is_empty() && !names.contains(&"version") {
        return Err(foreign().into());
    }
    Ok(!rows.is_empty())
}

/// Makes the table that says which steps were taken; the last of them.
fn make_version(client: &mut Client) -> Result<i64, TakeError> {
    let taken = alone(client, |client| {
        client.batch_execute(
            "CREATE TABLE IF NOT EXISTS keyctl.version (
                 one     BIGINT NOT NULL PRIMARY KEY CHECK (one = 1),
                 version BIGINT NOT NULL
             );
             INSERT INTO keyctl.version (one, version) VALUES (1, 0) ON CONFLICT (one) DO NOTHING",
        )?;
        client
            .query_one("SELECT version FROM keyctl.version WHERE one = 1", &[])?
            .try_get(0)
    })?;
    Ok(taken)
}

/// Gives the log its beginning, unless somebody else has.
fn make_head(client: &mut Client) -> Result<(), TakeError> {
    let head =
        Head::of_new_store().map_err(|error| StoreError::caused(StoreFault::Other, error))?;
    alone(client, |client| {
        client.execute_typed(
            "INSERT INTO keyctl.head (one, store_id, seq) VALUES (1, $1, $2)
             ON CONFLICT (one) DO NOTHING",
            &[(&head.store_id, Type::TEXT), (&head.seq, Type::INT8)],
        )
    })?;
    Ok(())
}
