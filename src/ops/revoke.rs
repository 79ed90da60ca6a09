//! Revoking: for ever, all of them or none, and done when it returns.

use std::collections::BTreeSet;

use super::find::{key_of_digest, resolve};
use super::revoke_matching::check_count;
use super::{Registry, apply};
use crate::domain::{
    Action, Change, Digest, Error, Key, KeyId, Remark, Selector, Timestamp, Workspace,
};
use crate::store::Tx;

/// How many keys are held in memory before they are changed.
const PORTION: usize = 256;

/// Which keys to revoke.
#[derive(Debug)]
pub struct RevokeRequest {
    /// Where ids and names are looked up.
    pub workspace: Workspace,
    /// Where tokens are looked up; `None` is everywhere.
    pub token_workspace: Option<Workspace>,
    /// What points at them.
    pub selections: Vec<Selection>,
    /// Why, for the record and the log.
    pub reason: Option<Remark>,
    /// Whether an id or a name that no key has is passed over.
    pub if_exists: bool,
    /// How many keys that are not revoked yet there must be.
    pub expected_count: Option<u64>,
    /// Whether to undo it all at the end.
    pub dry_run: bool,
}

/// What points at a key to be revoked.
#[derive(Debug)]
pub enum Selection {
    /// An id, the beginning of one, or a name.
    Key(Selector),
    /// Its token, which proves the right to end it, by its digest.
    Token(Digest),
    /// Something that stood in a token's place and cannot be one.
    Malformed,
}

/// What became of one selection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revocation {
    /// What happened.
    pub outcome: Outcome,
    /// The key as it is now, if there is one.
    pub key: Option<Key>,
}

/// What happened to what was selected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// The key is revoked now.
    Revoked,
    /// The key lost one of its datasets, and has others.
    Unbound,
    /// The key works on for a while, and then no more.
    Ending,
    /// It was revoked before, or is by an earlier selection of the same call.
    AlreadyRevoked,
    /// No key has that id or name.
    NotFound,
    /// No key has that token.
    UnknownToken,
}

impl Outcome {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Outcome::Revoked => "revoked",
            Outcome::Unbound => "unbound",
            Outcome::Ending => "ending",
            Outcome::AlreadyRevoked => "already_revoked",
            Outcome::NotFound => "not_found",
            Outcome::UnknownToken => "unknown_token",
        }
    }
}

impl Registry {
    /// Revokes every key that is selected, in one transaction; the answer has a
    /// place for each selection, in their order. Tokens that no key has are
    /// reported and keep nothing else from being revoked.
    ///
    /// # Errors
    /// [`Error::NoMatch`] or [`Refusal::Ambiguous`](crate::domain::Refusal::Ambiguous)
    /// for an id or a name, [`Refusal::CountDiffers`](crate::domain::Refusal::CountDiffers);
    /// then nothing was revoked at all.
    pub fn revoke(
        &mut self,
        request: &RevokeRequest,
        now: Timestamp,
    ) -> Result<Vec<Revocation>, Error> {
        self.revoke_keeping(request, now, |revocation| revocation)
    }

    /// As [`revoke`](Self::revoke); of each place of the answer, only what `keep`
    /// makes of it is held in memory, where the keys of very many would fill it.
    ///
    /// # Errors
    /// As there.
    pub fn revoke_keeping<T>(
        &mut self,
        request: &RevokeRequest,
        now: Timestamp,
        keep: impl Fn(Revocation) -> T,
    ) -> Result<Vec<T>, Error> {
        self.spending_ballast(|registry| {
            registry.change(request.dry_run, now, |tx, actor, now| {
                check_expected(tx, request, now)?;
                let order = order(&request.selections);
                let mut kept: Vec<Option<T>> = request.selections.iter().map(|_| None).collect();
                for portion in order.chunks(portion_len(request)) {
                    let found = load_all(tx, request, portion, now)?;
                    let (revocations, changes) = plan(found, request.reason.as_ref(), now);
                    apply(tx, actor, now, &changes)?;
                    for (place, revocation) in portion.iter().zip(revocations) {
                        kept[*place] = Some(keep(revocation));
                    }
                }
                Ok(kept.into_iter().flatten().collect())
            })
        })
    }
}

/// In which order selections are worked off. Very many ids are taken as the indexes
/// have them, which then are read and written from end to end and not all over.
fn order(selections: &[Selection]) -> Vec<usize> {
    let id = |place: &usize| match &selections[*place] {
        Selection::Key(Selector::Id(id)) => Some(id),
        Selection::Key(_) | Selection::Token(_) | Selection::Malformed => None,
    };
    let mut order: Vec<usize> = (0..selections.len()).collect();
    // Of several that point at one key, the first is to be the one that revokes it.
    if order.len() > PORTION && order.iter().all(|place| id(place).is_some()) {
        order.sort_by(|one, other| id(one).cmp(&id(other)));
    }
    order
}

/// How many keys are loaded before they are changed. All of them, if one has to be
/// found by its name: which key that is depends on what is revoked before.
fn portion_len(request: &RevokeRequest) -> usize {
    let is_name = |selection: &Selection| matches!(selection, Selection::Key(Selector::Name(_)));
    if request.selections.iter().any(is_name) {
        request.selections.len()
    } else {
        PORTION
    }
}

