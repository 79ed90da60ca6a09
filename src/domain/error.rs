//! What can go wrong, by meaning.
//!
//! A rule *refuses*, a fault *fails*; a denied token is neither, it is a
//! [`Verdict`](super::Verdict). No error ever holds a token.

use std::borrow::Cow;
use std::io;

use super::access::{Access, Target};
use super::change::Action;
use super::connection::ConnectionFault;
use super::discrepancy::Discrepancy;
use super::key::{KeyId, Status};
use super::name::{KeyName, Workspace};
use super::time::{Lifetime, Timestamp};
use super::token::RandomError;

type Source = Box<dyn std::error::Error + Send + Sync>;

/// Text that breaks the rule of what it should be. It says the rule, and does
/// not repeat the text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Invalid(Cow<'static, str>);

impl Invalid {
    pub(crate) fn new(problem: impl Into<Cow<'static, str>>) -> Invalid {
        Invalid(problem.into())
    }
}

/// A rule said no. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The target has as many live keys as it may have.
    #[error("{target} has {limit} live key{}, as many as one target may have", plural(u64::from(*limit)))]
    LimitReached {
        /// The target that is full.
        target: Target,
        /// How many it may have.
        limit: u32,
    },
    /// A key cannot end before it begins.
    #[error("the key would expire at {at}, which is in the past")]
    ExpiryInPast {
        /// The time asked for.
        at: Timestamp,
    },
    /// A key cannot end at a time that cannot be written.
    #[error(
        "the key would expire after {}, the last time there is",
        Timestamp::MAX
    )]
    ExpiryTooFar,
    /// A key may not live so long.
    #[error("the key would {}, and the policy's max-expiry is {max}", ending(*at))]
    ExpiryBeyondPolicy {
        /// The time asked for; `None` is never.
        at: Option<Timestamp>,
        /// How long a key may live from now on.
        max: Lifetime,
    },
    /// The key's status does not allow it.
    #[error("{id} is {status}, so it cannot be {action}")]
    Unfit {
        /// The key.
        id: KeyId,
        /// What it is.
        status: Status,
        /// What was asked for.
        action: Action,
    },
    /// The key has a successor, and what was asked for is to be done to that.
    #[error("{id} was replaced by {successor}, so it cannot be {action}")]
    Replaced {
        /// The key.
        id: KeyId,
        /// The key that took over from it.
        successor: KeyId,
        /// What was asked for.
        action: Action,
    },
    /// A key that may do nothing is a mistake.
    #[error("{id} would have no scope left")]
    NoScopeLeft {
        /// The key.
        id: KeyId,
    },
    /// There are more keys, or fewer, than somebody counted on.
    #[error("{found} key{} would be changed, not {expected}", plural(*found))]
    CountDiffers {
        /// How many were expected.
        expected: u64,
        /// How many there are.
        found: u64,
    },
    /// A name, or the beginning of an id, fits several keys.
    #[error("\"{selector}\" matches {} keys in workspace \"{workspace}\"", candidates.len())]
    Ambiguous {
        /// What was asked for.
        selector: String,
        /// Where.
        workspace: Workspace,
        /// The keys it fits.
        candidates: Vec<Candidate>,
    },
    /// A key that comes from elsewhere has the id of another key.
    #[error("{id} is the id of another key of this store")]
    IdTaken {
        /// The id.
        id: KeyId,
    },
    /// Two keys that come from elsewhere have one token.
    #[error("{id} has the token of {other}, and no two keys can have one")]
    TokenTaken {
        /// The key.
        id: KeyId,
        /// The key before it.
        other: KeyId,
    },
    /// A key that comes from elsewhere has the token of one that was left out.
    #[error("{id} has the token of one that was left out")]
    TokenLeftOut {
        /// The id.
        id: KeyId,
    },
    /// What was revoked since a backup was made cannot be told, and would be
    /// valid again.
    #[error("what was revoked since the backup is not known: {0}")]
    RevocationsUnknown(WhyUnknown),
    /// A backup is of another store than the one that it is to replace.
    #[error("the backup is of {backup}, and the store here is {here}")]
    OtherStore {
        /// The id of the store that was backed up.
        backup: String,
        /// The id of the store that is here.
        here: String,
    },
    /// A backup is not what its own log says.
    #[error("the backup was altered: {0}")]
    BackupAltered(Discrepancy),
    /// A list of what was revoked names what the backup does not have.
    #[error("{} of the revocations fit{} no key of the backup", .places.len(), singular(.places.len()))]
    RevocationsUnmet {
        /// Their places in the list, the first of which is 0.
        places: Vec<usize>,
    },
    /// An export is not what its own log says.
    #[error("the export was altered: {0}")]
    ExportAltered(Discrepancy),
    /// A record of an export stands where none of its kind may stand.
    #[error("the export is not in the order in which it was written")]
    ExportDisordered,
    /// An export has no end, or lacks keys before it.
    #[error("the export is not whole: a part of it is missing")]
    ExportCut,
}

