//! What an interrupted command leaves: the store as it was before, or as it is
//! when the command is done. Anything else is a loss, and so is what was said to
//! be done and is not.

use std::fs;

use super::operations::{Made, Operation, Past, TOKEN_FILE};
use super::start::{Start, events, keyctl};
use super::support::{Run, Sandbox};

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
            Some(_) => Err("the file has its name and is not whole".to_owned()),
        },
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
    let is_missing = audit.stderr.contains("there is no key store here");
    if !(audit.code == 0 || start.past == Past::Nothing && audit.code == 7 && is_missing) {
        return Err(format!("audit verify: {} {}", audit.code, audit.stderr));
    }
    let state = held_against(&events(sandbox), start, done)?;
    look_at_verdicts(sandbox, start, done, state)?;
    Ok(state)
}

/// The log and the keys are one, as `audit verify` says; so the log tells.
fn held_against(events: &[String], start: &Start, done: &Operation) -> Result<State, String> {
    let Some(gained) = events.strip_prefix(start.events.as_slice()) else {
        return Err("the log does not begin as it was".to_owned());
    };
    let actions: Vec<String> = gained.iter().map(|event| action(event)).collect();
    match actions.iter().map(String::as_str).collect::<Vec<_>>() {
        actions if actions == done.gains => Ok(State::After),
        actions if actions.is_empty() => Ok(State::Before),
        // A store that was made, and nothing in it.
        actions if start.past == Past::Nothing && actions == ["store_created"] => Ok(State::Before),
        actions => Err(format!("the log gained {actions:?}")),
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
    let expected = match (state, start.past) {
        (State::After, _) => done.verdicts,
        (State::Before, Past::Nothing) => return Ok(()),
        (State::Before, _) => ["valid"; 3],
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
