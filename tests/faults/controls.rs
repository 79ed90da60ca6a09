//! Programs that deal with a fault as none may.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::cases::{Case, PIECEMEAL, PROGRAM, places};
use super::fault::{CALLS, fail, faults};
use super::operations::{Past, named};
use super::start::Start;
use super::strace::two_at_a_time;
use super::weakened::weakened;

/// What SQLite calls to have a file written down, as it was built.
const SYNCS: &[&str] = &["fsync", "fdatasync"];

#[test]
fn programs_that_hide_a_fault_or_tell_of_it_wrongly_are_found_out() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let piecemeal = weakened(folder.path(), PIECEMEAL);
    let silent = script(folder.path(), "silent", "\"$PROGRAM\" \"$@\"; exit 0");
    let panicking = script(
        folder.path(),
        "panicking",
        "\"$PROGRAM\" \"$@\" || exit 101",
    );
    let telling = script(folder.path(), "telling", "\"$PROGRAM\" \"$@\" >&2");
    let leaving = script(
        folder.path(),
        "leaving",
        "\"$PROGRAM\" \"$@\" || { : >left; exit 7; }",
    );
    let piecemeal = piecemeal.to_str().expect("letters");
    for (program, calls, expected) in [
        (piecemeal, &["pwrite64"] as &[_], "audit verify: 7"),
        (&silent, SYNCS, "it was said to be done"),
        (&panicking, SYNCS, "it panicked"),
        (&telling, SYNCS, "a token is told"),
        (&leaving, SYNCS, "it left"),
    ] {
        let losses = losses_of(program, calls);
        assert!(
            losses.iter().any(|loss| loss.contains(expected)),
            "{expected}: {losses:#?}"
        );
    }
}

fn script(folder: &Path, name: &str, line: &str) -> String {
    let path = folder.join(name);
    fs::write(&path, format!("#!/bin/sh\nPROGRAM={PROGRAM}\n{line}\n")).expect("it can be written");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).expect("a mode can be set");
    path.to_str().expect("letters").to_owned()
}

/// What is found of a program that creates a key where calls of these names fail.
fn losses_of(program: &str, calls: &[&str]) -> Vec<String> {
    let start = Start::new(Past::Store, 0);
    let create = Case {
        operation: named("create"),
        start: &start,
        is_held: false,
    };
    let mut faults = faults(&places(program, &[create]), CALLS);
    faults.retain(|fault| {
        calls.contains(&fault.call.name.as_str()) && fault.error == "EIO" && !fault.is_lasting
    });
    let outcomes = two_at_a_time(&faults, |fault| fail(program, fault));
    outcomes.into_iter().filter_map(Result::err).collect()
}
