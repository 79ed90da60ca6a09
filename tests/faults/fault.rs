//! One thing that goes wrong in one command, and what is expected of it.

use std::collections::BTreeSet;
use std::fs;

use regex::Regex;

use super::aftermath::{State, judge};
use super::cases::Case;
use super::operations::Operation;
use super::start::{STORE, Start, with_store};
use super::strace::{Call, tampered};
use super::support::{Run, Sandbox};

/// A call, and how it fails.
pub(crate) type Errors = (&'static str, &'static [&'static str]);

/// What a disk that is full, broken or rationed says to those who write.
const WRITING: &[&str] = &["EIO", "ENOSPC", "EDQUOT"];
pub(crate) const READING: &[&str] = &["EIO"];

/// The calls that come to a disk.
pub(crate) const CALLS: &[Errors] = &[
    ("write", WRITING),
    ("pwrite64", WRITING),
    ("fsync", WRITING),
    ("fdatasync", WRITING),
    ("openat", WRITING),
    ("ftruncate", WRITING),
    ("rename", WRITING),
    ("renameat2", WRITING),
    ("linkat", WRITING),
    ("mkdir", WRITING),
    ("unlink", READING),
    ("fchmod", READING),
    ("read", READING),
    ("pread64", READING),
];

/// A command, and what goes wrong in it.
pub(crate) struct Fault<'a> {
    pub(crate) case: Case<'a>,
    pub(crate) call: Call,
    pub(crate) error: &'static str,
    /// Whether each later call of the name fails as well.
    pub(crate) is_lasting: bool,
}

/// Each of these errors at each place, once and lasting.
pub(crate) fn faults<'a>(places: &[(Case<'a>, Call)], calls: &[Errors]) -> Vec<Fault<'a>> {
    let mut faults = Vec::new();
    for (case, call) in places {
        let errors = calls.iter().filter(|(name, _)| *name == call.name);
        for error in errors.flat_map(|(_, errors)| *errors) {
            for is_lasting in [false, true] {
                faults.push(Fault {
                    case: *case,
                    call: call.clone(),
                    error,
                    is_lasting,
                });
            }
        }
    }
    faults
}

/// How a command ended, and what it left.
pub(crate) struct Outcome {
    pub(crate) code: i32,
    pub(crate) state: State,
}

/// Runs the command with the fault in it.
///
/// # Errors
/// What it did wrongly, or lost.
pub(crate) fn fail(program: &str, fault: &Fault<'_>) -> Result<Outcome, String> {
    let Fault {
        case,
        call,
        error,
        is_lasting,
    } = fault;
    let (start, operation) = (case.start, case.operation);
    let sandbox = start.copy();
    let before = names(&sandbox);
    let lasting = if *is_lasting { "+" } else { "" };
    let what = format!("error={error}:when={}{lasting}", call.nth);
    let run = tampered(
        &sandbox,
        program,
        &with_store(operation.args),
        &call.name,
        &what,
    );
    let judged = look_at_words(&run, start, call)
        .and_then(|()| look_at_files(&run, call, &before, &names(&sandbox)))
        .and_then(|()| judge(&sandbox, start, operation, &run))
        .and_then(|state| look_at_state(&run, operation, call, state));
    let Call { name, nth } = call;
    judged
        .map(|state| Outcome {
            code: run.code,
            state,
        })
        .map_err(|loss| {
            format!(
                "{}, {error} at {name} {nth}{lasting}: {loss}",
                operation.name
            )
        })
}

/// It ends with a code of its own, says why, and tells no token.
fn look_at_words(run: &Run, start: &Start, call: &Call) -> Result<(), String> {
    let token = Regex::new("(app|dataset)-[0-9A-Za-z]{24}").expect("it is valid");
    if token.is_match(&run.stderr) || start.tokens.lines().any(|token| run.stderr.contains(token)) {
        return Err("a token is told on standard error".to_owned());
    }
    let is_said = run.stderr.contains("error: ") || call.name == "write";
    match run.code {
        0 => Ok(()),
        1..=9 if is_said => Ok(()),
        // The system could not load it.
        127 if call.name != "write" => Ok(()),
        101 => Err(format!("it panicked: {}", run.stderr)),
        code => Err(format!("it ended with {code}: {}", run.stderr)),
    }
}

/// What fails leaves no file of its own, if files can be removed.
fn look_at_files(
    run: &Run,
    call: &Call,
    before: &BTreeSet<String>,
    after: &BTreeSet<String>,
) -> Result<(), String> {
    let left: Vec<&String> = after
        .difference(before)
        .filter(|name| !name.starts_with(STORE))
        .collect();
    if run.code == 0 || left.is_empty() || call.name == "unlink" {
        return Ok(());
    }
    Err(format!("it failed and left {left:?}"))
}

fn names(sandbox: &Sandbox) -> BTreeSet<String> {
    let files = fs::read_dir(sandbox.home()).expect("a folder can be read");
    files
        .map(|file| file.expect("a folder can be read").file_name())
        .map(|name| name.to_string_lossy().into_owned())
        .collect()
}

/// What fails has done nothing, unless it cannot know: a sync that failed can
/// have done its work, and a result that nobody got is of a change that was made.
fn look_at_state(
    run: &Run,
    operation: &Operation,
    call: &Call,
    state: State,
) -> Result<State, String> {
    let is_sync = ["fsync", "fdatasync"].contains(&call.name.as_str());
    let is_result = call.name == "write" && operation.acknowledges.is_some();
    let is_done = state == State::After && !operation.gains.is_empty();
    if run.code == 0 || !is_done || is_sync || is_result {
        return Ok(state);
    }
    Err(format!(
        "it failed with {} and is done: {}",
        run.code, run.stderr
    ))
}
