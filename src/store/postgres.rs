//! The engine for many machines: the schema `keyctl` of a PostgreSQL database.
//!
//! This file begins transactions. `settings` says where the server is and how it is
//! reached, `connect` reaches it, with a password of `passfile` and as safely as
//! `tls` demands, and `refusal` says why it did not. `setup` makes the tables,
//! `session` runs statements in a transaction, `check` holds the tables against
//! themselves, `fault` says what an error means.

mod begin;
mod check;
mod connect;
mod endpoint;
mod fault;
mod grants;
mod passfile;
mod refusal;
mod session;
mod settings;
mod setup;
mod tls;

use std::env;
use std::time::Duration;

use postgres::Client;
use postgres::types::Type;

use super::backoff::Backoff;
use super::location::scheme;
use super::opening::{Duty, Freshness, IfMissing, unsupported};
use super::sql::SqlTx;
use super::{PrivateFile, Store, Tx, Upkeep};
use crate::domain::{ConnectionFault, Head, KeyId, StoreError, StoreFault, Timestamp};
use begin::{Begin, roll_back};
use fault::fault;
use session::PostgresSession;
use settings::Settings;

/// How long it may take to reach a server.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(30);
/// As long as it may take to suggest something while a command is typed.
const PEEK_TIMEOUT: Duration = Duration::from_secs(1);

/// Where connections are made to.
struct Server {
    settings: Settings,
    freshness: Freshness,
}

pub(super) struct Postgres {
    server: Server,
    client: Client,
    /// Whether it was opened only to be read.
    is_peeking: bool,
}

impl Postgres {
    /// Opens the store of that URL; `None` if there is none, and none is to be
    /// made.
    pub(super) fn open(
        url: &str,
        freshness: Freshness,
        if_missing: IfMissing,
    ) -> Result<Option<Postgres>, StoreError> {
        let mut store = Postgres::connect(url, freshness, CONNECT_TIMEOUT)?;
        let version = setup::version(&mut store.client)?;
        match (version, if_missing) {
            (None, IfMissing::Fail) => return Err(StoreError::new(StoreFault::Missing)),
            (None, IfMissing::Pretend) => return Ok(None),
            _ => {}
        }
        if setup::is_outdated(version)? {
            let migrated = setup::migrate(&mut store.client);
            migrated.map_err(|error| unmigrated(version.is_some(), error))?;
        }
        Ok(Some(store))
    }

    /// Whether there is a store at that URL.
    pub(super) fn is_there(url: &str) -> Result<bool, StoreError> {
        let mut store = Postgres::connect(url, Freshness::MayLag, CONNECT_TIMEOUT)?;
        Ok(setup::version(&mut store.client)?.is_some())
    }

    /// Opens the store of that URL to be read, without changing it.
    pub(super) fn peek(url: &str) -> Result<Postgres, StoreError> {
        let mut store = Postgres::connect(url, Freshness::MayLag, PEEK_TIMEOUT)?;
        let version = setup::version(&mut store.client)?;
        if version.is_none() {
            return Err(StoreError::new(StoreFault::Missing));
        }
        if setup::is_outdated(version)? {
            return Err(StoreError::new(StoreFault::ReadOnly));
        }
        store.is_peeking = true;
        Ok(store)
    }

    /// The statements that allow `role` what its duty takes.
    pub(super) fn grants(url: &str, duty: Duty, role: &str) -> Result<Vec<String>, StoreError> {
        Ok(grants::grants(&settings(url)?, duty, role))
    }

    fn connect(
        url: &str,
        freshness: Freshness,
        deadline: Duration,
    ) -> Result<Postgres, StoreError> {
        let server = Server {
            settings: settings(url)?,
            freshness,
        };
        let client = server.connect(deadline)?;
        Ok(Postgres {
            server,
            client,
            is_peeking: false,
        })
    }

    fn check_writable(&self) -> Result<(), StoreError> {
        if self.is_peeking {
            return Err(StoreError::new(StoreFault::ReadOnly));
        }
        Ok(())
    }

    /// Begins a transaction. Of a connection that was lost meanwhile there is
    /// nothing to save, and another one is made.
    fn begin(&mut self, begin: Begin) -> Result<PostgresSession<'_>, StoreError> {
        match self.server.begin(&mut self.client, begin) {
            Err(error) if is_lost(&error) => {
                self.client = self.server.connect(CONNECT_TIMEOUT)?;
                self.server.begin(&mut self.client, begin)?;
            }
            begun => begun?,
        }
        Ok(PostgresSession::new(&mut self.client, &self.server))
    }
}

