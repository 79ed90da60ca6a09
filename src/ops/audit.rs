//! The log: read, and held against the store.

use std::ops::ControlFlow;
use std::thread;

use super::Registry;
use crate::domain::{
    Audit, Checked, Discrepancy, Error, Event, Head, KeptHead, KeyId, KeyMark, StoreError,
    StoreFault, Tally,
};
use crate::store::{EventFilter, Part, Store, Tx};

impl Registry {
    /// Hands over the events that fit, oldest first, until `each` says stop; another
    /// thread does so once there were many. The memory it takes does not grow with their
    /// number.
    ///
    /// # Errors
    /// The store's faults.
    pub fn events(
        &mut self,
        filter: &EventFilter,
        mut each: impl FnMut(Event) -> ControlFlow<()> + Send,
    ) -> Result<(), Error> {
        Ok(self.store.read()?.events(filter, &mut each)?)
    }

    /// What the log says of a key, oldest first.
    ///
    /// # Errors
    /// The store's faults.
    pub fn history(&mut self, id: &KeyId) -> Result<Vec<Event>, Error> {
        let filter = EventFilter {
            key_id: Some(id.clone()),
            ..EventFilter::default()
        };
        let mut events = Vec::new();
        self.events(&filter, |event| {
            events.push(event);
            ControlFlow::Continue(())
        })?;
        Ok(events)
    }

    /// The end of the log, to be kept elsewhere.
    ///
    /// # Errors
    /// The store's faults.
    pub fn head(&mut self) -> Result<Head, Error> {
        Ok(self.store.read()?.head()?)
    }

    /// Recomputes the log and holds it against every row it speaks of, in one
    /// state of the store. With a head that was `kept` elsewhere, the log must
    /// hold that event too.
    ///
    /// # Errors
    /// [`Error::Altered`] names the first difference; a row that cannot be read
    /// at all is [`StoreFault::BadRow`].
    pub fn audit(&mut self, kept: Option<&KeptHead>) -> Result<Checked, Error> {
        let is_long = self.head()?.seq >= LONG_LOG;
        let beside = is_long.then(|| self.store.beside()).flatten();
        audit_beside(self.store.read()?.as_ref(), beside, kept)
    }
}

/// How many events are worth another thread and another connection.
const LONG_LOG: i64 = 10_000;

/// Audits a store.
pub(super) fn audit(tx: &dyn Tx, kept: Option<&KeptHead>) -> Result<Checked, Error> {
    audit_beside(tx, None, kept)
}

/// Audits a store, whose indexes another thread looks at meanwhile if it can be had
/// once more, `beside`.
fn audit_beside(
    tx: &dyn Tx,
    beside: Option<Box<dyn Store>>,
    kept: Option<&KeptHead>,
) -> Result<Checked, Error> {
    let Ok(empty) = Tally::draw() else {
        let checked = audit_log(tx, kept)?;
        // What was read there row by row is searched elsewhere by an index.
        for part in Part::ALL {
            tx.check(part)?;
        }
        return Ok(checked);
    };
    let head = tx.head()?;
    let (checked, called, found) = thread::scope(|scope| {
        let other = beside.and_then(|store| {
            let look = || tally_indexes(store, &head, empty.clone());
            thread::Builder::new().spawn_scoped(scope, look).ok()
        });
        let mut called = empty.clone();
        let checked = audit_rows(tx, kept, Some(&mut called));
        let found = other.and_then(|other| other.join().ok().flatten());
        (checked, called, found)
    });
    let checked = checked?;
    let found = match found {
        Some(found) => found,
        // Whatever kept the other from it is found here too, if it is the store's.
        None => {
            let mut found = empty;
            tx.tally_indexes(&mut found)?;
            found
        }
    };
    match called.difference(&found) {
        None => Ok(checked),
        Some(name) => {
            let problem = format!("{name} does not say what the rows say");
            Err(StoreError::caused(StoreFault::Corrupt, problem).into())
        }
    }
}

/// What the indexes say, if nothing is wrong with them by themselves and the store is
/// in the same state: nothing changes without an event.
fn tally_indexes(mut store: Box<dyn Store>, head: &Head, mut tally: Tally) -> Option<Tally> {
    let tx = store.read().ok()?;
    if tx.head().ok()? != *head {
        return None;
    }
    tx.tally_indexes(&mut tally).ok()?;
    Some(tally)
}

/// Holds the log against itself, and the rows against the log.
pub(super) fn audit_log(tx: &dyn Tx, kept: Option<&KeptHead>) -> Result<Checked, Error> {
    audit_rows(tx, kept, None)
}

