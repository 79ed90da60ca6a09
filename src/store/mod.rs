//! Where keys live: rows in and rows out, and not one rule.
//!
//! The promise of every engine: a write transaction runs as if it were alone;
//! dropped without a commit, it leaves nothing.

pub(crate) mod backoff;
#[cfg(feature = "postgres")]
mod postgres;
mod private_file;
mod schema;
mod sql;
#[cfg(feature = "sqlite")]
mod sqlite;
mod url;

#[cfg(not(feature = "sqlite"))]
compile_error!("a store needs the feature `sqlite`, one on a server too, for what is tried out");

use std::convert::Infallible;
use std::fmt;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::str::FromStr;

pub use private_file::PrivateFile;

use crate::domain::{
    Action, Actor, Digest, Error, Event, FileFacts, Head, Key, KeyId, KeyName, Policy, StoreError,
    StoreFault, Target, TargetId, Timestamp, Workspace,
};

/// A place where keys live, to be read and written in transactions.
pub trait Store: Send {
    /// Begins a transaction that sees one state of the store throughout.
    ///
    /// # Errors
    /// [`StoreFault::Locked`] and the other faults of the engine.
    fn read(&mut self) -> Result<Box<dyn Tx + '_>, StoreError>;

    /// Begins a transaction that may write, alone from its first moment.
    ///
    /// # Errors
    /// [`StoreFault::Locked`] if others write for too long.
    fn write(&mut self) -> Result<Box<dyn Tx + '_>, StoreError>;

    /// Records uses of keys, each only if it is later than the one recorded.
    /// Kept apart from the rows, so that a row written whole cannot undo it.
    ///
    /// # Errors
    /// As [`write`](Self::write), but after a shorter wait: callers go on
    /// without the record.
    fn touch(&mut self, uses: &[(KeyId, Timestamp)]) -> Result<(), StoreError>;

    /// How the store is kept.
    ///
    /// # Errors
    /// The engine's faults.
    fn upkeep(&mut self) -> Result<Upkeep, StoreError>;

    /// Copies all of it, as it is at one moment, into a file that is empty. The
    /// file is not synced.
    ///
    /// # Errors
    /// The engine's faults; one that has its own tools for it is
    /// [`StoreFault::Unsupported`].
    fn copy_into(&mut self, file: &PrivateFile) -> Result<(), StoreError>;

    /// After this fault, gives up a piece of the room that is kept for the day the
    /// disk is full, and says whether it was for want of room and there was any.
    ///
    /// # Errors
    /// The faults of opening the store anew.
    fn give_up_ballast(&mut self, fault: &StoreFault) -> Result<bool, StoreError>;
}

/// One transaction. Absence is `None`; an error is a fault of the store.
pub trait Tx {
    /// The end of the log.
    ///
    /// # Errors
    /// The engine's faults, as for every verb here.
    fn head(&self) -> Result<Head, StoreError>;

    /// The key whose token has this digest, in whatever workspace.
    ///
    /// # Errors
    /// The engine's faults.
    fn key_by_digest(&self, digest: &Digest) -> Result<Option<Key>, StoreError>;

    /// The key of this id, in whatever workspace.
    ///
    /// # Errors
    /// The engine's faults.
    fn key(&self, id: &KeyId) -> Result<Option<Key>, StoreError>;

    /// Hands over the keys that fit, one by one and in order, until told to stop.
    ///
    /// # Errors
    /// The engine's faults.
    fn keys(
        &self,
        filter: &Filter,
        page: &Page,
        each: &mut dyn FnMut(Key) -> ControlFlow<()>,
    ) -> Result<(), StoreError>;

    /// How many keys bound to exactly this target are live at `now`; the same
    /// question as [`Key::is_live`], asked of many rows.
    ///
    /// # Errors
    /// The engine's faults.
    fn count_live(
        &self,
        workspace: &Workspace,
        target: &Target,
        now: Timestamp,
    ) -> Result<u64, StoreError>;

    /// Hands over every key, of whatever workspace, with the number of the
    /// event that added it, in the order of these numbers.
    ///
    /// # Errors
    /// The engine's faults.
    fn rows(&self, each: &mut dyn FnMut(i64, Key) -> ControlFlow<()>) -> Result<(), StoreError>;

    /// Adds a row, to which the event that is appended next belongs. Its last
    /// use is not stored.
    ///
    /// # Errors
    /// The engine's faults; an id or a digest that is there already is one.
    fn insert_key(&mut self, key: &Key) -> Result<(), StoreError>;

    /// Adds a row as it was in another store, to which the event of this number
    /// belongs. Its last use is not stored.
    ///
    /// # Errors
    /// The engine's faults; an id, a digest or a number that is there already is
    /// one.
    fn restore_key(&mut self, added_by: i64, key: &Key) -> Result<(), StoreError>;

    /// Records a use of a key with all else that is written, if it is later than
    /// the one recorded. [`Store::touch`] is for uses that happen now.
    ///
    /// # Errors
    /// The engine's faults; a row that is not there is one.
    fn record_use(&mut self, id: &KeyId, at: Timestamp) -> Result<(), StoreError>;

