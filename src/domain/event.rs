//! What happened, and the bytes that prove it.
//!
//! Each event's hash covers the hash of the one before it, so that none can be
//! altered, dropped or moved without every later hash being wrong.

use std::fmt;

use super::change::Action;
use super::error::Invalid;
use super::hash::{EventHash, Fields, RowDigest};
use super::key::KeyId;
use super::name::{Actor, Workspace};
use super::time::Timestamp;
use super::token::{RandomError, random_base32};

/// What the id of a store begins with.
const STORE_PREFIX: &str = "store_";

/// The end of a store's log: what the next event builds on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The store's own id, so that logs of two stores cannot be mixed.
    pub store_id: String,
    /// The number of the last event; 0 before the first.
    pub seq: i64,
    /// Its hash; absent before the first.
    pub hash: Option<EventHash>,
}

impl Head {
    /// The head of a store that has no events yet, under a new random id:
    /// `store_` and 80 random bits as ids have them.
    ///
    /// # Errors
    /// [`RandomError`] if the operating system's generator fails.
    pub fn of_new_store() -> Result<Head, RandomError> {
        Ok(Head {
            store_id: format!("{STORE_PREFIX}{}", random_base32()?),
            seq: 0,
            hash: None,
        })
    }

    /// A head that was written down elsewhere.
    ///
    /// # Errors
    /// [`Invalid`] if the id cannot be a store's, or there is a hash without an
    /// event or an event without a hash.
    pub fn restored(store_id: &str, seq: i64, hash: Option<EventHash>) -> Result<Head, Invalid> {
        let random = store_id.strip_prefix(STORE_PREFIX).unwrap_or_default();
        let is_random = |byte: u8| byte.is_ascii_digit() || byte.is_ascii_lowercase();
        if random.len() != 16 || !random.bytes().all(is_random) {
            return Err(Invalid::new("a store's id is store_ and 16 characters"));
        }
        if seq < 0 || (seq == 0) != hash.is_none() {
            return Err(Invalid::new("a log of any events ends with a hash"));
        }
        Ok(Head {
            store_id: store_id.to_owned(),
            seq,
            hash,
        })
    }
}

/// As it is kept elsewhere, and read again as a [`KeptHead`](super::KeptHead): the
/// store's id, the number of the event and its hash, with blanks between.
impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} ", self.store_id, self.seq)?;
        match &self.hash {
            Some(hash) => hash.fmt(f),
            None => f.write_str("-"),
        }
    }
}

/// What an event says, before it has its place in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// When it happened.
    pub at: Timestamp,
    /// Who did it.
    pub actor: Actor,
    /// What was done.
    pub action: Action,
    /// Where, unless it concerns the store as a whole.
    pub workspace: Option<Workspace>,
    /// To which key, unless it concerns the store as a whole.
    pub key_id: Option<KeyId>,
    /// [`Change::row_digest`](super::Change::row_digest): of what is stored after the change.
    pub row_digest: Option<RowDigest>,
    /// What changed from what to what: a JSON object, hashed as it stands.
    pub detail: String,
}

/// An event in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Its number: 1 for the first, then one more each.
    pub seq: i64,
    /// What it says.
    pub entry: Entry,
    /// SHA-256 over it and the hash before it.
    pub hash: EventHash,
}

impl Event {
    /// The event that follows `head`.
    pub fn next(head: &Head, entry: Entry) -> Event {
        Event {
            seq: head.seq + 1,
            hash: entry.hash_after(head),
            entry,
        }
    }

    /// The event as it stands in its row.
    pub fn as_row(&self) -> EventRow<'_> {
        EventRow {
            seq: self.seq,
            entry: self.entry.as_row(),
            hash: &self.hash,
        }
    }
}

/// An event as it stands in its row, whose texts are borrowed: an audit reads each
/// and keeps none.
#[derive(Debug, Clone, Copy)]
pub struct EventRow<'a> {
    /// [`Event::seq`].
    pub seq: i64,
    /// [`Event::entry`].
    pub entry: EntryRow<'a>,
    /// [`Event::hash`].
    pub hash: &'a EventHash,
}

/// What such an event says.
#[derive(Debug, Clone, Copy)]
pub struct EntryRow<'a> {
    /// [`Entry::at`].
    pub at: Timestamp,
    /// [`Entry::actor`].
    pub actor: &'a str,
    /// [`Entry::action`].
    pub action: Action,
    /// [`Entry::workspace`].
    pub workspace: Option<&'a str>,
    /// [`Entry::key_id`].
    pub key_id: Option<&'a KeyId>,
    /// [`Entry::row_digest`].
    pub row_digest: Option<&'a RowDigest>,
    /// [`Entry::detail`].
    pub detail: &'a str,
}

impl EntryRow<'_> {
    /// [`Entry::hash_after`].
    pub fn hash_after(&self, head: &Head) -> EventHash {
        let row_digest = self.row_digest.map(RowDigest::as_bytes);
        let hash = Fields::new(b"keyctl/audit/v1\0")
            .text(Some(&head.store_id))
            .bytes(Some(&(head.seq + 1).to_be_bytes()))
            .bytes(head.hash.as_ref().map(|hash| hash.as_bytes().as_slice()))
            .bytes(Some(&self.at.as_unix().to_be_bytes()))
            .text(Some(self.actor))
            .text(Some(self.action.as_str()))
            .text(self.workspace)
            .text(self.key_id.map(KeyId::as_str))
            .bytes(row_digest.map(<[u8; 32]>::as_slice))
            .text(Some(self.detail))
            .finish();
        EventHash::from_bytes(hash)
    }
}

