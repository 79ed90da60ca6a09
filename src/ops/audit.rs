//! The log: read, and held against the store.

use std::ops::ControlFlow;

use super::Registry;
use crate::domain::{
    Audit, Checked, Discrepancy, Error, Event, Head, KeptHead, KeyId, KeyMark, StoreError,
    StoreFault, Tally,
};
use crate::store::{EventFilter, Part, Tx};

impl Registry {
    /// Hands over the events that fit, oldest first, until `each` says stop.
    /// The memory it takes does not grow with their number.
    ///
    /// # Errors
    /// The store's faults.
    pub fn events(
        &mut self,
        filter: &EventFilter,
        mut each: impl FnMut(Event) -> ControlFlow<()>,
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
    /// at all is [`StoreFault::BadRow`](crate::StoreFault::BadRow).
    pub fn audit(&mut self, kept: Option<&KeptHead>) -> Result<Checked, Error> {
        audit(self.store.read()?.as_ref(), kept)
    }
}

/// Audits a store.
pub(super) fn audit(tx: &dyn Tx, kept: Option<&KeptHead>) -> Result<Checked, Error> {
    let Ok(empty) = Tally::draw() else {
        let checked = audit_log(tx, kept)?;
        // What was read there row by row is searched elsewhere by an index.
        for part in Part::ALL {
            tx.check(part)?;
        }
        return Ok(checked);
    };
    let (mut called, mut found) = (empty.clone(), empty);
    let checked = audit_rows(tx, kept, Some(&mut called))?;
    tx.tally_indexes(&mut found)?;
    match called.difference(&found) {
        None => Ok(checked),
        Some(name) => {
            let problem = format!("{name} does not say what the rows say");
            Err(StoreError::caused(StoreFault::Corrupt, problem).into())
        }
    }
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
