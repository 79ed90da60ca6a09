//! What the log keeps of keys whose records were removed.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use crate::domain::{Action, Event, Status, StoreError, TOMBSTONE};
use crate::store::{EventFilter, Tx};

/// What an event keeps of a key whose record was removed, and what that was.
pub(in crate::ops) fn tombstone(event: &Event) -> Option<(String, Status)> {
    if event.entry.action != Action::Pruned {
        return None;
    }
    let detail: serde_json::Value = serde_json::from_str(&event.entry.detail).ok()?;
    let tombstone = detail[TOMBSTONE]["to"].as_str()?.to_owned();
    let was_revoked = detail["revoked_at"]["from"].is_string();
    Some((
        tombstone,
        if was_revoked {
            Status::Revoked
        } else {
            Status::Expired
        },
    ))
}

pub(super) fn tombstones(tx: &dyn Tx) -> Result<BTreeMap<String, Status>, StoreError> {
    let filter = EventFilter {
        action: Some(Action::Pruned),
        ..EventFilter::default()
    };
    let mut tombstones = BTreeMap::new();
    tx.events(&filter, &mut |event| {
        tombstones.extend(tombstone(&event));
        ControlFlow::Continue(())
    })?;
    Ok(tombstones)
}
