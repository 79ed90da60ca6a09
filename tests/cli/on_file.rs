//! A sandbox whose store is the file that keyctl makes in the home.

use std::fs;
use std::ops::Deref;
use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::support;

/// The file, below the home.
const FILE: &str = ".local/share/keyctl/keys.db";

/// What `store check` looks at.
pub(crate) const CHECKS: [&str; 12] = [
    "tables",
    "indexes",
    "references",
    "log",
    "files",
    "journal",
    "space",
    "ballast",
    "program",
    "never-used",
    "full-scope",
    "expiring",
];

pub(crate) struct Sandbox(support::Sandbox);

impl Deref for Sandbox {
    type Target = support::Sandbox;

    fn deref(&self) -> &support::Sandbox {
        &self.0
    }
}

impl Sandbox {
    /// A sandbox without a store.
    pub(crate) fn new() -> Sandbox {
        Sandbox(support::Sandbox::new())
    }

    /// One whose store is kept as well as one can be.
    pub(crate) fn durable() -> Sandbox {
        Sandbox::new()
    }

    /// What names its store where it is not the one that is used anyway.
    pub(crate) fn store(&self) -> String {
        FILE.to_owned()
    }

    /// Another place, which has no store yet.
    pub(crate) fn other_store(&self) -> String {
        "other keys.db".to_owned()
    }

    pub(crate) fn has_store(&self) -> bool {
        self.home().join(".local").exists()
    }

    fn connect(&self) -> Connection {
        Connection::open(self.home().join(FILE)).expect("the store is there")
    }

    /// Changes the store behind keyctl's back.
    pub(crate) fn alter(&self, sql: &str) {
        self.connect()
            .execute_batch(sql)
            .expect("it can be changed");
    }

    /// The same, and no reference between the tables is held to.
    pub(crate) fn alter_unchecked(&self, sql: &str) {
        self.alter(&format!("PRAGMA foreign_keys = OFF; {sql}"));
    }

    /// How bytes are written in SQL.
    pub(crate) fn bytes(&self, bytes: &[u8]) -> String {
        format!("x'{}'", data_encoding::HEXLOWER.encode(bytes))
    }

    /// Makes it a store of a version that nobody knows yet.
    pub(crate) fn set_version(&self, version: u32) {
        // A log beside the file would change when it is closed.
        self.alter(&format!(
            "PRAGMA user_version = {version}; PRAGMA journal_mode = delete"
        ));
    }

    /// Somebody who writes to the store until this is dropped.
    pub(crate) fn keep_busy(&self) -> Connection {
        let writer = self.connect();
        let begun = writer.execute_batch("BEGIN IMMEDIATE");
        begun.expect("nobody else writes");
        writer
    }

    /// All that is kept, in some form that is the same for the same.
    pub(crate) fn stored(&self) -> Vec<u8> {
        let file = self.home().join(FILE);
        let folder = file.parent().expect("a file is in a folder");
        let mut files = files_in(folder);
        files.sort();
        assert!(files.contains(&file), "the store is there");
        let bytes = files
            .iter()
            .map(|file| fs::read(file).expect("it can be read"));
        bytes.collect::<Vec<_>>().concat()
    }
}

fn files_in(folder: &Path) -> Vec<PathBuf> {
    let files = fs::read_dir(folder).expect("the folder is there");
    files
        .map(|file| file.expect("the folder can be read").path())
        .collect()
}
