//! The operations: load what a rule needs, let it decide, write what it says.
//!
//! [`Registry`] runs them over any store. Every write goes through `apply`,
//! which writes a row and its event together, so that nothing changes without
//! a trace.

mod attempt;
mod audit;
mod backup;
mod check;
pub mod dify;
mod edit;
pub(crate) mod find;
mod import;
mod issue;
#[cfg(feature = "leak")]
mod leaks;
mod list;
mod listed;
mod policy;
mod prune;
mod restore;
mod revoke;
mod revoke_leaked;
mod revoke_matching;
mod rotate;
mod sweep;
mod switch;
mod transfer;

use std::collections::BTreeMap;

use crate::domain::{Actor, Change, Entry, Error, Event, Head, StoreError, Timestamp};
use crate::store::{self, IfMissing, Location, Store, Tx};
use attempt::{attempt, begin};

pub use check::{Attention, Checkup, Level, Patience};
pub use edit::{EditRequest, Edited};
pub use import::{Imported, Offer, StillValid};
pub use issue::IssueRequest;
#[cfg(feature = "leak")]
pub use leaks::{Leak, Leaks, Owner};
pub use list::{ListQuery, Listing, NamePattern};
pub use listed::Listed;
pub use policy::PolicyChange;
pub use prune::PruneRequest;
pub use restore::{Ending, Kept, RestoreRequest, Restored};
pub use revoke::{Outcome, Revocation, RevokeRequest, Selection};
pub use revoke_leaked::{LeakedKey, RevokeLeakedRequest};
pub use revoke_matching::{Matching, RevokeMatchingRequest};
pub use rotate::{RotateRequest, Rotation};
pub use sweep::Progress;
pub use switch::{Switch, SwitchRequest, Switched};
pub use transfer::{Moved, Record, check_export};

/// A store opened on behalf of someone, with all that can be done to its keys.
///
/// One on a server must not be used in a task of an asynchronous runtime, whose
/// threads may not run the driver's own: open and use it where blocking is allowed,
/// in tokio in `spawn_blocking`. A [`Verifier`](crate::Verifier) may be asked anywhere.
pub struct Registry {
    store: Box<dyn Store>,
    actor: Actor,
    is_new: bool,
    has_given_up_ballast: bool,
}

impl Registry {
    fn over(store: Box<dyn Store>, actor: Actor) -> Registry {
        Registry {
            store,
            actor,
            is_new: false,
            has_given_up_ballast: false,
        }
    }

    /// Opens the store that is there.
    ///
    /// # Errors
    /// [`StoreFault::Missing`](crate::StoreFault::Missing) if there is none.
    pub fn open(location: &Location, actor: Actor) -> Result<Registry, StoreError> {
        let store = store::open(location, IfMissing::Fail)?;
        Ok(Registry::over(store, actor))
    }

