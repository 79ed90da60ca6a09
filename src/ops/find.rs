//! Finding the key that somebody means.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use super::Registry;
use crate::domain::{
    Candidate, Digest, Error, Event, Key, KeyId, Refusal, Selector, Status, StoreError, Timestamp,
    Token, Workspace,
};
use crate::store::{EventFilter, Filter, Page, Tx};

impl Registry {
    /// The one key of `workspace` that `selector` means at `now`: the key of
    /// that id, else the one live key of that name, else the one key whose id
    /// begins so.
    ///
    /// # Errors
    /// [`Error::NoMatch`], or [`Refusal::Ambiguous`] with the candidates.
    pub fn find(
        &mut self,
        workspace: &Workspace,
        selector: &Selector,
        now: Timestamp,
    ) -> Result<Key, Error> {
        resolve(self.store.read()?.as_ref(), workspace, selector, now)
    }

    /// The keys that `key` replaced, and those that these replaced, whose tokens
    /// still open anything at `now`; the youngest first.
    ///
    /// # Errors
    /// The store's faults.
    pub fn valid_predecessors(&mut self, key: &Key, now: Timestamp) -> Result<Vec<Key>, Error> {
        let mut valid = Vec::new();
        // Most keys replaced none.
        if key.replaces.is_none() {
            return Ok(valid);
        }
        let tx = self.store.read()?;
        let mut seen = BTreeSet::new();
        let mut next = key.replaces.clone();
        // A key can be replaced by none that it replaces, but a file may say so.
        while let Some(id) = next.filter(|id| seen.insert(id.clone())) {
            let Some(predecessor) = tx.key(&id)? else {
                break;
            };
            next = predecessor.replaces.clone();
            if predecessor.status(now) == Status::Active {
                valid.push(predecessor);
            }
        }
        Ok(valid)
    }

    /// The key that `token` belongs to, whatever its status: in `workspace`, or
    /// in any if that is `None`, since whoever holds a token has proof enough.
    ///
    /// # Errors
    /// The store's faults.
    pub fn find_by_token(
        &mut self,
        workspace: Option<&Workspace>,
        token: &Token,
    ) -> Result<Option<Key>, Error> {
        self.find_by_digest(workspace, &token.digest())
    }

    /// As [`find_by_token`](Self::find_by_token), where only the token's digest
    /// is known, which proves less.
    ///
    /// # Errors
    /// The store's faults.
    pub fn find_by_digest(
        &mut self,
        workspace: Option<&Workspace>,
        digest: &Digest,
    ) -> Result<Option<Key>, Error> {
        let tx = self.store.read()?;
        Ok(key_of_digest(tx.as_ref(), workspace, digest)?)
    }
}

/// The key whose token has this digest, if it is in `workspace` or that is
/// `None`.
pub(crate) fn key_of_digest(
    tx: &dyn Tx,
    workspace: Option<&Workspace>,
    digest: &Digest,
) -> Result<Option<Key>, StoreError> {
    let key = tx.key_by_digest(digest)?;
    Ok(key.filter(|key| is_meant(whose(key), workspace, digest)))
}

/// Hands over the keys of `workspace` whose tokens have these digests, as
/// [`key_of_digest`] finds one.
pub(crate) fn keys_of_digests(
    tx: &dyn Tx,
    workspace: &Workspace,
    digests: &[Digest],
    each: &mut dyn FnMut(usize, Key),
) -> Result<(), StoreError> {
    tx.keys_by_digests(digests, &mut |place, key| {
        if is_meant(whose(&key), Some(workspace), &digests[place]) {
            each(place, key);
        }
    })
}

fn whose(key: &Key) -> (&Digest, &Workspace) {
    (&key.digest, &key.workspace)
}

/// The index found it by comparing bytes as it liked; this comparison takes the
/// same time wherever digests differ.
pub(crate) fn is_meant(
    (found, holder): (&Digest, &Workspace),
    workspace: Option<&Workspace>,
    digest: &Digest,
) -> bool {
    found == digest && workspace.is_none_or(|workspace| workspace == holder)
}

pub(super) fn resolve(
    tx: &dyn Tx,
    workspace: &Workspace,
    selector: &Selector,
    now: Timestamp,
) -> Result<Key, Error> {
    let mut elsewhere = None;
    let mut found = match selector {
        Selector::Id(id) => match tx.key(id)? {
            Some(key) if key.workspace == *workspace => vec![key],
            other => {
                elsewhere = other.map(|key| key.workspace);
                Vec::new()
            }
        },
        Selector::IdPrefix(prefix) => collect(
            tx,
            &Filter {
                workspace: Some(workspace.clone()),
                id_prefix: Some(prefix.clone()),
                ..Filter::default()
            },
        )?,
        Selector::Name(name) => {
            let mut named = collect(
                tx,
                &Filter {
                    workspace: Some(workspace.clone()),
                    name: Some(name.clone()),
                    ..Filter::default()
                },
            )?;
            named.retain(|key| key.is_live(now));
            named
        }
    };
    match (found.pop(), found.is_empty()) {
        (Some(only), true) => Ok(only),
        (Some(last), false) => {
            found.push(last);
            Err(Error::Refused(Refusal::Ambiguous {
                selector: selector.to_string(),
                workspace: workspace.clone(),
                candidates: found.into_iter().map(candidate).collect(),
            }))
        }
        (None, _) => Err(Error::NoMatch {
            selector: selector.to_string(),
            workspace: workspace.clone(),
            elsewhere,
        }),
    }
}

/// The event that added a key.
pub(super) fn first_event(tx: &dyn Tx, key: &KeyId) -> Result<Option<Event>, StoreError> {
    let filter = EventFilter {
        key_id: Some(key.clone()),
        ..EventFilter::default()
    };
    let mut first = None;
    tx.events(&filter, &mut |event| {
        first = Some(event);
        ControlFlow::Break(())
    })?;
    Ok(first)
}

fn candidate(key: Key) -> Candidate {
    Candidate {
        id: key.id,
        name: key.name,
        access: key.access,
    }
}

fn collect(tx: &dyn Tx, filter: &Filter) -> Result<Vec<Key>, StoreError> {
    let mut found = Vec::new();
    tx.keys(filter, &Page::default(), &mut |key| {
        found.push(key);
        ControlFlow::Continue(())
    })?;
    Ok(found)
}
