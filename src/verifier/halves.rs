//! Work on much, in two halves by two threads: each with a connection of its own,
//! both at one state of the store.

use std::num::NonZero;
use std::panic::resume_unwind;
use std::thread;

use crate::domain::{Error, Head, StoreError};
use crate::store::{Store, Tx};

/// A store, and a second connection to it once one was needed.
pub(super) struct Both {
    pub(super) store: Box<dyn Store>,
    second: Second,
}

enum Second {
    NotAsked,
    Unavailable,
    Open(Box<dyn Store>),
}

/// A transaction, and what a helper begins one with that sees the same.
pub(super) struct Halves<'a> {
    pub(super) tx: Box<dyn Tx + 'a>,
    /// Without it the helper is not asked, and the answers are the same.
    head: Option<Head>,
    second: Option<&'a mut dyn Store>,
}

impl Both {
    pub(super) fn of(store: Box<dyn Store>) -> Both {
        Both {
            store,
            second: Second::NotAsked,
        }
    }

    /// Begins to read.
    pub(super) fn read(&mut self) -> Result<Halves<'_>, StoreError> {
        if matches!(self.second, Second::NotAsked) {
            let is_of_use =
                thread::available_parallelism().is_ok_and(|count| count > NonZero::<usize>::MIN);
            let second = is_of_use.then(|| self.store.beside()).flatten();
            self.second = second.map_or(Second::Unavailable, Second::Open);
        }
        let tx = self.store.read()?;
        Ok(Halves {
            head: tx.head().ok(),
            tx,
            second: match &mut self.second {
                Second::Open(store) => Some(store.as_mut()),
                Second::NotAsked | Second::Unavailable => None,
            },
        })
    }
}

impl Halves<'_> {
    /// Has both halves of `all` worked on.
    pub(super) fn work<T: Sync, A: Send>(
        &mut self,
        all: &[T],
        work: impl Fn(&dyn Tx, &[T]) -> Result<A, Error> + Sync,
    ) -> Result<[A; 2], Error> {
        let (first, rest) = all.split_at(all.len() / 2);
        let Some(second) = self.second.as_deref_mut() else {
            return Ok([
                work(self.tx.as_ref(), first)?,
                work(self.tx.as_ref(), rest)?,
            ]);
        };
        let (head, helper) = (&self.head, &work);
        let (mine, others) = at_once(
            || work(self.tx.as_ref(), first),
            || {
                let tx = second.read()?;
                // Every change moves the end of the log.
                let sees_the_same = Some(tx.head()?) == *head;
                sees_the_same.then(|| helper(tx.as_ref(), rest)).transpose()
            },
        );
        let mine = mine?;
        let others = match others {
            Some(Ok(Some(others))) => others,
            // There was no thread to be had, or somebody wrote just then; and what else
            // went wrong goes wrong once more.
            _ => work(self.tx.as_ref(), rest)?,
        };
        Ok([mine, others])
    }
}

/// Runs both at the same time; the other has no answer where there is no thread.
pub(super) fn at_once<A, B: Send>(
    mine: impl FnOnce() -> A,
    others: impl FnOnce() -> B + Send,
) -> (A, Option<B>) {
    thread::scope(|scope| {
        let helper = thread::Builder::new().spawn_scoped(scope, others);
        let mine = mine();
        let others = helper
            .ok()
            .map(|helper| helper.join().unwrap_or_else(|panic| resume_unwind(panic)));
        (mine, others)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Choice, Timestamp};
    use crate::ops::Registry;
    use crate::store::{IfMissing, Location, open};

    #[test]
    fn the_other_half_is_done_by_a_helper_that_sees_the_same_or_else_by_the_caller() {
        let folder = tempfile::tempdir().unwrap();
        let location = Location::File(folder.path().join("keys.db"));
        let now = Timestamp::now();
        let mut registry = Registry::create(&location, "alice".parse().unwrap(), now).unwrap();
        let mut both = Both::of(open(&location, IfMissing::Fail).unwrap());
        let is_helped = |halves: &mut Halves<'_>| {
            let work =
                |tx: &dyn Tx, half: &[i32]| Ok((thread::current().id(), tx.head()?, half.to_vec()));
            let [mine, other] = halves.work(&[1, 2, 3, 4, 5], work).unwrap();
            assert_eq!(mine.0, thread::current().id());
            assert_eq!(mine.1, other.1);
            assert_eq!([mine.2, other.2].concat(), [1, 2, 3, 4, 5]);
            other.0 != mine.0
        };
        let has_two = thread::available_parallelism().unwrap().get() > 1;
        let mut halves = both.read().unwrap();
        assert_eq!(is_helped(&mut halves), has_two);
        let choice = Choice::MaxKeysPerTarget(Some(3));
        registry.set_policy(choice, now).unwrap();
        assert!(!is_helped(&mut halves));
        drop(halves);
        assert_eq!(is_helped(&mut both.read().unwrap()), has_two);
    }
}