    /// Opens the store, and makes it first if there is none: its folder 0700,
    /// its files 0600, its making the first event of its log.
    ///
    /// # Errors
    /// The faults of [`open`](Self::open) and of making files.
    pub fn create(
        location: &Location,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Registry, StoreError> {
        let store = store::open(location, IfMissing::Create)?;
        let mut registry = Registry::over(store, actor);
        if registry.store.read()?.head()?.seq == 0 {
            registry.is_new = registry.begin_log(now)?;
        }
        Ok(registry)
    }

    /// Writes the first event of the log, unless others were faster.
    fn begin_log(&mut self, now: Timestamp) -> Result<bool, StoreError> {
        let (mut tx, now) = begin(self.store.as_mut(), now)?;
        let is_new = tx.head()?.seq == 0;
        if is_new {
            apply(tx.as_mut(), &self.actor, now, &[])?;
            tx.commit()?;
        }
        Ok(is_new)
    }

    /// Whether [`create`](Self::create) made the store, and did not find it.
    pub fn is_new(&self) -> bool {
        self.is_new
    }

    /// Opens the store, or works on one that leaves nothing behind if there is
    /// none, for trying out what [`create`](Self::create) would lead to.
    ///
    /// # Errors
    /// The faults of [`open`](Self::open), save a missing store.
    pub fn pretend(location: &Location, actor: Actor) -> Result<Registry, StoreError> {
        let store = store::open(location, IfMissing::Pretend)?;
        Ok(Registry::over(store, actor))
    }

    /// Opens the store that is there to be read without leaving a trace, for
    /// suggestions while a command is typed.
    ///
    /// # Errors
    /// Any fault at all of a store that cannot be read so at once.
    pub fn peek(location: &Location, actor: Actor) -> Result<Registry, StoreError> {
        let store = store::peek(location)?;
        Ok(Registry::over(store, actor))
    }

    /// Runs what changes the store, at the time that it is then, and keeps it
    /// unless it is only tried out.
    fn change<T>(
        &mut self,
        dry_run: bool,
        now: Timestamp,
        mut work: impl FnMut(&mut dyn Tx, &Actor, Timestamp) -> Result<T, Error>,
    ) -> Result<T, Error> {
        attempt(now, |now| {
            let (mut tx, now) = begin(self.store.as_mut(), now)?;
            let result = work(tx.as_mut(), &self.actor, now)?;
            if !dry_run {
                tx.commit()?;
            }
            Ok(result)
        })
    }

    /// Runs what ends keys. If the disk is full, the room that the store keeps
    /// for this is given up: a key that has leaked cannot wait until somebody
    /// has cleared the disk.
    fn spending_ballast<T>(
        &mut self,
        mut work: impl FnMut(&mut Registry) -> Result<T, Error>,
    ) -> Result<T, Error> {
        loop {
            match work(self) {
                Err(Error::Store(error)) if error.fault().may_want_room() => {
                    if !self.store.give_up_ballast(error.fault())? {
                        return Err(Error::Store(error));
                    }
                    self.has_given_up_ballast = true;
                }
                done => return done,
            }
        }
    }

    /// Whether the disk was so full that the room kept for ending keys was given
    /// up. It is kept again with a later change, when there is enough.
    pub fn has_given_up_ballast(&self) -> bool {
        self.has_given_up_ballast
    }
}

/// Writes changes and their events, in order: the only caller of what writes.
/// The first change of a store brings the event of the store's own making.
fn apply(
    tx: &mut dyn Tx,
    actor: &Actor,
    at: Timestamp,
    changes: &[Change],
) -> Result<(), StoreError> {
    let mut head = tx.head()?;
    let first = (head.seq == 0).then_some(&Change::StoreCreated);
    for change in first.into_iter().chain(changes) {
        match change {
            Change::StoreCreated | Change::Restored { .. } => {}
            Change::Issued(key) | Change::Imported(key) => tx.insert_key(key)?,
            Change::Updated { before, after, .. } => tx.change_key(before, after)?,
            Change::Pruned(key) => tx.delete_key(&key.id)?,
            Change::PolicyChanged { after, .. } => tx.set_policy(after)?,
        }
        let event = Event::next(&head, entry(change, actor, at));
        tx.append_event(&event)?;
        head = Head {
            seq: event.seq,
            hash: Some(event.hash),
            ..head
        };
    }
    Ok(())
}

fn entry(change: &Change, actor: &Actor, at: Timestamp) -> Entry {
    Entry {
        at,
        actor: actor.clone(),
        action: change.action(),
        workspace: change.key().map(|key| key.workspace.clone()),
        key_id: change.key().map(|key| key.id.clone()),
        row_digest: change.row_digest(),
        detail: detail(change),
    }
}

/// `{"field": {"from": …, "to": …}}` for each field that changed, sorted by name.
fn detail(change: &Change) -> String {
    // Maps of the standard library: those of `serde_json` own their texts, and made
    // half of what a long import computes.
    let differences = change.differences();
    let fields: BTreeMap<&str, BTreeMap<&str, Option<&str>>> = differences
        .iter()
        .map(|difference| {
            let (before, after) = (difference.before.as_deref(), difference.after.as_deref());
            let change = BTreeMap::from([("from", before), ("to", after)]);
            (difference.field, change)
        })
        .collect();
    serde_json::to_string(&fields).expect("texts by texts are always JSON")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Action, Key, KeyId, StoreFault};
    use crate::store::{PrivateFile, Upkeep};

