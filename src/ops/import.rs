//! Taking in keys that were issued elsewhere.
//!
//! They are added as they are: limits are for those who issue keys, and these
//! are in use already. A token that the store has is left as the store has it,
//! and one whose key was removed here, after it had ended, stays away.

mod compare;
pub(super) mod tombstone;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use super::attempt::begin;
use super::find::first_event;
use super::{Registry, apply};
use crate::domain::{
    Actor, Change, Digest, Error, Event, Key, KeyId, Refusal, Status, StoreError, Timestamp,
    Workspace,
};
use crate::store::Tx;
use compare::{differs, outlives};
use tombstone::{tombstone, tombstones};

/// How many keys are added at once.
pub(super) const PORTION: usize = 256;

/// What became of the keys that were offered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Imported {
    /// How many were added.
    pub imported_count: u64,
    /// How many were left as they are, since the store has their token.
    pub present_count: u64,
    /// How many were left out, since their record was pruned here.
    pub pruned_count: u64,
    /// Those present that are of another workspace or access than what was
    /// offered, or may do more, or for longer.
    pub differing: Vec<KeyId>,
    /// Those present that have ended where they come from, and not here.
    pub still_valid: Vec<StillValid>,
}

/// What is offered to a store.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "there is one at a time")]
pub enum Offer {
    /// A key.
    Key(Key),
    /// The token of one that was left out, so that none of another reach may
    /// stand in for it.
    LeftOut(Digest),
}

/// A key that has not ended here as it has elsewhere. One that is disabled here
/// and revoked there is one too: it could be enabled again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StillValid {
    /// Its id here.
    pub id: KeyId,
    /// Its workspace here.
    pub workspace: Workspace,
    /// What it is here.
    pub status_here: Status,
    /// What it is where it comes from; what it was, if its record is gone there.
    pub status_there: Status,
}

impl Registry {
    /// Adds the keys that `next` gives, all of them in one transaction, or none
    /// if it fails; `each` gets those that were added. The memory it takes does
    /// not grow with their number.
    ///
    /// # Errors
    /// [`Refusal::TokenTaken`] and [`Refusal::TokenLeftOut`] for two keys of one
    /// token that do not reach the same, or of which one was left out; the
    /// store's faults, and those of `next`.
    pub fn import<E: From<Error>>(
        &mut self,
        dry_run: bool,
        now: Timestamp,
        mut next: impl FnMut() -> Result<Option<Offer>, E>,
        mut each: impl FnMut(&Key),
    ) -> Result<Imported, E> {
        let (mut tx, now) = begin(self.store.as_mut(), now).map_err(Error::from)?;
        tx.expect_many().map_err(Error::from)?;
        let mut intake = Intake::new(tx.as_mut(), &self.actor, now).map_err(Error::from)?;
        while let Some(offer) = next()? {
            match offer {
                Offer::Key(key) => intake.offer(key, &mut each)?,
                Offer::LeftOut(digest) => intake.left_out.push(digest),
            }
        }
        let imported = intake.finish(&mut each)?;
        if !dry_run {
            tx.commit().map_err(Error::from)?;
        }
        Ok(imported)
    }
}

/// Keys on their way into a store.
pub(super) struct Intake<'a> {
    pub(super) tx: &'a mut dyn Tx,
    actor: &'a Actor,
    now: Timestamp,
    /// The end of the log before any was added.
    start: i64,
    /// Of the keys that were pruned here.
    tombstones: BTreeMap<String, Status>,
    /// And of those that were pruned where the others come from.
    tombstones_there: BTreeMap<String, Status>,
    left_out: Vec<Digest>,
    /// Those present that are named already.
    differing: BTreeSet<KeyId>,
    still_valid: BTreeSet<KeyId>,
    /// Those that are to be added next.
    pending: Vec<Change>,
    /// Their digests, which the store does not know of yet.
    pending_digests: BTreeSet<[u8; 32]>,
    done: Imported,
}

