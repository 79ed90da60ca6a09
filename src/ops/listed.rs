//! What a list can be of.

use crate::domain::{Key, KeyId, KeyName, Lifetime, Outline, Status, StoreError, Timestamp};
use crate::store::{EachKey, Filter, Page, Tx};

/// What a list can be of, by which its keys are chosen: whole keys, or their outlines.
pub trait Listed: Sized {
    /// Reads those that fit, as [`Tx::keys`] does.
    ///
    /// # Errors
    /// The store's faults.
    fn read(
        tx: &dyn Tx,
        filter: &Filter,
        page: &Page,
        each: EachKey<'_, Self>,
    ) -> Result<(), StoreError>;

    /// [`Key::id`].
    fn id(&self) -> &KeyId;

    /// [`Key::name`].
    fn name(&self) -> Option<&KeyName>;

    /// [`Key::expires_at`].
    fn expires_at(&self) -> Option<Timestamp>;

    /// [`Key::status`].
    fn status(&self, now: Timestamp) -> Status;

    /// [`Key::is_unused_for`].
    fn is_unused_for(&self, length: Lifetime, now: Timestamp) -> bool;
}

impl Listed for Key {
    fn read(
        tx: &dyn Tx,
        filter: &Filter,
        page: &Page,
        each: EachKey<'_, Key>,
    ) -> Result<(), StoreError> {
        tx.keys(filter, page, each)
    }

    fn id(&self) -> &KeyId {
        &self.id
    }

    fn name(&self) -> Option<&KeyName> {
        self.name.as_ref()
    }

    fn expires_at(&self) -> Option<Timestamp> {
        self.expires_at
    }

    fn status(&self, now: Timestamp) -> Status {
        self.status(now)
    }

    fn is_unused_for(&self, length: Lifetime, now: Timestamp) -> bool {
        self.is_unused_for(length, now)
    }
}

impl Listed for Outline {
    fn read(
        tx: &dyn Tx,
        filter: &Filter,
        page: &Page,
        each: EachKey<'_, Outline>,
    ) -> Result<(), StoreError> {
        tx.outlines(filter, page, each)
    }

    fn id(&self) -> &KeyId {
        &self.id
    }

    fn name(&self) -> Option<&KeyName> {
        self.name.as_ref()
    }

    fn expires_at(&self) -> Option<Timestamp> {
        self.expires_at
    }

    fn status(&self, now: Timestamp) -> Status {
        self.status(now)
    }

    fn is_unused_for(&self, length: Lifetime, now: Timestamp) -> bool {
        self.is_unused_for(length, now)
    }
}
