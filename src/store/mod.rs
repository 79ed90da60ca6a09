//! Where keys live: rows in and rows out, and not one rule.
//!
//! The promise of every engine: a write transaction runs as if it were alone;
//! dropped without a commit, it leaves nothing.

pub(crate) mod backoff;
mod location;
#[cfg(not(feature = "postgres"))]
mod no_server;
mod opening;
#[cfg(feature = "postgres")]
mod postgres;
mod private_file;
mod query;
mod schema;
mod sql;
#[cfg(feature = "sqlite")]
mod sqlite;
mod url;

#[cfg(not(feature = "sqlite"))]
compile_error!("a store needs the feature `sqlite`, one on a server too, for what is tried out");

use std::ops::ControlFlow;

pub use location::Location;
pub use opening::{
    Backup, Duty, IfMissing, Present, check_backups, grants, has_name_beside_a_store, is_there,
    open, open_replica, peek, restore, survey, survey_place,
};
pub use private_file::PrivateFile;
pub use query::{EventFilter, Filter, Order, Page, Reach};

use crate::domain::{
    Digest, Event, EventRow, Head, Key, KeyId, KeyMark, Outline, Policy, Standing, StoreError,
    StoreFault, Tally, Target, Timestamp, Workspace,
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

    /// The same store once more, to be read by another thread at the same time, if that
    /// can be had.
    fn beside(&self) -> Option<Box<dyn Store>> {
        None
    }

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

/// What is done with each key of an answer, by another thread once there were many.
pub type EachKey<'a, K = Key> = &'a mut (dyn FnMut(K) -> ControlFlow<()> + Send);

/// What is told of an event: it, and the key whose row has its number, if there is one,
/// or why that cannot be read.
pub type EachEvent<'a> =
    &'a mut dyn FnMut(&EventRow<'_>, Result<Option<KeyMark>, StoreError>) -> ControlFlow<()>;

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

    /// Hands over the keys whose tokens have these digests, in whatever workspace
    /// and in no order, each with the place of its digest. That is quickest where
    /// the digests are in order.
    ///
    /// # Errors
    /// The engine's faults. Keys may have been handed over before.
    fn keys_by_digests(
        &self,
        digests: &[Digest],
        each: &mut dyn FnMut(usize, Key),
    ) -> Result<(), StoreError>;

    /// Hands over under what numbers keys stand whose tokens have these digests: those
    /// of the events that added them. In no order, each with the place of its digest.
    /// A number may lead to a key of another digest, if the store is damaged.
    ///
    /// # Errors
    /// The engine's faults. Numbers may have been handed over before.
    fn numbers_of_digests(
        &self,
        digests: &[Digest],
        each: &mut dyn FnMut(usize, i64),
    ) -> Result<(), StoreError>;

    /// Hands over how the keys of these numbers stand, each with the place of its number.
    /// That is quickest where the numbers are in order.
    ///
    /// # Errors
    /// The engine's faults. Some may have been handed over before.
    fn standings_of_numbers(
        &self,
        numbers: &[i64],
        each: &mut dyn FnMut(usize, Standing),
    ) -> Result<(), StoreError>;

    /// The key of this id, in whatever workspace.
    ///
    /// # Errors
    /// The engine's faults.
    fn key(&self, id: &KeyId) -> Result<Option<Key>, StoreError>;

    /// Hands over the keys that fit, one by one and in order, until told to stop.
    ///
    /// # Errors
    /// The engine's faults.
    fn keys(&self, filter: &Filter, page: &Page, each: EachKey<'_>) -> Result<(), StoreError>;

    /// As [`keys`](Self::keys), of which no more than an outline is read.
    ///
    /// # Errors
    /// The engine's faults.
    fn outlines(
        &self,
        filter: &Filter,
        page: &Page,
        each: EachKey<'_, Outline>,
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

    /// Hands over every event in order, with the key whose row has its number, if there
    /// is one, or why that cannot be read, until told to stop. What indexes should say
    /// of these events and rows is added to `tally`, in an engine that can tell.
    ///
    /// # Errors
    /// The engine's faults.
    fn log(&self, tally: Option<&mut Tally>, each: EachEvent<'_>) -> Result<(), StoreError>;

    /// Hands over every key whose row has a number that no event has in a log that goes
    /// from 1 to `last`, with that number.
    ///
    /// # Errors
    /// The engine's faults.
    fn rows_beyond(
        &self,
        last: i64,
        each: &mut dyn FnMut(i64, Key) -> ControlFlow<()>,
    ) -> Result<(), StoreError>;

    /// Holds every part of the store against the rest of it, as [`check`](Self::check)
    /// does, save for what indexes say in an engine that can tell: that is added to
    /// `tally`.
    ///
    /// # Errors
    /// As [`check`](Self::check).
    fn tally_indexes(&self, tally: &mut Tally) -> Result<(), StoreError>;

    /// Adds a row, to which the event that is appended next belongs, with the last
    /// use that the key brings along.
    ///
    /// # Errors
    /// The engine's faults; an id or a digest that is there already is one.
    fn insert_key(&mut self, key: &Key) -> Result<(), StoreError>;

    /// Adds a row as it was in another store, to which the event of this number
    /// belongs, with the last use that the key brings along.
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

    /// Prepares to write very many rows at once, before the first of them; they are
    /// written all the same without it, and slowly. With it, what is wrong with a row
    /// may be found later, at the latest by the commit.
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

    /// As [`update_key`](Self::update_key), of a row that was read in this very
    /// transaction: writes what differs, and no index anew that leads where it did.
    ///
    /// # Errors
    /// The engine's faults; a row that is not there is one.
    fn change_key(&mut self, before: &Key, after: &Key) -> Result<(), StoreError>;

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

    /// Hands over the events that fit, in order, until told to stop; another thread does
    /// so once there were many.
    ///
    /// # Errors
    /// The engine's faults.
    fn events(
        &self,
        filter: &EventFilter,
        each: &mut (dyn FnMut(Event) -> ControlFlow<()> + Send),
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
    /// Its references: no row belongs to a key that is gone, and keys are found by
    /// the datasets that their rows name.
    References,
}

impl Part {
    /// All of them.
    pub const ALL: [Part; 3] = [Part::Schema, Part::Indexes, Part::References];
}
