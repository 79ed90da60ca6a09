//! A copy of the whole store, for the day that it is lost.

use super::Registry;
use super::audit::audit;
use crate::domain::{Checked, Error};
use crate::store::{self, Location, PrivateFile};

impl Registry {
    /// Copies the whole store, as it is at one moment, into a file that was made
    /// beside its place, and holds that against its own log. Others read and
    /// write meanwhile. The file is there when it is kept.
    ///
    /// # Errors
    /// The store's faults; [`Error::Altered`] if the store is not what its log
    /// says, and the copy with it.
    pub fn backup(&mut self, file: &PrivateFile) -> Result<Checked, Error> {
        self.store.copy_into(file)?;
        let mut copy = store::peek(&Location::File(file.path().to_owned()))?;
        let tx = copy.read()?;
        audit(tx.as_ref(), None)
    }
}