    /// Allows this connection as much memory as it takes to write very many rows
    /// at once; they are written all the same without it, and slowly. With it, what
    /// is wrong with a row may be found later, at the latest by the commit.
    ///
    /// # Errors
    /// The engine's faults.
    fn expect_many(&mut self) -> Result<(), StoreError>;

    /// Makes this store the one of that id, before the first event of its log:
    /// what it knows of its own making is forgotten.
    ///
    /// # Errors
    /// The engine's faults; a store that holds a key, or in whose log anything
    /// but its making is told, is one.
    fn adopt(&mut self, store_id: &str) -> Result<(), StoreError>;

    /// Writes the row of `key.id` again, whole, its last use left out.
    ///
    /// # Errors
    /// The engine's faults; a row that is not there is one.
    fn update_key(&mut self, key: &Key) -> Result<(), StoreError>;

    /// Takes a row away, with its bindings and its last use.
    ///
    /// # Errors
    /// The engine's faults; a row that is not there is one.
    fn delete_key(&mut self, id: &KeyId) -> Result<(), StoreError>;

    /// Adds an event to the log and makes it the head.
    ///
    /// # Errors
    /// The engine's faults; an event that does not follow the head is one.
    fn append_event(&mut self, event: &Event) -> Result<(), StoreError>;

    /// Hands over the events that fit, in order, until told to stop.
    ///
    /// # Errors
    /// The engine's faults.
    fn events(
        &self,
        filter: &EventFilter,
        each: &mut dyn FnMut(Event) -> ControlFlow<()>,
    ) -> Result<(), StoreError>;

    /// The policy; the default where nothing else was set.
    ///
    /// # Errors
    /// The engine's faults.
    fn policy(&self) -> Result<Policy, StoreError>;

    /// Writes the policy, whole.
    ///
    /// # Errors
    /// The engine's faults.
    fn set_policy(&mut self, policy: &Policy) -> Result<(), StoreError>;

    /// Holds a part of the store against the rest of it.
    ///
    /// # Errors
    /// [`StoreFault::Corrupt`], whose source names the first thing that is not so.
    fn check(&self, part: Part) -> Result<(), StoreError>;

    /// Makes all of it durable; it is when this returns.
    ///
    /// # Errors
    /// The engine's faults. The transaction has then left nothing, unless the
    /// disk itself failed: what it was told to keep may come back after a crash.
    fn commit(self: Box<Self>) -> Result<(), StoreError>;
}

/// How a store is kept, apart from what is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upkeep {
    /// The engine, and its version.
    pub engine: String,
    /// How it keeps commits, in the engine's word.
    pub journal: String,
    /// What is not as good about that as it could be.
    pub weakness: Option<Weakness>,
    /// How long the store is, in bytes.
    pub len: u64,
    /// How much of it stands beside it for now, in bytes, if anything ever does.
    pub log_len: Option<u64>,
    /// How much may still be written where it is, in bytes, if that can be told.
    pub free_len: Option<u64>,
    /// How much room is kept for the day the disk is full, in bytes.
    pub ballast_len: u64,
    /// How much is to be kept, in bytes; 0 is none.
    pub max_ballast_len: u64,
    /// Why it cannot be written, if so.
    pub unwritable: Option<StoreFault>,
}

/// In what a store is kept less well than it could be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weakness {
    /// Readers and writers wait for each other.
    ReadersWait,
    /// The server reports commits before they are on its disk, save those of
    /// keyctl, which asks for better.
    CommitsLate,
    /// The server never waits for its disk: a crash of its machine can cost
    /// commits, and the store.
    NeverSynced,
}

/// What of a store can be held against the rest of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Its tables, which are as the steps of its engine make them.
    Schema,
    /// Its indexes, which lead to the rows that are there.
    Indexes,
    /// Its references: no row belongs to a key that is gone.
    References,
}

impl Part {
    /// All of them.
    pub const ALL: [Part; 3] = [Part::Schema, Part::Indexes, Part::References];
}

/// Which keys: those that fit all of it.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Of this workspace; `None` is any.
    pub workspace: Option<Workspace>,
    /// That reach this.
    pub reach: Reach,
    /// Of exactly this name.
    pub name: Option<KeyName>,
    /// Whose id begins like this.
    pub id_prefix: Option<String>,
}

/// Which keys by what they reach.
#[derive(Debug, Clone, Default)]
pub enum Reach {
    /// Any.
    #[default]
    Anything,
    /// Those that can reach this dataset, workspace-wide ones included.
    Dataset(TargetId),
    /// Those bound to this dataset.
    BoundTo(TargetId),
    /// Those of this app.
    App(TargetId),
}

