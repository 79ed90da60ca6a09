//! Killed at a system call, whichever it is, a command has done everything or
//! nothing, and what it said to be done is done.

#[path = "support/aftermath.rs"]
mod aftermath;
#[path = "support/campaign.rs"]
mod campaign;
#[path = "support/operations.rs"]
mod operations;
#[path = "support/start.rs"]
mod start;
#[path = "support/strace.rs"]
mod strace;
#[path = "support/mod.rs"]
mod support;
#[expect(dead_code, reason = "this one has a weakness of its own")]
#[path = "support/weakened.rs"]
mod weakened;

use std::process::Child;

use rand::RngExt;
use rand::seq::SliceRandom;

use aftermath::{State, judge, look};
use operations::{OPERATIONS, Operation, Past};
use start::{STORE, Start, keyctl, with_store};
use strace::{Call, calls, tampered, two_at_a_time};
use support::Sandbox;

const PROGRAM: &str = env!("CARGO_BIN_EXE_keyctl");

/// No transaction: what a statement changes is kept at once.
const PIECEMEAL: (&str, &str) = ("BEGIN IMMEDIATE", "-- immediately ");

/// A command and what it begins with.
struct Case<'a> {
    operation: &'a Operation,
    start: &'a Start,
    /// Whether another process has the store open.
    is_held: bool,
}

/// Where one is killed: when it is about to make this call.
struct Point<'a> {
    case: &'a Case<'a>,
    call: Call,
}

#[test]
fn a_command_that_is_killed_has_done_everything_or_nothing() {
    let mut generator = campaign::generator();
    let target = campaign::size(200, 10_000);
    let (mut tried, mut killed, mut done) = (0, 0, 0);
    let mut losses = Vec::new();
    while tried < target {
        // From the second time on, stores of other sizes.
        let more_keys = if tried == 0 {
            0
        } else {
            generator.random_range(10..150)
        };
        let starts = starts(more_keys);
        let cases = cases(&starts);
        let mut points = points(PROGRAM, &cases);
        if target < points.len() {
            points.retain(|point| is_telling(&point.call));
        }
        points.shuffle(&mut generator);
        points.truncate(target - tried);
        for outcome in two_at_a_time(&points, |point| kill_at(PROGRAM, point)) {
            match outcome {
                Ok((was_killed, state)) => {
                    killed += usize::from(was_killed);
                    done += usize::from(state == State::After);
                }
                Err(loss) => losses.push(loss),
            }
        }
        tried += points.len();
    }
    campaign::report(&format!(
        "{tried} points, killed at {killed}, done at {done}, {} losses",
        losses.len()
    ));
    assert!(losses.is_empty(), "{}", losses.join("\n"));
    assert!(killed * 10 > tried * 9, "nearly all of them are killed");
}

fn starts(more_keys: usize) -> Vec<Start> {
    vec![
        Start::new(Past::Nothing, 0),
        Start::new(Past::Store, more_keys),
        Start::new(Past::Store, more_keys).with_log(),
        Start::new(Past::FirstVersion, more_keys),
    ]
}

/// Each operation on each store that it is for, alone and beside another process.
fn cases(starts: &[Start]) -> Vec<Case<'_>> {
    let mut cases = Vec::new();
    for operation in OPERATIONS {
        for start in starts.iter().filter(|start| start.past == operation.past) {
            // To hold a store is to open it, and so to make or to migrate it.
            let can_be_held = start.past == Past::Store;
            for is_held in [false, true]
                .into_iter()
                .filter(|held| can_be_held || !held)
            {
                cases.push(Case {
                    operation,
                    start,
                    is_held,
                });
            }
        }
    }
    cases
}

