//! A whole store on its way to another: digests, bindings, policy and log.
//!
//! An export is a sequence of records, in this order: the head, every event, the
//! policy, every key, the end. Whoever reads it can hold each record against
//! those before it, so that nothing of one that was altered or cut is kept.

mod check;

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use super::Registry;
use super::attempt::begin;
use super::import::{Imported, Intake, PORTION, with_past_use};
use crate::domain::{Error, Event, Head, Key, KeyId, Policy, Refusal, StoreError, Timestamp};
use crate::store::{EventFilter, Tx};
use check::Check;

/// A part of an export.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "there is one at a time")]
pub enum Record {
    /// The end of the log, and so how many events there are.
    Head(Head),
    /// An event of the log.
    Event(Event),
    /// The policy.
    Policy(Policy),
    /// A key, its last use included.
    Key {
        /// The number of the event that added it.
        added_by: i64,
        /// The key.
        key: Key,
    },
    /// Nothing follows.
    End {
        /// How many keys there were.
        key_count: u64,
    },
}

/// What became of an export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Moved {
    /// The store was empty and is now the one that was exported, its log
    /// included.
    TakenOver {
        /// The end of the log.
        head: Head,
        /// How many keys there are.
        key_count: u64,
    },
    /// The store had a log of its own, and the keys were added to it.
    Added {
        /// What became of them.
        imported: Imported,
        /// Whether the policy that was exported is another one than the store's,
        /// which stays.
        has_other_policy: bool,
    },
}

impl Registry {
    /// Hands over the whole store, of whatever workspace, as it is at one
    /// moment. The memory it takes does not grow with the store.
    ///
    /// # Errors
    /// The store's faults, and those of `each`, which end it.
    pub fn export<E: From<Error> + Send>(
        &mut self,
        mut each: impl FnMut(Record) -> Result<(), E> + Send,
    ) -> Result<(), E> {
        let tx = self.store.read().map_err(Error::from)?;
        let mut key_count = 0;
        each(Record::Head(tx.head().map_err(Error::from)?))?;
        until_failure(|step| {
            tx.events(&EventFilter::default(), &mut |event| {
                step(each(Record::Event(event)))
            })
        })?;
        each(Record::Policy(tx.policy().map_err(Error::from)?))?;
        until_failure(|step| {
            tx.rows(&mut |added_by, key| {
                key_count += 1;
                step(each(Record::Key { added_by, key }))
            })
        })?;
        each(Record::End { key_count })
    }

    /// Takes in the export that `next` gives, record by record, all of it or
    /// nothing. An empty store becomes the one that was exported. To any other,
    /// the keys are added whose tokens it does not have; its policy stays, and
    /// so does its log, in which each is told of as imported.
    ///
    /// # Errors
    /// [`Refusal::ExportAltered`], [`Refusal::ExportDisordered`] and
    /// [`Refusal::ExportCut`] for what is no export, or no longer;
    /// [`Refusal::IdTaken`] and [`Refusal::TokenTaken`] for two keys of one id or
    /// one token; the store's faults, and those of `next`.
    pub fn import_export<E: From<Error>>(
        &mut self,
        dry_run: bool,
        now: Timestamp,
        mut next: impl FnMut() -> Result<Option<Record>, E>,
        mut each: impl FnMut(&Key),
    ) -> Result<Moved, E> {
        let (mut tx, now) = begin(self.store.as_mut(), now).map_err(Error::from)?;
        tx.expect_many().map_err(Error::from)?;
        let moved = if is_empty(tx.as_ref()).map_err(Error::from)? {
            take_over_all(tx.as_mut(), now, &mut next, &mut each)?
        } else {
            let intake = Intake::new(tx.as_mut(), &self.actor, now).map_err(Error::from)?;
            add_all(intake, &mut next, &mut each)?
        };
        if !dry_run {
            tx.commit().map_err(Error::from)?;
        }
        Ok(moved)
    }
}

