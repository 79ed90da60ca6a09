//! A transaction that is begun and ended by statements that stay prepared. Prepared anew
//! each time, as rusqlite's own are, they take 5,800 of the 57,000 instructions of a
//! look-up, and so 3,500.

use std::ops::Deref;

use rusqlite::Connection;

/// A transaction; dropped without a commit, it leaves nothing.
pub(super) struct Begun<'a>(&'a Connection);

impl<'a> Begun<'a> {
    /// Sees the state that there is when it first reads.
    pub(super) fn to_read(connection: &'a Connection) -> rusqlite::Result<Begun<'a>> {
        run(connection, "BEGIN").map(|()| Begun(connection))
    }

    /// Is alone from now on: a transaction that turns to writing after reading can be
    /// refused at once, whatever the timeout, and this one waits.
    pub(super) fn to_write(connection: &'a Connection) -> rusqlite::Result<Begun<'a>> {
        run(connection, "BEGIN IMMEDIATE").map(|()| Begun(connection))
    }

    pub(super) fn commit(self) -> rusqlite::Result<()> {
        run(self.0, "COMMIT")
    }
}

impl Deref for Begun<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.0
    }
}

impl Drop for Begun<'_> {
    fn drop(&mut self) {
        // After a commit, or where SQLite has undone it by itself, there is none.
        if !self.0.is_autocommit() {
            let _ = run(self.0, "ROLLBACK");
        }
    }
}

fn run(connection: &Connection, sql: &str) -> rusqlite::Result<()> {
    connection.prepare_cached(sql)?.execute([]).map(|_| ())
}
