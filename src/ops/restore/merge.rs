//! What a key of a backup takes over from what became of it since.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use super::super::import::tombstone::tombstones;
use crate::domain::{Action, Key, KeyId, Status, StoreError, Timestamp};
use crate::store::{EventFilter, Tx};

/// What the log of a store says of keys that ended, whatever their rows say.
#[derive(Default)]
pub(super) struct Ended {
    /// When they were revoked. Somebody who could write the store may have
    /// undone it in the row; revoking is for ever.
    revoked: BTreeMap<KeyId, Timestamp>,
    /// What those were whose records were removed.
    pruned: BTreeMap<String, Status>,
}

impl Ended {
    pub(super) fn read(present: &dyn Tx) -> Result<Ended, StoreError> {
        let filter = EventFilter {
            action: Some(Action::Revoked),
            ..EventFilter::default()
        };
        let mut revoked = BTreeMap::new();
        present.events(&filter, &mut |event| {
            if let Some(id) = event.entry.key_id {
                revoked.insert(id, event.entry.at);
            }
            ControlFlow::Continue(())
        })?;
        Ok(Ended {
            revoked,
            pruned: tombstones(present)?,
        })
    }
}

/// How a key was kept from being more than it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// It is revoked.
    Revoked,
    /// It is disabled.
    Disabled,
    /// It ends earlier than the backup says, perhaps long ago.
    Earlier,
}

impl Ending {
    /// What the log calls it.
    pub(super) fn action(self) -> Action {
        match self {
            Ending::Revoked => Action::Revoked,
            Ending::Disabled => Action::Disabled,
            Ending::Earlier => Action::Edited,
        }
    }
}

/// The steps by which a key of the backup becomes no more than it is `here`:
/// revoked, disabled, ending no later.
pub(super) fn carry_over(
    key: &Key,
    here: Option<&Key>,
    ended: &Ended,
    now: Timestamp,
) -> Vec<(Ending, Key)> {
    if key.revoked_at.is_some() {
        return Vec::new();
    }
    if let Some(after) = revoked(key, here, ended, now) {
        return vec![(Ending::Revoked, after)];
    }
    let Some(here) = here else {
        return Vec::new();
    };
    let mut steps = Vec::new();
    let mut after = key.clone();
    if here.ends_before(key) {
        after.expires_at = here.expires_at;
        steps.push((Ending::Earlier, after.clone()));
    }
    if here.disabled_at.is_some() && key.disabled_at.is_none() {
        after.disabled_at = here.disabled_at;
        steps.push((Ending::Disabled, after));
    }
    steps
}

fn revoked(key: &Key, here: Option<&Key>, ended: &Ended, now: Timestamp) -> Option<Key> {
    let with = |at, revoke_reason| Key {
        revoked_at: Some(at),
        revoke_reason,
        ..key.clone()
    };
    if let Some((at, here)) = here.and_then(|here| Some((here.revoked_at?, here))) {
        return Some(with(at, here.revoke_reason.clone()));
    }
    if let Some(at) = ended.revoked.get(&key.id) {
        return Some(with(*at, None));
    }
    let was = here
        .is_none()
        .then(|| ended.pruned.get(&key.digest.tombstone()));
    match was.flatten()? {
        // One that has expired by itself needs nothing more.
        Status::Expired if key.status(now) == Status::Expired => None,
        // When it was, its record no longer says.
        _ => Some(with(now, None)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::sample_key;

    #[test]
    fn a_key_becomes_no_more_than_it_is_here() {
        let at = |seconds| Timestamp::from_unix(seconds);
        let now = at(1_000).unwrap();
        let sample = sample_key();
        let key = |revoked_at, disabled_at, expires_at| Key {
            revoked_at,
            disabled_at,
            expires_at,
            ..sample.clone()
        };
        // In the backup, here, and at the end: revoked, disabled, expires.
        let cases = [
            ((None, None, None), (None, None, None), (None, None, None)),
            ((None, None, None), (at(5), None, None), (at(5), None, None)),
            (
                (at(4), None, None),
                (at(5), None, None),
                (at(4), None, None),
            ),
            ((at(4), None, None), (None, None, None), (at(4), None, None)),
            ((None, None, None), (None, at(6), None), (None, at(6), None)),
            (
                (None, at(3), None),
                (None, at(6), None),
                (None, at(3), None),
            ),
            ((None, at(3), None), (None, None, None), (None, at(3), None)),
            ((None, None, None), (None, None, at(7)), (None, None, at(7))),
            (
                (None, None, at(9)),
                (None, None, at(7)),
                (None, None, at(7)),
            ),
            (
                (None, None, at(7)),
                (None, None, at(9)),
                (None, None, at(7)),
            ),
            ((None, None, at(7)), (None, None, None), (None, None, at(7))),
            (
                (None, None, at(9)),
                (None, at(6), at(7)),
                (None, at(6), at(7)),
            ),
            (
                (None, None, at(9)),
                (at(5), at(6), at(7)),
                (at(5), None, at(9)),
            ),
        ];
        for (backup, here, expected) in cases {
            let (mut end, here) = (
                key(backup.0, backup.1, backup.2),
                key(here.0, here.1, here.2),
            );
            for (_, after) in carry_over(&end.clone(), Some(&here), &Ended::default(), now) {
                end = after;
            }
            assert_eq!(
                end,
                key(expected.0, expected.1, expected.2),
                "{backup:?} {here:?}"
            );
        }
    }

    #[test]
    fn what_the_log_says_of_a_key_without_a_row_counts() {
        let at = |seconds| Timestamp::from_unix(seconds).unwrap();
        let now = at(1_000);
        let key = sample_key();
        let expired = Key {
            expires_at: Some(at(900)),
            ..key.clone()
        };
        let pruned = |status| Ended {
            pruned: BTreeMap::from([(key.digest.tombstone(), status)]),
            ..Ended::default()
        };
        let revoked = Ended {
            revoked: BTreeMap::from([(key.id.clone(), at(800))]),
            ..Ended::default()
        };
        let end = |key: &Key, here, ended: &Ended| {
            let steps = carry_over(key, here, ended, now);
            steps.last().and_then(|(_, after)| after.revoked_at)
        };
        assert_eq!(end(&key, None, &Ended::default()), None);
        assert_eq!(end(&key, None, &pruned(Status::Revoked)), Some(now));
        assert_eq!(end(&key, None, &pruned(Status::Expired)), Some(now));
        assert_eq!(end(&expired, None, &pruned(Status::Revoked)), Some(now));
        assert_eq!(end(&expired, None, &pruned(Status::Expired)), None);
        assert_eq!(end(&key, None, &revoked), Some(at(800)));
        // The row was put back behind keyctl's back.
        assert_eq!(end(&key, Some(&key), &revoked), Some(at(800)));
    }
}
