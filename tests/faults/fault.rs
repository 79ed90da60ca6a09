//! One thing that goes wrong in one command, and what is expected of it.

use std::collections::BTreeSet;
use std::fs;

use regex::Regex;

use super::aftermath::{State, judge};
use super::cases::Case;
use super::operations::{Made, Past};
use super::start::{STORE, with_store};
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
    let left = &names(&sandbox) - &before;
    let judged = look_at_words(&run, fault)
        .and_then(|()| judge(&sandbox, start, operation, &run))
        .and_then(|state| look_at_state(&run, fault, state))
        .and_then(|state| look_at_files(fault, &left, state));
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
fn look_at_words(run: &Run, fault: &Fault<'_>) -> Result<(), String> {
    let (
        Case {
            operation, start, ..
        },
        call,
    ) = (fault.case, &fault.call);
    let token = Regex::new("(app|dataset)-[0-9A-Za-z]{24}").expect("it is valid");
    if token.is_match(&run.stderr) || start.tokens.lines().any(|token| run.stderr.contains(token)) {
        return Err("a token is told on standard error".to_owned());
    }
    let is_said = match call.name.as_str() {
        // It may have been the one that says it.
        "write" => true,
        "getrandom" if operation.gains.contains(&"issued") => {
            run.stderr.contains("random generator failed")
        }
        _ => run.stderr.contains("error: "),
    };
    match run.code {
        0 => Ok(()),
        1..=9 if is_said => Ok(()),
        // The system could not load it.
        127 if call.name != "write" => Ok(()),
        101 => Err(format!("it panicked: {}", run.stderr)),
        code => Err(format!("it ended with {code}: {}", run.stderr)),
    }
}

/// What fails has done nothing, unless it cannot know: a sync that failed can
/// have done its work, and a result that nobody got is of a change that was made.
fn look_at_state(run: &Run, fault: &Fault<'_>, state: State) -> Result<State, String> {
    let operation = fault.case.operation;
    let is_sync = ["fsync", "fdatasync"].contains(&fault.call.name.as_str());
    // Where every write fails, nothing can be said.
    let is_result = fault.call.name == "write"
        && operation.acknowledges.is_some()
        && (fault.is_lasting || run.stderr.contains("cannot write the result"));
    let is_done = state == State::After && !operation.gains.is_empty();
    if run.code == 0 || !is_done || is_sync || is_result {
        return Ok(state);
    }
    let code = run.code;
    Err(format!("it failed with {code} and is done: {}", run.stderr))
}

/// Nothing is left beside the store but what the operation makes, and that only
/// with what it is for; as long as files can be removed.
fn look_at_files(
    fault: &Fault<'_>,
    left: &BTreeSet<String>,
    state: State,
) -> Result<State, String> {
    let made = fault.case.operation.makes.map(Made::file);
    // Over a ruin, there is no way back once it is put aside.
    let may_be_kept = state == State::After || fault.case.operation.past == Past::Ruined;
    let is_expected = |name: &str| match name.strip_prefix(STORE) {
        Some("" | "-wal" | "-shm" | "-journal" | "-ballast") => true,
        Some(rest) => rest.starts_with(".replaced-") && may_be_kept,
        None => state == State::After && made.is_some_and(|made| made == name),
    };
    let left: Vec<&String> = left.iter().filter(|name| !is_expected(name)).collect();
    if left.is_empty() || fault.call.name == "unlink" {
        return Ok(state);
    }
    Err(format!("it left {left:?}"))
}

fn names(sandbox: &Sandbox) -> BTreeSet<String> {
    let files = fs::read_dir(sandbox.home()).expect("a folder can be read");
    files
        .map(|file| file.expect("a folder can be read").file_name())
        .map(|name| name.to_string_lossy().into_owned())
        .collect()
}
