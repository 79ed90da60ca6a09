//! Killed at a system call, whichever it is, a command has done everything or
//! nothing, and what it said to be done is done.

#[path = "support/aftermath.rs"]
mod aftermath;
#[path = "support/campaign.rs"]
mod campaign;
#[path = "support/cases.rs"]
mod cases;
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
use cases::{Case, PIECEMEAL, PROGRAM, cases, places, starts};
use operations::{Past, named};
use start::{STORE, Start, keyctl, with_store};
use strace::{Call, tampered, two_at_a_time};
use support::Sandbox;

#[test]
fn a_command_that_is_killed_has_done_everything_or_nothing() {
    let mut generator = campaign::generator();
    let (target, is_campaign) = (campaign::size(200, 10_000), campaign::size(0, 1) == 1);
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
        let mut points = places(PROGRAM, &cases);
        // In a campaign it is every call, and then those of other stores.
        if !is_campaign {
            points.retain(|(_, call)| is_telling(call));
            points.shuffle(&mut generator);
            points.truncate(target);
        }
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

/// Calls between which files differ, or locks.
fn is_telling(call: &Call) -> bool {
    let names = [
        "write",
        "pwrite64",
        "fsync",
        "fdatasync",
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

/// Kills a command when it is about to make this call. Whether it was killed, and
/// what was left.
fn kill_at(program: &str, (case, call): &(Case<'_>, Call)) -> Result<(bool, State), String> {
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
    let mut points = places(program, &cases);
    points.retain(|(_, call)| call.name == "pwrite64");
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