    #[test]
    fn detail_tells_what_changed_from_what_to_what() {
        let before = crate::domain::sample_key();
        let change = Change::Updated {
            action: Action::Disabled,
            after: Key {
                disabled_at: Timestamp::from_unix(60),
                ..before.clone()
            },
            before,
            reason: Some("on leave".parse().unwrap()),
        };
        assert_eq!(
            detail(&change),
            r#"{"disabled_at":{"from":null,"to":"1970-01-01T00:01:00Z"},"reason":{"from":null,"to":"on leave"}}"#
        );
    }

    /// A store on a disk that has room only when so many pieces were given up.
    struct OnFullDisk {
        store: Box<dyn Store>,
        fault: StoreFault,
        missing: u32,
        kept: u32,
    }

    impl Store for OnFullDisk {
        fn read(&mut self) -> Result<Box<dyn Tx + '_>, StoreError> {
            self.store.read()
        }

        fn write(&mut self) -> Result<Box<dyn Tx + '_>, StoreError> {
            match self.missing {
                0 => self.store.write(),
                _ => Err(StoreError::new(self.fault.clone())),
            }
        }

        fn touch(&mut self, uses: &[(KeyId, Timestamp)]) -> Result<(), StoreError> {
            self.store.touch(uses)
        }

        fn upkeep(&mut self) -> Result<Upkeep, StoreError> {
            self.store.upkeep()
        }

        fn copy_into(&mut self, file: &PrivateFile) -> Result<(), StoreError> {
            self.store.copy_into(file)
        }

        fn give_up_ballast(&mut self, fault: &StoreFault) -> Result<bool, StoreError> {
            assert_eq!(*fault, self.fault);
            let is_given_up = self.kept > 0;
            self.kept = self.kept.saturating_sub(1);
            self.missing = self.missing.saturating_sub(u32::from(is_given_up));
            Ok(is_given_up)
        }
    }

    #[test]
    fn keys_are_ended_as_long_as_there_is_room_to_give_up() {
        let folder = tempfile::tempdir().unwrap();
        let location = Location::File(folder.path().join("keys.db"));
        let now = Timestamp::from_unix(1_000).unwrap();
        let actor: Actor = "alice".parse().unwrap();
        drop(Registry::create(&location, actor.clone(), now).unwrap());
        let request = RevokeMatchingRequest {
            workspace: crate::domain::Workspace::default(),
            matching: Matching::Keys {
                app: None,
                expired: false,
                unused_for: None,
            },
            agreed: None,
            reason: None,
            expected_count: None,
            dry_run: false,
        };
        // fault, pieces that are missing, pieces that are kept; ended, given up
        let cases = [
            (StoreFault::Full, 0, 2, true, false),
            (StoreFault::Full, 1, 2, true, true),
            (StoreFault::Other, 2, 2, true, true),
            (StoreFault::Full, 2, 1, false, true),
            (StoreFault::Full, 1, 0, false, false),
            (StoreFault::Locked, 1, 2, false, false),
        ];
        for (fault, missing, kept, is_ended, is_given_up) in cases {
            let store = OnFullDisk {
                store: store::open(&location, IfMissing::Fail).unwrap(),
                fault: fault.clone(),
                missing,
                kept,
            };
            let mut registry = Registry::over(Box::new(store), actor.clone());
            let ended = registry.revoke_matching(&request, now, |_| {});
            assert_eq!(ended.is_ok(), is_ended, "{fault:?} {missing} {kept}");
            assert_eq!(
                registry.has_given_up_ballast(),
                is_given_up,
                "{fault:?} {missing}"
            );
        }
    }
}
