//! The built program with one of its safeguards off, to show that a test can
//! fail. The safeguard is a piece of SQL in the program; a copy of the program
//! has another one there, of the same length.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Commits are not synced: what was acknowledged can be lost with the power.
pub(crate) const UNSYNCED: (&str, &str) =
    ("PRAGMA synchronous = EXTRA;", "PRAGMA synchronous = 1    ;");
/// Writers do not wait for each other before they read.
pub(crate) const DEFERRED: (&str, &str) = ("BEGIN IMMEDIATE", "BEGIN DEFERRED ");

/// A copy of the program in `folder`, without that safeguard.
pub(crate) fn weakened(folder: &Path, (sql, weaker): (&str, &str)) -> PathBuf {
    assert_eq!(sql.len(), weaker.len());
    let mut program = fs::read(env!("CARGO_BIN_EXE_keyctl")).expect("the program can be read");
    let places: Vec<usize> = program
        .windows(sql.len())
        .enumerate()
        .filter(|(_, window)| *window == sql.as_bytes())
        .map(|(place, _)| place)
        .collect();
    assert!(!places.is_empty(), "the program does not say {sql}");
    for place in places {
        program[place..place + sql.len()].copy_from_slice(weaker.as_bytes());
    }
    let path = folder.join("keyctl-weakened");
    fs::write(&path, program).expect("the copy can be written");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).expect("a mode can be set");
    path
}
