//! Opening a store, whichever engine has it; making a copy of one its present.

use std::path::Path;

use super::location::{Location, scheme};
#[cfg(not(feature = "postgres"))]
use super::no_server::NoServer as Server;
#[cfg(feature = "postgres")]
use super::postgres::Postgres as Server;
use super::{Store, Tx, sqlite};
use crate::domain::{Error, FileFacts, StoreError, StoreFault};

/// What to do where there is no store yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IfMissing {
    /// Fail: a revocation aimed at the wrong place must not look done.
    Fail,
    /// Make one.
    Create,
    /// Work on one that nobody else sees, and leave nothing behind.
    Pretend,
}

/// Opens the store at `location`, bringing an older one up to date.
///
/// # Errors
/// [`StoreFault`] tells a store that is missing from one that is locked,
/// unreadable, foreign, newer or damaged, or on a server that is not reached.
pub fn open(location: &Location, if_missing: IfMissing) -> Result<Box<dyn Store>, StoreError> {
    match location {
        Location::File(path) => Ok(Box::new(sqlite::Sqlite::open(path, if_missing)?)),
        Location::Url(url) => open_server(url, Freshness::Newest, if_missing),
    }
}

/// Opens the store at `location` that is there, on a replica too: what that shows
/// may be older than what was changed, a revoked key that is still valid included.
///
/// # Errors
/// As [`open`].
pub fn open_replica(location: &Location) -> Result<Box<dyn Store>, StoreError> {
    match location {
        Location::File(_) => open(location, IfMissing::Fail),
        Location::Url(url) => open_server(url, Freshness::MayLag, IfMissing::Fail),
    }
}

/// Opens the store at `location` to be read without leaving a trace: nothing is
/// made, written or waited for. What it shows may be a moment old.
///
/// # Errors
/// As [`open`]; a store that would have to be brought up to date first is
/// [`StoreFault::ReadOnly`].
pub fn peek(location: &Location) -> Result<Box<dyn Store>, StoreError> {
    match location {
        Location::File(path) => Ok(Box::new(sqlite::Sqlite::peek(path)?)),
        Location::Url(url) => Ok(Box::new(Server::peek(url)?)),
    }
}

/// Whether there is anything in the place of a store.
///
/// # Errors
/// The server cannot be asked.
pub fn is_there(location: &Location) -> Result<bool, StoreError> {
    match location {
        Location::File(path) => Ok(path.exists()),
        Location::Url(url) => Server::is_there(url),
    }
}

/// How old what a store shows may be.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Freshness {
    Newest,
    MayLag,
}

fn open_server(
    url: &str,
    freshness: Freshness,
    if_missing: IfMissing,
) -> Result<Box<dyn Store>, StoreError> {
    Ok(match Server::open(url, freshness, if_missing)? {
        Some(store) => Box::new(store),
        // What is only tried out needs no server.
        None => Box::new(sqlite::Sqlite::pretended()?),
    })
}

/// A copy of a backup, brought up to date, that nobody else sees and that is gone
/// afterwards.
pub struct Backup(sqlite::Copied);

impl Backup {
    /// Reads the backup in this file, which stays as it is.
    ///
    /// # Errors
    /// As [`open`].
    pub fn open(file: &Path) -> Result<Backup, StoreError> {
        sqlite::Copied::of(file).map(Backup)
    }

    /// Begins a transaction that sees what it is at that time.
    ///
    /// # Errors
    /// The engine's faults.
    pub fn read(&self) -> Result<Box<dyn Tx + '_>, StoreError> {
        self.0.read()
    }
}

/// What is in the place of a store that is to be replaced.
pub enum Present<'a> {
    /// Nothing, or an empty file.
    Missing,
    /// The store.
    Store(&'a dyn Tx),
    /// Something that cannot be read, and why.
    Unreadable(&'a StoreError),
}

/// Whether the store at `location` is copied and brought back by keyctl.
///
/// # Errors
/// [`StoreFault::HasOwnTools`] if not.
pub fn check_backups(location: &Location) -> Result<(), StoreError> {
    match location {
        Location::File(_) => Ok(()),
        Location::Url(_) => Err(StoreError::new(StoreFault::HasOwnTools)),
    }
}

/// Replaces the store at `location` by `backup`, in one transaction, while nobody
/// else writes it.
///
/// `work` is shown what is there, may change what is coming, and says whether to
/// go on; that is the answer. What was there is put into the new file `kept`
/// first.
///
/// # Errors
/// Those of `work`, and the engine's faults; nothing was replaced then.
pub fn restore(
    location: &Location,
    backup: &Backup,
    kept: &Path,
    work: &mut dyn FnMut(Present<'_>, &mut dyn Tx) -> Result<bool, Error>,
) -> Result<bool, Error> {
    match location {
        Location::File(path) => sqlite::restore(path, &backup.0, kept, work),
        Location::Url(_) => Err(StoreError::new(StoreFault::HasOwnTools).into()),
    }
}

/// The files of the store at `location` and the folders that they stand in;
/// nothing of a store on a server.
///
/// # Errors
/// Those of finding it.
pub fn survey(location: &Location) -> Result<Vec<FileFacts>, StoreError> {
    match location {
        Location::File(path) => sqlite::survey(path),
        Location::Url(_) => Ok(Vec::new()),
    }
}

/// Of those that [`survey`] tells of, the store's file and the folder that it stands in.
///
/// # Errors
/// As [`survey`].
pub fn survey_place(location: &Location) -> Result<Vec<FileFacts>, StoreError> {
    match location {
        Location::File(path) => sqlite::survey_place(path),
        Location::Url(_) => Ok(Vec::new()),
    }
}

/// What a role of a server is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Duty {
    /// Checking tokens and recording their use.
    Verifier,
    /// Issuing, changing and ending keys.
    Admin,
}

impl Duty {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Duty::Verifier => "verifier",
            Duty::Admin => "admin",
        }
    }
}

/// The statements by which the owner of the store at `location` allows `role` what
/// its duty takes. Nothing is asked of the server.
///
/// # Errors
/// [`StoreFault::NoRoles`] for a store in a file, and those of the URL.
pub fn grants(location: &Location, duty: Duty, role: &str) -> Result<Vec<String>, StoreError> {
    match location {
        Location::File(_) => Err(StoreError::new(StoreFault::NoRoles)),
        Location::Url(url) => Server::grants(url, duty, role),
    }
}

/// Whether a file of this name would be taken for one that belongs to a store: a
/// backup of that name would be overwritten or removed.
pub fn has_name_beside_a_store(file: &Path) -> bool {
    sqlite::has_name_beside_a_store(file)
}

pub(super) fn unsupported(url: &str) -> StoreError {
    StoreError::new(StoreFault::Unsupported {
        scheme: scheme(url).to_owned(),
    })
}
