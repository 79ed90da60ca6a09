//! Taking in keys that were issued elsewhere.
//!
//! They are added as they are: limits are for those who issue keys, and these
//! are in use already. A token that the store has is left as the store has it.

use std::collections::HashSet;

use super::{Registry, apply, begin};
use crate::domain::{Actor, Change, Error, Key, KeyId, Timestamp};
use crate::store::Tx;

/// How many keys are added at once.
const PORTION: usize = 256;

/// What became of the keys that were offered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Imported {
    /// How many were added.
    pub imported_count: u64,
    /// How many were left as they are, since the store has their token.
    pub present_count: u64,
    /// How many of those have another access or workspace in the store.
    pub differing_count: u64,
    /// Those that are revoked where they come from, and not in the store.
    pub still_valid: Vec<KeyId>,
}

impl Registry {
    /// Adds the keys that `next` gives, all of them in one transaction, or none
    /// if it fails; `each` gets those that were added. The memory it takes does
    /// not grow with their number.
    ///
    /// # Errors
    /// The store's faults, and those of `next`.
    pub fn import<E: From<Error>>(
        &mut self,
        dry_run: bool,
        now: Timestamp,
        mut next: impl FnMut() -> Result<Option<Key>, E>,
        mut each: impl FnMut(&Key),
    ) -> Result<Imported, E> {
        let (mut tx, now) = begin(self.store.as_mut(), now).map_err(Error::from)?;
        tx.expect_many().map_err(Error::from)?;
        let mut intake = Intake::new(tx.as_mut(), &self.actor, now);
        while let Some(key) = next()? {
            intake.offer(key, &mut each)?;
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
    /// Those that are to be added next.
    pending: Vec<Change>,
    /// Their digests, which the store does not know of yet.
    pending_digests: HashSet<[u8; 32]>,
    done: Imported,
}

impl<'a> Intake<'a> {
    pub(super) fn new(tx: &'a mut dyn Tx, actor: &'a Actor, now: Timestamp) -> Intake<'a> {
        Intake {
            tx,
            actor,
            now,
            pending: Vec::with_capacity(PORTION),
            pending_digests: HashSet::with_capacity(PORTION),
            done: Imported::default(),
        }
    }

    /// Takes a key, unless the store has its token.
    pub(super) fn offer(&mut self, key: Key, each: &mut dyn FnMut(&Key)) -> Result<(), Error> {
        if self.pending.len() == PORTION || self.pending_digests.contains(key.digest.as_bytes()) {
            self.add_pending(each)?;
        }
        match self.tx.key_by_digest(&key.digest)? {
            Some(present) => self.compare(&present, &key),
            None => {
                self.pending_digests.insert(*key.digest.as_bytes());
                self.pending.push(Change::Imported(key));
            }
        }
        Ok(())
    }

    /// The end.
    pub(super) fn finish(mut self, each: &mut dyn FnMut(&Key)) -> Result<Imported, Error> {
        self.add_pending(each)?;
        Ok(self.done)
    }

    /// The store's own record stands, whatever the other says: what was revoked
    /// here stays revoked, and what is bound stays bound.
    fn compare(&mut self, present: &Key, offered: &Key) {
        self.done.present_count += 1;
        if present.access != offered.access || present.workspace != offered.workspace {
            self.done.differing_count += 1;
        }
        if offered.revoked_at.is_some() && present.revoked_at.is_none() {
            self.done.still_valid.push(present.id.clone());
        }
    }

    fn add_pending(&mut self, each: &mut dyn FnMut(&Key)) -> Result<(), Error> {
        apply(self.tx, self.actor, self.now, &self.pending)?;
        for key in self.pending.iter().filter_map(Change::key) {
            if let Some(at) = key.last_used_at {
                self.tx.record_use(&key.id, at)?;
            }
            self.done.imported_count += 1;
            each(key);
        }
        self.pending.clear();
        self.pending_digests.clear();
        Ok(())
    }
}
