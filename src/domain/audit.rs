//! Whether a store is what its log says.
//!
//! The log is read from its first event, then the rows that it speaks of, and
//! the first difference is named. What was cut off the end of the log together
//! with its head, and the rows put back to match, only a head that was kept
//! elsewhere can show.
//!
//! Where each row can be had along with the event that added it, most are settled
//! there and then, and only what changed since is held in memory: of a key 95 bytes
//! in a tree, which for a million of them took longer than hashing their rows.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

use super::change::Action;
use super::error::Invalid;
use super::event::{Event, EventRow, Head};
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
    fn is(&self, store_id: &str, event: &EventRow<'_>) -> bool {
        let is_its_place = |(store, seq): &(String, i64)| store == store_id && *seq == event.seq;
        self.hash == *event.hash && self.place.as_ref().is_none_or(is_its_place)
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

/// A key as it is stored, as far as the log speaks of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyMark {
    /// Its id.
    pub id: KeyId,
    /// [`Key::row_digest`].
    pub digest: RowDigest,
}

impl KeyMark {
    /// That of a key.
    pub fn of(key: &Key) -> KeyMark {
        KeyMark {
            id: key.id.clone(),
            digest: key.row_digest(),
        }
    }
}

/// Holds a store against its log: each event in order, then the ends of both,
/// then each row.
///
/// Rows may come along with the events that added them. No id may stand in two of
/// these: that is for whoever reads them to see to.
pub struct Audit<'a> {
    head: Head,
    /// What the log says of rows, save of those that are settled.
    rows: BTreeMap<KeyId, LoggedRow>,
    /// Rows that came along and are not as that event left them, in their order:
    /// later events may have changed them, or taken them away.
    unsettled: Vec<(i64, KeyMark)>,
    /// Keys that were taken away, perhaps after their row was settled, and of which no
    /// row was judged since.
    gone: BTreeSet<KeyId>,
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
            unsettled: Vec::new(),
            gone: BTreeSet::new(),
            policy: None,
            kept,
            matches_head_at: None,
            key_count: 0,
        }
    }

    /// The next event, of a log whose rows come after all of it.
    ///
    /// # Errors
    /// [`Discrepancy`] if it does not follow the one before it.
    pub fn event(&mut self, event: &Event) -> Result<(), Discrepancy> {
        let event = event.as_row();
        self.follow(&event)?;
        self.learn(&event);
        Ok(())
    }

    /// The next event, and the row that has its number, if one has.
    ///
    /// # Errors
    /// [`Discrepancy`] if it does not follow the one before it.
    pub fn event_with_row(
        &mut self,
        event: &EventRow<'_>,
        row: Option<KeyMark>,
    ) -> Result<(), Discrepancy> {
        self.follow(event)?;
        if let Some(row) = row {
            if self.settles(event, &row) {
                self.gone.remove(&row.id);
                self.key_count += 1;
                return Ok(());
            }
            self.unsettled.push((event.seq, row));
        }
        if let (Some(id), None) = (event.entry.key_id, event.entry.row_digest) {
            self.gone.insert(id.clone());
        }
        self.learn(event);
        Ok(())
    }

    /// Whether this is the first event of the key of the row that it added, and the
    /// row is as it left it.
    fn settles(&self, event: &EventRow<'_>, row: &KeyMark) -> bool {
        event.entry.key_id == Some(&row.id)
            && event.entry.row_digest == Some(&row.digest)
            && !self.rows.contains_key(&row.id)
    }

    /// Sees to it that an event is the next one.
    fn follow(&mut self, event: &EventRow<'_>) -> Result<(), Discrepancy> {
        let seq = self.head.seq + 1;
        if event.seq > seq {
            return Err(Discrepancy::EventMissing { seq });
        }
        if event.seq < seq || *event.hash != event.entry.hash_after(&self.head) {
            return Err(Discrepancy::EventAltered { seq: event.seq });
        }
        let store_id = &self.head.store_id;
        if self.kept.is_some_and(|kept| kept.is(store_id, event)) {
            self.matches_head_at = Some(seq);
        }
        self.head.seq = seq;
        self.head.hash = Some(event.hash.clone());
        Ok(())
    }

    /// Takes down what an event says of a row.
    fn learn(&mut self, event: &EventRow<'_>) {
        let EventRow { seq, entry, .. } = *event;
        match (entry.key_id, entry.row_digest.cloned()) {
            (Some(id), Some(digest)) => {
                let row = self.rows.entry(id.clone()).or_insert(LoggedRow {
                    added_by: seq,
                    left_by: seq,
                    digest: digest.clone(),
                });
                row.left_by = seq;
                row.digest = digest;
            }
            (Some(id), None) => {
                self.rows.remove(id);
            }
            (None, digest) if entry.action == Action::PolicyChanged => {
                self.policy = Some((seq, digest));
            }
            (None, _) => {}
        }
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
    pub fn row(&mut self, added_by: i64, key: &KeyMark) -> Result<(), Discrepancy> {
        let id = || key.id.clone();
        let Some(logged) = self.rows.remove(&key.id) else {
            return Err(Discrepancy::RowUnknown { id: id() });
        };
        if logged.added_by != added_by || logged.digest != key.digest {
            let seq = logged.left_by;
            return Err(Discrepancy::RowAltered { id: id(), seq });
        }
        self.key_count += 1;
        Ok(())
    }

    /// Judges the rows that came along and were not settled. What remains is in
    /// question: keys that are to be looked up, in the order of their ids, and
    /// [told of](Self::looked_up).
    ///
    /// # Errors
    /// [`Discrepancy`] if one is not what the log left.
    pub fn settle(&mut self) -> Result<Vec<KeyId>, Discrepancy> {
        for (added_by, row) in std::mem::take(&mut self.unsettled) {
            self.row(added_by, &row)?;
            self.gone.remove(&row.id);
        }
        // Each had its row when it was added, and was changed and changed back, or
        // taken away; or there is none.
        let mut ids: Vec<KeyId> = self.rows.keys().chain(&self.gone).cloned().collect();
        ids.sort_unstable();
        ids.dedup();
        Ok(ids)
    }

    /// A key in question, as it is stored, if it is.
    ///
    /// # Errors
    /// [`Discrepancy`] if that is not what the log left.
    pub fn looked_up(&mut self, id: &KeyId, key: Option<&KeyMark>) -> Result<(), Discrepancy> {
        let Some(key) = key else {
            // If it should be there, that is said at the end.
            return Ok(());
        };
        match self.rows.remove(id) {
            None => Err(Discrepancy::RowUnknown { id: id.clone() }),
            // One that was added again would have come along with that event.
            Some(logged) if logged.digest != key.digest || self.gone.contains(id) => {
                Err(Discrepancy::RowAltered {
                    id: id.clone(),
                    seq: logged.left_by,
                })
            }
            // It was counted when it was settled.
            Some(_) => Ok(()),
        }
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
            audit.event(event)?;
        }
        audit.end_of_log(&held.head)?;
        audit.policy(&held.policy)?;
        for (added_by, key) in &held.rows {
            audit.row(*added_by, &KeyMark::of(key))?;
        }
        audit.finish()
    }

    /// The same, each row along with the event of its number.
    fn check_along(held: &Held) -> Result<Checked, Discrepancy> {
        let mut audit = Audit::new(STORE, None);
        let mark = |(_, key): &(i64, Key)| KeyMark::of(key);
        for event in &held.events {
            let row = held.rows.iter().find(|(seq, _)| *seq == event.seq);
            audit.event_with_row(&event.as_row(), row.map(mark))?;
        }
        audit.end_of_log(&held.head)?;
        audit.policy(&held.policy)?;
        let in_question = audit.settle()?;
        let last = held.head.seq;
        for row in held
            .rows
            .iter()
            .filter(|(seq, _)| !(1..=last).contains(seq))
        {
            audit.row(row.0, &mark(row))?;
        }
        for id in in_question {
            let row = held.rows.iter().find(|(_, key)| key.id == id);
            audit.looked_up(&id, row.map(mark).as_ref())?;
        }
        audit.finish()
    }

    #[test]
    fn what_is_as_it_was_left_is_found_so() {
        let held = held();
        let checked = check(&held, None).unwrap();
        assert_eq!(check_along(&held), Ok(checked.clone()));
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
            assert_eq!(check_along(&held), Err(expected.clone()), "case {number}");
            assert_eq!(check(&held, None), Err(expected), "case {number}");
        }
        let mut added = whole.clone();
        let stranger = sample_key();
        added.rows.push((8, stranger.clone()));
        let unknown = Discrepancy::RowUnknown { id: stranger.id };
        assert_eq!(check_along(&added), Err(unknown.clone()));
        assert_eq!(check(&added, None), Err(unknown));
        let mut twice = whole.clone();
        twice.rows.push(whole.rows[0].clone());
        let unknown = Discrepancy::RowUnknown { id: one };
        assert_eq!(check(&twice, None), Err(unknown));
    }

    /// A store after these things happened to two keys, as long as they could: what is
    /// at hand is changed and put back, pruned and added again.
    fn after(keys: &[Key; 2], happenings: &[(usize, Happening)]) -> Held {
        let mut rows: [Option<(i64, Key)>; 2] = [None, None];
        let mut held = Held {
            events: Vec::new(),
            head: Head {
                store_id: STORE.to_owned(),
                seq: 0,
                hash: None,
            },
            policy: Policy::default(),
            rows: Vec::new(),
        };
        for (which, happening) in happenings {
            let row = &mut rows[*which];
            let seq = held.head.seq + 1;
            let change = match (happening, row.take()) {
                (Happening::Added, None) => {
                    *row = Some((seq, keys[*which].clone()));
                    Change::Issued(keys[*which].clone())
                }
                (Happening::Pruned, Some((_, key))) => Change::Pruned(key),
                (Happening::Switched, Some((added_by, before))) => {
                    let off = before.disabled_at.is_none();
                    let after = Key {
                        disabled_at: off.then_some(Timestamp::MIN),
                        ..before.clone()
                    };
                    *row = Some((added_by, after.clone()));
                    Change::Updated {
                        action: if off {
                            Action::Disabled
                        } else {
                            Action::Enabled
                        },
                        before,
                        after,
                        reason: None,
                    }
                }
                (_, as_it_is) => {
                    *row = as_it_is;
                    Change::StoreCreated
                }
            };
            let event = Event::next(&held.head, entry(&change));
            held.head.seq = event.seq;
            held.head.hash = Some(event.hash.clone());
            held.events.push(event);
        }
        held.rows = rows.into_iter().flatten().collect();
        held.rows.sort_by_key(|(seq, _)| *seq);
        held
    }

    #[derive(Debug, Clone, Copy)]
    enum Happening {
        Added,
        Switched,
        Pruned,
    }

    proptest::proptest! {
        #[test]
        fn rows_that_come_along_are_judged_like_those_that_come_later(
            happenings in proptest::collection::vec(
                (0..2usize, proptest::sample::select(vec![
                    Happening::Added, Happening::Switched, Happening::Pruned,
                ])),
                1..12,
            ),
            row in 0..2usize,
            alteration in 0..6,
        ) {
            let mut held = after(&[sample_key(), sample_key()], &happenings);
            let count = held.rows.len();
            match (alteration, held.rows.get_mut(row)) {
                (0, Some(row)) => row.1.disabled_at = Timestamp::from_unix(7),
                (1, Some(row)) => row.1.disabled_at = None,
                (2, Some(row)) => row.1.id = sample_key().id,
                (3, Some(row)) => row.0 = 40,
                (4, Some(_)) => drop(held.rows.remove(row)),
                // Put where the other one is, or to another event.
                (5, Some(_)) if count == 2 => {
                    let first = held.rows[0].0;
                    held.rows[0].0 = held.rows[1].0;
                    held.rows[1].0 = first;
                }
                (5, Some(row)) => row.0 = row.0 % held.head.seq + 1,
                _ => {}
            }
            let later = check(&held, None);
            let along = check_along(&held);
            proptest::prop_assert_eq!(later.is_ok(), along.is_ok(), "{:?} {:?}", later, along);
            if count == 1 {
                proptest::prop_assert_eq!(later, along);
            }
        }

        #[test]
        fn a_row_that_is_there_again_or_still_is_not_passed_over(
            happenings in proptest::collection::vec(
                (0..1usize, proptest::sample::select(vec![
                    Happening::Added, Happening::Switched, Happening::Pruned,
                ])),
                1..10,
            ),
            cut in 0..10usize,
        ) {
            let keys = [sample_key(), sample_key()];
            let whole = after(&keys, &happenings);
            // The row as an earlier event left it.
            let earlier = after(&keys, &happenings[..cut.min(happenings.len())]);
            let held = Held { rows: earlier.rows, ..whole };
            proptest::prop_assert_eq!(check(&held, None), check_along(&held));
        }
    }

    #[test]
    fn a_policy_that_no_event_changed_is_the_default() {
        let mut audit = Audit::new(STORE, None);
        for event in held().events.iter().take(3) {
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
                audit.event(event).unwrap();
            }
            let found = audit.end_of_log(&held.head);
            assert_eq!(found.map(|()| audit.matches_head_at), expected, "{kept:?}");
        }
        for text in ["", "x", "a b", "store 1x 00", "store 1 00", "a b c d"] {
            assert!(text.parse::<KeptHead>().is_err(), "{text:?}");
        }
    }
}
