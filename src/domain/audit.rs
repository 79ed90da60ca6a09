//! Whether a store is what its log says.
//!
//! The log is read from its first event, then the rows that it speaks of, and
//! the first difference is named. What was cut off the end of the log together
//! with its head, and the rows put back to match, only a head that was kept
//! elsewhere can show.

use std::collections::BTreeMap;
use std::str::FromStr;

use super::change::Action;
use super::error::Invalid;
use super::event::{Event, Head};
use super::hash::{EventHash, RowDigest};
use super::key::{Key, KeyId};
use super::policy::Policy;

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

/// A head that was kept elsewhere: the hash of an event, and perhaps whose it
/// is. Read from a hash alone, or from a store's id, the number of the event
/// and its hash, with blanks between.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptHead {
    hash: EventHash,
    place: Option<(String, i64)>,
}

impl KeptHead {
    fn is(&self, store_id: &str, event: &Event) -> bool {
        let is_its_place = |(store, seq): &(String, i64)| store == store_id && *seq == event.seq;
        self.hash == event.hash && self.place.as_ref().is_none_or(is_its_place)
    }
}

impl FromStr for KeptHead {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<KeptHead, Invalid> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let (hash, place) = match words.as_slice() {
            [hash] => (hash, None),
            [store_id, seq, hash] => {
                let seq = seq
                    .parse()
                    .map_err(|_| Invalid::new("the number of an event is a whole number"))?;
                (hash, Some(((*store_id).to_owned(), seq)))
            }
            _ => {
                return Err(Invalid::new(
                    "a head is a hash, or a store's id, a number and a hash",
                ));
            }
        };
        Ok(KeptHead {
            hash: hash.parse()?,
            place,
        })
    }
}

/// What was found to be as the log says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// The end of the log.
    pub head: Head,
    /// How many keys there are.
    pub key_count: u64,
    /// The number of the event that the kept head is. What came after it was
    /// added since; whether it was there when the head was kept is not known.
    pub matches_head_at: Option<i64>,
}

/// Holds a store against its log: each event in order, then the ends of both,
/// then each row.
pub struct Audit<'a> {
    head: Head,
    rows: BTreeMap<KeyId, LoggedRow>,
    policy: Option<(i64, Option<RowDigest>)>,
    kept: Option<&'a KeptHead>,
    matches_head_at: Option<i64>,
    key_count: u64,
}

/// What the log says of a row.
struct LoggedRow {
    added_by: i64,
    left_by: i64,
    digest: RowDigest,
}