fn points<'a>(program: &str, cases: &'a [Case<'a>]) -> Vec<Point<'a>> {
    let of_case = |case: &&'a Case<'a>| {
        let sandbox = case.start.copy();
        let _holder = case.is_held.then(|| case.start.hold(&sandbox));
        calls(&sandbox, program, &with_store(case.operation.args))
    };
    let cases: Vec<&Case<'_>> = cases.iter().collect();
    let found = two_at_a_time(&cases, |case| (*case, of_case(case)));
    let all = found.into_iter().flat_map(|(case, calls)| {
        let point = move |call| Point { case, call };
        calls.into_iter().map(point)
    });
    all.collect()
}

/// Calls between which files differ, or locks.
fn is_telling(call: &Call) -> bool {
    let names = [
        "write",
        "pwrite64",
        "fsync",
        "ftruncate",
        "openat",
        "fcntl",
        "unlink",
        "renameat2",
        "close",
        "fchmod",
        "mkdir",
    ];
    names.contains(&call.name.as_str())
}

/// Whether it was killed, and what was left.
fn kill_at(program: &str, point: &Point<'_>) -> Result<(bool, State), String> {
    let Point { case, call } = point;
    let (start, operation) = (case.start, case.operation);
    let sandbox = start.copy();
    let holder = case.is_held.then(|| start.hold(&sandbox));
    let kill = format!("signal=SIGKILL:when={}", call.nth);
    let run = tampered(
        &sandbox,
        program,
        &with_store(operation.args),
        &call.name,
        &kill,
    );
    let judged = judge(&sandbox, start, operation, &run).and_then(|state| {
        // Without the other process its log is recovered.
        drop(holder);
        match look(&sandbox, start, operation)? {
            State::After => Ok((run.code == -1, state)),
            State::Before => Err("gone with the last process".to_owned()),
        }
    });
    judged.map_err(|loss| {
        let Call { name, nth } = call;
        let beside = if case.is_held { ", held" } else { "" };
        format!("{}{beside}, killed at {name} {nth}: {loss}", operation.name)
    })
}

#[test]
fn a_store_of_the_first_version_is_brought_up_to_date_by_sixteen_at_once() {
    let start = Start::new(Past::FirstVersion, 20);
    let rounds = campaign::size(2, 200);
    for _ in 0..rounds {
        let sandbox = start.copy();
        let children: Vec<Child> = (0..16).map(|_| list(&sandbox)).collect();
        for child in children {
            let output = child.wait_with_output().expect("a child ends");
            let stderr = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{stderr}");
            let keys = String::from_utf8_lossy(&output.stdout);
            assert_eq!(keys.lines().count(), 23);
        }
        let left = look(&sandbox, &start, named("migrate"));
        assert_eq!(left, Ok(State::After));
    }
    campaign::report(&format!("{rounds} times 16 processes, 0 losses"));
}

fn named(name: &str) -> &'static Operation {
    let operation = OPERATIONS.iter().find(|operation| operation.name == name);
    operation.expect("it is in the table")
}

fn list(sandbox: &Sandbox) -> Child {
    sandbox
        .command(PROGRAM)
        .args(["list", "-o", "id", "--store", STORE])
        .stdin(std::process::Stdio::null())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("keyctl can be started")
}

#[test]
fn a_program_that_changes_piece_by_piece_is_found_out() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let program = weakened::weakened(folder.path(), PIECEMEAL);
    let program = program.to_str().expect("a path of letters");
    let start = Start::new(Past::Store, 0);
    let cases = [Case {
        operation: named("revoke"),
        start: &start,
        is_held: false,
    }];
    let mut points = points(program, &cases);
    points.retain(|point| point.call.name == "pwrite64");
    points.shuffle(&mut campaign::generator());
    points.truncate(24);
    let outcomes = two_at_a_time(&points, |point| kill_at(program, point));
    let losses = outcomes.iter().filter(|outcome| outcome.is_err()).count();
    campaign::report(&format!(
        "piece by piece: {losses} losses of {}",
        points.len()
    ));
    assert!(losses > 0, "nothing is lost, so nothing is looked at");
}

#[test]
fn a_change_that_is_acknowledged_and_not_made_is_found_out() {
    let start = Start::new(Past::Store, 0);
    let sandbox = start.copy();
    for name in ["create", "create to a file", "rotate", "revoke"] {
        let operation = named(name);
        let args = [operation.args, &["--dry-run"]].concat();
        let run = keyctl(&sandbox, &args, "").expect_code(0);
        let judged = judge(&sandbox, &start, operation, &run);
        let loss = judged.expect_err("nothing was done");
        assert!(loss.contains("said to be done"), "{loss}");
    }
}
