//! What stands for an engine that this program was built without.

use super::opening::{Duty, Freshness, IfMissing, unsupported};
use super::{PrivateFile, Store, Tx, Upkeep};
use crate::domain::{KeyId, StoreError, StoreFault, Timestamp};

/// There is none.
pub(super) enum NoServer {}

impl NoServer {
    pub(super) fn open(
        url: &str,
        _: Freshness,
        _: IfMissing,
    ) -> Result<Option<NoServer>, StoreError> {
        Err(unsupported(url))
    }

    pub(super) fn peek(url: &str) -> Result<NoServer, StoreError> {
        Err(unsupported(url))
    }

    pub(super) fn is_there(url: &str) -> Result<bool, StoreError> {
        Err(unsupported(url))
    }

    pub(super) fn grants(url: &str, _: Duty, _: &str) -> Result<Vec<String>, StoreError> {
        Err(unsupported(url))
    }
}

impl Store for NoServer {
    fn read(&mut self) -> Result<Box<dyn Tx + '_>, StoreError> {
        match *self {}
    }

    fn write(&mut self) -> Result<Box<dyn Tx + '_>, StoreError> {
        match *self {}
    }

    fn touch(&mut self, _: &[(KeyId, Timestamp)]) -> Result<(), StoreError> {
        match *self {}
    }

    fn upkeep(&mut self) -> Result<Upkeep, StoreError> {
        match *self {}
    }

    fn copy_into(&mut self, _: &PrivateFile) -> Result<(), StoreError> {
        match *self {}
    }

    fn give_up_ballast(&mut self, _: &StoreFault) -> Result<bool, StoreError> {
        match *self {}
    }
}
