//! What a transaction added to an empty store, so that nobody has to ask the store
//! whether it has a token that it cannot have.

use std::cell::RefCell;
use std::collections::BTreeSet;

use crate::domain::Digest;

/// How many keys are remembered, some 12 bytes each. Of more, the store is asked.
const MAX_COUNT: usize = 2_000_000;

/// The digests of all keys of a store that was empty, by their beginnings.
#[derive(Default)]
pub(super) struct Added {
    /// None while the store may have others.
    beginnings: RefCell<Option<BTreeSet<u64>>>,
}

impl Added {
    /// From here on, to a store without keys.
    pub(super) fn begin(&self) {
        self.beginnings.replace(Some(BTreeSet::new()));
    }

    pub(super) fn add(&self, digest: &Digest) {
        let mut beginnings = self.beginnings.borrow_mut();
        if let Some(added) = beginnings.as_mut() {
            added.insert(digest.beginning());
            if added.len() > MAX_COUNT {
                *beginnings = None;
            }
        }
    }

    /// Whether the store may have it. Chance says so of one that it does not have
    /// once in billions of times, and then the store is asked.
    pub(super) fn may_have(&self, digest: &Digest) -> bool {
        let beginnings = self.beginnings.borrow();
        beginnings
            .as_ref()
            .is_none_or(|added| added.contains(&digest.beginning()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_added_may_be_there_and_of_too_many_anything() {
        let digest = |number: usize| {
            let mut bytes = [7; 32];
            bytes[..8].copy_from_slice(&number.to_be_bytes());
            Digest::from_bytes(bytes)
        };
        let added = Added::default();
        assert!(added.may_have(&digest(1)));
        added.begin();
        assert!(!added.may_have(&digest(1)));
        added.add(&digest(1));
        assert!(added.may_have(&digest(1)));
        (0..=MAX_COUNT).for_each(|number| added.add(&digest(number)));
        assert!(added.may_have(&digest(MAX_COUNT + 7)));
    }
}