/// Before anything is written: what was not counted on takes no room on a full disk.
fn check_expected(tx: &dyn Tx, request: &RevokeRequest, now: Timestamp) -> Result<(), Error> {
    if request.expected_count.is_none() {
        return Ok(());
    }
    let mut ids = BTreeSet::new();
    for selection in &request.selections {
        let found = load(tx, request, selection, now)?.ok();
        ids.extend(
            found
                .filter(|key| key.revoked_at.is_none())
                .map(|key| key.id),
        );
    }
    Ok(check_count(request.expected_count, ids.len() as u64)?)
}

fn load_all(
    tx: &dyn Tx,
    request: &RevokeRequest,
    places: &[usize],
    now: Timestamp,
) -> Result<Vec<Result<Key, Outcome>>, Error> {
    let load = |selection| load(tx, request, selection, now);
    let selections = &request.selections;
    let found = places.iter().map(|place| load(&selections[*place]));
    found.collect::<Result<_, _>>().map_err(|error| {
        // Of several that are wrong, the first that was given is named.
        selections
            .iter()
            .find_map(|each| load(each).err())
            .unwrap_or(error)
    })
}

/// The key that is selected, or the outcome that its absence has.
fn load(
    tx: &dyn Tx,
    request: &RevokeRequest,
    selection: &Selection,
    now: Timestamp,
) -> Result<Result<Key, Outcome>, Error> {
    match selection {
        Selection::Key(selector) => match resolve(tx, &request.workspace, selector, now) {
            Err(Error::NoMatch { .. }) if request.if_exists => Ok(Err(Outcome::NotFound)),
            resolved => resolved.map(Ok),
        },
        Selection::Token(token) => {
            let key = key_of_digest(tx, request.token_workspace.as_ref(), token)?;
            Ok(key.ok_or(Outcome::UnknownToken))
        }
        Selection::Malformed => Ok(Err(Outcome::UnknownToken)),
    }
}

/// The key, revoked at `now`.
pub(super) fn revoked_key(key: &Key, reason: Option<&Remark>, now: Timestamp) -> Key {
    Key {
        revoked_at: Some(now),
        revoke_reason: reason.cloned(),
        ..key.clone()
    }
}

fn plan(
    found: Vec<Result<Key, Outcome>>,
    reason: Option<&Remark>,
    now: Timestamp,
) -> (Vec<Revocation>, Vec<Change>) {
    let mut changes = Vec::new();
    let mut revoked: BTreeSet<KeyId> = BTreeSet::new();
    let revocations = found
        .into_iter()
        .map(|found| match found {
            Err(outcome) => Revocation { outcome, key: None },
            Ok(key) if key.revoked_at.is_some() => Revocation {
                outcome: Outcome::AlreadyRevoked,
                key: Some(key),
            },
            Ok(key) => {
                let after = revoked_key(&key, reason, now);
                let is_first = revoked.insert(key.id.clone());
                if is_first {
                    changes.push(Change::Updated {
                        action: Action::Revoked,
                        before: key,
                        after: after.clone(),
                        reason: None,
                    });
                }
                Revocation {
                    outcome: if is_first {
                        Outcome::Revoked
                    } else {
                        Outcome::AlreadyRevoked
                    },
                    key: Some(after),
                }
            }
        })
        .collect();
    (revocations, changes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::sample_key;

    #[test]
    fn each_key_is_revoked_once_and_its_first_revocation_stands() {
        let at = Timestamp::from_unix;
        let live = sample_key();
        let dead = Key {
            revoked_at: at(1),
            revoke_reason: Some("old".parse().unwrap()),
            ..sample_key()
        };
        let expired = Key {
            expires_at: at(1),
            ..sample_key()
        };
        let reason = "leaked".parse().unwrap();
        let (revocations, changes) = plan(
            vec![
                Ok(live.clone()),
                Ok(dead.clone()),
                Ok(live.clone()),
                Err(Outcome::UnknownToken),
                Err(Outcome::NotFound),
                Ok(expired.clone()),
            ],
            Some(&reason),
            at(100).unwrap(),
        );
        let outcomes: Vec<_> = revocations.iter().map(|r| r.outcome).collect();
        assert_eq!(
            outcomes,
            [
                Outcome::Revoked,
                Outcome::AlreadyRevoked,
                Outcome::AlreadyRevoked,
                Outcome::UnknownToken,
                Outcome::NotFound,
                Outcome::Revoked,
            ]
        );
        assert_eq!(revocations[1].key.as_ref(), Some(&dead));
        assert_eq!(revocations[2].key.as_ref().unwrap().revoked_at, at(100));
        let expected = [live, expired].map(|before| Change::Updated {
            action: Action::Revoked,
            after: Key {
                revoked_at: at(100),
                revoke_reason: Some(reason.clone()),
                ..before.clone()
            },
            before,
            reason: None,
        });
        assert_eq!(changes, expected);
    }
}
