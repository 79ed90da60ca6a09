//! What a key of a backup takes over from what became of it since.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use super::super::import::tombstone::tombstone;
use crate::domain::{Access, Action, Datasets, Key, KeyId, Scopes, Status, Timestamp};
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
    /// As far as it can be read.
    pub(super) fn read(present: &dyn Tx) -> Ended {
        let mut ended = Ended::default();
        let _ = present.events(&EventFilter::default(), &mut |event| {
            ended.pruned.extend(tombstone(&event));
            if event.entry.action == Action::Revoked
                && let Some(id) = event.entry.key_id
            {
                ended.revoked.insert(id, event.entry.at);
            }
            ControlFlow::Continue(())
        });
        ended
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
    /// It reaches less, or may do less, than the backup says.
    Narrower,
}

impl Ending {
    /// What the log calls it.
    pub(super) fn action(self) -> Action {
        match self {
            Ending::Revoked => Action::Revoked,
            Ending::Disabled => Action::Disabled,
            Ending::Earlier | Ending::Narrower => Action::Edited,
        }
    }
}

/// The steps by which a key of the backup becomes no more than it is `here`:
/// revoked, disabled, ending no later, reaching no further.
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
        steps.push((Ending::Disabled, after.clone()));
    }
    let (access, scopes) = (access(&after, here), scopes(&after, here));
    if (&access, &scopes) != (&after.access, &after.scopes) {
        after.access = access;
        after.scopes = scopes;
        steps.push((Ending::Narrower, after));
    }
    steps
}

/// The datasets that it has in both; a dataset that is gone is taken from a key.
fn access(key: &Key, here: &Key) -> Access {
    let (Access::Datasets(then), Access::Datasets(now)) = (&key.access, &here.access) else {
        return here.access.clone();
    };
    let both = then
        .iter()
        .filter(|id| now.iter().any(|other| other == *id));
    match Datasets::new(both.cloned()) {
        Some(both) => Access::Datasets(both),
        // It was given others since.
        None => here.access.clone(),
    }
}

/// The scopes that it has in both.
fn scopes(key: &Key, here: &Key) -> Scopes {
    let then = key.scopes.iter().filter(|scope| here.scopes.allow(scope));
    let now = here.scopes.iter().filter(|scope| key.scopes.allow(scope));
    let both = then.chain(now).cloned();
    Scopes::new(both).unwrap_or_else(|| here.scopes.clone())
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
    fn a_key_reaches_no_further_than_it_does_here() {
        let key = |datasets: &str, names: &str| {
            let ids = datasets.split(' ').map(|id| id.parse().unwrap());
            let names = names.split(' ').map(|name| name.parse().unwrap());
            (
                Access::Datasets(Datasets::new(ids).unwrap()),
                Scopes::new(names).unwrap(),
            )
        };
        // In the backup, here, and at the end.
        let cases = [
            (key("a b", "full"), key("a b", "full"), key("a b", "full")),
            (key("a b", "full"), key("a", "full"), key("a", "full")),
            (key("a", "full"), key("a b", "full"), key("a", "full")),
            (key("a", "full"), key("b", "full"), key("b", "full")),
            (key("a", "r w"), key("a", "r"), key("a", "r")),
            (key("a", "r"), key("a", "r w"), key("a", "r")),
            (key("a", "full"), key("a", "r"), key("a", "r")),
            (key("a", "r"), key("a", "full"), key("a", "r")),
            (key("a", "r"), key("a", "w"), key("a", "w")),
        ];
        let sample = sample_key();
        let with = |(access, scopes): &(Access, Scopes)| Key {
            access: access.clone(),
            scopes: scopes.clone(),
            ..sample.clone()
        };
        for (backup, here, expected) in &cases {
            let now = Timestamp::from_unix(1_000).unwrap();
            let steps = carry_over(&with(backup), Some(&with(here)), &Ended::default(), now);
            let end = steps
                .last()
                .map_or(with(backup), |(_, after)| after.clone());
            assert_eq!(end, with(expected), "{backup:?} {here:?}");
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
