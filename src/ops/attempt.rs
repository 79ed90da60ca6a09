//! A change as others let it through: tried again while they are in the way, and
//! told apart by what is known of its end.

use std::time::Instant;

use crate::domain::{ConnectionFault, Error, Lifetime, StoreError, StoreFault, Timestamp};
use crate::store::backoff::Backoff;
use crate::store::{Store, Tx};

/// Runs `work`, and runs it again while others change the store at the same
/// moment, which leaves nothing of it. It gets the time that it is then, counted
/// from `asked_at`.
pub(super) fn attempt<T>(
    asked_at: Timestamp,
    mut work: impl FnMut(Timestamp) -> Result<T, Error>,
) -> Result<T, Error> {
    let begun = Instant::now();
    let mut backoff = Backoff::new();
    loop {
        match work(later(asked_at, begun)) {
            Err(error) if is_conflict(&error) && backoff.wait() => {}
            done => return done,
        }
    }
}

fn is_conflict(error: &Error) -> bool {
    matches!(error, Error::Store(error) if *error.fault() == StoreFault::Conflict)
}

/// Begins to write. Others may have been waited for, so the time is not what it
/// was `asked_at`: what expired meanwhile is expired.
pub(super) fn begin(
    store: &mut dyn Store,
    asked_at: Timestamp,
) -> Result<(Box<dyn Tx + '_>, Timestamp), StoreError> {
    let begun = Instant::now();
    let tx = store.write()?;
    Ok((tx, later(asked_at, begun)))
}

fn later(asked_at: Timestamp, begun: Instant) -> Timestamp {
    let waited = Lifetime::from_seconds(begun.elapsed().as_secs());
    asked_at.checked_add(waited).unwrap_or(asked_at)
}

/// Makes a change durable whose token was delivered already.
pub(super) fn commit_delivered(tx: Box<dyn Tx + '_>) -> Result<(), Error> {
    tx.commit().map_err(|error| match error.fault() {
        StoreFault::Connection(ConnectionFault::Unconfirmed) => Error::Unconfirmed(error),
        _ => Error::NotSaved(error),
    })
}
