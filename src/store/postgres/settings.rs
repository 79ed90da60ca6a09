//! Where a server is and how to reach it: a URL, and what is added to it by the
//! variables and defaults that users of libpq expect.

use std::ffi::OsString;
use std::time::Duration;

use crate::domain::{StoreError, StoreFault};

/// What it takes to connect.
#[derive(Debug)]
pub(super) struct Settings {}

impl Settings {
    /// Takes the URL, else the variables, which `variable` looks up.
    ///
    /// # Errors
    /// [`StoreFault::BadUrl`].
    pub(super) fn new(
        _url: &str,
        _variable: &dyn Fn(&str) -> Option<OsString>,
    ) -> Result<Settings, StoreError> {
        Err(StoreError::new(StoreFault::Other))
    }

    /// Connects, to a server that takes writes unless `allow_replica`, within
    /// `deadline` over all servers.
    ///
    /// # Errors
    /// [`StoreFault::Connection`].
    pub(super) fn connect(
        &self,
        _allow_replica: bool,
        _deadline: Duration,
    ) -> Result<postgres::Client, StoreError> {
        Err(StoreError::new(StoreFault::Other))
    }

    /// The URL as it may be shown: who, where and which database, and never a
    /// password.
    pub(super) fn shown(&self) -> String {
        String::new()
    }
}