fn singular(count: usize) -> &'static str {
    if count == 1 { "s" } else { "" }
}

/// Why it cannot be told what was revoked since a backup was made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WhyUnknown {
    /// There is nothing to take it from.
    #[error("there is no store here")]
    NoStore,
    /// The store that is to be replaced cannot be read.
    #[error("the store here cannot be read")]
    Unreadable,
    /// The store that is to be replaced is not what its log says.
    #[error("the store here was altered: {0}")]
    Altered(Discrepancy),
    /// The head that was kept is not in the newest log there is.
    #[error("{0}")]
    HeadUnmet(Discrepancy),
    /// The head that was kept is older than the backup.
    #[error("the head is of event {seq}, and the backup goes on to {last}")]
    HeadOlder {
        /// The number of the head that was kept.
        seq: i64,
        /// The number of the last event of the backup.
        last: i64,
    },
    /// The store that is to be replaced is not what became of the backup.
    #[error("event {seq}, the last of the backup, is not in the log of the store here")]
    Diverged {
        /// The number of the last event of the backup.
        seq: i64,
    },
}

fn plural(count: u64) -> &'static str {
    if count == 1 { "" } else { "s" }
}

fn ending(at: Option<Timestamp>) -> String {
    at.map_or_else(|| "never expire".to_owned(), |at| format!("expire at {at}"))
}

/// One of several keys that a selector fits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Its id.
    pub id: KeyId,
    /// Its name.
    pub name: Option<KeyName>,
    /// What it reaches.
    pub access: Access,
}

