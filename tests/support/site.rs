//! A place for one store in a file.

use keyctl::Location;
use tempfile::TempDir;

pub(crate) struct Site(TempDir);

impl Site {
    /// Where no store is yet.
    pub(crate) fn new() -> Site {
        Site(TempDir::new().expect("a temporary folder can be made"))
    }

    pub(crate) fn location(&self) -> Location {
        Location::File(self.0.path().join("keys.db"))
    }
}