impl<'a> Audit<'a> {
    /// Before the first event of the log of this store; `kept` is to be one of
    /// its events.
    pub fn new(store_id: &str, kept: Option<&'a KeptHead>) -> Audit<'a> {
        Audit {
            head: Head {
                store_id: store_id.to_owned(),
                seq: 0,
                hash: None,
            },
            rows: BTreeMap::new(),
            policy: None,
            kept,
            matches_head_at: None,
            key_count: 0,
        }
    }

    /// The next event.
    ///
    /// # Errors
    /// [`Discrepancy`] if it does not follow the one before it.
    pub fn event(&mut self, event: Event) -> Result<(), Discrepancy> {
        let seq = self.head.seq + 1;
        if event.seq > seq {
            return Err(Discrepancy::EventMissing { seq });
        }
        if event.seq < seq || event.hash != event.entry.hash_after(&self.head) {
            return Err(Discrepancy::EventAltered { seq: event.seq });
        }
        if self
            .kept
            .is_some_and(|kept| kept.is(&self.head.store_id, &event))
        {
            self.matches_head_at = Some(seq);
        }
        self.head.seq = seq;
        self.head.hash = Some(event.hash);
        let digest = event.entry.row_digest;
        match (event.entry.key_id, digest) {
            (Some(id), Some(digest)) => {
                let row = self.rows.entry(id).or_insert(LoggedRow {
                    added_by: seq,
                    left_by: seq,
                    digest: digest.clone(),
                });
                row.left_by = seq;
                row.digest = digest;
            }
            (Some(id), None) => {
                self.rows.remove(&id);
            }
            (None, digest) if event.entry.action == Action::PolicyChanged => {
                self.policy = Some((seq, digest));
            }
            (None, _) => {}
        }
        Ok(())
    }

    /// The end of the log, after all of its events: `head` is what the store
    /// says it is.
    ///
    /// # Errors
    /// [`Discrepancy`] if it is another one, or the kept head was not met.
    pub fn end_of_log(&self, head: &Head) -> Result<(), Discrepancy> {
        if *head != self.head {
            return Err(Discrepancy::HeadAltered {
                last: self.head.seq,
                head: head.seq,
            });
        }
        let Some(kept) = self.kept.filter(|_| self.matches_head_at.is_none()) else {
            return Ok(());
        };
        Err(match &kept.place {
            Some((store_id, _)) if *store_id != head.store_id => Discrepancy::OtherStore {
                kept: store_id.clone(),
                found: head.store_id.clone(),
            },
            Some((_, seq)) if *seq > head.seq => Discrepancy::HeadAhead {
                seq: *seq,
                last: head.seq,
            },
            _ => Discrepancy::HeadUnknown,
        })
    }

    /// The policy as it is stored.
    ///
    /// # Errors
    /// [`Discrepancy`] if it is not what the log left.
    pub fn policy(&self, policy: &Policy) -> Result<(), Discrepancy> {
        let left = match &self.policy {
            Some((_, digest)) => digest.clone(),
            None => Some(Policy::default().row_digest()),
        };
        if left == Some(policy.row_digest()) {
            return Ok(());
        }
        let seq = self.policy.as_ref().map(|(seq, _)| *seq);
        Err(Discrepancy::PolicyAltered { seq })
    }

    /// A key as it is stored, and the number of the event that added it.
    ///
    /// # Errors
    /// [`Discrepancy`] if it is not what the log left.
    pub fn row(&mut self, added_by: i64, key: &Key) -> Result<(), Discrepancy> {
        let id = || key.id.clone();
        let Some(logged) = self.rows.remove(&key.id) else {
            return Err(Discrepancy::RowUnknown { id: id() });
        };
        if logged.added_by != added_by || logged.digest != key.row_digest() {
            let seq = logged.left_by;
            return Err(Discrepancy::RowAltered { id: id(), seq });
        }
        self.key_count += 1;
        Ok(())
    }

    /// The end, after all rows.
    ///
    /// # Errors
    /// [`Discrepancy`] if the log left a row that is not there.
    pub fn finish(self) -> Result<Checked, Discrepancy> {
        let first_missing = self.rows.into_iter().min_by_key(|(_, row)| row.added_by);
        match first_missing {
            Some((id, row)) => Err(Discrepancy::RowMissing {
                id,
                seq: row.left_by,
            }),
            None => Ok(Checked {
                head: self.head,
                key_count: self.key_count,
                matches_head_at: self.matches_head_at,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Change, Choice, Entry, Timestamp, sample_key};

    const STORE: &str = "store_0123456789abcdef";

    fn entry(change: &Change) -> Entry {
        Entry {
            at: Timestamp::from_unix(1_000).unwrap(),
            actor: "alice".parse().unwrap(),
            action: change.action(),
            workspace: change.key().map(|key| key.workspace.clone()),
            key_id: change.key().map(|key| key.id.clone()),
            row_digest: change.row_digest(),
            detail: "{}".to_owned(),
        }
    }

    /// What a store holds.
    #[derive(Clone)]
    struct Held {
        events: Vec<Event>,
        head: Head,
        policy: Policy,
        rows: Vec<(i64, Key)>,
    }

    /// A store with two keys, of which one is revoked, one that was pruned, and
    /// a policy of its own: 7 events.
    fn held() -> Held {
        let (one, two, gone) = (sample_key(), sample_key(), sample_key());
        let revoked = Key {
            revoked_at: Timestamp::from_unix(2_000),
            ..one.clone()
        };
        let policy = Policy::default().with(Choice::MaxKeysPerTarget(None));
        let changes = [
            Change::StoreCreated,
            Change::Issued(one.clone()),
            Change::Issued(gone.clone()),
            Change::PolicyChanged {
                before: Policy::default(),
                after: policy.clone(),
            },
            Change::Issued(two.clone()),
            Change::Updated {
                action: Action::Revoked,
                before: one,
                after: revoked.clone(),
                reason: None,
            },
            Change::Pruned(gone),
        ];
        let mut head = Head {
            store_id: STORE.to_owned(),
            seq: 0,
            hash: None,
        };
        let mut events = Vec::new();
        for change in &changes {
            let event = Event::next(&head, entry(change));
            head.seq = event.seq;
            head.hash = Some(event.hash.clone());
            events.push(event);
        }
        Held {
            events,
            head,
            policy,
            rows: vec![(2, revoked), (5, two)],
        }
    }

    fn check(held: &Held, kept: Option<&KeptHead>) -> Result<Checked, Discrepancy> {
        let mut audit = Audit::new(STORE, kept);
        for event in &held.events {
            audit.event(event.clone())?;
        }
        audit.end_of_log(&held.head)?;
        audit.policy(&held.policy)?;
        for (added_by, key) in &held.rows {
            audit.row(*added_by, key)?;
        }
        audit.finish()
    }

    #[test]
    fn what_is_as_it_was_left_is_found_so() {
        let held = held();
        let checked = check(&held, None).unwrap();
        assert_eq!((checked.head, checked.key_count), (held.head, 2));
        assert_eq!(checked.matches_head_at, None);
    }

    #[test]
    fn the_first_difference_is_named() {
        let whole = held();
        let (one, two) = (whole.rows[0].1.id.clone(), whole.rows[1].1.id.clone());
        type Tamper = fn(&mut Held);
        let altered = |seq| Discrepancy::EventAltered { seq };
        let cases: Vec<(Tamper, Discrepancy)> = vec![
            (
                |held| held.events[2].entry.actor = "bob".parse().unwrap(),
                altered(3),
            ),
            (
                |held| held.events[2].hash = held.events[1].hash.clone(),
                altered(3),
            ),
            (
                |held| held.events.swap(1, 2),
                Discrepancy::EventMissing { seq: 2 },
            ),
            (
                |held| drop(held.events.remove(2)),
                Discrepancy::EventMissing { seq: 3 },
            ),
            (
                |held| {
                    let again = held.events[2].clone();
                    held.events.insert(3, again);
                },
                altered(3),
            ),
            (
                // The number is not in its hash, its place is.
                |held| held.events[2].seq = 2,
                altered(2),
            ),
            (
                // Cut off, and the head left as it was.
                |held| drop(held.events.pop()),
                Discrepancy::HeadAltered { last: 6, head: 7 },
            ),
            (
                |held| held.head.hash = None,
                Discrepancy::HeadAltered { last: 7, head: 7 },
            ),
            (
                |held| held.policy = Policy::default(),
                Discrepancy::PolicyAltered { seq: Some(4) },
            ),
            (
                |held| held.rows[0].1.revoked_at = None,
                Discrepancy::RowAltered {
                    id: one.clone(),
                    seq: 6,
                },
            ),
            (
                |held| held.rows[1].0 = 9,
                Discrepancy::RowAltered {
                    id: two.clone(),
                    seq: 5,
                },
            ),
            (
                |held| drop(held.rows.pop()),
                Discrepancy::RowMissing { id: two, seq: 5 },
            ),
        ];
        for (number, (tamper, expected)) in cases.into_iter().enumerate() {
            let mut held = whole.clone();
            tamper(&mut held);
            assert_eq!(check(&held, None), Err(expected), "case {number}");
        }
        let mut added = whole.clone();
        let stranger = sample_key();
        added.rows.push((8, stranger.clone()));
        let unknown = Discrepancy::RowUnknown { id: stranger.id };
        assert_eq!(check(&added, None), Err(unknown));
        let mut twice = whole.clone();
        twice.rows.push(whole.rows[0].clone());
        let unknown = Discrepancy::RowUnknown { id: one };
        assert_eq!(check(&twice, None), Err(unknown));
    }

    #[test]
    fn a_policy_that_no_event_changed_is_the_default() {
        let mut audit = Audit::new(STORE, None);
        for event in held().events.into_iter().take(3) {
            audit.event(event).unwrap();
        }
        let other = Policy::default().with(Choice::MaxKeysPerTarget(Some(11)));
        assert_eq!(audit.policy(&Policy::default()), Ok(()));
        let altered = Discrepancy::PolicyAltered { seq: None };
        assert_eq!(audit.policy(&other), Err(altered.clone()));
        let by_event = Discrepancy::PolicyAltered { seq: Some(4) };
        assert!(altered.to_string().contains("no event changed it"));
        assert!(by_event.to_string().contains("event 4"));
    }

    #[test]
    fn a_kept_head_shows_what_was_cut_off() {
        let whole = held();
        let hash = |seq: usize| whole.events[seq - 1].hash.to_string();
        let at = |store: &str, seq: usize| format!("{store} {seq} {}", hash(seq));
        // The last three events undone as well as can be.
        let older = Held {
            events: whole.events[..4].to_vec(),
            head: Head {
                seq: 4,
                hash: Some(whole.events[3].hash.clone()),
                ..whole.head.clone()
            },
            ..whole.clone()
        };
        let cases = [
            (&whole, hash(7), Ok(Some(7))),
            (&whole, hash(3), Ok(Some(3))),
            (&whole, at(STORE, 3), Ok(Some(3))),
            (&older, hash(4), Ok(Some(4))),
            (&older, hash(7), Err(Discrepancy::HeadUnknown)),
            (
                &older,
                at(STORE, 7),
                Err(Discrepancy::HeadAhead { seq: 7, last: 4 }),
            ),
            (
                &whole,
                format!("{STORE} 3 {}", "0".repeat(64)),
                Err(Discrepancy::HeadUnknown),
            ),
            (
                &whole,
                format!("{STORE} 7 {}", hash(3)),
                Err(Discrepancy::HeadUnknown),
            ),
            (
                &whole,
                format!("{STORE} 4 {}", hash(3)),
                Err(Discrepancy::HeadUnknown),
            ),
            (
                &whole,
                format!("store_other 3 {}", hash(3)),
                Err(Discrepancy::OtherStore {
                    kept: "store_other".to_owned(),
                    found: STORE.to_owned(),
                }),
            ),
        ];
        for (held, kept, expected) in cases {
            let kept: KeptHead = kept.parse().unwrap();
            let mut audit = Audit::new(STORE, Some(&kept));
            for event in &held.events {
                audit.event(event.clone()).unwrap();
            }
            let found = audit.end_of_log(&held.head);
            assert_eq!(found.map(|()| audit.matches_head_at), expected, "{kept:?}");
        }
        for text in ["", "x", "a b", "store 1x 00", "store 1 00", "a b c d"] {
            assert!(text.parse::<KeptHead>().is_err(), "{text:?}");
        }
    }
}
