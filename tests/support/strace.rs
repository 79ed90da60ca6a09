//! The program under strace, which counts its system calls and tampers with one
//! of them.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::support::{Run, Sandbox};

/// How many runs there are at once.
const HANDS: usize = 2;

/// One of a program's system calls: the `nth` of its name, counted from 1, in
/// the way strace counts them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Call {
    pub(crate) name: String,
    pub(crate) nth: usize,
}

/// The calls that a command makes, in their order; threads count for themselves.
pub(crate) fn calls(sandbox: &Sandbox, program: &str, args: &[&str]) -> Vec<Call> {
    let list = sandbox.home().join("calls.strace");
    let mut command = strace(sandbox);
    command.arg("-o").arg(&list).arg("--");
    sandbox.finish(with(command, program, args), b"");
    let text = fs::read_to_string(&list).expect("strace leaves a list");
    fs::remove_file(list).expect("the list can be removed");
    let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let mut seen = HashSet::new();
    text.lines()
        .filter_map(|line| {
            let (thread, call) = line.split_once(' ')?;
            let (name, _) = call.trim_start().split_once('(')?;
            name.bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
                .then_some((thread, name))
        })
        // Before it there is no program.
        .filter(|(_, name)| *name != "execve")
        .map(|(thread, name)| {
            let nth = counts.entry((thread, name)).or_default();
            *nth += 1;
            Call {
                name: name.to_owned(),
                nth: *nth,
            }
        })
        .filter(|call| seen.insert(call.clone()))
        .collect()
}

/// Runs a command with something done to calls of one name, such as
/// `signal=SIGKILL:when=3` (strace(1), under `inject`). Its code is -1 if a
/// signal ended it.
pub(crate) fn tampered(
    sandbox: &Sandbox,
    program: &str,
    args: &[&str],
    call: &str,
    what: &str,
) -> Run {
    let mut command = strace(sandbox);
    command
        .arg(format!("--trace={call}"))
        .arg(format!("--inject={call}:{what}"))
        .args(["-o", "/dev/null", "--"]);
    sandbox.finish(with(command, program, args), b"")
}

fn strace(sandbox: &Sandbox) -> Command {
    static IS_THERE: Mutex<bool> = Mutex::new(false);
    let mut is_there = IS_THERE.lock().expect("nobody panics with it");
    if !*is_there {
        let version = sandbox.command("strace").arg("-V").output();
        *is_there = version.is_ok_and(|output| output.status.success());
    }
    assert!(
        *is_there,
        "strace is not here: install the Debian package strace"
    );
    let mut command = sandbox.command("strace");
    command.args(["--follow-forks", "-qqq"]);
    command
}

fn with(mut command: Command, program: &str, args: &[&str]) -> Command {
    command.arg(program).args(args);
    command
}

/// Does all of the work, two pieces at a time, whatever else the tests do; the
/// results are in the order of the work.
pub(crate) fn two_at_a_time<T: Sync, R: Send>(work: &[T], run: impl Fn(&T) -> R + Sync) -> Vec<R> {
    static TURN: Mutex<()> = Mutex::new(());
    // Whoever panicked is no concern of the next one.
    let _turn = TURN
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    let next = AtomicUsize::new(0);
    let hand = || {
        let mut done = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(piece) = work.get(index) else {
                return done;
            };
            done.push((index, run(piece)));
        }
    };
    let mut results: Vec<(usize, R)> = thread::scope(|scope| {
        let hands = [(); HANDS].map(|()| scope.spawn(hand));
        hands
            .into_iter()
            .flat_map(|hand| hand.join().expect("a trial does not panic"))
            .collect()
    });
    results.sort_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}