impl<'a> Intake<'a> {
    pub(super) fn new(
        tx: &'a mut dyn Tx,
        actor: &'a Actor,
        now: Timestamp,
    ) -> Result<Intake<'a>, StoreError> {
        Ok(Intake {
            start: tx.head()?.seq,
            tombstones: tombstones(tx)?,
            tombstones_there: BTreeMap::new(),
            left_out: Vec::new(),
            differing: BTreeSet::new(),
            still_valid: BTreeSet::new(),
            tx,
            actor,
            now,
            pending: Vec::with_capacity(PORTION),
            pending_digests: BTreeSet::new(),
            done: Imported::default(),
        })
    }

    /// Takes a key, unless the store has its token.
    pub(super) fn offer(&mut self, key: Key, each: &mut dyn FnMut(&Key)) -> Result<(), Error> {
        if self.pending.len() == PORTION || self.pending_digests.contains(key.digest.as_bytes()) {
            self.add_pending(each)?;
        }
        match self.tx.key_by_digest(&key.digest)? {
            Some(present) => self.compare(&present, &key)?,
            None if self.was_pruned(&key) => {
                self.done.pruned_count += 1;
            }
            None => {
                self.pending_digests.insert(*key.digest.as_bytes());
                let key = with_past_use(key, self.now);
                self.pending.push(Change::Imported(key));
            }
        }
        Ok(())
    }

    fn was_pruned(&self, key: &Key) -> bool {
        !self.tombstones.is_empty() && self.tombstones.contains_key(&key.digest.tombstone())
    }

    /// Takes an event of where the keys come from.
    pub(super) fn learn(&mut self, event: &Event) {
        self.tombstones_there.extend(tombstone(event));
    }

    /// The end.
    pub(super) fn finish(mut self, each: &mut dyn FnMut(&Key)) -> Result<Imported, Error> {
        self.add_pending(each)?;
        for digest in &self.left_out {
            if let Some(Key { id, .. }) = self.tx.key_by_digest(digest)?
                && self.was_added_now(&id)?
            {
                return Err(Error::Refused(Refusal::TokenLeftOut { id }));
            }
        }
        if !self.tombstones_there.is_empty() {
            let there = std::mem::take(&mut self.tombstones_there);
            let mut pruned_there = Vec::new();
            self.tx.rows(&mut |_, key| {
                if let Some(status) = there.get(&key.digest.tombstone()) {
                    pruned_there.push((key, *status));
                }
                ControlFlow::Continue(())
            })?;
            for (key, status) in pruned_there {
                self.compare_status(&key, status);
            }
        }
        Ok(self.done)
    }

    /// The store's own record stands, whatever the other says: what was revoked
    /// here stays revoked, and what is bound stays bound.
    ///
    /// Of two that are offered, none stands before the other.
    fn compare(&mut self, present: &Key, offered: &Key) -> Result<(), Error> {
        self.done.present_count += 1;
        if differs(present, offered) {
            if self.was_added_now(&present.id)? {
                let (id, other) = (offered.id.clone(), present.id.clone());
                return Err(Error::Refused(Refusal::TokenTaken { id, other }));
            }
            if self.differing.insert(present.id.clone()) {
                self.done.differing.push(present.id.clone());
            }
        }
        self.compare_status(present, offered.status(self.now));
        Ok(())
    }

    fn compare_status(&mut self, present: &Key, status_there: Status) {
        let status_here = present.status(self.now);
        if outlives(status_here, status_there) && self.still_valid.insert(present.id.clone()) {
            self.done.still_valid.push(StillValid {
                id: present.id.clone(),
                workspace: present.workspace.clone(),
                status_here,
                status_there,
            });
        }
    }

    fn was_added_now(&self, id: &KeyId) -> Result<bool, StoreError> {
        let first = first_event(self.tx, id)?;
        Ok(first.is_some_and(|event| event.seq > self.start))
    }

    fn add_pending(&mut self, each: &mut dyn FnMut(&Key)) -> Result<(), Error> {
        apply(self.tx, self.actor, self.now, &self.pending)?;
        for key in self.pending.iter().filter_map(Change::key) {
            self.done.imported_count += 1;
            each(key);
        }
        self.pending.clear();
        self.pending_digests.clear();
        Ok(())
    }
}

/// The key with the last use that it brings along. That is not in the log, so nobody
/// answers for it: one that is yet to come would keep later ones from being seen.
pub(super) fn with_past_use(key: Key, now: Timestamp) -> Key {
    Key {
        last_used_at: key.last_used_at.map(|at| at.min(now)),
        ..key
    }
}
