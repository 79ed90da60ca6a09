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

use super::change::Action;
use super::discrepancy::Discrepancy;
use super::event::{Event, EventRow, Head};
use super::hash::RowDigest;
use super::kept_head::KeptHead;
use super::key::{Key, KeyId};
use super::policy::Policy;

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
mod tests;
