//! Work on many keys: they are selected first, and then changed portion by
//! portion in the same transaction, so that somebody can watch.

use std::ops::ControlFlow;

use super::apply;
use crate::domain::{Actor, Change, Key, KeyId, StoreError, StoreFault, Timestamp};
use crate::store::{Filter, Page, Tx};

/// How many keys are changed between two reports.
const PORTION: usize = 256;

/// How far a piece of work has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// How many keys are done.
    pub done: u64,
    /// How many there are.
    pub total: u64,
}

/// The keys that fit, in the order of their issue.
pub(super) fn select(
    tx: &dyn Tx,
    filter: &Filter,
    fits: impl Fn(&Key) -> bool + Sync,
) -> Result<Vec<KeyId>, StoreError> {
    let mut selected = Vec::new();
    tx.keys(filter, &Page::default(), &mut |key| {
        if fits(&key) {
            selected.push(key.id);
        }
        ControlFlow::Continue(())
    })?;
    Ok(selected)
}

/// Changes each of these keys as `plan` says.
pub(super) fn change_each(
    tx: &mut dyn Tx,
    (actor, now): (&Actor, Timestamp),
    ids: &[KeyId],
    mut plan: impl FnMut(Key) -> Change,
    progress: &mut dyn FnMut(Progress),
) -> Result<(), StoreError> {
    let total = ids.len() as u64;
    let mut done = 0;
    for portion in ids.chunks(PORTION) {
        progress(Progress { done, total });
        let mut changes = Vec::with_capacity(portion.len());
        for id in portion {
            // It was selected in this very transaction.
            let key = tx.key(id)?.ok_or_else(|| {
                StoreError::caused(StoreFault::Corrupt, format!("{id} is listed and not found"))
            })?;
            changes.push(plan(key));
        }
        apply(tx, actor, now, &changes)?;
        done += portion.len() as u64;
    }
    Ok(())
}
