//! Whether a store is in order: what is in it, how it is kept, and which of its
//! keys somebody should look at.

use std::ops::ControlFlow;

use super::Registry;
use super::audit::audit_log;
use crate::domain::{
    Checked, Error, Exposure, FileFacts, Key, KeyId, Lifetime, Scope, Status, StoreError, Timestamp,
};
use crate::store::{self, Location, Part, Upkeep};

/// How long a key may go unused before somebody should look at it.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// A key that was never used, from its issue on.
    pub never_used: Lifetime,
    /// A key with the scope `full`, from its last use on.
    pub full_unused: Lifetime,
    /// How long before its end a key is about to expire.
    pub expiring: Lifetime,
}

/// What was found.
#[derive(Debug)]
pub struct Checkup {
    /// Each part of the store against the rest of it.
    pub parts: Vec<(Part, Result<(), StoreError>)>,
    /// The log against itself and the rows.
    pub log: Result<Checked, Error>,
    /// What others than the user can do with its files.
    pub exposures: Vec<(FileFacts, Exposure)>,
    /// How it is kept.
    pub upkeep: Upkeep,
    /// The keys to look at, unless they cannot be read.
    pub keys: Result<Attention, StoreError>,
}

/// Keys that somebody should look at, of every workspace. Only those count that
/// open something.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attention {
    /// Never used since they were issued.
    pub never_used: Vec<KeyId>,
    /// With the scope `full`, and not used for long.
    pub full_unused: Vec<KeyId>,
    /// About to expire.
    pub expiring: Vec<KeyId>,
}

impl Registry {
    /// Looks at everything, for the user of this number. What is found amiss
    /// does not keep it from looking at the rest.
    ///
    /// # Errors
    /// Faults that leave nothing to be looked at.
    pub fn check_up(
        &mut self,
        location: &Location,
        user: u32,
        patience: Patience,
        now: Timestamp,
    ) -> Result<Checkup, Error> {
        let surroundings = store::survey(location)?;
        let exposures = surroundings
            .into_iter()
            .filter_map(|file| file.exposure(user).map(|exposure| (file, exposure)))
            .collect();
        let upkeep = self.store.upkeep()?;
        let tx = self.store.read()?;
        let mut keys = Attention::default();
        let read = tx.rows(&mut |_, key| {
            keys.take(&key, patience, now);
            ControlFlow::Continue(())
        });
        Ok(Checkup {
            parts: Part::ALL.map(|part| (part, tx.check(part))).into(),
            log: audit_log(tx.as_ref(), None),
            exposures,
            upkeep,
            keys: read.map(|()| keys),
        })
    }
}

impl Attention {
    fn take(&mut self, key: &Key, patience: Patience, now: Timestamp) {
        if key.status(now) != Status::Active {
            return;
        }
        let id = || key.id.clone();
        if key.last_used_at.is_none() && key.is_unused_for(patience.never_used, now) {
            self.never_used.push(id());
        }
        if key.scopes.allow(&Scope::full()) && key.is_unused_for(patience.full_unused, now) {
            self.full_unused.push(id());
        }
        let soon = now.checked_add(patience.expiring).unwrap_or(Timestamp::MAX);
        if key.expires_at.is_some_and(|end| end <= soon) {
            self.expiring.push(id());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Scopes, sample_key};

    #[test]
    fn keys_that_open_something_and_are_left_alone_or_about_to_end_want_attention() {
        let at = |seconds| Timestamp::from_unix(seconds);
        let days = |count: u64| Lifetime::from_seconds(count * 86_400);
        let patience = Patience {
            never_used: days(30),
            full_unused: days(90),
            expiring: days(14),
        };
        let now = at(1_000 * 86_400).unwrap();
        let ago = |count: i64| at((1_000 - count) * 86_400);
        let key = |created: i64, used: Option<i64>| Key {
            created_at: ago(created).unwrap(),
            last_used_at: used.and_then(ago),
            ..sample_key()
        };
        let narrow = |key: Key| Key {
            scopes: Scopes::new(["read".parse().unwrap()]).unwrap(),
            ..key
        };
        let ending = |days: i64| Key {
            expires_at: ago(-days),
            ..key(1, None)
        };
        let ended = |key: Key| Key {
            revoked_at: ago(1),
            ..key
        };
        // never used, full and unused, about to expire
        let cases = [
            (key(29, None), [0, 0, 0]),
            (key(30, None), [1, 0, 0]),
            (key(90, None), [1, 1, 0]),
            (narrow(key(90, None)), [1, 0, 0]),
            (ended(key(90, None)), [0, 0, 0]),
            // A use may be left out of the record for a day.
            (key(200, Some(90)), [0, 0, 0]),
            (key(200, Some(91)), [0, 1, 0]),
            (narrow(key(200, Some(91))), [0, 0, 0]),
            (ending(15), [0, 0, 0]),
            (ending(14), [0, 0, 1]),
            (ending(0), [0, 0, 0]),
        ];
        for (key, expected) in cases {
            let mut found = Attention::default();
            found.take(&key, patience, now);
            let counts = [&found.never_used, &found.full_unused, &found.expiring].map(Vec::len);
            assert_eq!(counts, expected, "{key:?}");
        }
    }
}
