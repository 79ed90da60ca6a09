//! What an audit finds.

use super::key::KeyId;

/// The first thing that is not as the log says. Somebody altered the store
/// behind keyctl's back, or the disk did.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Discrepancy {
    /// An event is not there.
    #[error("event {seq} is missing from the log")]
    EventMissing {
        /// Its number.
        seq: i64,
    },
    /// An event is not the one that was written.
    #[error("event {seq} of the log was altered: its hash does not fit")]
    EventAltered {
        /// Its number.
        seq: i64,
    },
    /// The store's own head is not the last event.
    #[error("the log ends at event {last}, and the store's own head is not that event but {head}")]
    HeadAltered {
        /// The number of the last event.
        last: i64,
        /// The number that the head has.
        head: i64,
    },
    /// A key that no event speaks of.
    #[error("{id} is in the store, and no event of the log put it there")]
    RowUnknown {
        /// The key.
        id: KeyId,
    },
    /// A key that is gone.
    #[error("{id} is missing from the store, where event {seq} left it")]
    RowMissing {
        /// The key.
        id: KeyId,
        /// The last event that speaks of it.
        seq: i64,
    },
    /// A key that is not as it was left.
    #[error("{id} was altered: its row is not what event {seq} left")]
    RowAltered {
        /// The key.
        id: KeyId,
        /// The last event that speaks of it.
        seq: i64,
    },
    /// The policy is not as it was left.
    #[error("the policy was altered: {}", altered_policy(*seq))]
    PolicyAltered {
        /// The last event that changed it, if one did.
        seq: Option<i64>,
    },
    /// The head kept elsewhere is of another store.
    #[error("the head is of {kept}, and this store is {found}")]
    OtherStore {
        /// The id that was kept.
        kept: String,
        /// The id of this store.
        found: String,
    },
    /// The head kept elsewhere is later than the last event.
    #[error(
        "the log ends at event {last}, before the head at {seq}: its end was cut off, or this is \
         an older copy"
    )]
    HeadAhead {
        /// The number of the head that was kept.
        seq: i64,
        /// The number of the last event.
        last: i64,
    },
    /// The head kept elsewhere is no event of this log.
    #[error(
        "no event of the log has the hash of the head: its end was cut off or written anew, or \
         the head is of another store"
    )]
    HeadUnknown,
}

fn altered_policy(seq: Option<i64>) -> String {
    match seq {
        Some(seq) => format!("it is not what event {seq} left"),
        None => "it is not the default, and no event changed it".to_owned(),
    }
}