impl Server {
    fn connect(&self, deadline: Duration) -> Result<Client, StoreError> {
        let allow_replica = self.freshness == Freshness::MayLag;
        self.settings.connect(allow_replica, deadline)
    }

    fn begin(&self, client: &mut Client, begin: Begin) -> Result<(), StoreError> {
        let begun = client.batch_execute(&begin.sql());
        if begun.is_err() {
            // It may have begun, and failed at the lock.
            roll_back(client);
        }
        begun.map_err(fault)
    }

    /// Whether the log goes on to `end`, or beyond it, after the connection was
    /// lost while that was being committed.
    ///
    /// # Errors
    /// [`ConnectionFault::Unconfirmed`] if nobody answers in time.
    fn is_committed(&self, end: &Head) -> Result<bool, StoreError> {
        let mut backoff = Backoff::new();
        loop {
            match self.look_up(end, backoff.left()) {
                Ok(is_there) => return Ok(is_there),
                Err(_) if backoff.wait() => {}
                Err(error) => {
                    let fault = StoreFault::Connection(ConnectionFault::Unconfirmed);
                    return Err(StoreError::caused(fault, error));
                }
            }
        }
    }

    fn look_up(&self, end: &Head, deadline: Duration) -> Result<bool, StoreError> {
        let mut client = self.connect(deadline)?;
        // The lost transaction may be under way still. It holds the lock that
        // this waits for, so that it has ended one way or the other.
        self.begin(&mut client, Begin::Write)?;
        let rows = client
            .query_typed(
                "SELECT hash FROM events WHERE seq = $1",
                &[(&end.seq, Type::INT8)],
            )
            .map_err(fault)?;
        let found: Option<&[u8]> = match rows.first() {
            Some(row) => row.try_get(0).map_err(fault)?,
            None => None,
        };
        Ok(found == end.hash.as_ref().map(|hash| hash.as_bytes().as_slice()))
    }
}

impl Store for Postgres {
    fn read(&mut self) -> Result<Box<dyn Tx + '_>, StoreError> {
        Ok(Box::new(SqlTx::new(self.begin(Begin::Read)?)))
    }

    fn write(&mut self) -> Result<Box<dyn Tx + '_>, StoreError> {
        self.check_writable()?;
        Ok(Box::new(SqlTx::new(self.begin(Begin::Write)?)))
    }

    fn touch(&mut self, uses: &[(KeyId, Timestamp)]) -> Result<(), StoreError> {
        self.check_writable()?;
        // In one order, so that two of them do not wait for each other.
        let mut uses: Vec<(&str, i64)> = uses
            .iter()
            .map(|(id, at)| (id.as_str(), at.as_unix()))
            .collect();
        uses.sort_unstable();
        let (ids, times): (Vec<&str>, Vec<i64>) = uses.into_iter().unzip();
        let session = self.begin(Begin::Touch)?;
        session.query_raw(
            "SELECT record_use(used.id, used.at)
             FROM unnest($1, $2) WITH ORDINALITY AS used (id, at, place) ORDER BY used.place",
            &[(&ids, Type::TEXT_ARRAY), (&times, Type::INT8_ARRAY)],
        )?;
        session.finish()
    }

    fn upkeep(&mut self) -> Result<Upkeep, StoreError> {
        check::upkeep(&self.begin(Begin::Look)?)
    }

    fn copy_into(&mut self, _file: &PrivateFile) -> Result<(), StoreError> {
        Err(StoreError::new(StoreFault::HasOwnTools))
    }

    fn give_up_ballast(&mut self, _fault: &StoreFault) -> Result<bool, StoreError> {
        Ok(false)
    }
}

/// What the URL and the environment say.
fn settings(url: &str) -> Result<Settings, StoreError> {
    match scheme(url) {
        "postgres" | "postgresql" => Settings::new(url, &|name| env::var_os(name)),
        _ => Err(unsupported(url)),
    }
}

/// Why a store was not brought up to date, or made.
fn unmigrated(is_there: bool, error: StoreError) -> StoreError {
    match error.fault() {
        StoreFault::ReadOnly
        | StoreFault::Foreign(_)
        | StoreFault::Connection(ConnectionFault::NoRight)
            if is_there =>
        {
            StoreError::caused(StoreFault::Outdated, error)
        }
        _ => error,
    }
}

/// Whether the connection is gone, and with it all that was not committed.
fn is_lost(error: &StoreError) -> bool {
    matches!(error.fault(), StoreFault::Connection(ConnectionFault::Lost))
}
