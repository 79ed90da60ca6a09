//! Whether a store is in order: what is in it, how it is kept, and which of its
//! keys somebody should look at.

use std::ops::ControlFlow;

use super::Registry;
use super::audit::audit_log;
use crate::domain::{
    Checked, ConnectionFault, Error, Exposure, FileFacts, FileRole, Key, Lifetime, Scope, Status,
    StoreError, StoreFault, Timestamp,
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

impl Default for Patience {
    /// 30 days, 90 days, and 14 days before the end.
    fn default() -> Patience {
        const DAY: u64 = 24 * 60 * 60;
        Patience {
            never_used: Lifetime::from_seconds(30 * DAY),
            full_unused: Lifetime::from_seconds(90 * DAY),
            expiring: Lifetime::from_seconds(14 * DAY),
        }
    }
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// In order.
    Ok,
    /// Somebody should look at it.
    Advice,
    /// Somebody has to mend it.
    Problem,
}

impl Level {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Level::Ok => "ok",
            Level::Advice => "advice",
            Level::Problem => "problem",
        }
    }
}

/// With less room than this, in bytes, a disk counts as full: what fills it so far
/// takes the rest in a moment.
const LITTLE_ROOM: u64 = 16 << 20;
/// A log that is longer, in bytes, is kept from the file by somebody who reads;
/// SQLite moves it there from 4 MB on.
const LONG_LOG: u64 = 64 << 20;

impl Upkeep {
    /// Whether there is room to go on, and for a copy.
    pub fn room(&self) -> Level {
        match self.free_len {
            Some(free) if free < LITTLE_ROOM => Level::Problem,
            Some(free) if free < self.len.saturating_mul(2) => Level::Advice,
            Some(_) | None => Level::Ok,
        }
    }

    /// Whether the log is no longer than it should be.
    pub fn log(&self) -> Level {
        if self.log_len.is_some_and(|len| len > LONG_LOG) {
            Level::Advice
        } else {
            Level::Ok
        }
    }

    /// Whether all the room is kept that is to be kept.
    pub fn ballast(&self) -> Level {
        if self.ballast_len < self.max_ballast_len {
            Level::Advice
        } else {
            Level::Ok
        }
    }
}

/// What was found.
#[derive(Debug)]
pub struct Checkup {
    /// Each part of the store against the rest of it.
    pub parts: Vec<(Part, Result<(), StoreError>)>,
    /// The log against itself and the rows.
    pub log: Result<Checked, Error>,
    /// What others than the user can do with its files, if it is in files.
    pub exposures: Option<Vec<(FileFacts, Exposure)>>,
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
    pub never_used: Vec<Key>,
    /// With the scope `full`, and not used for long.
    pub full_unused: Vec<Key>,
    /// About to expire.
    pub expiring: Vec<Key>,
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
        let exposures = (!surroundings.is_empty()).then(|| exposures(surroundings, user));
        let upkeep = self.store.upkeep()?;
        let tx = self.store.read()?;
        let mut keys = Attention::default();
        // The first that fails tells why: a server answers nothing after it.
        let parts = Part::ALL.map(|part| (part, tx.check(part))).into();
        let mut read = tx.rows(&mut |_, key| {
            keys.take(&key, patience, now);
            ControlFlow::Continue(())
        });
        if let Err(error) = read {
            if *error.fault() == StoreFault::Connection(ConnectionFault::NoRight) {
                return Err(error.into());
            }
            read = Err(error);
        }
        Ok(Checkup {
            parts,
            log: audit_log(tx.as_ref(), None),
            exposures,
            upkeep,
            keys: read.map(|()| keys),
        })
    }
}

/// What others can do with these files. SQLite gives those beside a store its own
/// mode: they need not be told of where the store is.
fn exposures(surroundings: Vec<FileFacts>, user: u32) -> Vec<(FileFacts, Exposure)> {
    let store = surroundings
        .iter()
        .find(|file| file.role == FileRole::Store);
    let mode = store
        .filter(|file| file.exposure(user).is_some())
        .map(|file| file.mode);
    let is_told = |file: &FileFacts| file.role == FileRole::Beside && Some(file.mode) == mode;
    surroundings
        .into_iter()
        .filter(|file| !is_told(file))
        .filter_map(|file| file.exposure(user).map(|exposure| (file, exposure)))
        .collect()
}

impl Attention {
    fn take(&mut self, key: &Key, patience: Patience, now: Timestamp) {
        if key.status(now) != Status::Active {
            return;
        }
        if key.last_used_at.is_none() && key.is_unused_for(patience.never_used, now) {
            self.never_used.push(key.clone());
        }
        if key.scopes.allow(&Scope::full()) && key.is_unused_for(patience.full_unused, now) {
            self.full_unused.push(key.clone());
        }
        let soon = now.checked_add(patience.expiring).unwrap_or(Timestamp::MAX);
        if key.expires_at.is_some_and(|end| end <= soon) {
            self.expiring.push(key.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Scopes, sample_key};

    #[test]
    fn room_is_short_before_the_disk_is_full() {
        let upkeep = |len, free_len| Upkeep {
            engine: String::new(),
            journal: String::new(),
            weakness: None,
            len,
            log_len: None,
            free_len,
            ballast_len: 0,
            max_ballast_len: 0,
            unwritable: None,
        };
        let mib = |count: u64| count << 20;
        let cases = [
            (mib(1), None, Level::Ok),
            (mib(1), Some(0), Level::Problem),
            (mib(1), Some(mib(16) - 1), Level::Problem),
            (mib(1), Some(mib(16)), Level::Ok),
            (mib(20), Some(mib(40) - 1), Level::Advice),
            (mib(20), Some(mib(40)), Level::Ok),
        ];
        for (len, free_len, expected) in cases {
            assert_eq!(upkeep(len, free_len).room(), expected, "{len} {free_len:?}");
        }
    }

    #[test]
    fn keys_that_open_something_and_are_left_alone_or_about_to_end_want_attention() {
        let at = |seconds| Timestamp::from_unix(seconds);
        let patience = Patience::default();
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
            let counts =
                [found.never_used, found.full_unused, found.expiring].map(|keys| keys.len());
            assert_eq!(counts, expected, "{key:?}");
        }
    }
}
