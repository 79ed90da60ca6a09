//! The operations: load what a rule needs, let it decide, write what it says.
//!
//! [`Registry`] runs them over any store. Every write goes through `apply`,
//! which writes a row and its event together, so that nothing changes without
//! a trace.

pub(crate) mod find;
mod issue;
mod list;
mod revoke;

use crate::domain::{
    Action, Actor, Change, Entry, Event, Head, Key, Policy, StoreError, Timestamp,
};
use crate::store::{self, IfMissing, Location, Store, Tx};

pub use issue::IssueRequest;
pub use list::{ListQuery, Listing, NamePattern};
pub use revoke::{Outcome, Revocation, RevokeRequest, Selection};

/// A store opened on behalf of someone, with all that can be done to its keys.
pub struct Registry {
    store: Box<dyn Store>,
    policy: Policy,
    actor: Actor,
}

impl Registry {
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
            let mut tx = registry.store.write()?;
            apply(tx.as_mut(), &registry.actor, now, &[])?;
            tx.commit()?;
        }
        Ok(registry)
    }

    /// Opens the store, or works on one in memory if there is none, for trying
    /// out what [`create`](Self::create) would lead to.
    ///
    /// # Errors
    /// The faults of [`open`](Self::open), save a missing store.
    pub fn pretend(location: &Location, actor: Actor) -> Result<Registry, StoreError> {
        let store = store::open(location, IfMissing::Pretend)?;
        Ok(Registry::over(store, actor))
    }

    fn over(store: Box<dyn Store>, actor: Actor) -> Registry {
        Registry {
            store,
            policy: Policy::default(),
            actor,
        }
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
    let made = Change {
        action: Action::StoreCreated,
        before: None,
        after: None,
    };
    let first = (head.seq == 0).then_some(&made);
    for change in first.into_iter().chain(changes) {
        match (&change.before, &change.after) {
            (None, Some(after)) => tx.insert_key(after)?,
            (Some(_), Some(after)) => tx.update_key(after)?,
            (Some(before), None) => tx.delete_key(&before.id)?,
            (None, None) => {}
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
    let key = change.after.as_ref().or(change.before.as_ref());
    Entry {
        at,
        actor: actor.clone(),
        action: change.action,
        workspace: key.map(|key| key.workspace.clone()),
        key_id: key.map(|key| key.id.clone()),
        row_digest: change.after.as_ref().map(Key::row_digest),
        detail: detail(change),
    }
}

/// `{"field": {"from": …, "to": …}}` for each field that changed, sorted by name.
fn detail(change: &Change) -> String {
    let fields: serde_json::Map<String, serde_json::Value> = change
        .differences()
        .into_iter()
        .map(|difference| {
            let change = serde_json::json!({"from": difference.before, "to": difference.after});
            (difference.field.to_owned(), change)
        })
        .collect();
    serde_json::Value::Object(fields).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn detail_tells_what_changed_from_what_to_what() {
        let before = crate::domain::sample_key();
        let change = Change {
            action: Action::Revoked,
            after: Some(Key {
                revoked_at: Timestamp::from_unix(60),
                ..before.clone()
            }),
            before: Some(before),
        };
        assert_eq!(
            detail(&change),
            r#"{"revoked_at":{"from":null,"to":"1970-01-01T00:01:00Z"}}"#
        );
    }
}