/// As [`audit_log`]; adds to `tally` what indexes should say.
fn audit_rows(
    tx: &dyn Tx,
    kept: Option<&KeptHead>,
    tally: Option<&mut Tally>,
) -> Result<Checked, Error> {
    let head = tx.head()?;
    let mut audit = Audit::new(&head.store_id, kept);
    let mut unread = None;
    until_difference(|each| {
        tx.log(tally, &mut |event, row| {
            let row = row.unwrap_or_else(|error| {
                unread.get_or_insert(error);
                None
            });
            each(audit.event_with_row(event, row))
        })
    })?;
    audit.end_of_log(&head)?;
    audit.policy(&tx.policy()?)?;
    if let Some(error) = unread {
        return Err(error.into());
    }
    let in_question = audit.settle()?;
    until_difference(|each| {
        tx.rows_beyond(head.seq, &mut |added_by, key| {
            each(audit.row(added_by, &KeyMark::of(&key)))
        })
    })?;
    for id in in_question {
        let key = tx.key(&id)?;
        audit.looked_up(&id, key.as_ref().map(KeyMark::of).as_ref())?;
    }
    Ok(audit.finish()?)
}

/// Runs over rows until the first that is not as it should be.
fn until_difference(
    run: impl FnOnce(
        &mut dyn FnMut(Result<(), Discrepancy>) -> ControlFlow<()>,
    ) -> Result<(), StoreError>,
) -> Result<(), Error> {
    let mut found = Ok(());
    run(&mut |result| {
        found = result;
        match found {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    })?;
    Ok(found?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Access, Actor, Timestamp};
    use crate::ops::IssueRequest;
    use crate::store::{IfMissing, Location, open};

    #[test]
    fn another_thread_finds_what_one_alone_does() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys.db");
        let location = Location::File(path.clone());
        let now = Timestamp::from_unix(1_000).unwrap();
        let actor: Actor = "alice".parse().unwrap();
        let mut registry = Registry::create(&location, actor, now).unwrap();
        for number in 0..5 {
            let request = IssueRequest {
                workspace: crate::domain::Workspace::default(),
                access: Access::AllDatasets,
                name: Some(format!("key-{number}").parse().unwrap()),
                description: None,
                scopes: crate::domain::Scopes::full(),
                expiry: None,
                dry_run: false,
            };
            registry.issue(&request, now, |_, _| Ok(())).unwrap();
        }
        drop(registry);
        let audits = || {
            let mut store = open(&location, IfMissing::Fail).unwrap();
            let beside = store.beside();
            assert!(beside.is_some());
            let tx = store.read().unwrap();
            [None, beside].map(|beside| {
                let audited = audit_beside(tx.as_ref(), beside, None);
                audited
                    .map(|checked| checked.key_count)
                    .map_err(|error| error.to_string())
            })
        };
        assert_eq!(audits(), [Ok(5), Ok(5)]);
        let connection = rusqlite::Connection::open(&path).unwrap();
        // A name that its index does not see being put right.
        connection
            .execute_batch(
                "UPDATE keys SET name = 'other' WHERE name = 'key-1';
                 PRAGMA writable_schema = ON;
                 CREATE TEMP TABLE hidden AS SELECT * FROM sqlite_schema
                     WHERE name = 'keys_by_name';
                 DELETE FROM sqlite_schema WHERE name = 'keys_by_name';
                 PRAGMA writable_schema = RESET;
                 UPDATE keys SET name = 'key-1' WHERE name = 'other';
                 PRAGMA writable_schema = ON;
                 INSERT INTO sqlite_schema SELECT * FROM temp.hidden;
                 PRAGMA writable_schema = RESET;",
            )
            .unwrap();
        drop(connection);
        let [alone, beside] = audits();
        assert!(alone.is_err());
        assert_eq!(alone, beside);
    }

    #[test]
    fn a_store_that_moved_on_is_not_looked_at_beside() {
        let folder = tempfile::tempdir().unwrap();
        let location = Location::File(folder.path().join("keys.db"));
        let now = Timestamp::from_unix(1_000).unwrap();
        let actor: Actor = "alice".parse().unwrap();
        let mut registry = Registry::create(&location, actor, now).unwrap();
        let before = registry.head().unwrap();
        let beside = || open(&location, IfMissing::Fail).unwrap();
        let tally = Tally::draw().unwrap();
        assert!(tally_indexes(beside(), &before, tally.clone()).is_some());
        let choice = crate::domain::Choice::MaxKeysPerTarget(None);
        registry.set_policy(choice, now).unwrap();
        assert!(tally_indexes(beside(), &before, tally).is_none());
    }
}