/// Which events: those that fit all of it.
#[derive(Debug, Clone, Default)]
pub struct EventFilter {
    /// Of keys of this workspace; `None` is any event.
    pub workspace: Option<Workspace>,
    /// Of this key.
    pub key_id: Option<KeyId>,
    /// That happened then or later.
    pub since: Option<Timestamp>,
    /// That this actor caused.
    pub actor: Option<Actor>,
    /// Of this kind.
    pub action: Option<Action>,
}

/// In what order, and from where on.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// What the keys are sorted by; equals keep the order of their issue.
    pub order: Order,
    /// Whether the greatest comes first.
    pub descending: bool,
    /// Only those that come after this key in that order.
    pub after: Option<KeyId>,
}

/// What keys are sorted by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Order {
    /// When they were issued.
    #[default]
    CreatedAt,
    /// When they end; those that never do are last.
    ExpiresAt,
    /// When they were last used; those that never were are first.
    LastUsedAt,
    /// Their name, by bytes; those without are last.
    Name,
    /// Their id.
    Id,
}

/// Where a store is.
#[derive(Clone, PartialEq, Eq)]
pub enum Location {
    /// In a file, and in the files SQLite keeps beside it.
    File(PathBuf),
    /// On a server, by its URL.
    Url(String),
}

impl FromStr for Location {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Location, Infallible> {
        Ok(if text.contains("://") {
            Location::Url(text.to_owned())
        } else {
            Location::File(PathBuf::from(text))
        })
    }
}

impl Location {
    /// Whether it is a URL with a password in it, or one that may hold one.
    pub fn holds_password(&self) -> bool {
        matches!(self, Location::Url(url) if url::holds_password(url))
    }
}

/// A URL is shown without its password, and one that is not understood by its
/// scheme alone.
impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Location::File(path) => path.display().fmt(f),
            Location::Url(url) => url::shown(url).fmt(f),
        }
    }
}

impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Location({self})")
    }
}

fn scheme(url: &str) -> &str {
    url.split("://").next().unwrap_or_default()
}

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
        Location::Url(url) => open_url(url, Freshness::Newest, if_missing),
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
        Location::Url(url) => open_url(url, Freshness::MayLag, IfMissing::Fail),
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
        Location::Url(url) => peek_url(url),
    }
}

/// Whether there is anything in the place of a store.
///
/// # Errors
/// The server cannot be asked.
pub fn is_there(location: &Location) -> Result<bool, StoreError> {
    match location {
        Location::File(path) => Ok(path.exists()),
        Location::Url(url) => is_there_at(url),
    }
}

/// How old what a store shows may be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Freshness {
    Newest,
    MayLag,
}

#[cfg(feature = "postgres")]
fn open_url(
    url: &str,
    freshness: Freshness,
    if_missing: IfMissing,
) -> Result<Box<dyn Store>, StoreError> {
    if !postgres::is_url(url) {
        return Err(unsupported(url));
    }
    Ok(
        match postgres::Postgres::open(url, freshness, if_missing)? {
            Some(store) => Box::new(store),
            // What is only tried out needs no server.
            None => Box::new(sqlite::Sqlite::pretended()?),
        },
    )
}

#[cfg(feature = "postgres")]
fn peek_url(url: &str) -> Result<Box<dyn Store>, StoreError> {
    if !postgres::is_url(url) {
        return Err(unsupported(url));
    }
    Ok(Box::new(postgres::Postgres::peek(url)?))
}

#[cfg(feature = "postgres")]
fn is_there_at(url: &str) -> Result<bool, StoreError> {
    if !postgres::is_url(url) {
        return Err(unsupported(url));
    }
    postgres::Postgres::is_there(url)
}

#[cfg(not(feature = "postgres"))]
fn open_url(url: &str, _: Freshness, _: IfMissing) -> Result<Box<dyn Store>, StoreError> {
    Err(unsupported(url))
}

#[cfg(feature = "postgres")]
fn grants_at(url: &str, duty: Duty, role: &str) -> Result<Vec<String>, StoreError> {
    if !postgres::is_url(url) {
        return Err(unsupported(url));
    }
    postgres::Postgres::grants(url, duty, role)
}

#[cfg(not(feature = "postgres"))]
fn grants_at(url: &str, _: Duty, _: &str) -> Result<Vec<String>, StoreError> {
    Err(unsupported(url))
}

#[cfg(not(feature = "postgres"))]
fn is_there_at(url: &str) -> Result<bool, StoreError> {
    Err(unsupported(url))
}

#[cfg(not(feature = "postgres"))]
fn peek_url(url: &str) -> Result<Box<dyn Store>, StoreError> {
    Err(unsupported(url))
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
        Location::Url(url) => grants_at(url, duty, role),
    }
}

/// Whether a file of this name would be taken for one that belongs to a store: a
/// backup of that name would be overwritten or removed.
pub fn has_name_beside_a_store(file: &Path) -> bool {
    sqlite::has_name_beside_a_store(file)
}

fn unsupported(url: &str) -> StoreError {
    StoreError::new(StoreFault::Unsupported {
        scheme: scheme(url).to_owned(),
    })
}
