//! A place for one store in a PostgreSQL database.

use std::process;

use keyctl::Location;

use super::database::Database;

pub(crate) struct Site(pub(crate) Database);

impl Site {
    /// Where no store is yet. Where there is no server, nothing that needs one
    /// can be tried: the process ends, which was said.
    pub(crate) fn new() -> Site {
        Site(Database::new().unwrap_or_else(|| process::exit(0)))
    }

    pub(crate) fn location(&self) -> Location {
        Location::Url(self.0.url())
    }
}