impl Entry {
    /// The hash of an event that says this and follows `head`.
    ///
    /// It is SHA-256 of `"keyctl/audit/v1\0"` and these fields: store id,
    /// sequence number, hash of the event before, time, actor, action,
    /// workspace, key id, row digest, detail. Each is its length as 8 bytes
    /// big-endian and then its bytes; an absent one is the length `2^64 - 1`
    /// and nothing, so that absent and empty differ. Numbers and times are 8
    /// bytes big-endian, times in Unix seconds.
    ///
    /// A vector: event 1 of `store_0123456789abcdef`, at 1767225600, by `alice`,
    /// action `issued`, workspace `default`, key `key_7h2kq9mzr4twx3bn`, a row
    /// digest of 32 bytes 07, and the detail
    /// `{"access":{"from":null,"to":"dataset ds_42"}}` has the hash
    ///
    /// ```text
    /// c801254b8e05014c68fb73561259ad5bae2ace0f6be4a0a39c3cf5489aaa3c69
    /// ```
    ///
    /// and the same after it as event 2, without workspace, key id and row
    /// digest, and with the detail `{}`,
    ///
    /// ```text
    /// 96ffe6af461b7fd6ef4d5d029e085e7155df6d79f21c2810868550ae23e798a3
    /// ```
    pub fn hash_after(&self, head: &Head) -> EventHash {
        self.as_row().hash_after(head)
    }

    fn as_row(&self) -> EntryRow<'_> {
        EntryRow {
            at: self.at,
            actor: self.actor.as_str(),
            action: self.action,
            workspace: self.workspace.as_ref().map(Workspace::as_str),
            key_id: self.key_id.as_ref(),
            row_digest: self.row_digest.as_ref(),
            detail: &self.detail,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> Entry {
        Entry {
            at: Timestamp::from_unix(1_767_225_600).unwrap(),
            actor: "alice".parse().unwrap(),
            action: Action::Issued,
            workspace: Some("default".parse().unwrap()),
            key_id: Some("key_7h2kq9mzr4twx3bn".parse().unwrap()),
            row_digest: Some(RowDigest::from_bytes([7; 32])),
            detail: r#"{"access":{"from":null,"to":"dataset ds_42"}}"#.to_owned(),
        }
    }

    fn head() -> Head {
        Head {
            store_id: "store_0123456789abcdef".to_owned(),
            seq: 0,
            hash: None,
        }
    }

    #[test]
    fn the_canonical_bytes_do_not_change() {
        // Computed apart from this code, by hashing the documented bytes in a
        // Python shell. If this fails, existing logs no longer verify.
        let first = Event::next(&head(), entry());
        assert_eq!(first.seq, 1);
        assert_eq!(
            first.hash.to_string(),
            "c801254b8e05014c68fb73561259ad5bae2ace0f6be4a0a39c3cf5489aaa3c69"
        );
        let second = Event::next(
            &Head {
                seq: first.seq,
                hash: Some(first.hash),
                ..head()
            },
            Entry {
                workspace: None,
                key_id: None,
                row_digest: None,
                detail: "{}".to_owned(),
                ..entry()
            },
        );
        assert_eq!(second.seq, 2);
        assert_eq!(
            second.hash.to_string(),
            "96ffe6af461b7fd6ef4d5d029e085e7155df6d79f21c2810868550ae23e798a3"
        );
    }

    #[test]
    fn every_field_is_in_the_hash() {
        let base = Event::next(&head(), entry()).hash;
        let heads = [
            Head {
                store_id: "store_1".to_owned(),
                ..head()
            },
            Head { seq: 1, ..head() },
            Head {
                hash: Some(EventHash::from_bytes([0; 32])),
                ..head()
            },
        ];
        let entries = [
            Entry {
                at: Timestamp::MIN,
                ..entry()
            },
            Entry {
                actor: "bob".parse().unwrap(),
                ..entry()
            },
            Entry {
                action: Action::Revoked,
                ..entry()
            },
            Entry {
                workspace: Some("other".parse().unwrap()),
                ..entry()
            },
            Entry {
                workspace: None,
                ..entry()
            },
            Entry {
                key_id: None,
                ..entry()
            },
            Entry {
                row_digest: None,
                ..entry()
            },
            Entry {
                detail: String::new(),
                ..entry()
            },
        ];
        for other in heads {
            assert_ne!(Event::next(&other, entry()).hash, base, "{other:?}");
        }
        for other in entries {
            assert_ne!(Event::next(&head(), other.clone()).hash, base, "{other:?}");
        }
    }

    #[test]
    fn only_what_can_be_a_head_is_restored_as_one() {
        let hash = || Some(EventHash::from_bytes([7; 32]));
        let id = Head::of_new_store().unwrap().store_id;
        let long = format!("{id}0");
        let cases = [
            (id.as_str(), 0, None, true),
            (&id, 1, hash(), true),
            (&id, 1, None, false),
            (&id, 0, hash(), false),
            (&id, -1, hash(), false),
            (&id[1..], 1, hash(), false),
            (&long, 1, hash(), false),
            ("store_0123456789ABCDEF", 1, hash(), false),
            ("store_", 1, hash(), false),
            ("", 0, None, false),
        ];
        for (store_id, seq, hash, ok) in cases {
            let head = Head::restored(store_id, seq, hash);
            assert_eq!(head.is_ok(), ok, "{store_id:?} {seq}");
        }
    }
}
