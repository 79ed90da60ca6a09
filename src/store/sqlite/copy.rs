//! A whole database into another one, page by page (SQLite's online backup).

use std::thread;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};

use super::{BUSY_TIMEOUT, fault};
use crate::domain::{StoreError, StoreFault};

/// How long to wait before a step is tried once more.
const PAUSE: Duration = Duration::from_millis(5);
/// All pages that are left.
const ALL: i32 = -1;
/// Takes the lock of the destination and copies nothing yet: it is kept from the
/// first step until the last (SQLite's page on `sqlite3_backup_init`).
const NONE: i32 = 0;

/// Copies `from`, as it is at one moment, into `to`. The writers of a store in
/// write-ahead mode go on meanwhile.
pub(super) fn copy(from: &Connection, to: &mut Connection) -> Result<(), StoreError> {
    let backup = Backup::new(from, to).map_err(fault)?;
    step(&backup, ALL)
}

/// The lock of a database that is to become a copy of another one. Given up
/// without having copied, it leaves everything as it is.
pub(super) struct Replacement<'a>(Backup<'a, 'a>);

impl<'a> Replacement<'a> {
    /// From now on, nobody else writes `to`. `from` may still be changed, by its
    /// own connection.
    pub(super) fn begin(
        from: &'a Connection,
        to: &'a mut Connection,
    ) -> Result<Replacement<'a>, StoreError> {
        let backup = Backup::new(from, to).map_err(fault)?;
        step(&backup, NONE)?;
        Ok(Replacement(backup))
    }

    /// Replaces all of it in one transaction, which is durable when this returns.
    pub(super) fn finish(self) -> Result<(), StoreError> {
        step(&self.0, ALL)
    }
}

fn step(backup: &Backup<'_, '_>, pages: i32) -> Result<(), StoreError> {
    let deadline = Instant::now() + BUSY_TIMEOUT;
    loop {
        match backup.step(pages).map_err(fault)? {
            StepResult::Done => return Ok(()),
            StepResult::More if pages == NONE => return Ok(()),
            StepResult::More => {}
            _ if Instant::now() < deadline => thread::sleep(PAUSE),
            _ => return Err(StoreError::new(StoreFault::Locked)),
        }
    }
}