/// What an operation can end in besides its result.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A rule said no; nothing was changed.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// No key is meant by what was given; nothing was changed.
    #[error("no key matches \"{selector}\" in workspace \"{workspace}\"")]
    NoMatch {
        /// What was asked for.
        selector: String,
        /// Where.
        workspace: Workspace,
        /// Another workspace that has a key of exactly this id.
        elsewhere: Option<Workspace>,
    },
    /// The random generator failed; nothing was changed.
    #[error(transparent)]
    Random(#[from] RandomError),
    /// The token could not be handed over; nothing was changed.
    #[error("the token could not be written, so nothing was changed")]
    Delivery(#[source] io::Error),
    /// The token was handed over and the change could not be made durable:
    /// nothing was changed and the token is not valid, unless the disk itself
    /// failed in the middle.
    #[error("the key could not be saved")]
    NotSaved(#[source] StoreError),
    /// The token was handed over, and the connection to the server was lost while
    /// the change was being saved: whether the token is valid is unknown.
    #[error("the connection to the server was lost while the key was being saved")]
    Unconfirmed(#[source] StoreError),
    /// The store is not what its log says: somebody altered it.
    #[error(transparent)]
    Altered(#[from] Discrepancy),
    /// A backup cannot be read; nothing was changed.
    #[error("the backup cannot be read: {0}")]
    Backup(#[source] StoreError),
    /// The store failed; nothing was changed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The store could not do what was asked. The driver's own error is the
/// [`source`](std::error::Error::source).
#[derive(Debug, thiserror::Error)]
#[error("{fault}")]
pub struct StoreError {
    fault: StoreFault,
    source: Option<Source>,
}

impl StoreError {
    /// A fault that keyctl found by itself.
    pub(crate) fn new(fault: StoreFault) -> StoreError {
        StoreError {
            fault,
            source: None,
        }
    }

    /// A fault that a driver or the system reported.
    pub(crate) fn caused(fault: StoreFault, source: impl Into<Source>) -> StoreError {
        StoreError {
            fault,
            source: Some(source.into()),
        }
    }

    /// What went wrong, to decide by.
    pub fn fault(&self) -> &StoreFault {
        &self.fault
    }
}

impl StoreFault {
    /// Whether asking again may help at once: another connection is made, or
    /// others are done.
    pub fn is_passing(&self) -> bool {
        matches!(
            self,
            StoreFault::Conflict | StoreFault::Connection(ConnectionFault::Lost)
        )
    }

    /// Whether it may be for want of room on the disk. SQLite does not always
    /// tell that from other errors of writing.
    pub fn may_want_room(&self) -> bool {
        matches!(
            self,
            StoreFault::Full | StoreFault::Unreadable | StoreFault::Other
        )
    }
}

/// The ways in which a store fails.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreFault {
    /// There is none at that place, or none yet.
    #[error("there is no key store here")]
    Missing,
    /// What is there is a link: where it leads is for somebody else to say.
    #[error("this is not a key store: {0} is a symbolic link")]
    Linked(&'static str),
    /// What is there is something else.
    #[error("this is not a key store: {0}")]
    Foreign(&'static str),
    /// What is there cannot be read as a database at all.
    #[error("this is not a key store: it is not an SQLite database")]
    NotADatabase,
    /// It is of a newer keyctl than this.
    #[error("the store has version {found}, and this keyctl knows {known} at most")]
    Newer {
        /// The version it has.
        found: i64,
        /// The newest version this program knows.
        known: i64,
    },
    /// It is of an older keyctl than this, and whoever opens it may not change its
    /// tables.
    #[error("the store is of an older keyctl, and cannot be brought up to date from here")]
    Outdated,
    /// Others held it for too long.
    #[error("the store is busy: another program kept it locked")]
    Locked,
    /// The permission to read or write it is missing.
    #[error("the store cannot be opened")]
    Unreadable,
    /// It is open for reading only.
    #[error("the store is read-only")]
    ReadOnly,
    /// The disk is full.
    #[error("the disk is full")]
    Full,
    /// It contradicts itself.
    #[error("the store is damaged")]
    Corrupt,
    /// A row that cannot be what it should be.
    #[error("the store is damaged: {table} {id} has no valid {column}")]
    BadRow {
        /// The table.
        table: &'static str,
        /// The row's id, as far as it could be read.
        id: String,
        /// The column that is wrong.
        column: &'static str,
    },
    /// No engine of this program can open it.
    #[error("this keyctl has no engine for {scheme}:// stores")]
    Unsupported {
        /// The scheme of its URL.
        scheme: String,
    },
    /// Its URL, or a variable that completes it, cannot be understood. The text
    /// says the rule, and repeats nothing of either.
    #[error("{0}")]
    BadUrl(Invalid),
    /// It is guarded by the modes of its files, and no roles are known to it.
    #[error("a store in a file has no roles: who may read and write its files can use it")]
    NoRoles,
    /// It is copied and brought back by its server's own tools.
    #[error("a store on a server is backed up and restored with the server's own tools")]
    HasOwnTools,
    /// There is no connection to its server, or none any more.
    #[error(transparent)]
    Connection(ConnectionFault),
    /// It did not answer in the time that was set for it.
    #[error("the store did not answer in time")]
    TimedOut,
    /// Others changed it at the same time, so that nothing was changed; it can be
    /// tried again.
    #[error("others changed the store at the same time")]
    Conflict,
    /// Something else in the driver.
    #[error("the store failed")]
    Other,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_read_as_sentences() {
        let limit = |limit| Refusal::LimitReached {
            target: Target::AllDatasets,
            limit,
        };
        let count = |found| Refusal::CountDiffers { expected: 5, found };
        let beyond = |at| Refusal::ExpiryBeyondPolicy {
            at,
            max: Lifetime::from_seconds(60),
        };
        let cases = [
            (
                limit(1),
                "all datasets has 1 live key, as many as one target may have",
            ),
            (
                limit(2),
                "all datasets has 2 live keys, as many as one target may have",
            ),
            (count(1), "1 key would be changed, not 5"),
            (count(0), "0 keys would be changed, not 5"),
            (
                beyond(None),
                "the key would never expire, and the policy's max-expiry is 1m",
            ),
            (
                beyond(Some(Timestamp::MIN)),
                "the key would expire at 1970-01-01T00:00:00Z, and the policy's max-expiry is 1m",
            ),
        ];
        for (refusal, sentence) in cases {
            assert_eq!(refusal.to_string(), sentence);
        }
    }
}
