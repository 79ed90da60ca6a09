//! What a store holds, by its numbers: for backups, exports and restores.

use keyctl::domain::Head;
use serde::Serialize;

use crate::cli::results::count;

/// What is in a store, by its numbers.
#[derive(Default, Serialize)]
pub(crate) struct Content {
    store_id: String,
    event_count: i64,
    pub(crate) key_count: u64,
    hash: Option<String>,
}

impl Content {
    pub(crate) fn new(head: &Head, key_count: u64) -> Content {
        Content {
            store_id: head.store_id.clone(),
            event_count: head.seq,
            key_count,
            hash: head.hash.as_ref().map(ToString::to_string),
        }
    }

    /// `3 keys and 5 events`.
    pub(crate) fn counted(&self) -> String {
        format!(
            "{} and {}",
            count(self.key_count, "key"),
            count(self.event_count.unsigned_abs(), "event")
        )
    }
}