fn take_over_all<E: From<Error>>(
    tx: &mut dyn Tx,
    now: Timestamp,
    next: &mut dyn FnMut() -> Result<Option<Record>, E>,
    each: &mut dyn FnMut(&Key),
) -> Result<Moved, E> {
    let mut check = Check::new();
    let mut keys = Arriving::default();
    while let Some(record) = next()? {
        check.take(&record)?;
        // Each is written as it is; an event is not made anew but comes with it.
        match record {
            Record::Head(head) => tx.adopt(&head.store_id).map_err(Error::from)?,
            Record::Event(event) => tx.append_event(&event).map_err(Error::from)?,
            Record::Policy(policy) => tx.set_policy(&policy).map_err(Error::from)?,
            Record::Key { added_by, key } => keys.take(tx, added_by, key, now, each)?,
            Record::End { .. } => {}
        }
    }
    keys.add(tx, each)?;
    let (head, key_count) = check.finish()?;
    Ok(Moved::TakenOver { head, key_count })
}

fn add_all<E: From<Error>>(
    mut intake: Intake<'_>,
    next: &mut dyn FnMut() -> Result<Option<Record>, E>,
    each: &mut dyn FnMut(&Key),
) -> Result<Moved, E> {
    let policy = intake.tx.policy().map_err(Error::from)?;
    let mut has_other_policy = false;
    let mut check = Check::new();
    while let Some(record) = next()? {
        check.take(&record)?;
        match record {
            Record::Key { key, .. } => add(&mut intake, key, each)?,
            Record::Policy(other) => has_other_policy = other != policy,
            Record::Event(event) => intake.learn(&event),
            Record::Head(_) | Record::End { .. } => {}
        }
    }
    check.finish()?;
    Ok(Moved::Added {
        imported: intake.finish(each)?,
        has_other_policy,
    })
}

/// Holds an export against itself, as [`Registry::import_export`] does, without
/// a store.
///
/// # Errors
/// As there.
pub fn check_export<E: From<Error>>(
    mut next: impl FnMut() -> Result<Option<Record>, E>,
) -> Result<(), E> {
    let mut check = Check::new();
    while let Some(record) = next()? {
        check.take(&record)?;
    }
    check.finish()?;
    Ok(())
}

/// Whether nothing has happened here but the making of the store.
fn is_empty(tx: &dyn Tx) -> Result<bool, StoreError> {
    Ok(tx.head()?.seq <= 1 && {
        let mut has_keys = false;
        tx.rows(&mut |_, _| {
            has_keys = true;
            ControlFlow::Break(())
        })?;
        !has_keys
    })
}

/// Keys on their way into an empty store. They are looked for together and added
/// together: to ask a server about one in between would be slow.
#[derive(Default)]
struct Arriving {
    keys: Vec<(i64, Key)>,
}

impl Arriving {
    fn take(
        &mut self,
        tx: &mut dyn Tx,
        added_by: i64,
        key: Key,
        now: Timestamp,
        each: &mut dyn FnMut(&Key),
    ) -> Result<(), Error> {
        self.keys.push((added_by, with_past_use(key, now)));
        if self.keys.len() < PORTION {
            return Ok(());
        }
        self.add(tx, each)
    }

    fn add(&mut self, tx: &mut dyn Tx, each: &mut dyn FnMut(&Key)) -> Result<(), Error> {
        let keys = std::mem::take(&mut self.keys);
        let mut seen: BTreeMap<[u8; 32], KeyId> = BTreeMap::new();
        for (_, key) in &keys {
            let before = match seen.insert(*key.digest.as_bytes(), key.id.clone()) {
                Some(other) => Some(other),
                None => tx.key_by_digest(&key.digest)?.map(|other| other.id),
            };
            if let Some(other) = before {
                let id = key.id.clone();
                return Err(Error::Refused(Refusal::TokenTaken { id, other }));
            }
        }
        for (added_by, key) in &keys {
            tx.restore_key(*added_by, key)?;
        }
        for (_, key) in &keys {
            each(key);
        }
        Ok(())
    }
}

fn add(intake: &mut Intake<'_>, key: Key, each: &mut dyn FnMut(&Key)) -> Result<(), Error> {
    if let Some(present) = intake.tx.key(&key.id)?
        && present.digest != key.digest
    {
        return Err(Error::Refused(Refusal::IdTaken { id: key.id }));
    }
    intake.offer(key, each)
}

/// Runs over rows until the first that somebody cannot take.
fn until_failure<E: From<Error> + Send>(
    run: impl FnOnce(
        &mut (dyn FnMut(Result<(), E>) -> ControlFlow<()> + Send),
    ) -> Result<(), StoreError>,
) -> Result<(), E> {
    let mut taken = Ok(());
    run(&mut |result| {
        taken = result;
        match taken {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    })
    .map_err(Error::from)?;
    taken
}
