//! Processes that all find no store, and all make it.

use std::io::{BufRead, BufReader, PipeReader, pipe};
use std::ops::ControlFlow;
use std::path::Path;
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use keyctl::domain::Action;
use keyctl::store::EventFilter;
use keyctl::{Registry, Timestamp, Verdict, Verifier, Workspace};
use tempfile::TempDir;

use super::campaign::{report, size};
use super::support::Sandbox;
use super::weakened::{DEFERRED, weakened};
use super::{document, location, need, program, run, text};

/// How many come at once.
const GUESTS: usize = 16;
/// How long all of them may take.
const TIME_LIMIT: Duration = Duration::from_secs(90);

/// An app for each, so that none meets the limit of keys for one target.
fn app(guest: usize) -> String {
    format!("app-{guest}")
}

/// A `create` that begins when the gate's other end is closed.
fn waiting(sandbox: &Sandbox, program: &Path, gate: &PipeReader, guest: usize) -> Child {
    let mut command = sandbox.command("sh");
    command
        .args(["-c", r#"echo ready; read x; exec "$0" "$@""#])
        .arg(program)
        .args(["create", "--json", "--quiet", "--app", &app(guest)])
        .stdin(gate.try_clone().unwrap())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Releases all at once; for which app those that were served have which token,
/// and what the others were told.
fn rush(sandbox: &Sandbox, program: &Path) -> (Vec<(String, String)>, Vec<String>) {
    let (gate, held_shut) = pipe().unwrap();
    let mut guests: Vec<_> = (0..GUESTS)
        .map(|guest| {
            let mut child = waiting(sandbox, program, &gate, guest);
            let stdout = BufReader::new(child.stdout.take().unwrap());
            (child, stdout)
        })
        .collect();
    for (_, stdout) in &mut guests {
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        assert_eq!(line, "ready\n");
    }
    drop(held_shut);
    let deadline = Instant::now() + TIME_LIMIT;
    for (child, _) in &mut guests {
        wait_until(deadline, child);
    }
    let (mut tokens, mut turned_away) = (Vec::new(), Vec::new());
    for (guest, (child, stdout)) in guests.into_iter().enumerate() {
        let printed = std::io::read_to_string(stdout).unwrap();
        let output = child.wait_with_output().unwrap();
        match output.status.code() {
            Some(0) => {
                let made: serde_json::Value = serde_json::from_str(&printed).unwrap();
                tokens.push((app(guest), text(&made["token"])));
            }
            code => {
                let stderr = String::from_utf8_lossy(&output.stderr);
                turned_away.push(format!("{code:?}: {stderr}"));
            }
        }
    }
    (tokens, turned_away)
}

/// Ends what does not end by itself.
fn wait_until(deadline: Instant, child: &mut Child) {
    while child.try_wait().unwrap().is_none() {
        if Instant::now() > deadline {
            child.kill().unwrap();
        }
        thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn of_many_first_writers_each_gets_its_key_in_one_store() {
    let rounds = size(5, 100);
    for _ in 0..rounds {
        let sandbox = Sandbox::new();
        let (tokens, turned_away) = rush(&sandbox, program());
        assert_eq!(turned_away, Vec::<String>::new());
        holds_these_alone(&sandbox, &tokens);
    }
    report(&format!(
        "{GUESTS} first writers at once, {rounds} times: {GUESTS} keys in one store each time"
    ));
}

/// One store, made once, with a key for each of the tokens and no other.
fn holds_these_alone(sandbox: &Sandbox, tokens: &[(String, String)]) {
    let audited = run(
        sandbox,
        program(),
        "auditor",
        &["audit", "verify", "--json"],
        "",
    );
    let audited = document(&audited.expect_code(0));
    assert_eq!(audited["key_count"], GUESTS);
    assert_eq!(audited["event_count"], GUESTS + 1);
    let location = location(sandbox);
    let mut registry = Registry::open(&location, "auditor".parse().unwrap()).unwrap();
    let making = EventFilter {
        action: Some(Action::StoreCreated),
        ..EventFilter::default()
    };
    let mut made = 0;
    let events = registry.events(&making, |_| {
        made += 1;
        ControlFlow::Continue(())
    });
    events.unwrap();
    assert_eq!(made, 1, "the store is made once");
    let verifier = Verifier::open(&location, Workspace::default()).unwrap();
    for (app, token) in tokens {
        let found = verifier.verify(token, &need(app), Timestamp::now());
        assert_eq!(found.unwrap().verdict, Verdict::Valid);
    }
}

#[test]
fn a_program_that_reads_before_it_waits_fails_the_first_writers() {
    let folder = TempDir::new().unwrap();
    let program = weakened(folder.path(), DEFERRED);
    let rounds = size(2, 20);
    let turned_away: usize = (0..rounds)
        .map(|_| rush(&Sandbox::new(), &program).1.len())
        .sum();
    assert!(turned_away > 0);
    report(&format!(
        "control, first writers without BEGIN IMMEDIATE: {turned_away} of {} turned away",
        rounds * GUESTS
    ));
}
