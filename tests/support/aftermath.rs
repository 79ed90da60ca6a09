//! What an interrupted command leaves: the store as it was before, or as it is
//! when the command is done. Anything else is a loss, and so is what was said to
//! be done and is not.

use std::fs;

use super::operations::{COPY_FILE, Made, Operation, Past, TOKEN_FILE};
use super::start::{STORE, Start, events, keyctl};
use super::support::{Run, Sandbox};

/// How the names begin of files that hold what was replaced.
const REPLACED: &str = "keys.db.replaced-";
const NOT_WHOLE: &str = "the file has its name and is not whole";

/// Which of the two it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Before,
    After,
}

/// Looks at what a run left, and then does what it did not: nothing that is left
/// may stand in the way of the next.
///
/// # Errors
/// What is lost, without any token.
pub(crate) fn judge(
    sandbox: &Sandbox,
    start: &Start,
    operation: &Operation,
    run: &Run,
) -> Result<State, String> {
    let state = look(sandbox, start, operation)?;
    let is_made = look_at_file(sandbox, operation, run)?;
    if operation.past == Past::BackedUp {
        look_at_replaced(sandbox, start, state)?;
    }
    let is_claimed = run.code == 0
        || operation
            .acknowledges
            .is_some_and(|words| run.stdout.contains(words));
    if is_claimed && (state, is_made) != (State::After, true) {
        return Err(format!(
            "it was said to be done with {}, and it is {state:?}, its file made: {is_made}",
            run.code
        ));
    }
    if run.code == 0 && operation.gains.contains(&"issued") && operation.past == Past::Store {
        look_at_new_token(sandbox, operation, run)?;
    }
    if state == State::Before || !is_made {
        do_again(sandbox, start, operation)?;
    }
    Ok(state)
}

/// With the program as it is, beginning with what is left.
fn do_again(sandbox: &Sandbox, start: &Start, operation: &Operation) -> Result<(), String> {
    // One is never written over.
    let _ = fs::remove_file(sandbox.home().join(TOKEN_FILE));
    let run = keyctl(sandbox, operation.args, "");
    if run.code != 0 {
        return Err(format!("done again, it fails: {} {}", run.code, run.stderr));
    }
    match look(sandbox, start, operation)? {
        State::After => Ok(()),
        State::Before => Err("done again, it is not there".to_owned()),
    }
}

/// Whether the file that the operation makes is there, if it makes one.
fn look_at_file(sandbox: &Sandbox, operation: &Operation, run: &Run) -> Result<bool, String> {
    let read = |made: Made| fs::read_to_string(sandbox.home().join(made.file())).ok();
    match operation.makes {
        None => Ok(true),
        // Written before the commit, and of no use without it.
        Some(Made::Token) => Ok(run.code != 0 || read(Made::Token).is_some()),
        Some(Made::Export) => match read(Made::Export) {
            None => Ok(false),
            Some(text) if text == keyctl(sandbox, &["export"], "").stdout => Ok(true),
            Some(_) => Err(NOT_WHOLE.to_owned()),
        },
        Some(Made::Backup) => match sandbox.home().join(COPY_FILE).exists() {
            false => Ok(false),
            true if is_same_store(sandbox, COPY_FILE) => Ok(true),
            true => Err(NOT_WHOLE.to_owned()),
        },
    }
}

fn is_same_store(sandbox: &Sandbox, copy: &str) -> bool {
    let of_copy = |command: &[&str]| sandbox.run(&[command, &["--store", copy]].concat(), "");
    of_copy(&["audit", "verify"]).code == 0
        && of_copy(&["export"]).stdout == keyctl(sandbox, &["export"], "").stdout
}

/// What a restoration replaces is beside it, whole, as soon as it has its name.
fn look_at_replaced(sandbox: &Sandbox, start: &Start, state: State) -> Result<(), String> {
    let files = fs::read_dir(sandbox.home()).expect("a folder can be read");
    let names: Vec<String> = files
        .map(|file| file.expect("a folder can be read").file_name())
        .filter_map(|name| name.into_string().ok())
        .filter(|name| name.starts_with(REPLACED) && !name.ends_with("-wal"))
        .collect();
    if state == State::After && names.is_empty() {
        return Err("what was replaced is not beside it".to_owned());
    }
    match names
        .iter()
        .find(|name| events(sandbox, name) != start.events)
    {
        None => Ok(()),
        Some(name) => Err(format!("{name} is not what was replaced")),
    }
}

fn look_at_new_token(sandbox: &Sandbox, operation: &Operation, run: &Run) -> Result<(), String> {
    let token = match operation.makes {
        Some(made) => fs::read_to_string(sandbox.home().join(made.file())).unwrap_or_default(),
        None => run.stdout.clone(),
    };
    let verify = ["verify", "--app", "web", "--no-touch"];
    match keyctl(sandbox, &verify, &token).code {
        0 => Ok(()),
        code => Err(format!("the new token does not verify: {code}")),
    }
}

/// Looks at what is left with an untouched program.
///
/// # Errors
/// What is lost, without any token.
pub(crate) fn look(sandbox: &Sandbox, start: &Start, done: &Operation) -> Result<State, String> {
    let audit = keyctl(sandbox, &["audit", "verify"], "");
    if audit.code != 0 && !is_as_missing_as_it_was(&audit, start.past) {
        return Err(format!("audit verify: {} {}", audit.code, audit.stderr));
    }
    let state = held_against(&events(sandbox, STORE), start, done)?;
    look_at_verdicts(sandbox, start, done, state)?;
    Ok(state)
}

fn is_as_missing_as_it_was(audit: &Run, past: Past) -> bool {
    let is_missing = audit.stderr.contains("there is no key store here");
    audit.code == 7 && !past.has_store() && (is_missing || past == Past::Ruined)
}

/// The log and the keys are one, as `audit verify` says; so the log tells.
fn held_against(events: &[String], start: &Start, done: &Operation) -> Result<State, String> {
    if events == start.events && !done.gains.is_empty() {
        return Ok(State::Before);
    }
    let base = start.events_of_backup.as_ref().unwrap_or(&start.events);
    let Some(gained) = events.strip_prefix(base.as_slice()) else {
        return Err("the log does not begin as it was".to_owned());
    };
    let gained: Vec<String> = gained.iter().map(|event| action(event)).collect();
    match gained.iter().map(String::as_str).collect::<Vec<_>>() {
        gained if gained == done.gains => Ok(State::After),
        // A store that was made, and nothing in it.
        gained if start.past == Past::Nothing && gained == ["store_created"] => Ok(State::Before),
        gained => Err(format!("the log gained {gained:?}")),
    }
}

fn action(event: &str) -> String {
    let event: serde_json::Value = serde_json::from_str(event).expect("an entry is JSON");
    event["action"].as_str().unwrap_or_default().to_owned()
}

fn look_at_verdicts(
    sandbox: &Sandbox,
    start: &Start,
    done: &Operation,
    state: State,
) -> Result<(), String> {
    let expected = match state {
        State::After => done.verdicts,
        State::Before if start.past.has_store() => start.past.verdicts(),
        State::Before => return Ok(()),
    };
    let args = ["verify", "--batch", "--app", "web", "--no-touch"];
    let found = keyctl(sandbox, &args, &start.tokens).stdout;
    let agrees = found.lines().count() == 3
        && found
            .lines()
            .zip(expected)
            .all(|(line, verdict)| line.starts_with(verdict));
    if agrees {
        Ok(())
    } else {
        Err(format!("{state:?}, and the verdicts are {found}"))
    }
}
