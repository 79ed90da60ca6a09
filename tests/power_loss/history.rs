//! What the log of a store told in the course of a workload.

use keyctl::domain::{Action, Event};

/// How often the store had been replaced, and the number of an event.
pub(crate) type Place = (usize, i64);

/// Where there is no store, or one that holds nothing.
pub(crate) const NOTHING: Place = (0, 0);

/// The logs that a store had in the end: its own last, before it those that were
/// replaced.
pub(crate) struct History(pub(crate) Vec<Vec<Event>>);

impl History {
    /// Where this log ends, if there was a time when it was all.
    pub(crate) fn place_of(&self, log: &[Event]) -> Option<Place> {
        if is_new(log) {
            return Some(NOTHING);
        }
        let replaced = self.0.iter().position(|whole| whole.starts_with(log))?;
        Some((replaced, log.last()?.seq))
    }

    /// The first and the last event of a step.
    pub(crate) fn of_step(&self, step: usize) -> Option<(Place, Place)> {
        let actor = format!("step-{step}");
        self.0.iter().enumerate().find_map(|(replaced, log)| {
            let mut own = log
                .iter()
                // A store is made before it is changed.
                .filter(|event| event.entry.action != Action::StoreCreated)
                .filter(|event| event.entry.actor.as_str() == actor)
                .map(|event| (replaced, event.seq));
            let first = own.next()?;
            Some((first, own.next_back().unwrap_or(first)))
        })
    }

    /// The first and the last event of a store that was made as a whole.
    pub(crate) fn whole(&self) -> (Place, Place) {
        let last = self.0[0].last().map_or(0, |event| event.seq);
        ((0, 1), (0, last))
    }
}

/// Whether nothing is told but that the store was made.
fn is_new(log: &[Event]) -> bool {
    let is_making = |event: &Event| event.entry.action == Action::StoreCreated;
    log.len() < 2 && log.iter().all(is_making)
}
